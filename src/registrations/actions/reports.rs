//! What later features report: the face was seen, the proof is in, a seat was given. Each runs in the reporter's transaction.

use serde_json::{Value, json};

use super::candidate::require_face;
use super::{fee, files, take};
use crate::app::App;
use crate::audit::Actor;
use crate::db::Tx;
use crate::error::Result;
use crate::exams;
use crate::registrations::store::{self, HistoryLine};
use crate::registrations::{State, Step};

/// Registrations looked at together.
const BATCH: i64 = 200;

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
    if picture.is_some() || outcome == FaceOutcome::Returned {
        row.face_picture = picture;
    }
    let detail = json!({ "face": row.face_state });
    if outcome == FaceOutcome::Returned {
        // An exam that no longer asks for a face goes on without it.
        let is_asked = exams::store::find(tx, row.exam).await?.checks().face();
        if is_asked {
            row.reason = why.to_owned();
        }
        take(app, tx, &mut row, Step::Face, actor, why, detail.clone()).await?;
        if is_asked && crate::registrations::next(row.state(), Step::Return).is_ok() {
            take(app, tx, &mut row, Step::Return, actor, why, detail).await?;
        }
        return Ok(());
    }
    let history = store::history(tx, registration).await?;
    let standing = standing_return(&history);
    // Sent back for its face alone, it stands where it stood as soon as the face is there: nothing else has to be done again.
    let step = if row.state() == State::Returned && standing.is_none() { Step::FaceAgain } else { Step::Face };
    // What was wrong with the face is mended; what is wrong with the payment is not.
    row.reason = standing.map(|line| line.why.clone()).unwrap_or_default();
    take(app, tx, &mut row, step, actor, why, detail).await
}

/// The return of the payment that the candidate has not answered yet; `history` is newest first.
fn standing_return(history: &[HistoryLine]) -> Option<&HistoryLine> {
    let unanswered = history.iter().take_while(|line| matches!(State::stored(&line.to_state), State::Returned | State::AwaitingPayment));
    unanswered.into_iter().find(|line| line.step == Step::Return.code() && !is_about_face(line))
}

fn is_about_face(line: &HistoryLine) -> bool {
    serde_json::from_str::<Value>(&line.detail).is_ok_and(|detail| detail["face"] == "none")
}

/// The exam asks for no face any more: whoever was sent back for nothing else stands where they stood.
pub async fn faces_not_asked(app: &App, tx: &mut Tx, exam: i64, actor: &Actor) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = store::of_exam(tx, exam, Some(State::Returned), after, BATCH).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for mut row in rows.into_iter().filter(|row| row.face_state == "none") {
            if standing_return(&store::history(tx, row.id).await?).is_none() {
                row.reason = String::new();
                take(app, tx, &mut row, Step::FaceAgain, actor, "这场考试不再需要人脸识别", json!({})).await?;
            }
        }
    }
}

/// One of two people who have to agree has approved: the state stays, the history names them. `what`: the face or the payment.
pub async fn approved_first(app: &App, tx: &mut Tx, registration: i64, what: &str, actor: &Actor) -> Result<()> {
    let row = store::find(tx, registration).await?;
    let line = HistoryLine {
        at: app.clock.now().0,
        actor_kind: actor.kind().to_owned(),
        actor_name: actor.name().to_owned(),
        from_state: row.state.clone(),
        to_state: row.state,
        step: "first".to_owned(),
        why: String::new(),
        detail: json!({ "first": what }).to_string(),
    };
    store::remember(app, tx, actor, registration, &line).await
}

/// The candidate submitted a proof of payment (`None`: pays at the school).
pub async fn proof_submitted(app: &App, tx: &mut Tx, registration: i64, proof: Option<i64>, actor: &Actor) -> Result<()> {
    let mut row = store::find(tx, registration).await?;
    let exam = exams::store::find(tx, row.exam).await?;
    require_face(&row, &exam)?;
    files::require_all(tx, &row).await?;
    row.fee_fen = Some(fee(tx, &row, &exam).await?.0);
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
