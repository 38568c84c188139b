//! `/demo`: where everything is, the specimens, and the SMS that would have been sent.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::specimens::{self, CardForm, ReceiptForm};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::types::Access;
use crate::web::client::Client;
use crate::web::form::{Form, MAX_UPLOAD_BYTES, Uploads};
use crate::web::layout::{Choice, Page};
use crate::web::routes::Routes;
use crate::web::{self};

/// `/demo/…`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/demo", Access::Public, index)
        .get("/demo/outbox", Access::Public, outbox)
        .get("/demo/card", Access::Public, card_form)
        .upload("/demo/card", Access::Public, MAX_UPLOAD_BYTES, draw_card)
        .get("/demo/receipt", Access::Public, receipt_form)
        .post("/demo/receipt", Access::Public, draw_receipt)
}

#[derive(Template)]
#[template(path = "demo/pages/index.html")]
struct IndexPage {
    page: Page,
    login: &'static str,
    password: &'static str,
}

async fn index(State(app): State<App>, client: Client) -> Result<Response> {
    web::html(&IndexPage { page: web::page(&app, &client), login: super::actions::LOGIN, password: super::actions::PASSWORD })
}

struct SmsLine {
    at: String,
    phone: String,
    text: String,
}

#[derive(Template)]
#[template(path = "demo/pages/outbox.html")]
struct OutboxPage {
    page: Page,
    lines: Vec<SmsLine>,
}

const OUTBOX_LINES: i64 = 50;

async fn outbox(State(app): State<App>, client: Client) -> Result<Response> {
    let lines = crate::accounts::actions::outbox_newest(&app, OUTBOX_LINES)
        .await?
        .into_iter()
        .map(|sms| SmsLine { at: sms.at.words(), phone: sms.phone_masked, text: sms.text })
        .collect();
    web::html(&OutboxPage { page: web::page(&app, &client), lines })
}

#[derive(Template)]
#[template(path = "demo/pages/card.html")]
struct CardPage {
    page: Page,
    form: CardForm,
    sexes: Vec<Choice>,
    problems: Problems,
    drawn: Option<DrawnPictures>,
}

struct DrawnPictures {
    number: String,
    front: String,
    back: String,
}

fn card_page(app: &App, client: &Client, form: CardForm, problems: Problems, drawn: Option<DrawnPictures>) -> CardPage {
    let sexes = Choice::list(&[("男", "男"), ("女", "女")], &form.sex);
    CardPage { page: web::page(app, client), form, sexes, problems, drawn }
}

async fn card_form(State(app): State<App>, client: Client) -> Result<Response> {
    let form = CardForm { name: String::new(), sex: "女".into(), birth: "1995-06-18".into() };
    web::html(&card_page(&app, &client, form, Problems::new(), None))
}

fn data_url(jpeg: &[u8]) -> String {
    format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg))
}

async fn draw_card(State(app): State<App>, client: Client, mut uploads: Uploads) -> Result<Response> {
    let form = CardForm { name: uploads.text("name").into(), sex: uploads.text("sex").into(), birth: uploads.text("birth").into() };
    match specimens::draw_card(&app, &form, uploads.take("portrait")).await {
        Ok(drawn) => {
            let drawn = DrawnPictures { number: drawn.number, front: data_url(&drawn.front), back: data_url(&drawn.back) };
            web::html(&card_page(&app, &client, form, Problems::new(), Some(drawn)))
        }
        Err(Error::Invalid(problems)) => web::html_invalid(&card_page(&app, &client, form, problems, None)),
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "demo/pages/receipt.html")]
struct ReceiptPage {
    page: Page,
    form: ReceiptForm,
    problems: Problems,
    drawn: Option<String>,
}

#[derive(Debug, serde::Deserialize)]
struct ReceiptFields {
    #[serde(default)]
    amount: String,
    #[serde(default)]
    item: String,
    #[serde(default)]
    payee: String,
}

async fn receipt_form(State(app): State<App>, client: Client) -> Result<Response> {
    let form =
        ReceiptForm { amount: super::actions::FEE.yuan(), item: super::actions::FEE_NAME.into(), payee: super::actions::PAYEE.into() };
    web::html(&ReceiptPage { page: web::page(&app, &client), form, problems: Problems::new(), drawn: None })
}

async fn draw_receipt(State(app): State<App>, client: Client, Form(fields): Form<ReceiptFields>) -> Result<Response> {
    let form = ReceiptForm { amount: fields.amount, item: fields.item, payee: fields.payee };
    match specimens::draw_receipt(&app, &form).await {
        Ok(jpeg) => {
            let drawn = Some(data_url(&jpeg));
            web::html(&ReceiptPage { page: web::page(&app, &client), form, problems: Problems::new(), drawn })
        }
        Err(Error::Invalid(problems)) => web::html_invalid(&ReceiptPage { page: web::page(&app, &client), form, problems, drawn: None }),
        Err(other) => Err(other),
    }
}
