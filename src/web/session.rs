//! Sessions: a random token in a cookie, its hash in the database, so that any process knows it and anyone can be signed out.

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use super::client::Client;
use crate::app::App;
use crate::crypto::sha256;
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// Whose session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 30 days on the phone.
    Candidate,
    /// One working day.
    Staff,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Staff => "staff",
        }
    }

    /// The cookie's name.
    pub fn cookie(self) -> &'static str {
        match self {
            Self::Candidate => "baokao_session",
            Self::Staff => "baokao_staff",
        }
    }

    fn lasts_s(self) -> i64 {
        match self {
            Self::Candidate => 30 * 86_400,
            Self::Staff => 12 * 3600,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Candidate => "/",
            Self::Staff => "/console",
        }
    }
}

/// One session.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Session {
    /// Names it on the sessions page.
    pub id: i64,
    /// Account or staff row.
    pub owner: i64,
    /// When it began.
    pub created_at: i64,
    /// Last request, to the hour.
    pub seen_at: i64,
    /// What it was opened with.
    pub user_agent: String,
    /// Where from.
    pub address: String,
    /// 1: a second factor was given in it (staff).
    pub second_factor: i64,
}

/// How stale `seen_at` may be before a request writes it again: one write an hour instead of one a page.
const SEEN_EVERY_MS: i64 = 3_600_000;

/// Opens a session; the cookie goes into the answer after the commit.
pub async fn open(app: &App, tx: &mut Tx, kind: Kind, owner: i64, client: &Client) -> Result<Cookie<'static>> {
    let token = app.keys.token()?;
    let now = app.clock.now();
    sqlx::query(sql!(
        "insert into sessions (token_hash, id, kind, owner, created_at, seen_at, expires_at, user_agent, address) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    ))
    .bind(sha256(token.as_bytes()))
    .bind(app.ids.make(now))
    .bind(kind.code())
    .bind(owner)
    .bind(now.0)
    .bind(now.0)
    .bind(now.plus_s(kind.lasts_s()).0)
    .bind(client.user_agent.clone())
    .bind(client.address.clone())
    .execute(&mut **tx)
    .await?;
    let mut cookie = Cookie::new(kind.cookie(), token);
    cookie.set_path(kind.path());
    cookie.set_http_only(true);
    cookie.set_secure(client.https);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_max_age(time::Duration::seconds(kind.lasts_s()));
    Ok(cookie)
}

/// The cookie that ends a session in the browser.
pub fn closing_cookie(kind: Kind) -> Cookie<'static> {
    let mut cookie = Cookie::new(kind.cookie(), "");
    cookie.set_path(kind.path());
    cookie.set_http_only(true);
    cookie.set_max_age(time::Duration::ZERO);
    cookie
}

/// The live session of a request's cookie.
pub async fn find(app: &App, kind: Kind, jar: &CookieJar) -> Result<Option<Session>> {
    let Some(cookie) = jar.get(kind.cookie()).filter(|c| !c.value().is_empty() && c.value().len() <= 64) else { return Ok(None) };
    let hash = sha256(cookie.value().as_bytes());
    let now = app.clock.now();
    let session: Option<Session> = sqlx::query_as(sql!(
        "select id, owner, created_at, seen_at, user_agent, address, second_factor from sessions where token_hash = $1 and kind = $2 and expires_at > $3"
    ))
    .bind(hash.clone())
    .bind(kind.code())
    .bind(now.0)
    .fetch_optional(&mut *app.db.read().await?)
    .await?;
    if let Some(session) = &session
        && now.0 - session.seen_at > SEEN_EVERY_MS
    {
        let mut tx = app.db.begin().await?;
        sqlx::query(sql!("update sessions set seen_at = $1 where token_hash = $2")).bind(now.0).bind(hash).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(session)
}

/// All live sessions of somebody, newest first.
pub async fn list(conn: &mut Conn, kind: Kind, owner: i64, now: UnixMs) -> Result<Vec<Session>> {
    Ok(sqlx::query_as(sql!(
        "select id, owner, created_at, seen_at, user_agent, address, second_factor from sessions where kind = $1 and owner = $2 and expires_at > $3 order by id desc limit 100"
    ))
    .bind(kind.code())
    .bind(owner)
    .bind(now.0)
    .fetch_all(conn)
    .await?)
}

/// Notes that a second factor was given in the session of this cookie's value.
pub async fn strengthen(tx: &mut Tx, token: &str) -> Result<()> {
    sqlx::query(sql!("update sessions set second_factor = 1 where token_hash = $1"))
        .bind(sha256(token.as_bytes()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// [`strengthen`] by the session's id.
pub async fn strengthen_id(tx: &mut Tx, session: i64) -> Result<()> {
    sqlx::query(sql!("update sessions set second_factor = 1 where id = $1")).bind(session).execute(&mut **tx).await?;
    Ok(())
}

/// Ends one session of `owner`.
pub async fn revoke(tx: &mut Tx, kind: Kind, owner: i64, session: i64) -> Result<()> {
    sqlx::query(sql!("delete from sessions where kind = $1 and owner = $2 and id = $3"))
        .bind(kind.code())
        .bind(owner)
        .bind(session)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends all sessions of `owner` but `keep` (0: all).
pub async fn revoke_others(tx: &mut Tx, kind: Kind, owner: i64, keep: i64) -> Result<()> {
    sqlx::query(sql!("delete from sessions where kind = $1 and owner = $2 and id <> $3"))
        .bind(kind.code())
        .bind(owner)
        .bind(keep)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Removes sessions that have ended by themselves.
pub async fn purge(tx: &mut Tx, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from sessions where expires_at <= $1")).bind(now.0).execute(&mut **tx).await?;
    Ok(())
}
