//! SQL on `registration_answers`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;

/// Different answers to one question that are looked at.
const MOST: i64 = 1000;

/// Question and answer of a registration, in the order of the page.
pub async fn of(conn: &mut Conn, registration: i64) -> Result<Vec<(i64, String, String)>> {
    Ok(sqlx::query_as(sql!(
        "select q.id, q.label, a.value from registration_answers a join exam_questions q on q.id = a.question where a.registration = $1 order by q.place, q.id"
    ))
    .bind(registration)
    .fetch_all(conn)
    .await?)
}

/// Keeps an answer in place of an earlier one; "" removes it.
pub async fn put(tx: &mut Tx, registration: i64, question: i64, value: &str) -> Result<()> {
    sqlx::query(sql!("delete from registration_answers where registration = $1 and question = $2"))
        .bind(registration)
        .bind(question)
        .execute(&mut **tx)
        .await?;
    if !value.is_empty() {
        sqlx::query(sql!("insert into registration_answers (registration, question, value) values ($1, $2, $3)"))
            .bind(registration)
            .bind(question)
            .bind(value)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The different answers to a question.
pub async fn to_question(conn: &mut Conn, question: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sqlx::query_as(sql!("select distinct value from registration_answers where question = $1 limit $2"))
        .bind(question)
        .bind(MOST)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|(value,)| value).collect())
}

/// Removes what somebody answered.
pub async fn forget(tx: &mut Tx, account: i64) -> Result<()> {
    sqlx::query(sql!("delete from registration_answers where registration in (select id from registrations where account = $1)"))
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
