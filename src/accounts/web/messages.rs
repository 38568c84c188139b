//! 消息.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use crate::accounts::Candidate;
use crate::accounts::actions::messages as actions;
use crate::accounts::store::messages::Message;
use crate::app::App;
use crate::error::Result;
use crate::types::Access;
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::Page;
use crate::web::routes::Routes;

pub(super) fn routes() -> Routes {
    Routes::new().get("/me/messages", Access::Candidate, list).post("/me/messages/read-all", Access::Candidate, read_all).get(
        "/me/messages/{ref}",
        Access::Candidate,
        show,
    )
}

#[derive(Template)]
#[template(path = "accounts/pages/messages.html")]
struct ListPage {
    page: Page,
    messages: Vec<Message>,
    has_unread: bool,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Paging {
    before: Option<String>,
}

async fn list(State(app): State<App>, client: Client, candidate: Candidate, Form(paging): Form<Paging>) -> Result<Response> {
    let (messages, next) = actions::list(&app, &candidate, paging.before.as_deref()).await?;
    let page = candidate.page(&app, &client);
    web::html(&ListPage { has_unread: page.unread > 0, page, messages, next })
}

async fn read_all(State(app): State<App>, client: Client, candidate: Candidate) -> Result<Response> {
    actions::read_all(&app, &candidate).await?;
    Ok(client.go_saying("/me/messages", "已全部标为已读。"))
}

#[derive(Template)]
#[template(path = "accounts/pages/message.html")]
struct MessagePage {
    page: Page,
    message: Message,
}

async fn show(State(app): State<App>, client: Client, candidate: Candidate, Path(reference): Path<String>) -> Result<Response> {
    let message = actions::open(&app, &candidate, &reference).await?;
    web::html(&MessagePage { page: candidate.page(&app, &client), message })
}
