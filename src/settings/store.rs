//! SQL on `settings` and `settings_head`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;

/// How often settings were changed.
pub async fn version(conn: &mut Conn) -> Result<i64> {
    let (version,): (i64,) = sqlx::query_as(sql!("select version from settings_head where id = 1")).fetch_one(conn).await?;
    Ok(version)
}

/// Every group: name, JSON, sealed secret.
pub async fn all(conn: &mut Conn) -> Result<Vec<(String, String, Vec<u8>)>> {
    Ok(sqlx::query_as(sql!("select name, value, secret_enc from settings")).fetch_all(conn).await?)
}

/// Counts a change; whoever changes settings at the same time waits here.
pub async fn grow(tx: &mut Tx) -> Result<i64> {
    let (version,): (i64,) =
        sqlx::query_as(sql!("update settings_head set version = version + 1 where id = 1 returning version")).fetch_one(&mut **tx).await?;
    Ok(version)
}

/// Writes a group; `None` leaves its secret.
pub async fn put(tx: &mut Tx, name: &str, value: &str, secret_enc: Option<Vec<u8>>) -> Result<()> {
    sqlx::query(sql!(
        "insert into settings (name, value, secret_enc) values ($1, $2, $3)
         on conflict (name) do update set value = excluded.value, secret_enc = case when $4 = 1 then excluded.secret_enc else settings.secret_enc end"
    ))
    .bind(name)
    .bind(value)
    .bind(secret_enc.clone().unwrap_or_default())
    .bind(i64::from(secret_enc.is_some()))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
