//! SQL on `face_templates` and `face_matches`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::face::CheckState;
use crate::sql;
use crate::types::UnixMs;

/// Up to where changes are known: a change's number and an account, because a change may be of many.
pub type Position = (i64, i64);

/// A change: whose, its number, and the sealed template (`None`: deleted).
#[derive(Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Change {
    pub account: i64,
    pub seq: i64,
    pub template_enc: Option<Vec<u8>>,
}

/// Begins a change and returns its number. Until the commit nobody else begins one, so that numbers are seen in their order.
pub async fn begin(tx: &mut Tx) -> Result<i64> {
    let (seq,): (i64,) =
        sqlx::query_as(sql!("update face_template_head set seq = seq + 1 where id = 1 returning seq")).fetch_one(&mut **tx).await?;
    Ok(seq)
}

/// Changes after a position, in their order.
pub async fn after(conn: &mut Conn, (seq, account): Position, limit: i64) -> Result<Vec<Change>> {
    Ok(sqlx::query_as(sql!(
        "select account, seq, template_enc from face_templates where seq > $1 or seq = $1 and account > $2 order by seq, account limit $3"
    ))
    .bind(seq)
    .bind(account)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Stores an account's template under a change.
pub async fn put(tx: &mut Tx, account: i64, seq: i64, sealed: Vec<u8>, now: UnixMs, until: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "insert into face_templates (account, seq, template_enc, changed_at, expires_at) values ($1, $2, $3, $4, $5)
         on conflict (account) do update set seq = $2, template_enc = $3, changed_at = $4, expires_at = $5"
    ))
    .bind(account)
    .bind(seq)
    .bind(sealed)
    .bind(now.0)
    .bind(until.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether an account's face is stored.
pub async fn has(conn: &mut Conn, account: i64) -> Result<bool> {
    let row: Option<(i64,)> = sqlx::query_as(sql!("select account from face_templates where account = $1 and template_enc is not null"))
        .bind(account)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Deletes an account's template under a change.
pub async fn forget(tx: &mut Tx, account: i64, seq: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update face_templates set template_enc = null, seq = $1, changed_at = $2 where account = $3"))
        .bind(seq)
        .bind(now.0)
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether templates are stored whose time ends before `until`.
pub async fn has_expired(conn: &mut Conn, until: UnixMs) -> Result<bool> {
    let row: Option<(i64,)> =
        sqlx::query_as(sql!("select account from face_templates where template_enc is not null and expires_at <= $1 limit 1"))
            .bind(until.0)
            .fetch_optional(conn)
            .await?;
    Ok(row.is_some())
}

/// Deletes the templates whose time ends before `until`, under a change.
pub async fn forget_expired(tx: &mut Tx, until: UnixMs, seq: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "update face_templates set template_enc = null, seq = $1, changed_at = $2 where template_enc is not null and expires_at <= $3"
    ))
    .bind(seq)
    .bind(now.0)
    .bind(until.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How many faces are stored.
pub async fn count(conn: &mut Conn) -> Result<i64> {
    let (count,): (i64,) =
        sqlx::query_as(sql!("select cast(count(*) as bigint) from face_templates where template_enc is not null")).fetch_one(conn).await?;
    Ok(count)
}

/// Another account whose stored face a check's face is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Match {
    /// Whose.
    pub account: i64,
    /// Cosine in ten-thousandths.
    pub similarity: i64,
}

/// Writes what a check's face is like.
pub async fn add_match(tx: &mut Tx, check: i64, found: Match) -> Result<()> {
    sqlx::query(sql!(
        "insert into face_matches (check_id, account, similarity) values ($1, $2, $3) on conflict (check_id, account) do nothing"
    ))
    .bind(check)
    .bind(found.account)
    .bind(found.similarity)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What a check's face is like, the most alike first.
pub async fn matches(conn: &mut Conn, check: i64) -> Result<Vec<Match>> {
    Ok(sqlx::query_as(sql!("select account, similarity from face_matches where check_id = $1 order by similarity desc, account limit 20"))
        .bind(check)
        .fetch_all(conn)
        .await?)
}

/// Forgets what a check's face is like.
pub async fn forget_matches(tx: &mut Tx, check: i64) -> Result<()> {
    sqlx::query(sql!("delete from face_matches where check_id = $1")).bind(check).execute(&mut **tx).await?;
    Ok(())
}

/// Whether a person has already looked at these two and approved one beside the other: twins are shown once.
pub async fn is_settled(conn: &mut Conn, one: i64, other: i64) -> Result<bool> {
    let row: Option<(i64,)> = sqlx::query_as(sql!(
        "select c.id from face_matches m join face_checks c on c.id = m.check_id
         where c.state = $1 and (m.account = $2 and c.account = $3 or m.account = $3 and c.account = $2) limit 1"
    ))
    .bind(CheckState::Approved.code())
    .bind(one)
    .bind(other)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}
