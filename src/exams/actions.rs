//! What staff do with exams. Everything checks [`Permission::Exams`] and leaves an audit line with what was changed.

use serde_json::{Value, json};

use super::changes::{self, Meaning};
use super::form::{self, ExamValues, SubjectValues};
use super::{Exam, ExamForm, ExamState, Subject, ready, store};
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, Tx};
use crate::error::{Error, Problems, Result};
use crate::staff::{Permission, Staff};
use crate::types::{Fen, UnixMs};

/// Letters of an exam's public reference.
pub(super) const REFERENCE_LETTERS: usize = 8;

/// On whose authority an exam is changed.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// A staff member, who needs [`Permission::Exams`].
    Staff(&'a Staff),
    /// The operator's shell, to whom the machine belongs; the demo fills itself with it.
    Shell,
}

impl By<'_> {
    /// For this exam; `None` for one that is still to be made, which takes somebody who may work on all.
    pub(super) fn authorise(self, exam: Option<&Exam>) -> Result<Actor> {
        let Self::Staff(staff) = self else { return Ok(Actor::Command) };
        match exam {
            Some(exam) => staff.require_in(exam.id, Permission::Exams)?,
            None => staff.require(Permission::Exams)?,
        }
        Ok(staff.actor())
    }
}

/// An exam and its subjects, for staff.
pub async fn open(conn: &mut Conn, staff: &Staff, reference: &str) -> Result<(Exam, Vec<Subject>)> {
    let exam = store::find_by_ref(conn, reference).await?;
    staff.require_in(exam.id, Permission::Exams.or_look())?;
    let subjects = store::subjects(conn, exam.id).await?;
    Ok((exam, subjects))
}

/// [`open`] for somebody who is about to change it.
pub async fn open_for_work(conn: &mut Conn, staff: &Staff, reference: &str) -> Result<(Exam, Vec<Subject>)> {
    let (exam, subjects) = open(conn, staff, reference).await?;
    staff.require_in(exam.id, Permission::Exams)?;
    Ok((exam, subjects))
}

/// Creates a draft; returns its public reference. Fields may still be empty, but not wrong.
pub async fn create(app: &App, by: By<'_>, typed: &ExamForm) -> Result<String> {
    let actor = by.authorise(None)?;
    let values = form::read(typed).map_err(Error::Invalid)?;
    let now = app.clock.now();
    let mut exam = Exam {
        id: app.ids.make(now),
        public_ref: app.keys.reference(REFERENCE_LETTERS)?,
        title: String::new(),
        state: ExamState::Draft.code().into(),
        opens_at: 0,
        closes_at: 0,
        edit_until: 0,
        pay_until: 0,
        notice: String::new(),
        notice_version: 1,
        fee_name: String::new(),
        fee_fen: 0,
        payment_way: String::new(),
        payment_url: String::new(),
        payment_picture: None,
        payee: String::new(),
        thesis_floor: String::new(),
        checks: String::new(),
        ticket_rules: String::new(),
        ticket_prefix: String::new(),
        tickets_released_at: None,
        updated_at: now.0,
    };
    apply(&mut exam, &values);
    let mut tx = app.db.begin().await?;
    store::insert(&mut tx, &exam).await?;
    write_subjects(app, &mut tx, &exam, &[], &values.subjects).await?;
    log(app, &mut tx, "exam.create", &exam, json!({ "title": exam.title }), &actor).await?;
    tx.commit().await?;
    Ok(exam.public_ref)
}

/// Saves the form of an exam as it was at `seen` (its `updated_at`). A published exam must stay complete; its notice, when changed, becomes a new version that
/// candidates who are still filling in have to read. What concerns those who are registered has to be `agreed` to: returns what that is, and saves nothing, where it
/// was not seen yet.
pub async fn save(app: &App, by: By<'_>, reference: &str, seen: i64, typed: &ExamForm, agreed: &str) -> Result<Option<Meaning>> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let mut exam = store::hold(&mut tx, reference).await?;
    let actor = by.authorise(Some(&exam))?;
    if exam.state() == ExamState::Archived {
        return Err(Error::refused("archived", "这场考试已经归档，不能再修改。请先取消归档。"));
    }
    let values = form::read(typed).map_err(Error::Invalid)?;
    let before = exam.clone();
    changes::require_no_stricter(app, &mut tx, &exam, &values).await?;
    let before_subjects = store::subjects(&mut tx, exam.id).await?;
    // The statement of the update compares it again; here it becomes what the person saw.
    exam.updated_at = seen;
    changes::require_unseated(app, &mut tx, &exam, &before_subjects, &values).await?;
    let notice_changed = exam.notice != values.notice;
    apply(&mut exam, &values);
    if exam.state() != ExamState::Draft && notice_changed {
        exam.notice_version += 1;
        store::keep_notice(&mut tx, &exam, now).await?;
    }
    store::update(&mut tx, &mut exam, now).await?;
    write_subjects(app, &mut tx, &exam, &before_subjects, &values.subjects).await?;
    let subjects = store::subjects(&mut tx, exam.id).await?;
    if exam.state() == ExamState::Published {
        still_complete(&exam, &subjects, now)?;
    }
    if exam.state() != ExamState::Draft {
        let codes = |list: &[Subject]| list.iter().map(|subject| subject.code.clone()).collect::<Vec<_>>();
        if (&before.ticket_prefix, codes(&before_subjects)) != (&exam.ticket_prefix, codes(&subjects)) {
            require_own_numbers(&mut tx, &exam).await?;
        }
    }
    let meaning = changes::meaning(app, &mut tx, (&before, &before_subjects), (&exam, &subjects)).await?;
    if let Some(meaning) = meaning.filter(|meaning| meaning.mark != agreed) {
        return Ok(Some(meaning));
    }
    if before.checks().face() && !exam.checks().face() {
        app.faces_not_asked(&mut tx, exam.id, &actor).await?;
    }
    changes::tell(app, &mut tx, (&before, &before_subjects), (&exam, &subjects)).await?;
    let mut detail = differences(&summary(&before), &summary(&exam));
    let (old, new) = (subject_words(&before_subjects), subject_words(&subjects));
    if old != new {
        detail.insert("subjects".into(), json!({ "before": old, "after": new }));
    }
    log(app, &mut tx, "exam.edit", &exam, Value::Object(detail), &actor).await?;
    tx.commit().await?;
    app.wake();
    Ok(None)
}

/// Shows the exam to candidates: a draft that is complete, or one that was closed. Everything that is missing is named.
pub async fn publish(app: &App, by: By<'_>, reference: &str) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let mut exam = store::find_by_ref(&mut tx, reference).await?;
    let actor = by.authorise(Some(&exam))?;
    let subjects = store::subjects(&mut tx, exam.id).await?;
    match exam.state() {
        ExamState::Draft | ExamState::Closed => {}
        ExamState::Published => return Err(Error::refused("already_published", "这场考试已经发布，不需要再次发布。")),
        ExamState::Archived => return Err(Error::refused("archived", "这场考试已经归档，不能再发布。")),
    }
    complete(&exam, &subjects, now)?;
    require_own_numbers(&mut tx, &exam).await?;
    let before = exam.clone();
    exam.state = ExamState::Published.code().into();
    changes::tell(app, &mut tx, (&before, &subjects), (&exam, &subjects)).await?;
    store::keep_notice(&mut tx, &exam, now).await?;
    store::update(&mut tx, &mut exam, now).await?;
    let detail = json!({ "title": exam.title, "opens_at": UnixMs(exam.opens_at).words(), "closes_at": UnixMs(exam.closes_at).words() });
    log(app, &mut tx, "exam.publish", &exam, detail, &actor).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Ends registration, changes and payment at once, with a reason for the audit.
pub async fn close(app: &App, by: By<'_>, reference: &str, reason: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let mut exam = store::find_by_ref(&mut tx, reference).await?;
    let actor = by.authorise(Some(&exam))?;
    let reason = crate::types::line(reason, 200, "请填写关闭原因，会记入操作日志。", "关闭原因不能超过 200 字。")
        .map_err(|sentence| Error::invalid("reason", sentence))?;
    if exam.state() != ExamState::Published {
        return Err(Error::refused("not_published", "这场考试现在没有对考生开放，不需要关闭。"));
    }
    let before = exam.clone();
    exam.state = ExamState::Closed.code().into();
    changes::tell(app, &mut tx, (&before, &[]), (&exam, &[])).await?;
    store::update(&mut tx, &mut exam, app.clock.now()).await?;
    log(app, &mut tx, "exam.close", &exam, json!({ "reason": reason }), &actor).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// The three deadlines, as typed (`datetime-local` values).
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the labels of the form")]
pub struct Deadlines {
    pub closes_at: String,
    pub edit_until: String,
    pub pay_until: String,
}

/// Moves the deadlines of a published exam.
pub async fn extend(app: &App, by: By<'_>, reference: &str, typed: &Deadlines) -> Result<()> {
    let mut problems = Problems::new();
    let mut read = |field, text: &str| problems.take(field, UnixMs::parse_field(text)).unwrap_or_default().0;
    let closes_at = read("closes_at", &typed.closes_at);
    let mut or_close = |field, text: &str| if text.trim().is_empty() { closes_at } else { read(field, text) };
    let (edit_until, pay_until) = (or_close("edit_until", &typed.edit_until), or_close("pay_until", &typed.pay_until));
    let mut tx = app.db.begin().await?;
    let mut exam = store::find_by_ref(&mut tx, reference).await?;
    let actor = by.authorise(Some(&exam))?;
    if exam.state() != ExamState::Published {
        return Err(Error::refused("not_published", "这场考试现在没有对考生开放，请先发布再调整时间。"));
    }
    form::check_window(&mut problems, exam.way(), exam.opens_at, closes_at, edit_until, pay_until);
    problems.into_result()?;
    let before = exam.clone();
    (exam.closes_at, exam.edit_until, exam.pay_until) = (closes_at, edit_until, pay_until);
    let subjects = store::subjects(&mut tx, exam.id).await?;
    let now = app.clock.now();
    still_complete(&exam, &subjects, now)?;
    store::update(&mut tx, &mut exam, now).await?;
    changes::tell(app, &mut tx, (&before, &subjects), (&exam, &subjects)).await?;
    log(app, &mut tx, "exam.extend", &exam, Value::Object(differences(&summary(&before), &summary(&exam))), &actor).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Of two exams at the same time no two people may have the same ticket number.
pub(super) async fn require_own_numbers(tx: &mut Tx, exam: &Exam) -> Result<()> {
    match store::same_numbers(tx, exam).await? {
        Some(other) => {
            let sentence = format!("准考证号前缀 {} 和科目代码与“{other}”相同，准考证号会重复。请换一个前缀。", exam.ticket_prefix);
            Err(Error::invalid("ticket_prefix", sentence))
        }
        None => Ok(()),
    }
}

/// `Error::Invalid` with a sentence for each thing that is missing, all under `publish`.
fn complete(exam: &Exam, subjects: &[Subject], now: UnixMs) -> Result<()> {
    let mut problems = Problems::new();
    for sentence in ready::missing(exam, subjects, now) {
        problems.add("publish", sentence);
    }
    problems.into_result()
}

/// [`complete`] for an exam that is published: that its window has passed is no reason not to mend a title, or to give more time to pay.
fn still_complete(exam: &Exam, subjects: &[Subject], now: UnixMs) -> Result<()> {
    complete(exam, subjects, UnixMs(now.0.min(exam.closes_at - 1)))
}

fn apply(exam: &mut Exam, values: &ExamValues) {
    exam.title.clone_from(&values.title);
    exam.notice.clone_from(&values.notice);
    exam.opens_at = values.opens_at;
    exam.closes_at = values.closes_at;
    exam.edit_until = values.edit_until;
    exam.pay_until = values.pay_until;
    exam.fee_name.clone_from(&values.fee_name);
    exam.fee_fen = values.fee.0;
    exam.payment_way = values.payment_way.code().into();
    exam.payment_url.clone_from(&values.payment_url);
    exam.payee.clone_from(&values.payee);
    exam.thesis_floor = values.thesis_floor.code().into();
    exam.checks = values.checks.code().into();
    exam.ticket_rules.clone_from(&values.ticket_rules);
    exam.ticket_prefix.clone_from(&values.ticket_prefix);
}

/// Brings the stored subjects to what the form says: rows with an id are rewritten, rows without one are new, stored ones without a row are removed.
async fn write_subjects(app: &App, tx: &mut Tx, exam: &Exam, stored: &[Subject], rows: &[SubjectValues]) -> Result<()> {
    for old in stored.iter().filter(|old| !rows.iter().any(|row| row.id == Some(old.id))) {
        if !store::remove_subject(tx, old.id).await? {
            return Err(Error::invalid("subjects", format!("科目“{}”已有 {} 人报名，不能删除。", old.name, old.taken)));
        }
    }
    for row in rows {
        let known = row.id.and_then(|id| stored.iter().find(|old| old.id == id));
        let subject = Subject {
            id: known.map_or_else(|| app.ids.make(app.clock.now()), |old| old.id),
            exam: exam.id,
            code: row.code.clone(),
            name: row.name.clone(),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            capacity: row.capacity,
            fee_fen: row.fee.map(|fee| fee.0),
            taken: known.map_or(0, |old| old.taken),
        };
        let written = match known {
            Some(_) => store::update_subject(tx, &subject).await,
            None => store::insert_subject(tx, &subject).await,
        };
        if !written? {
            let why = if known.is_some() {
                "已报名的人数超过这个名额，请填写更大的名额。"
            } else {
                "代码已被使用，请换一个代码。"
            };
            return Err(Error::invalid("subjects", format!("科目“{}”：{why}", subject.name)));
        }
    }
    Ok(())
}

/// What an audit line tells of an exam's fields. The notice is told by its version.
fn summary(exam: &Exam) -> serde_json::Map<String, Value> {
    let at = |ms: i64| if ms == 0 { String::new() } else { UnixMs(ms).field() };
    let fields = [
        ("title", exam.title.clone()),
        ("opens_at", at(exam.opens_at)),
        ("closes_at", at(exam.closes_at)),
        ("edit_until", at(exam.edit_until)),
        ("pay_until", at(exam.pay_until)),
        ("notice_version", exam.notice_version.to_string()),
        ("fee_name", exam.fee_name.clone()),
        ("fee", exam.fee().yuan()),
        ("payment_way", exam.payment_way.clone()),
        ("payment_url", exam.payment_url.clone()),
        ("payee", exam.payee.clone()),
        ("thesis_floor", exam.thesis_floor.clone()),
        ("checks", exam.checks().word().into()),
        ("ticket_rules", exam.ticket_rules.clone()),
        ("ticket_prefix", exam.ticket_prefix.clone()),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

fn differences(before: &serde_json::Map<String, Value>, after: &serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    let changed = before.iter().filter(|(name, value)| after.get(*name) != Some(value));
    changed.map(|(name, value)| (name.clone(), json!({ "before": value, "after": after.get(name) }))).collect()
}

fn subject_words(subjects: &[Subject]) -> Vec<String> {
    let words = |s: &Subject| {
        let places = s.capacity.map_or_else(|| "不限".to_owned(), |n| n.to_string());
        let fee = s.fee_fen.map(|fee| format!(" {}", Fen(fee))).unwrap_or_default();
        format!("{} {} {} - {} {places}{fee}", s.code, s.name, UnixMs(s.starts_at).field(), UnixMs(s.ends_at).field())
    };
    subjects.iter().map(words).collect()
}

pub(super) async fn log(app: &App, tx: &mut Tx, action: &'static str, exam: &Exam, detail: Value, actor: &Actor) -> Result<()> {
    audit::write(tx, app.clock.now(), Entry { action, subject_kind: "exam", subject_id: exam.id, detail, actor }).await
}
