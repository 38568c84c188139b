//! Staff routes: the queue of faces and its cases, and on-site codes.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::onsite::{self, Asked};
use super::actions::staff::{self, Case, Opened};
use super::{CheckState, words};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::pictures::Picture;
use crate::staff::by_two::{self, First};
use crate::staff::held::{Desk, NOBODY};
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::{html, html_invalid};

/// `/console/review/face…`, and the on-site code of a registration.
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/review/face", Access::somewhere(Permission::ReviewIdentity), queue)
        .post("/console/review/face/next", Access::somewhere(Permission::ReviewIdentity), next)
        .get("/console/review/face/{check}", Access::exam(Permission::ReviewIdentity), show)
        .post("/console/review/face/{check}/approve", Access::exam(Permission::ReviewIdentity), approve)
        .post("/console/review/face/{check}/return", Access::exam(Permission::ReviewIdentity), send_back)
        .get("/console/registrations/{ref}/onsite", Access::exam(Permission::ReviewIdentity), show_onsite)
        .post("/console/registrations/{ref}/onsite", Access::exam(Permission::ReviewIdentity), issue)
}

const QUEUE: &str = "/console/review/face";

/// A line of the queue.
struct Row {
    href: String,
    name: String,
    exam: String,
    way: &'static str,
    problems: String,
    since: String,
    is_held: bool,
    /// Decided, and the time to take it back is not over.
    is_settling: bool,
    first: Option<First>,
}

impl Row {
    fn of((case, first): (Case, Option<First>), staff: i64, now: UnixMs) -> Self {
        let is_held = case.check.is_held_by_another(staff, now);
        Self {
            href: format!("{QUEUE}/{}", case.check.public_ref),
            name: case.account.name.clone(),
            exam: case.exam.title.clone(),
            way: case.check.way().word(),
            problems: case.check.problems().map(words::staff).collect::<Vec<_>>().join("，"),
            since: UnixMs(case.check.created_at).words(),
            is_held,
            is_settling: is_held && case.check.leased_by == Some(NOBODY),
            first,
        }
    }
}

#[derive(Template)]
#[template(path = "face/pages/console_queue.html")]
struct QueuePage {
    page: ConsolePage,
    rows: Vec<Row>,
    waiting: i64,
    /// Address of the next page, or "".
    more: String,
}

#[derive(Debug, Deserialize)]
struct Paging {
    /// The reference of the last case on the page before.
    #[serde(default)]
    after: String,
}

async fn queue(State(app): State<App>, staff: Staff, client: Client, Form(paging): Form<Paging>) -> Result<Response> {
    let (cases, waiting) = staff::queue(&app, &staff, &paging.after).await?;
    let now = app.clock.now();
    let more = match cases.last() {
        Some((last, _)) if cases.len() as i64 == staff::QUEUE_PAGE => format!("{QUEUE}?after={}", last.check.public_ref),
        _ => String::new(),
    };
    let rows = cases.into_iter().map(|line| Row::of(line, staff.id, now)).collect();
    html(&QueuePage { page: staff.page(&app, &client, "face"), rows, waiting, more })
}

async fn next(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    go_on(&app, &staff, &client, "").await
}

/// To the next case, or back to the queue when nothing waits.
async fn go_on(app: &App, staff: &Staff, client: &Client, done: &str) -> Result<Response> {
    Ok(match staff::next(app, staff).await? {
        Some(check) if done.is_empty() => client.go(&format!("{QUEUE}/{check}")),
        Some(check) => client.go_saying(&format!("{QUEUE}/{check}"), done),
        None => client.go_saying(QUEUE, &format!("{done}没有等待处理的人脸审核了。")),
    })
}

/// Another account whose stored face is like this one.
struct OtherRow {
    /// Masked.
    who: String,
    /// Masked.
    number: String,
    href: String,
    similarity: String,
    /// `/console/pictures/{ref}`, or "".
    portrait: String,
}

fn address(picture: Option<Picture>) -> String {
    picture.map(|picture| format!("/console/pictures/{}", picture.ref_)).unwrap_or_default()
}

impl OtherRow {
    fn of(other: staff::Other) -> Self {
        Self {
            who: other.name,
            number: other.number,
            href: format!("/console/accounts/{}", other.account_ref),
            similarity: super::cosine_words(other.similarity),
            portrait: address(other.portrait),
        }
    }
}

#[derive(Template)]
#[template(path = "face/pages/console_case.html")]
struct CasePage {
    page: ConsolePage,
    /// When it was made.
    now: UnixMs,
    href: String,
    reference: String,
    registration: String,
    registration_href: String,
    name: String,
    document_word: &'static str,
    /// Masked.
    document: String,
    exam: String,
    way: &'static str,
    since: String,
    /// Two decimals, or "".
    similarity: String,
    found: Vec<&'static str>,
    others: Vec<OtherRow>,
    /// `/console/pictures/{ref}`, or "".
    photo: String,
    portrait: String,
    waits: bool,
    is_held: bool,
    /// Sent back now, the candidate could do nothing any more.
    is_late: bool,
    state: &'static str,
    waiting: i64,
    reasons: Vec<String>,
    first: Option<First>,
    may_approve: bool,
    reason: String,
    problems: Problems,
}

impl CasePage {
    fn new(app: &App, page: ConsolePage, opened: Opened, reason: String, problems: Problems) -> Result<Self> {
        let Opened { case, is_held, photo, portrait, others, first, waiting } = opened;
        Ok(Self {
            page,
            now: app.clock.now(),
            document_word: case.account.kind().word(),
            document: case.account.document(&app.keys)?.masked(),
            href: format!("{QUEUE}/{}", case.check.public_ref),
            reference: case.check.public_ref.clone(),
            is_late: !case.registration.may_be_mended(&case.exam, app.clock.now(), true),
            registration_href: format!("/console/registrations/{}", case.registration.public_ref),
            registration: case.registration.public_ref,
            name: case.account.name,
            exam: case.exam.title,
            way: case.check.way().word(),
            since: UnixMs(case.check.created_at).words(),
            similarity: case.check.similarity_words().unwrap_or_default(),
            found: case.check.problems().map(words::staff).collect(),
            others: others.into_iter().map(OtherRow::of).collect(),
            photo: address(photo),
            portrait: address(portrait),
            waits: case.check.state() == CheckState::Person,
            is_held,
            state: state_word(case.check.state()),
            waiting,
            reasons: app.settings().review.reasons(Desk::Face),
            may_approve: first.as_ref().is_none_or(|first| !first.is_own),
            first,
            reason,
            problems,
        })
    }
}

fn state_word(state: CheckState) -> &'static str {
    match state {
        CheckState::Open | CheckState::Checking => "系统核验中",
        CheckState::Passed => "系统核验通过",
        CheckState::Failed => "系统核验未通过",
        CheckState::Person => "等待人工审核",
        CheckState::Approved => "已通过",
        CheckState::Returned => "已退回",
        CheckState::Expired => "已结束",
    }
}

async fn show(State(app): State<App>, staff: Staff, client: Client, Path(check): Path<String>) -> Result<Response> {
    let opened = staff::open(&app, &staff, &check).await?;
    html(&CasePage::new(&app, staff.page(&app, &client, "face"), opened, String::new(), Problems::new())?)
}

async fn approve(State(app): State<App>, staff: Staff, client: Client, Path(check): Path<String>) -> Result<Response> {
    staff::approve(&app, &staff, &check).await?;
    go_on(&app, &staff, &client, by_two::approved_words(&app)).await
}

#[derive(Debug, Default, Deserialize)]
struct ReturnForm {
    #[serde(default)]
    reason: Vec<String>,
    /// Words of the reviewer's own; they go behind the chosen ones.
    #[serde(default)]
    words: String,
}

async fn send_back(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(check): Path<String>,
    Form(form): Form<ReturnForm>,
) -> Result<Response> {
    staff.require_somewhere(Permission::ReviewIdentity)?;
    let done = match app.settings().review.sentence(Desk::Face, &form.reason, &form.words) {
        Ok(sentence) => staff::send_back(&app, &staff, &check, &sentence).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => go_on(&app, &staff, &client, "已退回。").await,
        Err(Error::Invalid(problems)) => {
            let opened = staff::open(&app, &staff, &check).await?;
            html_invalid(&CasePage::new(&app, staff.page(&app, &client, "face"), opened, form.words, problems)?)
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "face/pages/console_onsite.html")]
struct OnsitePage {
    page: ConsolePage,
    href: String,
    back: String,
    asked: Asked,
    portrait: String,
    minutes: i64,
    /// The code in two groups, and until when it holds; "" before it is made.
    code: String,
    until: String,
    problems: Problems,
}

impl OnsitePage {
    fn new(page: ConsolePage, asked: Asked, problems: Problems) -> Self {
        let back = format!("/console/registrations/{}", asked.registration.public_ref);
        Self {
            page,
            href: format!("{back}/onsite"),
            back,
            portrait: address(asked.portrait.clone()),
            asked,
            minutes: onsite::VALID_S / 60,
            code: String::new(),
            until: String::new(),
            problems,
        }
    }
}

async fn show_onsite(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let asked = onsite::ask(&app, &staff, &reference).await?;
    html(&OnsitePage::new(staff.page(&app, &client, "registrations"), asked, Problems::new()))
}

#[derive(Debug, Deserialize)]
struct IssueForm {
    /// `yes`: the person and the card were compared.
    #[serde(default)]
    seen: String,
}

async fn issue(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<IssueForm>,
) -> Result<Response> {
    let issued = onsite::issue(&app, &staff, &reference, form.seen == "yes").await;
    let asked = onsite::ask(&app, &staff, &reference).await?;
    let page = staff.page(&app, &client, "registrations");
    match issued {
        // Shown once, here: only its hash is stored.
        Ok(issued) => {
            let (code, until) = (format!("{} {}", &issued.code[..4], &issued.code[4..]), issued.until.words());
            html(&OnsitePage { code, until, ..OnsitePage::new(page, asked, Problems::new()) })
        }
        Err(Error::Invalid(problems)) => html_invalid(&OnsitePage::new(page, asked, problems)),
        Err(other) => Err(other),
    }
}
