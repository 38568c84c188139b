//! SQL on `rosters` and `roster_imports`; the entries are in [`entries`].

pub mod entries;

use super::{Import, ImportState, Roster};
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::sql;
use crate::types::UnixMs;

/// All rosters, by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<Roster>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, name, heads, current, created_at from rosters where removed_at is null order by name"
    ))
    .fetch_all(conn)
    .await?)
}

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Roster> {
    sqlx::query_as(sql!("select id, ref as public_ref, name, heads, current, created_at from rosters where id = $1"))
        .bind(id)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound)
}

/// By public reference.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Roster> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, name, heads, current, created_at from rosters where ref = $1 and removed_at is null"
    ))
    .bind(reference)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// Holds a roster until the transaction ends: imports of it are applied one after another.
pub async fn hold(tx: &mut Tx, id: i64) -> Result<Roster> {
    sqlx::query(sql!("update rosters set name = name where id = $1")).bind(id).execute(&mut **tx).await?;
    find(tx, id).await
}

/// Writes a new roster.
pub async fn insert(tx: &mut Tx, roster: &Roster) -> std::result::Result<(), sqlx::Error> {
    sqlx::query(sql!(
        "insert into rosters (id, ref, name, heads, current, created_at, removed_at) values ($1, $2, $3, $4, null, $5, null)"
    ))
    .bind(roster.id)
    .bind(&roster.public_ref)
    .bind(&roster.name)
    .bind(&roster.heads)
    .bind(roster.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts a roster out of sight; its name is free again, its entries go by a job.
pub async fn hide(tx: &mut Tx, id: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update rosters set removed_at = $1, current = null, name = name || ' ' || ref where id = $2"))
        .bind(now.0)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether a roster was put out of sight.
pub async fn is_hidden(conn: &mut Conn, id: i64) -> Result<bool> {
    let row: Option<(i64,)> =
        sqlx::query_as(sql!("select id from rosters where id = $1 and removed_at is not null")).bind(id).fetch_optional(conn).await?;
    Ok(row.is_some())
}

/// Removes a roster whose imports are gone.
pub async fn remove(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query(sql!("delete from rosters where id = $1")).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Remembers what the heads of a table were taken for.
pub async fn keep_heads(tx: &mut Tx, id: i64, heads: &str) -> Result<()> {
    sqlx::query(sql!("update rosters set heads = $1 where id = $2")).bind(heads).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Names the import that counts.
pub async fn set_current(tx: &mut Tx, id: i64, import: Option<i64>) -> Result<()> {
    sqlx::query(sql!("update rosters set current = $1 where id = $2")).bind(import).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// The imports of a roster, newest first.
pub async fn imports(conn: &mut Conn, roster: i64, limit: i64) -> Result<Vec<Import>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, roster, file_name, object_key, state, columns, why, total, line, good, bad, base, added, changed, gone,
                created_name, created_at, applied_at
         from roster_imports where roster = $1 order by id desc limit $2"
    ))
    .bind(roster)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// An import by row id.
pub async fn import(conn: &mut Conn, id: i64) -> Result<Import> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, roster, file_name, object_key, state, columns, why, total, line, good, bad, base, added, changed, gone,
                created_name, created_at, applied_at
         from roster_imports where id = $1"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// An import by public reference.
pub async fn import_by_ref(conn: &mut Conn, reference: &str) -> Result<Import> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, roster, file_name, object_key, state, columns, why, total, line, good, bad, base, added, changed, gone,
                created_name, created_at, applied_at
         from roster_imports where ref = $1"
    ))
    .bind(reference)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// Writes a new import.
pub async fn insert_import(tx: &mut Tx, import: &Import) -> Result<()> {
    sqlx::query(sql!(
        "insert into roster_imports (id, ref, roster, file_name, object_key, state, columns, why, total, line, good, bad, base, added, changed, gone,
                                     created_name, created_at, applied_at)
         values ($1, $2, $3, $4, $5, $6, $7, '', 0, 0, 0, 0, null, 0, 0, 0, $8, $9, null)"
    ))
    .bind(import.id)
    .bind(&import.public_ref)
    .bind(import.roster)
    .bind(&import.file_name)
    .bind(&import.object_key)
    .bind(&import.state)
    .bind(&import.columns)
    .bind(&import.created_name)
    .bind(import.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Moves an import from one state to another; `false` where somebody was faster.
pub async fn advance(tx: &mut Tx, id: i64, from: ImportState, to: ImportState) -> Result<bool> {
    let done = sqlx::query(sql!("update roster_imports set state = $1 where id = $2 and state = $3"))
        .bind(to.code())
        .bind(id)
        .bind(from.code())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Begins to check an import: from its first line, with these columns.
pub async fn begin_check(tx: &mut Tx, id: i64, columns: &str) -> Result<()> {
    sqlx::query(sql!("update roster_imports set state = 'checking', columns = $1, total = 0, line = 0, good = 0, bad = 0 where id = $2"))
        .bind(columns)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// How far a check came; `false` where it is no more under way.
pub async fn keep_progress(tx: &mut Tx, import: &Import) -> Result<bool> {
    let done =
        sqlx::query(sql!("update roster_imports set total = $1, line = $2, good = $3, bad = $4 where id = $5 and state = 'checking'"))
            .bind(import.total)
            .bind(import.line)
            .bind(import.good)
            .bind(import.bad)
            .bind(import.id)
            .execute(&mut **tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// What differs from the import that counts.
pub async fn keep_comparison(tx: &mut Tx, import: &Import) -> Result<()> {
    sqlx::query(sql!("update roster_imports set base = $1, added = $2, changed = $3, gone = $4 where id = $5"))
        .bind(import.base)
        .bind(import.added)
        .bind(import.changed)
        .bind(import.gone)
        .bind(import.id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The file cannot be read.
pub async fn set_broken(tx: &mut Tx, id: i64, why: &str) -> Result<()> {
    sqlx::query(sql!("update roster_imports set state = 'broken', why = $1 where id = $2 and state = 'checking'"))
        .bind(why)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The moment from which an import counted.
pub async fn set_applied_at(tx: &mut Tx, id: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update roster_imports set applied_at = $1 where id = $2")).bind(now.0).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Forgets where the file of an import lay.
pub async fn forget_file(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query(sql!("update roster_imports set object_key = '' where id = $1")).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Removes an import whose entries are gone.
pub async fn remove_import(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query(sql!("delete from roster_imports where id = $1")).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Imports that were begun before `before` and neither applied nor given up.
pub async fn left_lying(conn: &mut Conn, before: UnixMs, limit: i64) -> Result<Vec<Import>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, roster, file_name, object_key, state, columns, why, total, line, good, bad, base, added, changed, gone,
                created_name, created_at, applied_at
         from roster_imports where state in ('uploaded', 'checking', 'ready', 'faulty') and created_at < $1 order by id limit $2"
    ))
    .bind(before.0)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}
