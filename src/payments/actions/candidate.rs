//! What a candidate does about the fee. Registrations and proofs are looked up by their public references and the account, so that another's is simply not found.

use serde_json::json;

use super::judge;
use crate::accounts::Candidate;
use crate::app::App;
use crate::crypto::sha256;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::exams::{Exam, PaymentWay};
use crate::jobs::{self, NewJob, PRIORITY_WAITING, Place, Queue};
use crate::payments::flags::{Flag, Twins};
use crate::payments::store::{self, NewProof};
use crate::payments::{MAX_PROOFS, Proof, ProofState, Typed};
use crate::pictures::{self, Owner, Picture, PictureKind};
use crate::registrations::actions::candidate::own;
use crate::registrations::actions::{fee, reports};
use crate::registrations::{Registration, State};
use crate::types::{Fen, UnixMs};

/// The sentence for a missing picture.
pub const PROOF_MISSING: &str = "请先上传订单详情截图，再点击提交。";

/// Whether the payment code may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// It may.
    Shown,
    /// A proof is pending or accepted: 切勿重新支付.
    Paid,
    /// The payment's time is over.
    Late,
    /// The registration is not at this step (handed in, approved …).
    NotNow,
}

/// What the payment page shows.
#[derive(Debug)]
pub struct Payment {
    /// The registration.
    pub row: Registration,
    /// Its exam.
    pub exam: Exam,
    /// What is to pay.
    pub fee: Fen,
    /// Its proofs, newest first.
    pub proofs: Vec<Proof>,
    /// Whether the code may be shown.
    pub code: Code,
}

impl Payment {
    /// When paying ends, in words.
    pub fn deadline_words(&self) -> String {
        UnixMs(self.exam.pay_until).words()
    }

    /// A screenshot that was uploaded and waits for 提交.
    pub fn unfinished(&self) -> Option<&Proof> {
        self.proofs.first().filter(|p| p.submitted_at.is_none() && matches!(p.state(), ProofState::Reading | ProofState::Read))
    }
}

fn is_at_payment(row: &Registration) -> bool {
    matches!(row.state(), State::AwaitingPayment | State::Returned)
}

/// The registration must be at the payment; anything else is the state machine's own refusal.
fn require_at_payment(row: &Registration) -> Result<()> {
    crate::registrations::next(row.state(), crate::registrations::Step::Proof).map(|_| ())
}

/// The payment page.
pub async fn payment(app: &App, candidate: &Candidate, reference: &str) -> Result<Payment> {
    let now = app.clock.now();
    let mut conn = app.db.read().await?;
    let (row, exam) = own(&mut conn, candidate, reference).await?;
    if matches!(row.state(), State::Drafting | State::Withdrawn) {
        require_at_payment(&row)?;
    }
    let proofs = store::of_registration(&mut conn, row.id).await?;
    let code = if proofs.iter().any(Proof::holds_payment) {
        Code::Paid
    } else if !is_at_payment(&row) {
        Code::NotNow
    } else if exam.require_payable(now).is_err() {
        Code::Late
    } else {
        Code::Shown
    };
    let fee = fee(&mut conn, &row, &exam).await?;
    Ok(Payment { row, exam, fee, proofs, code })
}

/// The payment code itself, refused where the page does not show it.
pub async fn payment_code(app: &App, candidate: &Candidate, reference: &str) -> Result<Exam> {
    let payment = payment(app, candidate, reference).await?;
    match payment.code {
        Code::Shown if payment.exam.way() == PaymentWay::Page => Ok(payment.exam),
        Code::Shown => Err(Error::NotFound),
        Code::Paid => Err(Error::refused("already_paid", "您已上传缴费凭证，切勿重新支付。请返回报名页面继续。")),
        Code::Late => payment.exam.require_payable(app.clock.now()).and(Err(Error::NotFound)),
        Code::NotNow => Err(Error::refused("not_at_payment", "这份报名现在不需要缴费，请在“我的报名”中查看状态。")),
    }
}

/// Pays at the school: the registration is handed in without a screenshot.
pub async fn submit_offline(app: &App, candidate: &Candidate, reference: &str) -> Result<Registration> {
    let mut tx = app.db.begin().await?;
    let (row, exam) = own(&mut tx, candidate, reference).await?;
    if exam.way() != PaymentWay::Offline {
        return Err(Error::invalid("picture", PROOF_MISSING));
    }
    require_at_payment(&row)?;
    row.may_hand_in(&exam, app.clock.now())?;
    reports::proof_submitted(app, &mut tx, row.id, None, &candidate.actor()).await?;
    tx.commit().await?;
    app.wake();
    Ok(row)
}

async fn require_upload(app: &App, conn: &mut Conn, candidate: &Candidate, reference: &str) -> Result<Registration> {
    let (row, exam) = own(conn, candidate, reference).await?;
    require_at_payment(&row)?;
    if exam.way() != PaymentWay::Page {
        return Err(Error::refused("no_proof_needed", "这次报名不需要上传订单截图。"));
    }
    row.may_hand_in(&exam, app.clock.now())?;
    if store::of_registration(conn, row.id).await?.len() as i64 >= MAX_PROOFS {
        return Err(Error::refused("too_many_proofs", "上传的截图已达 20 张，请从已上传的截图中选择，或联系学校。"));
    }
    Ok(row)
}

/// Keeps a screenshot and has it read; returns the proof's reference. Once this returns, the screenshot is safe.
pub async fn upload(app: &App, candidate: &Candidate, reference: &str, picture: Option<Vec<u8>>) -> Result<String> {
    // Before anything is stored; and again in the transaction, because the upload may have taken a while.
    require_upload(app, &mut *app.db.read().await?, candidate, reference).await?;
    let bytes = pictures::admit("picture", picture.ok_or_else(|| Error::invalid("picture", PROOF_MISSING))?).await?;
    let stored = pictures::put(app, &bytes).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let row = require_upload(app, &mut tx, candidate, reference).await?;
    let picture = pictures::record(app, &mut tx, Owner::Candidate(candidate.id()), PictureKind::Proof, stored).await?;
    let proof = NewProof {
        id: app.ids.make(now),
        public_ref: app.keys.token()?,
        registration: row.id,
        account: candidate.id(),
        picture,
        picture_sha: sha256(&bytes),
    };
    store::insert(&mut tx, &proof, now).await?;
    jobs::enqueue(app, &mut tx, reading_job(proof.id, now)).await?;
    tx.commit().await?;
    app.wake();
    Ok(proof.public_ref)
}

/// A candidate's own proof with all that is said about it.
#[derive(Debug)]
pub struct Checked {
    /// The registration.
    pub row: Registration,
    /// Its exam.
    pub exam: Exam,
    /// What is to pay.
    pub fee: Fen,
    /// The proof.
    pub proof: Proof,
    /// What is odd about it.
    pub flags: Vec<Flag>,
}

/// One of the candidate's own proofs.
pub async fn own_proof(conn: &mut Conn, candidate: &Candidate, reference: &str, proof: &str) -> Result<(Registration, Exam, Proof)> {
    let (row, exam) = own(conn, candidate, reference).await?;
    let proof = store::find_of(conn, row.id, proof).await?;
    Ok((row, exam, proof))
}

/// The page on which the candidate checks what was read.
pub async fn check(app: &App, candidate: &Candidate, reference: &str, proof: &str) -> Result<Checked> {
    let mut conn = app.db.read().await?;
    let (row, exam, proof) = own_proof(&mut conn, candidate, reference, proof).await?;
    let fee = fee(&mut conn, &row, &exam).await?;
    let (flags, _) = judge(&mut conn, &proof, &row, &exam).await?;
    Ok(Checked { row, exam, fee, proof, flags })
}

/// The place of one of the candidate's own proofs on its way to be read; `None` when it was.
pub async fn place(app: &App, candidate: &Candidate, reference: &str, proof: &str) -> Result<Option<Place>> {
    let mut conn = app.db.read().await?;
    let (_, _, proof) = own_proof(&mut conn, candidate, reference, proof).await?;
    if proof.state() != ProofState::Reading {
        return Ok(None);
    }
    let place = jobs::place(app, &mut conn, &job_key(proof.id)).await?;
    drop(conn);
    if place.is_some() {
        return Ok(place);
    }
    // Its job failed for good, for want of a database: whoever waits sets it going again. Where it is just done, it does nothing.
    let mut tx = app.db.begin().await?;
    jobs::enqueue(app, &mut tx, reading_job(proof.id, app.clock.now())).await?;
    tx.commit().await?;
    app.wake();
    Ok(Some(Place::NEXT))
}

fn job_key(proof: i64) -> String {
    format!("payments.read:{proof}")
}

fn reading_job(proof: i64, now: UnixMs) -> NewJob {
    NewJob {
        kind: "payments.read",
        queue: Queue::Vision,
        priority: PRIORITY_WAITING,
        payload: json!({ "proof": proof }),
        unique_key: Some(job_key(proof)),
        run_at: now,
    }
}

/// The picture of one of the candidate's own proofs.
pub async fn picture(app: &App, candidate: &Candidate, reference: &str, proof: &str) -> Result<(Picture, Vec<u8>)> {
    let mut conn = app.db.read().await?;
    let (_, _, proof) = own_proof(&mut conn, candidate, reference, proof).await?;
    let picture = pictures::find(&mut conn, proof.picture).await?;
    drop(conn);
    let bytes = pictures::bytes(app, &picture).await?;
    Ok((picture, bytes))
}

/// Hands a proof in, new or used before for the same registration, with what the candidate mended.
pub async fn submit(app: &App, candidate: &Candidate, reference: &str, proof: &str, typed: &Typed) -> Result<Registration> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (row, exam, mut proof) = own_proof(&mut tx, candidate, reference, proof).await?;
    require_at_payment(&row)?;
    row.may_hand_in(&exam, now)?;
    match proof.state() {
        ProofState::Reading => return Err(Error::refused("still_reading", "截图正在识别，请稍候再提交。")),
        // What a person has accepted is not mended any more.
        ProofState::Accepted => {}
        ProofState::Read | ProofState::Returned => {
            if let Some(flag) = refusing(&proof, &exam, fee(&mut tx, &row, &exam).await?) {
                return Err(Error::refused(flag.code(), flag.advice()));
            }
            let mended = typed.parse(&proof).map_err(Error::Invalid)?;
            if mended.differs(&proof) {
                store::set_mended(&mut tx, proof.id, &mended).await?;
                proof = store::find(&mut tx, proof.id).await?;
            }
        }
    }
    store::set_submitted(&mut tx, proof.id, now).await?;
    reports::proof_submitted(app, &mut tx, row.id, Some(proof.id), &candidate.actor()).await?;
    tx.commit().await?;
    app.wake();
    Ok(row)
}

fn refusing(proof: &Proof, exam: &Exam, fee: Fen) -> Option<Flag> {
    crate::payments::flags::flags(proof, exam, fee, &Twins::default()).into_iter().find(|flag| flag.refuses())
}
