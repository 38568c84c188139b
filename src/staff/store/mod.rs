//! SQL on `staff`, `roles`, `staff_roles`.

pub mod first_approvals;
pub mod passkeys;
pub mod second;

use super::{Grant, Role};
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::Permissions;

/// A row.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct StaffRow {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub password: String,
    pub disabled_at: Option<i64>,
    pub invite_until: i64,
    pub totp_enc: Option<Vec<u8>>,
}

impl StaffRow {
    /// Whether one-time codes are set up.
    pub fn has_codes(&self) -> bool {
        self.totp_enc.is_some()
    }

    /// Whether the person has not yet come by the link.
    pub fn is_invited(&self) -> bool {
        self.password.is_empty()
    }
}

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<StaffRow>> {
    Ok(sqlx::query_as(sql!("select id, login, name, password, disabled_at, invite_until, totp_enc from staff where id = $1"))
        .bind(id)
        .fetch_optional(conn)
        .await?)
}

/// By login name.
pub async fn find_by_login(conn: &mut Conn, login: &str) -> Result<Option<StaffRow>> {
    Ok(sqlx::query_as(sql!("select id, login, name, password, disabled_at, invite_until, totp_enc from staff where login = $1"))
        .bind(login)
        .fetch_optional(conn)
        .await?)
}

/// Whose link this is, while it works.
pub async fn find_invited(conn: &mut Conn, token_hash: Vec<u8>, now: i64) -> Result<Option<StaffRow>> {
    Ok(sqlx::query_as(sql!(
        "select id, login, name, password, disabled_at, invite_until, totp_enc from staff where invite_hash = $1 and invite_until > $2"
    ))
    .bind(token_hash)
    .bind(now)
    .fetch_optional(conn)
    .await?)
}

/// Accounts by login name above `after`.
pub async fn list(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<StaffRow>> {
    Ok(sqlx::query_as(sql!(
        "select id, login, name, password, disabled_at, invite_until, totp_enc from staff where login > $1 order by login limit $2"
    ))
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
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
        "insert into staff (id, login, name, password, created_at) values ($1, $2, $3, $4, $5) on conflict (login) do nothing"
    ))
    .bind(row.id)
    .bind(row.login.clone())
    .bind(row.name.clone())
    .bind(row.password.clone())
    .bind(created_at)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the account a link, in place of an earlier one.
pub async fn invite(tx: &mut Tx, id: i64, token_hash: Vec<u8>, until: i64) -> Result<()> {
    sqlx::query(sql!("update staff set invite_hash = $1, invite_until = $2 where id = $3"))
        .bind(token_hash)
        .bind(until)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Sets name and password by the link, which is used up by it; `false` where it was used meanwhile.
pub async fn accept(tx: &mut Tx, token_hash: Vec<u8>, now: i64, name: &str, password: &str) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update staff set invite_hash = null, invite_until = 0, name = $1, password = $2 where invite_hash = $3 and invite_until > $4 and disabled_at is null"
    ))
    .bind(name)
    .bind(password)
    .bind(token_hash)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets another password.
pub async fn set_password(tx: &mut Tx, id: i64, password: &str) -> Result<()> {
    sqlx::query(sql!("update staff set password = $1 where id = $2")).bind(password).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Locks the account from this moment, or unlocks it (`None`). A link that is out dies with the lock.
pub async fn set_disabled(tx: &mut Tx, id: i64, at: Option<i64>) -> Result<()> {
    sqlx::query(sql!("update staff set disabled_at = $1, invite_hash = null, invite_until = 0 where id = $2"))
        .bind(at)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A role in the table.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct RoleRow {
    pub code: String,
    pub name: String,
    pub permissions: String,
    pub built_in: i64,
    pub second_factor: i64,
}

fn permissions(code: &str, stored: &str) -> Permissions {
    Role::parse(code).map_or_else(|| Permissions::parse(stored), Role::permissions)
}

impl RoleRow {
    /// What it lets somebody do.
    pub fn may(&self) -> Permissions {
        permissions(&self.code, &self.permissions)
    }

    /// Whether it stands in the program.
    pub fn is_built_in(&self) -> bool {
        self.built_in != 0
    }

    /// Whether whoever holds it needs a second factor.
    pub fn needs_second(&self) -> bool {
        self.second_factor != 0
    }
}

/// Every role: the built-in ones first.
pub async fn roles(conn: &mut Conn) -> Result<Vec<RoleRow>> {
    Ok(sqlx::query_as(sql!("select code, name, permissions, built_in, second_factor from roles order by built_in desc, code"))
        .fetch_all(conn)
        .await?)
}

/// Writes a role of the school's own; `false` when the name is taken.
pub async fn insert_role(tx: &mut Tx, role: &RoleRow) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into roles (code, name, permissions, built_in, second_factor) values ($1, $2, $3, 0, $4) on conflict do nothing"
    ))
    .bind(role.code.clone())
    .bind(role.name.clone())
    .bind(role.permissions.clone())
    .bind(role.second_factor)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes a role. A built-in one keeps its permissions, which are not read from here.
pub async fn update_role(tx: &mut Tx, role: &RoleRow) -> Result<()> {
    sqlx::query(sql!("update roles set permissions = $1, second_factor = $2 where code = $3"))
        .bind(role.permissions.clone())
        .bind(role.second_factor)
        .bind(role.code.clone())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Removes a role of the school's own that nobody holds; `false` otherwise.
pub async fn delete_role(tx: &mut Tx, code: &str) -> Result<bool> {
    let done =
        sqlx::query(sql!("delete from roles where code = $1 and built_in = 0 and not exists (select 1 from staff_roles where role = $1)"))
            .bind(code)
            .execute(&mut **tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// A role that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Held {
    pub role: String,
    pub name: String,
    pub permissions: String,
    pub second_factor: i64,
    pub exam: i64,
}

impl Held {
    /// What it lets them do, and where.
    pub fn grant(&self) -> Grant {
        Grant { permissions: permissions(&self.role, &self.permissions), exam: (self.exam != 0).then_some(self.exam) }
    }
}

/// The roles of a staff member.
pub async fn grants(conn: &mut Conn, staff: i64) -> Result<Vec<Held>> {
    Ok(sqlx::query_as(sql!(
        "select staff_roles.role, roles.name, roles.permissions, roles.second_factor, staff_roles.exam
         from staff_roles join roles on roles.code = staff_roles.role where staff_roles.staff = $1 order by roles.built_in desc, roles.code, staff_roles.exam"
    ))
    .bind(staff)
    .fetch_all(conn)
    .await?)
}

/// Gives a role, for one exam or all (0).
pub async fn grant(tx: &mut Tx, staff: i64, role: &str, exam: i64) -> Result<()> {
    sqlx::query(sql!("insert into staff_roles (staff, role, exam) values ($1, $2, $3) on conflict do nothing"))
        .bind(staff)
        .bind(role)
        .bind(exam)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes every role away.
pub async fn revoke(tx: &mut Tx, staff: i64) -> Result<()> {
    sqlx::query(sql!("delete from staff_roles where staff = $1")).bind(staff).execute(&mut **tx).await?;
    Ok(())
}
