//! SQL that writes `accounts` and `account_names`.

use super::{DOCUMENT, PHONE};
use crate::app::App;
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::{DocumentNumber, PersonName, Phone, Region, UnixMs};

/// An account to be written.
#[derive(Debug)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct NewRow<'a> {
    pub region: Region,
    pub number: &'a DocumentNumber,
    pub name: &'a PersonName,
    pub phone: &'a Phone,
    pub password_hash: String,
    pub candidate_type: String,
    pub major: String,
}

/// Writes an account; `None` when the number has one already.
pub async fn insert(app: &App, tx: &mut Tx, new: NewRow<'_>) -> Result<Option<i64>> {
    let now = app.clock.now();
    let id = app.ids.make(now);
    let done = sqlx::query(sql!(
        "insert into accounts (id, ref, region, document_kind, document_enc, document_hash, name, name_version, phone_enc, phone_hash, password,
                               candidate_type, major, real_name_state, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11, $12, 'none', $13) on conflict (document_hash) do nothing"
    ))
    .bind(id)
    .bind(app.keys.token()?)
    .bind(new.region.code())
    .bind(new.number.kind().code())
    .bind(app.keys.seal_text(DOCUMENT, new.number.text())?)
    .bind(app.keys.lookup(DOCUMENT, &new.number.account_key()))
    .bind(new.name.as_str().to_owned())
    .bind(app.keys.seal_text(PHONE, new.phone.as_str())?)
    .bind(app.keys.lookup(PHONE, new.phone.as_str()))
    .bind(new.password_hash)
    .bind(new.candidate_type)
    .bind(new.major)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    add_name(tx, id, 1, new.name.as_str(), now).await?;
    Ok(Some(id))
}

async fn add_name(tx: &mut Tx, account: i64, version: i64, name: &str, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("insert into account_names (account, version, name, since) values ($1, $2, $3, $4)"))
        .bind(account)
        .bind(version)
        .bind(name.to_owned())
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The names an account had, oldest first, with the moment from which each counted.
pub async fn names(conn: &mut Conn, account: i64) -> Result<Vec<(String, i64)>> {
    Ok(sqlx::query_as(sql!("select name, since from account_names where account = $1 order by version limit 100"))
        .bind(account)
        .fetch_all(conn)
        .await?)
}

/// How many accounts a phone serves.
pub async fn count_by_phone(app: &App, conn: &mut Conn, phone: &Phone) -> Result<i64> {
    let (count,): (i64,) =
        sqlx::query_as(sql!("select cast(count(*) as bigint) from accounts where phone_hash = $1 and deleted_at is null"))
            .bind(app.keys.lookup(PHONE, phone.as_str()))
            .fetch_one(conn)
            .await?;
    Ok(count)
}

/// Changes the name: a new version, to which no real-name check belongs yet. The portrait of the former check goes; its picture is the caller's to delete.
pub async fn set_name(tx: &mut Tx, account: i64, name: &str, now: UnixMs) -> Result<i64> {
    let (version,): (i64,) = sqlx::query_as(sql!(
        "update accounts set name = $1, name_version = name_version + 1, real_name_state = 'none', verified_at = null, portrait_picture = null
         where id = $2 and deleted_at is null returning name_version"
    ))
    .bind(name.to_owned())
    .bind(account)
    .fetch_one(&mut **tx)
    .await?;
    add_name(tx, account, version, name, now).await?;
    Ok(version)
}

/// Changes type and major.
pub async fn set_studies(tx: &mut Tx, account: i64, candidate_type: &str, major: &str) -> Result<()> {
    sqlx::query(sql!("update accounts set candidate_type = $1, major = $2 where id = $3 and deleted_at is null"))
        .bind(candidate_type.to_owned())
        .bind(major.to_owned())
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Changes the phone.
pub async fn set_phone(app: &App, tx: &mut Tx, account: i64, phone: &Phone) -> Result<()> {
    sqlx::query(sql!("update accounts set phone_enc = $1, phone_hash = $2 where id = $3 and deleted_at is null"))
        .bind(app.keys.seal_text(PHONE, phone.as_str())?)
        .bind(app.keys.lookup(PHONE, phone.as_str()))
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Changes the password.
pub async fn set_password(tx: &mut Tx, account: i64, hash: String) -> Result<()> {
    sqlx::query(sql!("update accounts set password = $1 where id = $2 and deleted_at is null"))
        .bind(hash)
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether this is still the password's hash; if so, it is until the transaction ends. Between the check of a password and what it allows, a reset may
/// have replaced it and ended every session.
pub async fn hold_password(tx: &mut Tx, account: i64, hash: &str) -> Result<bool> {
    let done = sqlx::query(sql!("update accounts set password = password where id = $1 and password = $2 and deleted_at is null"))
        .bind(account)
        .bind(hash.to_owned())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Corrects the document number. The next name version makes every check of the former number void.
pub async fn set_document(app: &App, tx: &mut Tx, account: i64, region: Region, number: &DocumentNumber) -> Result<()> {
    let now = app.clock.now();
    let (version, name): (i64, String) = sqlx::query_as(sql!(
        "update accounts set region = $1, document_kind = $2, document_enc = $3, document_hash = $4, name_version = name_version + 1,
                real_name_state = 'none', verified_at = null, portrait_picture = null
         where id = $5 and deleted_at is null returning name_version, name"
    ))
    .bind(region.code())
    .bind(number.kind().code())
    .bind(app.keys.seal_text(DOCUMENT, number.text())?)
    .bind(app.keys.lookup(DOCUMENT, &number.account_key()))
    .bind(account)
    .fetch_one(&mut **tx)
    .await?;
    add_name(tx, account, version, &name, now).await
}

/// Closes an account: what names a person is overwritten, the number is free again.
pub async fn close(app: &App, tx: &mut Tx, account: i64) -> Result<()> {
    let now = app.clock.now();
    sqlx::query(sql!(
        "update accounts set deleted_at = $1, document_enc = $2, document_hash = $3, name = '', phone_enc = $2, phone_hash = $3, password = '', major = '',
                real_name_state = 'none', verified_at = null, portrait_picture = null
         where id = $4 and deleted_at is null"
    ))
    .bind(now.0)
    .bind(Vec::<u8>::new())
    .bind(app.keys.random::<32>()?.to_vec())
    .bind(account)
    .execute(&mut **tx)
    .await?;
    sqlx::query(sql!("delete from account_names where account = $1")).bind(account).execute(&mut **tx).await?;
    Ok(())
}
