//! What staff accounts can do: be created from the shell, sign in, sign out; [`own`]: password and sessions; [`passkeys`]: a way in without either; [`second`]: the second step; [`team`]: accounts and
//! roles of others.

pub mod log;
pub mod own;
pub mod passkeys;
pub mod second;
pub mod team;

use axum_extra::extract::cookie::Cookie;
use serde_json::{Value, json};

use super::password as rules;
use super::store::{self, StaffRow};
use super::{Role, Staff};
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::crypto::{NOBODY, hex, sha256};
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::types::line;
use crate::web::client::{self, Client};
use crate::web::session::{self, Kind};
use crate::web::throttle::{self, Limit};

/// Five wrong passwords lock an account's door for a quarter of an hour.
const PER_LOGIN: Limit = Limit { count: 5, window_s: 900, lock_s: 900 };
const PER_ADDRESS: Limit = Limit { count: 30, window_s: 900, lock_s: 900 };
/// The answer to every failure.
const WRONG: &str = "登录名或密码不对，请重新输入。";

fn read_login(typed: &str) -> Result<String> {
    let login = line(typed, 40, "请填写登录名。", "登录名不能超过 40 个字。").map_err(|s| Error::invalid("login", s))?;
    if login.chars().any(|c| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '%' | '\\' | '"' | '<' | '>')) {
        return Err(Error::invalid("login", "登录名里不能有空格和 / ? # % 等符号，例如用工号或姓名全拼。"));
    }
    Ok(login.to_lowercase())
}

fn read_name(typed: &str) -> Result<String> {
    line(typed, 40, "请填写姓名。", "姓名不能超过 40 个字。").map_err(|s| Error::invalid("name", s))
}

/// Writes a line about a staff account.
async fn note(app: &App, tx: &mut Tx, action: &'static str, staff: i64, detail: Value, actor: &Actor) -> Result<()> {
    audit::write(tx, app.clock.now(), Entry { action, subject_kind: "staff", subject_id: staff, detail, actor }).await
}

/// Creates a staff member in built-in roles, each for every exam; only the operator's shell does this.
pub async fn create(app: &App, login: &str, name: &str, password: &str, roles: &[Role]) -> Result<()> {
    let (login, name) = (read_login(login)?, read_name(name)?);
    rules::check(password, &login).map_err(|sentence| Error::invalid("password", sentence))?;
    let row = StaffRow {
        id: app.ids.make(app.clock.now()),
        login,
        name,
        password: app.hash_password(password.to_owned()).await?,
        disabled_at: None,
        invite_until: 0,
        totp_enc: None,
    };
    let mut tx = app.db.begin().await?;
    insert(app, &mut tx, &row).await?;
    for role in roles {
        store::grant(&mut tx, row.id, role.code(), 0).await?;
    }
    let detail = json!({ "login": row.login, "name": row.name, "roles": roles.iter().map(|role| role.code()).collect::<Vec<_>>() });
    note(app, &mut tx, "staff.create", row.id, detail, &Actor::Command).await?;
    tx.commit().await?;
    Ok(())
}

async fn insert(app: &App, tx: &mut Tx, row: &StaffRow) -> Result<()> {
    if store::insert(tx, row, app.clock.now().0).await? {
        Ok(())
    } else {
        Err(Error::invalid("login", "这个登录名已经有人使用。"))
    }
}

/// How far a right password leads.
#[derive(Debug)]
pub enum SignedIn {
    /// Into the console.
    Inside(Cookie<'static>),
    /// To the second step.
    Half(Cookie<'static>),
}

/// What wrong passwords of a login are counted under.
fn login_key(login: &str) -> String {
    format!("staff:{}", hex(&sha256(login.as_bytes())))
}

/// Signs in; the cookie goes into the answer.
pub async fn sign_in(app: &App, login: &str, password: &str, client: &Client) -> Result<SignedIn> {
    let login = login.trim().to_lowercase();
    let by_login = login_key(&login);
    let by_address = format!("staff-address:{}", client::throttle_key(app, &client.address));
    // An address that is locked locks nobody's login.
    throttle::check(app, &by_address).await?;
    // Counted before the password is looked at, so that many tries at once count as many.
    throttle::count(app, &by_login, PER_LOGIN).await?;
    throttle::count(app, &by_address, PER_ADDRESS).await?;
    let row = store::find_by_login(&mut *app.db.read().await?, &login).await?.filter(|row| row.disabled_at.is_none() && !row.is_invited());
    // An unknown login costs as much time as a wrong password.
    let hash = row.as_ref().map_or(NOBODY, |row| row.password.as_str()).to_owned();
    let (id, known) = row.as_ref().map_or((0, ""), |row| (row.id, login.as_str()));
    let fits = app.verify_password(hash, password.chars().take(rules::MAX_CHARS + 1).collect()).await?;
    let wrong = || Error::invalid("password", WRONG);
    let mut tx = app.db.begin().await?;
    let row = match row.filter(|_| fits) {
        Some(row) => row,
        None => {
            // Of an unknown login as well, so that it takes as long; what was typed there may be a password.
            let detail = json!({ "login": known, "address": client.address });
            note(app, &mut tx, "staff.sign_in_failed", id, detail, &Actor::System).await?;
            tx.commit().await?;
            return Err(wrong());
        }
    };
    if !store::hold_password(&mut tx, row.id, &row.password).await? {
        return Err(wrong());
    }
    throttle::forget(&mut tx, &by_login).await?;
    throttle::take_back(&mut tx, &by_address).await?;
    let signed_in = if row.has_codes() {
        SignedIn::Half(second::pending(app, &row, client))
    } else {
        SignedIn::Inside(enter(app, &mut tx, &row, client, "password").await?)
    };
    tx.commit().await?;
    Ok(signed_in)
}

/// Opens the session, with its line in the audit; `by`: what was given last.
async fn enter(app: &App, tx: &mut Tx, row: &StaffRow, client: &Client, by: &str) -> Result<Cookie<'static>> {
    let cookie = session::open(app, tx, Kind::Staff, row.id, client).await?;
    let actor = Actor::Staff { id: row.id, name: row.name.clone(), address: client.address.clone() };
    note(app, tx, "staff.sign_in", row.id, json!({ "by": by }), &actor).await?;
    Ok(cookie)
}

/// Signs out of this session.
pub async fn sign_out(app: &App, staff: &Staff) -> Result<()> {
    let mut tx = app.db.begin().await?;
    session::revoke(&mut tx, Kind::Staff, staff.id, staff.session).await?;
    tx.commit().await.map_err(Error::from)
}

/// The name of a staff member, for pages that say who did something; "" for one that is unknown.
pub async fn name_of(conn: &mut Conn, id: i64) -> Result<String> {
    Ok(store::find(conn, id).await?.map(|row| row.name).unwrap_or_default())
}
