//! What staff accounts can do: be created from the shell, sign in, sign out.

use axum_extra::extract::cookie::Cookie;
use serde_json::json;

use super::store::{self, StaffRow};
use super::{Role, Staff};
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::crypto::{NOBODY, hex, sha256};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::types::line;
use crate::web::client::{self, Client};
use crate::web::session::{self, Kind};
use crate::web::throttle::{self, Limit};

/// Staff passwords: at least ten characters (GB/T 22239 level 2 asks for complexity; length does more).
const MIN_PASSWORD_CHARS: usize = 10;
const MAX_PASSWORD_CHARS: usize = 128;
/// Five wrong passwords lock an account's door for a quarter of an hour.
const PER_LOGIN: Limit = Limit { count: 5, window_s: 900, lock_s: 900 };
const PER_ADDRESS: Limit = Limit { count: 30, window_s: 900, lock_s: 900 };
/// The answer to every failure.
const WRONG: &str = "登录名或密码不对，请重新输入。";

/// Creates a staff member; only the operator's shell does this.
pub async fn create(app: &App, login: &str, name: &str, password: &str, roles: &[Role]) -> Result<()> {
    let login = line(login, 40, "请填写登录名。", "登录名不能超过 40 个字。").map_err(|s| Error::invalid("login", s))?;
    let name = line(name, 40, "请填写姓名。", "姓名不能超过 40 个字。").map_err(|s| Error::invalid("name", s))?;
    if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&password.chars().count()) {
        return Err(Error::invalid("password", "工作人员密码至少 10 位。"));
    }
    let now = app.clock.now();
    let row = StaffRow {
        id: app.ids.make(now),
        login: login.to_lowercase(),
        name,
        password: app.hash_password(password.to_owned()).await?,
        disabled_at: None,
        invite_until: 0,
        totp_enc: None,
    };
    let mut tx = app.db.begin().await?;
    if !store::insert(&mut tx, &row, now.0).await? {
        return Err(Error::invalid("login", "这个登录名已经有人使用。"));
    }
    for role in roles {
        store::grant(&mut tx, row.id, role.code(), 0).await?;
    }
    let detail = json!({ "login": row.login, "name": row.name, "roles": roles.iter().map(|role| role.code()).collect::<Vec<_>>() });
    audit::write(&mut tx, now, Entry { action: "staff.create", subject_kind: "staff", subject_id: row.id, detail, actor: &Actor::Command })
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Signs in; the cookie goes into the answer.
pub async fn sign_in(app: &App, login: &str, password: &str, client: &Client) -> Result<Cookie<'static>> {
    let login = login.trim().to_lowercase();
    let by_login = format!("staff:{}", hex(&sha256(login.as_bytes())));
    let by_address = format!("staff-address:{}", client::throttle_key(app, &client.address));
    // An address that is locked locks nobody's login.
    throttle::check(app, &by_address).await?;
    // Counted before the password is looked at, so that many tries at once count as many.
    throttle::count(app, &by_login, PER_LOGIN).await?;
    throttle::count(app, &by_address, PER_ADDRESS).await?;
    let row = store::find_by_login(&mut *app.db.read().await?, &login).await?.filter(|row| row.disabled_at.is_none());
    // An unknown login costs as much time as a wrong password.
    let hash = row.as_ref().map_or(NOBODY, |row| row.password.as_str()).to_owned();
    let fits = app.verify_password(hash, password.chars().take(MAX_PASSWORD_CHARS + 1).collect()).await?;
    let wrong = || Error::invalid("password", WRONG);
    let row = row.filter(|_| fits).ok_or_else(wrong)?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !store::hold_password(&mut tx, row.id, &row.password).await? {
        return Err(wrong());
    }
    throttle::forget(&mut tx, &by_login).await?;
    throttle::take_back(&mut tx, &by_address).await?;
    let cookie = session::open(app, &mut tx, Kind::Staff, row.id, client).await?;
    let actor = Actor::Staff { id: row.id, name: row.name, address: client.address.clone() };
    audit::write(
        &mut tx,
        now,
        Entry { action: "staff.sign_in", subject_kind: "staff", subject_id: row.id, detail: json!({}), actor: &actor },
    )
    .await?;
    tx.commit().await?;
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
