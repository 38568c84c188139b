//! The console's first page: what needs doing now.

use askama::Template;
use axum::extract::State as Shared;
use axum::response::Response;
use serde::Deserialize;

use super::actions::{self, Overview};
use super::health;
use crate::app::App;
use crate::error::Result;
use crate::staff::Staff;
use crate::types::Access;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::{self};

/// `/console`.
pub fn routes() -> Routes {
    Routes::new().get("/console", Access::Staff, show).get("/console/health", Access::everywhere(health::WHO), health::show)
}

#[derive(Template)]
#[template(path = "overview/pages/overview.html")]
struct OverviewPage {
    page: ConsolePage,
    now: Overview,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Query {
    /// Public reference of the exam whose charts are shown.
    exam: String,
}

async fn show(Shared(app): Shared<App>, staff: Staff, client: Client, Form(query): Form<Query>) -> Result<Response> {
    let now = actions::overview(&app, &staff, &query.exam).await?;
    web::html(&OverviewPage { page: staff.page(&app, &client, "overview"), now })
}
