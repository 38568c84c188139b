//! What staff look at: a page of an exam's registrations, a search, everything about one. Numbers leave here masked.

use serde_json::json;

use crate::accounts::{self, store::Account};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::crypto::Keys;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::exams::{self, Exam, ExamState, Grade, Subject};
use crate::pictures::{self, Owner, PictureKind};
use crate::registrations::history::{self, Event};
use crate::registrations::store::answers::Answer;
use crate::registrations::store::lists::Chosen;
use crate::registrations::store::notes::Note;
use crate::registrations::views::View;
use crate::registrations::{Registration, State, StudyStatus, store};
use crate::staff::{Permission, Staff};
use crate::types::{Ids, UnixMs, line};

/// Registrations on one page of the list.
pub const PER_PAGE: i64 = 50;
/// Exams in the chooser, newest first.
const MAX_EXAMS: i64 = 30;
/// Accounts that a search follows to their registrations.
const MAX_FOUND: i64 = 50;
/// Notes and messages that are shown of one registration.
const MAX_NOTES: i64 = 50;
const MAX_NOTE_CHARS: usize = 200;
/// Who may note something: whoever works on registrations, and not those who only look.
pub const WHO_NOTES: [Permission; 3] = [Permission::Exams, Permission::ReviewIdentity, Permission::ReviewPayment];
const MAX_PICTURES: i64 = 60;
/// Majors that are offered; another can be typed.
const MAX_MAJORS: i64 = 200;

/// A line of a list.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the heads of the table")]
pub struct Row {
    pub id: i64,
    pub reference: String,
    pub name: String,
    /// Masked.
    pub number: String,
    pub exam: String,
    pub subject: String,
    pub state: State,
    pub updated: String,
    pub candidate_type: String,
    pub major: String,
    pub study: &'static str,
    pub begun: String,
    pub submitted: String,
}

impl Row {
    fn new(keys: &Keys, row: &Registration, account: &Account, exam: &Exam, subjects: &[Subject]) -> Result<Self> {
        Ok(Self {
            id: row.id,
            reference: row.public_ref.clone(),
            name: account.name.clone(),
            number: account.document(keys)?.masked(),
            exam: exam.title.clone(),
            subject: subjects.iter().find(|s| Some(s.id) == row.subject).map(|s| s.name.clone()).unwrap_or_default(),
            state: row.state(),
            updated: UnixMs(row.updated_at).words(),
            candidate_type: account.candidate_type.clone(),
            major: account.major.clone(),
            study: StudyStatus::parse(&row.study_status).map_or("", StudyStatus::word),
            begun: UnixMs(row.created_at).words(),
            submitted: row.submitted_at.map_or_else(String::new, |at| UnixMs(at).words()),
        })
    }
}

/// A page of an exam's registrations.
#[derive(Debug)]
pub struct Listed {
    /// Every exam that may have registrations, newest first.
    pub exams: Vec<Exam>,
    /// The one that is shown; none where there is no exam yet.
    pub exam: Option<Exam>,
    /// Its subjects.
    pub subjects: Vec<Subject>,
    /// What its people study.
    pub majors: Vec<String>,
    /// The viewer's own views that suit this exam.
    pub views: Vec<View>,
    /// How many are in each state, whatever else was asked for; counted up to `MOST_COUNTED`.
    pub counts: Vec<(State, i64)>,
    /// In the order in which they were begun.
    pub rows: Vec<Row>,
    /// The number of the registration after which the next page begins; "" for none.
    pub next: String,
}

/// What a list is asked for. Empty texts ask for everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// Public reference of the exam; the newest one where none is named.
    pub exam: &'a str,
    /// In this state only.
    pub state: Option<State>,
    /// Code of a subject.
    pub subject: &'a str,
    /// Type of candidate.
    pub candidate_type: &'a str,
    /// Major, in full.
    pub major: &'a str,
    /// First day on which it was begun, `2026-06-25`.
    pub from: &'a str,
    /// Last day, the whole of it.
    pub to: &'a str,
    /// The registration after which the page begins.
    pub after: &'a str,
}

/// The first row id of a day, so many days later.
fn first_id(day: &str, later: i64) -> Result<Option<i64>> {
    if day.trim().is_empty() {
        return Ok(None);
    }
    let wrong = || Error::invalid("day", "日期请按 2026-06-25 的样子填写。");
    let begins = UnixMs::parse_field(&format!("{}T00:00", day.trim())).map_err(|_| wrong())?;
    Ok(Some(Ids::first_of(begins.plus_s(later * 86_400))))
}

/// The exams that may have registrations, of those that somebody may see, newest first.
pub(super) async fn exams_of(conn: &mut Conn, staff: &Staff) -> Result<Vec<Exam>> {
    let mut exams = exams::store::list(conn, &staff.scope(Permission::Candidates), false, i64::MAX, MAX_EXAMS).await?;
    exams.retain(|exam| exam.state() != ExamState::Draft);
    Ok(exams)
}

/// What is asked for, for somebody who has a permission for it: the exam, its subjects, and which rows.
pub(super) async fn chosen(
    conn: &mut Conn,
    staff: &Staff,
    permission: Permission,
    asked: &Asked<'_>,
) -> Result<(Exam, Vec<Subject>, Chosen)> {
    let exam = exams::store::find_by_ref(conn, asked.exam).await?;
    staff.require_in(exam.id, permission)?;
    let subjects = exams::store::subjects(conn, exam.id).await?;
    let subject = match asked.subject {
        "" => None,
        code => Some(subjects.iter().find(|subject| subject.code == code).ok_or(Error::NotFound)?.id),
    };
    let after = if asked.after.is_empty() { 0 } else { store::find_by_ref(conn, asked.after).await?.id };
    let chosen = Chosen {
        exam: exam.id,
        state: asked.state,
        subject,
        candidate_type: asked.candidate_type.to_owned(),
        major: asked.major.to_owned(),
        after: after.max(first_id(asked.from, 0)?.map_or(0, |first| first - 1)),
        below: first_id(asked.to, 1)?.unwrap_or(i64::MAX),
    };
    Ok((exam, subjects, chosen))
}

/// The first registrations of an exam that fit what is asked for, for whom they may be shown to.
pub async fn rows(
    conn: &mut Conn,
    staff: &Staff,
    permission: Permission,
    asked: &Asked<'_>,
    limit: i64,
) -> Result<(Exam, Vec<Registration>)> {
    let (exam, _, chosen) = chosen(conn, staff, permission, asked).await?;
    let rows = store::lists::page(conn, &chosen, limit).await?;
    Ok((exam, rows))
}

/// A page of the registrations of an exam, in the order in which they were begun.
pub async fn list(app: &App, staff: &Staff, asked: Asked<'_>) -> Result<Listed> {
    staff.require_somewhere(Permission::Candidates)?;
    let mut conn = app.db.read().await?;
    let exams = exams_of(&mut conn, staff).await?;
    let exam = if asked.exam.is_empty() { exams.first().cloned() } else { Some(exams::store::find_by_ref(&mut conn, asked.exam).await?) };
    let Some(shown) = exam else {
        return Ok(Listed {
            exams,
            exam,
            subjects: Vec::new(),
            majors: Vec::new(),
            views: Vec::new(),
            counts: Vec::new(),
            rows: Vec::new(),
            next: String::new(),
        });
    };
    let (shown, subjects, chosen) = chosen(&mut conn, staff, Permission::Candidates, &Asked { exam: &shown.public_ref, ..asked }).await?;
    let counts = counts(&mut conn, &shown).await?;
    let found = store::lists::page(&mut conn, &chosen, PER_PAGE).await?;
    let next = found.last().filter(|_| found.len() as i64 == PER_PAGE).map(|row| row.public_ref.clone()).unwrap_or_default();
    let mut rows = Vec::new();
    for row in &found {
        if let Some(account) = accounts::store::find(&mut conn, row.account).await? {
            rows.push(Row::new(&app.keys, row, &account, &shown, &subjects)?);
        }
    }
    let majors = store::lists::majors(&mut conn, shown.id, MAX_MAJORS).await?;
    let mut views = store::views::of(&mut conn, staff.id).await?;
    views.retain(|view| view.suits(&subjects));
    Ok(Listed { exams, exam: Some(shown), subjects, majors, views, counts, rows, next })
}

/// How many registrations of an exam are in each state, in the order of the states, each counted up to `MOST_COUNTED`.
pub async fn counts(conn: &mut Conn, exam: &Exam) -> Result<Vec<(State, i64)>> {
    let mut counts = Vec::new();
    for state in State::ALL {
        counts.push((state, store::lists::count(conn, exam.id, state).await?));
    }
    Ok(counts)
}

/// By registration or ticket number first, else by the candidate: name, document number, phone. Also whether more people fit than were looked at.
pub async fn search(app: &App, staff: &Staff, typed: &str) -> Result<(Vec<Row>, bool)> {
    staff.require_somewhere(Permission::Candidates)?;
    let typed = typed.trim();
    let mut conn = app.db.read().await?;
    let mut found = match store::find_by_ref(&mut conn, &typed.to_uppercase()).await {
        Ok(row) => vec![row],
        Err(Error::NotFound) => Vec::new(),
        Err(other) => return Err(other),
    };
    for id in app.registrations_of_ticket(&mut conn, typed).await? {
        found.push(store::find(&mut conn, id).await?);
    }
    let mut candidates = if found.is_empty() { accounts::actions::search(app, &mut conn, typed, MAX_FOUND + 1).await? } else { Vec::new() };
    let is_cut = candidates.len() as i64 > MAX_FOUND;
    candidates.truncate(usize::try_from(MAX_FOUND).map_err(Error::internal)?);
    for account in candidates {
        found.extend(store::of_account(&mut conn, account.id).await?);
    }
    Ok((lines(app, &mut conn, staff, found).await?, is_cut))
}

/// The registrations of an account, as far as somebody may see them.
pub async fn of_account(app: &App, staff: &Staff, account: &str) -> Result<(Account, Vec<Row>)> {
    staff.require_somewhere(Permission::Candidates)?;
    let mut conn = app.db.read().await?;
    let account = accounts::store::find_by_ref(&mut conn, account).await?.ok_or(Error::NotFound)?;
    let found = store::of_account(&mut conn, account.id).await?;
    let rows = lines(app, &mut conn, staff, found).await?;
    Ok((account, rows))
}

async fn lines(app: &App, conn: &mut Conn, staff: &Staff, mut found: Vec<Registration>) -> Result<Vec<Row>> {
    found.retain(|row| staff.may_in(row.exam, Permission::Candidates));
    let mut rows = Vec::new();
    for row in &found {
        let exam = exams::store::find(conn, row.exam).await?;
        let subjects = exams::store::subjects(conn, exam.id).await?;
        if let Some(account) = accounts::store::find(conn, row.account).await? {
            rows.push(Row::new(&app.keys, row, &account, &exam, &subjects)?);
        }
    }
    Ok(rows)
}

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
    pub events: Vec<Event>,
    pub pictures: Vec<PictureLine>,
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
            _ => "未进行",
        }
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
    let events = history::events(&store::history(&mut conn, row.id).await?, Event::for_staff);
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
        pictures: pictures.collect(),
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
    })
}
