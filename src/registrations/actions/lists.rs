//! The lists that staff look at: a page of an exam's registrations, a search, one candidate's. Numbers leave here masked.

use crate::accounts::{self, store::Account};
use crate::app::App;
use crate::crypto::Keys;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::exams::{self, Exam, ExamState, Subject};
use crate::registrations::store::lists::Chosen;
use crate::registrations::views::View;
use crate::registrations::{Registration, State, StudyStatus, store};
use crate::staff::{Permission, Staff};
use crate::types::{Ids, UnixMs};

/// Registrations on one page of the list.
pub const PER_PAGE: i64 = 50;
/// Exams in the chooser, newest first.
const MAX_EXAMS: i64 = 30;
/// Accounts that a search follows to their registrations.
pub const MAX_FOUND: i64 = 50;
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
    /// In the order in which they were begun, or the newest first.
    pub rows: Vec<Row>,
    /// The number of the registration after which the next page begins; "" for none.
    pub next: String,
    /// The one before which the page before ends; "" for none.
    pub previous: String,
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
    /// The newest first.
    pub newest_first: bool,
    /// The registration after which the page begins.
    pub after: &'a str,
    /// The registration before which it ends.
    pub before: &'a str,
}

impl Asked<'_> {
    fn goes_back(&self) -> bool {
        !self.before.is_empty()
    }
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
    // The page before is taken from the end of what stands before it.
    let newest_first = asked.newest_first != asked.goes_back();
    let from = if asked.goes_back() { asked.before } else { asked.after };
    let from = if from.is_empty() { None } else { Some(store::find_by_ref(conn, from).await?.id) };
    let (after, below) = if newest_first { (0, from.unwrap_or(i64::MAX)) } else { (from.unwrap_or(0), i64::MAX) };
    let chosen = Chosen {
        exam: exam.id,
        state: asked.state,
        subject,
        candidate_type: asked.candidate_type.to_owned(),
        major: asked.major.to_owned(),
        after: after.max(first_id(asked.from, 0)?.map_or(0, |first| first - 1)),
        below: below.min(first_id(asked.to, 1)?.unwrap_or(i64::MAX)),
        newest_first,
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

/// A page of the registrations of an exam.
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
            previous: String::new(),
        });
    };
    let (shown, subjects, chosen) = chosen(&mut conn, staff, Permission::Candidates, &Asked { exam: &shown.public_ref, ..asked }).await?;
    let counts = counts(&mut conn, &shown).await?;
    let mut found = store::lists::page(&mut conn, &chosen, PER_PAGE + 1).await?;
    if found.is_empty() && !(asked.after.is_empty() && asked.before.is_empty()) {
        // What stood there was decided meanwhile: the list from its beginning.
        drop(conn);
        return Box::pin(list(app, staff, Asked { after: "", before: "", ..asked })).await;
    }
    let goes_on = found.len() as i64 > PER_PAGE;
    found.truncate(usize::try_from(PER_PAGE).map_err(Error::internal)?);
    if asked.goes_back() {
        found.reverse();
    }
    let (is_behind, is_before) = if asked.goes_back() { (true, goes_on) } else { (goes_on, !asked.after.is_empty()) };
    let number = |row: Option<&Registration>, is: bool| row.filter(|_| is).map(|row| row.public_ref.clone()).unwrap_or_default();
    let (next, previous) = (number(found.last(), is_behind), number(found.first(), is_before));
    let mut rows = Vec::new();
    for row in &found {
        if let Some(account) = accounts::store::find(&mut conn, row.account).await? {
            rows.push(Row::new(&app.keys, row, &account, &shown, &subjects)?);
        }
    }
    let majors = store::lists::majors(&mut conn, shown.id, MAX_MAJORS).await?;
    let mut views = store::views::of(&mut conn, staff.id).await?;
    views.retain(|view| view.suits(&subjects));
    Ok(Listed { exams, exam: Some(shown), subjects, majors, views, counts, rows, next, previous })
}

/// How many registrations of an exam are in each state, in the order of the states, each counted up to `MOST_COUNTED`.
pub async fn counts(conn: &mut Conn, exam: &Exam) -> Result<Vec<(State, i64)>> {
    let mut counts = Vec::new();
    for state in State::ALL {
        counts.push((state, store::lists::count(conn, exam.id, state).await?));
    }
    Ok(counts)
}

/// By registration or ticket number first, else by the candidate: name, document number, phone; of so many people at most. Also whether more fit.
pub async fn search(app: &App, staff: &Staff, typed: &str, most: i64) -> Result<(Vec<Row>, bool)> {
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
    let mut candidates = if found.is_empty() { accounts::actions::search(app, &mut conn, typed, most + 1).await? } else { Vec::new() };
    let is_cut = candidates.len() as i64 > most;
    candidates.truncate(usize::try_from(most).map_err(Error::internal)?);
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
