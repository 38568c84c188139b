//! SQL on `messages`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// A message to a candidate.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Message {
    pub id: i64,
    pub public_ref: String,
    pub title: String,
    pub body: String,
    pub link: String,
    pub created_at: i64,
    pub read_at: Option<i64>,
}

impl Message {
    /// When it was written, as pages show it.
    pub fn at_words(&self) -> String {
        UnixMs(self.created_at).words()
    }

    /// Whether the candidate has opened it.
    pub fn is_read(&self) -> bool {
        self.read_at.is_some()
    }
}

/// How many messages are not read.
pub async fn unread(conn: &mut Conn, account: i64) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(sql!("select cast(count(*) as bigint) from messages where account = $1 and read_at is null"))
        .bind(account)
        .fetch_one(conn)
        .await?;
    Ok(count)
}

/// Newest first, below `before` (a row id, exclusive).
pub async fn list(conn: &mut Conn, account: i64, before: i64, limit: i64) -> Result<Vec<Message>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, title, body, link, created_at, read_at from messages where account = $1 and id < $2 order by id desc limit $3"
    ))
    .bind(account)
    .bind(before)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// What was written to an account about the thing with this address, newest first: when, title, and when it was read.
pub async fn about(conn: &mut Conn, account: i64, link: &str, limit: i64) -> Result<Vec<(i64, String, Option<i64>)>> {
    Ok(sqlx::query_as(sql!(
        "select created_at, title, read_at from messages where account = $1 and (link = $2 or link like $3) order by id desc limit $4"
    ))
    .bind(account)
    .bind(link.to_owned())
    .bind(format!("{link}/%"))
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// One message of this account.
pub async fn find(conn: &mut Conn, account: i64, reference: &str) -> Result<Option<Message>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, title, body, link, created_at, read_at from messages where ref = $1 and account = $2"
    ))
    .bind(reference.to_owned())
    .bind(account)
    .fetch_optional(conn)
    .await?)
}

/// Writes a message under the id of the job that delivers it; `false` when it is there already.
pub async fn insert(tx: &mut Tx, message: &Message, account: i64) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into messages (id, ref, account, title, body, link, created_at) values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing"
    ))
    .bind(message.id)
    .bind(message.public_ref.clone())
    .bind(account)
    .bind(message.title.clone())
    .bind(message.body.clone())
    .bind(message.link.clone())
    .bind(message.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Marks one message read.
pub async fn mark_read(tx: &mut Tx, account: i64, id: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update messages set read_at = $1 where id = $2 and account = $3 and read_at is null"))
        .bind(now.0)
        .bind(id)
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Marks all messages read.
pub async fn mark_all_read(tx: &mut Tx, account: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update messages set read_at = $1 where account = $2 and read_at is null"))
        .bind(now.0)
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Removes all messages: the account closes.
pub async fn delete_all(tx: &mut Tx, account: i64) -> Result<()> {
    sqlx::query(sql!("delete from messages where account = $1")).bind(account).execute(&mut **tx).await?;
    Ok(())
}
