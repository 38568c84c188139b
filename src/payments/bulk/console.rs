//! The pages of a bulk: choosing from a list, and how far it is.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::Query as Address;
use serde::Deserialize;
use serde_json::json;

use super::actions::{self, Choice};
use super::{Bulk, FIRST, Item};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::{Exam, PaymentWay};
use crate::payments::actions::queue::Waiting;
use crate::registrations::views::Query;
use crate::staff::held::Desk;
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web;
use crate::web::client::Client;
use crate::web::errors::encode;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;

const BULK: &str = "/console/review/payment/bulk";

/// `/console/review/payment/bulk…`
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/review/payment/bulk", Access::exam(Permission::ReviewPayment), choose)
        .post("/console/review/payment/bulk", Access::exam(Permission::ReviewPayment), begin)
        .get("/console/review/payment/bulk/{bulk}", Access::exam(Permission::ReviewPayment), show)
        .post("/console/review/payment/bulk/{bulk}/cancel", Access::exam(Permission::ReviewPayment), cancel)
}

#[derive(Template)]
#[template(path = "payments/pages/bulk.html")]
struct ChoicePage {
    page: ConsolePage,
    choice: Choice,
    query: Query,
    /// What was chosen before something was wrong with it.
    typed: Option<Sent>,
    reasons: Vec<String>,
    /// Sent back now, some could do nothing any more.
    is_late: bool,
    undo_s: i64,
    problems: Problems,
}

impl ChoicePage {
    /// Where the form goes: the list stands in the address, so that an error comes back to the same list.
    fn action(&self) -> String {
        let after = if self.query.after.is_empty() { String::new() } else { format!("&after={}", encode(&self.query.after)) };
        format!("{BULK}?exam={}{}{after}", self.choice.exam.public_ref, self.query.conditions())
    }

    /// Where the registrations behind these are chosen from.
    fn next(&self) -> Option<String> {
        let after = self.choice.next.as_ref()?;
        Some(format!("{BULK}?exam={}{}&after={after}", self.choice.exam.public_ref, self.query.conditions()))
    }

    fn back(&self) -> String {
        format!("/console/registrations?exam={}&state=submitted{}", self.choice.exam.public_ref, self.query.conditions())
    }

    fn may_approve(&self, line: &Waiting) -> bool {
        line.lacks.is_empty() && line.holder.is_none() && line.first.as_ref().is_none_or(|first| !first.is_own)
    }

    /// What can be approved and has nothing odd about it is chosen before anybody chooses.
    fn is_chosen(&self, line: &Waiting) -> bool {
        match &self.typed {
            Some(typed) => typed.chosen.iter().any(|one| *one == value(line)),
            None => self.may_approve(line) && line.flags.is_empty(),
        }
    }

    fn is_reason(&self, text: &str) -> bool {
        self.typed.as_ref().is_some_and(|typed| typed.reason.iter().any(|one| one == text))
    }

    fn words(&self) -> &str {
        self.typed.as_ref().map_or("", |typed| &typed.words)
    }

    fn submitted(&self, line: &Waiting) -> String {
        line.row.submitted_at.map_or_else(String::new, |at| UnixMs(at).words())
    }

    fn value(&self, line: &Waiting) -> String {
        value(line)
    }
}

/// A registration as it was seen.
fn value(line: &Waiting) -> String {
    format!("{}:{}", line.row.public_ref, line.row.version)
}

async fn page(app: &App, staff: &Staff, client: &Client, query: Query, typed: Option<Sent>, problems: Problems) -> Result<ChoicePage> {
    let choice = actions::choice(app, staff, query.asked()).await?;
    let reasons = app.settings().review.payment_reasons(choice.exam.way().code());
    let now = app.clock.now();
    let is_late = choice.lines.iter().any(|line| !line.row.may_be_mended(&choice.exam, now, false));
    Ok(ChoicePage { is_late, page: staff.page(app, client, "payment"), choice, query, typed, reasons, undo_s: app.config.undo_s, problems })
}

async fn choose(State(app): State<App>, staff: Staff, client: Client, Address(query): Address<Query>) -> Result<Response> {
    web::html(&page(&app, &staff, &client, query, None, Problems::new()).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    decision: String,
    chosen: Vec<String>,
    reason: Vec<String>,
    words: String,
}

impl Sent {
    /// References and versions; one that is no such pair is nothing of ours.
    fn items(&self) -> Result<Vec<(String, i64)>> {
        let pair =
            |text: &String| text.split_once(':').and_then(|(reference, version)| Some((reference.to_owned(), version.parse().ok()?)));
        self.chosen.iter().map(|text| pair(text).ok_or(Error::NotFound)).collect()
    }
}

async fn begin(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Address(query): Address<Query>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let done = match sent.decision.as_str() {
        "approve" => actions::begin(&app, &staff, &query.exam, true, &sent.items()?, "").await,
        "return" => match app.settings().review.sentence(Desk::Payment, &sent.reason, &sent.words) {
            Ok(sentence) => actions::begin(&app, &staff, &query.exam, false, &sent.items()?, &sentence).await,
            Err(error) => Err(error),
        },
        _ => Err(Error::invalid("chosen", "请选择通过或退回。")),
    };
    match done {
        Ok(reference) => Ok(client.go(&format!("{BULK}/{}", encode(&reference)))),
        Err(Error::Invalid(problems)) => web::html_invalid(&page(&app, &staff, &client, query, Some(sent), problems).await?),
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "payments/pages/bulk_run.html")]
struct BulkPage {
    page: ConsolePage,
    bulk: Bulk,
    exam: Exam,
    items: Vec<Item>,
    /// Seconds until it begins; 0: it runs.
    wait_s: i64,
    /// Somebody wanted to stop it when it was over.
    is_late: bool,
}

impl BulkPage {
    fn address(&self) -> String {
        format!("{BULK}/{}", self.bulk.public_ref)
    }

    fn progress(&self) -> String {
        progress(&self.bulk, &self.items)
    }

    fn settled(&self) -> usize {
        self.items.iter().filter(|item| item.outcome.is_some()).count()
    }

    fn done(&self) -> usize {
        self.items.iter().filter(|item| item.outcome.as_deref() == Some("")).count()
    }

    /// What was approved as the first of two.
    fn first(&self) -> usize {
        self.items.iter().filter(|item| item.outcome.as_deref() == Some(FIRST)).count()
    }

    /// Whether it was taken back before anything happened.
    fn is_taken_back(&self) -> bool {
        self.bulk.is_cancelled() && self.settled() == 0
    }

    /// What was not done, with the reason.
    fn failed(&self) -> Vec<(&Item, &str)> {
        let why = self.items.iter().filter_map(|item| Some((item, item.outcome.as_deref()?)));
        let failed = why.filter(|(_, why)| !why.is_empty() && *why != FIRST);
        let is_stopped = self.bulk.is_cancelled() && !self.is_taken_back();
        let left = self.items.iter().filter(|item| is_stopped && item.outcome.is_none());
        failed.chain(left.map(|item| (item, "停止时还没有轮到"))).collect()
    }

    /// The others: those that were done, and all of them before.
    fn others(&self) -> Vec<&Item> {
        let failed = self.failed();
        self.items.iter().filter(|item| failed.iter().all(|(other, _)| other.place != item.place)).collect()
    }

    /// What became of one that did not fail.
    fn outcome(&self, item: &Item) -> &'static str {
        match item.outcome.as_deref() {
            Some(FIRST) => "初审通过",
            Some(_) => self.bulk.word(),
            None if self.bulk.is_open() => "等待处理",
            None => "没有处理",
        }
    }

    /// Where registrations of this exam are chosen anew.
    fn again(&self) -> String {
        format!("{BULK}?exam={}", self.exam.public_ref)
    }

    /// How the end looks: a banner's kind.
    fn kind(&self) -> &'static str {
        if self.is_taken_back() {
            "info"
        } else if self.bulk.is_cancelled() || !self.failed().is_empty() {
            "warn"
        } else {
            "success"
        }
    }

    /// What became of all, in a sentence.
    fn ended(&self) -> String {
        let (done, first, word) = (self.done(), self.first(), self.bulk.word());
        if self.is_taken_back() {
            return format!("已撤销，{} 份都没有{word}。", self.items.len());
        }
        let not = self.items.len() - done - first;
        let begun = if self.bulk.is_cancelled() { "已停止：" } else { "" };
        let firsts = if first > 0 { format!("初审通过 {first} 份，等待另一位老师复核") } else { String::new() };
        let all = match (done, first) {
            (0, 1..) => firsts,
            (_, 1..) => format!("{word}了 {done} 份，{firsts}"),
            _ => format!("{word}了 {done} 份"),
        };
        if not == 0 { format!("{begun}{all}。") } else { format!("{begun}{all}，{not} 份没有处理。") }
    }
}

fn progress(bulk: &Bulk, items: &[Item]) -> String {
    let settled = items.iter().filter(|item| item.outcome.is_some()).count();
    format!("已{} {settled} / {} 份", bulk.word(), items.len())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Polled {
    /// Asked by a page that still offers to take it back.
    waiting: bool,
    /// It was to be stopped, and was over.
    late: bool,
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Address(asked): Address<Polled>,
) -> Result<Response> {
    let (bulk, exam, items) = actions::open(&app, &staff, &reference).await?;
    let has_begun = bulk.starts_at <= app.clock.now().0;
    if client.wants_json {
        let settled = items.iter().filter(|item| item.outcome.is_some()).count();
        let share = settled as f64 / items.len().max(1) as f64;
        let detail = progress(&bulk, &items);
        return Ok(Json(json!({ "done": !bulk.is_open() || asked.waiting && has_begun, "next": format!("{BULK}/{reference}"), "detail": detail, "share": share }))
            .into_response());
    }
    let wait_s = (bulk.starts_at - app.clock.now().0).max(0).div_euclid(1000);
    let wait_s = if bulk.is_open() { wait_s } else { 0 };
    let is_late = asked.late && !bulk.is_open();
    web::html(&BulkPage { page: staff.page(&app, &client, "payment"), bulk, exam, items, wait_s, is_late })
}

async fn cancel(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let bulk = actions::cancel(&app, &staff, &reference).await?;
    // The page itself says what became of it.
    let late = if bulk.is_cancelled() { "" } else { "?late=true" };
    Ok(client.go(&format!("{BULK}/{}{late}", encode(&reference))))
}
