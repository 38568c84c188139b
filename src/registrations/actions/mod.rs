//! Use cases: the candidate's ([`candidate`]), the staff's decisions ([`staff`]) and what they look at ([`console`]), and what later features report back ([`reports`]).

pub mod candidate;
pub mod console;
pub mod own;
pub mod reports;
pub mod staff;

use serde_json::Value;

use super::store::{self, HistoryLine};
use super::{Registration, Step, next};
use crate::app::App;
use crate::audit::Actor;
use crate::db::Tx;
use crate::error::Result;

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
