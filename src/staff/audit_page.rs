//! 操作日志: who did what to whom, searched and exported.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use futures_util::stream;
use serde::Deserialize;

use super::actions::log;
use super::{Permission, Staff, action_word, subject_word, words};
use crate::app::App;
use crate::audit::Line;
use crate::audit::search::Filter;
use crate::error::{Error, Result};
use crate::types::{Access, UnixMs};
use crate::web;
use crate::web::client::Client;
use crate::web::errors::encode;
use crate::web::form::Form;
use crate::web::layout::{Choice, ConsolePage};
use crate::web::routes::Routes;
use crate::web::tables::{self, Format};

/// Lines on a page.
const PAGE: i64 = 100;
/// Lines read at once for the export.
const BATCH: i64 = 1000;

/// `/console/audit…`.
pub(super) fn routes() -> Routes {
    let look = Access::everywhere(Permission::Audit);
    Routes::new().get("/console/audit", look, show).get("/console/audit/export/{format}", look, export)
}

struct Row {
    seq: i64,
    at: String,
    who: String,
    what: &'static str,
    code: String,
    subject: &'static str,
    /// What leads to everything about the same subject.
    same: String,
    detail: String,
    address: String,
}

impl Row {
    fn new(line: Line, names: &BTreeMap<i64, String>) -> Self {
        Self {
            seq: line.seq,
            at: UnixMs(line.at).words(),
            who: line.actor_name,
            what: action_word(&line.action),
            code: line.action,
            subject: subject_word(&line.subject_kind),
            same: format!("{}-{}", line.subject_kind, line.subject_id),
            detail: if line.detail == "{}" { String::new() } else { words::detail_words(&line.detail, names) },
            address: line.address,
        }
    }
}

/// The filter as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// A login name, or `system`, `command`.
    who: String,
    /// Code of an action.
    action: String,
    /// Kind and id of a subject, joined by `-`.
    subject: String,
    /// First day.
    from: String,
    /// Last day.
    to: String,
    before: Option<i64>,
}

fn day(typed: &str) -> Result<Option<UnixMs>> {
    let wrong = |_| Error::invalid("", "日期请按 2026-11-23 的样子填写。");
    if typed.is_empty() { Ok(None) } else { UnixMs::parse_field(&format!("{typed}T00:00")).map(Some).map_err(wrong) }
}

impl Asked {
    async fn filter(&self, app: &App, staff: &Staff) -> Result<Filter> {
        let subject = self.subject.rsplit_once('-').and_then(|(kind, id)| Some((kind.to_owned(), id.parse().ok()?)));
        Ok(Filter {
            actor: log::actor(app, staff, &self.who).await?,
            action: self.action.clone(),
            subject,
            since: day(&self.from)?,
            until: day(&self.to)?.map(|at| at.plus_s(86_400)),
        })
    }

    /// The address's query without the place in the list.
    fn query(&self) -> String {
        let parts = [("who", &self.who), ("action", &self.action), ("subject", &self.subject), ("from", &self.from), ("to", &self.to)];
        parts.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={}&", encode(value))).collect()
    }
}

#[derive(Template)]
#[template(path = "staff/pages/audit.html")]
struct AuditPage {
    page: ConsolePage,
    people: Vec<Choice>,
    actions: Vec<Choice>,
    asked: Asked,
    rows: Vec<Row>,
    next: Option<i64>,
}

impl AuditPage {
    fn query(&self) -> String {
        self.asked.query()
    }
}

async fn show(State(app): State<App>, staff: Staff, client: Client, Form(asked): Form<Asked>) -> Result<Response> {
    staff.require(Permission::Audit)?;
    let filter = asked.filter(&app, &staff).await?;
    let lines = log::find(&app, &staff, &filter, asked.before.unwrap_or(i64::MAX), PAGE).await?;
    let is_full = i64::try_from(lines.len()).unwrap_or(0) == PAGE;
    let next = lines.last().map(|line| line.seq).filter(|_| is_full);
    let names = log::issuers(&app, &staff, &lines).await?;
    let mut people: Vec<(String, String)> = vec![("system".into(), "系统".into()), ("command".into(), "命令行".into())];
    people.extend(log::people(&app, &staff).await?);
    web::html(&AuditPage {
        page: staff.page(&app, &client, "audit"),
        people: Choice::list(&people, &asked.who),
        actions: Choice::list(words::actions(), &asked.action),
        rows: lines.into_iter().map(|line| Row::new(line, &names)).collect(),
        next,
        asked,
    })
}

fn cells(line: &Line) -> Vec<String> {
    vec![
        line.seq.to_string(),
        UnixMs(line.at).local().strftime("%Y-%m-%d %H:%M:%S").to_string(),
        line.actor_name.clone(),
        action_word(&line.action).to_owned(),
        line.action.clone(),
        subject_word(&line.subject_kind).to_owned(),
        line.subject_id.to_string(),
        line.detail.clone(),
        line.address.clone(),
    ]
}

/// Written while it is sent, a batch at a time. What came after the request is not in it.
async fn export(State(app): State<App>, Path(format): Path<String>, staff: Staff, Form(asked): Form<Asked>) -> Result<Response> {
    staff.require(Permission::Audit)?;
    let format = Format::parse(&format)?;
    let filter = asked.filter(&app, &staff).await?;
    let start = log::begin_export(&app, &staff, &asked.query()).await?;
    let heads = ["序号", "时间", "经办", "事项", "代码", "对象", "对象编号", "内容", "网络地址"].map(str::to_owned).to_vec();
    let batches = stream::try_unfold(start, move |before| {
        let (app, staff, filter) = (app.clone(), staff.clone(), filter.clone());
        async move {
            let lines = log::find(&app, &staff, &filter, before, BATCH).await?;
            Ok(lines.last().map(|last| (lines.iter().map(cells).collect(), last.seq)))
        }
    });
    tables::answer("audit", format, heads, batches)
}
