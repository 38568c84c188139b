//! Staff routes: the payment queue and its cases.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::queue::{self, Queue, Waiting};
use super::actions::review::{self as actions, Case};
use super::flags::{Flag, sign_words};
use super::{MachineRead, Proof};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::PaymentWay;
use crate::registrations::State as Standing;
use crate::staff::held::Desk;
use crate::staff::{Permission, Staff};
use crate::types::{Access, Fen, UnixMs};
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::{self};

/// `/console/review/payment…`
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/review/payment", Access::somewhere(Permission::ReviewPayment.or_look()), queue)
        .get("/console/review/payment/next", Access::exam(Permission::ReviewPayment), next)
        .get("/console/review/payment/{ref}", Access::exam(Permission::ReviewPayment.or_look()), case)
        .get("/console/review/payment/{ref}/picture", Access::exam(Permission::ReviewPayment.or_look()), picture)
        .get("/console/review/payment/{ref}/earlier/{other}", Access::exam(Permission::ReviewPayment.or_look()), earlier_picture)
        .post("/console/review/payment/{ref}/approve", Access::exam(Permission::ReviewPayment), approve)
        .post("/console/review/payment/{ref}/return", Access::exam(Permission::ReviewPayment), send_back)
        .merge(super::bulk::console::routes())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    exam: String,
    after: String,
}

#[derive(Template)]
#[template(path = "payments/pages/queue.html")]
struct QueuePage {
    page: ConsolePage,
    may_work: bool,
    queue: Queue,
}

impl QueuePage {
    fn is_chosen(&self, reference: &str) -> bool {
        self.queue.exam.as_ref().is_some_and(|exam| exam.public_ref == reference)
    }

    /// How it is paid, where there is no screenshot.
    fn unproved(&self) -> &'static str {
        match self.queue.exam.as_ref().map(crate::exams::Exam::way) {
            Some(PaymentWay::Free) => "免费",
            Some(PaymentWay::Page) => "没有截图",
            _ => "到校缴费",
        }
    }

    fn submitted(&self, line: &Waiting) -> String {
        line.row.submitted_at.map_or_else(String::new, |at| UnixMs(at).words())
    }
}

async fn queue(State(app): State<App>, staff: Staff, client: Client, Form(chosen): Form<Chosen>) -> Result<Response> {
    let queue = queue::queue(&app, &staff, &chosen.exam, &chosen.after).await?;
    let may_work = queue.exam.as_ref().is_some_and(|exam| staff.may_in(exam.id, Permission::ReviewPayment));
    web::html(&QueuePage { page: staff.page(&app, &client, "payment"), may_work, queue })
}

async fn next(State(app): State<App>, staff: Staff, client: Client, Form(chosen): Form<Chosen>) -> Result<Response> {
    match actions::next(&app, &staff, &chosen.exam, &chosen.after).await? {
        Some(reference) => Ok(client.go(&format!("/console/review/payment/{reference}"))),
        None => Ok(client.go_saying(&format!("/console/review/payment?exam={}", chosen.exam), "可以审核的报名都已处理。")),
    }
}

/// One fact of the proof: what the machine read, and what the candidate handed in.
struct Row {
    label: &'static str,
    read: String,
    given: String,
    /// The flags that concern it.
    notes: String,
}

#[derive(Template)]
#[template(path = "payments/pages/case.html")]
struct CasePage {
    page: ConsolePage,
    /// When it was made.
    now: UnixMs,
    /// Whether the person may decide, and not only look.
    may_work: bool,
    case: Case,
    rows: Vec<Row>,
    problems: Problems,
    reasons: Vec<String>,
    reason: Vec<String>,
    words: String,
    /// Sent back now, the candidate could do nothing any more.
    is_late: bool,
}

impl CasePage {
    fn new(app: &App, staff: &Staff, client: &Client, case: Case, form: &Decision, problems: Problems) -> Self {
        let now = app.clock.now();
        let is_late = !case.row.may_be_mended(&case.exam, now, false);
        let rows = case.proof.as_ref().map(|proof| rows(proof, &case.flags)).unwrap_or_default();
        let page = staff.page(app, client, "payment");
        let may_work = staff.may_in(case.exam.id, Permission::ReviewPayment);
        let reasons = app.settings().review.payment_reasons(case.exam.way().code());
        Self { now, page, may_work, case, rows, problems, reasons, reason: form.reason.clone(), words: form.words.clone(), is_late }
    }

    fn is_chosen(&self, text: &str) -> bool {
        self.reason.iter().any(|one| one == text)
    }

    fn base(&self) -> String {
        format!("/console/review/payment/{}", self.case.row.public_ref)
    }

    fn is_on_page(&self) -> bool {
        self.case.exam.way() == PaymentWay::Page
    }

    fn is_free(&self) -> bool {
        self.case.exam.way() == PaymentWay::Free
    }

    fn may_approve(&self) -> bool {
        self.case.row.state() == Standing::Submitted
            && self.case.lacks.is_empty()
            && self.case.first.as_ref().is_none_or(|first| !first.is_own)
    }

    fn may_return(&self) -> bool {
        self.may_work && matches!(self.case.row.state(), Standing::Submitted | Standing::Approved)
    }

    fn submitted(&self) -> String {
        self.case.row.submitted_at.map_or_else(String::new, |at| UnixMs(at).words())
    }
}

fn rows(proof: &Proof, flags: &[Flag]) -> Vec<Row> {
    let read: Option<MachineRead> = proof.machine_read();
    let text = |get: fn(&MachineRead) -> String| read.as_ref().map_or_else(String::new, get);
    let when = |at: Option<i64>| at.map_or_else(String::new, |at| UnixMs(at).local().strftime("%Y-%m-%d %H:%M:%S").to_string());
    let row = |label, field: &str, read_as: String, given: String, about: &[Flag]| {
        let unread = read.is_some() && read_as.is_empty() && field != "order";
        let notes: Vec<&str> = (unread.then_some("没有读出").into_iter())
            .chain(about.iter().filter(|flag| flags.contains(flag)).map(|flag| flag.note()))
            .chain(proof.signs().filter(|(of, _)| *of == field).map(|(_, kind)| sign_words(kind)))
            .collect();
        Row { label, read: read_as, given, notes: notes.join("；") }
    };
    vec![
        row(
            "支付金额",
            "amount_fen",
            text(|r| r.amount_fen.map_or_else(String::new, |fen| Fen(fen).to_string())),
            proof.amount().map_or_else(String::new, |a| a.to_string()),
            &[Flag::AmountDiffers],
        ),
        row(
            "支付时间",
            "paid_at",
            text(|r| r.paid_at.map_or_else(String::new, |at| UnixMs(at).local().strftime("%Y-%m-%d %H:%M:%S").to_string())),
            when(proof.paid_at),
            &[Flag::PaidOutside],
        ),
        row(
            "交易单号",
            "transaction",
            text(|r| r.transaction_no.clone()),
            proof.transaction_no.clone(),
            &[Flag::SameTransaction, Flag::TransactionMismatch],
        ),
        row("商户单号", "order", text(|r| r.order_no.clone()), proof.order_no.clone(), &[]),
        row("收款方", "payee", text(|r| r.payee.clone()), proof.payee.clone(), &[Flag::PayeeDiffers]),
        row("当前状态", "status", proof.status.clone(), proof.status.clone(), &[Flag::NotPaid, Flag::Refunded, Flag::PartlyRefunded]),
    ]
}

async fn case(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let case = actions::open(&app, &staff, &reference).await?;
    web::html(&CasePage::new(&app, &staff, &client, case, &Decision::default(), Problems::new()))
}

async fn picture(State(app): State<App>, staff: Staff, Path(reference): Path<String>) -> Result<Response> {
    let (picture, bytes) = actions::picture(&app, &staff, &reference).await?;
    Ok(web::picture(bytes, &picture.mime, "订单截图", true))
}

async fn earlier_picture(State(app): State<App>, staff: Staff, Path((reference, other)): Path<(String, String)>) -> Result<Response> {
    let (picture, bytes) = actions::earlier_picture(&app, &staff, &reference, &other).await?;
    Ok(web::picture(bytes, &picture.mime, "此前的订单截图", true))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Decision {
    version: i64,
    reason: Vec<String>,
    words: String,
}

fn go_on(client: &Client, exam: &str, reference: &str) -> Response {
    client.go(&format!("/console/review/payment/next?exam={exam}&after={reference}"))
}

async fn approve(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<Decision>,
) -> Result<Response> {
    let exam = actions::approve(&app, &staff, &reference, form.version).await?;
    Ok(go_on(&client, &exam, &reference))
}

async fn send_back(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<Decision>,
) -> Result<Response> {
    staff.require_somewhere(Permission::ReviewPayment)?;
    let done = match app.settings().review.sentence(Desk::Payment, &form.reason, &form.words) {
        Ok(sentence) => actions::send_back(&app, &staff, &reference, form.version, &sentence).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(exam) => Ok(go_on(&client, &exam, &reference)),
        Err(Error::Invalid(problems)) => {
            let case = actions::open(&app, &staff, &reference).await?;
            web::html_invalid(&CasePage::new(&app, &staff, &client, case, &form, problems))
        }
        Err(other) => Err(other),
    }
}
