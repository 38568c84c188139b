//! Passkeys (通行密钥): made by somebody who is signed in and types the password again; they sign in without login name, password and code.

use axum_extra::extract::cookie::Cookie;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::guard::Own;
use super::super::passkey::{self, Ceremony, Site};
use super::super::store::passkeys::{self, Passkey};
use super::super::store::{self, StaffRow};
use super::{enter, note};
use crate::app::App;
use crate::audit::Actor;
use crate::error::{Error, Result};
use crate::types::line;
use crate::web::client::{self, Client};
use crate::web::session;
use crate::web::throttle::{self, Limit};

/// Phone, computer, key on the key ring, and those to come.
const MOST: usize = 10;
/// So long a page with a challenge works.
const CHALLENGE_S: i64 = 600;
const PER_ADDRESS: Limit = Limit { count: 30, window_s: 900, lock_s: 900 };
const SIGN_IN: &str = "passkey.sign_in";
const WRONG: &str = "通行密钥没有通过，可能已被删除。请改用密码登录，或再试一次。";
const NOT_MADE: &str = "通行密钥没有创建成功，请再试一次。";
const LATE: &str = "这一页放得太久了，请刷新页面后再试。";

/// What a browser needs for asking its authenticator.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// To be signed.
    pub challenge: String,
    /// The host to which passkeys are bound.
    pub site: String,
    /// The address at which they work.
    pub origin: String,
}

fn site(app: &App) -> Result<Site> {
    Site::of(&app.config.public_url).ok_or_else(|| Error::refused("no_passkeys", "通行密钥只能在学校的正式网址（https 域名）上使用。"))
}

/// The address at which passkeys work, "" where this installation's allows none.
pub fn origin(app: &App) -> String {
    site(app).map(|site| site.origin).unwrap_or_default()
}

/// A challenge that says itself what it is for and until when it works.
fn ask(app: &App, purpose: &str) -> Result<Asked> {
    let Site { origin, id } = site(app)?;
    let said = format!("{}.{}", app.keys.token()?, app.clock.now().plus_s(CHALLENGE_S).0);
    let challenge = format!("{said}.{}", app.keys.sign(purpose, &said));
    Ok(Asked { challenge, site: id, origin })
}

/// A challenge that came back: itself, and until when it works; `None` where it is none of ours.
fn answered(app: &App, purpose: &str, encoded: &str) -> Option<(String, i64)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
    let (said, signature) = text.rsplit_once('.')?;
    let until: i64 = said.rsplit_once('.')?.1.parse().ok()?;
    app.keys.verify(purpose, said, signature).then(|| (said.to_owned(), until))
}

fn in_time(app: &App, until: i64) -> Result<()> {
    if until <= app.clock.now().0 { Err(Error::refused("passkey_late", LATE)) } else { Ok(()) }
}

fn bytes(encoded: &str, most: usize) -> Option<Vec<u8>> {
    let decoded = URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).ok();
    decoded.filter(|bytes| !bytes.is_empty() && bytes.len() <= most)
}

/// For the page of signing in; `None` where the address allows no passkeys.
pub fn ask_to_sign_in(app: &App) -> Option<Asked> {
    ask(app, SIGN_IN).ok()
}

/// What the browser answers when somebody signs in; each in base64url.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Assertion {
    /// Which passkey.
    pub credential: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `authenticatorData`.
    pub data: String,
    /// Over both.
    pub signature: String,
}

/// Signs in. The authenticator has recognised the person, so that this is both steps at once.
pub async fn sign_in(app: &App, given: &Assertion, client: &Client) -> Result<Cookie<'static>> {
    let by_address = format!("staff-passkey:{}", client::throttle_key(app, &client.address));
    throttle::count(app, &by_address, PER_ADDRESS).await?;
    let site = site(app)?;
    let credential = bytes(&given.credential, passkey::MAX_CREDENTIAL_BYTES).ok_or_else(wrong)?;
    let found = passkeys::find(&mut *app.db.read().await?, credential).await?.ok_or_else(wrong)?;
    let owner = store::find(&mut *app.db.read().await?, found.staff).await?.ok_or_else(wrong)?;
    let outcome = enter_with(app, &site, given, &found, &owner, client).await;
    let mut tx = app.db.begin().await?;
    match &outcome {
        Ok(_) => throttle::take_back(&mut tx, &by_address).await?,
        // As with a wrong password.
        Err(Error::Invalid(_)) => {
            let detail = json!({ "login": owner.login, "address": client.address, "by": "passkey" });
            note(app, &mut tx, "staff.sign_in_failed", owner.id, detail, &Actor::System).await?;
        }
        Err(_) => {}
    }
    tx.commit().await?;
    outcome
}

fn wrong() -> Error {
    Error::invalid("passkey", WRONG)
}

/// Opens the session of a passkey's owner, if what the browser answers fits.
async fn enter_with(
    app: &App,
    site: &Site,
    given: &Assertion,
    found: &Passkey,
    owner: &StaffRow,
    client: &Client,
) -> Result<Cookie<'static>> {
    let client_data = bytes(&given.client_data, 4096).ok_or_else(wrong)?;
    let data = bytes(&given.data, 4096).ok_or_else(wrong)?;
    let signature = bytes(&given.signature, 1024).ok_or_else(wrong)?;
    let challenge = passkey::challenge(&client_data, Ceremony::Get, site).ok_or_else(wrong)?;
    let (said, until) = answered(app, SIGN_IN, &challenge).ok_or_else(wrong)?;
    in_time(app, until)?;
    let counter = passkey::counter(&data, site).ok_or_else(wrong)?;
    if !passkey::is_signed(&found.public_key, &data, &client_data, &signature) {
        return Err(wrong());
    }
    let now = app.clock.now().0;
    let mut tx = app.db.begin().await?;
    // Locked accounts stay outside, also one that is locked at this moment.
    if owner.is_invited() || !store::hold_password(&mut tx, owner.id, &owner.password).await? {
        return Err(wrong());
    }
    if !passkeys::use_challenge(&mut tx, &said, until, now).await? || !passkeys::used(&mut tx, found.id, i64::from(counter), now).await? {
        return Err(wrong());
    }
    let cookie = enter(app, &mut tx, owner, client, "passkey").await?;
    session::strengthen(&mut tx, cookie.value()).await?;
    tx.commit().await?;
    Ok(cookie)
}

/// Those of the own account.
pub async fn list(app: &App, own: &Own) -> Result<Vec<Passkey>> {
    passkeys::list(&mut *app.db.read().await?, own.0.id).await
}

fn purpose_of(own: &Own) -> String {
    format!("passkey.add.{}.{}", own.0.id, own.0.session)
}

/// What the browser needs for making a passkey.
#[derive(Clone, Debug, Serialize)]
pub struct Offer {
    /// Challenge and site.
    #[serde(flatten)]
    pub asked: Asked,
    /// Names the person to the authenticator.
    pub user: String,
    /// What it shows.
    pub login: String,
    /// What it shows beside.
    pub name: String,
    /// Those that exist, so that an authenticator makes no second one.
    pub known: Vec<String>,
}

/// What its owner calls it: each by another name, so that they know which to remove.
fn read_name(typed: &str, known: &[Passkey]) -> Result<String> {
    let wrong = |sentence: &'static str| Error::invalid("passkey_name", sentence);
    let name = line(typed, 20, "请给通行密钥起个名称。", "名称不能超过 20 个字。").map_err(wrong)?;
    if known.iter().any(|passkey| passkey.name == name) {
        return Err(wrong("已有同名的通行密钥，请换一个名字。"));
    }
    Ok(name)
}

/// Begins to make one of this name: the password is asked for again.
pub async fn begin(app: &App, own: &Own, password: &str, name: &str) -> Result<Offer> {
    let row = super::own::with_password(app, own, password).await.map_err(|error| match error {
        Error::Invalid(problems) => Error::invalid("passkey_password", problems.of("password").to_owned()),
        other => other,
    })?;
    let known = list(app, own).await?;
    if known.len() >= MOST {
        return Err(Error::refused("passkeys_full", "通行密钥已有 10 个，请先删除不用的。"));
    }
    // Before the device makes one that would not be kept.
    read_name(name, &known)?;
    Ok(Offer {
        asked: ask(app, &purpose_of(own))?,
        user: URL_SAFE_NO_PAD.encode(row.id.to_be_bytes()),
        login: row.login,
        name: row.name,
        known: known.iter().map(|passkey| URL_SAFE_NO_PAD.encode(&passkey.credential)).collect(),
    })
}

/// What the browser made; bytes in base64url.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Made {
    /// What its owner calls it.
    pub name: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `getAuthenticatorData()`.
    pub data: String,
    /// `getPublicKey()`.
    pub public_key: String,
}

/// Keeps a new passkey.
pub async fn add(app: &App, own: &Own, made: &Made) -> Result<()> {
    let site = site(app)?;
    let wrong = || Error::invalid("passkey", NOT_MADE);
    let client_data = bytes(&made.client_data, 4096).ok_or_else(wrong)?;
    let data = bytes(&made.data, 4096).ok_or_else(wrong)?;
    let challenge = passkey::challenge(&client_data, Ceremony::Create, &site).ok_or_else(wrong)?;
    let (said, until) = answered(app, &purpose_of(own), &challenge).ok_or_else(wrong)?;
    in_time(app, until)?;
    let counter = passkey::counter(&data, &site).ok_or_else(wrong)?;
    let credential = passkey::attached(&data).ok_or_else(wrong)?.to_vec();
    let public_key = bytes(&made.public_key, passkey::MAX_KEY_BYTES).ok_or_else(wrong)?;
    if !passkey::is_known_key(&public_key) {
        return Err(Error::invalid("passkey", "这个设备的通行密钥类型不支持，请换一个设备。"));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let name = read_name(&made.name, &passkeys::list(&mut tx, own.0.id).await?)?;
    let row = Passkey {
        id: app.ids.make(now),
        staff: own.0.id,
        credential,
        public_key,
        name,
        counter: i64::from(counter),
        created_at: now.0,
        used_at: 0,
    };
    if !passkeys::use_challenge(&mut tx, &said, until, now.0).await? || !passkeys::insert(&mut tx, &row).await? {
        return Err(wrong());
    }
    // As with codes: whoever set it up has just shown it.
    session::strengthen_id(&mut tx, own.0.session).await?;
    note(app, &mut tx, "staff.passkey_add", own.0.id, json!({ "name": row.name }), &own.0.actor()).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes one of the own; returns its name, `None` where there was none.
pub async fn remove(app: &App, own: &Own, id: i64) -> Result<Option<String>> {
    let mut tx = app.db.begin().await?;
    let Some(found) = passkeys::list(&mut tx, own.0.id).await?.into_iter().find(|passkey| passkey.id == id) else { return Ok(None) };
    if !passkeys::remove(&mut tx, own.0.id, id).await? {
        return Ok(None);
    }
    note(app, &mut tx, "staff.passkey_remove", own.0.id, json!({ "name": found.name }), &own.0.actor()).await?;
    tx.commit().await?;
    Ok(Some(found.name))
}
