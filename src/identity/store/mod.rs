//! SQL on `identity_checks`.

pub mod holders;

use super::CheckState;
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// A check. What was read stays sealed until a caller opens it.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Check {
    pub id: i64,
    pub public_ref: String,
    pub account: i64,
    pub name_version: i64,
    pub front_picture: i64,
    pub back_picture: i64,
    pub portrait_picture: Option<i64>,
    pub state: String,
    pub result_enc: Option<Vec<u8>>,
    pub problems: String,
    pub created_at: i64,
    pub decided_at: Option<i64>,
    pub decided_by: Option<i64>,
    pub reason: String,
    pub leased_by: Option<i64>,
    pub lease_until: i64,
}

impl Check {
    /// How far it is.
    pub fn state(&self) -> CheckState {
        CheckState::stored(&self.state)
    }

    /// Whether a reviewer holds it at this moment; who.
    pub fn holder(&self, now: UnixMs) -> Option<i64> {
        self.leased_by.filter(|_| self.lease_until > now.0)
    }
}

/// What is written for an upload.
#[derive(Debug)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct NewCheck {
    pub id: i64,
    pub public_ref: String,
    pub account: i64,
    pub name_version: i64,
    pub front_picture: i64,
    pub back_picture: i64,
    pub state: CheckState,
    pub problems: String,
    pub created_at: UnixMs,
}

/// What a decision of the machine writes.
#[derive(Debug)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Settled {
    pub state: CheckState,
    pub result_enc: Vec<u8>,
    pub problems: String,
    pub portrait_picture: Option<i64>,
    pub decided_at: Option<UnixMs>,
}

/// Writes a new check; `false` when the account has one in hand already.
pub async fn insert(tx: &mut Tx, check: NewCheck) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into identity_checks (id, ref, account, name_version, front_picture, back_picture, state, problems, created_at, reason, lease_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0) on conflict do nothing"
    ))
    .bind(check.id)
    .bind(check.public_ref)
    .bind(check.account)
    .bind(check.name_version)
    .bind(check.front_picture)
    .bind(check.back_picture)
    .bind(check.state.code())
    .bind(check.problems)
    .bind(check.created_at.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, name_version, front_picture, back_picture, portrait_picture, state, result_enc, problems, created_at,
                decided_at, decided_by, reason, leased_by, lease_until
         from identity_checks where id = $1"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?)
}

/// By public reference. The caller checks whose it is.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Option<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, name_version, front_picture, back_picture, portrait_picture, state, result_enc, problems, created_at,
                decided_at, decided_by, reason, leased_by, lease_until
         from identity_checks where ref = $1"
    ))
    .bind(reference)
    .fetch_optional(conn)
    .await?)
}

/// An account's newest check for a version of its name.
pub async fn newest(conn: &mut Conn, account: i64, name_version: i64) -> Result<Option<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, name_version, front_picture, back_picture, portrait_picture, state, result_enc, problems, created_at,
                decided_at, decided_by, reason, leased_by, lease_until
         from identity_checks where account = $1 and name_version = $2 order by id desc limit 1"
    ))
    .bind(account)
    .bind(name_version)
    .fetch_optional(conn)
    .await?)
}

/// An account's checks, newest first.
pub async fn of_account(conn: &mut Conn, account: i64) -> Result<Vec<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, name_version, front_picture, back_picture, portrait_picture, state, result_enc, problems, created_at,
                decided_at, decided_by, reason, leased_by, lease_until
         from identity_checks where account = $1 order by id desc limit 500"
    ))
    .bind(account)
    .fetch_all(conn)
    .await?)
}

/// How often the machine refused an account for a version of its name.
pub async fn failures(conn: &mut Conn, account: i64, name_version: i64) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(sql!(
        "select cast(count(*) as bigint) from identity_checks where account = $1 and name_version = $2 and state = 'failed'"
    ))
    .bind(account)
    .bind(name_version)
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// Closes what is in hand for an earlier name of the account.
pub async fn supersede(tx: &mut Tx, account: i64, name_version: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "update identity_checks set state = 'superseded', decided_at = $1 where account = $2 and name_version <> $3 and state in ('reading', 'person')"
    ))
    .bind(now.0)
    .bind(account)
    .bind(name_version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Replaces what was read, sealed.
pub async fn set_result(tx: &mut Tx, id: i64, result_enc: Vec<u8>) -> Result<()> {
    sqlx::query(sql!("update identity_checks set result_enc = $1 where id = $2")).bind(result_enc).bind(id).execute(&mut **tx).await?;
    Ok(())
}

/// Empties an account's checks of what was read on its cards, and closes those in hand or to be mended: the account is gone, or its consent.
pub async fn forget(tx: &mut Tx, account: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update identity_checks set result_enc = null where account = $1")).bind(account).execute(&mut **tx).await?;
    holders::forget(tx, account).await?;
    sqlx::query(sql!(
        "update identity_checks set state = 'superseded', decided_at = $1 where account = $2 and state in ('reading', 'person', 'failed')"
    ))
    .bind(now.0)
    .bind(account)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes what the machine made of a check; `false` when it is no longer being read.
pub async fn settle(tx: &mut Tx, id: i64, settled: Settled) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update identity_checks set state = $1, result_enc = $2, problems = $3, portrait_picture = $4, decided_at = $5 where id = $6 and state = 'reading'"
    ))
    .bind(settled.state.code())
    .bind(settled.result_enc)
    .bind(settled.problems)
    .bind(settled.portrait_picture)
    .bind(settled.decided_at.map(|at| at.0))
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Every picture of an account's checks, those deleted among them.
pub async fn pictures_of(conn: &mut Conn, account: i64) -> Result<Vec<i64>> {
    let rows: Vec<(i64, i64, Option<i64>)> =
        sqlx::query_as(sql!("select front_picture, back_picture, portrait_picture from identity_checks where account = $1 order by id"))
            .bind(account)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().flat_map(|(front, back, portrait)| [Some(front), Some(back), portrait]).flatten().collect())
}

/// Adds the portrait of a check that a person decides or approved; `false` when it has one, or counts for nothing.
pub async fn set_portrait(tx: &mut Tx, id: i64, picture: i64) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update identity_checks set portrait_picture = $1 where id = $2 and portrait_picture is null and state in ('person', 'approved')"
    ))
    .bind(picture)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Hands a check that the machine refused to a person; `false` when it is not in that state any more.
pub async fn hand_over(tx: &mut Tx, id: i64, problems: &str) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update identity_checks set state = 'person', decided_at = null, problems = $1 where id = $2 and state = 'failed'"
    ))
    .bind(problems)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The queue from the oldest on, beginning after the check `after` (0: at the first).
pub async fn queue(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Check>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, account, name_version, front_picture, back_picture, portrait_picture, state, result_enc, problems, created_at,
                decided_at, decided_by, reason, leased_by, lease_until
         from identity_checks where state = 'person' and id > $1 order by id limit $2"
    ))
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// How many wait for a person.
pub async fn waiting(conn: &mut Conn) -> Result<i64> {
    let (count,): (i64,) =
        sqlx::query_as(sql!("select cast(count(*) as bigint) from identity_checks where state = 'person'")).fetch_one(conn).await?;
    Ok(count)
}

/// The oldest check that this reviewer may take: held by nobody, or by this reviewer already.
pub async fn next_free(conn: &mut Conn, staff: i64, passed_by: i64, now: UnixMs) -> Result<Option<(i64, String)>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref from identity_checks where state = 'person' and (lease_until <= $1 or leased_by = $2)
             and not exists (select 1 from first_approvals f where f.desk = 'identity' and f.case_id = identity_checks.id and f.staff = $3) order by id limit 1"
    ))
    .bind(now.0)
    .bind(staff)
    .bind(passed_by)
    .fetch_optional(conn)
    .await?)
}

/// Takes a check for a reviewer until then; `false` when another holds it, or it is decided. The condition is in the statement, so that of two reviewers
/// at the same moment one gets it.
pub async fn lease(tx: &mut Tx, id: i64, staff: i64, now: UnixMs, until: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update identity_checks set leased_by = $1, lease_until = $2 where id = $3 and state = 'person' and (lease_until <= $4 or leased_by = $1)"
    ))
    .bind(staff)
    .bind(until.0)
    .bind(id)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a reviewer's decision; `false` when it was decided before, or another reviewer holds it.
pub async fn decide(tx: &mut Tx, id: i64, staff: i64, now: UnixMs, state: CheckState, reason: &str) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update identity_checks set state = $1, decided_at = $2, decided_by = $3, reason = $4, leased_by = null, lease_until = 0
         where id = $5 and state = 'person' and (lease_until <= $2 or leased_by = $3)"
    ))
    .bind(state.code())
    .bind(now.0)
    .bind(staff)
    .bind(reason)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a case back that this holder took before then.
pub async fn give_back(tx: &mut Tx, reference: &str, holder: i64, until: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "update identity_checks set lease_until = 0 where ref = $1 and state = 'person' and leased_by = $2 and lease_until <= $3"
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
        "update identity_checks set leased_by = $1, lease_until = $2 where ref = $3 and state = 'person' and (leased_by = $4 or lease_until <= $5)"
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
