//! SQL on `registration_answers`.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::exams::questions::QuestionKind;
use crate::sql;

/// Different answers to one question that are looked at.
const MOST: i64 = 1000;

/// An answer with its question.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Answer {
    /// The question's row id.
    pub question: i64,
    /// Its public reference.
    pub reference: String,
    /// What is asked.
    pub label: String,
    /// See [`QuestionKind::code`].
    pub kind: String,
    /// What was answered; of a file, the reference of its picture, or "" where it was deleted when its time was over.
    pub value: String,
}

impl Answer {
    /// Whether it is a picture.
    pub fn is_file(&self) -> bool {
        self.kind == QuestionKind::File.code()
    }

    /// In words.
    pub fn words(&self) -> &str {
        match (self.is_file(), self.value.as_str()) {
            (true, "") => "已按期限删除",
            (true, _) => "已上传图片",
            (false, value) => value,
        }
    }
}

/// The answers of a registration, in the order of the page.
pub async fn of(conn: &mut Conn, registration: i64) -> Result<Vec<Answer>> {
    Ok(sqlx::query_as(sql!(
        "select q.id as question, q.ref as reference, q.label, q.kind,
                case when q.kind = 'file' and not exists (select 1 from pictures p where p.ref = a.value and p.deleted_at is null) then '' else a.value end as value
         from registration_answers a join exam_questions q on q.id = a.question where a.registration = $1 order by q.place, q.id"
    ))
    .bind(registration)
    .fetch_all(conn)
    .await?)
}

/// The exam for which a picture was handed in.
pub async fn exam_of(conn: &mut Conn, picture: &str) -> Result<Option<i64>> {
    let found: Option<(i64,)> = sqlx::query_as(sql!(
        "select q.exam from registration_answers a join exam_questions q on q.id = a.question where q.kind = 'file' and a.value = $1 and a.registration in
         (select r.id from registrations r join pictures p on p.owner_kind = 'candidate' and p.owner = r.account where p.ref = $1)"
    ))
    .bind(picture)
    .fetch_optional(conn)
    .await?;
    Ok(found.map(|(exam,)| exam))
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
