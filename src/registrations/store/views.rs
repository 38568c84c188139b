//! SQL on `staff_views`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::registrations::views::View;
use crate::sql;
use crate::types::UnixMs;

/// The views of somebody, by name.
pub async fn of(conn: &mut Conn, staff: i64) -> Result<Vec<View>> {
    Ok(sqlx::query_as(sql!("select ref as public_ref, name, query from staff_views where staff = $1 order by name"))
        .bind(staff)
        .fetch_all(conn)
        .await?)
}

/// Keeps a view; an earlier one of that name becomes this one.
pub async fn put(tx: &mut Tx, id: i64, staff: i64, view: &View, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "insert into staff_views (id, ref, staff, name, query, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (staff, name) do update set query = excluded.query"
    ))
    .bind(id)
    .bind(view.public_ref.clone())
    .bind(staff)
    .bind(view.name.clone())
    .bind(view.query.clone())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes a view of somebody's own.
pub async fn remove(tx: &mut Tx, staff: i64, reference: &str) -> Result<()> {
    sqlx::query(sql!("delete from staff_views where staff = $1 and ref = $2")).bind(staff).bind(reference).execute(&mut **tx).await?;
    Ok(())
}
