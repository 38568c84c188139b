//! The poster with the QR code, and the page that leads out of WeChat's browser.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use crate::app::App;
use crate::error::{Error, Result};
use crate::types::Access;
use crate::web;
use crate::web::routes::Routes;

/// Pixels a module: a code of 37 modules with its quiet zone is then 900 pixels wide, sharp on paper at 10 cm.
const POSTER_MODULE_PX: u32 = 20;

pub(super) fn routes() -> Routes {
    Routes::new().get("/poster", Access::Public, poster).get("/poster.svg", Access::Public, poster_svg).get(
        "/poster.png",
        Access::Public,
        poster_png,
    )
}

#[derive(Template)]
#[template(path = "accounts/pages/poster.html")]
struct PosterPage<'a> {
    school: &'a str,
    help_phone: &'a str,
    url: &'a str,
    svg: String,
}

async fn poster(State(app): State<App>) -> Result<Response> {
    let url = &app.config.public_url;
    let svg = baokao_paper::qr::svg(url).map_err(Error::internal)?;
    let settings = app.settings();
    web::html(&PosterPage { school: settings.school(), help_phone: settings.help_phone(), url, svg })
}

async fn poster_svg(State(app): State<App>) -> Result<Response> {
    let svg = baokao_paper::qr::svg(&app.config.public_url).map_err(Error::internal)?;
    Ok(web::file(svg.into_bytes(), "image/svg+xml", "报名二维码.svg", false))
}

async fn poster_png(State(app): State<App>) -> Result<Response> {
    let png = baokao_paper::qr::png(&app.config.public_url, POSTER_MODULE_PX).map_err(Error::internal)?;
    Ok(web::file(png, "image/png", "报名二维码.png", false))
}

#[derive(Template)]
#[template(path = "accounts/pages/wechat.html")]
struct WechatPage<'a> {
    school: &'a str,
    url: String,
}

/// The page that leads out of WeChat's browser, to the same place in the phone's own.
pub fn wechat_guide(app: &App, uri: &Uri) -> Result<Response> {
    web::html(&WechatPage { school: app.settings().school(), url: format!("{}{}", app.config.public_url, uri.path()) })
}
