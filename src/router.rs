//! All routes and the layers around them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Router, extract::FromRequestParts as _};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::error::{Error, ErrorBody, Result};
use crate::types::Access;
use crate::web::client::Client;
use crate::web::form::MAX_FORM_BYTES;
use crate::web::layout::QueueCounts;
use crate::web::routes::{Route, Routes, page_above};
use crate::{
    accounts, demo, exams, face, identity, messages, overview, payments, registrations, rosters, seating, settings, staff, tickets, web,
};

/// A request that takes longer is answered 503: uploads over a slow network still fit.
const MAX_REQUEST: Duration = Duration::from_secs(120);

fn console() -> Routes {
    Routes::new()
        .merge(staff::console::routes())
        .merge(settings::console::routes())
        .merge(accounts::console::routes())
        .merge(identity::console::routes())
        .merge(rosters::console::routes())
        .merge(exams::console::routes())
        .merge(registrations::console::routes())
        .merge(face::console::routes())
        .merge(payments::console::routes())
        .merge(seating::console::routes())
        .merge(tickets::console::routes())
        .merge(messages::console::routes())
        .merge(overview::console::routes())
}

fn candidates() -> Routes {
    Routes::new()
        .merge(accounts::web::routes())
        .merge(identity::web::routes())
        .merge(registrations::web::routes())
        .merge(face::web::routes())
        .merge(payments::web::routes())
        .merge(tickets::web::routes())
}

/// What belongs to nobody: files, the probe, the demo's pages where this is the demo.
fn others(is_demo: bool) -> Routes {
    let others = Routes::new()
        .get("/static/{name}", Access::Public, web::assets::serve)
        .get("/healthz", Access::Public, healthz)
        .merge(settings::web::routes())
        .merge(accounts::reports::routes());
    if is_demo { others.merge(demo::web::routes()) } else { others }
}

/// Every route of the program and who may use it.
pub fn table(is_demo: bool) -> Vec<Route> {
    [console(), candidates(), others(is_demo)].iter().flat_map(|routes| routes.list().to_vec()).collect()
}

/// The whole site.
pub fn router(app: App) -> Router {
    let console = console().layered(|routes| routes.layer(middleware::from_fn_with_state(app.clone(), console_frame)));
    let candidates = candidates().layered(|routes| {
        routes
            .layer(middleware::from_fn_with_state(app.clone(), settings::web::maintenance))
            .layer(middleware::from_fn_with_state(app.clone(), wechat_guide))
    });
    let routes = others(app.config.demo).merge(console).merge(candidates);
    let list: Arc<[Route]> = routes.list().into();
    routes
        .into_router()
        // Back, reload, a kept address: a form's own address has no page, the one above it has the form.
        .method_not_allowed_fallback(move |request: Request| {
            let to = (request.method() == Method::GET).then(|| page_above(&list, request.uri().path()).to_owned());
            async move { to.map_or_else(|| StatusCode::METHOD_NOT_ALLOWED.into_response(), |to| Redirect::to(&to).into_response()) }
        })
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, MAX_REQUEST))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Error::internal("a handler panicked").into_response()))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), web::errors::layer))
        .layer(middleware::from_fn_with_state(app.clone(), settings::web::refresh))
        .layer(middleware::from_fn_with_state(app.clone(), web::headers::layer))
        .layer(
            CompressionLayer::new()
                .compress_when(DefaultPredicate::new().and(NotForContentType::const_new(baokao_tables::xlsx::CONTENT_TYPE))),
        )
        .with_state(app)
}

/// Alive and able to reach the database.
async fn healthz(State(app): State<App>) -> Result<&'static str> {
    app.db.read().await?;
    Ok("ok\n")
}

/// WeChat's own browser can neither open the camera nor save the ticket: every page there is the guide to the way out.
async fn wechat_guide(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_wechat = request.headers().get("user-agent").and_then(|v| v.to_str().ok()).is_some_and(|agent| agent.contains("MicroMessenger"));
    if is_wechat && request.method() == Method::GET {
        return accounts::web::wechat_guide(&app, request.uri()).unwrap_or_else(axum::response::IntoResponse::into_response);
    }
    next.run(request).await
}

/// What the frame of a console page needs of somebody who is signed in: what waits in the queues before the page, and the frame itself for a refusal, which stands
/// in it.
async fn console_frame(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // A decision leads on to the next case, and shows no page of its own.
    let shows_a_page = parts.method == Method::GET || !parts.uri.path().starts_with("/console/review/");
    if shows_a_page && let Ok(staff) = staff::Staff::from_request_parts(&mut parts, &app).await {
        if let Ok(Some(held)) = staff::held::shown(&app, staff.id).await {
            parts.extensions.insert(held);
        }
        let counts: Result<QueueCounts> = overview::actions::queue_counts(&app, &staff).await;
        if let Ok(counts) = counts {
            parts.extensions.insert(counts);
        }
    }
    let mut asked = parts.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if response.extensions().get::<ErrorBody>().is_some()
        && let Ok(staff) = staff::Staff::from_request_parts(&mut asked, &app).await
    {
        let Ok(client) = Client::from_request_parts(&mut asked, &app).await;
        let section = web::layout::ConsolePage::section_of(asked.uri.path());
        response.extensions_mut().insert(staff.page(&app, &client, section).flash(None));
    }
    response
}
