//! Gives a bulk its effect, a registration at a time.

use super::{Bulk, FIRST, Item, store};
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::payments::actions::review;
use crate::registrations::{self, State, Step};
use crate::staff::Staff;
use crate::staff::held::{Decision, Desk};

/// What is said where there is no sentence to say.
const NOT_POSSIBLE: &str = "现在不能处理，请单独查看这份报名。";

/// Runs `payments.bulk`.
pub async fn run(app: &App, job: &Job) -> Result<()> {
    let bulk = store::find(&mut *app.db.read().await?, job.id_in("bulk")?).await?;
    if !bulk.is_open() {
        return Ok(());
    }
    let staff = Staff::of(app, bulk.staff, &bulk.address).await?;
    let items = store::items(&mut *app.db.read().await?, bulk.id).await?;
    for item in items.iter().filter(|item| item.outcome.is_none()) {
        if !one(app, staff.as_ref(), &bulk, item, job.is_last_try()).await? {
            return Ok(());
        }
    }
    let mut tx = app.db.begin().await?;
    store::end(&mut tx, bulk.id, "done").await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// By whom it was decided meanwhile, in a sentence; `None` where it was not.
async fn decided_by(conn: &mut Conn, registration: i64) -> Result<Option<String>> {
    let state = registrations::store::find(conn, registration).await?.state();
    if !matches!(state, State::Approved | State::Returned) {
        return Ok(None);
    }
    let history = registrations::store::history(conn, registration).await?;
    let line = history.into_iter().find(|line| [Step::Approve.code(), Step::Return.code()].contains(&line.step.as_str()));
    let name = line.map_or_else(|| "其他老师".to_owned(), |line| line.actor_name);
    Ok(Some(format!("已由{name}处理，现在是“{}”。", state.word())))
}

/// Decides one; `false` where the bulk was stopped. What fails on the last try is left out, so that it does not keep the others.
async fn one(app: &App, staff: Option<&Staff>, bulk: &Bulk, item: &Item, is_last_try: bool) -> Result<bool> {
    let decided = match staff {
        Some(staff) => {
            let decision = match bulk.approves {
                1 => Decision::approval(staff, Desk::Payment, &item.reference),
                _ => Decision::returning(staff, Desk::Payment, &item.reference, &bulk.reason),
            };
            review::decided(app, staff, &decision.of_version(item.version)).await
        }
        None => Err(Error::Forbidden),
    };
    let (mut tx, outcome) = match decided {
        Ok((mut tx, _)) => {
            let is_first = bulk.approves == 1 && registrations::store::find(&mut tx, item.registration).await?.state() == State::Submitted;
            (tx, if is_first { FIRST.to_owned() } else { String::new() })
        }
        Err(why @ (Error::Refused { .. } | Error::Invalid(_))) => {
            let mut tx = app.db.begin().await?;
            let by_another = decided_by(&mut tx, item.registration).await?;
            (tx, by_another.unwrap_or_else(|| why.sentence().into_owned()))
        }
        Err(Error::NotFound | Error::Forbidden) => (app.db.begin().await?, NOT_POSSIBLE.to_owned()),
        Err(error) if is_last_try => {
            tracing::error!(%error, bulk = bulk.id, "one of many could not be decided");
            (app.db.begin().await?, NOT_POSSIBLE.to_owned())
        }
        Err(other) => return Err(other),
    };
    let goes_on = store::settle(&mut tx, bulk.id, item.place, &outcome).await?;
    if goes_on {
        tx.commit().await?;
    }
    Ok(goes_on)
}
