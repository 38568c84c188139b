//! SQL on `registrations` and `registration_history`; what the console lists and what the demo fills are in the files beside.

pub mod answers;
pub mod fill;
pub mod lists;
pub mod notes;
pub mod views;

use super::{Registration, State};
use crate::app::App;
use crate::audit::Actor;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::sql;
use crate::types::UnixMs;

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Registration> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, account, exam, state, version, notice_shown_at, notice_shown_version, notice_version, notice_accepted_at, face_state, face_picture, subject,
                study_status, thesis_grade, info_at, proof, submitted_at, reason, fee_fen, created_at, updated_at
         from registrations where id = $1"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// How many registrations of an exam are in each state, all of them counted: for what is done once, not for what is shown at every look.
pub async fn counts(conn: &mut Conn, exam: i64) -> Result<Vec<(String, i64)>> {
    Ok(sqlx::query_as(sql!("select state, cast(count(*) as bigint) from registrations where exam = $1 group by state order by state"))
        .bind(exam)
        .fetch_all(conn)
        .await?)
}

/// [`counts`] of those of a subject (`None`: all), a candidate type and a major ("": all).
pub async fn counts_of(conn: &mut Conn, exam: i64, subject: Option<i64>, candidate_type: &str, major: &str) -> Result<Vec<(String, i64)>> {
    Ok(sqlx::query_as(sql!(
        "select state, cast(count(*) as bigint) from registrations
         where exam = $1 and ($2 = 0 or subject = $2) and ($3 = '' or candidate_type = $3) and ($4 = '' or major = $4) group by state order by state"
    ))
    .bind(exam)
    .bind(subject.unwrap_or(0))
    .bind(candidate_type)
    .bind(major)
    .fetch_all(conn)
    .await?)
}

/// By registration number.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Registration> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, account, exam, state, version, notice_shown_at, notice_shown_version, notice_version, notice_accepted_at, face_state, face_picture, subject,
                study_status, thesis_grade, info_at, proof, submitted_at, reason, fee_fen, created_at, updated_at
         from registrations where ref = $1"
    ))
    .bind(reference)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// A candidate's registration for an exam.
pub async fn find_for(conn: &mut Conn, account: i64, exam: i64) -> Result<Option<Registration>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, exam, state, version, notice_shown_at, notice_shown_version, notice_version, notice_accepted_at, face_state, face_picture, subject,
                study_status, thesis_grade, info_at, proof, submitted_at, reason, fee_fen, created_at, updated_at
         from registrations where account = $1 and exam = $2"
    ))
    .bind(account)
    .bind(exam)
    .fetch_optional(conn)
    .await?)
}

/// All registrations of a candidate, newest first.
pub async fn of_account(conn: &mut Conn, account: i64) -> Result<Vec<Registration>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, exam, state, version, notice_shown_at, notice_shown_version, notice_version, notice_accepted_at, face_state, face_picture, subject,
                study_status, thesis_grade, info_at, proof, submitted_at, reason, fee_fen, created_at, updated_at
         from registrations where account = $1 order by id desc limit 100"
    ))
    .bind(account)
    .fetch_all(conn)
    .await?)
}

/// An exam's registrations in a state (or every state), by row id above `after`: the next page of a list.
pub async fn of_exam(conn: &mut Conn, exam: i64, state: Option<State>, after: i64, limit: i64) -> Result<Vec<Registration>> {
    lists::page(conn, &lists::Chosen { exam, state, after, ..lists::Chosen::default() }, limit).await
}

/// Writes a new one in `drafting`; `false` when the candidate has one for this exam already.
pub async fn insert(tx: &mut Tx, id: i64, reference: &str, account: i64, exam: i64, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into registrations (id, ref, account, exam, state, version, notice_address, face_state, study_status, thesis_grade, reason, candidate_type, major, created_at, updated_at)
         select $1, $2, id, $4, 'drafting', 1, '', 'none', '', '', '', candidate_type, major, $5, $6 from accounts where id = $3
         on conflict (account, exam) do nothing"
    ))
    .bind(id)
    .bind(reference)
    .bind(account)
    .bind(exam)
    .bind(now.0)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps beside somebody's registrations what they study, for the lists.
pub async fn set_studies(tx: &mut Tx, account: i64, candidate_type: &str, major: &str) -> Result<()> {
    sqlx::query(sql!("update registrations set candidate_type = $1, major = $2 where account = $3"))
        .bind(candidate_type.to_owned())
        .bind(major.to_owned())
        .bind(account)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Writes back a row that was read in this or an earlier transaction; refused when somebody else changed it since.
pub async fn update(tx: &mut Tx, row: &Registration, now: UnixMs) -> Result<()> {
    let done = sqlx::query(sql!(
        "update registrations set state = $1, version = version + 1, notice_version = $2, notice_accepted_at = $3, face_state = $4, face_picture = $5,
                subject = $6, study_status = $7, thesis_grade = $8, info_at = $9, proof = $10, submitted_at = $11, reason = $12, fee_fen = $13, updated_at = $14
         where id = $15 and version = $16"
    ))
    .bind(row.state.clone())
    .bind(row.notice_version)
    .bind(row.notice_accepted_at)
    .bind(row.face_state.clone())
    .bind(row.face_picture)
    .bind(row.subject)
    .bind(row.study_status.clone())
    .bind(row.thesis_grade.clone())
    .bind(row.info_at)
    .bind(row.proof)
    .bind(row.submitted_at)
    .bind(row.reason.clone())
    .bind(row.fee_fen)
    .bind(now.0)
    .bind(row.id)
    .bind(row.version)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::refused("changed_meanwhile", "这份报名刚刚有变动，请返回查看最新状态后再操作。"))
    }
}

/// Notes which version of the notice is on the screen since when (`None`: none any more). The first moment of a version counts, and a second phone changes nothing.
pub async fn set_notice_shown(tx: &mut Tx, id: i64, shown: Option<(i64, UnixMs)>) -> Result<()> {
    match shown {
        Some((version, at)) => {
            sqlx::query(sql!(
                "update registrations set notice_shown_version = $1, notice_shown_at = $2
                 where id = $3 and state = 'drafting' and (notice_shown_version is null or notice_shown_version <> $1)"
            ))
            .bind(version)
            .bind(at.0)
            .bind(id)
            .execute(&mut **tx)
            .await?
        }
        None => {
            sqlx::query(sql!("update registrations set notice_shown_version = null, notice_shown_at = null where id = $1"))
                .bind(id)
                .execute(&mut **tx)
                .await?
        }
    };
    Ok(())
}

/// From where the notice was accepted, or "".
pub async fn notice_address(conn: &mut Conn, id: i64) -> Result<String> {
    let (address,): (String,) =
        sqlx::query_as(sql!("select notice_address from registrations where id = $1")).bind(id).fetch_one(conn).await?;
    Ok(address)
}

/// Keeps from where the notice was accepted.
pub async fn set_notice_address(tx: &mut Tx, id: i64, address: &str) -> Result<()> {
    sqlx::query(sql!("update registrations set notice_address = $1 where id = $2")).bind(address).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// A line of a registration's history.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct HistoryLine {
    pub at: i64,
    pub actor_kind: String,
    pub actor_name: String,
    pub from_state: String,
    pub to_state: String,
    pub step: String,
    pub why: String,
    pub detail: String,
}

/// Appends to the history.
pub async fn remember(app: &App, tx: &mut Tx, actor: &Actor, registration: i64, line: &HistoryLine) -> Result<()> {
    sqlx::query(sql!(
        "insert into registration_history (id, registration, at, actor_kind, actor_id, actor_name, from_state, to_state, step, why, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    ))
    .bind(app.ids.make(UnixMs(line.at)))
    .bind(registration)
    .bind(line.at)
    .bind(line.actor_kind.clone())
    .bind(actor.id())
    .bind(line.actor_name.clone())
    .bind(line.from_state.clone())
    .bind(line.to_state.clone())
    .bind(line.step.clone())
    .bind(line.why.clone())
    .bind(line.detail.clone())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The history, newest first.
pub async fn history(conn: &mut Conn, registration: i64) -> Result<Vec<HistoryLine>> {
    Ok(sqlx::query_as(sql!(
        "select at, actor_kind, actor_name, from_state, to_state, step, why, detail from registration_history where registration = $1 order by id desc limit 200"
    ))
    .bind(registration)
    .fetch_all(conn)
    .await?)
}

/// How many registrations of an exam are in each state, by subject.
pub async fn counts_by_subject(conn: &mut Conn, exam: i64) -> Result<Vec<(i64, String, i64)>> {
    Ok(sqlx::query_as(sql!(
        "select subject, state, cast(count(*) as bigint) from registrations where exam = $1 and subject is not null group by subject, state"
    ))
    .bind(exam)
    .fetch_all(conn)
    .await?)
}
