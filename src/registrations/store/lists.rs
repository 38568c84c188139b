//! SQL behind the lists of the console: pages by row id, and counts that stop early. Every statement here goes through an index (tests/it/registrations_lists.rs).

use super::super::{MOST_COUNTED, Registration, State};
use crate::db::Conn;
use crate::error::Result;
use crate::sql;

/// Which registrations of an exam a list shows.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Row id of the exam.
    pub exam: i64,
    /// In this state only.
    pub state: Option<State>,
    /// For this subject of the exam only.
    pub subject: Option<i64>,
    /// Of people of this type only; "" for all.
    pub candidate_type: String,
    /// Of people who study this only; "" for all.
    pub major: String,
    /// Row ids above this one: the page begins after it.
    pub after: i64,
    /// Row ids below this one. Row ids are in the order of time, so that a day is a range of them.
    pub below: i64,
    /// Whether a page is taken from the end of the range, the newest first.
    pub newest_first: bool,
}

impl Default for Chosen {
    fn default() -> Self {
        let (candidate_type, major) = Default::default();
        Self { exam: 0, state: None, subject: None, candidate_type, major, after: 0, below: i64::MAX, newest_first: false }
    }
}

/// A page of a list, by row id; the newest first where that is asked for.
pub async fn page(conn: &mut Conn, chosen: &Chosen, limit: i64) -> Result<Vec<Registration>> {
    let Chosen { exam, state, subject, after, below, .. } = *chosen;
    let is_of_studies = !chosen.major.is_empty() || !chosen.candidate_type.is_empty();
    if is_of_studies || chosen.newest_first {
        let ids = if is_of_studies { studying(conn, chosen, limit).await? } else { newest(conn, chosen, limit).await? };
        let mut rows = Vec::new();
        for id in ids {
            rows.push(super::find(conn, id).await?);
        }
        return Ok(rows);
    }
    Ok(match (state, subject) {
        (None, None) => {
            sqlx::query_as(sql!(
                "select id, ref as public_ref, account, exam, state, version, notice_shown_at, notice_shown_version, notice_version, notice_accepted_at, face_state, face_picture,
                        subject, study_status, thesis_grade, info_at, proof, submitted_at, reason, fee_fen, created_at, updated_at
                 from registrations where exam = $1 and id > $2 and id < $3 order by id limit $4"
            ))
            .bind(exam)
            .bind(after)
            .bind(below)
            .bind(limit)
            .fetch_all(conn)
            .await?
        }
        (Some(state), None) => {
            sqlx::query_as(sql!(
                "select id, ref as public_ref, account, exam, state, version, notice_shown_at, notice_shown_version, notice_version, notice_accepted_at, face_state, face_picture,
                        subject, study_status, thesis_grade, info_at, proof, submitted_at, reason, fee_fen, created_at, updated_at
                 from registrations where exam = $1 and state = $2 and id > $3 and id < $4 order by id limit $5"
            ))
            .bind(exam)
            .bind(state.code())
            .bind(after)
            .bind(below)
            .bind(limit)
            .fetch_all(conn)
            .await?
        }
        (None, Some(subject)) => {
            sqlx::query_as(sql!(
                "select id, ref as public_ref, account, exam, state, version, notice_shown_at, notice_shown_version, notice_version, notice_accepted_at, face_state, face_picture,
                        subject, study_status, thesis_grade, info_at, proof, submitted_at, reason, fee_fen, created_at, updated_at
                 from registrations where subject = $1 and id > $2 and id < $3 order by id limit $4"
            ))
            .bind(subject)
            .bind(after)
            .bind(below)
            .bind(limit)
            .fetch_all(conn)
            .await?
        }
        (Some(state), Some(subject)) => {
            sqlx::query_as(sql!(
                "select id, ref as public_ref, account, exam, state, version, notice_shown_at, notice_shown_version, notice_version, notice_accepted_at, face_state, face_picture,
                        subject, study_status, thesis_grade, info_at, proof, submitted_at, reason, fee_fen, created_at, updated_at
                 from registrations where subject = $1 and state = $2 and id > $3 and id < $4 order by id limit $5"
            ))
            .bind(subject)
            .bind(state.code())
            .bind(after)
            .bind(below)
            .bind(limit)
            .fetch_all(conn)
            .await?
        }
    })
}

/// A page from the end of a list: row ids.
async fn newest(conn: &mut Conn, chosen: &Chosen, limit: i64) -> Result<Vec<i64>> {
    let Chosen { exam, state, subject, after, below, .. } = *chosen;
    let query = match (state, subject) {
        (None, None) => {
            sqlx::query_as(sql!("select id from registrations where exam = $1 and id > $2 and id < $3 order by id desc limit $4"))
        }
        (Some(_), None) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and id > $2 and id < $3 and state = $5 order by id desc limit $4"
        )),
        (None, Some(_)) => {
            sqlx::query_as(sql!("select id from registrations where subject = $1 and id > $2 and id < $3 order by id desc limit $4"))
        }
        (Some(_), Some(_)) => sqlx::query_as(sql!(
            "select id from registrations where subject = $1 and id > $2 and id < $3 and state = $5 order by id desc limit $4"
        )),
    };
    let mut query = query.bind(subject.unwrap_or(exam)).bind(after).bind(below).bind(limit);
    if let Some(state) = state {
        query = query.bind(state.code());
    }
    let rows: Vec<(i64,)> = query.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A page of a list of people who study something: row ids. A statement for each set of conditions, so that each condition is looked at in the index itself:
/// where hardly anybody fits, a hundred thousand entries are passed on the way, and must not be read one by one.
async fn studying(conn: &mut Conn, chosen: &Chosen, limit: i64) -> Result<Vec<i64>> {
    let Chosen { exam, state, subject, after, below, .. } = *chosen;
    let has = (!chosen.major.is_empty(), !chosen.candidate_type.is_empty(), subject.is_some());
    let query = match (chosen.newest_first, has) {
        (false, (true, false, false)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and major = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 order by id limit $7"
        )),
        (false, (true, false, true)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and major = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 and subject = $8 order by id limit $7"
        )),
        (false, (true, true, false)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and major = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 and candidate_type = $8
             order by id limit $7"
        )),
        (false, (true, true, true)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and major = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 and candidate_type = $8
                  and subject = $9 order by id limit $7"
        )),
        (false, (false, _, false)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and candidate_type = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 order by id limit $7"
        )),
        (false, (false, _, true)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and candidate_type = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 and subject = $8
             order by id limit $7"
        )),
        (true, (true, false, false)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and major = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 order by id desc limit $7"
        )),
        (true, (true, false, true)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and major = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 and subject = $8 order by id desc limit $7"
        )),
        (true, (true, true, false)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and major = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 and candidate_type = $8
             order by id desc limit $7"
        )),
        (true, (true, true, true)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and major = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 and candidate_type = $8
                  and subject = $9 order by id desc limit $7"
        )),
        (true, (false, _, false)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and candidate_type = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 order by id desc limit $7"
        )),
        (true, (false, _, true)) => sqlx::query_as(sql!(
            "select id from registrations where exam = $1 and candidate_type = $2 and id > $3 and id < $4 and state >= $5 and state <= $6 and subject = $8
             order by id desc limit $7"
        )),
    };
    // Every state lies between these two.
    let (first, last) = state.map_or(("", "zz"), |state| (state.code(), state.code()));
    let by = if has.0 { &chosen.major } else { &chosen.candidate_type };
    let mut query = query.bind(exam).bind(by.clone()).bind(after).bind(below).bind(first).bind(last).bind(limit);
    if has.0 && has.1 {
        query = query.bind(chosen.candidate_type.clone());
    }
    if let Some(subject) = subject {
        query = query.bind(subject);
    }
    let rows: Vec<(i64,)> = query.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// How many registrations of an exam are in a state, counted up to [`MOST_COUNTED`]: a page must not walk over a million rows.
pub async fn count(conn: &mut Conn, exam: i64, state: State) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(sql!(
        "select cast(count(*) as bigint) from (select id from registrations where exam = $1 and state = $2 limit $3) as counted"
    ))
    .bind(exam)
    .bind(state.code())
    .bind(MOST_COUNTED)
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// How many registrations wait for a reviewer, over all exams, counted up to [`MOST_COUNTED`].
pub async fn waiting(conn: &mut Conn) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(sql!(
        "select cast(count(*) as bigint) from (select id from registrations where state = 'submitted' limit $1) as counted"
    ))
    .bind(MOST_COUNTED)
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// What the people of an exam study, in the order of the text, at most `limit`: one look into the index for each, however many people there are.
pub async fn majors(conn: &mut Conn, exam: i64, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sqlx::query_as(sql!(
        "with recursive found (major) as (
             select (select major from registrations where exam = $1 and major > '' order by major limit 1)
             union all
             select (select r.major from registrations r where r.exam = $1 and r.major > found.major order by r.major limit 1) from found where found.major is not null
         )
         select major from found where major is not null limit $2"
    ))
    .bind(exam)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(major,)| major).collect())
}
