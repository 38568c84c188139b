//! SQL on `sms_gates` and `sms_codes`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// Lets one through in `interval_s` and locks the row until the transaction ends; `false` when it is too early.
pub async fn pass_gate(tx: &mut Tx, key: &[u8], now: UnixMs, interval_s: i64) -> Result<bool> {
    let passed: Option<(i64,)> = sqlx::query_as(sql!(
        "insert into sms_gates (key, sent_at) values ($1, $2)
         on conflict (key) do update set sent_at = excluded.sent_at where sms_gates.sent_at <= $3 returning sent_at"
    ))
    .bind(key.to_vec())
    .bind(now.0)
    .bind(now.plus_s(-interval_s).0)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(passed.is_some())
}

/// When the gate last let one through.
pub async fn gate_passed_at(conn: &mut Conn, key: &[u8]) -> Result<Option<UnixMs>> {
    let at: Option<(i64,)> =
        sqlx::query_as(sql!("select sent_at from sms_gates where key = $1")).bind(key.to_vec()).fetch_optional(conn).await?;
    Ok(at.map(|(at,)| UnixMs(at)))
}

/// Locks a gate's row, so that what is counted under it cannot be counted twice at once.
pub async fn lock_gate(tx: &mut Tx, key: &[u8]) -> Result<()> {
    sqlx::query(sql!("update sms_gates set sent_at = sent_at where key = $1")).bind(key.to_vec()).execute(&mut **tx).await?;
    Ok(())
}

/// When the codes to a phone were written since `since`, newest first.
pub async fn sent_to_phone(conn: &mut Conn, phone_hash: &[u8], since: UnixMs) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as(sql!(
        "select created_at from sms_codes where phone_hash = $1 and created_at > $2 order by created_at desc limit 20"
    ))
    .bind(phone_hash.to_vec())
    .bind(since.0)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(at,)| at).collect())
}

/// When the codes for a subject were written since `since`, newest first.
pub async fn sent_for_subject(conn: &mut Conn, subject_hash: &[u8], since: UnixMs) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as(sql!(
        "select created_at from sms_codes where subject_hash = $1 and created_at > $2 order by created_at desc limit 20"
    ))
    .bind(subject_hash.to_vec())
    .bind(since.0)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(at,)| at).collect())
}

/// A code to be written.
#[derive(Debug)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct NewCode {
    pub id: i64,
    pub purpose: &'static str,
    pub subject_hash: Vec<u8>,
    pub phone_hash: Vec<u8>,
    pub code_hash: Vec<u8>,
    pub challenge_hash: Vec<u8>,
    pub created_at: UnixMs,
    pub expires_at: UnixMs,
}

/// Replaces the subject's codes by a new one; `false` when its challenge has served already.
pub async fn replace(tx: &mut Tx, code: NewCode) -> Result<bool> {
    sqlx::query(sql!("update sms_codes set closed_at = $1 where subject_hash = $2 and closed_at is null"))
        .bind(code.created_at.0)
        .bind(code.subject_hash.clone())
        .execute(&mut **tx)
        .await?;
    let done = sqlx::query(sql!(
        "insert into sms_codes (id, purpose, subject_hash, phone_hash, code_hash, challenge_hash, tries, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, 0, $7, $8) on conflict (challenge_hash) do nothing"
    ))
    .bind(code.id)
    .bind(code.purpose)
    .bind(code.subject_hash)
    .bind(code.phone_hash)
    .bind(code.code_hash)
    .bind(code.challenge_hash)
    .bind(code.created_at.0)
    .bind(code.expires_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A subject's open code.
#[derive(Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct OpenCode {
    pub id: i64,
    pub code_hash: Vec<u8>,
    pub tries: i64,
    pub expires_at: i64,
}

/// Counts a try on the subject's open code and returns it, tries included.
pub async fn try_open(tx: &mut Tx, purpose: &str, subject_hash: &[u8]) -> Result<Option<OpenCode>> {
    Ok(sqlx::query_as(sql!(
        "update sms_codes set tries = tries + 1 where purpose = $1 and subject_hash = $2 and closed_at is null
         returning id, code_hash, tries, expires_at"
    ))
    .bind(purpose.to_owned())
    .bind(subject_hash.to_vec())
    .fetch_optional(&mut **tx)
    .await?)
}

/// Takes back the count of a right try.
pub async fn forgive_try(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query(sql!("update sms_codes set tries = tries - 1 where id = $1")).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Uses a code up; `false` when it was used or replaced meanwhile.
pub async fn close(tx: &mut Tx, id: i64, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!("update sms_codes set closed_at = $1 where id = $2 and closed_at is null"))
        .bind(now.0)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes what no limit looks at any more.
pub async fn purge(tx: &mut Tx, older_than: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from sms_codes where created_at < $1")).bind(older_than.0).execute(&mut **tx).await?;
    sqlx::query(sql!("delete from sms_gates where sent_at < $1")).bind(older_than.0).execute(&mut **tx).await?;
    Ok(())
}
