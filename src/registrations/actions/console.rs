//! Everything about one registration, for staff. Numbers leave here masked.

use serde_json::json;

use crate::accounts::{self, store::Account};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::exams::{self, Exam, Grade, Subject};
use crate::pictures::{self, Owner, PictureKind};
use crate::registrations::history::{self, Event};
use crate::registrations::store::answers::Answer;
use crate::registrations::store::notes::Note;
use crate::registrations::{Registration, State, StudyStatus, store};
use crate::staff::{Permission, Staff};
use crate::types::{UnixMs, line};

/// Notes and messages that are shown of one registration.
const MAX_NOTES: i64 = 50;
const MAX_NOTE_CHARS: usize = 200;
/// Who may note something: whoever works on registrations, and not those who only look.
pub const WHO_NOTES: [Permission; 3] = [Permission::Exams, Permission::ReviewIdentity, Permission::ReviewPayment];
const MAX_PICTURES: i64 = 60;

/// A picture of the candidate: what it shows and its public reference.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the heads of the table")]
pub struct PictureLine {
    pub word: &'static str,
    pub reference: String,
    pub at: String,
    /// The face that goes on the ticket, or the portrait that faces are compared with.
    pub counts: bool,
}

/// Everything about one registration.
#[derive(Debug)]
#[allow(missing_docs, reason = "what the page shows")]
pub struct Everything {
    pub row: Registration,
    pub exam: Exam,
    pub subject: Option<Subject>,
    pub name: String,
    pub account_ref: String,
    pub document_word: &'static str,
    /// Masked.
    pub number: String,
    /// Masked.
    pub phone: String,
    pub candidate_type: String,
    pub major: String,
    pub real_name: &'static str,
    /// What is to pay.
    pub fee: String,
    pub events: Vec<Event>,
    /// Whether the face that was shown last was sent back.
    pub face_returned: bool,
    pub pictures: Vec<PictureLine>,
    /// What is said where there is none.
    pub no_pictures: String,
    /// When the document ends, where that is before the exam; else "".
    pub document_ends: String,
    /// What staff noted.
    pub notes: Vec<Note>,
    /// What was written to the candidate about it: when, title, when it was read.
    pub messages: Vec<(i64, String, Option<i64>)>,
    /// Where it sits, with the ticket number; "" for nowhere.
    pub seat: String,
    /// Whether the person may note something.
    pub may_note: bool,
    /// Whether the person may decide about it now.
    pub may_review: bool,
    /// The exam's own questions with the answers.
    pub answers: Vec<Answer>,
}

impl Everything {
    /// `在籍`, or `已毕业，论文等级 良`.
    pub fn status_words(&self) -> String {
        let status = StudyStatus::parse(&self.row.study_status).map_or("", StudyStatus::word);
        match Grade::parse(&self.row.thesis_grade) {
            Some(grade) => format!("{status}，论文等级 {}", grade.word()),
            None => status.to_owned(),
        }
    }

    /// How far the face check is.
    pub fn face_words(&self) -> &'static str {
        match self.row.face_state.as_str() {
            "passed" => "已通过",
            _ if !self.exam.checks().face() => "这场考试不需要",
            "person" => "等待人工审核",
            _ if self.face_returned => "已退回，等待重新拍摄",
            _ => "未进行",
        }
    }
}

/// Why a registration has no pictures: they were deleted at the end of their time, or never there.
fn no_pictures(row: &Registration, account: &Account) -> String {
    match account.pictures_forgotten_at.filter(|at| *at >= row.created_at) {
        Some(at) => format!("照片已按保存期限删除（{}）。", UnixMs(at).day_words()),
        None if row.face_picture.is_some() || row.proof.is_some() => "照片已经删除。".into(),
        None => "还没有照片。".into(),
    }
}

/// Notes something about a registration, for other staff.
pub async fn note(app: &App, staff: &Staff, reference: &str, typed: &str) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let row = store::find_by_ref(&mut tx, reference).await?;
    staff.require_in(row.exam, WHO_NOTES)?;
    let body = line(typed, MAX_NOTE_CHARS, "请填写备注。", "备注不能超过 200 个字。").map_err(|s| Error::invalid("body", s))?;
    store::notes::add(&mut tx, app.ids.make(now), row.id, (staff.id, &staff.name), &body, now).await?;
    // What it says is personal and can be deleted; the audit cannot.
    let entry =
        Entry { action: "registration.note", subject_kind: "registration", subject_id: row.id, detail: json!({}), actor: &staff.actor() };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Everything about the registration with this number.
pub async fn open(app: &App, staff: &Staff, reference: &str) -> Result<Everything> {
    let mut conn = app.db.read().await?;
    let row = store::find_by_ref(&mut conn, reference).await?;
    staff.require_in(row.exam, Permission::Candidates)?;
    let exam = exams::store::find(&mut conn, row.exam).await?;
    let account = accounts::store::find(&mut conn, row.account).await?.ok_or(Error::NotFound)?;
    let subject = match row.subject {
        Some(id) => Some(exams::store::subject(&mut conn, id).await?),
        None => None,
    };
    let lines = store::history(&mut conn, row.id).await?;
    let (events, face_returned) = (history::events(&lines, Event::for_staff), history::is_face_returned(&lines));
    let notes = store::notes::of(&mut conn, row.id, MAX_NOTES).await?;
    let link = format!("/registrations/{}", row.public_ref);
    let messages = accounts::store::messages::about(&mut conn, row.account, &link, MAX_NOTES).await?;
    let seat = app.seat_words(&mut conn, row.id).await?;
    let answers = store::answers::of(&mut conn, row.id).await?;
    let subjects = exams::store::subjects(&mut conn, exam.id).await?;
    let document_ends = super::document_ends(app, &mut conn, &account, &subjects, row.subject).await?;
    let kept = [row.face_picture, account.portrait_picture];
    let pictures = pictures::of_owner(&mut conn, Owner::Candidate(account.id), MAX_PICTURES).await?;
    // What was handed in for another exam is that one's.
    let is_here =
        |reference: &str, kind: &str| kind != PictureKind::Attachment.code() || answers.iter().any(|answer| answer.value == *reference);
    let pictures: Vec<_> = pictures.into_iter().filter(|(_, reference, kind, _)| is_here(reference, kind)).collect();
    let pictures = pictures.into_iter().map(|(id, reference, kind, at)| PictureLine {
        word: pictures::kind_word(&kind),
        reference,
        at: UnixMs(at).words(),
        counts: kept.contains(&Some(id)),
    });
    Ok(Everything {
        name: account.name.clone(),
        account_ref: account.public_ref.clone(),
        document_word: account.kind().word(),
        number: account.document(&app.keys)?.masked(),
        phone: account.phone(&app.keys)?.masked(),
        candidate_type: account.candidate_type.clone(),
        major: account.major.clone(),
        real_name: account.real_name().word(),
        fee: row.fee_words(&exam, &subjects),
        pictures: pictures.collect(),
        no_pictures: no_pictures(&row, &account),
        answers,
        document_ends,
        notes,
        messages,
        seat,
        may_note: staff.may_in(exam.id, WHO_NOTES),
        may_review: staff.may_in(exam.id, Permission::ReviewPayment) && matches!(row.state(), State::Submitted | State::Approved),
        row,
        exam,
        subject,
        events,
        face_returned,
    })
}
