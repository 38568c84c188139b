//! SQL on `identity_holders`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;

/// Keeps a permit of an account.
pub async fn keep(tx: &mut Tx, account: i64, permit: Vec<u8>) -> Result<()> {
    sqlx::query(sql!("insert into identity_holders (account, permit_hash) values ($1, $2) on conflict do nothing"))
        .bind(account)
        .bind(permit)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Other accounts with one of this account's permits: name and public reference.
pub async fn others(conn: &mut Conn, account: i64) -> Result<Vec<(String, String)>> {
    Ok(sqlx::query_as(sql!(
        "select distinct a.name, a.ref from identity_holders mine join identity_holders theirs on theirs.permit_hash = mine.permit_hash
         join accounts a on a.id = theirs.account where mine.account = $1 and theirs.account <> $1 and a.deleted_at is null order by a.ref limit 10"
    ))
    .bind(account)
    .fetch_all(conn)
    .await?)
}

/// Removes an account's.
pub async fn forget(tx: &mut Tx, account: i64) -> Result<()> {
    sqlx::query(sql!("delete from identity_holders where account = $1")).bind(account).execute(&mut **tx).await?;
    Ok(())
}
