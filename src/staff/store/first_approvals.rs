//! SQL on `first_approvals`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::staff::by_two::Seen;
use crate::types::UnixMs;

/// Who approved this first.
pub async fn find(conn: &mut Conn, seen: Seen) -> Result<Option<i64>> {
    let row: Option<(i64,)> = sqlx::query_as(sql!("select staff from first_approvals where desk = $1 and case_id = $2 and version = $3"))
        .bind(seen.desk.code())
        .bind(seen.case)
        .bind(seen.version)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|(staff,)| staff))
}

/// Keeps who approved first; an approval of an earlier version is of no use any more. Of two at the same moment the second fails.
pub async fn put(tx: &mut Tx, seen: Seen, staff: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from first_approvals where desk = $1 and case_id = $2 and version <> $3"))
        .bind(seen.desk.code())
        .bind(seen.case)
        .bind(seen.version)
        .execute(&mut **tx)
        .await?;
    sqlx::query(sql!("insert into first_approvals (desk, case_id, version, staff, at) values ($1, $2, $3, $4, $5)"))
        .bind(seen.desk.code())
        .bind(seen.case)
        .bind(seen.version)
        .bind(staff)
        .bind(now.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
