//! 消息: what was sent, and the form that writes a new one. The form works by its buttons alone: preview, then send; nothing leaves before it was shown.

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use serde::Deserialize;

use super::actions::{self, Draft, Preview};
use super::store::{self, Batch, Template as Text};
use super::{BatchState, FIELDS, MAX_BODY_CHARS, sms_word, states};
use crate::accounts::store::outbox as sms;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::{self, Exam, Subject};
use crate::ports::sms::Kind;
use crate::registrations::State;
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::{self};

pub(super) const SECTION: &str = "messages";
/// Lines on a page.
const PER_PAGE: i64 = 50;

/// `/console/messages…`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/messages", Access::everywhere(Permission::Exams.or_look()), list)
        .get("/console/messages/new", Access::everywhere(Permission::Exams), open)
        .post("/console/messages/new", Access::everywhere(Permission::Exams), work)
        .get("/console/messages/{ref}", Access::everywhere(Permission::Exams.or_look()), show)
        .post("/console/messages/{ref}/cancel", Access::everywhere(Permission::Exams), cancel)
        .merge(super::sms_page::routes())
}

struct Row {
    reference: String,
    title: String,
    to: String,
    state: BatchState,
    told: String,
    when: String,
    who: String,
}

impl Row {
    fn new(batch: &Batch, exam: Option<&Exam>, subject: &str) -> Self {
        let words = states(&batch.states).iter().map(|state| state.word()).collect::<Vec<_>>().join("、");
        let title = exam.map_or("", |exam| exam.title.as_str());
        Self {
            reference: batch.public_ref.clone(),
            title: batch.title.clone(),
            to: match batch.account {
                Some(_) => format!("{title}，一位考生"),
                None => [title, words.as_str(), subject, &batch.candidate_type, &batch.major]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("，"),
            },
            state: BatchState::stored(&batch.state),
            told: format!("{} / {}", batch.told, batch.expected),
            when: UnixMs(batch.run_at).words(),
            who: batch.created_name.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "messages/pages/list.html")]
struct ListPage {
    page: ConsolePage,
    may_write: bool,
    rows: Vec<Row>,
    /// The reference below which the next page begins, or "".
    older: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Paging {
    before: String,
}

async fn list(Shared(app): Shared<App>, staff: Staff, client: Client, Form(paging): Form<Paging>) -> Result<Response> {
    staff.require(Permission::Exams.or_look())?;
    let mut conn = app.db.read().await?;
    let below = match paging.before.as_str() {
        "" => i64::MAX,
        reference => store::find_by_ref(&mut conn, reference).await?.ok_or(Error::NotFound)?.id,
    };
    let found = store::list(&mut conn, below, PER_PAGE).await?;
    let older = found.last().filter(|_| found.len() as i64 == PER_PAGE).map(|batch| batch.public_ref.clone()).unwrap_or_default();
    let mut rows = Vec::new();
    drop(conn);
    for batch in &found {
        rows.push(row(&app, batch).await?);
    }
    web::html(&ListPage { page: staff.page(&app, &client, SECTION), may_write: staff.may(Permission::Exams), rows, older })
}

#[derive(Template)]
#[template(path = "messages/pages/new.html")]
struct NewPage {
    page: ConsolePage,
    draft: Draft,
    exams: Vec<Exam>,
    texts: Vec<Text>,
    /// Name of the subject for whose people it is; "" for all.
    subject: String,
    preview: Option<Preview>,
    /// Whether something was changed behind the preview that was to be sent.
    is_changed: bool,
    problems: Problems,
    /// Whether SMS of this kind can be sent.
    sms_is_open: bool,
}

impl NewPage {
    fn all_states(&self) -> [State; 8] {
        State::ALL
    }

    fn is_chosen(&self, state: &State) -> bool {
        self.draft.states.iter().any(|code| code == state.code())
    }

    /// For whom among them it is meant, in words; "" for all.
    fn narrowed(&self) -> String {
        let parts = [&self.subject, &self.draft.candidate_type, &self.draft.major];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("，")
    }

    fn fields(&self) -> String {
        FIELDS.map(|field| format!("{{{field}}}")).join(" ")
    }
}

async fn subject_name(app: &App, exam: i64, is_meant: impl Fn(&Subject) -> bool) -> Result<String> {
    let subjects = exams::store::subjects(&mut *app.db.read().await?, exam).await?;
    Ok(subjects.into_iter().find(is_meant).map(|subject| subject.name).unwrap_or_default())
}

/// Whom a message is for, as a line of the list.
async fn row(app: &App, batch: &Batch) -> Result<Row> {
    let (exam, subject) = match batch.exam {
        Some(exam) => (
            Some(exams::store::find(&mut *app.db.read().await?, exam).await?),
            subject_name(app, exam, |subject| Some(subject.id) == batch.subject).await?,
        ),
        None => (None, String::new()),
    };
    Ok(Row::new(batch, exam.as_ref(), &subject))
}

async fn page(app: &App, staff: &Staff, client: &Client, draft: Draft) -> Result<NewPage> {
    let (exams, texts) = actions::choices(app, staff).await?;
    let subject = match exams.iter().find(|exam| exam.public_ref == draft.exam) {
        Some(exam) => subject_name(app, exam.id, |subject| subject.code == draft.subject).await?,
        None => String::new(),
    };
    let sms_is_open = app.settings().sends(Kind::Message);
    Ok(NewPage {
        page: staff.page(app, client, SECTION),
        draft,
        exams,
        texts,
        subject,
        preview: None,
        is_changed: false,
        problems: Problems::new(),
        sms_is_open,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    to: String,
    exam: String,
    state: Vec<String>,
    subject: String,
    r#type: String,
    major: String,
    title: String,
    body: String,
    with_sms: String,
    run_at: String,
    once: String,
    /// Which draft the preview was of.
    seen: String,
    /// `preview`, `send`, `keep`, or `use-` and a template's reference.
    act: String,
}

impl Sent {
    fn draft(self) -> (Draft, String, String) {
        let draft = Draft {
            to: self.to,
            exam: self.exam,
            states: self.state,
            subject: self.subject,
            candidate_type: self.r#type,
            major: self.major,
            title: self.title,
            body: self.body,
            with_sms: self.with_sms == "yes",
            run_at: self.run_at,
            once: self.once,
        };
        (draft, self.seen, self.act)
    }
}

async fn open(Shared(app): Shared<App>, staff: Staff, client: Client, Form(sent): Form<Sent>) -> Result<Response> {
    let (mut draft, ..) = sent.draft();
    draft.once = app.keys.token()?;
    web::html(&page(&app, &staff, &client, draft).await?)
}

async fn work(Shared(app): Shared<App>, staff: Staff, client: Client, Form(sent): Form<Sent>) -> Result<Response> {
    let (draft, seen, mut act) = sent.draft();
    // What is sent was seen: who changed something behind the preview is shown it anew.
    let is_changed = act == "send" && seen != draft.mark();
    if is_changed {
        act = "preview".into();
    }
    let done = match act.as_str() {
        "send" => match actions::send(&app, &staff, &draft).await {
            Ok(reference) => {
                let sentence = if draft.run_at.trim().is_empty() {
                    "消息正在发送，可以离开这个页面。"
                } else {
                    "已安排，到时间自动发送。"
                };
                return Ok(client.go_saying(&format!("/console/messages/{reference}"), sentence));
            }
            Err(error) => Err(error),
        },
        "keep" => match actions::keep_template(&app, &staff, &draft).await {
            Ok(()) => Ok(None),
            Err(error) => Err(error),
        },
        "preview" => actions::preview(&app, &staff, &draft).await.map(Some),
        _ => Ok(None),
    };
    let mut page = page(&app, &staff, &client, draft).await?;
    match done {
        Ok(preview) => {
            if let Some(text) = act.strip_prefix("use-").and_then(|wanted| page.texts.iter().find(|text| text.public_ref == wanted)) {
                (page.draft.title, page.draft.body) = (text.title.clone(), text.body.clone());
            } else if act == "keep" {
                page.page = page.page.flash(Some("已存为模板。".into()));
            }
            web::html(&NewPage { preview, is_changed, ..page })
        }
        Err(Error::Invalid(problems)) => web::html_invalid(&NewPage { problems, ..page }),
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "messages/pages/show.html")]
struct ShowPage {
    page: ConsolePage,
    row: Row,
    body: String,
    /// Number of SMS by state, with its word and colour.
    sms: Vec<(&'static str, &'static str, i64)>,
    with_sms: bool,
    may_write: bool,
}

async fn show(Shared(app): Shared<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    staff.require(Permission::Exams.or_look())?;
    let mut conn = app.db.read().await?;
    let batch = store::find_by_ref(&mut conn, &reference).await?.ok_or(Error::NotFound)?;
    let counts = sms::of_batch(&mut conn, batch.id).await?;
    drop(conn);
    let sms = counts.into_iter().map(|(state, count)| (sms_word(&state).0, sms_word(&state).1, count)).collect();
    web::html(&ShowPage {
        page: staff.page(&app, &client, SECTION),
        row: row(&app, &batch).await?,
        body: batch.body,
        sms,
        with_sms: batch.with_sms == 1,
        may_write: staff.may(Permission::Exams),
    })
}

async fn cancel(Shared(app): Shared<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    actions::cancel(&app, &staff, &reference).await?;
    Ok(client.go_saying(&format!("/console/messages/{reference}"), "已取消，还没有收到的考生不会再收到。"))
}
