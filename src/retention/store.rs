//! SQL on `exams_forgotten`, and what of other features says whether pictures are still needed.

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// Exams whose last subject ended before `ended_before` and whose pictures are still there: row id and title.
pub async fn due(conn: &mut Conn, ended_before: UnixMs, limit: i64) -> Result<Vec<(i64, String)>> {
    Ok(sqlx::query_as(sql!(
        "select e.id, e.title from exams e where e.state <> 'draft'
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

/// Accounts above `after` whose newest picture is from before `before` and whom no exam's end takes along: registered for none, or only for exams whose pictures
/// are gone already, or withdrawn from one that is still to come.
pub async fn unregistered(conn: &mut Conn, before: UnixMs, after: i64, limit: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as(sql!(
        "select p.owner from pictures p where p.owner_kind = 'candidate' and p.deleted_at is null and p.owner > $1
         group by p.owner having max(p.created_at) < $2
         and not exists (select 1 from registrations r where r.account = p.owner and (
             r.state <> 'withdrawn' and (not exists (select 1 from subjects s where s.exam = r.exam)
                 or exists (select 1 from subjects s where s.exam = r.exam and s.ends_at >= $2))
             or not exists (select 1 from exams_forgotten f where f.exam = r.exam) and exists (select 1 from subjects s where s.exam = r.exam)
                 and not exists (select 1 from subjects s where s.exam = r.exam and s.ends_at >= $2)))
         order by p.owner limit $3"
    ))
    .bind(after)
    .bind(before.0)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(account,)| account).collect())
}

/// Of how many accounts pictures go where what was over before `before` is over for long enough: by an exam, or because there is none.
pub async fn would_go(conn: &mut Conn, before: UnixMs) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(sql!(
        "select cast(count(*) as bigint) from (
           select p.owner from pictures p where p.owner_kind = 'candidate' and p.deleted_at is null group by p.owner
           having (max(p.created_at) < $1 or exists (select 1 from registrations r join exams e on e.id = r.exam
                   where r.account = p.owner and e.state <> 'draft' and exists (select 1 from subjects s where s.exam = e.id)
                   and not exists (select 1 from subjects s where s.exam = e.id and s.ends_at >= $1)
                   and not exists (select 1 from exams_forgotten f where f.exam = e.id)))
           and not exists (select 1 from registrations r where r.account = p.owner and r.state <> 'withdrawn'
               and (not exists (select 1 from subjects s where s.exam = r.exam) or exists (select 1 from subjects s where s.exam = r.exam and s.ends_at >= $1)))
           and not exists (select 1 from registrations r where r.account = p.owner and r.state = 'submitted')
           and not exists (select 1 from identity_checks c where c.account = p.owner and c.state in ('reading', 'person'))
           and not exists (select 1 from face_checks c where c.account = p.owner and c.state in ('checking', 'person'))
         ) gone"
    ))
    .bind(before.0)
    .fetch_one(conn)
    .await?;
    Ok(count)
}
