//! What later features report: the face was seen, the proof is in, a seat was given. Each runs in the reporter's transaction.

use serde_json::json;

use super::take;
use crate::app::App;
use crate::audit::Actor;
use crate::db::Tx;
use crate::error::Result;
use crate::registrations::{Step, store};

/// How a face check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceOutcome {
    /// The machine or a person saw that it is the candidate.
    Passed,
    /// A person will look; the candidate goes on meanwhile.
    Person,
    /// A person sent it back: the candidate does the face step again.
    Returned,
}

/// The face check of a registration ended; `picture` is the best frame, kept for the ticket and for review.
pub async fn face(
    app: &App,
    tx: &mut Tx,
    registration: i64,
    outcome: FaceOutcome,
    picture: Option<i64>,
    actor: &Actor,
    why: &str,
) -> Result<()> {
    let mut row = store::find(tx, registration).await?;
    row.face_state = match outcome {
        FaceOutcome::Passed => "passed",
        FaceOutcome::Person => "person",
        FaceOutcome::Returned => "none",
    }
    .into();
    if picture.is_some() {
        row.face_picture = picture;
    }
    let detail = json!({ "face": row.face_state });
    take(app, tx, &mut row, Step::Face, actor, why, detail).await?;
    if outcome == FaceOutcome::Returned {
        row.reason = why.to_owned();
        if crate::registrations::next(row.state(), Step::Return).is_ok() {
            take(app, tx, &mut row, Step::Return, actor, why, json!({ "face": "none" })).await?;
        }
    }
    Ok(())
}

/// The candidate submitted a proof of payment (`None`: pays at the school).
pub async fn proof_submitted(app: &App, tx: &mut Tx, registration: i64, proof: Option<i64>, actor: &Actor) -> Result<()> {
    let mut row = store::find(tx, registration).await?;
    row.proof = proof;
    row.submitted_at = Some(app.clock.now().0);
    row.reason = String::new();
    take(app, tx, &mut row, Step::Proof, actor, "", json!({})).await
}

/// A seat was given.
pub async fn seated(app: &App, tx: &mut Tx, registration: i64, actor: &Actor) -> Result<()> {
    let mut row = store::find(tx, registration).await?;
    take(app, tx, &mut row, Step::Seat, actor, "", json!({})).await
}

/// The seat was taken back.
pub async fn unseated(app: &App, tx: &mut Tx, registration: i64, actor: &Actor) -> Result<()> {
    let mut row = store::find(tx, registration).await?;
    take(app, tx, &mut row, Step::Unseat, actor, "", json!({})).await
}

/// The ticket can be downloaded.
pub async fn released(app: &App, tx: &mut Tx, registration: i64, actor: &Actor) -> Result<()> {
    let mut row = store::find(tx, registration).await?;
    take(app, tx, &mut row, Step::Release, actor, "", json!({})).await
}
