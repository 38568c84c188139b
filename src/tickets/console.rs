//! Staff routes: checking the code on a ticket.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::actions::{self, Checked};
use super::public_key_pem;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;

/// `/console/tickets/verify`
pub fn routes() -> Routes {
    Routes::new().get("/console/tickets/verify", Access::somewhere([Permission::Candidates, Permission::ExamDay]), show).post(
        "/console/tickets/verify",
        Access::somewhere([Permission::Candidates, Permission::ExamDay]),
        verify,
    )
}

#[derive(Template)]
#[template(path = "tickets/pages/verify.html")]
struct VerifyPage {
    page: ConsolePage,
    code: String,
    checked: Option<Checked>,
    problems: Problems,
    /// PEM.
    public_key: String,
}

impl VerifyPage {
    fn new(app: &App, staff: &Staff, client: &Client, code: String) -> Self {
        let public_key = public_key_pem(app.keys.ticket_public_key());
        Self { page: staff.page(app, client, "verify"), code, checked: None, problems: Problems::new(), public_key }
    }

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
    staff.require_somewhere([Permission::Candidates, Permission::ExamDay])?;
    web::html(&VerifyPage::new(&app, &staff, &client, String::new()))
}

async fn verify(State(app): State<App>, staff: Staff, client: Client, Form(scanned): Form<Scanned>) -> Result<Response> {
    let found = actions::check(&app, &staff, &scanned.code).await;
    let page = VerifyPage::new(&app, &staff, &client, scanned.code);
    match found {
        Ok(checked) => web::html(&VerifyPage { checked: Some(checked), ..page }),
        Err(Error::Invalid(problems)) => web::html_invalid(&VerifyPage { problems, ..page }),
        Err(other) => Err(other),
    }
}
