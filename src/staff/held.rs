//! A reviewer's decision that has no effect yet: it can be taken back for some seconds, with the key Z. It is a job with a time, so that it is neither lost nor done twice.
//!
//! Invariant: of one reviewer at most one decision is held; the next one lets it take effect first. Meanwhile its case is leased by [`NOBODY`], so that nobody else finds it free.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Permission, Staff};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::jobs::{self, NewJob, PRIORITY_WAITING, Queue};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::routes::Routes;

/// Holds the lease of a case whose decision is held.
pub const NOBODY: i64 = 0;
/// How long the case stays leased after the decision should have taken effect: a worker may be late.
const MARGIN_S: i64 = 300;
/// How often, and how long, it is looked whether a worker is still at the earlier decision.
const MOMENTS: usize = 30;
const MOMENT: Duration = Duration::from_millis(100);

/// `/console/review/undo`, `/console/review/leave`.
pub(super) fn routes() -> Routes {
    let who = Access::somewhere([Permission::ReviewIdentity, Permission::ReviewPayment]);
    Routes::new().post("/console/review/undo", who, undo).post("/console/review/leave", who, leave)
}

/// A queue of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Desk {
    /// 实名审核
    Identity,
    /// 人脸审核
    Face,
    /// 缴费审核
    Payment,
}

impl Desk {
    /// As it stands in addresses and in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Face => "face",
            Self::Payment => "payment",
        }
    }

    fn case(self, reference: &str) -> String {
        format!("/console/review/{}/{reference}", self.code())
    }
}

/// What a reviewer decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// Where.
    pub desk: Desk,
    /// Public reference of the case.
    pub reference: String,
    /// What was seen: of a registration its version, else 0.
    pub version: i64,
    /// Approved, or sent back.
    pub approves: bool,
    /// Why it goes back, as the candidate reads it.
    pub reason: String,
    /// Row id of the reviewer.
    pub staff: i64,
    /// Where they sat.
    pub address: String,
}

impl Decision {
    /// An approval.
    pub fn approval(staff: &Staff, desk: Desk, reference: &str) -> Self {
        let (reference, address) = (reference.to_owned(), staff.address.clone());
        Self { desk, reference, version: 0, approves: true, reason: String::new(), staff: staff.id, address }
    }

    /// A return with its reason.
    pub fn returning(staff: &Staff, desk: Desk, reference: &str, reason: &str) -> Self {
        Self { approves: false, reason: reason.trim().to_owned(), ..Self::approval(staff, desk, reference) }
    }

    /// Of what was seen in this version.
    pub fn of_version(self, version: i64) -> Self {
        Self { version, ..self }
    }
}

/// A held decision as pages show it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What was decided.
    pub words: &'static str,
    /// How long it can still be taken back.
    pub seconds: i64,
}

fn key(staff: i64) -> String {
    format!("review.settle:{staff}")
}

/// The decision of a reviewer that is held, and until when.
async fn find(conn: &mut Conn, staff: i64) -> Result<Option<(Decision, UnixMs)>> {
    match jobs::queued(conn, &key(staff)).await? {
        Some((payload, run_at)) => Ok(Some((serde_json::from_str(&payload)?, run_at))),
        None => Ok(None),
    }
}

/// The decision of a reviewer that can still be taken back.
pub async fn shown(app: &App, staff: i64) -> Result<Option<Shown>> {
    let now = app.clock.now();
    let held = find(&mut *app.db.read().await?, staff).await?;
    Ok(held.filter(|(_, until)| *until > now).map(|(decision, until)| Shown {
        words: if decision.approves { "刚才的一件：通过" } else { "刚才的一件：退回" },
        seconds: (until.0 - now.0).div_euclid(1000) + 1,
    }))
}

/// Holds a decision that was found possible. An earlier one of the same reviewer takes effect first.
pub async fn hold(app: &App, staff: &Staff, decision: Decision) -> Result<()> {
    let earlier = find(&mut *app.db.read().await?, staff.id).await?;
    if let Some((earlier, _)) = &earlier {
        app.settle(earlier).await?;
    }
    // A worker may be giving the earlier one its effect at this very moment.
    for _ in 0..MOMENTS {
        if !jobs::is_running(&mut *app.db.read().await?, &key(staff.id)).await? {
            break;
        }
        tokio::time::sleep(MOMENT).await;
    }
    let until = app.clock.now().plus_s(app.config.undo_s);
    let payload = serde_json::to_value(&decision)?;
    let written = payload.to_string();
    let mut tx = app.db.begin().await?;
    if earlier.is_some() {
        jobs::take_queued(&mut tx, &key(staff.id)).await?;
    }
    app.set_aside(&mut tx, staff, &decision, until.plus_s(MARGIN_S)).await?;
    let job = NewJob {
        kind: "review.settle",
        queue: Queue::Default,
        priority: PRIORITY_WAITING,
        payload,
        unique_key: Some(key(staff.id)),
        run_at: until,
    };
    jobs::enqueue(app, &mut tx, job).await?;
    // Another request of the same reviewer may have been faster by a moment.
    if jobs::queued(&mut tx, &key(staff.id)).await?.is_none_or(|(waiting, _)| waiting != written) {
        return Err(Error::refused("decided_twice", "上一件还在处理，请稍候再试。"));
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// What static/review.js sends when a case is left without a decision.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Left {
    /// [`Desk`] code.
    desk: String,
    case: String,
    /// When its page was made.
    seen: i64,
}

/// Gives back a case that this reviewer holds; of any other nothing happens.
async fn leave(State(app): State<App>, staff: Staff, Form(left): Form<Left>) -> Result<StatusCode> {
    staff.require_somewhere([Permission::ReviewIdentity, Permission::ReviewPayment])?;
    let desks = [Desk::Identity, Desk::Face, Desk::Payment];
    let Some(desk) = desks.into_iter().find(|desk| desk.code() == left.desk) else { return Ok(StatusCode::NO_CONTENT) };
    let mut tx = app.db.begin().await?;
    app.give_back(&mut tx, &staff, desk, &left.case, UnixMs(left.seen)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the last decision back; the reviewer has its case again.
async fn undo(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require_somewhere([Permission::ReviewIdentity, Permission::ReviewPayment])?;
    let mut tx = app.db.begin().await?;
    let Some(payload) = jobs::take_queued(&mut tx, &key(staff.id)).await? else {
        return Ok(client.go_saying("/console", "已经过了可以撤销的时间，决定已经生效。"));
    };
    let decision: Decision = serde_json::from_str(&payload)?;
    app.hand_back(&mut tx, &decision).await?;
    let detail = json!({ "case": decision.reference, "approved": decision.approves });
    let entry = Entry { action: "review.undo", subject_kind: "staff", subject_id: staff.id, detail, actor: &staff.actor() };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(client.go_saying(&decision.desk.case(&decision.reference), "已撤销，请重新决定。"))
}
