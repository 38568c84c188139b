//! Candidate routes: `/me/identity` and what lies below it, and a candidate's own pictures.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::actions::candidate::{self as actions, Status, Upload};
use super::actions::pictures;
use super::words::slots;
use super::{Agreement, CheckState, Field, Side, names};
use crate::accounts::{Candidate, RealName};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::pictures::Picture;
use crate::settings::consents::Edition;
use crate::types::{Access, DocumentKind, UnixMs};
use crate::web::client::Client;
use crate::web::form::{MAX_UPLOAD_BYTES, Uploads};
use crate::web::layout::Page;
use crate::web::routes::Routes;
use crate::web::waiting::{self, Waiting};
use crate::web::{self};

/// `/me/identity…`, `/pictures/{ref}`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/me/identity", Access::Candidate, show)
        .get("/me/identity/upload", Access::Candidate, upload_form)
        .upload("/me/identity/upload", Access::Candidate, MAX_UPLOAD_BYTES, upload)
        .get("/me/identity/wait/{reference}", Access::Candidate, wait)
        .post("/me/identity/person", Access::Candidate, ask_for_a_person)
        .get("/pictures/{reference}", Access::Candidate, picture)
}

/// A line of the comparison.
struct Compared {
    word: &'static str,
    read: names::Marked,
    registered: names::Marked,
    agrees: bool,
}

#[derive(Template)]
#[template(path = "identity/pages/status.html")]
struct StatusPage {
    page: Page,
    real_name: RealName,
    name: String,
    document_kind: &'static str,
    number_masked: String,
    verified_on: String,
    by_machine: bool,
    sentences: Vec<String>,
    returned: bool,
    compared: Vec<Compared>,
    may_ask: bool,
    waiting_since: String,
    /// The day on which the pictures were deleted at the end of their time, or "".
    forgotten: String,
    /// How long they are kept, or "".
    kept: String,
}

async fn show(State(app): State<App>, candidate: Candidate, client: Client) -> Result<Response> {
    let status = actions::status(&app, &candidate).await?;
    if let Some(check) = status.check.as_ref().filter(|check| check.state() == CheckState::Reading) {
        return Ok(client.go(&format!("/me/identity/wait/{}", check.public_ref)));
    }
    web::html(&status_page(&app, &candidate, &client, &status)?)
}

fn status_page(app: &App, candidate: &Candidate, client: &Client, status: &Status) -> Result<StatusPage> {
    let account = &candidate.account;
    let real_name = account.real_name();
    let returned = status.check.as_ref().filter(|check| check.state() == CheckState::Returned);
    let failed = real_name == RealName::Failed;
    let number = account.document(&app.keys)?;
    let sentences = match returned {
        Some(check) => vec![check.reason.clone()],
        None => status.outcome.sentences(),
    };
    // A comparison helps where something has to be mended; what agrees elsewhere is nobody's concern.
    let compared = if failed && returned.is_none() { compared(status) } else { Vec::new() };
    Ok(StatusPage {
        page: candidate.page(app, client),
        real_name,
        name: account.name.clone(),
        document_kind: account.kind().word(),
        number_masked: number.masked(),
        verified_on: account.verified_at.map(|at| UnixMs(at).day_words()).unwrap_or_default(),
        by_machine: number.is_read_by_machine(),
        sentences: if failed { sentences } else { Vec::new() },
        returned: returned.is_some(),
        compared,
        may_ask: status.may_ask_for_a_person(),
        waiting_since: status.check.as_ref().map(|check| UnixMs(check.created_at).words()).unwrap_or_default(),
        forgotten: account.document_forgotten(),
        kept: app.settings().service.pictures_kept(),
    })
}

fn compared(status: &Status) -> Vec<Compared> {
    let shown = status.outcome.fields.iter().filter(|verdict| verdict.field != Field::Validity && !verdict.read.is_empty());
    shown
        .map(|verdict| {
            let (read, registered) = names::marks(&verdict.read, &verdict.registered);
            Compared { word: verdict.field.word(), read, registered, agrees: verdict.agreement == Agreement::Agrees }
        })
        .collect()
}

#[derive(Template)]
#[template(path = "identity/pages/upload.html")]
struct UploadPage {
    page: Page,
    by_machine: bool,
    is_card: bool,
    document_kind: &'static str,
    slots: (&'static str, &'static str),
    consent: Edition,
    has_consented: bool,
    consents: bool,
    /// How long pictures are kept, or "".
    kept: String,
    problems: Problems,
    too_large: String,
}

async fn upload_page(app: &App, candidate: &Candidate, client: &Client, consents_to: i64) -> Result<UploadPage> {
    let settings = app.settings();
    let consent = settings.consents.identity();
    Ok(UploadPage {
        page: candidate.page(app, client),
        by_machine: candidate.account.document(&app.keys)?.is_read_by_machine(),
        is_card: candidate.account.kind() == DocumentKind::ResidentCard,
        document_kind: candidate.account.kind().word(),
        slots: slots(candidate.account.kind()),
        consents: consent.version == consents_to,
        kept: settings.service.pictures_kept(),
        consent,
        has_consented: actions::has_consented(app, candidate).await?,
        problems: Problems::new(),
        too_large: String::new(),
    })
}

async fn upload_form(State(app): State<App>, candidate: Candidate, client: Client) -> Result<Response> {
    if let Err(Error::Refused { message, .. }) = actions::require_open(&candidate) {
        return Ok(client.go_saying("/me/identity", &message));
    }
    web::html(&upload_page(&app, &candidate, &client, 0).await?)
}

async fn upload(State(app): State<App>, candidate: Candidate, client: Client, sent: Result<Uploads>) -> Result<Response> {
    let mut consents_to = 0;
    let by_machine = candidate.account.document(&app.keys)?.is_read_by_machine();
    let answer = match sent {
        Ok(mut sent) => {
            consents_to = sent.text("consent").parse().unwrap_or(0);
            let upload = Upload { front: sent.take(Side::Front.code()), back: sent.take(Side::Back.code()), consents_to };
            actions::upload(&app, &candidate, upload).await
        }
        Err(error) => Err(error),
    };
    match answer {
        Ok(reference) if by_machine => Ok(client.go(&format!("/me/identity/wait/{reference}"))),
        Ok(_) => Ok(client.go("/me/identity")),
        // The script puts the sentence at its picture; the page shows it at its field.
        Err(Error::Invalid(problems)) if client.wants_json => {
            let (field, sentence) = problems.iter().next().unwrap_or_default();
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": sentence, "field": field }))).into_response())
        }
        Err(Error::Invalid(problems)) => {
            web::html_invalid(&UploadPage { problems, ..upload_page(&app, &candidate, &client, consents_to).await? })
        }
        Err(Error::TooLarge(sentence)) if !client.wants_json => {
            let page = UploadPage { too_large: sentence.into_owned(), ..upload_page(&app, &candidate, &client, consents_to).await? };
            Ok((StatusCode::PAYLOAD_TOO_LARGE, web::html(&page)?).into_response())
        }
        Err(Error::Refused { message, code }) if !client.wants_json && code != "name_changed" => {
            Ok(client.go_saying("/me/identity", &message))
        }
        Err(other) => Err(other),
    }
}

async fn wait(State(app): State<App>, candidate: Candidate, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let place = actions::place(&app, &candidate, &reference).await?;
    let waiting = Waiting {
        title: "正在认证",
        message: "正在识别证件",
        promise: "照片已经安全保存。您可以离开此页，识别不会中断，结果会在“消息”中通知您。",
        back: "/me".into(),
        here: format!("/me/identity/wait/{reference}"),
        next: "/me/identity".into(),
    };
    waiting::answer(candidate.page(&app, &client), &client, waiting, place)
}

async fn ask_for_a_person(State(app): State<App>, candidate: Candidate, client: Client) -> Result<Response> {
    match actions::ask_for_a_person(&app, &candidate).await {
        Ok(()) => Ok(client.go("/me/identity")),
        Err(Error::Refused { message, .. }) if !client.wants_json => Ok(client.go_saying("/me/identity", &message)),
        Err(other) => Err(other),
    }
}

async fn picture(State(app): State<App>, candidate: Candidate, Path(reference): Path<String>) -> Result<Response> {
    let (picture, bytes) = pictures::own(&app, &candidate, &reference).await?;
    Ok(serve(&picture, bytes))
}

/// A picture to be shown in a page, kept nowhere.
pub(super) fn serve(picture: &Picture, bytes: Vec<u8>) -> Response {
    web::picture(bytes, &picture.mime, "picture", true)
}
