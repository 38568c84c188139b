//! Passkeys: at the door, and among what is one's own. `static/passkey.js` speaks with the browser; its requests are answered with JSON.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::actions::passkeys::{self as actions, Assertion, Made};
use super::guard::Own;
use super::store::passkeys::Passkey;
use crate::app::App;
use crate::error::Result;
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::routes::Routes;

/// `/console/login/passkey`, `/console/me/passkeys…`.
pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/console/login/passkey", Access::Public, sign_in)
        .post("/console/me/passkeys/begin", Access::Staff, begin)
        .post("/console/me/passkeys", Access::Staff, add)
        .post("/console/me/passkeys/remove", Access::Staff, remove)
}

/// A passkey as a line.
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) since: String,
    pub(super) used: String,
}

impl Line {
    pub(super) fn new(passkey: Passkey) -> Self {
        let used = if passkey.used_at == 0 { "还没有用过".into() } else { UnixMs(passkey.used_at).words() };
        Self { id: passkey.id, name: passkey.name, since: UnixMs(passkey.created_at).words(), used }
    }
}

async fn sign_in(State(app): State<App>, client: Client, Form(given): Form<Assertion>) -> Result<Response> {
    let cookie = actions::sign_in(&app, &given, &client).await?;
    Ok((CookieJar::new().add(cookie), client.go("/console")).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BeginForm {
    password: String,
    name: String,
}

async fn begin(State(app): State<App>, own: Own, Form(form): Form<BeginForm>) -> Result<Response> {
    Ok(Json(actions::begin(&app, &own, &form.password, &form.name).await?).into_response())
}

async fn add(State(app): State<App>, own: Own, client: Client, Form(made): Form<Made>) -> Result<Response> {
    actions::add(&app, &own, &made).await?;
    Ok(client.go_saying("/console/me", "通行密钥已添加，下次可以用它登录。"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RemoveForm {
    passkey: i64,
}

async fn remove(State(app): State<App>, own: Own, client: Client, Form(form): Form<RemoveForm>) -> Result<Response> {
    Ok(match actions::remove(&app, &own, form.passkey).await? {
        Some(name) => client.go_saying("/console/me", &format!("已删除通行密钥“{name}”，不能再用它登录。")),
        None => client.go_saying("/console/me", "这个通行密钥已经不在了，没有删除别的。"),
    })
}
