//! The second step: one-time codes of an app, and recovery codes for whoever lost it.

use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::guard::Own;
use super::super::store::{self, StaffRow, second as second_store};
use super::super::totp;
use super::{enter, note};
use crate::app::App;
use crate::audit::Actor;
use crate::db::Tx;
use crate::error::{Error, Result, SECOND_DOOR};
use crate::web::client::Client;
use crate::web::session::{self, Kind};
use crate::web::throttle::{self, Limit};

/// The cookie of somebody whose password was right.
pub const COOKIE: &str = "baokao_second";
/// So long the second step may take.
const PENDING_S: i64 = 300;
/// The cookie of somebody who sets codes up: it keeps the secret that their app may have scanned already.
pub const SETUP_COOKIE: &str = "baokao_setup";
/// Where that is done.
pub const SETUP: &str = SECOND_DOOR;
/// So long a secret is kept after its page was last shown.
const SETUP_S: i64 = 900;
/// Five wrong codes lock the second step for a quarter of an hour: a guess at six digits then takes years.
const PER_PERSON: Limit = Limit { count: 5, window_s: 900, lock_s: 900 };
const RECOVERY_CODES: usize = 10;
const RECOVERY_LETTERS: usize = 10;
/// Where the secret is sealed.
const SECRET: &str = "staff.totp";
const WRONG: &str = "验证码不对或已经用过，请等应用显示新的验证码后再输入。";
const NO_CODE: &str = "请输入 6 位数字的验证码。";

fn pending_value(id: i64, until: i64, row: &StaffRow) -> String {
    format!("{id}.{until}.{}", row.password)
}

/// The cookie that leads to the second step; it fits this person, this password and five minutes.
pub(super) fn pending(app: &App, row: &StaffRow, client: &Client) -> Cookie<'static> {
    let until = app.clock.now().plus_s(PENDING_S).0;
    let signature = app.keys.sign(COOKIE, &pending_value(row.id, until, row));
    let mut cookie = Cookie::new(COOKIE, format!("{}.{until}.{signature}", row.id));
    cookie.set_path("/console/login");
    cookie.set_http_only(true);
    cookie.set_secure(client.https);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_max_age(time::Duration::seconds(PENDING_S));
    cookie
}

/// Whose second step it is.
async fn pending_row(app: &App, cookie: &str) -> Result<StaffRow> {
    let late = || Error::refused("second_expired", "这一步已经超时，请重新输入登录名和密码。");
    let mut parts = cookie.splitn(3, '.');
    let (Some(id), Some(until), Some(signature)) = (parts.next(), parts.next(), parts.next()) else { return Err(late()) };
    let (Ok(id), Ok(until)) = (id.parse::<i64>(), until.parse::<i64>()) else { return Err(late()) };
    if until <= app.clock.now().0 {
        return Err(late());
    }
    let row = store::find(&mut *app.db.read().await?, id).await?.filter(|row| row.disabled_at.is_none()).ok_or_else(late)?;
    if app.keys.verify(COOKIE, &pending_value(id, until, &row), signature) { Ok(row) } else { Err(late()) }
}

/// Whether somebody stands at the second step.
pub async fn is_pending(app: &App, cookie: &str) -> bool {
    pending_row(app, cookie).await.is_ok()
}

fn throttle_key(id: i64) -> String {
    format!("staff-second:{id}")
}

/// A code without what stands between its letters.
fn letters(typed: &str) -> String {
    typed.chars().filter(|c| c.is_ascii_alphanumeric()).take(40).collect()
}

fn is_code(letters: &str) -> bool {
    letters.len() == 6 && letters.bytes().all(|b| b.is_ascii_digit())
}

/// Takes a code of the app or a recovery code ([`letters`]); each works once. `None` when it is neither. Returns what it was for the audit.
async fn use_code(app: &App, tx: &mut Tx, row: &StaffRow, typed: &str) -> Result<Option<&'static str>> {
    if let Some(sealed) = &row.totp_enc {
        let secret = app.keys.open_sealed(SECRET, sealed)?;
        if let Some(step) = totp::step_of(&secret, typed, app.clock.now())
            && second_store::use_step(tx, row.id, step).await?
        {
            return Ok(Some("code"));
        }
    }
    let is_recovery = second_store::use_recovery(tx, row.id, recovery_hash(app, row.id, typed)).await?;
    Ok(is_recovery.then_some("recovery"))
}

/// The second step of signing in. Returns how many recovery codes are left as well, where one was used.
pub async fn finish(app: &App, cookie: &str, typed: &str, client: &Client) -> Result<(Cookie<'static>, Option<i64>)> {
    let row = pending_row(app, cookie).await?;
    let typed = letters(typed);
    // No guess, so that it does not count as one.
    if !is_code(&typed) && typed.len() != RECOVERY_LETTERS {
        return Err(Error::invalid("code", "请输入 6 位数字的验证码，或 10 位的恢复码。"));
    }
    let key = throttle_key(row.id);
    throttle::count(app, &key, PER_PERSON).await?;
    let mut tx = app.db.begin().await?;
    let wrong = || Error::invalid("code", WRONG);
    if !store::hold_password(&mut tx, row.id, &row.password).await? {
        return Err(wrong());
    }
    let Some(by) = use_code(app, &mut tx, &row, &typed).await? else { return Err(wrong()) };
    throttle::forget(&mut tx, &key).await?;
    let cookie = enter(app, &mut tx, &row, client, by).await?;
    session::strengthen(&mut tx, cookie.value()).await?;
    let left = if by == "recovery" { Some(second_store::recovery_left(&mut tx, row.id).await?) } else { None };
    tx.commit().await?;
    Ok((cookie, left))
}

/// A secret on its way into an app: nothing is stored before the first code was typed.
#[derive(Debug)]
pub struct Setup {
    /// For the form.
    pub sealed: String,
    /// To be typed where no camera is: in groups of four.
    pub secret: String,
    /// To be scanned.
    pub svg: String,
}

fn setup_context(own: &Own) -> String {
    format!("{SECRET}.setup.{}", own.0.id)
}

fn setup_of(app: &App, own: &Own, login: &str, plain: &[u8]) -> Result<Setup> {
    let secret = &plain[8..];
    let svg = baokao_paper::qr::svg(&totp::uri(&app.config.school, login, secret)).map_err(Error::internal)?;
    let sealed = URL_SAFE_NO_PAD.encode(app.keys.seal(&setup_context(own), plain)?);
    let base32: Vec<char> = totp::base32(secret).chars().collect();
    let groups: Vec<String> = base32.chunks(4).map(|four| four.iter().collect()).collect();
    Ok(Setup { sealed, secret: groups.join(" "), svg })
}

/// The cookie that keeps the secret of a set-up; sealed for its person, it is of no use to another.
pub fn setup_cookie(setup: &Setup, client: &Client) -> Cookie<'static> {
    let mut cookie = Cookie::new(SETUP_COOKIE, setup.sealed.clone());
    cookie.set_path(SETUP);
    cookie.set_http_only(true);
    cookie.set_secure(client.https);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_max_age(time::Duration::seconds(SETUP_S));
    cookie
}

/// The cookie that forgets it.
pub fn closing_setup_cookie() -> Cookie<'static> {
    let mut cookie = Cookie::new(SETUP_COOKIE, "");
    cookie.set_path(SETUP);
    cookie.set_http_only(true);
    cookie.set_max_age(time::Duration::ZERO);
    cookie
}

/// Begins to set codes up, or goes on with the secret that was shown (`sealed`, "" at first), which is kept anew.
pub async fn begin(app: &App, own: &Own, sealed: &str) -> Result<Setup> {
    let row = own.row(app).await?;
    if row.has_codes() {
        return Err(Error::refused(
            "second_on",
            "两步验证已经开启。如要换手机，请先关闭再重新开启；您的角色要求两步验证的，请联系技术管理员重置。",
        ));
    }
    let mut plain = app.clock.now().plus_s(SETUP_S).0.to_be_bytes().to_vec();
    match opened(app, own, sealed) {
        Some(shown) => plain.extend(&shown[8..]),
        None => plain.extend(app.keys.random::<{ totp::SECRET_BYTES }>()?),
    }
    setup_of(app, own, &row.login, &plain)
}

fn opened(app: &App, own: &Own, sealed: &str) -> Option<Vec<u8>> {
    let plain = app.keys.open_sealed(&setup_context(own), &URL_SAFE_NO_PAD.decode(sealed).ok()?).ok()?;
    let (until, secret) = plain.split_first_chunk::<8>()?;
    (i64::from_be_bytes(*until) > app.clock.now().0 && secret.len() == totp::SECRET_BYTES).then_some(plain)
}

/// Turns codes on, with a first one as proof that the app has the secret. The other sessions end. Returns the recovery codes, shown this once.
pub async fn turn_on(app: &App, own: &Own, sealed: &str, typed: &str) -> Result<Vec<String>> {
    let plain = opened(app, own, sealed).ok_or_else(|| Error::refused("second_expired", "这一页已经超时，请重新开始设置。"))?;
    let secret = &plain[8..];
    let typed = letters(typed);
    if !is_code(&typed) {
        return Err(Error::invalid("code", NO_CODE));
    }
    let step = totp::step_of(secret, &typed, app.clock.now()).ok_or_else(|| Error::invalid("code", WRONG))?;
    let mut tx = app.db.begin().await?;
    if !second_store::set_secret(&mut tx, own.0.id, app.keys.seal(SECRET, secret)?, step).await? {
        return Err(Error::refused(
            "second_on",
            "两步验证已经开启。如要换手机，请先关闭再重新开启；您的角色要求两步验证的，请联系技术管理员重置。",
        ));
    }
    let codes = new_codes(app, &mut tx, own.0.id).await?;
    session::revoke_others(&mut tx, Kind::Staff, own.0.id, own.0.session).await?;
    session::strengthen_id(&mut tx, own.0.session).await?;
    note(app, &mut tx, "staff.second_on", own.0.id, json!({}), &own.0.actor()).await?;
    tx.commit().await?;
    Ok(codes)
}

fn recovery_hash(app: &App, id: i64, code: &str) -> Vec<u8> {
    app.keys.lookup("staff.recovery", &format!("{id}:{}", code.to_uppercase()))
}

async fn new_codes(app: &App, tx: &mut Tx, id: i64) -> Result<Vec<String>> {
    second_store::drop_recovery(tx, id).await?;
    let mut codes = Vec::new();
    for _ in 0..RECOVERY_CODES {
        let code = app.keys.reference(RECOVERY_LETTERS)?;
        second_store::insert_recovery(tx, id, recovery_hash(app, id, &code)).await?;
        codes.push(format!("{}-{}", &code[..RECOVERY_LETTERS / 2], &code[RECOVERY_LETTERS / 2..]));
    }
    Ok(codes)
}

/// Fresh recovery codes in place of the earlier ones; the password is asked for again.
pub async fn renew_codes(app: &App, own: &Own, password: &str) -> Result<Vec<String>> {
    let row = super::own::with_password(app, own, password).await?;
    if !row.has_codes() {
        return Err(Error::refused("second_off", "两步验证还没有开启，请先开启。"));
    }
    let mut tx = app.db.begin().await?;
    let codes = new_codes(app, &mut tx, row.id).await?;
    note(app, &mut tx, "staff.second_codes", row.id, json!({}), &own.0.actor()).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Turns codes off, unless a role asks for them; the password is asked for again.
pub async fn turn_off(app: &App, own: &Own, password: &str) -> Result<()> {
    let row = super::own::with_password(app, own, password).await?;
    if own.needs_second(app).await? {
        return Err(Error::refused("second_needed", "您的角色要求两步验证，不能关闭。如要换手机，请联系技术管理员重置。"));
    }
    let mut tx = app.db.begin().await?;
    clear(app, &mut tx, row.id, "staff.second_off", json!({}), &own.0.actor()).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a person's second factor away, in the caller's transaction.
pub(super) async fn clear(app: &App, tx: &mut Tx, id: i64, action: &'static str, detail: Value, actor: &Actor) -> Result<()> {
    second_store::clear_secret(tx, id).await?;
    second_store::drop_recovery(tx, id).await?;
    throttle::forget(tx, &throttle_key(id)).await?;
    note(app, tx, action, id, detail, actor).await
}
