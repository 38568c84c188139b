//! The code that staff gave out on site.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::{Head, ticket_photo};
use crate::accounts::Candidate;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::face::actions::{self, Overview, onsite};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::Page;
use crate::web::{html, html_invalid};

#[derive(Template)]
#[template(path = "face/pages/code.html")]
struct CodePage {
    page: Page,
    head: Head,
    ticket_photo: &'static str,
    typed: String,
    problems: Problems,
}

/// Whether there is nothing to enter any more: the candidate is led on.
fn is_behind(overview: &Overview) -> bool {
    overview.registration.face_passed() || !overview.exam.checks().face()
}

pub(super) async fn show(State(app): State<App>, candidate: Candidate, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let overview = actions::overview(&app, &candidate, &reference).await?;
    let head = Head::of(&overview);
    if is_behind(&overview) {
        return Ok(client.go(&head.next_url));
    }
    let (page, ticket_photo) = (candidate.page(&app, &client), ticket_photo(&candidate));
    html(&CodePage { page, head, ticket_photo, typed: String::new(), problems: Problems::new() })
}

#[derive(Debug, Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
}

pub(super) async fn enter(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<CodeForm>,
) -> Result<Response> {
    let before = actions::overview(&app, &candidate, &reference).await?;
    if is_behind(&before) {
        return Ok(client.go(&Head::of(&before).next_url));
    }
    match onsite::enter(&app, &candidate, &reference, &form.code).await {
        Ok(()) => {
            let overview = actions::overview(&app, &candidate, &reference).await?;
            Ok(client.go_saying(&Head::of(&overview).next_url, "现场核验通过。"))
        }
        Err(Error::Invalid(problems)) => {
            let typed = form.code.chars().take(20).collect();
            let (page, ticket_photo) = (candidate.page(&app, &client), ticket_photo(&candidate));
            html_invalid(&CodePage { page, head: Head::of(&before), ticket_photo, typed, problems })
        }
        Err(other) => Err(other),
    }
}
