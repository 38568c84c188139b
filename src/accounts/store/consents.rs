//! SQL on `consents`.

use crate::accounts::{Consent, ConsentKind};
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    version: i64,
    text_hash: Vec<u8>,
    given_at: i64,
    withdrawn_at: Option<i64>,
    address: String,
}

impl Row {
    fn read(self) -> Option<Consent> {
        let kind = ConsentKind::parse(&self.kind)?;
        Some(Consent {
            id: self.id,
            kind,
            version: self.version,
            text_hash: self.text_hash,
            address: self.address,
            given_at: UnixMs(self.given_at),
            withdrawn_at: self.withdrawn_at.map(UnixMs),
        })
    }
}

/// The consent that holds now, if one does.
pub async fn current(conn: &mut Conn, account: i64, kind: ConsentKind) -> Result<Option<Consent>> {
    let row: Option<Row> = sqlx::query_as(sql!(
        "select id, kind, version, text_hash, given_at, withdrawn_at, address from consents where account = $1 and kind = $2 and withdrawn_at is null
         order by given_at desc, id desc limit 1"
    ))
    .bind(account)
    .bind(kind.code())
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(Row::read))
}

/// Every receipt, newest first.
pub async fn list(conn: &mut Conn, account: i64) -> Result<Vec<Consent>> {
    let rows: Vec<Row> = sqlx::query_as(sql!(
        "select id, kind, version, text_hash, given_at, withdrawn_at, address from consents where account = $1 order by given_at desc, id desc limit 200"
    ))
    .bind(account)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

/// Writes a receipt.
#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
pub async fn insert(
    tx: &mut Tx,
    id: i64,
    account: i64,
    kind: ConsentKind,
    version: i64,
    text_hash: Vec<u8>,
    address: &str,
    now: UnixMs,
) -> Result<()> {
    sqlx::query(sql!(
        "insert into consents (id, account, kind, version, text_hash, given_at, address) values ($1, $2, $3, $4, $5, $6, $7)"
    ))
    .bind(id)
    .bind(account)
    .bind(kind.code())
    .bind(version)
    .bind(text_hash)
    .bind(now.0)
    .bind(address.to_owned())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Marks the held receipts of a kind as withdrawn; how many there were.
pub async fn close(tx: &mut Tx, account: i64, kind: ConsentKind, now: UnixMs) -> Result<u64> {
    let done = sqlx::query(sql!("update consents set withdrawn_at = $1 where account = $2 and kind = $3 and withdrawn_at is null"))
        .bind(now.0)
        .bind(account)
        .bind(kind.code())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}
