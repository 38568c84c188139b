//! 短信记录: what became of each SMS, newest first.

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use serde::Deserialize;

use super::console::SECTION;
use super::{SMS_STATES, actions, sms_word};
use crate::accounts::actions::outbox::phone_masked;
use crate::accounts::store::outbox::{self as store, Row};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ports::sms::Kind;
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::{self};

/// Lines on a page.
const PER_PAGE: i64 = 50;

/// `/console/messages/sms…`.
pub fn routes() -> Routes {
    Routes::new().get("/console/messages/sms", Access::everywhere(Permission::Exams.or_look()), list).post(
        "/console/messages/sms/{ref}/resend",
        Access::everywhere(Permission::Exams),
        resend,
    )
}

struct Line {
    reference: String,
    at: String,
    phone: String,
    kind: &'static str,
    word: &'static str,
    badge: &'static str,
    answer: String,
    can_resend: bool,
}

impl Line {
    fn new(app: &App, row: Row) -> Result<Self> {
        let (word, badge) = sms_word(&row.state);
        let kind = Kind::parse(&row.kind);
        Ok(Self {
            phone: phone_masked(app, &row)?,
            at: UnixMs(row.created_at).words(),
            kind: kind.map_or("", Kind::word),
            word,
            badge,
            can_resend: matches!(row.state.as_str(), "failed" | "unknown") && kind != Some(Kind::Code),
            answer: row.answer,
            reference: row.public_ref,
        })
    }
}

#[derive(Template)]
#[template(path = "messages/pages/sms.html")]
struct SmsPage {
    page: ConsolePage,
    state: String,
    rows: Vec<Line>,
    older: String,
    may_write: bool,
}

impl SmsPage {
    fn states(&self) -> Vec<(&'static str, &'static str)> {
        SMS_STATES.iter().map(|state| (*state, sms_word(state).0)).collect()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    state: String,
    before: String,
}

async fn list(Shared(app): Shared<App>, staff: Staff, client: Client, Form(query): Form<Query>) -> Result<Response> {
    staff.require(Permission::Exams.or_look())?;
    let mut conn = app.db.read().await?;
    let below = match query.before.as_str() {
        "" => i64::MAX,
        reference => store::find_by_ref(&mut conn, reference).await?.ok_or(Error::NotFound)?.id,
    };
    let state = if SMS_STATES.contains(&query.state.as_str()) { query.state } else { String::new() };
    let rows = if state.is_empty() {
        store::below(&mut conn, below, PER_PAGE).await?
    } else {
        store::in_state(&mut conn, &state, below, PER_PAGE).await?
    };
    let older = rows.last().filter(|_| rows.len() as i64 == PER_PAGE).map(|row| row.public_ref.clone()).unwrap_or_default();
    let rows = rows.into_iter().map(|row| Line::new(&app, row)).collect::<Result<_>>()?;
    web::html(&SmsPage { page: staff.page(&app, &client, SECTION), state, rows, older, may_write: staff.may(Permission::Exams) })
}

async fn resend(Shared(app): Shared<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    actions::resend(&app, &staff, &reference).await?;
    Ok(client.go_saying("/console/messages/sms", "已重新排队发送。"))
}
