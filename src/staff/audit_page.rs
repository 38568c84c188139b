//! 操作日志: who did what to whom.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::{Permission, Staff, action_word, subject_word};
use crate::app::App;
use crate::audit::{self, Line};
use crate::error::Result;
use crate::types::{Access, UnixMs};
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;

/// Lines on a page.
const PAGE: i64 = 100;

/// `/console/audit`.
pub fn routes() -> Routes {
    Routes::new().get("/console/audit", Access::everywhere(Permission::Audit), show)
}

struct Row {
    seq: i64,
    at: String,
    who: String,
    what: &'static str,
    code: String,
    subject: &'static str,
    subject_id: i64,
    detail: String,
    address: String,
}

impl Row {
    fn new(line: Line) -> Self {
        Self {
            seq: line.seq,
            at: UnixMs(line.at).words(),
            who: line.actor_name,
            what: action_word(&line.action),
            code: line.action,
            subject: subject_word(&line.subject_kind),
            subject_id: line.subject_id,
            detail: if line.detail == "{}" { String::new() } else { line.detail },
            address: line.address,
        }
    }
}

#[derive(Template)]
#[template(path = "staff/pages/audit.html")]
struct AuditPage {
    page: ConsolePage,
    rows: Vec<Row>,
    next: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Paging {
    before: Option<i64>,
}

async fn show(State(app): State<App>, staff: Staff, client: Client, Form(paging): Form<Paging>) -> Result<Response> {
    staff.require(Permission::Audit)?;
    let lines = audit::list(&mut *app.db.read().await?, paging.before.unwrap_or(i64::MAX), None, PAGE).await?;
    let is_full = i64::try_from(lines.len()).unwrap_or(0) == PAGE;
    let next = lines.last().map(|line| line.seq).filter(|_| is_full);
    let rows = lines.into_iter().map(Row::new).collect();
    web::html(&AuditPage { page: staff.page(&app, &client, "audit"), rows, next })
}
