//! Staff routes: checking the code on a ticket.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::actions::{self, Checked};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::staff::{Permission, Staff};
use crate::types::UnixMs;
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;

/// `/console/tickets/verify`
pub fn routes() -> Router<App> {
    Router::new().route("/console/tickets/verify", get(show).post(verify))
}

#[derive(Template)]
#[template(path = "tickets/pages/verify.html")]
struct VerifyPage {
    page: ConsolePage,
    code: String,
    checked: Option<Checked>,
    problems: Problems,
}

impl VerifyPage {
    fn when(&self, checked: &Checked) -> String {
        checked.subject.as_ref().map_or_else(String::new, |subject| UnixMs(subject.starts_at).words())
    }
}

/// The code goes in the body of a POST: it names a person, and addresses are kept in logs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Scanned {
    code: String,
}

async fn show(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require(Permission::Candidates)?;
    let page = staff.page(&app, &client, "verify");
    web::html(&VerifyPage { page, code: String::new(), checked: None, problems: Problems::new() })
}

async fn verify(State(app): State<App>, staff: Staff, client: Client, Form(scanned): Form<Scanned>) -> Result<Response> {
    let page = staff.page(&app, &client, "verify");
    match actions::check(&app, &staff, &scanned.code).await {
        Ok(checked) => web::html(&VerifyPage { page, code: scanned.code, checked: Some(checked), problems: Problems::new() }),
        Err(Error::Invalid(problems)) => web::html_invalid(&VerifyPage { page, code: scanned.code, checked: None, problems }),
        Err(other) => Err(other),
    }
}
