//! SQL on `sms_outbox` and `sms_days`. Texts carry codes and phones, so they are sealed, and old rows go.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// A row, sealed: `phone_enc`, `text_enc` and `values_enc`.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Row {
    pub id: i64,
    pub public_ref: String,
    pub phone_enc: Vec<u8>,
    pub text_enc: Vec<u8>,
    pub values_enc: Vec<u8>,
    pub kind: String,
    pub account: i64,
    pub batch: i64,
    pub state: String,
    pub tries: i64,
    pub provider: String,
    pub answer: String,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub changed_at: i64,
}

/// Writes one.
pub async fn insert(tx: &mut Tx, row: &Row) -> Result<()> {
    sqlx::query(sql!(
        "insert into sms_outbox (id, ref, phone_enc, text_enc, values_enc, kind, account, batch, state, tries, provider, provider_ref, answer, created_at, expires_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, '', '', $11, $12, $11)"
    ))
    .bind(row.id)
    .bind(row.public_ref.clone())
    .bind(row.phone_enc.clone())
    .bind(row.text_enc.clone())
    .bind(row.values_enc.clone())
    .bind(row.kind.clone())
    .bind(row.account)
    .bind(row.batch)
    .bind(row.state.clone())
    .bind(row.provider.clone())
    .bind(row.created_at)
    .bind(row.expires_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<Row>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, phone_enc, text_enc, values_enc, kind, account, batch, state, tries, provider, answer, created_at, expires_at, changed_at
         from sms_outbox where id = $1"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?)
}

/// By public reference.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Option<Row>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, phone_enc, text_enc, values_enc, kind, account, batch, state, tries, provider, answer, created_at, expires_at, changed_at
         from sms_outbox where ref = $1"
    ))
    .bind(reference)
    .fetch_optional(conn)
    .await?)
}

/// Newest first, for the demo's page.
pub async fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<Row>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, phone_enc, text_enc, values_enc, kind, account, batch, state, tries, provider, answer, created_at, expires_at, changed_at
         from sms_outbox order by created_at desc, id desc limit $1"
    ))
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Of a state, newest first, below an id.
pub async fn in_state(conn: &mut Conn, state: &str, below: i64, limit: i64) -> Result<Vec<Row>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, phone_enc, text_enc, values_enc, kind, account, batch, state, tries, provider, answer, created_at, expires_at, changed_at
         from sms_outbox where state = $1 and id < $2 order by id desc limit $3"
    ))
    .bind(state)
    .bind(below)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Every state, newest first, below an id.
pub async fn below(conn: &mut Conn, below: i64, limit: i64) -> Result<Vec<Row>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, phone_enc, text_enc, values_enc, kind, account, batch, state, tries, provider, answer, created_at, expires_at, changed_at
         from sms_outbox where id < $1 order by id desc limit $2"
    ))
    .bind(below)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// How many of a batch are in each state.
pub async fn of_batch(conn: &mut Conn, batch: i64) -> Result<Vec<(String, i64)>> {
    Ok(sqlx::query_as(sql!("select state, cast(count(*) as bigint) from sms_outbox where batch = $1 group by state order by state"))
        .bind(batch)
        .fetch_all(conn)
        .await?)
}

/// Takes a row from one state to another; `false` when it is not in the first any more.
pub async fn step(tx: &mut Tx, id: i64, from: &str, to: &str, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!("update sms_outbox set state = $1, changed_at = $2 where id = $3 and state = $4"))
        .bind(to)
        .bind(now.0)
        .bind(id)
        .bind(from)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// What came of a try.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Tried<'a> {
    pub state: &'a str,
    pub provider: &'a str,
    pub provider_ref: &'a str,
    pub answer: &'a str,
}

/// Writes what came of the try in hand.
pub async fn tried(tx: &mut Tx, id: i64, tried: &Tried<'_>, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "update sms_outbox set state = $1, tries = tries + 1, provider = $2, provider_ref = $3, answer = $4, changed_at = $5 where id = $6 and state = 'sending'"
    ))
    .bind(tried.state)
    .bind(tried.provider)
    .bind(tried.provider_ref)
    .bind(tried.answer)
    .bind(now.0)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Begins anew what failed, or may have; `false` when it has not.
pub async fn again(tx: &mut Tx, id: i64, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update sms_outbox set state = 'queued', tries = 0, answer = '', created_at = $1, changed_at = $1 where id = $2 and state in ('failed', 'unknown')"
    ))
    .bind(now.0)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a provider's report. One about something else, or that comes twice, changes nothing.
pub async fn reported(tx: &mut Tx, provider: &str, reference: &str, state: &str, answer: &str, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "update sms_outbox set state = $1, answer = $2, changed_at = $3 where provider_ref = $4 and provider_ref <> '' and provider = $5 and state = 'sent'"
    ))
    .bind(state)
    .bind(answer)
    .bind(now.0)
    .bind(reference)
    .bind(provider)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes a place among those of the day; `false` when all are taken. `limit` 0: there is none.
pub async fn take_place(tx: &mut Tx, day: &str, limit: i64) -> Result<bool> {
    sqlx::query(sql!("insert into sms_days (day, sent) values ($1, 0) on conflict (day) do nothing")).bind(day).execute(&mut **tx).await?;
    let done = sqlx::query(sql!("update sms_days set sent = sent + 1 where day = $1 and ($2 = 0 or sent < $2)"))
        .bind(day)
        .bind(limit)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// How many places of a day are taken.
pub async fn sent_on(conn: &mut Conn, day: &str) -> Result<i64> {
    let row: Option<(i64,)> = sqlx::query_as(sql!("select sent from sms_days where day = $1")).bind(day).fetch_optional(conn).await?;
    Ok(row.map_or(0, |(sent,)| sent))
}

/// Removes what is older: codes before the others.
pub async fn purge(tx: &mut Tx, codes_before: UnixMs, others_before: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from sms_outbox where created_at < $1 and (kind = 'code' or created_at < $2)"))
        .bind(codes_before.0)
        .bind(others_before.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Removes what went to an account that closes.
pub async fn delete_all(tx: &mut Tx, account: i64) -> Result<()> {
    sqlx::query(sql!("delete from sms_outbox where account = $1")).bind(account).execute(&mut **tx).await?;
    Ok(())
}

/// Stops what of a batch is still waiting.
pub async fn stop_batch(tx: &mut Tx, batch: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "update sms_outbox set state = 'expired', answer = '已取消。', changed_at = $1 where batch = $2 and state = 'queued'"
    ))
    .bind(now.0)
    .bind(batch)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
