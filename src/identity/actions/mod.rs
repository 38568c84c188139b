//! Use cases: what candidates do ([`candidate`]), what reviewers do ([`review`]), and who may look at a picture ([`pictures`]).

pub mod candidate;
pub mod pictures;
pub mod review;

use baokao_vision::ValidUntil;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::store::{self, Check};
use super::{CheckState, Outcome};
use crate::accounts::store::Account;
use crate::accounts::{self, RealName};
use crate::app::App;
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::types::UnixMs;

/// No account has this version of its name: closes whatever is in hand for an account that is gone.
pub(super) const NO_NAME: i64 = -1;

/// The context that a check's outcome is sealed with.
fn context(check: i64) -> String {
    format!("identity_checks.result:{check}")
}

/// Seals what was read.
pub(super) fn seal(app: &App, check: i64, outcome: &Outcome) -> Result<Vec<u8>> {
    app.keys.seal(&context(check), &serde_json::to_vec(outcome)?)
}

/// Opens what was read; empty for a check that was not read by machine.
pub(super) fn outcome(app: &App, check: &Check) -> Result<Outcome> {
    match &check.result_enc {
        Some(sealed) => Ok(serde_json::from_slice(&app.keys.open_sealed(&context(check.id), sealed)?)?),
        None => Ok(Outcome::default()),
    }
}

/// An account's pictures were deleted at the end of their time: the lines that were cut out of them go, what was read in them stays.
pub async fn forget_lines(app: &App, tx: &mut Tx, account: i64) -> Result<()> {
    for check in store::of_account(tx, account).await? {
        let read = outcome(app, &check)?;
        if read.name_line.is_some() || !read.lines.is_empty() {
            let without = Outcome { name_line: None, lines: Vec::new(), ..read };
            store::set_result(tx, check.id, seal(app, check.id, &without)?).await?;
        }
    }
    Ok(())
}

/// The last day of the document that the account was verified with, where it is over before `day`.
pub async fn ends_before(app: &App, conn: &mut Conn, account: &Account, day: Date) -> Result<Option<Date>> {
    let check = store::newest(conn, account.id, account.name_version).await?;
    let Some(check) = check.filter(|check| matches!(check.state(), CheckState::Passed | CheckState::Approved)) else { return Ok(None) };
    Ok(match outcome(app, &check)?.back.and_then(|back| back.valid_until) {
        Some(ValidUntil::Day(last)) if last < day => Some(last),
        _ => None,
    })
}

/// The account's checks and what was read on its cards, in words.
pub async fn own_data(app: &App, conn: &mut Conn, account: i64) -> Result<Value> {
    let mut list = Vec::new();
    for check in store::of_account(conn, account).await? {
        let outcome = outcome(app, &check)?;
        let fields =
            outcome.fields.iter().map(|verdict| json!({ "项目": verdict.field.word(), "读到": verdict.read, "登记": verdict.registered }));
        list.push(json!({
            "上传时间": UnixMs(check.created_at).words(),
            "结果": check.state().word(),
            "审核时间": check.decided_at.map(|at| UnixMs(at).words()),
            "核对": fields.collect::<Vec<_>>(),
            "人像面识别": outcome.front,
            "国徽面识别": outcome.back,
            "问题": outcome.sentences(),
            "原因": check.reason,
        }));
    }
    Ok(Value::from(list))
}

/// Tells the account how its check ended; `false` when the check speaks of a name that the account no longer has, and then the caller rolls back.
///
/// The write comes before the look: it locks the account's row, so that a change of the name is either seen here or comes after our commit and resets it.
pub(super) async fn tell_account(tx: &mut Tx, check: &Check, state: CheckState, portrait: Option<i64>, now: UnixMs) -> Result<bool> {
    let (real_name, verified_at, portrait) = match state {
        CheckState::Passed | CheckState::Approved => (RealName::Verified, Some(now), portrait),
        CheckState::Failed | CheckState::Returned => (RealName::Failed, None, None),
        CheckState::Person => (RealName::Person, None, None),
        CheckState::Reading => (RealName::Pending, None, None),
        CheckState::Superseded => return Ok(false),
    };
    accounts::actions::real_name_changed(tx, check.account, real_name, verified_at, portrait).await?;
    let account = accounts::actions::find(tx, check.account).await?;
    Ok(account.name_version == check.name_version)
}

/// Closes a check whose name is no longer the account's.
pub(super) async fn supersede(app: &App, check: &Check, name_version: i64) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::supersede(&mut tx, check.account, name_version, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
