//! What a reviewer sees and decides. A case is a registration that was handed in; it is held by one reviewer at a time.

use serde_json::json;

use super::judge;
use super::queue::{PAGE, Person, holder, person, proof_of, waiting_in};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::exams::{self, Exam, Subject};
use crate::payments::flags::{Flag, Twins};
use crate::payments::{Proof, ProofState, store};
use crate::pictures::{self, Picture};
use crate::registrations::actions::staff::{self as registration, Lack};
use crate::registrations::store::answers::Answer;
use crate::registrations::{self, Registration, State};
use crate::staff::by_two::{self, Seen};
use crate::staff::held::{self, Decision, Desk};
use crate::staff::{Permission, Staff};
use crate::types::{Fen, UnixMs};

/// A case is held for so long after it was opened or looked at again.
const LEASE_S: i64 = 300;
/// The sentence for a case that is none.
const NOT_WAITING: &str = "这份报名现在不需要审核，可能已经处理过。请返回队列查看。";

/// Takes the first case that nobody holds and that can be decided (name and face come first), after `after`, then from the start; `None` when there is none.
pub async fn next(app: &App, staff: &Staff, exam: &str, after: &str) -> Result<Option<String>> {
    let mut conn = app.db.read().await?;
    let exam = exams::store::find_by_ref(&mut conn, exam).await?;
    staff.require_in(exam.id, Permission::ReviewPayment)?;
    let start = if after.is_empty() { 0 } else { registrations::store::find_by_ref(&mut conn, after).await?.id };
    let mut from = start;
    let mut is_second_round = start == 0;
    loop {
        let rows = registrations::store::of_exam(&mut conn, exam.id, Some(State::Submitted), from, PAGE).await?;
        for row in &rows {
            let Person { real_name, name_version, .. } = person(app, &mut conn, row.account).await?;
            let seen = Seen::payment(row.id, row.version, name_version);
            let is_free = Lack::of(row, &exam, real_name).is_empty()
                && holder(app, &mut conn, staff, row.id).await?.is_none()
                && by_two::first(app, &mut conn, staff, seen).await?.is_none_or(|first| !first.is_own);
            // Another reviewer may have been faster since: then it is the turn of the one after it.
            if is_free && row.id != start && take(app, staff, row.id).await? {
                return Ok(Some(row.public_ref.clone()));
            }
        }
        match rows.last() {
            Some(last) if rows.len() as i64 == PAGE => from = last.id,
            _ if is_second_round => return Ok(None),
            _ => {
                is_second_round = true;
                from = 0;
            }
        }
    }
}

async fn take(app: &App, staff: &Staff, registration: i64) -> Result<bool> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let is_mine = store::take_lease(&mut tx, registration, staff.id, now, now.plus_s(LEASE_S)).await?;
    tx.commit().await?;
    Ok(is_mine)
}

/// A case with everything that a decision needs.
#[derive(Debug)]
pub struct Case {
    /// The registration.
    pub row: Registration,
    /// Its exam.
    pub exam: Exam,
    /// Its subject.
    pub subject: Option<Subject>,
    /// What was to pay.
    pub fee: Fen,
    /// The candidate's name.
    pub name: String,
    /// What still keeps it from being approved.
    pub lacks: Vec<Lack>,
    /// The document's kind.
    pub document_kind: String,
    /// The document number, masked.
    pub document: String,
    /// The proof; none where it is paid at the school.
    pub proof: Option<Proof>,
    /// The exam's own questions with the answers.
    pub answers: Vec<Answer>,
    /// What is odd about it.
    pub flags: Vec<Flag>,
    /// Other registrations that handed the same thing in, with what is the same.
    pub earlier: Vec<Earlier>,
    /// How many cases wait in this exam, this one included.
    pub waiting: i64,
    /// Who approved it first, where two have to.
    pub first: Option<by_two::First>,
}

/// Another registration's proof that shares something with the case's.
#[derive(Debug)]
pub struct Earlier {
    /// Its registration's number.
    pub registration: String,
    /// Its candidate's name.
    pub name: String,
    /// What is the same, in words.
    pub same: String,
    /// The proof.
    pub proof: Proof,
}

async fn earlier(app: &App, conn: &mut Conn, twins: &Twins) -> Result<Vec<Earlier>> {
    let mut out = Vec::new();
    for (twin, same) in twins.each() {
        let proof = store::find(conn, twin.proof).await?;
        let row = registrations::store::find(conn, proof.registration).await?;
        let Person { name, .. } = person(app, conn, row.account).await?;
        out.push(Earlier { registration: twin.registration.clone(), name, same, proof });
    }
    Ok(out)
}

/// Opens a case and holds it for this reviewer; whoever only looks holds nothing.
pub async fn open(app: &App, staff: &Staff, reference: &str) -> Result<Case> {
    let mut tx = app.db.begin().await?;
    let row = registrations::store::find_by_ref(&mut tx, reference).await?;
    staff.require_in(row.exam, Permission::ReviewPayment.or_look())?;
    if row.state() == State::Submitted && staff.may_in(row.exam, Permission::ReviewPayment) {
        hold(app, &mut tx, staff, row.id).await?;
    }
    tx.commit().await?;
    let mut conn = app.db.read().await?;
    let exam = exams::store::find(&mut conn, row.exam).await?;
    let subject = match row.subject {
        Some(id) => Some(exams::store::subject(&mut conn, id).await?),
        None => None,
    };
    let Person { name, document, document_kind, real_name, name_version } = person(app, &mut conn, row.account).await?;
    let proof = proof_of(&mut conn, &row).await?;
    let fee = row.fee(&exam, subject.as_ref());
    let (flags, twins) = match &proof {
        Some(proof) => judge(&mut conn, proof, &row, &exam).await?,
        None => Default::default(),
    };
    let earlier = earlier(app, &mut conn, &twins).await?;
    let answers = registrations::store::answers::of(&mut conn, row.id).await?;
    let waiting = waiting_in(&mut conn, exam.id).await?;
    let first = by_two::first(app, &mut conn, staff, Seen::payment(row.id, row.version, name_version)).await?;
    let lacks = Lack::of(&row, &exam, real_name);
    Ok(Case { first, row, exam, subject, fee, name, lacks, document_kind, document, proof, answers, flags, earlier, waiting })
}

/// The screenshot of a case; looking at it is written down.
pub async fn picture(app: &App, staff: &Staff, reference: &str) -> Result<(Picture, Vec<u8>)> {
    let mut tx = app.db.begin().await?;
    let row = registrations::store::find_by_ref(&mut tx, reference).await?;
    staff.require_in(row.exam, Permission::ReviewPayment.or_look())?;
    let proof = proof_of(&mut tx, &row).await?.ok_or(Error::NotFound)?;
    shown(app, tx, staff, &proof).await
}

/// The screenshot of another registration, for comparing it with a case with which it shares something; of any other it is not found.
pub async fn earlier_picture(app: &App, staff: &Staff, reference: &str, other: &str) -> Result<(Picture, Vec<u8>)> {
    let mut tx = app.db.begin().await?;
    let row = registrations::store::find_by_ref(&mut tx, reference).await?;
    staff.require_in(row.exam, Permission::ReviewPayment.or_look())?;
    let proof = proof_of(&mut tx, &row).await?.ok_or(Error::NotFound)?;
    let twins = super::twins(&mut tx, &proof).await?;
    let twin = twins.each().into_iter().find(|(twin, _)| twin.registration == other).ok_or(Error::NotFound)?.0.proof;
    let earlier = store::find(&mut tx, twin).await?;
    shown(app, tx, staff, &earlier).await
}

async fn shown(app: &App, mut tx: Tx, staff: &Staff, proof: &Proof) -> Result<(Picture, Vec<u8>)> {
    let picture = pictures::find(&mut tx, proof.picture).await?;
    let entry = Entry {
        action: "payment.view",
        subject_kind: "registration",
        subject_id: proof.registration,
        detail: json!({ "picture": picture.id }),
        actor: &staff.actor(),
    };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    let bytes = pictures::bytes(app, &picture).await?;
    Ok((picture, bytes))
}

async fn hold(app: &App, tx: &mut Tx, staff: &Staff, registration: i64) -> Result<()> {
    let now: UnixMs = app.clock.now();
    if store::take_lease(tx, registration, staff.id, now, now.plus_s(LEASE_S)).await? {
        return Ok(());
    }
    let holder = holder(app, tx, staff, registration).await?.unwrap_or_else(|| "其他老师".to_owned());
    Err(Error::refused("held_by_another", format!("{holder}正在审核这份报名，请审核下一份。")))
}

/// The case as the reviewer saw it, held by them; its exam's reference is where they go on.
async fn seen(app: &App, tx: &mut Tx, staff: &Staff, reference: &str, version: i64) -> Result<(Registration, Exam, Option<Proof>)> {
    let row = registrations::store::find_by_ref(tx, reference).await?;
    staff.require_in(row.exam, Permission::ReviewPayment)?;
    hold(app, tx, staff, row.id).await?;
    if row.version != version {
        return Err(Error::refused("changed_meanwhile", "这份报名刚刚有变动，请返回查看最新状态后再操作。"));
    }
    if !matches!(row.state(), State::Submitted | State::Approved) {
        return Err(Error::refused("not_waiting", NOT_WAITING));
    }
    let exam = exams::store::find(tx, row.exam).await?;
    let proof = proof_of(tx, &row).await?;
    Ok((row, exam, proof))
}

/// Approves the case; returns the exam's reference.
pub async fn approve(app: &App, staff: &Staff, reference: &str, version: i64) -> Result<String> {
    decide(app, staff, Decision::approval(staff, Desk::Payment, reference).of_version(version)).await
}

/// Sends the case back to the candidate with a reason that they will read; returns the exam's reference.
pub async fn send_back(app: &App, staff: &Staff, reference: &str, version: i64, reason: &str) -> Result<String> {
    decide(app, staff, Decision::returning(staff, Desk::Payment, reference, reason).of_version(version)).await
}

/// Decides at once, or tries it and holds the decision.
async fn decide(app: &App, staff: &Staff, decision: Decision) -> Result<String> {
    let (tx, exam) = decided(app, staff, &decision).await?;
    if app.config.undo_s == 0 {
        tx.commit().await?;
        app.wake();
        return Ok(exam);
    }
    drop(tx);
    let mut tx = app.db.begin().await?;
    let row = registrations::store::find_by_ref(&mut tx, &decision.reference).await?;
    hold(app, &mut tx, staff, row.id).await?;
    tx.commit().await?;
    held::hold(app, staff, decision).await?;
    Ok(exam)
}

/// Gives a held decision its effect.
pub async fn settle(app: &App, staff: &Staff, decision: &Decision) -> Result<()> {
    decided(app, staff, decision).await?.0.commit().await?;
    app.wake();
    Ok(())
}

/// The transaction of a decision, to be committed, and the exam's reference.
pub(in crate::payments) async fn decided(app: &App, staff: &Staff, decision: &Decision) -> Result<(Tx, String)> {
    let mut tx = app.db.begin().await?;
    let exam = match decision.approves {
        true => approve_in(app, &mut tx, staff, decision).await?,
        false => send_back_in(app, &mut tx, staff, decision).await?,
    };
    Ok((tx, exam))
}

async fn approve_in(app: &App, tx: &mut Tx, staff: &Staff, decision: &Decision) -> Result<String> {
    let (row, exam, proof) = seen(app, tx, staff, &decision.reference, decision.version).await?;
    if row.state() != State::Submitted {
        return Err(Error::refused("not_waiting", NOT_WAITING));
    }
    let now = app.clock.now();
    let Person { name_version, .. } = person(app, tx, row.account).await?;
    if !by_two::agreed(app, tx, staff, Seen::payment(row.id, row.version, name_version)).await? {
        let detail = json!({ "way": exam.way().code() });
        let entry = Entry { action: "payment.first", subject_kind: "registration", subject_id: row.id, detail, actor: &staff.actor() };
        audit::write(tx, now, entry).await?;
        registrations::actions::reports::approved_first(app, tx, row.id, "缴费", &staff.actor()).await?;
        store::drop_lease(tx, row.id).await?;
        return Ok(exam.public_ref);
    }
    registration::approve(app, tx, staff, row.id).await?;
    let mut detail = json!({ "way": exam.way().code() });
    if let Some(proof) = &proof {
        store::set_decided(tx, proof.id, ProofState::Accepted, staff.id, "", now).await?;
        let (flags, _) = judge(tx, proof, &row, &exam).await?;
        detail["amount_fen"] = proof.amount_fen.into();
        detail["transaction"] = proof.transaction_no.clone().into();
        detail["flags"] = flags.iter().map(|flag| flag.code()).collect::<Vec<_>>().into();
    }
    let entry = Entry { action: "payment.approve", subject_kind: "registration", subject_id: row.id, detail, actor: &staff.actor() };
    audit::write(tx, now, entry).await?;
    store::drop_lease(tx, row.id).await?;
    Ok(exam.public_ref)
}

async fn send_back_in(app: &App, tx: &mut Tx, staff: &Staff, decision: &Decision) -> Result<String> {
    let (row, exam, proof) = seen(app, tx, staff, &decision.reference, decision.version).await?;
    let (now, reason) = (app.clock.now(), decision.reason.as_str());
    registration::send_back(app, tx, staff, row.id, reason).await?;
    if let Some(proof) = &proof {
        store::set_decided(tx, proof.id, ProofState::Returned, staff.id, reason, now).await?;
    }
    let detail = json!({ "reason": reason });
    let entry = Entry { action: "payment.return", subject_kind: "registration", subject_id: row.id, detail, actor: &staff.actor() };
    audit::write(tx, now, entry).await?;
    store::drop_lease(tx, row.id).await?;
    Ok(exam.public_ref)
}
