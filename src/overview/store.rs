//! SQL on `overview_figures` and `overview_counted`; and the counting itself, which reads what other features own and writes nothing of theirs.

use std::collections::BTreeMap;

use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// A figure: which, of what, how many.
pub type Figure = (String, String, i64);

const HOUR_MS: i64 = 3_600_000;
/// China's days begin eight hours before those of Unix.
const ZONE_MS: i64 = 8 * HOUR_MS;
/// Days and hours that are shown.
const DAYS: i64 = 60;
const HOURS: i64 = 48;
/// Majors that are shown.
const MAJORS: usize = 20;

fn keyed(figure: &str, rows: Vec<(String, i64)>, into: &mut Vec<Figure>) {
    into.extend(rows.into_iter().map(|(key, value)| (figure.to_owned(), key, value)));
}

/// Counts an exam anew: three passes over its registrations, each for two figures.
pub async fn count_exam(conn: &mut Conn, exam: i64, now: UnixMs) -> Result<Vec<Figure>> {
    let mut sums: BTreeMap<(&str, String), i64> = BTreeMap::new();
    // What is to pay: what was asked of whoever handed in, what the subject costs now for the others.
    let rows: Vec<(String, Option<String>, i64, i64)> = sqlx::query_as(sql!(
        "select c.state, s.code || ' ' || s.name, c.many, cast(c.asked + c.others * coalesce(s.fee_fen, e.fee_fen) as bigint) from
         (select state, subject, cast(count(*) as bigint) as many, coalesce(sum(fee_fen), 0) as asked, count(*) - count(fee_fen) as others
          from registrations where exam = $1 group by state, subject) c
         join exams e on e.id = $1 left join subjects s on s.id = c.subject"
    ))
    .bind(exam)
    .fetch_all(&mut *conn)
    .await?;
    for (state, subject, many, fen) in rows {
        if let Some(subject) = subject.filter(|_| state != "drafting" && state != "withdrawn") {
            *sums.entry(("subject", subject)).or_default() += many;
        }
        *sums.entry(("money", state.clone())).or_default() += fen;
        *sums.entry(("state", state)).or_default() += many;
    }
    let rows: Vec<(String, String, i64)> = sqlx::query_as(sql!(
        "select a.candidate_type, a.major, cast(count(*) as bigint) from registrations r join accounts a on a.id = r.account
         where r.exam = $1 and r.state not in ('drafting', 'withdrawn') group by a.candidate_type, a.major"
    ))
    .bind(exam)
    .fetch_all(&mut *conn)
    .await?;
    let mut majors: BTreeMap<String, i64> = BTreeMap::new();
    for (kind, major, many) in rows {
        *sums.entry(("type", kind)).or_default() += many;
        *majors.entry(major).or_default() += many;
    }
    let mut majors: Vec<(String, i64)> = majors.into_iter().collect();
    majors.sort_by_key(|(_, many)| -many);
    sums.extend(majors.into_iter().take(MAJORS).map(|(major, many)| (("major", major), many)));
    let this_hour = (now.0 + ZONE_MS) / HOUR_MS;
    let first_hour = (this_hour / 24 - DAYS + 1) * 24;
    let rows: Vec<(i64, i64)> = sqlx::query_as(sql!(
        "select (created_at + $1) / $2 as unit, cast(count(*) as bigint) from registrations
         where exam = $3 and created_at >= $4 group by (created_at + $1) / $2"
    ))
    .bind(ZONE_MS)
    .bind(HOUR_MS)
    .bind(exam)
    .bind(first_hour * HOUR_MS - ZONE_MS)
    .fetch_all(&mut *conn)
    .await?;
    for (hour, many) in rows {
        *sums.entry(("day", (hour / 24).to_string())).or_default() += many;
        if hour > this_hour - HOURS {
            *sums.entry(("hour", hour.to_string())).or_default() += many;
        }
    }
    Ok(sums.into_iter().map(|((figure, key), many)| (figure.to_owned(), key, many)).collect())
}

/// Counts what readers and reviewers decided since a moment: `state|problems`, of identity checks and of face checks.
pub async fn count_checks(conn: &mut Conn, since: UnixMs) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let rows = sqlx::query_as(sql!(
        "select state || '|' || problems, cast(count(*) as bigint) from identity_checks where created_at >= $1 group by state, problems"
    ))
    .bind(since.0)
    .fetch_all(&mut *conn)
    .await?;
    keyed("identity", rows, &mut figures);
    let rows = sqlx::query_as(sql!(
        "select state || '|' || problems, cast(count(*) as bigint) from face_checks where created_at >= $1 group by state, problems"
    ))
    .bind(since.0)
    .fetch_all(&mut *conn)
    .await?;
    keyed("face", rows, &mut figures);
    let (identity, face, payment): (Option<i64>, Option<i64>, Option<i64>) = sqlx::query_as(sql!(
        "select (select min(created_at) from identity_checks where state = 'person'), (select min(created_at) from face_checks where state = 'person'),
                (select min(submitted_at) from registrations where state = 'submitted')"
    ))
    .fetch_one(conn)
    .await?;
    let oldest = [("identity", identity), ("face", face), ("payment", payment)];
    figures.extend(oldest.into_iter().filter_map(|(key, at)| Some(("oldest".to_owned(), key.to_owned(), at?))));
    Ok(figures)
}

/// Writes figures over earlier ones. `exam` 0: those of no exam.
pub async fn put(tx: &mut Tx, exam: i64, figures: &[Figure], now: UnixMs, took_ms: i64) -> Result<()> {
    sqlx::query(sql!("delete from overview_figures where exam = $1")).bind(exam).execute(&mut **tx).await?;
    for (figure, key, value) in figures {
        sqlx::query(sql!(
            "insert into overview_figures (exam, figure, key, value) values ($1, $2, $3, $4) on conflict (exam, figure, key) do nothing"
        ))
        .bind(exam)
        .bind(figure.clone())
        .bind(key.clone())
        .bind(*value)
        .execute(&mut **tx)
        .await?;
    }
    sqlx::query(sql!(
        "insert into overview_counted (exam, counted_at, took_ms) values ($1, $2, $3)
         on conflict (exam) do update set counted_at = excluded.counted_at, took_ms = excluded.took_ms"
    ))
    .bind(exam)
    .bind(now.0)
    .bind(took_ms)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The figures of an exam.
pub async fn figures(conn: &mut Conn, exam: i64) -> Result<Vec<Figure>> {
    Ok(sqlx::query_as(sql!("select figure, key, value from overview_figures where exam = $1")).bind(exam).fetch_all(conn).await?)
}

/// When an exam was counted, and how long that took.
pub async fn counted(conn: &mut Conn, exam: i64) -> Result<Option<(i64, i64)>> {
    Ok(sqlx::query_as(sql!("select counted_at, took_ms from overview_counted where exam = $1")).bind(exam).fetch_optional(conn).await?)
}
