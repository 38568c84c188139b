//! The console's first page: what needs doing now.

use askama::Template;
use axum::extract::State as Shared;
use axum::response::Response;

use super::actions::{self, Overview};
use crate::app::App;
use crate::error::Result;
use crate::staff::Staff;
use crate::types::Access;
use crate::web::client::Client;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::{self};

/// `/console`.
pub fn routes() -> Routes {
    Routes::new().get("/console", Access::Staff, show)
}

#[derive(Template)]
#[template(path = "overview/pages/overview.html")]
struct OverviewPage {
    page: ConsolePage,
    now: Overview,
}

async fn show(Shared(app): Shared<App>, staff: Staff, client: Client) -> Result<Response> {
    let now = actions::overview(&app, &staff).await?;
    web::html(&OverviewPage { page: staff.page(&app, &client, "overview"), now })
}
