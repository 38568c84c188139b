//! 我的账号: password, sessions, second factor.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::actions::second::{self, Setup};
use super::actions::{own as actions, passkeys, team};
use super::console::{FEW_CODES, safe};
use super::guard::Own;
use super::passkey_page::Line;
use super::password;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::types::{Access, UnixMs};
use crate::web;
use crate::web::client::Client;
use crate::web::errors::encode;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::session::Session;

const ME: &str = "/console/me";

/// `/console/me…`.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get(ME, Access::Staff, show)
        .post("/console/me/password", Access::Staff, change_password)
        .post("/console/me/sessions/end", Access::Staff, end_session)
        .get(second::SETUP, Access::Staff, show_setup)
        .post(second::SETUP, Access::Staff, turn_on)
        .post("/console/me/second-factor/codes", Access::Staff, renew_codes)
        .post("/console/me/second-factor/off", Access::Staff, turn_off)
}

/// A session as a line.
pub(super) struct Device {
    pub(super) id: i64,
    pub(super) agent: String,
    pub(super) address: String,
    pub(super) since: String,
    pub(super) seen: String,
    pub(super) is_this: bool,
}

impl Device {
    pub(super) fn new(session: Session, this: i64) -> Self {
        Self {
            id: session.id,
            is_this: session.id == this,
            agent: session.user_agent,
            address: session.address,
            since: UnixMs(session.created_at).words(),
            seen: UnixMs(session.seen_at).words(),
        }
    }
}

#[derive(Template)]
#[template(path = "staff/pages/me.html")]
struct MePage {
    page: ConsolePage,
    login: String,
    name: String,
    roles: String,
    has_codes: bool,
    /// Whether a role asks for a second factor, so that codes stay on.
    is_needed: bool,
    left: i64,
    devices: Vec<Device>,
    passkeys: Vec<Line>,
    /// The address at which passkeys work, or "".
    origin: String,
    hint: &'static str,
    problems: Problems,
}

impl MePage {
    fn has_few_codes(&self) -> bool {
        self.left <= FEW_CODES
    }
}

async fn page(app: &App, own: &Own, client: &Client, problems: Problems) -> Result<MePage> {
    let row = own.row(app).await?;
    let this = own.0.session;
    Ok(MePage {
        page: own.0.page(app, client, ""),
        roles: team::own_roles(app, own).await?,
        left: team::own_recovery_left(app, own).await?,
        devices: actions::sessions(app, own).await?.into_iter().map(|session| Device::new(session, this)).collect(),
        passkeys: passkeys::list(app, own).await?.into_iter().map(Line::new).collect(),
        origin: passkeys::origin(app),
        has_codes: row.has_codes(),
        is_needed: own.needs_second(app).await?,
        login: row.login,
        name: row.name,
        hint: password::HINT,
        problems,
    })
}

async fn show(State(app): State<App>, own: Own, client: Client) -> Result<Response> {
    web::html(&page(&app, &own, &client, Problems::new()).await?)
}

/// What was done, or the page again with what was wrong.
async fn done(app: &App, own: &Own, client: &Client, outcome: Result<()>, said: &str) -> Result<Response> {
    match outcome {
        Ok(()) => Ok(client.go_saying(ME, said)),
        Err(Error::Invalid(problems)) => web::html_invalid(&page(app, own, client, problems).await?),
        Err(other) => Err(other),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    password: String,
    new_password: String,
}

async fn change_password(State(app): State<App>, own: Own, client: Client, Form(form): Form<PasswordForm>) -> Result<Response> {
    let outcome = actions::change_password(&app, &own, &form.password, &form.new_password).await;
    done(&app, &own, &client, outcome, "密码已修改，其他设备上的登录已结束。").await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SessionForm {
    session: i64,
}

async fn end_session(State(app): State<App>, own: Own, client: Client, Form(form): Form<SessionForm>) -> Result<Response> {
    actions::end_session(&app, &own, form.session).await?;
    Ok(client.go_saying(ME, "已结束这个设备上的登录。"))
}

#[derive(Template)]
#[template(path = "staff/pages/second.html")]
struct SetupPage {
    page: ConsolePage,
    setup: Setup,
    is_needed: bool,
    /// Whether a passkey can be made instead.
    may_have_passkeys: bool,
    /// Where to go afterwards, or "".
    next: String,
    problems: Problems,
}

async fn setup_page(app: &App, own: &Own, client: &Client, form: &SetupForm, problems: Problems) -> Result<SetupPage> {
    Ok(SetupPage {
        page: own.0.page(app, client, ""),
        setup: second::begin(app, own, &form.sealed).await?,
        is_needed: own.needs_second(app).await?,
        may_have_passkeys: !passkeys::origin(app).is_empty(),
        next: safe(form.next.clone()),
        problems,
    })
}

/// Whoever scanned the code, went elsewhere and came back finds the same one.
async fn show_setup(State(app): State<App>, own: Own, client: Client, jar: CookieJar, Form(form): Form<SetupForm>) -> Result<Response> {
    let sealed = jar.get(second::SETUP_COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    match setup_page(&app, &own, &client, &SetupForm { sealed, ..form }, Problems::new()).await {
        Ok(page) => Ok((CookieJar::new().add(second::setup_cookie(&page.setup, &client)), web::html(&page)?).into_response()),
        Err(Error::Refused { code: "second_on", message }) => Ok(client.go_saying(ME, &message)),
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "staff/pages/codes.html")]
struct CodesPage {
    page: ConsolePage,
    codes: Vec<String>,
    /// Whether codes have just been turned on.
    is_new: bool,
    /// Where the button leads.
    next: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SetupForm {
    sealed: String,
    code: String,
    next: String,
}

async fn turn_on(State(app): State<App>, own: Own, client: Client, Form(form): Form<SetupForm>) -> Result<Response> {
    match second::turn_on(&app, &own, &form.sealed, &form.code).await {
        Ok(codes) => {
            let next = Some(safe(form.next)).filter(|next| !next.is_empty()).unwrap_or_else(|| ME.to_owned());
            let page = web::html(&CodesPage { page: own.0.page(&app, &client, ""), codes, is_new: true, next })?;
            Ok((CookieJar::new().add(second::closing_setup_cookie()), page).into_response())
        }
        Err(Error::Invalid(problems)) => {
            let page = setup_page(&app, &own, &client, &form, problems).await?;
            Ok((CookieJar::new().add(second::setup_cookie(&page.setup, &client)), web::html_invalid(&page)?).into_response())
        }
        Err(Error::Refused { code: "second_expired", message }) => {
            Ok(client.go_saying(&format!("{}?next={}", second::SETUP, encode(&safe(form.next))), &message))
        }
        Err(other) => Err(other),
    }
}

async fn renew_codes(State(app): State<App>, own: Own, client: Client, Form(form): Form<PasswordForm>) -> Result<Response> {
    match second::renew_codes(&app, &own, &form.password).await {
        Ok(codes) => web::html(&CodesPage { page: own.0.page(&app, &client, ""), codes, is_new: false, next: ME.to_owned() }),
        Err(error) => done(&app, &own, &client, Err(at_the_second_form(error)), "").await,
    }
}

async fn turn_off(State(app): State<App>, own: Own, client: Client, Form(form): Form<PasswordForm>) -> Result<Response> {
    let outcome = second::turn_off(&app, &own, &form.password).await.map_err(at_the_second_form);
    done(&app, &own, &client, outcome, "两步验证已关闭。").await
}

/// The page has two fields for the present password; the sentence stands at the one that was filled in.
fn at_the_second_form(error: Error) -> Error {
    match error {
        Error::Invalid(problems) => Error::invalid("second_password", problems.of("password").to_owned()),
        other => other,
    }
}
