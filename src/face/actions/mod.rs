//! Use cases: consent ([`consent`]), the live check ([`live`]), photographs ([`photo`]), on-site codes ([`onsite`]), the staff's decisions ([`staff`]). Here is what they share.

pub mod consent;
pub mod live;
pub mod onsite;
pub mod photo;
pub mod staff;

use serde_json::{Value, json};

use crate::accounts::{Candidate, ConsentKind, consents};
use crate::app::App;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::exams::Exam;
use crate::face::consent::{FACE_VERSION, FaceText};
use crate::face::{Check, CheckState, Tries, store, words};
use crate::jobs::{self, NewJob, Place, Queue};
use crate::pictures;
use crate::registrations::actions::candidate::own;
use crate::registrations::{self, Registration, State, Step, next};
use crate::types::UnixMs;

/// What the face page shows.
#[derive(Debug)]
pub struct Overview {
    /// The registration.
    pub registration: Registration,
    /// Its exam.
    pub exam: Exam,
    /// Since when the present text is agreed to.
    pub agreed_at: Option<UnixMs>,
    /// Which tries of the machine are left.
    pub tries: Tries,
    /// The newest check.
    pub newest: Option<Check>,
}

/// What the face page shows, of the candidate's own registration.
pub async fn overview(app: &App, candidate: &Candidate, reference: &str) -> Result<Overview> {
    let mut conn = app.db.read().await?;
    let (registration, exam) = own(&mut conn, candidate, reference).await?;
    let agreed_at = agreed(app, &mut conn, candidate.id()).await?;
    let tries = tries(app, &mut conn, registration.id).await?;
    let newest = store::newest(&mut conn, registration.id).await?;
    Ok(Overview { registration, exam, agreed_at, tries, newest })
}

/// The account's face checks, in words.
pub async fn own_data(conn: &mut Conn, account: i64) -> Result<Value> {
    let mut list = Vec::new();
    for registration in registrations::store::of_account(conn, account).await? {
        for check in store::of_registration(conn, registration.id).await? {
            list.push(json!({
                "报名号": registration.public_ref,
                "时间": UnixMs(check.created_at).words(),
                "方式": check.way().word(),
                "结果": check.state().word(),
                "相似度": check.similarity_words(),
                "问题": check.problems().map(words::staff).collect::<Vec<_>>(),
                "审核时间": check.decided_at.map(|at| UnixMs(at).words()),
                "原因": check.reason,
            }));
        }
    }
    Ok(Value::from(list))
}

/// The candidate's own check, with its registration and exam.
pub async fn own_check(app: &App, candidate: &Candidate, reference: &str, check: &str) -> Result<(Check, Registration, Exam)> {
    let mut conn = app.db.read().await?;
    let (registration, exam) = own(&mut conn, candidate, reference).await?;
    let check = store::find_by_ref(&mut conn, check).await?;
    if check.registration != registration.id || check.account != candidate.id() {
        return Err(Error::NotFound);
    }
    Ok((check, registration, exam))
}

/// The candidate's own registration, where the face step can be done now. Every action of the step begins with it.
pub(super) async fn doable(conn: &mut Conn, candidate: &Candidate, reference: &str, now: UnixMs) -> Result<(Registration, Exam)> {
    let (row, exam) = own(conn, candidate, reference).await?;
    next(row.state(), Step::Face)?;
    if !exam.checks().face() {
        return Err(Error::refused("face_not_asked", "这场考试不需要人脸识别，请直接继续报名。"));
    }
    if row.face_passed() {
        return Err(Error::refused("face_passed", "人脸识别已经通过，不需要再做。"));
    }
    if row.state() == State::Drafting && row.notice_version != Some(exam.notice_version) {
        return Err(Error::refused("step_skipped", "请先阅读并同意报考须知，再进行人脸识别。"));
    }
    row.may_fill_in(&exam, now)?;
    Ok((row, exam))
}

/// Since when the present text about face recognition is agreed to.
pub(in crate::face) async fn agreed(app: &App, conn: &mut Conn, account: i64) -> Result<Option<UnixMs>> {
    let text = FaceText::of(app.config.face_template_days).whole();
    let held = consents::current(conn, account, ConsentKind::Face).await?;
    Ok(held.filter(|consent| consent.is_for(FACE_VERSION, &text)).map(|consent| consent.given_at))
}

async fn tries(app: &App, conn: &mut Conn, registration: i64) -> Result<Tries> {
    let (failures, last) = store::failures(conn, registration).await?;
    Ok(Tries::after(failures, last, app.clock.now()))
}

/// Refuses the machine's ways without consent or after too many failures; the ways by people stay.
pub(super) async fn machine_allowed(app: &App, conn: &mut Conn, row: &Registration) -> Result<()> {
    if agreed(app, conn, row.account).await?.is_none() {
        return Err(Error::refused("face_consent", "请先阅读并同意人脸识别的说明，或选择人工审核。"));
    }
    let tries = tries(app, conn, row.id).await?;
    if tries.left() == 0 {
        return Err(Error::refused("face_failures", tries.words()));
    }
    if !store::in_state(conn, row.id, CheckState::Checking).await?.is_empty() {
        return Err(Error::refused("face_checking", "上一次的照片正在核验，请稍候查看结果。"));
    }
    Ok(())
}

/// Ends the earlier checks of a registration that nobody decided: a newer one takes their place.
pub(super) async fn replace_earlier(app: &App, tx: &mut Tx, registration: i64, than: i64) -> Result<()> {
    for state in [CheckState::Open, CheckState::Person] {
        for check in store::in_state(tx, registration, state).await? {
            if check.id != than {
                end(app, tx, &check).await?;
            }
        }
    }
    Ok(())
}

/// Ends a check that nobody decided, with its frames and its picture.
pub(super) async fn end(app: &App, tx: &mut Tx, check: &Check) -> Result<()> {
    store::expire(tx, check.id, app.clock.now()).await?;
    store::templates::forget_matches(tx, check.id).await?;
    if let Some(picture) = check.picture {
        pictures::delete(app, tx, picture).await?;
    }
    purge_frames(app, tx, check).await
}

/// Deletes a check's frames by a job after the commit: an object is gone for good, so the decision must be safe first.
pub(super) async fn purge_frames(app: &App, tx: &mut Tx, check: &Check) -> Result<()> {
    if check.frames.is_empty() {
        return Ok(());
    }
    let job = NewJob {
        kind: "face.purge",
        queue: Queue::Default,
        priority: jobs::PRIORITY_BATCH,
        payload: serde_json::json!({ "check": check.id }),
        unique_key: Some(format!("face.purge:{}", check.id)),
        run_at: app.clock.now(),
    };
    jobs::enqueue(app, tx, job).await
}

fn job_key(check: i64) -> String {
    format!("face.check:{check}")
}

/// The place of a check on its way to the machine's look; `None` when it was looked at.
pub async fn place(app: &App, check: &Check) -> Result<Option<Place>> {
    if check.state() != CheckState::Checking {
        return Ok(None);
    }
    if let Some(place) = jobs::place(app, &mut *app.db.read().await?, &job_key(check.id)).await? {
        return Ok(Some(place));
    }
    // Its job failed for good, for want of a database: whoever waits sets it going again. Where it is just done, it does nothing.
    let mut tx = app.db.begin().await?;
    enqueue_check(app, &mut tx, check.id).await?;
    tx.commit().await?;
    app.wake();
    Ok(Some(Place::NEXT))
}

/// Asks for the machine's look at a check.
pub(super) async fn enqueue_check(app: &App, tx: &mut Tx, check: i64) -> Result<()> {
    let job = NewJob {
        kind: "face.check",
        queue: Queue::Vision,
        priority: jobs::PRIORITY_WAITING,
        payload: serde_json::json!({ "check": check }),
        unique_key: Some(job_key(check)),
        run_at: app.clock.now(),
    };
    jobs::enqueue(app, tx, job).await
}
