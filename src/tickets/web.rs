//! Candidate routes.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use super::actions;
use crate::accounts::Candidate;
use crate::app::App;
use crate::error::Result;
use crate::web;

/// `/registrations/{ref}/ticket.pdf`
pub fn routes() -> Router<App> {
    Router::new().route("/registrations/{ref}/ticket.pdf", get(ticket))
}

async fn ticket(State(app): State<App>, candidate: Candidate, Path(reference): Path<String>) -> Result<Response> {
    let ticket = actions::ticket(&app, &candidate, &reference).await?;
    Ok(web::file(ticket.bytes, "application/pdf", &format!("准考证-{}.pdf", ticket.number), false))
}
