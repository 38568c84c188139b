//! SQL on `message_templates` and `message_batches`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// A text that is kept to be used again.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Template {
    pub public_ref: String,
    pub title: String,
    pub body: String,
}

/// A message to one or many.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Batch {
    pub id: i64,
    pub public_ref: String,
    pub account: Option<i64>,
    pub exam: Option<i64>,
    pub states: String,
    pub subject: Option<i64>,
    pub candidate_type: String,
    pub major: String,
    pub title: String,
    pub body: String,
    pub with_sms: i64,
    pub state: String,
    pub expected: i64,
    pub told: i64,
    pub run_at: i64,
    pub created_at: i64,
    pub created_by: i64,
    pub created_name: String,
    pub done_at: Option<i64>,
}

/// By title.
pub async fn templates(conn: &mut Conn, limit: i64) -> Result<Vec<Template>> {
    Ok(sqlx::query_as(sql!("select ref as public_ref, title, body from message_templates order by title, id limit $1"))
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// Keeps a text; one with the same title is replaced.
pub async fn keep_template(tx: &mut Tx, id: i64, reference: &str, title: &str, body: &str, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from message_templates where title = $1")).bind(title).execute(&mut **tx).await?;
    sqlx::query(sql!("insert into message_templates (id, ref, title, body, updated_at) values ($1, $2, $3, $4, $5)"))
        .bind(id)
        .bind(reference)
        .bind(title)
        .bind(body)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Writes one; `false` when this form was sent before.
pub async fn insert(tx: &mut Tx, batch: &Batch) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into message_batches (id, ref, account, exam, states, subject, candidate_type, major, title, body, with_sms, state, expected, told, run_at, created_at, created_by, created_name)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $16, $17) on conflict (ref) do nothing"
    ))
    .bind(batch.id)
    .bind(batch.public_ref.clone())
    .bind(batch.account)
    .bind(batch.exam)
    .bind(batch.states.clone())
    .bind(batch.subject)
    .bind(batch.candidate_type.clone())
    .bind(batch.major.clone())
    .bind(batch.title.clone())
    .bind(batch.body.clone())
    .bind(batch.with_sms)
    .bind(batch.state.clone())
    .bind(batch.expected)
    .bind(batch.run_at)
    .bind(batch.created_at)
    .bind(batch.created_by)
    .bind(batch.created_name.clone())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<Batch>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, exam, states, subject, candidate_type, major, title, body, with_sms, state, expected, told, run_at, created_at, created_by, created_name, done_at
         from message_batches where id = $1"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?)
}

/// By public reference.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Option<Batch>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, exam, states, subject, candidate_type, major, title, body, with_sms, state, expected, told, run_at, created_at, created_by, created_name, done_at
         from message_batches where ref = $1"
    ))
    .bind(reference)
    .fetch_optional(conn)
    .await?)
}

/// Newest first, below an id.
pub async fn list(conn: &mut Conn, below: i64, limit: i64) -> Result<Vec<Batch>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, exam, states, subject, candidate_type, major, title, body, with_sms, state, expected, told, run_at, created_at, created_by, created_name, done_at
         from message_batches where id < $1 order by id desc limit $2"
    ))
    .bind(below)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Counts who was told now; `false` when it is not to go on.
pub async fn go_on(tx: &mut Tx, id: i64, told: i64) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update message_batches set state = 'running', told = told + $1 where id = $2 and state in ('planned', 'running')"
    ))
    .bind(told)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends one that is open; `false` when it has ended.
pub async fn end(tx: &mut Tx, id: i64, state: &str, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!("update message_batches set state = $1, done_at = $2 where id = $3 and state in ('planned', 'running')"))
        .bind(state)
        .bind(now.0)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}
