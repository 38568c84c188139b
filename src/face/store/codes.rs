//! SQL on `face_codes`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// A code that can be used now.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct OpenCode {
    pub id: i64,
    pub code_hash: Vec<u8>,
    pub issued_by: i64,
    pub tries: i64,
}

/// Writes a code.
pub async fn insert(tx: &mut Tx, id: i64, registration: i64, hash: Vec<u8>, by: i64, now: UnixMs, until: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "insert into face_codes (id, registration, code_hash, issued_by, tries, created_at, expires_at) values ($1, $2, $3, $4, 0, $5, $6)"
    ))
    .bind(id)
    .bind(registration)
    .bind(hash)
    .bind(by)
    .bind(now.0)
    .bind(until.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends every open code of a registration.
pub async fn close_all(tx: &mut Tx, registration: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update face_codes set closed_at = $1 where registration = $2 and closed_at is null"))
        .bind(now.0)
        .bind(registration)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The open code of a registration.
pub async fn open(conn: &mut Conn, registration: i64, now: UnixMs) -> Result<Option<OpenCode>> {
    Ok(sqlx::query_as(sql!(
        "select id, code_hash, issued_by, tries from face_codes where registration = $1 and closed_at is null and expires_at > $2
         order by id desc limit 1"
    ))
    .bind(registration)
    .bind(now.0)
    .fetch_optional(conn)
    .await?)
}

/// How the newest code of a registration stands.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct LastCode {
    pub tries: i64,
    pub closed_at: Option<i64>,
}

/// The newest code of a registration, whether it can be used or not.
pub async fn newest(conn: &mut Conn, registration: i64) -> Result<Option<LastCode>> {
    Ok(sqlx::query_as(sql!("select tries, closed_at from face_codes where registration = $1 order by id desc limit 1"))
        .bind(registration)
        .fetch_optional(conn)
        .await?)
}

/// Counts a wrong code; at `most` of them it ends. Returns how many there were, this one included.
pub async fn count_wrong(tx: &mut Tx, id: i64, most: i64, now: UnixMs) -> Result<i64> {
    let (tries,): (i64,) = sqlx::query_as(sql!(
        "update face_codes set tries = tries + 1, closed_at = case when tries + 1 >= $1 then $2 else closed_at end where id = $3 returning tries"
    ))
    .bind(most)
    .bind(now.0)
    .bind(id)
    .fetch_one(&mut **tx)
    .await?;
    Ok(tries)
}

/// Uses a code; `false` when somebody was faster.
pub async fn close(tx: &mut Tx, id: i64, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!("update face_codes set closed_at = $1 where id = $2 and closed_at is null"))
        .bind(now.0)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}
