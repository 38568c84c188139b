//! SQL on `exam_eligibility`.

use super::Eligibility;
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;

/// The limits of an exam.
pub async fn find(conn: &mut Conn, exam: i64) -> Result<Eligibility> {
    let row = sqlx::query_as(sql!("select roster, candidate_types, majors, born_from, born_until from exam_eligibility where exam = $1"))
        .bind(exam)
        .fetch_optional(conn)
        .await?;
    Ok(row.unwrap_or_default())
}

/// Writes the limits of an exam.
pub async fn set(tx: &mut Tx, exam: i64, limits: &Eligibility) -> Result<()> {
    sqlx::query(sql!(
        "insert into exam_eligibility (exam, roster, candidate_types, majors, born_from, born_until) values ($1, $2, $3, $4, $5, $6)
         on conflict (exam) do update set roster = excluded.roster, candidate_types = excluded.candidate_types, majors = excluded.majors,
                                          born_from = excluded.born_from, born_until = excluded.born_until"
    ))
    .bind(exam)
    .bind(limits.roster)
    .bind(&limits.candidate_types)
    .bind(&limits.majors)
    .bind(&limits.born_from)
    .bind(&limits.born_until)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The title of an exam that is for people of a roster; also of one that is put away, which may come back.
pub async fn of_roster(conn: &mut Conn, roster: i64) -> Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as(sql!(
        "select e.title from exam_eligibility l join exams e on e.id = l.exam where l.roster = $1 order by e.id desc limit 1"
    ))
    .bind(roster)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(title,)| title))
}
