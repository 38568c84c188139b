//! What belongs to a whole installation: which master key its data was written with, and whether it is a demo. One row.

use super::{Conn, Tx};
use crate::error::Result;
use crate::sql;

/// The keyed hash that the master key must give; `None` before the first start.
pub async fn key_check(conn: &mut Conn) -> Result<Option<Vec<u8>>> {
    let row: Option<(Vec<u8>,)> = sqlx::query_as(sql!("select key_check from installation where id = 1")).fetch_optional(conn).await?;
    Ok(row.map(|(check,)| check))
}

/// Writes the first start's key check; one that is there already stays.
pub async fn begin(tx: &mut Tx, key_check: &[u8]) -> Result<()> {
    sqlx::query(sql!("insert into installation (id, key_check, is_demo) values (1, $1, 0) on conflict (id) do nothing"))
        .bind(key_check.to_vec())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether the demo filled it.
pub async fn is_demo(conn: &mut Conn) -> Result<bool> {
    let row: Option<(i64,)> = sqlx::query_as(sql!("select is_demo from installation where id = 1")).fetch_optional(conn).await?;
    Ok(row == Some((1,)))
}

/// Tells the planner how large the tables have become: after filling them by the million.
pub async fn analyze(conn: &mut Conn) -> Result<()> {
    sqlx::query(sql!("analyze")).execute(conn).await?;
    Ok(())
}

/// Marks it as a demo, for good.
pub async fn mark_demo(tx: &mut Tx) -> Result<()> {
    sqlx::query(sql!("update installation set is_demo = 1 where id = 1")).execute(&mut **tx).await?;
    Ok(())
}
