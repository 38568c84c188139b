//! The code that staff gave out on site.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::Head;
use crate::accounts::Candidate;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::face::actions::{self, onsite};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::Page;
use crate::web::{html, html_invalid};

#[derive(Template)]
#[template(path = "face/pages/code.html")]
struct CodePage {
    page: Page,
    head: Head,
    typed: String,
    problems: Problems,
}

async fn code_page(
    app: &App,
    candidate: &Candidate,
    client: &Client,
    reference: &str,
    typed: String,
    problems: Problems,
) -> Result<CodePage> {
    let overview = actions::overview(app, candidate, reference).await?;
    Ok(CodePage { page: candidate.page(app, client), head: Head::of(&overview), typed, problems })
}

pub(super) async fn show(State(app): State<App>, candidate: Candidate, client: Client, Path(reference): Path<String>) -> Result<Response> {
    html(&code_page(&app, &candidate, &client, &reference, String::new(), Problems::new()).await?)
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
    match onsite::enter(&app, &candidate, &reference, &form.code).await {
        Ok(()) => {
            let overview = actions::overview(&app, &candidate, &reference).await?;
            Ok(client.go_saying(&Head::of(&overview).next_url, "现场核验通过。"))
        }
        Err(Error::Invalid(problems)) => {
            let typed = form.code.chars().take(20).collect();
            html_invalid(&code_page(&app, &candidate, &client, &reference, typed, problems).await?)
        }
        Err(other) => Err(other),
    }
}
