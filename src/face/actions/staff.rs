//! What reviewers do: take a case, look, approve it or send it back with a reason.

use serde_json::json;

use super::end;
use crate::accounts::store::{self as accounts, Account};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::exams::{self, Exam};
use crate::face::{Check, CheckState, Way, store, stored};
use crate::jobs::{self, NewJob, Queue};
use crate::pictures::{self, Picture};
use crate::registrations::actions::reports::{self, FaceOutcome};
use crate::registrations::{self, Registration, Step};
use crate::staff::by_two::{self, Seen};
use crate::staff::held::{Decision, Desk, NOBODY, hold};
use crate::staff::{Permission, Staff};
use crate::types::{Scope, line};

/// A reviewer holds a case so long; each look renews it.
pub const LEASE_S: i64 = 300;
/// Cases on one page of the queue.
pub const QUEUE_PAGE: i64 = 50;
/// Free cases among which one is looked for that the reviewer has not approved first.
const MAX_PASSED: usize = 200;
const MAX_REASON_CHARS: usize = 200;

/// A case with what belongs to it.
#[derive(Debug)]
pub struct Case {
    /// The check.
    pub check: Check,
    /// The candidate.
    pub account: Account,
    /// The registration.
    pub registration: Registration,
    /// Its exam.
    pub exam: Exam,
}

async fn case_of(conn: &mut Conn, check: Check) -> Result<Case> {
    let account = accounts::find(conn, check.account).await?.ok_or(Error::NotFound)?;
    let registration = registrations::store::find(conn, check.registration).await?;
    let exam = exams::store::find(conn, registration.exam).await?;
    Ok(Case { check, account, registration, exam })
}

/// The oldest cases that wait, after the one of this reference ("": from the first), each with who approved it first where two have to; and how many there are.
pub async fn queue(app: &App, staff: &Staff, after: &str) -> Result<(Vec<(Case, Option<by_two::First>)>, i64)> {
    staff.require_somewhere(Permission::ReviewIdentity)?;
    let mut conn = app.db.read().await?;
    let start = if after.is_empty() { 0 } else { store::find_by_ref(&mut conn, after).await?.id };
    let mut cases = Vec::new();
    own_cases(&mut conn, staff, start, |case| {
        cases.push(case);
        cases.len() as i64 == QUEUE_PAGE
    })
    .await?;
    let mut lines = Vec::new();
    for case in cases {
        let first = by_two::first(app, &mut conn, staff, Seen::face(case.check.id, case.account.name_version)).await?;
        lines.push((case, first));
    }
    Ok((lines, waiting(&mut conn, staff).await?))
}

/// How many cases wait in the exams that this person works for.
pub async fn waiting(conn: &mut Conn, staff: &Staff) -> Result<i64> {
    let exams = match staff.scope(Permission::ReviewIdentity) {
        Scope::All => return store::waiting(conn).await,
        Scope::Exams(exams) => exams,
    };
    let mut waiting = 0;
    for exam in exams {
        waiting += store::waiting_in(conn, exam).await?;
    }
    Ok(waiting)
}

/// The waiting cases of the exams that this person works for, from the oldest on, until `enough` says so.
async fn own_cases(conn: &mut Conn, staff: &Staff, mut after: i64, mut enough: impl FnMut(Case) -> bool) -> Result<()> {
    loop {
        let checks = store::queue(conn, after, QUEUE_PAGE).await?;
        let is_last = (checks.len() as i64) < QUEUE_PAGE;
        for check in checks {
            after = check.id;
            match case_of(conn, check).await {
                Ok(case) if staff.may_in(case.exam.id, Permission::ReviewIdentity) => {
                    if enough(case) {
                        return Ok(());
                    }
                }
                // Of another's exam; or the account was deleted meanwhile.
                Ok(_) | Err(Error::NotFound) => {}
                Err(other) => return Err(other),
            }
        }
        if is_last {
            return Ok(());
        }
    }
}

/// Takes the oldest case that nobody else holds; `None` when nothing waits.
pub async fn next(app: &App, staff: &Staff) -> Result<Option<String>> {
    staff.require_somewhere(Permission::ReviewIdentity)?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let mut taken = None;
    if !staff.may(Permission::ReviewIdentity) {
        let mut free = Vec::new();
        own_cases(&mut tx, staff, 0, |case| {
            if !case.check.is_held_by_another(staff.id, now) {
                free.push(case);
            }
            free.len() >= MAX_PASSED
        })
        .await?;
        for case in free {
            let is_own = by_two::first(app, &mut tx, staff, Seen::face(case.check.id, case.account.name_version))
                .await?
                .is_some_and(|first| first.is_own);
            if !is_own && store::lease(&mut tx, case.check.id, staff.id, now.plus_s(LEASE_S), now).await? {
                taken = Some(case.check.public_ref);
                break;
            }
        }
        tx.commit().await?;
        return Ok(taken);
    }
    // On PostgreSQL another reviewer can be faster by a moment; then the one after it is asked for.
    for _ in 0..3 {
        taken = store::lease_next(&mut tx, staff.id, by_two::passed_by(app, staff), now.plus_s(LEASE_S), now).await?;
        if taken.is_some() {
            break;
        }
    }
    tx.commit().await?;
    Ok(taken)
}

/// What a reviewer sees of a case.
#[derive(Debug)]
pub struct Opened {
    /// The case.
    pub case: Case,
    /// Whether this reviewer holds it and can decide.
    pub is_held: bool,
    /// The photograph, or the best frame.
    pub photo: Option<Picture>,
    /// The portrait cut out of the card.
    pub portrait: Option<Picture>,
    /// Other accounts whose stored face is like this one, the most alike first.
    pub others: Vec<Other>,
    /// Who approved it first, where two have to.
    pub first: Option<by_two::First>,
    /// How many cases wait, this one included.
    pub waiting: i64,
}

/// Another account whose stored face is like the one of a case.
#[derive(Debug)]
#[allow(missing_docs, reason = "what the page shows")]
pub struct Other {
    pub account_ref: String,
    /// Masked.
    pub name: String,
    /// Masked.
    pub number: String,
    /// Cosine in ten-thousandths.
    pub similarity: i64,
    /// The portrait on that account's card.
    pub portrait: Option<Picture>,
}

/// What a case's face is like. An account that was closed meanwhile is none any more.
async fn others(app: &App, conn: &mut Conn, check: i64) -> Result<Vec<Other>> {
    let mut list = Vec::new();
    for found in store::templates::matches(conn, check).await? {
        let Some(account) = accounts::find(conn, found.account).await? else { continue };
        list.push(Other {
            name: masked_name(&account.name),
            number: account.document(&app.keys)?.masked(),
            similarity: found.similarity,
            portrait: self::found(conn, account.portrait_picture).await?,
            account_ref: account.public_ref,
        });
    }
    Ok(list)
}

/// The first character and a star for each other one.
fn masked_name(name: &str) -> String {
    name.chars().enumerate().map(|(at, character)| if at == 0 { character } else { '*' }).collect()
}

/// Opens a case: the reviewer holds it from now, unless somebody else does. The look is audited.
pub async fn open(app: &App, staff: &Staff, reference: &str) -> Result<Opened> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let check = store::find_by_ref(&mut tx, reference).await?;
    let case = case_of(&mut tx, check).await?;
    staff.require_in(case.exam.id, Permission::ReviewIdentity)?;
    let is_held = store::lease(&mut tx, case.check.id, staff.id, now.plus_s(LEASE_S), now).await?;
    if is_over(&case) {
        end(app, &mut tx, &case.check).await?;
        tx.commit().await?;
        return Err(over());
    }
    let photo = found(&mut tx, case.check.picture).await?;
    let portrait = found(&mut tx, case.account.portrait_picture).await?;
    let others = others(app, &mut tx, case.check.id).await?;
    let waiting = waiting(&mut tx, staff).await?;
    let first = by_two::first(app, &mut tx, staff, Seen::face(case.check.id, case.account.name_version)).await?;
    let detail = json!({ "check": case.check.id, "way": case.check.way, "others": others.len() });
    let entry =
        Entry { action: "face.open", subject_kind: "registration", subject_id: case.registration.id, detail, actor: &staff.actor() };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    Ok(Opened { case, is_held, photo, portrait, others, first, waiting })
}

/// A picture, unless it is deleted.
async fn found(conn: &mut Conn, id: Option<i64>) -> Result<Option<Picture>> {
    let Some(id) = id else { return Ok(None) };
    match pictures::find(conn, id).await {
        Ok(picture) => Ok(Some(picture)),
        Err(Error::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The case, held by this reviewer, in the transaction of the decision.
async fn held(app: &App, tx: &mut Tx, staff: &Staff, reference: &str) -> Result<Case> {
    let check = store::find_by_ref(tx, reference).await?;
    let case = case_of(tx, check).await?;
    staff.require_in(case.exam.id, Permission::ReviewIdentity)?;
    if case.check.state() != CheckState::Person {
        return Err(Error::refused("case_decided", "这一件已经处理过了，请看下一件。"));
    }
    if case.check.is_held_by_another(staff.id, app.clock.now()) {
        return Err(Error::refused("case_held", "这一件正由另一位审核人员处理，请看下一件。"));
    }
    if is_over(&case) { Err(over()) } else { Ok(case) }
}

/// Whether the registration has no use for a decision any more.
fn is_over(case: &Case) -> bool {
    case.check.state() == CheckState::Person
        && (registrations::next(case.registration.state(), Step::Face).is_err() || !case.exam.checks().face())
}

fn over() -> Error {
    Error::refused("case_over", "考生已经撤回报名，或这场考试已不需要人脸识别，这一件不需要处理，请看下一件。")
}

/// It is the candidate.
pub async fn approve(app: &App, staff: &Staff, reference: &str) -> Result<()> {
    decide(app, staff, Decision::approval(staff, Desk::Face, reference)).await
}

/// It is not, or cannot be seen: the candidate does the face step again. The photograph goes.
pub async fn send_back(app: &App, staff: &Staff, reference: &str, reason: &str) -> Result<()> {
    decide(app, staff, Decision::returning(staff, Desk::Face, reference, reason)).await
}

/// Decides at once, or tries it and holds the decision.
async fn decide(app: &App, staff: &Staff, decision: Decision) -> Result<()> {
    if app.config.undo_s == 0 {
        return settle(app, staff, &decision).await;
    }
    drop(decided(app, staff, &decision).await?);
    hold(app, staff, decision).await
}

/// Gives a decision its effect.
pub async fn settle(app: &App, staff: &Staff, decision: &Decision) -> Result<()> {
    decided(app, staff, decision).await?.commit().await?;
    app.wake();
    Ok(())
}

/// The transaction of a decision, to be committed.
async fn decided(app: &App, staff: &Staff, decision: &Decision) -> Result<Tx> {
    let mut tx = app.db.begin().await?;
    match decision.approves {
        true => approve_in(app, &mut tx, staff, &decision.reference).await?,
        false => send_back_in(app, &mut tx, staff, &decision.reference, &decision.reason).await?,
    }
    Ok(tx)
}

async fn approve_in(app: &App, tx: &mut Tx, staff: &Staff, reference: &str) -> Result<()> {
    let now = app.clock.now();
    let case = held(app, tx, staff, reference).await?;
    // A photograph with a card in the hand is no photograph for a ticket; the card's own portrait is. Where none could be cut out, the ticket's
    // frame stays empty: who chose the way without the machine is not kept from the exam by it.
    let for_ticket = match case.check.way() {
        Way::Holding | Way::Onsite => case.account.portrait_picture,
        Way::Live | Way::File => case.check.picture,
    };
    if for_ticket.is_none() && matches!(case.check.way(), Way::Live | Way::File) {
        return Err(Error::refused("case_without_photo", "这一件没有可用的照片，请退回，由考生重新拍摄。"));
    }
    if !by_two::agreed(app, tx, staff, Seen::face(case.check.id, case.account.name_version)).await? {
        store::pass_on(tx, reference, [staff.id, NOBODY], now, now).await?;
        let detail = json!({ "check": case.check.id, "way": case.check.way });
        let entry =
            Entry { action: "face.first", subject_kind: "registration", subject_id: case.registration.id, detail, actor: &staff.actor() };
        audit::write(tx, now, entry).await?;
        return reports::approved_first(app, tx, case.registration.id, "人脸", &staff.actor()).await;
    }
    mark(app, tx, staff, &case, CheckState::Approved, "").await?;
    if stored::is_on(app) && matches!(case.check.way(), Way::Live | Way::File) {
        let job = NewJob {
            kind: "face.store",
            queue: Queue::Vision,
            priority: jobs::PRIORITY_BATCH,
            payload: json!({ "check": case.check.id }),
            unique_key: Some(format!("face.store:{}", case.check.id)),
            run_at: now,
        };
        jobs::enqueue(app, tx, job).await?;
    }
    reports::face(app, tx, case.registration.id, FaceOutcome::Passed, for_ticket, &staff.actor(), "").await?;
    let detail = json!({ "check": case.check.id, "way": case.check.way, "similarity": case.check.similarity });
    let entry =
        Entry { action: "face.approve", subject_kind: "registration", subject_id: case.registration.id, detail, actor: &staff.actor() };
    audit::write(tx, now, entry).await?;
    let link = format!("/registrations/{}", case.registration.public_ref);
    jobs::notify(app, tx, case.account.id, "人脸审核已通过", "您的照片已由工作人员核对通过，请继续完成报名。", &link, false).await
}

async fn send_back_in(app: &App, tx: &mut Tx, staff: &Staff, reference: &str, reason: &str) -> Result<()> {
    let now = app.clock.now();
    let case = held(app, tx, staff, reference).await?;
    let reason = line(reason, MAX_REASON_CHARS, "请选择或填写退回原因，考生会看到这句话。", "退回原因不能超过 200 字。")
        .map_err(|sentence| Error::invalid("reason", sentence))?;
    mark(app, tx, staff, &case, CheckState::Returned, &reason).await?;
    if let Some(picture) = case.check.picture {
        store::forget_picture(tx, case.check.id).await?;
        pictures::delete(app, tx, picture).await?;
    }
    reports::face(app, tx, case.registration.id, FaceOutcome::Returned, None, &staff.actor(), &reason).await?;
    let detail = json!({ "check": case.check.id, "way": case.check.way, "reason": reason });
    let entry =
        Entry { action: "face.return", subject_kind: "registration", subject_id: case.registration.id, detail, actor: &staff.actor() };
    audit::write(tx, now, entry).await?;
    let link = format!("/registrations/{}/face", case.registration.public_ref);
    let (title, todo) = if case.registration.may_be_mended(&case.exam, now, true) {
        ("人脸审核没有通过，需要您处理", "请重新完成人脸识别这一步。")
    } else {
        ("人脸审核没有通过", "提交和修改的时间已过，请联系学校。")
    };
    jobs::notify(app, tx, case.account.id, title, &format!("原因：{reason} {todo}"), &link, true).await
}

async fn mark(app: &App, tx: &mut Tx, staff: &Staff, case: &Case, state: CheckState, reason: &str) -> Result<()> {
    if store::decide_by(tx, case.check.id, state, staff.id, reason, app.clock.now()).await? {
        Ok(())
    } else {
        Err(Error::refused("case_decided", "这一件已经处理过了，请看下一件。"))
    }
}
