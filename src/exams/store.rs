//! SQL on `exams`, `exam_notices` and `subjects`.

use super::{Exam, Subject};
use crate::db::{Conn, Tx, is_unique_violation};
use crate::error::{Error, Result};
use crate::sql;
use crate::types::{Scope, UnixMs};

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Exam> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, title, state, opens_at, closes_at, edit_until, pay_until, notice, notice_version, fee_name, fee_fen, payment_way,
                payment_url, payment_picture, payee, thesis_floor, checks, ticket_rules, ticket_prefix, tickets_released_at, updated_at
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
                payment_url, payment_picture, payee, thesis_floor, checks, ticket_rules, ticket_prefix, tickets_released_at, updated_at
         from exams where ref = $1"
    ))
    .bind(reference)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// By public reference, and held until the transaction ends: what arranges an exam and what changes it wait for one another.
pub async fn hold(tx: &mut Tx, reference: &str) -> Result<Exam> {
    sqlx::query(sql!("update exams set updated_at = updated_at where ref = $1")).bind(reference).execute(&mut **tx).await?;
    find_by_ref(tx, reference).await
}

/// The subjects of an exam, by code.
pub async fn subjects(conn: &mut Conn, exam: i64) -> Result<Vec<Subject>> {
    Ok(sqlx::query_as(sql!(
        "select id, exam, code, name, starts_at, ends_at, capacity, taken, fee_fen from subjects where exam = $1 order by code"
    ))
    .bind(exam)
    .fetch_all(conn)
    .await?)
}

/// One subject.
pub async fn subject(conn: &mut Conn, id: i64) -> Result<Subject> {
    sqlx::query_as(sql!("select id, exam, code, name, starts_at, ends_at, capacity, taken, fee_fen from subjects where id = $1"))
        .bind(id)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound)
}

/// Takes one of a subject's places; `false` when none is left. The condition is in the statement, so that two candidates cannot take the last one.
pub async fn take_place(tx: &mut Tx, subject: i64) -> Result<bool> {
    let done = sqlx::query(sql!("update subjects set taken = taken + 1 where id = $1 and (capacity is null or taken < capacity)"))
        .bind(subject)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets how many places of a subject are taken: for the demo, which registers people by the million.
pub async fn set_taken(tx: &mut Tx, subject: i64, taken: i64) -> Result<()> {
    sqlx::query(sql!("update subjects set taken = $1 where id = $2")).bind(taken).bind(subject).execute(&mut **tx).await?;
    Ok(())
}

/// Gives a place back.
pub async fn give_place_back(tx: &mut Tx, subject: i64) -> Result<()> {
    sqlx::query(sql!("update subjects set taken = taken - 1 where id = $1 and taken > 0")).bind(subject).execute(&mut **tx).await?;
    Ok(())
}

/// What candidates see, newest window first, with their subjects: published exams and those closed.
pub async fn visible(conn: &mut Conn, limit: i64) -> Result<Vec<Exam>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, title, state, opens_at, closes_at, edit_until, pay_until, notice, notice_version, fee_name, fee_fen, payment_way,
                payment_url, payment_picture, payee, thesis_floor, checks, ticket_rules, ticket_prefix, tickets_released_at, updated_at
         from exams where state in ('published', 'closed') order by opens_at desc, id desc limit $1"
    ))
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// The subjects of all published exams, by exam and code.
pub async fn visible_subjects(conn: &mut Conn, limit: i64) -> Result<Vec<Subject>> {
    Ok(sqlx::query_as(sql!(
        "select s.id, s.exam, s.code, s.name, s.starts_at, s.ends_at, s.capacity, s.taken, s.fee_fen
         from subjects s join exams e on e.id = s.exam where e.state = 'published' order by s.exam desc, s.code limit $1"
    ))
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// The exams of a staff member's scope for the console, newest first, below `before` (exclusive): those put away, or the others.
pub async fn list(conn: &mut Conn, scope: &Scope, archived: bool, before: i64, limit: i64) -> Result<Vec<Exam>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, title, state, opens_at, closes_at, edit_until, pay_until, notice, notice_version, fee_name, fee_fen, payment_way,
                payment_url, payment_picture, payee, thesis_floor, checks, ticket_rules, ticket_prefix, tickets_released_at, updated_at
         from exams where id < $1 and (state = 'archived') = ($4 = 1) and ($3 = '*' or $3 like '%,' || cast(id as text) || ',%') order by id desc limit $2"
    ))
    .bind(before)
    .bind(limit)
    .bind(scope.text())
    .bind(i64::from(archived))
    .fetch_all(conn)
    .await?)
}

/// Writes a new exam.
pub async fn insert(tx: &mut Tx, exam: &Exam) -> Result<()> {
    sqlx::query(sql!(
        "insert into exams (id, ref, title, state, opens_at, closes_at, edit_until, pay_until, notice, notice_version, fee_name, fee_fen, payment_way, payment_url,
                            payee, thesis_floor, checks, ticket_rules, ticket_prefix, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
    ))
    .bind(exam.id)
    .bind(exam.public_ref.clone())
    .bind(exam.title.clone())
    .bind(exam.state.clone())
    .bind(exam.opens_at)
    .bind(exam.closes_at)
    .bind(exam.edit_until)
    .bind(exam.pay_until)
    .bind(exam.notice.clone())
    .bind(exam.notice_version)
    .bind(exam.fee_name.clone())
    .bind(exam.fee_fen)
    .bind(exam.payment_way.clone())
    .bind(exam.payment_url.clone())
    .bind(exam.payee.clone())
    .bind(exam.thesis_floor.clone())
    .bind(exam.checks.clone())
    .bind(exam.ticket_rules.clone())
    .bind(exam.ticket_prefix.clone())
    .bind(exam.updated_at)
    .bind(exam.updated_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes back an exam; refused when somebody else changed it since it was read. Sets `updated_at`, which only grows.
pub async fn update(tx: &mut Tx, exam: &mut Exam, now: UnixMs) -> Result<()> {
    let updated_at = now.0.max(exam.updated_at + 1);
    let done = sqlx::query(sql!(
        "update exams set title = $1, state = $2, opens_at = $3, closes_at = $4, edit_until = $5, pay_until = $6, notice = $7, notice_version = $8, fee_name = $9,
                fee_fen = $10, payment_way = $11, payment_url = $12, payment_picture = $13, payee = $14, thesis_floor = $15, checks = $16, ticket_rules = $17,
                ticket_prefix = $18, updated_at = $19
         where id = $20 and updated_at = $21"
    ))
    .bind(exam.title.clone())
    .bind(exam.state.clone())
    .bind(exam.opens_at)
    .bind(exam.closes_at)
    .bind(exam.edit_until)
    .bind(exam.pay_until)
    .bind(exam.notice.clone())
    .bind(exam.notice_version)
    .bind(exam.fee_name.clone())
    .bind(exam.fee_fen)
    .bind(exam.payment_way.clone())
    .bind(exam.payment_url.clone())
    .bind(exam.payment_picture)
    .bind(exam.payee.clone())
    .bind(exam.thesis_floor.clone())
    .bind(exam.checks.clone())
    .bind(exam.ticket_rules.clone())
    .bind(exam.ticket_prefix.clone())
    .bind(updated_at)
    .bind(exam.id)
    .bind(exam.updated_at)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() != 1 {
        return Err(Error::refused("changed_meanwhile", "这场考试刚刚被其他人修改，请返回查看最新内容后再操作。"));
    }
    exam.updated_at = updated_at;
    Ok(())
}

/// The title of another exam that candidates saw and that gives out the same ticket numbers: the same prefix, and a subject with the same code.
pub async fn same_numbers(conn: &mut Conn, exam: &Exam) -> Result<Option<String>> {
    let found: Option<(String,)> = sqlx::query_as(sql!(
        "select e.title from exams e where e.ticket_prefix = $1 and e.id <> $2 and e.state in ('published', 'closed')
         and exists (select 1 from subjects theirs join subjects ours on ours.code = theirs.code where theirs.exam = e.id and ours.exam = $2) order by e.id limit 1"
    ))
    .bind(exam.ticket_prefix.clone())
    .bind(exam.id)
    .fetch_optional(conn)
    .await?;
    Ok(found.map(|(title,)| title))
}

/// Keeps a version of the notice for good: candidates accept a version, and must be able to read it later.
pub async fn keep_notice(tx: &mut Tx, exam: &Exam, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "insert into exam_notices (exam, version, markdown, created_at) values ($1, $2, $3, $4) on conflict (exam, version) do nothing"
    ))
    .bind(exam.id)
    .bind(exam.notice_version)
    .bind(exam.notice.clone())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether candidates have ever seen it: publishing keeps a version of the notice.
pub async fn was_published(conn: &mut Conn, exam: i64) -> Result<bool> {
    let found: Option<(i64,)> =
        sqlx::query_as(sql!("select version from exam_notices where exam = $1 limit 1")).bind(exam).fetch_optional(conn).await?;
    Ok(found.is_some())
}

/// The Markdown of a kept version.
pub async fn notice(conn: &mut Conn, exam: i64, version: i64) -> Result<String> {
    let found: Option<(String,)> = sqlx::query_as(sql!("select markdown from exam_notices where exam = $1 and version = $2"))
        .bind(exam)
        .bind(version)
        .fetch_optional(conn)
        .await?;
    found.map(|(markdown,)| markdown).ok_or(Error::NotFound)
}

/// Writes a new subject; `false` when the exam has one with this code already.
pub async fn insert_subject(tx: &mut Tx, subject: &Subject) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into subjects (id, exam, code, name, starts_at, ends_at, capacity, taken, fee_fen) values ($1, $2, $3, $4, $5, $6, $7, 0, $8) on conflict (exam, code) do nothing"
    ))
    .bind(subject.id)
    .bind(subject.exam)
    .bind(subject.code.clone())
    .bind(subject.name.clone())
    .bind(subject.starts_at)
    .bind(subject.ends_at)
    .bind(subject.capacity)
    .bind(subject.fee_fen)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Rewrites a subject; `false` when more places are taken than it would have. The condition is in the statement: candidates take places meanwhile.
pub async fn update_subject(tx: &mut Tx, subject: &Subject) -> Result<bool> {
    let written = sqlx::query(sql!(
        "update subjects set code = $1, name = $2, starts_at = $3, ends_at = $4, capacity = $5, fee_fen = $6
         where id = $7 and exam = $8 and taken <= coalesce(cast($5 as bigint), taken)"
    ))
    .bind(subject.code.clone())
    .bind(subject.name.clone())
    .bind(subject.starts_at)
    .bind(subject.ends_at)
    .bind(subject.capacity)
    .bind(subject.fee_fen)
    .bind(subject.id)
    .bind(subject.exam)
    .execute(&mut **tx)
    .await;
    match written {
        Ok(done) => Ok(done.rows_affected() == 1),
        Err(error) if is_unique_violation(&error) => {
            Err(Error::invalid("subjects", format!("科目代码 {} 正被另一个科目使用；要互换代码，请分两次保存。", subject.code)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes a subject; `false` when somebody holds a place in it.
pub async fn remove_subject(tx: &mut Tx, subject: i64) -> Result<bool> {
    let done = sqlx::query(sql!("delete from subjects where id = $1 and taken = 0")).bind(subject).execute(&mut **tx).await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that the tickets of an exam were released; `false` when they were before.
pub async fn set_released(tx: &mut Tx, exam: i64, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!("update exams set tickets_released_at = $1 where id = $2 and tickets_released_at is null"))
        .bind(now.0)
        .bind(exam)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}
