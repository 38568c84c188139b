//! Signing in and out, and a new password by SMS.
//!
//! Invariant: a number that nobody has answers like one that somebody has, in words and in time.

use axum_extra::extract::cookie::Cookie;
use serde_json::json;

use super::codes::{self, Ask, Purpose, Solution};
use super::{numbers_meant, register};
use crate::accounts::Candidate;
use crate::accounts::store::{self, Account, changes};
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::crypto::{NOBODY, hex};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::jobs;
use crate::types::DocumentNumber;
use crate::web::client::{self, Client};
use crate::web::session::{self, Kind};
use crate::web::throttle::{self, Limit};

/// After three tries a minute, half a minute's rest: a person does not notice, a script does.
const SLOW: Limit = Limit { count: 3, window_s: 60, lock_s: 30 };
/// Ten tries without success lock a number's door for half an hour.
const LOCKED: Limit = Limit { count: 10, window_s: 3600, lock_s: 1800 };
/// Failures from one address; a whole campus may share one.
const PER_ADDRESS: Limit = Limit { count: 60, window_s: 900, lock_s: 900 };
/// Longer ones are nobody's password.
const MAX_TYPED_CHARS: usize = 64;
/// The answer to every failure.
const WRONG: &str = "证件号码或密码不对，请核对后重新输入。";

/// The keys under which tries for a typed number are counted: the slow one, the lock.
fn throttle_keys(app: &App, numbers: &[DocumentNumber], typed: &str) -> (String, String) {
    let name = numbers.first().map_or_else(|| typed.trim().to_owned(), DocumentNumber::account_key);
    let hash = hex(&app.keys.lookup("throttle.sign_in", &name));
    (format!("sign-in-slow:{hash}"), format!("sign-in:{hash}"))
}

/// Everybody who may be meant: a permit of Taiwan and a passport can have the same eight digits.
async fn meant(app: &App, conn: &mut Conn, numbers: &[DocumentNumber]) -> Result<Vec<Account>> {
    let mut accounts = Vec::new();
    for number in numbers {
        accounts.extend(store::find_by_document(app, conn, number).await?);
    }
    Ok(accounts)
}

/// Signs in; the cookie goes into the answer.
pub async fn sign_in(app: &App, typed: &str, password: &str, client: &Client) -> Result<Cookie<'static>> {
    if typed.trim().is_empty() {
        return Err(Error::invalid("number", "请输入证件号码。"));
    }
    if password.is_empty() {
        return Err(Error::invalid("password", "请输入密码。"));
    }
    let numbers = numbers_meant(typed, app.clock.now());
    let (slow, locked) = throttle_keys(app, &numbers, typed);
    let from = format!("sign-in-address:{}", client::throttle_key(app, &client.address));
    // An address that is locked locks nobody's number.
    throttle::check(app, &from).await?;
    // Counted before the password is looked at, so that many tries at once count as many.
    throttle::count(app, &locked, LOCKED).await?;
    throttle::count(app, &slow, SLOW).await?;
    throttle::count(app, &from, PER_ADDRESS).await?;

    let accounts = meant(app, &mut *app.db.read().await?, &numbers).await?;
    let password: String = password.chars().take(MAX_TYPED_CHARS).collect();
    let mut found = None;
    if accounts.is_empty() {
        app.verify_password(NOBODY.to_owned(), password).await?;
    } else {
        for account in accounts {
            if app.verify_password(account.password.clone(), password.clone()).await? {
                found = Some(account);
                break;
            }
        }
    }
    let wrong = || Error::invalid("password", WRONG);
    let account = found.ok_or_else(wrong)?;
    let mut tx = app.db.begin().await?;
    if !changes::hold_password(&mut tx, account.id, &account.password).await? {
        return Err(wrong());
    }
    throttle::take_back(&mut tx, &from).await?;
    throttle::forget(&mut tx, &slow).await?;
    throttle::forget(&mut tx, &locked).await?;
    let cookie = session::open(app, &mut tx, Kind::Candidate, account.id, client).await?;
    let actor = Actor::Candidate { id: account.id, address: client.address.clone() };
    let entry = Entry { action: "account.sign_in", subject_kind: "account", subject_id: account.id, detail: json!({}), actor: &actor };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(cookie)
}

/// Signs out of this session.
pub async fn sign_out(app: &App, candidate: &Candidate) -> Result<()> {
    let mut tx = app.db.begin().await?;
    session::revoke(&mut tx, Kind::Candidate, candidate.id(), candidate.session).await?;
    tx.commit().await?;
    Ok(())
}

/// The one number a reset is for: the usual kind of document where several fit.
async fn reset_subject(app: &App, typed: &str) -> Result<(String, Option<Account>)> {
    let numbers = numbers_meant(typed, app.clock.now());
    let first = numbers.first().ok_or_else(|| Error::invalid("number", "请输入注册时的证件号码。"))?;
    let account = meant(app, &mut *app.db.read().await?, &numbers).await?.into_iter().next();
    Ok((first.account_key(), account))
}

/// Sends a code to the phone on file. A number that nobody has is answered in the same way.
pub async fn send_reset_code(app: &App, typed: &str, solution: &Solution<'_>, client: &Client) -> Result<()> {
    let (subject, account) = reset_subject(app, typed).await?;
    let phone = account.map(|account| account.phone(&app.keys)).transpose()?;
    let ask = Ask { purpose: Purpose::Reset, subject: &subject, phone: phone.as_ref() };
    codes::send(app, &ask, solution, &client.address).await
}

/// Sets a new password by the code; every session ends.
pub async fn reset(app: &App, typed: &str, code: &str, password: &str, again: &str, client: &Client) -> Result<()> {
    let (subject, account) = reset_subject(app, typed).await?;
    let number: String = typed.chars().filter(|c| !c.is_whitespace()).take(40).collect();
    register::check_new_password(password, again, &[&number])?;
    let proof = codes::check(app, Purpose::Reset, &subject, code).await?;
    // A number that nobody has never comes so far: its code was sent to no one.
    let account = account.ok_or_else(|| Error::invalid("code", "请先获取验证码。"))?;
    let phone = account.phone(&app.keys)?;
    register::check_new_password(password, again, &[account.document(&app.keys)?.text(), phone.as_str()])?;
    let hash = app.hash_password(password.to_owned()).await?;

    let numbers = numbers_meant(typed, app.clock.now());
    let (slow, locked) = throttle_keys(app, &numbers, typed);
    let mut tx = app.db.begin().await?;
    codes::consume(app, &mut tx, proof).await?;
    changes::set_password(&mut tx, account.id, hash).await?;
    session::revoke_others(&mut tx, Kind::Candidate, account.id, 0).await?;
    throttle::forget(&mut tx, &slow).await?;
    throttle::forget(&mut tx, &locked).await?;
    let actor = Actor::Candidate { id: account.id, address: client.address.clone() };
    let entry =
        Entry { action: "account.reset_password", subject_kind: "account", subject_id: account.id, detail: json!({}), actor: &actor };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    let body = "您的登录密码已通过短信验证码重置，所有设备需要重新登录。如非本人操作，请立即联系学校。";
    jobs::notify(app, &mut tx, account.id, "密码已重置", body, "/me/sessions", false).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Asks somebody who is signed in for the password again, before something that a borrowed phone must not do. Tries are counted like those at the door.
pub(super) async fn require_password(app: &App, candidate: &Candidate, typed: &str, field: &'static str) -> Result<()> {
    if typed.is_empty() {
        return Err(Error::invalid(field, "请输入现在的登录密码。"));
    }
    let number = candidate.account.document(&app.keys)?;
    let (slow, locked) = throttle_keys(app, std::slice::from_ref(&number), "");
    throttle::count(app, &locked, LOCKED).await?;
    throttle::count(app, &slow, SLOW).await?;
    let typed: String = typed.chars().take(MAX_TYPED_CHARS).collect();
    if !app.verify_password(candidate.account.password.clone(), typed).await? {
        return Err(Error::invalid(field, "密码不对，请核对后重新输入。"));
    }
    let mut tx = app.db.begin().await?;
    throttle::forget(&mut tx, &slow).await?;
    throttle::forget(&mut tx, &locked).await?;
    tx.commit().await?;
    Ok(())
}
