//! SQL on `sms_outbox`. Texts carry codes and phones, so both are sealed, and old rows go.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// A row, sealed: `phone_enc` and `text_enc`.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Row {
    pub id: i64,
    pub phone_enc: Vec<u8>,
    pub text_enc: Vec<u8>,
    pub created_at: i64,
}

/// Writes one that is sent at once.
pub async fn insert(tx: &mut Tx, row: &Row) -> Result<()> {
    sqlx::query(sql!("insert into sms_outbox (id, phone_enc, text_enc, created_at, sent_at) values ($1, $2, $3, $4, $4)"))
        .bind(row.id)
        .bind(row.phone_enc.clone())
        .bind(row.text_enc.clone())
        .bind(row.created_at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Newest first.
pub async fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<Row>> {
    Ok(sqlx::query_as(sql!("select id, phone_enc, text_enc, created_at from sms_outbox order by created_at desc, id desc limit $1"))
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// Removes what is older.
pub async fn purge(tx: &mut Tx, older_than: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from sms_outbox where created_at < $1")).bind(older_than.0).execute(&mut **tx).await?;
    Ok(())
}
