//! Candidate routes.

use axum::extract::{Path, State};
use axum::response::Response;

use super::actions;
use crate::accounts::Candidate;
use crate::app::App;
use crate::error::Result;
use crate::types::Access;
use crate::web;
use crate::web::routes::Routes;

/// `/registrations/{ref}/ticket.pdf`
pub fn routes() -> Routes {
    Routes::new().get("/registrations/{ref}/ticket.pdf", Access::Candidate, ticket)
}

async fn ticket(State(app): State<App>, candidate: Candidate, Path(reference): Path<String>) -> Result<Response> {
    let ticket = actions::ticket(&app, &candidate, &reference).await?;
    Ok(web::file(ticket.bytes, "application/pdf", &format!("准考证-{}.pdf", ticket.number), false))
}
