//! SQL on passkeys.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;

/// A row.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Passkey {
    pub id: i64,
    pub staff: i64,
    pub credential: Vec<u8>,
    pub public_key: Vec<u8>,
    pub name: String,
    pub counter: i64,
    pub created_at: i64,
    pub used_at: i64,
}

/// Those of somebody, oldest first.
pub async fn list(conn: &mut Conn, staff: i64) -> Result<Vec<Passkey>> {
    Ok(sqlx::query_as(sql!(
        "select id, staff, credential, public_key, name, counter, created_at, used_at from staff_passkeys where staff = $1 order by id limit 100"
    ))
    .bind(staff)
    .fetch_all(conn)
    .await?)
}

/// By the authenticator's name for it.
pub async fn find(conn: &mut Conn, credential: Vec<u8>) -> Result<Option<Passkey>> {
    Ok(sqlx::query_as(sql!(
        "select id, staff, credential, public_key, name, counter, created_at, used_at from staff_passkeys where credential = $1"
    ))
    .bind(credential)
    .fetch_optional(conn)
    .await?)
}

/// Keeps one; `false` where it is known already.
pub async fn insert(tx: &mut Tx, passkey: &Passkey) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into staff_passkeys (id, staff, credential, public_key, name, counter, created_at, used_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing"
    ))
    .bind(passkey.id)
    .bind(passkey.staff)
    .bind(passkey.credential.clone())
    .bind(passkey.public_key.clone())
    .bind(passkey.name.clone())
    .bind(passkey.counter)
    .bind(passkey.created_at)
    .bind(passkey.used_at)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes a use; `false` where the counter did not grow (two authenticators have one key, or the answer is an old one) or the passkey is gone. Authenticators
/// that do not count always say 0.
pub async fn used(tx: &mut Tx, id: i64, counter: i64, now: i64) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update staff_passkeys set counter = $1, used_at = $2 where id = $3 and (counter < $1 or (counter = 0 and $1 = 0))"
    ))
    .bind(counter)
    .bind(now)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes one of somebody; `false` where it was not theirs.
pub async fn remove(tx: &mut Tx, staff: i64, id: i64) -> Result<bool> {
    let done = sqlx::query(sql!("delete from staff_passkeys where staff = $1 and id = $2")).bind(staff).bind(id).execute(&mut **tx).await?;
    Ok(done.rows_affected() == 1)
}

/// Removes all of somebody.
pub async fn clear(tx: &mut Tx, staff: i64) -> Result<()> {
    sqlx::query(sql!("delete from staff_passkeys where staff = $1")).bind(staff).execute(&mut **tx).await?;
    Ok(())
}

/// Uses a challenge up; `false` where it was before. Those that have ended by themselves go.
pub async fn use_challenge(tx: &mut Tx, challenge: &str, until: i64, now: i64) -> Result<bool> {
    sqlx::query(sql!("delete from staff_passkey_challenges where until < $1")).bind(now).execute(&mut **tx).await?;
    let done = sqlx::query(sql!("insert into staff_passkey_challenges (challenge, until) values ($1, $2) on conflict do nothing"))
        .bind(challenge)
        .bind(until)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}
