//! SQL on `staff`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;

/// A row.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct StaffRow {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub password: String,
    pub roles: String,
    pub disabled_at: Option<i64>,
}

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<StaffRow>> {
    Ok(sqlx::query_as(sql!("select id, login, name, password, roles, disabled_at from staff where id = $1"))
        .bind(id)
        .fetch_optional(conn)
        .await?)
}

/// By login name.
pub async fn find_by_login(conn: &mut Conn, login: &str) -> Result<Option<StaffRow>> {
    Ok(sqlx::query_as(sql!("select id, login, name, password, roles, disabled_at from staff where login = $1"))
        .bind(login)
        .fetch_optional(conn)
        .await?)
}

/// Whether the account is in use and this is still its password's hash; if so, it is until the transaction ends.
pub async fn hold_password(tx: &mut Tx, id: i64, hash: &str) -> Result<bool> {
    let done = sqlx::query(sql!("update staff set password = password where id = $1 and password = $2 and disabled_at is null"))
        .bind(id)
        .bind(hash.to_owned())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a new staff member; `false` when the login name is taken.
pub async fn insert(tx: &mut Tx, row: &StaffRow, created_at: i64) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into staff (id, login, name, password, roles, created_at) values ($1, $2, $3, $4, $5, $6) on conflict (login) do nothing"
    ))
    .bind(row.id)
    .bind(row.login.clone())
    .bind(row.name.clone())
    .bind(row.password.clone())
    .bind(row.roles.clone())
    .bind(created_at)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
