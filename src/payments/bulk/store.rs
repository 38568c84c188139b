//! SQL on `bulk_reviews` and `bulk_review_items`.

use super::{Bulk, Item};
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::sql;

/// Writes a bulk.
pub async fn insert(tx: &mut Tx, bulk: &Bulk) -> Result<()> {
    sqlx::query(sql!(
        "insert into bulk_reviews (id, ref, staff, address, exam, approves, reason, state, created_at, starts_at) values ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9)"
    ))
    .bind(bulk.id)
    .bind(bulk.public_ref.clone())
    .bind(bulk.staff)
    .bind(bulk.address.clone())
    .bind(bulk.exam)
    .bind(bulk.approves)
    .bind(bulk.reason.clone())
    .bind(bulk.created_at)
    .bind(bulk.starts_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes one of its registrations.
pub async fn insert_item(tx: &mut Tx, bulk: i64, place: i64, registration: i64, version: i64) -> Result<()> {
    sqlx::query(sql!("insert into bulk_review_items (bulk, place, registration, version) values ($1, $2, $3, $4)"))
        .bind(bulk)
        .bind(place)
        .bind(registration)
        .bind(version)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Bulk> {
    let found = sqlx::query_as(sql!(
        "select id, ref as public_ref, staff, address, exam, approves, reason, state, created_at, starts_at from bulk_reviews where id = $1"
    ));
    found.bind(id).fetch_optional(conn).await?.ok_or(Error::NotFound)
}

/// By its public reference.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Bulk> {
    let found = sqlx::query_as(sql!(
        "select id, ref as public_ref, staff, address, exam, approves, reason, state, created_at, starts_at from bulk_reviews where ref = $1"
    ));
    found.bind(reference).fetch_optional(conn).await?.ok_or(Error::NotFound)
}

/// Its registrations, in the order of the table.
pub async fn items(conn: &mut Conn, bulk: i64) -> Result<Vec<Item>> {
    Ok(sqlx::query_as(sql!(
        "select i.place, i.registration, r.ref as reference, a.name, i.version, i.outcome
         from bulk_review_items i join registrations r on r.id = i.registration join accounts a on a.id = r.account
         where i.bulk = $1 order by i.place"
    ))
    .bind(bulk)
    .fetch_all(conn)
    .await?)
}

/// Says what became of one, while the bulk is open; `false` where it was stopped.
pub async fn settle(tx: &mut Tx, bulk: i64, place: i64, outcome: &str) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update bulk_review_items set outcome = $1 where bulk = $2 and place = $3 and outcome is null
             and exists (select 1 from bulk_reviews b where b.id = bulk_review_items.bulk and b.state = 'open')"
    ))
    .bind(outcome)
    .bind(bulk)
    .bind(place)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends an open one: `done` or `cancelled`; `false` where it was ended before.
pub async fn end(tx: &mut Tx, bulk: i64, state: &str) -> Result<bool> {
    let done = sqlx::query(sql!("update bulk_reviews set state = $1 where id = $2 and state = 'open'"))
        .bind(state)
        .bind(bulk)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}
