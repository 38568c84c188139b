//! Limits on how often: counted in the database, so that every process counts together.

use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::sql;

/// So many in a window, then a lock.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// This many are let through.
    pub count: i64,
    /// Within so many seconds.
    pub window_s: i64,
    /// The next ones wait so long, in seconds.
    pub lock_s: i64,
}

/// Counts one under `key` (which must not carry personal data: hash it) and refuses when the limit is passed. It commits by itself, because a refused
/// try must count although the caller's own work is rolled back; so never call it while holding a transaction (SQLite has one writer).
pub async fn count(app: &App, key: &str, limit: Limit) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (count, locked_until): (i64, i64) = sqlx::query_as(sql!(
        "insert into throttles (key, count, window_start, locked_until) values ($1, 1, $2, 0)
         on conflict (key) do update set
             count = case when throttles.window_start <= $3 then 1 else throttles.count + 1 end,
             window_start = case when throttles.window_start <= $3 then $2 else throttles.window_start end
         returning count, locked_until"
    ))
    .bind(key)
    .bind(now.0)
    .bind(now.0 - limit.window_s * 1000)
    .fetch_one(&mut *tx)
    .await?;
    let left_ms = if locked_until > now.0 {
        locked_until - now.0
    } else if count > limit.count {
        let until = now.plus_s(limit.lock_s);
        sqlx::query(sql!("update throttles set locked_until = $1 where key = $2")).bind(until.0).bind(key).execute(&mut *tx).await?;
        limit.lock_s * 1000
    } else {
        0
    };
    tx.commit().await?;
    if left_ms > 0 { Err(refusal(left_ms)) } else { Ok(()) }
}

/// Refuses while `key` is locked, without counting.
pub async fn check(app: &App, key: &str) -> Result<()> {
    let now = app.clock.now();
    let locked: Option<(i64,)> = sqlx::query_as(sql!("select locked_until from throttles where key = $1"))
        .bind(key)
        .fetch_optional(&mut *app.db.read().await?)
        .await?;
    match locked {
        Some((until,)) if until > now.0 => Err(refusal(until - now.0)),
        _ => Ok(()),
    }
}

/// Forgets what was counted: after a success, in its transaction.
pub async fn forget(tx: &mut Tx, key: &str) -> Result<()> {
    sqlx::query(sql!("delete from throttles where key = $1")).bind(key).execute(&mut **tx).await?;
    Ok(())
}

fn refusal(left_ms: i64) -> Error {
    let seconds = (left_ms + 999) / 1000;
    let wait = if seconds >= 60 { format!("{} 分钟", (seconds + 59) / 60) } else { format!("{seconds} 秒") };
    Error::TooMany { retry_after_s: seconds, message: format!("操作太频繁，请 {wait}后再试。").into() }
}
