//! What a candidate does with a registration. Every action looks the row up by its public reference and by the account, so that another's is simply not found;
//! windows are checked here, not in pages.

use serde_json::json;

use super::take;
use crate::accounts::{Candidate, RealName};
use crate::app::App;
use crate::db::{Conn, Tx};
use crate::error::{Error, Problems, Result};
use crate::exams::eligibility;
use crate::exams::questions::{self, Question};
use crate::exams::{self, Exam, ExamState, Grade, PaymentWay, Subject};
use crate::registrations::store::answers::Answer;
use crate::registrations::store::{self, HistoryLine};
use crate::registrations::{Registration, State, Step, StudyStatus, next};
use crate::types::UnixMs;

/// The notice must have been on the screen this long (product rule).
pub const NOTICE_MIN_MS: i64 = 5_000;
/// Where the sentence about the so-manieth of an exam's own questions stands.
pub const ANSWER_FIELDS: [&str; questions::MAX_QUESTIONS] =
    ["q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10", "q11", "q12", "q13", "q14", "q15", "q16", "q17", "q18", "q19", "q20"];
/// Letters of a registration number.
const REFERENCE_LETTERS: usize = 10;

/// The candidate's own registration and its exam.
pub async fn own(conn: &mut Conn, candidate: &Candidate, reference: &str) -> Result<(Registration, Exam)> {
    let row = store::find_by_ref(conn, reference).await?;
    if row.account != candidate.id() {
        return Err(Error::NotFound);
    }
    let exam = exams::store::find(conn, row.exam).await?;
    Ok((row, exam))
}

/// Real-name verification comes before signing up (the manual) where the exam asks for it, and must still hold when the information is handed in: a change of the
/// name ends it.
fn require_real_name(candidate: &Candidate, exam: &Exam) -> Result<()> {
    if !exam.checks().real_name() {
        return Ok(());
    }
    match candidate.account.real_name() {
        RealName::Verified => Ok(()),
        RealName::Pending => Err(Error::refused("real_name_pending", "身份证照片正在识别，认证通过后即可报名。请稍候再试。")),
        RealName::Person => Err(Error::refused("real_name_person", "实名认证正在人工审核，通过后即可报名，结果会在消息中通知您。")),
        RealName::None | RealName::Failed => {
            Err(Error::refused("real_name_first", "请先完成实名认证，再开始报名。路径：我的 - 实名认证。"))
        }
    }
}

/// A face that a person sent back is done again before anything else is handed in: without it nobody could approve the registration.
pub(super) fn require_face(row: &Registration, exam: &Exam) -> Result<()> {
    if row.lacks_face(exam) {
        return Err(Error::refused("face_first", "请先重新完成人脸识别，再提交报名。路径：我的报名 - 报名详情 - 继续报名。"));
    }
    Ok(())
}

/// Information comes within its window, after the notice and the face.
pub(super) fn require_turn(row: &Registration, exam: &Exam, now: UnixMs) -> Result<()> {
    row.may_fill_in(exam, now)?;
    if row.state() == State::Drafting && (row.notice_version != Some(exam.notice_version) || row.lacks_face(exam)) {
        return Err(Error::refused("step_skipped", "请先完成前面的步骤。"));
    }
    require_face(row, exam)
}

/// Begins, or goes on with, a registration; returns it.
pub async fn start(app: &App, candidate: &Candidate, exam_ref: &str) -> Result<Registration> {
    let now = app.clock.now();
    let mut conn = app.db.read().await?;
    let exam = exams::store::find_by_ref(&mut conn, exam_ref).await?;
    if exam.state() == ExamState::Draft || exam.state() == ExamState::Archived {
        return Err(Error::NotFound);
    }
    if let Some(row) = store::find_for(&mut conn, candidate.id(), exam.id).await?
        && row.state() != State::Withdrawn
    {
        return Ok(row);
    }
    exam.require_open(now)?;
    require_real_name(candidate, &exam)?;
    eligibility::actions::require(app, &mut conn, exam.id, &candidate.account).await?;
    drop(conn);
    let actor = candidate.actor();
    let mut tx = app.db.begin().await?;
    let id = app.ids.make(now);
    if store::insert(&mut tx, id, &app.keys.reference(REFERENCE_LETTERS)?, candidate.id(), exam.id, now).await? {
        let line = HistoryLine {
            at: now.0,
            actor_kind: actor.kind().into(),
            actor_name: actor.name().into(),
            from_state: String::new(),
            to_state: State::Drafting.code().into(),
            step: "start".into(),
            why: String::new(),
            detail: "{}".into(),
        };
        store::remember(app, &mut tx, &actor, id, &line).await?;
    }
    let mut row = store::find_for(&mut tx, candidate.id(), exam.id).await?.ok_or(Error::NotFound)?;
    if row.state() == State::Withdrawn {
        // Begins anew: what was checked before is checked again, the history stays.
        row.notice_version = None;
        row.notice_accepted_at = None;
        row.face_state = "none".into();
        row.info_at = None;
        row.subject = None;
        row.submitted_at = None;
        row.fee_fen = None;
        row.reason = String::new();
        store::set_notice_shown(&mut tx, row.id, None).await?;
        take(app, &mut tx, &mut row, Step::Reopen, &actor, "", json!({})).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// Notes that the notice is on the candidate's screen now; the first time of this version counts.
pub async fn notice_shown(app: &App, candidate: &Candidate, reference: &str) -> Result<()> {
    let (row, exam) = own(&mut *app.db.read().await?, candidate, reference).await?;
    if row.state() != State::Drafting || row.notice_shown_version == Some(exam.notice_version) {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    store::set_notice_shown(&mut tx, row.id, Some((exam.notice_version, app.clock.now()))).await?;
    tx.commit().await?;
    Ok(())
}

/// Accepts the notice's version that was shown.
pub async fn accept_notice(app: &App, candidate: &Candidate, reference: &str, version: i64) -> Result<Registration> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (mut row, exam) = own(&mut tx, candidate, reference).await?;
    exam.require_open(now)?;
    if version != exam.notice_version {
        return Err(Error::refused("notice_changed", "报考须知有更新，请重新阅读。"));
    }
    match row.notice_shown_at {
        Some(shown) if row.notice_shown_version == Some(version) && now.0 - shown >= NOTICE_MIN_MS => {}
        _ => return Err(Error::refused("notice_too_fast", "请先完整阅读报考须知，至少阅读 5 秒后再点击【我已阅读并了解】。")),
    }
    row.notice_version = Some(version);
    row.notice_accepted_at = Some(now.0);
    take(app, &mut tx, &mut row, Step::AcceptNotice, &candidate.actor(), "", json!({ "version": version, "address": candidate.address }))
        .await?;
    store::set_notice_address(&mut tx, row.id, &candidate.address).await?;
    tx.commit().await?;
    Ok(row)
}

/// What the information page sends.
#[derive(Clone, Debug, Default)]
pub struct Information {
    /// Subject code.
    pub subject: String,
    /// [`StudyStatus`] code.
    pub study_status: String,
    /// [`Grade`] code; needed of graduates.
    pub thesis_grade: String,
    /// Field and answer of each of the exam's own questions.
    pub answers: Vec<(String, String)>,
}

impl Information {
    /// What was typed for a question.
    pub fn answer(&self, question: &Question) -> &str {
        let field = question.field();
        self.answers.iter().find(|(name, _)| *name == field).map_or("", |(_, value)| value)
    }
}

/// What the information comes to.
type Checked = (Subject, StudyStatus, Option<Grade>, Vec<(i64, String)>);

fn check_information(
    exam: &Exam,
    subjects: &[Subject],
    (questions, earlier): (&[Question], &[Answer]),
    typed: &Information,
) -> Result<Checked> {
    let mut problems = Problems::new();
    let subject = subjects.iter().find(|s| s.code == typed.subject);
    if subject.is_none() {
        problems.add("subject", "请选择考试科目。");
    }
    let status = StudyStatus::parse(&typed.study_status);
    if status.is_none() {
        problems.add("study_status", "请选择“在籍”或者“已毕业”。");
    }
    let grade = Grade::parse(&typed.thesis_grade).filter(|_| status == Some(StudyStatus::Graduated));
    if status == Some(StudyStatus::Graduated) {
        match grade {
            None => problems.add("thesis_grade", "已毕业的考生请选择论文等级。"),
            Some(grade) if grade < exam.floor() => {
                problems.add("thesis_grade", format!("论文成绩需要达到“{}”及以上才可以申请。", exam.floor().word()));
            }
            Some(_) => {}
        }
    }
    let mut answers = Vec::new();
    for (question, field) in questions.iter().zip(ANSWER_FIELDS) {
        if question.is_file() {
            let given = earlier.iter().find(|answer| answer.question == question.id).map_or("", |answer| answer.value.as_str());
            problems.take(field, question.read(given));
            continue;
        }
        answers.extend(problems.take(field, question.read(typed.answer(question))).map(|answer| (question.id, answer)));
    }
    match (subject, status) {
        (Some(subject), Some(status)) if problems.is_empty() => Ok((subject.clone(), status, grade, answers)),
        _ => Err(Error::Invalid(problems)),
    }
}

/// Takes a place in a subject and gives the earlier one back, in the order of their ids: two candidates who change places with each other then never wait for one
/// another in a circle. A full subject fails the whole transaction.
async fn move_place(tx: &mut Tx, from: Option<i64>, to: i64) -> Result<()> {
    if let Some(old) = from.filter(|old| *old < to) {
        exams::store::give_place_back(tx, old).await?;
    }
    if !exams::store::take_place(tx, to).await? {
        return Err(Error::invalid("subject", "这个科目的名额已满，请选择其他科目或联系学校。"));
    }
    if let Some(old) = from.filter(|old| *old > to) {
        exams::store::give_place_back(tx, old).await?;
    }
    Ok(())
}

/// Keeps the answers that are new; returns which questions they are of.
async fn keep_answers(
    tx: &mut Tx,
    registration: i64,
    (questions, earlier): (&[Question], &[Answer]),
    answers: &[(i64, String)],
) -> Result<String> {
    let mut changed = Vec::new();
    for (question, answer) in answers {
        let before = earlier.iter().find(|one| one.question == *question).map_or("", |one| one.value.as_str());
        if before != answer {
            store::answers::put(tx, registration, *question, answer).await?;
            changed.extend(questions.iter().find(|other| other.id == *question).map(|question| question.label.as_str()));
        }
    }
    Ok(changed.join("、"))
}

/// Saves the information and goes on to payment, or to the end where nothing is to pay.
pub async fn set_information(app: &App, candidate: &Candidate, reference: &str, typed: &Information) -> Result<Registration> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (mut row, exam) = own(&mut tx, candidate, reference).await?;
    require_turn(&row, &exam, now)?;
    require_real_name(candidate, &exam)?;
    eligibility::actions::require(app, &mut tx, exam.id, &candidate.account).await?;
    let subjects = exams::store::subjects(&mut tx, exam.id).await?;
    let questions = questions::store::list(&mut tx, exam.id).await?;
    let earlier = store::answers::of(&mut tx, row.id).await?;
    let asked = (questions.as_slice(), earlier.as_slice());
    let (subject, status, grade, answers) = check_information(&exam, &subjects, asked, typed)?;
    let answered = keep_answers(&mut tx, row.id, asked, &answers).await?;
    if row.subject != Some(subject.id) {
        row.fee_fen = None;
        move_place(&mut tx, row.subject, subject.id).await?;
    }
    row.subject = Some(subject.id);
    row.study_status = status.code().into();
    row.thesis_grade = grade.map_or("", Grade::code).into();
    row.info_at = Some(now.0);
    let step = if exam.way() == PaymentWay::Free { Step::InformationFree } else { Step::Information };
    if step == Step::InformationFree {
        row.submitted_at = Some(now.0);
        row.fee_fen = Some(0);
        row.reason = String::new();
    }
    // Of the answers only which: what is in them may be personal, and the history goes to the audit.
    let detail = json!({
        "subject": subject.name, "study_status": status.word(), "thesis_grade": grade.map_or("", Grade::word), "answered": answered,
    });
    take(app, &mut tx, &mut row, step, &candidate.actor(), "", detail).await?;
    tx.commit().await?;
    app.wake();
    Ok(row)
}

/// Whether the information may be changed now: the state first, then the edit window.
pub fn may_change(row: &Registration, exam: &Exam, now: UnixMs) -> Result<()> {
    if row.state() != State::AwaitingPayment {
        next(row.state(), Step::Change)?;
    }
    exam.require_editable(now)
}

/// Whether it may be withdrawn now.
pub fn may_withdraw(row: &Registration, exam: &Exam, now: UnixMs) -> Result<()> {
    next(row.state(), Step::Withdraw)?;
    exam.require_editable(now).map_err(|_| {
        let ended = exam.ended("撤回报名的时间", exam.edit_until);
        Error::refused("edit_closed", format!("{ended}，不能再撤回。如有疑问请联系学校。"))
    })
}

/// Opens a submitted registration for changes, within the edit window; the proof is asked for again (the earlier one may be chosen).
pub async fn begin_change(app: &App, candidate: &Candidate, reference: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let (mut row, exam) = own(&mut tx, candidate, reference).await?;
    may_change(&row, &exam, app.clock.now())?;
    if row.state() == State::AwaitingPayment {
        return Ok(());
    }
    take(app, &mut tx, &mut row, Step::Change, &candidate.actor(), "", json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// Withdraws, within the window. The subject's place is free again.
pub async fn withdraw(app: &App, candidate: &Candidate, reference: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let (mut row, exam) = own(&mut tx, candidate, reference).await?;
    may_withdraw(&row, &exam, app.clock.now())?;
    let subject = row.subject.take();
    take(app, &mut tx, &mut row, Step::Withdraw, &candidate.actor(), "", json!({})).await?;
    if let Some(subject) = subject {
        exams::store::give_place_back(&mut tx, subject).await?;
    }
    tx.commit().await?;
    Ok(())
}
