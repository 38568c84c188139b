//! Candidate routes: the payment (step 4) and its proof (step 5).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::candidate::{self as actions, Checked, Code, Payment};
use super::flags::{self, Flag};
use super::{MAX_PROOFS, Proof, ProofState, Typed};
use crate::accounts::Candidate;
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::exams::PaymentWay;
use crate::pictures;
use crate::registrations::{Place, Registration, State as Standing};
use crate::types::{Access, UnixMs, left_words};
use crate::web::client::Client;
use crate::web::form::{Form, MAX_UPLOAD_BYTES, Uploads};
use crate::web::layout::Page;
use crate::web::routes::Routes;
use crate::web::waiting::{self, Waiting};
use crate::web::{self};

/// Pixels of one module of the payment code: about 400 pixels across, sharp after a phone has shown and saved it.
const QR_MODULE_PX: u32 = 10;
/// `/registrations/{ref}/payment…`, `/registrations/{ref}/proof…`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/registrations/{ref}/payment", Access::Candidate, payment)
        .post("/registrations/{ref}/payment", Access::Candidate, pay_offline)
        .get("/registrations/{ref}/payment/qr.png", Access::Candidate, qr)
        .get("/registrations/{ref}/payment/picture", Access::Candidate, payment_picture)
        .get("/registrations/{ref}/proof", Access::Candidate, proof)
        .upload("/registrations/{ref}/proof", Access::Candidate, MAX_UPLOAD_BYTES, upload)
        .get("/registrations/{ref}/proof/{proof}", Access::Candidate, check)
        .post("/registrations/{ref}/proof/{proof}", Access::Candidate, submit)
        .get("/registrations/{ref}/proof/{proof}/wait", Access::Candidate, wait)
        .get("/registrations/{ref}/proof/{proof}/picture", Access::Candidate, picture)
}

fn home(row: &Registration) -> String {
    format!("/registrations/{}", row.public_ref)
}

fn reached(payment: &Payment) -> Place {
    // Whoever may pay may also say that it is done; afterwards the proof is behind as well.
    if matches!(payment.row.state(), Standing::AwaitingPayment | Standing::Returned) { Place::Proof } else { Place::Done }
}

#[derive(Template)]
#[template(path = "payments/pages/payment.html")]
struct PaymentPage {
    page: Page,
    base: String,
    payment: Payment,
    offline: bool,
    now: i64,
    left: String,
    reached: &'static str,
    may_hand_in: bool,
}

impl PaymentPage {
    fn is_shown(&self) -> bool {
        self.payment.code == Code::Shown
    }

    fn is_paid(&self) -> bool {
        self.payment.code == Code::Paid
    }

    fn is_late(&self) -> bool {
        self.payment.code == Code::Late
    }

    /// The code to scan: drawn from an address, or the picture that the school uploaded.
    fn code(&self) -> Option<String> {
        let exam = &self.payment.exam;
        if !exam.payment_url.is_empty() {
            Some(format!("{}/payment/qr.png", self.base))
        } else {
            exam.payment_picture.map(|_| format!("{}/payment/picture", self.base))
        }
    }
}

async fn payment(State(app): State<App>, candidate: Candidate, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let payment = match actions::payment(&app, &candidate, &reference).await {
        Ok(payment) => payment,
        // Not there yet: to the step that comes first.
        Err(Error::Refused { code: "not_finished", .. }) => {
            let (row, exam) = crate::registrations::actions::candidate::own(&mut *app.db.read().await?, &candidate, &reference).await?;
            return Ok(client.go(&row.next_url(&exam)));
        }
        Err(other) => return Err(other),
    };
    if payment.exam.way() == PaymentWay::Free {
        return Ok(client.go(&format!("{}/done", home(&payment.row))));
    }
    let (now, reached) = (app.clock.now(), reached(&payment));
    web::html(&PaymentPage {
        page: candidate.page(&app, &client),
        base: home(&payment.row),
        offline: payment.exam.way() == PaymentWay::Offline,
        now: now.0,
        left: left_words(now, UnixMs(payment.exam.pay_until)),
        reached: reached.slug(),
        may_hand_in: reached == Place::Proof,
        payment,
    })
}

async fn pay_offline(State(app): State<App>, candidate: Candidate, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let row = actions::submit_offline(&app, &candidate, &reference).await?;
    Ok(client.go(&format!("{}/done", home(&row))))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Saving {
    save: Option<String>,
}

async fn qr(State(app): State<App>, candidate: Candidate, Path(reference): Path<String>, Form(saving): Form<Saving>) -> Result<Response> {
    let exam = actions::payment_code(&app, &candidate, &reference).await?;
    if exam.payment_url.is_empty() {
        return Err(Error::NotFound);
    }
    let png = baokao_paper::qr::png(&exam.payment_url, QR_MODULE_PX).map_err(Error::internal)?;
    Ok(web::file(png, "image/png", "付款二维码.png", saving.save.is_none()))
}

async fn payment_picture(
    State(app): State<App>,
    candidate: Candidate,
    Path(reference): Path<String>,
    Form(saving): Form<Saving>,
) -> Result<Response> {
    let exam = actions::payment_code(&app, &candidate, &reference).await?;
    let picture = pictures::find(&mut *app.db.read().await?, exam.payment_picture.ok_or(Error::NotFound)?).await?;
    let bytes = pictures::bytes(&app, &picture).await?;
    Ok(web::picture(bytes, &picture.mime, "付款二维码", saving.save.is_none()))
}

#[derive(Template)]
#[template(path = "payments/pages/proof.html")]
struct ProofPage {
    page: Page,
    base: String,
    payment: Payment,
    /// Screenshots that may be taken again.
    earlier: Vec<Proof>,
    problems: Problems,
    now: i64,
    left: String,
}

impl ProofPage {
    fn may_upload(&self) -> bool {
        (self.payment.proofs.len() as i64) < MAX_PROOFS
    }
}

async fn proof_page(app: &App, candidate: &Candidate, client: &Client, reference: &str, problems: Problems) -> Result<ProofPage> {
    let payment = actions::payment(app, candidate, reference).await?;
    let now = app.clock.now();
    Ok(ProofPage {
        page: candidate.page(app, client),
        base: home(&payment.row),
        earlier: payment
            .proofs
            .iter()
            .filter(|p| p.state() != ProofState::Reading && !p.has_problem(super::BROKEN_PICTURE))
            .cloned()
            .collect(),
        problems,
        now: now.0,
        left: left_words(now, UnixMs(payment.exam.pay_until)),
        payment,
    })
}

async fn proof(State(app): State<App>, candidate: Candidate, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let shown = proof_page(&app, &candidate, &client, &reference, Problems::new()).await;
    let shown = match shown {
        Err(Error::Refused { code: "not_finished", .. }) => return Ok(client.go(&format!("/registrations/{reference}/payment"))),
        other => other?,
    };
    if shown.payment.exam.way() != PaymentWay::Page {
        return Ok(client.go(&format!("{}/payment", shown.base)));
    }
    if !matches!(shown.payment.row.state(), Standing::AwaitingPayment | Standing::Returned) {
        return Ok(client.go(&format!("{}/done", shown.base)));
    }
    // An upload whose reading was not waited for goes on where it was left, on any phone.
    if let Some(reading) = shown.payment.unfinished().filter(|p| p.state() == ProofState::Reading) {
        return Ok(client.go(&format!("{}/proof/{}/wait", shown.base, reading.public_ref)));
    }
    web::html(&shown)
}

async fn upload(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path(reference): Path<String>,
    mut uploads: Uploads,
) -> Result<Response> {
    match actions::upload(&app, &candidate, &reference, uploads.take("picture")).await {
        Ok(proof) => Ok(client.go(&format!("/registrations/{reference}/proof/{proof}/wait"))),
        Err(Error::Invalid(problems)) => web::html_invalid(&proof_page(&app, &candidate, &client, &reference, problems).await?),
        Err(other) => Err(other),
    }
}

async fn wait(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path((reference, proof)): Path<(String, String)>,
) -> Result<Response> {
    let place = actions::place(&app, &candidate, &reference, &proof).await?;
    let next = format!("/registrations/{reference}/proof/{proof}");
    let waiting = Waiting {
        title: "正在识别",
        message: "正在识别订单截图",
        promise: "截图已经安全保存。您可以离开此页，稍后在“我的报名”中继续。",
        back: format!("/registrations/{reference}"),
        here: format!("{next}/wait"),
        next,
    };
    waiting::answer(candidate.page(&app, &client), &client, waiting, place)
}

#[derive(Template)]
#[template(path = "payments/pages/check.html")]
struct CheckPage {
    page: Page,
    base: String,
    checked: Checked,
    typed: Typed,
    problems: Problems,
}

impl CheckPage {
    fn is_locked(&self) -> bool {
        self.checked.proof.state() == ProofState::Accepted
    }

    fn may_submit(&self) -> bool {
        matches!(self.checked.row.state(), Standing::AwaitingPayment | Standing::Returned)
            && (self.is_locked() || !self.checked.flags.iter().any(|flag| flag.refuses()))
    }

    fn may_upload(&self) -> bool {
        matches!(self.checked.row.state(), Standing::AwaitingPayment | Standing::Returned)
    }

    fn banner(&self, flag: &Flag) -> &'static str {
        if flag.refuses() { "danger" } else { "warn" }
    }

    fn advice(&self, flag: &Flag) -> String {
        match flag {
            Flag::AmountDiffers => format!("{}（{}）", flag.advice(), flags::amounts(&self.checked.proof, self.checked.fee)),
            other => other.advice().to_owned(),
        }
    }

    /// What to do about a field that was not read; nothing where it was.
    fn unread(&self, problem: &str) -> &'static str {
        if self.checked.proof.has_problem(problem) { "没有从截图中读出，请对照截图填写。" } else { "" }
    }

    fn amount_words(&self) -> String {
        self.checked.proof.amount().map_or_else(|| "未填写".to_owned(), |a| a.to_string())
    }

    fn paid_words(&self) -> String {
        Some(flags::paid_words(&self.checked.proof)).filter(|w| !w.is_empty()).unwrap_or_else(|| "未填写".to_owned())
    }
}

async fn check(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path((reference, proof)): Path<(String, String)>,
) -> Result<Response> {
    let checked = actions::check(&app, &candidate, &reference, &proof).await?;
    let base = home(&checked.row);
    if checked.proof.state() == ProofState::Reading {
        return Ok(client.go(&format!("{base}/proof/{proof}/wait")));
    }
    let typed = checked.proof.typed();
    web::html(&CheckPage { page: candidate.page(&app, &client), base, typed, checked, problems: Problems::new() })
}

async fn submit(
    State(app): State<App>,
    candidate: Candidate,
    client: Client,
    Path((reference, proof)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    match actions::submit(&app, &candidate, &reference, &proof, &typed).await {
        Ok(row) => Ok(client.go(&format!("{}/done", home(&row)))),
        Err(Error::Invalid(problems)) => {
            let checked = actions::check(&app, &candidate, &reference, &proof).await?;
            web::html_invalid(&CheckPage { page: candidate.page(&app, &client), base: home(&checked.row), typed, checked, problems })
        }
        Err(other) => Err(other),
    }
}

async fn picture(State(app): State<App>, candidate: Candidate, Path((reference, proof)): Path<(String, String)>) -> Result<Response> {
    let (picture, bytes) = actions::picture(&app, &candidate, &reference, &proof).await?;
    Ok(web::picture(bytes, &picture.mime, "订单截图", true))
}
