//! 隐私与授权, 注销账号.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::Again;
use crate::accounts::actions::privacy as actions;
use crate::accounts::{Candidate, ConsentKind, consents};
use crate::app::App;
use crate::crypto::hex;
use crate::error::{Error, Problems, Result};
use crate::settings::consents::Edition;
use crate::types::{Access, UnixMs};
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::Page;
use crate::web::routes::Routes;
use crate::web::session::{Kind, closing_cookie};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/me/privacy", Access::Candidate, show)
        .post("/me/privacy/agree", Access::Candidate, agree)
        .post("/me/privacy/withdraw", Access::Candidate, withdraw)
        .get("/me/privacy/export", Access::Candidate, export)
        .get("/me/privacy/close", Access::Candidate, show_close)
        .post("/me/privacy/close", Access::Candidate, close)
        .get("/closed", Access::Public, closed)
}

/// Characters of a text's hash that are shown: enough to tell any two texts apart.
const HASH_SHOWN: usize = 16;

struct Receipt {
    word: &'static str,
    version: i64,
    /// The beginning of the text's SHA-256, in hex.
    hash: String,
    given: String,
    /// Where the text stands, "" where it is shown nowhere by itself.
    text: String,
    address: String,
    withdrawn: Option<String>,
    /// What follows when it is taken back; "" where it cannot be.
    follows: &'static str,
    /// What the button sends; "" where there is none.
    withdraws: &'static str,
}

#[derive(Template)]
#[template(path = "accounts/pages/my_privacy.html")]
struct PrivacyPage {
    page: Page,
    receipts: Vec<Receipt>,
    /// How long pictures are kept, or that those of the document were deleted; "" where nothing can be said.
    kept: String,
    /// What has not been agreed to yet.
    notice: Option<Edition>,
}

async fn show(State(app): State<App>, client: Client, candidate: Candidate) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let list = consents::list(&mut conn, candidate.id()).await?;
    let notice = actions::new_notice(&app, &mut conn, &candidate).await?;
    drop(conn);
    let forgotten = candidate.account.document_forgotten();
    let receipts = list.into_iter().map(|consent| Receipt {
        word: consent.kind.word(),
        version: consent.version,
        text: match consent.kind {
            ConsentKind::Privacy => format!("/privacy?version={}", consent.version),
            ConsentKind::Identity => format!("/privacy?of=identity&version={}", consent.version),
            ConsentKind::Face | ConsentKind::FacePhoto => String::new(),
        },
        hash: hex(&consent.text_hash).chars().take(HASH_SHOWN).collect(),
        address: consent.address.clone(),
        follows: if consent.withdrawn_at.is_none() { consent.kind.after_withdrawal(!forgotten.is_empty()) } else { "" },
        given: consent.given_at.words(),
        withdraws: if consent.withdrawn_at.is_none() && consent.kind != ConsentKind::Privacy { consent.kind.code() } else { "" },
        withdrawn: consent.withdrawn_at.map(UnixMs::words),
    });
    let receipts = receipts.collect();
    let kept = match forgotten.as_str() {
        "" => app.settings().service.pictures_kept(),
        day => format!("证件照片已按保存期限删除（{day}），实名认证仍然有效。"),
    };
    web::html(&PrivacyPage { page: candidate.page(&app, &client), receipts, kept, notice })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AgreeFields {
    version: i64,
}

async fn agree(State(app): State<App>, client: Client, candidate: Candidate, Form(fields): Form<AgreeFields>) -> Result<Response> {
    actions::agree(&app, &candidate, fields.version).await?;
    Ok(client.go_saying("/me/privacy", "已记录您的同意。"))
}

#[derive(Debug, Deserialize)]
struct WithdrawFields {
    #[serde(default)]
    kind: String,
}

async fn withdraw(State(app): State<App>, client: Client, candidate: Candidate, Form(fields): Form<WithdrawFields>) -> Result<Response> {
    let kind = ConsentKind::parse(&fields.kind).ok_or(Error::NotFound)?;
    actions::withdraw_consent(&app, &candidate, kind).await?;
    Ok(client.go_saying("/me/privacy", kind.withdrawn_words()))
}

async fn export(State(app): State<App>, candidate: Candidate) -> Result<Response> {
    let data = actions::export(&app, &candidate).await?;
    Ok(web::file(serde_json::to_vec_pretty(&data)?, "application/json", "我的报名信息.json", false))
}

#[derive(Template)]
#[template(path = "accounts/pages/close.html")]
struct ClosePage {
    page: Page,
    problems: Problems,
}

#[derive(Debug, Deserialize)]
struct CloseFields {
    #[serde(default)]
    password: String,
}

async fn show_close(State(app): State<App>, client: Client, candidate: Candidate) -> Result<Response> {
    web::html(&ClosePage { page: candidate.page(&app, &client), problems: Problems::new() })
}

async fn close(State(app): State<App>, client: Client, candidate: Candidate, Form(fields): Form<CloseFields>) -> Result<Response> {
    match actions::close(&app, &candidate, &fields.password).await {
        Ok(()) => Ok((CookieJar::new().add(closing_cookie(Kind::Candidate)), client.go("/closed")).into_response()),
        Err(error) => {
            let again = Again::of(error, "")?;
            let page = ClosePage { page: candidate.page(&app, &client), problems: again.problems };
            Again::html(again.status, again.retry_after_s, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/closed.html")]
struct ClosedPage {
    page: Page,
}

async fn closed(State(app): State<App>, client: Client) -> Result<Response> {
    web::html(&ClosedPage { page: web::page(&app, &client) })
}
