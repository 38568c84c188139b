//! Use cases: the candidate's ([`candidate`], [`files`]), the staff's decisions ([`staff`]) and what they look at ([`lists`]; [`console`]; [`export`]; [`views`]), and what later features report back ([`reports`]).

pub mod candidate;
pub mod console;
pub mod export;
pub mod files;
pub mod lists;
pub mod own;
pub mod reports;
pub mod staff;
pub mod views;

use serde_json::Value;

use super::store::{self, HistoryLine};
use super::{Registration, State, Step, next};
use crate::accounts::store::Account;
use crate::app::App;
use crate::audit::Actor;
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::exams::{self, Exam, Subject};
use crate::identity;
use crate::types::{Fen, UnixMs};

/// What is to pay ([`Registration::fee`]).
pub async fn fee(conn: &mut Conn, row: &Registration, exam: &Exam) -> Result<Fen> {
    let subject = match row.subject {
        Some(id) if row.fee_fen.is_none() => Some(exams::store::subject(conn, id).await?),
        _ => None,
    };
    Ok(row.fee(exam, subject.as_ref()))
}

/// The last day of the candidate's document, in words, where it is over before the exam that is meant: the chosen subject, or the last of all. "" otherwise.
pub async fn document_ends(app: &App, conn: &mut Conn, account: &Account, subjects: &[Subject], chosen: Option<i64>) -> Result<String> {
    let meant = subjects.iter().filter(|subject| chosen.is_none_or(|id| id == subject.id)).map(|subject| subject.starts_at).max();
    let Some(meant) = meant.filter(|at| *at > 0) else { return Ok(String::new()) };
    let ends = identity::actions::ends_before(app, conn, account, UnixMs(meant).date()).await?;
    Ok(ends.map(|last| last.strftime("%Y年%-m月%-d日").to_string()).unwrap_or_default())
}

/// Takes a step: the state machine's verdict, the row, its history, in the caller's transaction. `row` carries the caller's other changes and is written with them;
/// afterwards it has the new state and version, so that another step can follow.
pub(crate) async fn take(
    app: &App,
    tx: &mut Tx,
    row: &mut Registration,
    step: Step,
    actor: &Actor,
    why: &str,
    detail: Value,
) -> Result<()> {
    let from = row.state();
    let to = next(from, step)?;
    let now = app.clock.now();
    row.state = to.code().to_owned();
    // What was free when it was handed in may cost something by now.
    if matches!(to, State::AwaitingPayment | State::Returned) && row.fee_fen == Some(0) {
        row.fee_fen = None;
    }
    store::update(tx, row, now).await?;
    row.version += 1;
    let line = HistoryLine {
        at: now.0,
        actor_kind: actor.kind().to_owned(),
        actor_name: actor.name().to_owned(),
        from_state: from.code().to_owned(),
        to_state: to.code().to_owned(),
        step: step.code().to_owned(),
        why: why.to_owned(),
        detail: detail.to_string(),
    };
    store::remember(app, tx, actor, row.id, &line).await
}
