//! 登录, 退出登录, 重置密码.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{Again, SolutionFields};
use crate::accounts::actions::codes::{self, Challenge};
use crate::accounts::actions::sign_in as actions;
use crate::accounts::{Candidate, password};
use crate::app::App;
use crate::error::{Problems, Result};
use crate::types::Access;
use crate::web::client::{Client, is_safe_next};
use crate::web::form::Form;
use crate::web::layout::Page;
use crate::web::routes::Routes;
use crate::web::session::{Kind, closing_cookie};
use crate::web::{self};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/login", Access::Public, show)
        .post("/login", Access::Public, sign_in)
        .post("/logout", Access::Public, sign_out)
        .get("/reset", Access::Public, show_reset)
        .post("/reset", Access::Public, reset)
        .post("/reset/code", Access::Public, send_reset_code)
}

#[derive(Template)]
#[template(path = "accounts/pages/login.html")]
struct LoginPage {
    page: Page,
    number: String,
    next: String,
    problems: Problems,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LoginFields {
    number: String,
    password: String,
    next: String,
}

async fn show(State(app): State<App>, client: Client, candidate: Option<Candidate>, Form(fields): Form<LoginFields>) -> Result<Response> {
    let next = if is_safe_next(&fields.next) { fields.next } else { String::new() };
    if candidate.is_some() {
        return Ok(client.go(if next.is_empty() { "/" } else { &next }));
    }
    web::html(&LoginPage { page: web::page(&app, &client), number: String::new(), next, problems: Problems::new() })
}

async fn sign_in(State(app): State<App>, client: Client, Form(fields): Form<LoginFields>) -> Result<Response> {
    let next = if is_safe_next(&fields.next) { fields.next } else { String::new() };
    match actions::sign_in(&app, &fields.number, &fields.password, &client).await {
        Ok(cookie) => {
            let to = if next.is_empty() { "/" } else { &next };
            Ok((CookieJar::new().add(cookie), client.go(to)).into_response())
        }
        Err(error) => {
            let again = Again::of(error, "")?;
            let page = LoginPage { page: web::page(&app, &client), number: fields.number, next, problems: again.problems };
            Again::html(again.status, again.retry_after_s, &page)
        }
    }
}

async fn sign_out(State(app): State<App>, client: Client, candidate: Option<Candidate>) -> Result<Response> {
    if let Some(candidate) = candidate {
        actions::sign_out(&app, &candidate).await?;
    }
    Ok((CookieJar::new().add(closing_cookie(Kind::Candidate)), client.go_saying("/login", "已退出登录。")).into_response())
}

#[derive(Template)]
#[template(path = "accounts/pages/reset.html")]
struct ResetPage {
    page: Page,
    hint: &'static str,
    number: String,
    code: String,
    sent: bool,
    problems: Problems,
    challenge: Challenge,
    cooldown_s: i64,
}

impl ResetPage {
    fn new(app: &App, client: &Client, number: String, problems: Problems) -> Result<Self> {
        Ok(Self {
            page: web::page(app, client),
            hint: password::HINT,
            number,
            code: String::new(),
            sent: false,
            problems,
            challenge: codes::challenge(app)?,
            cooldown_s: 0,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ResetFields {
    number: String,
    code: String,
    password: String,
    again: String,
    #[serde(flatten)]
    solution: SolutionFields,
}

async fn show_reset(State(app): State<App>, client: Client) -> Result<Response> {
    web::html(&ResetPage::new(&app, &client, String::new(), Problems::new())?)
}

async fn send_reset_code(State(app): State<App>, client: Client, Form(fields): Form<ResetFields>) -> Result<Response> {
    match actions::send_reset_code(&app, &fields.number, &fields.solution.solution(), &client).await {
        // Shown at once, not after a redirect: the number must not stand in an address.
        Ok(()) => {
            let page = ResetPage::new(&app, &client, fields.number, Problems::new())?;
            web::html(&ResetPage { sent: true, cooldown_s: codes::BETWEEN_S, ..page })
        }
        Err(error) => {
            let again = Again::of(error, "code")?;
            let page = ResetPage::new(&app, &client, fields.number, again.problems)?;
            Again::html(
                again.status,
                again.retry_after_s,
                &ResetPage { cooldown_s: again.retry_after_s.unwrap_or(0).min(codes::BETWEEN_S), ..page },
            )
        }
    }
}

async fn reset(State(app): State<App>, client: Client, Form(fields): Form<ResetFields>) -> Result<Response> {
    match actions::reset(&app, &fields.number, &fields.code, &fields.password, &fields.again, &client).await {
        Ok(()) => Ok(client.go_saying("/login", "密码已重置，请用新密码登录。")),
        Err(error) => {
            let again = Again::of(error, "code")?;
            let page = ResetPage::new(&app, &client, fields.number, again.problems)?;
            Again::html(again.status, again.retry_after_s, &ResetPage { code: fields.code, ..page })
        }
    }
}
