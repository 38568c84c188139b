//! Limits on how often: counted in the database, so that every process counts together.

use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::sql;
use crate::types::UnixMs;

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

/// Counts one under `key` (which must not carry personal data: hash it) and refuses when the limit is passed; the lock begins with the first refusal, and a
/// new window when it ends. It commits by itself, because a refused try must count although the caller's own work is rolled back; so never call it while
/// holding a transaction (SQLite has one writer).
pub async fn count(app: &App, key: &str, limit: Limit) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (locked_until,): (i64,) = sqlx::query_as(sql!(
        "insert into throttles (key, count, window_start, locked_until) values ($1, 1, $2, 0)
         on conflict (key) do update set
             count = case when throttles.locked_until > $2 then throttles.count
                          when throttles.locked_until > 0 or throttles.window_start <= $3 then 1
                          when throttles.count >= $4 then throttles.count
                          else throttles.count + 1 end,
             locked_until = case when throttles.locked_until > $2 then throttles.locked_until
                                 when throttles.locked_until > 0 or throttles.window_start <= $3 then 0
                                 when throttles.count >= $4 then $5
                                 else 0 end,
             window_start = case when throttles.locked_until > $2 then throttles.window_start
                                 when throttles.locked_until > 0 or throttles.window_start <= $3 then $2
                                 else throttles.window_start end
         returning locked_until"
    ))
    .bind(key)
    .bind(now.0)
    .bind(now.plus_s(-limit.window_s).0)
    .bind(limit.count)
    .bind(now.plus_s(limit.lock_s).0)
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    if locked_until > now.0 { Err(refusal(locked_until - now.0)) } else { Ok(()) }
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

/// Takes one back, and the lock that it may have brought about: after a success, in its transaction, where the failures of others under the key still count.
pub async fn take_back(tx: &mut Tx, key: &str) -> Result<()> {
    sqlx::query(sql!("update throttles set count = count - 1, locked_until = 0 where key = $1 and count > 0"))
        .bind(key)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Removes what no limit looks at any more.
pub async fn purge(tx: &mut Tx, older_than: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from throttles where window_start < $1 and locked_until < $1")).bind(older_than.0).execute(&mut **tx).await?;
    Ok(())
}

fn refusal(left_ms: i64) -> Error {
    let seconds = (left_ms + 999) / 1000;
    let wait = match seconds {
        ..60 => format!("{seconds} 秒"),
        60..=5400 => format!("{} 分钟", (seconds + 59) / 60),
        _ => format!("{} 小时", (seconds + 3599) / 3600),
    };
    Error::TooMany { retry_after_s: seconds, message: format!("操作太频繁，请 {wait}后再试。").into() }
}
