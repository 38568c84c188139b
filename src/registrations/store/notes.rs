//! SQL on `registration_notes`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// What a staff member noted.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Note {
    /// When.
    pub at: i64,
    /// Who, by the name of that time.
    pub staff_name: String,
    /// What.
    pub body: String,
}

/// The notes about a registration, newest first.
pub async fn of(conn: &mut Conn, registration: i64, limit: i64) -> Result<Vec<Note>> {
    Ok(sqlx::query_as(sql!("select at, staff_name, body from registration_notes where registration = $1 order by id desc limit $2"))
        .bind(registration)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// Adds one.
pub async fn add(tx: &mut Tx, id: i64, registration: i64, (staff, staff_name): (i64, &str), body: &str, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("insert into registration_notes (id, registration, at, staff, staff_name, body) values ($1, $2, $3, $4, $5, $6)"))
        .bind(id)
        .bind(registration)
        .bind(now.0)
        .bind(staff)
        .bind(staff_name)
        .bind(body)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Removes what was noted about somebody.
pub async fn forget(tx: &mut Tx, account: i64) -> Result<()> {
    sqlx::query(sql!("delete from registration_notes where registration in (select id from registrations where account = $1)"))
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
