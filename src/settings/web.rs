//! What the settings show to everybody: the school's colours, its logo, and the page that stands for the site while it is being worked on.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::colour::{Colour, style_sheet};
use crate::app::App;
use crate::error::{Error, Result};
use crate::pictures;
use crate::types::Access;
use crate::web::client::Client;
use crate::web::layout::Page;
use crate::web::routes::Routes;
use crate::web::{self};

/// `/brand/{version}.css`, `/logo/{ref}`.
pub fn routes() -> Routes {
    Routes::new().get("/brand/{file}", Access::Public, brand).get("/logo/{ref}", Access::Public, logo)
}

/// A version's content never changes, but a process that is a second behind may be asked for the next one.
const KEPT: &str = "public, max-age=86400";

async fn brand(State(app): State<App>, Path(_): Path<String>) -> Response {
    let settings = app.settings();
    let sheet = Colour::parse(&settings.general.brand).map_or_else(String::new, |brand| {
        style_sheet(brand, Colour::parse(&settings.general.brand_strong).unwrap_or_else(|| brand.strong()))
    });
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, KEPT)], sheet).into_response()
}

async fn logo(State(app): State<App>, Path(reference): Path<String>) -> Result<Response> {
    // No other picture is shown here, whatever its reference.
    if app.settings().general.logo_ref != reference {
        return Err(Error::NotFound);
    }
    let picture = pictures::find_by_ref(&mut *app.db.read().await?, &reference).await?;
    let bytes = pictures::bytes(&app, &picture).await?;
    let mime = HeaderValue::from_str(&picture.mime).map_err(Error::internal)?;
    Ok(([(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, HeaderValue::from_static(KEPT))], bytes).into_response())
}

#[derive(Template)]
#[template(path = "settings/pages/maintenance.html")]
struct MaintenancePage {
    page: Page,
    message: String,
}

/// When it makes sense to look again, in seconds.
const RETRY_AFTER_S: i64 = 600;

/// Around every candidate's route: while the site is being worked on, a calm page instead. Staff are not concerned.
pub async fn maintenance(State(app): State<App>, client: Client, request: Request, next: Next) -> Response {
    let settings = app.settings();
    if !settings.service.maintenance {
        return next.run(request).await;
    }
    let message = match settings.service.maintenance_message.as_str() {
        "" => "系统正在维护，请稍后再来。您已经提交的内容都已保存，不需要重新提交。".to_owned(),
        message => message.to_owned(),
    };
    let mut response = if client.wants_json {
        (StatusCode::SERVICE_UNAVAILABLE, axum::Json(serde_json::json!({ "error": message, "code": "maintenance" }))).into_response()
    } else {
        let page = MaintenancePage { page: web::page(&app, &client), message: message.clone() };
        (StatusCode::SERVICE_UNAVAILABLE, Html(page.render().unwrap_or(message))).into_response()
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    response
}

/// Around every route: what another process changed is noticed.
pub async fn refresh(State(app): State<App>, request: Request, next: Next) -> Response {
    if let Err(error) = super::cache::refresh(&app).await {
        tracing::warn!(%error, "the settings could not be read again");
    }
    next.run(request).await
}
