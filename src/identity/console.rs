//! Staff routes: the queue of identity cases, one case, and the pictures of all reviews.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::actions::pictures;
use super::actions::review::{self as actions, Case, QueuePage};
use super::{Agreement, Field, names};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::staff::by_two::{self, First};
use crate::staff::held::Desk;
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::{self};

const QUEUE: &str = "/console/review/identity";
const NEXT: &str = "/console/review/identity/next";

/// `/console/review/identity…`, `/console/pictures/{ref}`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/review/identity", Access::everywhere(Permission::ReviewIdentity), queue)
        .get("/console/review/identity/next", Access::everywhere(Permission::ReviewIdentity), next)
        .get("/console/review/identity/{reference}", Access::everywhere(Permission::ReviewIdentity), open)
        .post("/console/review/identity/{reference}", Access::everywhere(Permission::ReviewIdentity), decide)
        .get(
            "/console/pictures/{reference}",
            Access::exam([Permission::ReviewIdentity, Permission::ReviewPayment, Permission::Candidates]),
            picture,
        )
}

#[derive(Debug, Deserialize)]
struct QueueQuery {
    /// The reference of the last case on the page before.
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "identity/pages/queue.html")]
struct QueueTemplate {
    page: ConsolePage,
    queue: QueuePage,
}

async fn queue(State(app): State<App>, staff: Staff, client: Client, Query(query): Query<QueueQuery>) -> Result<Response> {
    let queue = actions::queue(&app, &staff, &query.after).await?;
    web::html(&QueueTemplate { page: staff.page(&app, &client, "identity"), queue })
}

async fn next(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    let said = client.flash.as_deref().unwrap_or_default();
    match actions::next(&app, &staff).await? {
        Some(reference) if said.is_empty() => Ok(client.go(&format!("{QUEUE}/{reference}"))),
        Some(reference) => Ok(client.go_saying(&format!("{QUEUE}/{reference}"), said)),
        None => Ok(client.go_saying(QUEUE, &format!("{said}现在没有可以处理的实名审核。"))),
    }
}

struct Line {
    word: &'static str,
    read: names::Marked,
    registered: names::Marked,
    class: &'static str,
    /// How it stands in the picture: JPEG, base64; "" where that is not known.
    picture: String,
}

struct Shown {
    reference: String,
    word: &'static str,
}

#[derive(Template)]
#[template(path = "identity/pages/case.html")]
struct CasePage {
    page: ConsolePage,
    /// When it was made.
    now: UnixMs,
    reference: String,
    waiting: i64,
    pictures: Vec<Shown>,
    name_line: String,
    declared_name: String,
    lines: Vec<Line>,
    others: Vec<(&'static str, String)>,
    doubts: Vec<&'static str>,
    /// Other accounts of what may be the same person: name and public reference.
    same_holder: Vec<(String, String)>,
    findings: Vec<String>,
    since: String,
    reasons: Vec<String>,
    first: Option<First>,
    reason: Vec<String>,
    note: String,
    problems: Problems,
}

impl CasePage {
    fn may_approve(&self) -> bool {
        self.first.as_ref().is_none_or(|first| !first.is_own)
    }

    fn is_chosen(&self, code: &str) -> bool {
        self.reason.iter().any(|one| one == code)
    }
}

async fn open(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    match actions::open(&app, &staff, &reference).await {
        Ok(case) => web::html(&case_page(&app, &staff, &client, case)?),
        Err(error) => elsewhere(&client, QUEUE, error),
    }
}

/// Who comes too late is told so, and goes on with other work.
fn elsewhere(client: &Client, to: &str, error: Error) -> Result<Response> {
    match error {
        Error::Refused { message, .. } if !client.wants_json => Ok(client.go_saying(to, &message)),
        other => Err(other),
    }
}

fn case_page(app: &App, staff: &Staff, client: &Client, case: Case) -> Result<CasePage> {
    let number = case.account.document(&app.keys)?;
    let outcome = &case.outcome;
    let mut lines: Vec<Line> = outcome
        .fields
        .iter()
        .map(|verdict| {
            let (read, registered) = names::marks(&verdict.read, &verdict.registered);
            let class = match verdict.agreement {
                Agreement::Agrees => "agrees",
                Agreement::Differs => "off",
                Agreement::Doubtful => "doubt",
            };
            let plain = |marked: names::Marked| marked.into_iter().map(|(c, _)| (c, false)).collect();
            // Marks only where two texts stand beside each other.
            let compared = verdict.agreement != Agreement::Agrees && !verdict.read.is_empty() && !verdict.registered.is_empty();
            let (read, registered) = if compared { (read, registered) } else { (plain(read), plain(registered)) };
            let picture = outcome.lines.iter().find(|(field, _)| *field == verdict.field).map(|(_, line)| line.clone()).unwrap_or_default();
            Line { word: verdict.field.word(), read, registered, class, picture }
        })
        .collect();
    if lines.is_empty() {
        let unread = |word, registered: &str| Line {
            word,
            read: Vec::new(),
            registered: registered.chars().map(|c| (c, false)).collect(),
            class: "",
            picture: String::new(),
        };
        let birth = number.birth().map(|birth| birth.strftime("%Y.%m.%d").to_string()).unwrap_or_default();
        lines = vec![unread(Field::Name.word(), &case.account.name), unread(Field::Number.word(), number.text())];
        if !birth.is_empty() {
            lines.push(unread(Field::Sex.word(), number.sex().unwrap_or_default()));
            lines.push(unread(Field::Birth.word(), &birth));
        }
    }
    let front = outcome.front.as_ref();
    let others = [
        ("证件类型", Some(case.account.kind().word().to_owned())),
        ("民族", front.and_then(|front| front.ethnicity.clone())),
        ("住址", front.and_then(|front| front.address.clone())),
        ("签发机关", outcome.back.as_ref().and_then(|back| back.authority.clone())),
    ];
    let pictures = case.pictures.iter().map(|picture| Shown {
        reference: picture.ref_.clone(),
        word: match picture.kind.as_str() {
            "card_front" => "人像面",
            "card_back" => "国徽面",
            _ => "证件头像",
        },
    });
    Ok(CasePage {
        now: app.clock.now(),
        page: staff.page(app, client, "identity"),
        waiting: case.waiting,
        first: case.first,
        pictures: pictures.collect(),
        name_line: outcome.name_line.clone().unwrap_or_default(),
        declared_name: case.account.name.clone(),
        lines,
        others: others.into_iter().filter_map(|(word, value)| value.map(|value| (word, value))).collect(),
        doubts: case.doubts.iter().map(|doubt| doubt.sentence()).collect(),
        same_holder: case.others,
        findings: outcome.sentences(),
        since: UnixMs(case.check.created_at).words(),
        reference: case.check.public_ref,
        reasons: app.settings().review.reasons(Desk::Identity),
        reason: Vec::new(),
        note: String::new(),
        problems: Problems::new(),
    })
}

#[derive(Debug, Deserialize)]
struct DecisionForm {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: Vec<String>,
    #[serde(default)]
    note: String,
}

async fn decide(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<DecisionForm>,
) -> Result<Response> {
    let done = match form.decision.as_str() {
        "approve" => actions::approve(&app, &staff, &reference).await.map(|()| by_two::approved_words(&app)),
        "return" => actions::send_back(&app, &staff, &reference, &form.reason, &form.note).await.map(|()| "已退回。"),
        _ => Err(Error::invalid("", "请选择通过或退回。")),
    };
    match done {
        Ok(said) => Ok(client.go_saying(NEXT, said)),
        Err(Error::Invalid(problems)) => {
            let case = match actions::open(&app, &staff, &reference).await {
                Ok(case) => case,
                Err(error) => return elsewhere(&client, NEXT, error),
            };
            let page = CasePage { problems, reason: form.reason, note: form.note, ..case_page(&app, &staff, &client, case)? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, web::html(&page)?).into_response())
        }
        Err(error) => elsewhere(&client, NEXT, error),
    }
}

async fn picture(State(app): State<App>, staff: Staff, Path(reference): Path<String>) -> Result<Response> {
    let (picture, bytes) = pictures::view(&app, &staff, &reference).await?;
    Ok(super::web::serve(&picture, bytes))
}
