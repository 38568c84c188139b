//! SQL on second factors.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;

/// Keeps the sealed secret, with the step whose code was used; `false` where there is one already.
pub async fn set_secret(tx: &mut Tx, staff: i64, sealed: Vec<u8>, step: i64) -> Result<bool> {
    let done = sqlx::query(sql!("update staff set totp_enc = $1, totp_step = $2 where id = $3 and totp_enc is null"))
        .bind(sealed)
        .bind(step)
        .bind(staff)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Uses the code of a step up; `false` where it, or a later one, was used before.
pub async fn use_step(tx: &mut Tx, staff: i64, step: i64) -> Result<bool> {
    let done = sqlx::query(sql!("update staff set totp_step = $1 where id = $2 and totp_step < $1"))
        .bind(step)
        .bind(staff)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the secret away.
pub async fn clear_secret(tx: &mut Tx, staff: i64) -> Result<()> {
    sqlx::query(sql!("update staff set totp_enc = null where id = $1")).bind(staff).execute(&mut **tx).await?;
    Ok(())
}

/// Keeps a recovery code's hash.
pub async fn insert_recovery(tx: &mut Tx, staff: i64, hash: Vec<u8>) -> Result<()> {
    sqlx::query(sql!("insert into staff_recovery_codes (staff, code_hash) values ($1, $2)"))
        .bind(staff)
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Uses a recovery code up; `false` where it is none.
pub async fn use_recovery(tx: &mut Tx, staff: i64, hash: Vec<u8>) -> Result<bool> {
    let done = sqlx::query(sql!("delete from staff_recovery_codes where staff = $1 and code_hash = $2"))
        .bind(staff)
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes every recovery code away.
pub async fn drop_recovery(tx: &mut Tx, staff: i64) -> Result<()> {
    sqlx::query(sql!("delete from staff_recovery_codes where staff = $1")).bind(staff).execute(&mut **tx).await?;
    Ok(())
}

/// Codes of roles, each with how many who may sign in hold it and have neither codes nor a passkey.
pub async fn without(conn: &mut Conn) -> Result<Vec<(String, i64)>> {
    Ok(sqlx::query_as(sql!(
        "select staff_roles.role, cast(count(distinct staff.id) as bigint) from staff_roles join staff on staff.id = staff_roles.staff
         where staff.disabled_at is null and staff.password <> '' and staff.totp_enc is null
         and not exists (select 1 from staff_passkeys where staff_passkeys.staff = staff.id) group by staff_roles.role"
    ))
    .fetch_all(conn)
    .await?)
}

/// How many recovery codes are left.
pub async fn recovery_left(conn: &mut Conn, staff: i64) -> Result<i64> {
    let (left,): (i64,) = sqlx::query_as(sql!("select cast(count(*) as bigint) from staff_recovery_codes where staff = $1"))
        .bind(staff)
        .fetch_one(conn)
        .await?;
    Ok(left)
}
