//! What every page stands on: who asks ([`client`]), forms ([`form`]), sessions, headers, error pages, layouts. The routes come together in [`crate::router`].

pub mod assets;
pub mod client;
pub mod console;
pub mod errors;
pub mod form;
pub mod headers;
pub mod intake;
pub mod layout;
pub mod routes;
pub mod session;
pub mod tables;
pub mod throttle;
pub mod waiting;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::error::{Error, Result};
use client::Client;
use layout::Page;

/// What a search in an address is sealed for.
const QUERY: &str = "query";

/// Renders a page.
pub fn html(template: &impl Template) -> Result<Response> {
    Ok(Html(template.render()?).into_response())
}

/// Renders a form again with its problems: 422.
pub fn html_invalid(template: &impl Template) -> Result<Response> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(template.render()?)).into_response())
}

/// The frame of a candidate's page.
pub fn page(app: &App, client: &Client) -> Page {
    let settings = app.settings();
    Page::new(settings.school(), settings.help_phone())
        .demo(app.config.demo)
        .flash(client.flash.clone())
        .looks(settings.brand_url(), settings.logo_url())
}

/// Bytes to be saved under a name, or shown (`inline`). Never cached: they may be personal.
pub fn file(bytes: Vec<u8>, mime: &'static str, name: &str, inline: bool) -> Response {
    let ascii: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b == b'.' || b == b'-' { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    let way = if inline { "inline" } else { "attachment" };
    let disposition = format!("{way}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "private, no-store".into()),
    ];
    (headers, bytes).into_response()
}

/// What was typed into a search, as it may stand in an address: sealed, because names, numbers and phones must not.
pub fn seal_query(app: &App, typed: &str) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(app.keys.seal_text(QUERY, typed)?))
}

/// What [`seal_query`] sealed; not found where it is not ours.
pub fn open_query(app: &App, sealed: &str) -> Result<String> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Error::NotFound)?;
    app.keys.open_text(QUERY, &sealed).map_err(|_| Error::NotFound)
}

/// A picture, shown (`inline`) or saved as `name`. `mime` is one of those that are taken in.
pub fn picture(bytes: Vec<u8>, mime: &str, name: &str, inline: bool) -> Response {
    let (mime, end) = match mime {
        "image/png" => ("image/png", "png"),
        "image/webp" => ("image/webp", "webp"),
        _ => ("image/jpeg", "jpg"),
    };
    file(bytes, mime, &format!("{name}.{end}"), inline)
}

/// An address as a QR code of half-blocks, for a terminal.
pub fn qr_for_terminal(url: &str) -> String {
    fast_qr::QRBuilder::new(url).build().map_or_else(|_| String::new(), |code| code.to_str())
}
