//! SQL on `signup_drafts`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// The sealed draft behind a token, while it lasts.
pub async fn find(conn: &mut Conn, token_hash: &[u8], now: UnixMs) -> Result<Option<Vec<u8>>> {
    let row: Option<(Vec<u8>,)> = sqlx::query_as(sql!("select data_enc from signup_drafts where token_hash = $1 and expires_at > $2"))
        .bind(token_hash.to_vec())
        .bind(now.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|(data,)| data))
}

/// Writes a draft over the one before.
pub async fn save(tx: &mut Tx, token_hash: &[u8], data_enc: Vec<u8>, now: UnixMs, expires_at: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "insert into signup_drafts (token_hash, data_enc, created_at, expires_at) values ($1, $2, $3, $4)
         on conflict (token_hash) do update set data_enc = excluded.data_enc, expires_at = excluded.expires_at"
    ))
    .bind(token_hash.to_vec())
    .bind(data_enc)
    .bind(now.0)
    .bind(expires_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes a draft; `false` when it is gone already, so that one draft makes one account.
pub async fn delete(tx: &mut Tx, token_hash: &[u8]) -> Result<bool> {
    let done = sqlx::query(sql!("delete from signup_drafts where token_hash = $1")).bind(token_hash.to_vec()).execute(&mut **tx).await?;
    Ok(done.rows_affected() == 1)
}

/// Removes what has expired.
pub async fn purge(tx: &mut Tx, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from signup_drafts where expires_at <= $1")).bind(now.0).execute(&mut **tx).await?;
    Ok(())
}
