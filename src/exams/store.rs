//! SQL on `exams`, `exam_notices` and `subjects`.

use super::{Exam, Subject};
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::sql;

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Exam> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, title, state, opens_at, closes_at, edit_until, pay_until, notice, notice_version, fee_name, fee_fen, payment_way,
                payment_url, payment_picture, payee, thesis_floor, ticket_rules, ticket_prefix, tickets_released_at
         from exams where id = $1"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// By public reference.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Exam> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, title, state, opens_at, closes_at, edit_until, pay_until, notice, notice_version, fee_name, fee_fen, payment_way,
                payment_url, payment_picture, payee, thesis_floor, ticket_rules, ticket_prefix, tickets_released_at
         from exams where ref = $1"
    ))
    .bind(reference)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// The subjects of an exam, by code.
pub async fn subjects(conn: &mut Conn, exam: i64) -> Result<Vec<Subject>> {
    Ok(sqlx::query_as(sql!(
        "select id, exam, code, name, starts_at, ends_at, capacity, seats_left from subjects where exam = $1 order by code"
    ))
    .bind(exam)
    .fetch_all(conn)
    .await?)
}

/// One subject.
pub async fn subject(conn: &mut Conn, id: i64) -> Result<Subject> {
    sqlx::query_as(sql!("select id, exam, code, name, starts_at, ends_at, capacity, seats_left from subjects where id = $1"))
        .bind(id)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound)
}

/// Takes one of a subject's places; `false` when none is left. The condition is in the statement, so that two candidates cannot take the last one.
pub async fn take_place(tx: &mut Tx, subject: i64) -> Result<bool> {
    let done =
        sqlx::query(sql!("update subjects set seats_left = seats_left - 1 where id = $1 and (seats_left is null or seats_left > 0)"))
            .bind(subject)
            .execute(&mut **tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a place back.
pub async fn give_place_back(tx: &mut Tx, subject: i64) -> Result<()> {
    sqlx::query(sql!("update subjects set seats_left = seats_left + 1 where id = $1")).bind(subject).execute(&mut **tx).await?;
    Ok(())
}
