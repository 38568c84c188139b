//! 考生 in the console: find an account, see it, correct its document number, change its phone.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::staff::{self as actions, CorrectionForm, PhoneForm};
use super::store::Account;
use crate::app::App;
use crate::audit::Line;
use crate::crypto::Keys;
use crate::error::{Error, Problems, Result};
use crate::staff::{Permission, Staff, action_word};
use crate::types::{Access, DocumentKind, Region, UnixMs};
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::{Choice, ConsolePage};
use crate::web::routes::Routes;

const SECTION: &str = "accounts";

/// Routes.
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/accounts", Access::everywhere(Permission::Candidates), list)
        .post("/console/accounts", Access::everywhere(Permission::Candidates), search)
        .get("/console/accounts/{ref}", Access::exam(Permission::Candidates), show)
        .post("/console/accounts/{ref}/full", Access::exam(Permission::Candidates), show_in_full)
        .get("/console/accounts/{ref}/number", Access::everywhere(Permission::Administer), show_correction)
        .post("/console/accounts/{ref}/number", Access::everywhere(Permission::Administer), correct)
        .get("/console/accounts/{ref}/phone", Access::everywhere(Permission::Administer), show_phone)
        .post("/console/accounts/{ref}/phone", Access::everywhere(Permission::Administer), change_phone)
}

/// A line of the list: masked.
struct Row {
    public_ref: String,
    name: String,
    number: String,
    phone: String,
    candidate_type: String,
    major: String,
    badge: &'static str,
    real_name: &'static str,
    registered: String,
}

impl Row {
    fn new(account: Account, keys: &Keys) -> Result<Self> {
        Ok(Self {
            number: account.document(keys)?.masked(),
            phone: account.phone(keys)?.masked(),
            badge: account.real_name().badge(),
            real_name: account.real_name().word(),
            registered: UnixMs(account.created_at).words(),
            public_ref: account.public_ref,
            name: account.name,
            candidate_type: account.candidate_type,
            major: account.major,
        })
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/console_list.html")]
struct ListPage {
    page: ConsolePage,
    q: String,
    searched: bool,
    /// Whether more fit than are shown.
    is_cut: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Paging {
    before: Option<String>,
    /// What was searched for, sealed.
    q: Option<String>,
}

async fn list(State(app): State<App>, staff: Staff, client: Client, Form(paging): Form<Paging>) -> Result<Response> {
    if let Some(sealed) = paging.q.filter(|sealed| !sealed.is_empty()) {
        staff.require(Permission::Candidates)?;
        let q = web::open_query(&app, &sealed)?;
        let (accounts, is_cut) = actions::search(&app, &staff, &q).await?;
        let rows = accounts.into_iter().map(|account| Row::new(account, &app.keys)).collect::<Result<_>>()?;
        return web::html(&ListPage { page: staff.page(&app, &client, SECTION), q, searched: true, is_cut, rows, next: None });
    }
    let (accounts, next) = actions::newest(&app, &staff, paging.before.as_deref()).await?;
    let rows = accounts.into_iter().map(|account| Row::new(account, &app.keys)).collect::<Result<_>>()?;
    web::html(&ListPage { page: staff.page(&app, &client, SECTION), q: String::new(), searched: false, is_cut: false, rows, next })
}

#[derive(Debug, Deserialize)]
struct SearchFields {
    #[serde(default)]
    q: String,
}

/// By POST: names, numbers and phones must not stand in an address. The list has one of its own, so that one can come back to it.
async fn search(State(app): State<App>, staff: Staff, client: Client, Form(fields): Form<SearchFields>) -> Result<Response> {
    staff.require(Permission::Candidates)?;
    Ok(client.go(&format!("/console/accounts?q={}", web::seal_query(&app, &fields.q)?)))
}

/// What happened to an account, as its page shows it.
struct Event {
    at: String,
    who: String,
    what: &'static str,
    why: String,
}

impl Event {
    fn new(line: Line) -> Self {
        let detail: serde_json::Value = serde_json::from_str(&line.detail).unwrap_or_default();
        Self {
            at: UnixMs(line.at).words(),
            who: line.actor_name,
            what: action_word(&line.action),
            why: detail["reason"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/console_account.html")]
struct AccountPage {
    page: ConsolePage,
    row: Row,
    region: &'static str,
    kind: &'static str,
    verified: String,
    /// Whether number and phone stand there in full.
    full: bool,
    may_correct: bool,
    events: Vec<Event>,
}

impl AccountPage {
    async fn new(app: &App, staff: &Staff, client: &Client, reference: &str, full: bool) -> Result<Self> {
        let (account, lines) = actions::show(app, staff, reference).await?;
        let (region, kind) = (account.region().word(), account.kind().word());
        let verified = account.verified_at.map(|at| UnixMs(at).words()).unwrap_or_default();
        let in_full = (account.document(&app.keys)?.grouped(), account.phone(&app.keys)?.as_str().to_owned());
        let mut row = Row::new(account, &app.keys)?;
        if full {
            (row.number, row.phone) = in_full;
        }
        Ok(Self {
            page: staff.page(app, client, SECTION),
            row,
            region,
            kind,
            verified,
            full,
            may_correct: staff.may(Permission::Administer),
            events: lines.into_iter().map(Event::new).collect(),
        })
    }
}

async fn show(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    web::html(&AccountPage::new(&app, &staff, &client, &reference, false).await?)
}

async fn show_in_full(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    actions::view_in_full(&app, &staff, &reference).await?;
    web::html(&AccountPage::new(&app, &staff, &client, &reference, true).await?)
}

#[derive(Template)]
#[template(path = "accounts/pages/console_number.html")]
struct CorrectionPage {
    page: ConsolePage,
    row: Row,
    regions: Vec<Choice>,
    kinds: Vec<Choice>,
    /// An exam under way for which the candidate was approved.
    approved_for: Option<String>,
    form: CorrectionForm,
    problems: Problems,
}

impl CorrectionPage {
    async fn new(
        app: &App,
        staff: &Staff,
        client: &Client,
        reference: &str,
        form: Option<CorrectionForm>,
        problems: Problems,
    ) -> Result<Self> {
        let account = actions::to_correct(app, staff, reference).await?;
        let form = form.unwrap_or_else(|| CorrectionForm {
            region: account.region().code().into(),
            document_kind: account.kind().code().into(),
            ..CorrectionForm::default()
        });
        Ok(Self {
            page: staff.page(app, client, SECTION),
            approved_for: app.name_bound_by(&mut *app.db.read().await?, account.id).await?,
            row: Row::new(account, &app.keys)?,
            regions: Choice::list(&Region::ALL.map(|region| (region.code(), region.word())), &form.region),
            kinds: Choice::list(&DocumentKind::ALL.map(|kind| (kind.code(), kind.word())), &form.document_kind),
            form,
            problems,
        })
    }
}

async fn show_correction(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    web::html(&CorrectionPage::new(&app, &staff, &client, &reference, None, Problems::new()).await?)
}

async fn correct(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<CorrectionForm>,
) -> Result<Response> {
    match actions::correct_number(&app, &staff, &reference, &form).await {
        Ok(()) => Ok(client.go_saying(&format!("/console/accounts/{reference}"), "证件号码已更正，实名认证需要重新进行。")),
        Err(Error::Invalid(problems)) => {
            web::html_invalid(&CorrectionPage::new(&app, &staff, &client, &reference, Some(form), problems).await?)
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/console_phone.html")]
struct PhonePage {
    page: ConsolePage,
    row: Row,
    form: PhoneForm,
    problems: Problems,
}

impl PhonePage {
    async fn new(app: &App, staff: &Staff, client: &Client, reference: &str, form: PhoneForm, problems: Problems) -> Result<Self> {
        let account = actions::to_correct(app, staff, reference).await?;
        Ok(Self { page: staff.page(app, client, SECTION), row: Row::new(account, &app.keys)?, form, problems })
    }
}

async fn show_phone(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    web::html(&PhonePage::new(&app, &staff, &client, &reference, PhoneForm::default(), Problems::new()).await?)
}

async fn change_phone(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<PhoneForm>,
) -> Result<Response> {
    match actions::change_phone(&app, &staff, &reference, &form).await {
        Ok(()) => Ok(client.go_saying(&format!("/console/accounts/{reference}"), "手机号已更换，考生需要重新登录。")),
        Err(Error::Invalid(problems)) => web::html_invalid(&PhonePage::new(&app, &staff, &client, &reference, form, problems).await?),
        Err(other) => Err(other),
    }
}
