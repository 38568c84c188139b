//! Choosing, beginning and stopping a bulk.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Bulk, Item, MOST, store};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::exams::{self, Exam};
use crate::jobs::{self, NewJob, PRIORITY_WAITING, Queue};
use crate::payments::actions::queue::{Waiting, line};
use crate::registrations::actions::lists::{self, Asked};
use crate::registrations::{self, State};
use crate::staff::{Permission, Staff};
use crate::types;

/// Longest reason.
const MAX_REASON_CHARS: usize = 200;

/// What can be chosen from.
#[derive(Debug)]
pub struct Choice {
    /// The exam.
    pub exam: Exam,
    /// Its first registrations that wait and fit what was asked for.
    pub lines: Vec<Waiting>,
    /// The registration after which the next ones begin, where there are more than [`MOST`].
    pub next: Option<String>,
}

/// What a list would decide at once.
pub async fn choice(app: &App, staff: &Staff, asked: Asked<'_>) -> Result<Choice> {
    let mut conn = app.db.read().await?;
    let asked = Asked { state: Some(State::Submitted), newest_first: false, before: "", ..asked };
    let (exam, rows) = lists::rows(&mut conn, staff, Permission::ReviewPayment, &asked, MOST as i64 + 1).await?;
    let next = (rows.len() > MOST).then(|| rows[MOST - 1].public_ref.clone());
    let mut lines = Vec::new();
    for row in rows.into_iter().take(MOST) {
        lines.push(line(app, &mut conn, staff, row, &exam).await?);
    }
    Ok(Choice { exam, lines, next })
}

/// Begins: `chosen` are registrations with the version that was seen. Returns the bulk's public reference.
pub async fn begin(app: &App, staff: &Staff, exam: &str, approves: bool, chosen: &[(String, i64)], reason: &str) -> Result<String> {
    let mut tx = app.db.begin().await?;
    let exam = exams::store::find_by_ref(&mut tx, exam).await?;
    staff.require_in(exam.id, Permission::ReviewPayment)?;
    if chosen.is_empty() {
        return Err(Error::invalid("chosen", "请先勾选要处理的报名。"));
    }
    if chosen.len() > MOST {
        return Err(Error::invalid("chosen", "一次最多处理 200 份，请分几次处理。"));
    }
    let reason = match approves {
        true => String::new(),
        false => types::line(reason, MAX_REASON_CHARS, "请选择或填写退回原因，考生会看到这句话。", "退回原因不能超过 200 字。")
            .map_err(|why| Error::invalid("reason", why))?,
    };
    let now = app.clock.now();
    let bulk = Bulk {
        id: app.ids.make(now),
        public_ref: app.keys.token()?,
        staff: staff.id,
        address: staff.address.clone(),
        exam: exam.id,
        approves: i64::from(approves),
        reason,
        state: String::new(),
        created_at: now.0,
        starts_at: now.plus_s(app.config.undo_s).0,
    };
    store::insert(&mut tx, &bulk).await?;
    let mut seen = BTreeSet::new();
    for (place, (reference, version)) in (0..).zip(chosen) {
        let row = registrations::store::find_by_ref(&mut tx, reference).await?;
        if row.exam != exam.id {
            return Err(Error::NotFound);
        }
        if seen.insert(row.id) {
            store::insert_item(&mut tx, bulk.id, place, row.id, *version).await?;
        }
    }
    let job = NewJob {
        kind: "payments.bulk",
        queue: Queue::Default,
        priority: PRIORITY_WAITING,
        payload: json!({ "bulk": bulk.id }),
        unique_key: Some(format!("payments.bulk:{}", bulk.id)),
        run_at: now.plus_s(app.config.undo_s),
    };
    jobs::enqueue(app, &mut tx, job).await?;
    let detail = json!({ "approved": approves, "people": seen.len(), "reason": bulk.reason });
    let entry = Entry { action: "payment.bulk", subject_kind: "exam", subject_id: exam.id, detail, actor: &staff.actor() };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    app.wake();
    Ok(bulk.public_ref)
}

/// A bulk with its exam and registrations. Whoever reviews the exam may look at it and stop it, not only who began.
pub async fn open(app: &App, staff: &Staff, reference: &str) -> Result<(Bulk, Exam, Vec<Item>)> {
    let mut conn = app.db.read().await?;
    let bulk = store::find_by_ref(&mut conn, reference).await?;
    staff.require_in(bulk.exam, Permission::ReviewPayment)?;
    let exam = exams::store::find(&mut conn, bulk.exam).await?;
    let items = store::items(&mut conn, bulk.id).await?;
    Ok((bulk, exam, items))
}

/// Takes a bulk back, or stops it where it has come to; what is decided stays. One that had ended comes back as it ended.
pub async fn cancel(app: &App, staff: &Staff, reference: &str) -> Result<Bulk> {
    let (bulk, ..) = open(app, staff, reference).await?;
    let mut tx = app.db.begin().await?;
    if !store::end(&mut tx, bulk.id, "cancelled").await? {
        return store::find(&mut tx, bulk.id).await;
    }
    let detail = json!({ "approved": bulk.approves == 1 });
    let entry = Entry { action: "payment.bulk_stop", subject_kind: "exam", subject_id: bulk.exam, detail, actor: &staff.actor() };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    let bulk = store::find(&mut tx, bulk.id).await?;
    tx.commit().await?;
    Ok(bulk)
}
