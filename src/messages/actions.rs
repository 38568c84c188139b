//! Writing a message: who gets it and what it costs are shown before it leaves; a batch is a job that goes on where it was, whatever happens to the process.

use serde_json::json;

use super::store::{self, Batch, Template};
use super::{BatchState, MAX_BODY_CHARS, MAX_TITLE_CHARS, Values, fill, states, unknown_field};
use crate::accounts::actions::outbox::{self, whole_text};
use crate::accounts::store::outbox as sms;
use crate::accounts::{self, store::Account};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::db::Conn;
use crate::error::{Error, Problems, Result};
use crate::exams::{self, Exam, ExamState, Subject};
use crate::jobs::{self, NewJob, PRIORITY_BATCH, Queue};
use crate::ports::sms::Kind;
use crate::registrations::store::lists::{Chosen, page};
use crate::registrations::{self, Registration, State};
use crate::settings::{parts, yuan};
use crate::staff::{Permission, Staff};
use crate::types::{Scope, UnixMs, line};

/// Exams in the chooser, newest first.
const MAX_EXAMS: i64 = 30;
const MAX_TEMPLATES: i64 = 50;
/// Nobody plans further ahead.
const MAX_AHEAD_S: i64 = 366 * 86_400;

/// What is typed.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct Draft {
    /// The registration of the one who gets it; "" for many.
    pub to: String,
    pub exam: String,
    pub states: Vec<String>,
    /// Code of a subject, candidate type, major: "" for all.
    pub subject: String,
    pub candidate_type: String,
    pub major: String,
    pub title: String,
    pub body: String,
    pub with_sms: bool,
    /// A moment, or "" for now.
    pub run_at: String,
    /// Made when the form was first shown: sending it twice sends once.
    pub once: String,
}

impl Draft {
    /// Tells it apart from any other: what is sent has to be what was previewed.
    pub fn mark(&self) -> String {
        let whom = (&self.to, &self.exam, &self.states, &self.subject, &self.candidate_type, &self.major);
        let all = format!("{:?}", (whom, &self.title, &self.body, self.with_sms, &self.run_at));
        crate::crypto::sha256(all.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What a draft would do.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "what the page shows")]
pub struct Preview {
    pub people: i64,
    /// The message as the first of them reads it.
    pub title: String,
    pub body: String,
    /// As an SMS; "" for none.
    pub sms: String,
    pub parts: i64,
    /// In yuan; "" where no price is set.
    pub cost: String,
    /// What the day's limit does to it; "" for nothing.
    pub limit: String,
    /// When it leaves.
    pub when: String,
}

/// A draft that was read.
struct Checked {
    exam: Option<Exam>,
    account: Option<i64>,
    registration: Option<Registration>,
    states: Vec<State>,
    subject: Option<i64>,
    title: String,
    body: String,
    run_at: UnixMs,
    people: i64,
}

async fn check(app: &App, conn: &mut Conn, draft: &Draft) -> Result<Checked> {
    let now = app.clock.now();
    let mut problems = Problems::new();
    let title = problems.take("title", line(&draft.title, MAX_TITLE_CHARS, "请填写标题。", "标题不能超过 40 个字。"));
    let body = draft.body.trim().replace("\r\n", "\n");
    if body.is_empty() {
        problems.add("body", "请填写内容。");
    } else if body.chars().count() > MAX_BODY_CHARS {
        problems.add("body", "内容不能超过 500 个字。");
    }
    let run_at = match draft.run_at.trim() {
        "" => Some(now),
        typed => problems.take("run_at", UnixMs::parse_field(typed)),
    };
    if run_at.is_some_and(|at| at < now && !draft.run_at.trim().is_empty() || at > now.plus_s(MAX_AHEAD_S)) {
        problems.add("run_at", "发送时间要在现在以后，一年以内。");
    }
    if draft.with_sms && !outbox::is_open(app, Kind::Message) {
        problems.add("with_sms", "群发短信尚未开通：请技术管理员在“设置 - 短信”中填写“通知群发”的模板编号。");
    }
    let (mut exam, mut registration, mut account, mut people) = (None, None, None, 0);
    let (mut chosen, mut subject) = (Vec::new(), None);
    if draft.to.is_empty() {
        chosen = states(&draft.states.join(","));
        match exams::store::find_by_ref(conn, &draft.exam).await {
            Ok(found) => {
                let subjects = exams::store::subjects(conn, found.id).await?;
                subject = subjects.iter().find(|one| one.code == draft.subject).map(|one| one.id);
                if subject.is_none() && !draft.subject.is_empty() {
                    problems.add("exam", "这场考试没有所选的科目，请取消科目条件。");
                }
                let counts = registrations::store::counts_of(conn, found.id, subject, &draft.candidate_type, &draft.major).await?;
                people = counts.iter().filter(|(code, _)| chosen.iter().any(|state| state.code() == code)).map(|(_, count)| count).sum();
                exam = Some(found);
            }
            Err(Error::NotFound) => problems.add("exam", "请选择考试。"),
            Err(other) => return Err(other),
        }
        if chosen.is_empty() {
            problems.add("states", "请至少选择一种报名状态。");
        } else if people == 0 && exam.is_some() {
            problems.add("states", "现在没有这些状态、符合条件的报名，请选择其他状态。");
        }
    } else {
        let found = registrations::store::find_by_ref(conn, &draft.to).await?;
        exam = Some(exams::store::find(conn, found.exam).await?);
        account = Some(found.account);
        registration = Some(found);
        people = 1;
    }
    for (field, text) in [("title", draft.title.as_str()), ("body", body.as_str())] {
        if let Some(unknown) = unknown_field(text, true) {
            problems.add(field, format!("没有“{{{unknown}}}”这个字段，可用的字段见下方。"));
        }
    }
    problems.into_result()?;
    Ok(Checked {
        exam,
        account,
        registration,
        states: chosen,
        subject,
        title: title.unwrap_or_default(),
        body,
        run_at: run_at.unwrap_or(now),
        people,
    })
}

/// What the fields become.
pub(super) fn values(app: &App, account: &Account, exam: &Exam, subjects: &[Subject], row: &Registration) -> Values {
    let subject = subjects.iter().find(|subject| Some(subject.id) == row.subject).map(|subject| subject.name.clone()).unwrap_or_default();
    Values {
        values: [
            account.name.clone(),
            exam.title.clone(),
            subject,
            row.public_ref.clone(),
            row.state().word().to_owned(),
            app.settings().school().to_owned(),
        ],
    }
}

/// What a draft would do: who, what, and for how much.
pub async fn preview(app: &App, staff: &Staff, draft: &Draft) -> Result<Preview> {
    staff.require(Permission::Exams)?;
    let mut conn = app.db.read().await?;
    let checked = check(app, &mut conn, draft).await?;
    let exam = checked.exam.as_ref().ok_or(Error::NotFound)?;
    let subjects = exams::store::subjects(&mut conn, exam.id).await?;
    let mut first = checked.registration.clone();
    for state in &checked.states {
        if first.is_none() {
            let chosen = Chosen {
                exam: exam.id,
                state: Some(*state),
                subject: checked.subject,
                candidate_type: draft.candidate_type.clone(),
                major: draft.major.clone(),
                ..Chosen::default()
            };
            first = page(&mut conn, &chosen, 1).await?.into_iter().next();
        }
    }
    let first = first.ok_or(Error::NotFound)?;
    let account = accounts::actions::find(&mut conn, first.account).await?;
    let values = values(app, &account, exam, &subjects, &first);
    let (title, body) = (fill(&checked.title, &values), fill(&checked.body, &values));
    let mut shown = Preview {
        people: checked.people,
        when: if draft.run_at.trim().is_empty() { "立即".into() } else { checked.run_at.words() },
        ..Preview::default()
    };
    if draft.with_sms {
        let settings = app.settings();
        let sms_text = whole_text(app, &format!("{title}。{body}"));
        let chars = sms_text.chars().count();
        shown.parts = parts(chars);
        if settings.sms.price_li > 0 {
            shown.cost = yuan(settings.cost_li(chars) * checked.people);
        }
        let limit = settings.sms.daily_limit;
        let taken = sms::sent_on(&mut conn, &checked.run_at.date().to_string()).await?;
        if limit > 0 && taken + checked.people > limit {
            shown.limit = format!("每天最多发送 {limit} 条，今天已发 {taken} 条，超出的会在第二天早上 8 点接着发。");
        }
        shown.sms = sms_text;
    }
    (shown.title, shown.body) = (title, body);
    Ok(shown)
}

/// Sends a draft, or plans it. Returns the message's reference.
pub async fn send(app: &App, staff: &Staff, draft: &Draft) -> Result<String> {
    staff.require(Permission::Exams)?;
    if !(20..=64).contains(&draft.once.len()) {
        return Err(Error::invalid("", "页面已过期，请返回重新填写。"));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let checked = check(app, &mut tx, draft).await?;
    let batch = Batch {
        id: app.ids.make(now),
        public_ref: draft.once.clone(),
        account: checked.account,
        exam: checked.exam.as_ref().map(|exam| exam.id),
        subject: checked.subject,
        candidate_type: draft.candidate_type.clone(),
        major: draft.major.clone(),
        states: checked.states.iter().map(|state| state.code()).collect::<Vec<_>>().join(","),
        title: checked.title,
        body: checked.body,
        with_sms: i64::from(draft.with_sms),
        state: BatchState::Planned.code().into(),
        expected: checked.people,
        told: 0,
        run_at: checked.run_at.0,
        created_at: now.0,
        created_by: staff.id,
        created_name: staff.name.clone(),
        done_at: None,
    };
    if !store::insert(&mut tx, &batch).await? {
        // The second press of the same button.
        return Ok(batch.public_ref);
    }
    let job = NewJob {
        kind: "messages.batch",
        queue: Queue::Default,
        priority: PRIORITY_BATCH,
        payload: json!({ "batch": batch.id, "after": 0 }),
        unique_key: Some(format!("messages.batch:{}", batch.id)),
        run_at: checked.run_at,
    };
    jobs::enqueue(app, &mut tx, job).await?;
    let detail = json!({ "exam": checked.exam.map(|exam| exam.public_ref), "states": batch.states, "people": batch.expected, "sms": draft.with_sms, "at": checked.run_at.field() });
    let entry = Entry { action: "message.send", subject_kind: "message", subject_id: batch.id, detail, actor: &staff.actor() };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    app.wake();
    Ok(batch.public_ref)
}

/// Stops one: who has it has it, and SMS that wait are not sent.
pub async fn cancel(app: &App, staff: &Staff, reference: &str) -> Result<()> {
    staff.require(Permission::Exams)?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let batch = store::find_by_ref(&mut tx, reference).await?.ok_or(Error::NotFound)?;
    if !store::end(&mut tx, batch.id, BatchState::Cancelled.code(), now).await? {
        return Err(Error::refused("ended", "这条消息已经发完，不能取消。"));
    }
    sms::stop_batch(&mut tx, batch.id, now).await?;
    let detail = json!({ "told": batch.told });
    let entry = Entry { action: "message.cancel", subject_kind: "message", subject_id: batch.id, detail, actor: &staff.actor() };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps title and text for the next time.
pub async fn keep_template(app: &App, staff: &Staff, draft: &Draft) -> Result<()> {
    staff.require(Permission::Exams)?;
    let now = app.clock.now();
    let title = line(&draft.title, MAX_TITLE_CHARS, "请填写标题。", "标题不能超过 40 个字。").map_err(|s| Error::invalid("title", s))?;
    let body = draft.body.trim();
    if body.is_empty() || body.chars().count() > MAX_BODY_CHARS {
        return Err(Error::invalid("body", "请填写内容，不超过 500 个字。"));
    }
    let mut tx = app.db.begin().await?;
    if store::templates(&mut tx, MAX_TEMPLATES).await?.iter().filter(|known| known.title != title).count() as i64 >= MAX_TEMPLATES {
        return Err(Error::invalid("title", "模板已有 50 个，请用已有的标题保存，替换不用的模板。"));
    }
    store::keep_template(&mut tx, app.ids.make(now), &app.keys.token()?, &title, body, now).await?;
    tx.commit().await?;
    Ok(())
}

/// What the form offers.
pub async fn choices(app: &App, staff: &Staff) -> Result<(Vec<Exam>, Vec<Template>)> {
    staff.require(Permission::Exams)?;
    let mut conn = app.db.read().await?;
    let mut exams = exams::store::list(&mut conn, &Scope::All, false, i64::MAX, MAX_EXAMS).await?;
    exams.retain(|exam| exam.state() != ExamState::Draft);
    Ok((exams, store::templates(&mut conn, MAX_TEMPLATES).await?))
}

/// Sends an SMS again that failed or may have.
pub async fn resend(app: &App, staff: &Staff, reference: &str) -> Result<()> {
    staff.require(Permission::Exams)?;
    let mut tx = app.db.begin().await?;
    let row = sms::find_by_ref(&mut tx, reference).await?.ok_or(Error::NotFound)?;
    // A code belongs to its moment.
    if row.kind == Kind::Code.code() || !outbox::again(app, &mut tx, &row).await? {
        return Err(Error::refused("not_again", "这条短信不需要重发，请刷新查看最新状态。"));
    }
    let detail = json!({ "kind": row.kind });
    let entry = Entry { action: "message.resend_sms", subject_kind: "account", subject_id: row.account, detail, actor: &staff.actor() };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}
