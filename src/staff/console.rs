//! The console's door: password, second step, the link of an invitation, the way out.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::actions::passkeys::{self, Asked};
use super::actions::{self, SignedIn, second, team};
use super::guard::Own;
use super::password;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::types::Access;
use crate::web::client::{Client, is_safe_next};
use crate::web::errors::encode;
use crate::web::form::Form;
use crate::web::layout::Page;
use crate::web::routes::Routes;
use crate::web::session::{Kind, closing_cookie};
use crate::web::{self};

const LOGIN: &str = "/console/login";
const SECOND: &str = "/console/login/second";
/// Of recovery codes: time for new ones.
pub(super) const FEW_CODES: i64 = 2;

/// The door, the own account, the accounts of others, the audit.
pub fn routes() -> Routes {
    Routes::new()
        .get(LOGIN, Access::Public, show)
        .post(LOGIN, Access::Public, sign_in)
        .get(SECOND, Access::Public, show_second)
        .post(SECOND, Access::Public, finish)
        .get("/console/invite/{token}", Access::Public, show_invitation)
        .post("/console/invite/{token}", Access::Public, join)
        .post("/console/logout", Access::Staff, sign_out)
        .merge(super::own_page::routes())
        .merge(super::passkey_page::routes())
        .merge(super::team_page::routes())
        .merge(super::roles_page::routes())
        .merge(super::audit_page::routes())
        .merge(super::held::routes())
}

#[derive(Template)]
#[template(path = "staff/pages/login.html")]
struct LoginPage {
    page: Page,
    login: String,
    /// Where to go afterwards, or "".
    next: String,
    passkey: Option<Asked>,
    problems: Problems,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LoginForm {
    login: String,
    password: String,
    next: String,
}

/// The page of the console that somebody wanted, or "".
pub(super) fn safe(next: String) -> String {
    if next.starts_with("/console") && is_safe_next(&next) { next } else { String::new() }
}

fn inside(next: &str) -> &str {
    if next.is_empty() { "/console" } else { next }
}

fn door(app: &App, client: &Client, form: LoginForm, problems: Problems) -> LoginPage {
    LoginPage { page: web::page(app, client), login: form.login, next: safe(form.next), passkey: passkeys::ask_to_sign_in(app), problems }
}

async fn show(State(app): State<App>, client: Client, Form(form): Form<LoginForm>) -> Result<Response> {
    web::html(&door(&app, &client, form, Problems::new()))
}

async fn sign_in(State(app): State<App>, client: Client, Form(form): Form<LoginForm>) -> Result<Response> {
    match actions::sign_in(&app, &form.login, &form.password, &client).await {
        Ok(SignedIn::Inside(cookie)) => Ok((CookieJar::new().add(cookie), client.go(inside(&safe(form.next)))).into_response()),
        Ok(SignedIn::Half(cookie)) => {
            let next = safe(form.next);
            let to = if next.is_empty() { SECOND.to_owned() } else { format!("{SECOND}?next={}", encode(&next)) };
            Ok((CookieJar::new().add(cookie), client.go(&to)).into_response())
        }
        Err(Error::Invalid(problems)) => web::html_invalid(&door(&app, &client, form, problems)),
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "staff/pages/login_second.html")]
struct SecondPage {
    page: Page,
    next: String,
    problems: Problems,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SecondForm {
    code: String,
    next: String,
}

fn half(jar: &CookieJar) -> &str {
    jar.get(second::COOKIE).map_or("", |cookie| cookie.value())
}

async fn show_second(State(app): State<App>, client: Client, jar: CookieJar, Form(form): Form<SecondForm>) -> Result<Response> {
    if !second::is_pending(&app, half(&jar)).await {
        return Ok(client.go(LOGIN));
    }
    web::html(&SecondPage { page: web::page(&app, &client), next: safe(form.next), problems: Problems::new() })
}

async fn finish(State(app): State<App>, client: Client, jar: CookieJar, Form(form): Form<SecondForm>) -> Result<Response> {
    match second::finish(&app, half(&jar), &form.code, &client).await {
        Ok((cookie, left)) => {
            let next = safe(form.next);
            let answer = match left {
                Some(left) => client.go_saying(inside(&next), &recovery_words(left)),
                None => client.go(inside(&next)),
            };
            Ok((CookieJar::new().add(cookie), answer).into_response())
        }
        Err(Error::Invalid(problems)) => web::html_invalid(&SecondPage { page: web::page(&app, &client), next: safe(form.next), problems }),
        Err(Error::Refused { code: "second_expired", message }) => Ok(client.go_saying(LOGIN, &message)),
        Err(other) => Err(other),
    }
}

fn recovery_words(left: i64) -> String {
    let renew = if left <= FEW_CODES { "请到“我的账号”更换恢复码。" } else { "" };
    format!("您用恢复码登录，还剩 {left} 个。{renew}")
}

#[derive(Template)]
#[template(path = "staff/pages/invitation.html")]
struct InvitationPage {
    page: Page,
    login: String,
    person: String,
    hint: &'static str,
    problems: Problems,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct JoinForm {
    name: String,
    password: String,
}

async fn show_invitation(State(app): State<App>, client: Client, Path(token): Path<String>) -> Result<Response> {
    let row = team::invited(&app, &token).await?;
    let person = if row.is_invited() { String::new() } else { row.name };
    web::html(&InvitationPage { page: web::page(&app, &client), login: row.login, person, hint: password::HINT, problems: Problems::new() })
}

async fn join(State(app): State<App>, client: Client, Path(token): Path<String>, Form(form): Form<JoinForm>) -> Result<Response> {
    match team::join(&app, &token, &form.name, &form.password, &client).await {
        Ok(()) => Ok(client.go_saying(LOGIN, "已设置好，请用登录名和新密码登录。")),
        Err(Error::Invalid(problems)) => {
            let login = team::invited(&app, &token).await?.login;
            let page = web::page(&app, &client);
            web::html_invalid(&InvitationPage { page, login, person: form.name, hint: password::HINT, problems })
        }
        Err(other) => Err(other),
    }
}

async fn sign_out(State(app): State<App>, own: Own, client: Client) -> Result<Response> {
    actions::sign_out(&app, &own.0).await?;
    Ok((CookieJar::new().add(closing_cookie(Kind::Staff)), client.go_saying(LOGIN, "已退出。")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_few_recovery_codes_is_told_to_make_new_ones() {
        assert_eq!(recovery_words(3), "您用恢复码登录，还剩 3 个。");
        assert_eq!(recovery_words(2), "您用恢复码登录，还剩 2 个。请到“我的账号”更换恢复码。");
    }
}
