//! The console's door.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{Staff, actions};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::types::Access;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::Page;
use crate::web::routes::Routes;
use crate::web::session::{Kind, closing_cookie};
use crate::web::{self};

/// `/console/login`, `/console/logout`, `/console/audit`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/login", Access::Public, show)
        .post("/console/login", Access::Public, sign_in)
        .post("/console/logout", Access::Staff, sign_out)
        .merge(super::audit_page::routes())
}

#[derive(Template)]
#[template(path = "staff/pages/login.html")]
struct LoginPage {
    page: Page,
    login: String,
    problems: Problems,
}

#[derive(Debug, Deserialize)]
struct LoginForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
}

async fn show(State(app): State<App>, client: Client) -> Result<Response> {
    web::html(&LoginPage { page: web::page(&app, &client), login: String::new(), problems: Problems::new() })
}

async fn sign_in(State(app): State<App>, client: Client, Form(form): Form<LoginForm>) -> Result<Response> {
    match actions::sign_in(&app, &form.login, &form.password, &client).await {
        Ok(cookie) => Ok((CookieJar::new().add(cookie), client.go("/console")).into_response()),
        Err(Error::Invalid(problems)) => web::html_invalid(&LoginPage { page: web::page(&app, &client), login: form.login, problems }),
        Err(other) => Err(other),
    }
}

async fn sign_out(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    actions::sign_out(&app, &staff).await?;
    Ok((CookieJar::new().add(closing_cookie(Kind::Staff)), client.go("/console/login")).into_response())
}
