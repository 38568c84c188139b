//! SQL on `exams_forgotten`, and what of other features says whether pictures are still needed.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// Exams whose last subject ended before `ended_before` and whose pictures are still there: row id and public reference.
pub async fn due(conn: &mut Conn, ended_before: UnixMs, limit: i64) -> Result<Vec<(i64, String)>> {
    Ok(sqlx::query_as(sql!(
        "select e.id, e.ref from exams e where e.state <> 'draft'
         and exists (select 1 from subjects s where s.exam = e.id)
         and not exists (select 1 from subjects s where s.exam = e.id and s.ends_at >= $1)
         and not exists (select 1 from exams_forgotten f where f.exam = e.id) order by e.id limit $2"
    ))
    .bind(ended_before.0)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Whether an account takes part in another exam that is not over for so long: its pictures go with that one.
pub async fn has_a_later_exam(conn: &mut Conn, account: i64, exam: i64, ended_before: UnixMs) -> Result<bool> {
    let (count,): (i64,) = sqlx::query_as(sql!(
        "select cast(count(*) as bigint) from registrations r where r.account = $1 and r.exam <> $2 and r.state <> 'withdrawn'
         and (not exists (select 1 from subjects s where s.exam = r.exam) or exists (select 1 from subjects s where s.exam = r.exam and s.ends_at >= $3))"
    ))
    .bind(account)
    .bind(exam)
    .bind(ended_before.0)
    .fetch_one(conn)
    .await?;
    Ok(count > 0)
}

/// Whether a case about an account is open: being read, or waiting for a person.
pub async fn has_an_open_case(conn: &mut Conn, account: i64) -> Result<bool> {
    let (count,): (i64,) = sqlx::query_as(sql!(
        "select (select cast(count(*) as bigint) from identity_checks where account = $1 and state in ('reading', 'person'))
              + (select cast(count(*) as bigint) from face_checks where account = $1 and state in ('checking', 'person'))
              + (select cast(count(*) as bigint) from registrations where account = $1 and state = 'submitted')"
    ))
    .bind(account)
    .fetch_one(conn)
    .await?;
    Ok(count > 0)
}

/// The accounts registered for an exam, by registration above `after`: registration, account.
pub async fn people(conn: &mut Conn, exam: i64, after: i64, limit: i64) -> Result<Vec<(i64, i64)>> {
    Ok(sqlx::query_as(sql!("select id, account from registrations where exam = $1 and id > $2 order by id limit $3"))
        .bind(exam)
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// Notes that an exam's pictures are gone.
pub async fn forgotten(tx: &mut Tx, exam: i64, pictures: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("insert into exams_forgotten (exam, at, pictures) values ($1, $2, $3) on conflict (exam) do nothing"))
        .bind(exam)
        .bind(now.0)
        .bind(pictures)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
