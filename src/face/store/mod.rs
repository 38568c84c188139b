//! SQL on `face_checks` and `face_prints`; on stored faces in [`templates`], on on-site codes in [`codes`].

pub mod codes;
pub mod templates;

use super::frames::StoredFrame;
use super::{Challenge, Check, CheckState, Way};
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::sql;
use crate::types::UnixMs;

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Check> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, account, registration, way, state, nonce_hash, challenge, expires_at, frames, picture, similarity, problems, created_at,
                decided_at, reason, leased_by, lease_until
         from face_checks where id = $1"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// By public reference. The caller checks whose it is.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Check> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, account, registration, way, state, nonce_hash, challenge, expires_at, frames, picture, similarity, problems, created_at,
                decided_at, reason, leased_by, lease_until
         from face_checks where ref = $1"
    ))
    .bind(reference.to_owned())
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// The newest check of a registration.
pub async fn newest(conn: &mut Conn, registration: i64) -> Result<Option<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, registration, way, state, nonce_hash, challenge, expires_at, frames, picture, similarity, problems, created_at,
                decided_at, reason, leased_by, lease_until
         from face_checks where registration = $1 order by id desc limit 1"
    ))
    .bind(registration)
    .fetch_optional(conn)
    .await?)
}

/// The checks of a registration, newest first.
pub async fn of_registration(conn: &mut Conn, registration: i64) -> Result<Vec<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, registration, way, state, nonce_hash, challenge, expires_at, frames, picture, similarity, problems, created_at,
                decided_at, reason, leased_by, lease_until
         from face_checks where registration = $1 order by id desc limit 500"
    ))
    .bind(registration)
    .fetch_all(conn)
    .await?)
}

/// The checks of a registration in one state, oldest first.
pub async fn in_state(conn: &mut Conn, registration: i64, state: CheckState) -> Result<Vec<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, registration, way, state, nonce_hash, challenge, expires_at, frames, picture, similarity, problems, created_at,
                decided_at, reason, leased_by, lease_until
         from face_checks where registration = $1 and state = $2 order by id limit 100"
    ))
    .bind(registration)
    .bind(state.code())
    .fetch_all(conn)
    .await?)
}

/// The checks of an account on which nobody has decided.
pub async fn undecided_of(conn: &mut Conn, account: i64) -> Result<Vec<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, registration, way, state, nonce_hash, challenge, expires_at, frames, picture, similarity, problems, created_at,
                decided_at, reason, leased_by, lease_until
         from face_checks where account = $1 and state in ('open', 'checking', 'person') order by id limit 100"
    ))
    .bind(account)
    .fetch_all(conn)
    .await?)
}

/// The checks of an account whose photograph with the card in the hand is kept.
pub async fn with_holding_photo(conn: &mut Conn, account: i64) -> Result<Vec<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, registration, way, state, nonce_hash, challenge, expires_at, frames, picture, similarity, problems, created_at,
                decided_at, reason, leased_by, lease_until
         from face_checks where account = $1 and way = 'holding' and picture is not null order by id limit 100"
    ))
    .bind(account)
    .fetch_all(conn)
    .await?)
}

/// How often a registration's face was not recognised, and when that was the last time (0: never).
pub async fn failures(conn: &mut Conn, registration: i64) -> Result<(i64, UnixMs)> {
    let (count, last): (i64, i64) = sqlx::query_as(sql!(
        "select cast(count(*) as bigint), cast(coalesce(max(decided_at), 0) as bigint) from face_checks where registration = $1 and state = 'failed'"
    ))
    .bind(registration)
    .fetch_one(conn)
    .await?;
    Ok((count, UnixMs(last)))
}

/// A new check.
#[derive(Debug)]
pub struct NewCheck {
    /// Row id.
    pub id: i64,
    /// Random public reference.
    pub public_ref: String,
    /// Whose.
    pub account: i64,
    /// For which registration.
    pub registration: i64,
    /// How the face is shown.
    pub way: Way,
    /// `Open`, `Checking` or `Person`.
    pub state: CheckState,
    /// Hash of the nonce of a live check.
    pub nonce_hash: Option<Vec<u8>>,
    /// What a live check asks for.
    pub challenge: Option<Challenge>,
    /// When a challenge ends.
    pub expires_at: UnixMs,
    /// The photograph of the other ways.
    pub picture: Option<i64>,
}

/// Writes a check.
pub async fn insert(tx: &mut Tx, check: NewCheck, now: UnixMs) -> Result<()> {
    let challenge = match &check.challenge {
        Some(challenge) => serde_json::to_string(challenge)?,
        None => String::new(),
    };
    sqlx::query(sql!(
        "insert into face_checks (id, ref, account, registration, way, state, nonce_hash, challenge, expires_at, frames, picture, problems, created_at, reason, lease_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, '', $11, '', 0)"
    ))
    .bind(check.id)
    .bind(check.public_ref)
    .bind(check.account)
    .bind(check.registration)
    .bind(check.way.code())
    .bind(check.state.code())
    .bind(check.nonce_hash)
    .bind(challenge)
    .bind(check.expires_at.0)
    .bind(check.picture)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes the frames of an open challenge: once, and not after its time. `false` when it was too late or somebody was faster.
pub async fn take_frames(tx: &mut Tx, id: i64, frames: &[StoredFrame], now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update face_checks set state = 'checking', nonce_hash = null, frames = $1 where id = $2 and state = 'open' and expires_at > $3"
    ))
    .bind(serde_json::to_string(frames)?)
    .bind(id)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What the machine found.
#[derive(Debug)]
pub struct Decision {
    /// `Passed`, `Failed` or `Person`.
    pub state: CheckState,
    /// The best frame, or the photograph.
    pub picture: Option<i64>,
    /// Cosine in ten-thousandths.
    pub similarity: Option<i64>,
    /// Comma-separated codes.
    pub problems: String,
}

/// Writes what the machine found; `false` when the check is not being checked any more.
pub async fn decide(tx: &mut Tx, id: i64, decision: Decision, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update face_checks set state = $1, picture = $2, similarity = $3, problems = $4, decided_at = $5 where id = $6 and state = 'checking'"
    ))
    .bind(decision.state.code())
    .bind(decision.picture)
    .bind(decision.similarity)
    .bind(decision.problems)
    .bind((decision.state != CheckState::Person).then_some(now.0))
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what a person decided; `false` when somebody was faster.
pub async fn decide_by(tx: &mut Tx, id: i64, state: CheckState, staff: i64, reason: &str, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update face_checks set state = $1, decided_at = $2, decided_by = $3, reason = $4, leased_by = null, lease_until = 0 where id = $5 and state = 'person'"
    ))
    .bind(state.code())
    .bind(now.0)
    .bind(staff)
    .bind(reason.to_owned())
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a check that nobody decided: its numbers and its picture go.
pub async fn expire(tx: &mut Tx, id: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "update face_checks set state = 'expired', decided_at = $1, similarity = null, problems = '', picture = null, nonce_hash = null
         where id = $2 and state in ('open', 'checking', 'person')"
    ))
    .bind(now.0)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets what the machine measured, and leaves the case to people alone.
pub async fn forget_measures(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query(sql!("update face_checks set similarity = null, problems = '' where id = $1")).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Forgets a picture that is deleted.
pub async fn forget_picture(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query(sql!("update face_checks set picture = null where id = $1")).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Forgets frames whose objects are deleted.
pub async fn forget_frames(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query(sql!("update face_checks set frames = '' where id = $1 and state <> 'checking'")).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// How long the pictures of a check are known again: longer than any exam's registration is open.
const REMEMBERED_S: i64 = 400 * 24 * 3600;

/// Whether one of these pictures was in another check; see `face_prints` in the schema.
pub async fn was_seen(conn: &mut Conn, check: i64, prints: &[Vec<u8>]) -> Result<bool> {
    for print in prints {
        let found: Option<(i64,)> = sqlx::query_as(sql!("select check_id from face_prints where print = $1 and check_id <> $2"))
            .bind(print.clone())
            .bind(check)
            .fetch_optional(&mut *conn)
            .await?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Remembers the pictures of a check, and forgets those of long ago.
pub async fn remember(tx: &mut Tx, check: i64, prints: &[Vec<u8>], now: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from face_prints where created_at < $1")).bind(now.plus_s(-REMEMBERED_S).0).execute(&mut **tx).await?;
    for print in prints {
        sqlx::query(sql!("insert into face_prints (print, check_id, created_at) values ($1, $2, $3) on conflict (print) do nothing"))
            .bind(print.clone())
            .bind(check)
            .bind(now.0)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The cases that wait for a person, oldest first, after a row id.
pub async fn queue(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, registration, way, state, nonce_hash, challenge, expires_at, frames, picture, similarity, problems, created_at,
                decided_at, reason, leased_by, lease_until
         from face_checks where state = 'person' and id > $1 order by id limit $2"
    ))
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// How many cases wait for a person.
pub async fn waiting(conn: &mut Conn) -> Result<i64> {
    let (count,): (i64,) =
        sqlx::query_as(sql!("select cast(count(*) as bigint) from face_checks where state = 'person'")).fetch_one(conn).await?;
    Ok(count)
}

/// How many of them are of this exam.
pub async fn waiting_in(conn: &mut Conn, exam: i64) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(sql!(
        "select cast(count(*) as bigint) from face_checks c join registrations r on r.id = c.registration where c.state = 'person' and r.exam = $1"
    ))
    .bind(exam)
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// Gives the oldest case that nobody else holds to a reviewer. `None` also when another reviewer took that very case at the same moment: ask again.
pub async fn lease_next(tx: &mut Tx, staff: i64, passed_by: i64, until: UnixMs, now: UnixMs) -> Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as(sql!(
        "update face_checks set leased_by = $1, lease_until = $2
         where state = 'person' and (lease_until <= $3 or leased_by = $1) and id = (select id from face_checks where state = 'person' and (lease_until <= $3 or leased_by = $1)
             and not exists (select 1 from first_approvals f where f.desk = 'face' and f.case_id = face_checks.id and f.staff = $4
                                 and f.version = (select a.name_version from accounts a where a.id = face_checks.account)) order by id limit 1)
         returning ref"
    ))
    .bind(staff)
    .bind(until.0)
    .bind(now.0)
    .bind(passed_by)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|(reference,)| reference))
}

/// Gives a case to a reviewer; `false` while somebody else holds it.
pub async fn lease(tx: &mut Tx, id: i64, staff: i64, until: UnixMs, now: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update face_checks set leased_by = $1, lease_until = $2 where id = $3 and state = 'person' and (lease_until <= $4 or leased_by = $1)"
    ))
    .bind(staff)
    .bind(until.0)
    .bind(id)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a case back that this holder took before then.
pub async fn give_back(tx: &mut Tx, reference: &str, holder: i64, until: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "update face_checks set lease_until = 0 where ref = $1 and state = 'person' and leased_by = $2 and lease_until <= $3"
    ))
    .bind(reference)
    .bind(holder)
    .bind(until.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Passes a case from one holder, or from none, to another until then; `false` where somebody else holds it.
pub async fn pass_on(tx: &mut Tx, reference: &str, [from, to]: [i64; 2], now: UnixMs, until: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update face_checks set leased_by = $1, lease_until = $2 where ref = $3 and state = 'person' and (leased_by = $4 or lease_until <= $5)"
    ))
    .bind(to)
    .bind(until.0)
    .bind(reference)
    .bind(from)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
