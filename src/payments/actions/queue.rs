//! The registrations of an exam that wait for a reviewer, in lines.

use super::judge;
use crate::accounts::{self, RealName};
use crate::app::App;
use crate::db::Conn;
use crate::error::Result;
use crate::exams::{self, Exam};
use crate::payments::flags::Flag;
use crate::payments::{Proof, store};
use crate::registrations::actions::staff::Lack;
use crate::registrations::{self, Registration, State};
use crate::staff::by_two::{self, First, Seen};
use crate::staff::{self, Permission, Staff};

/// Lines of one page of the queue.
pub(super) const PAGE: i64 = 50;
/// Exams to choose from.
const MAX_EXAMS: i64 = 50;

/// One line of the queue.
#[derive(Debug)]
pub struct Waiting {
    /// The registration.
    pub row: Registration,
    /// The candidate's name.
    pub name: String,
    /// The document number, masked.
    pub document: String,
    /// The proof; none where it is paid at the school.
    pub proof: Option<Proof>,
    /// What is odd about it.
    pub flags: Vec<Flag>,
    /// Another reviewer who holds it.
    pub holder: Option<String>,
    /// What still keeps it from being approved.
    pub lacks: Vec<Lack>,
    /// Who approved it first, where two have to.
    pub first: Option<First>,
}

/// A page of the queue of one exam.
#[derive(Debug, Default)]
pub struct Queue {
    /// The exams with how many cases wait in each.
    pub exams: Vec<(Exam, i64)>,
    /// The chosen one.
    pub exam: Option<Exam>,
    /// Its cases.
    pub lines: Vec<Waiting>,
    /// The registration number after which the next page begins.
    pub after: Option<String>,
}

pub(super) async fn waiting_in(conn: &mut Conn, exam: i64) -> Result<i64> {
    registrations::store::lists::count(conn, exam, State::Submitted).await
}

/// What is shown of a candidate.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) document: String,
    pub(super) document_kind: String,
    pub(super) real_name: RealName,
    pub(super) name_version: i64,
}

pub(super) async fn person(app: &App, conn: &mut Conn, account: i64) -> Result<Person> {
    Ok(match accounts::store::find(conn, account).await? {
        Some(account) => Person {
            document: account.document(&app.keys)?.masked(),
            document_kind: account.kind().word().to_owned(),
            real_name: account.real_name(),
            name_version: account.name_version,
            name: account.name,
        },
        None => Person {
            name: "账号已注销".into(),
            document: String::new(),
            document_kind: String::new(),
            real_name: RealName::None,
            name_version: 0,
        },
    })
}

pub(super) async fn proof_of(conn: &mut Conn, row: &Registration) -> Result<Option<Proof>> {
    match row.proof {
        Some(id) => store::find(conn, id).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn holder(app: &App, conn: &mut Conn, staff: &Staff, registration: i64) -> Result<Option<String>> {
    match store::lease_holder(conn, registration, app.clock.now()).await? {
        Some(id) if id != staff.id => Ok(Some(staff::store::find(conn, id).await?.map_or_else(|| "其他老师".to_owned(), |s| s.name))),
        _ => Ok(None),
    }
}

/// A registration as a line.
pub(in crate::payments) async fn line(app: &App, conn: &mut Conn, staff: &Staff, row: Registration, exam: &Exam) -> Result<Waiting> {
    let Person { name, document, real_name, name_version, .. } = person(app, conn, row.account).await?;
    let proof = proof_of(conn, &row).await?;
    let flags = match &proof {
        Some(proof) => judge(conn, proof, &row, exam).await?.0,
        None => Vec::new(),
    };
    let holder = holder(app, conn, staff, row.id).await?;
    let first = by_two::first(app, conn, staff, Seen::payment(row.id, row.version, name_version)).await?;
    let lacks = Lack::of(&row, exam, real_name);
    Ok(Waiting { row, name, document, proof, flags, holder, lacks, first })
}

/// The queue of an exam (the newest with cases where none is chosen).
pub async fn queue(app: &App, staff: &Staff, exam: &str, after: &str) -> Result<Queue> {
    staff.require_somewhere(Permission::ReviewPayment.or_look())?;
    let mut conn = app.db.read().await?;
    let mut queue = Queue::default();
    for exam in exams::store::list(&mut conn, &staff.scope(Permission::ReviewPayment.or_look()), false, i64::MAX, MAX_EXAMS).await? {
        let waiting = waiting_in(&mut conn, exam.id).await?;
        queue.exams.push((exam, waiting));
    }
    queue.exam = if exam.is_empty() {
        queue.exams.iter().find(|(_, waiting)| *waiting > 0).or(queue.exams.first()).map(|(exam, _)| exam.clone())
    } else {
        Some(exams::store::find_by_ref(&mut conn, exam).await?)
    };
    let Some(exam) = &queue.exam else { return Ok(queue) };
    staff.require_in(exam.id, Permission::ReviewPayment.or_look())?;
    let start = if after.is_empty() { 0 } else { registrations::store::find_by_ref(&mut conn, after).await?.id };
    let rows = registrations::store::of_exam(&mut conn, exam.id, Some(State::Submitted), start, PAGE).await?;
    if rows.len() as i64 == PAGE {
        queue.after = rows.last().map(|row| row.public_ref.clone());
    }
    for row in rows {
        queue.lines.push(line(app, &mut conn, staff, row, exam).await?);
    }
    Ok(queue)
}
