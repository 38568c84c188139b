//! Error pages: an [`Error`](crate::error::Error) leaves its sentence in the response's extensions; here it becomes a page with a way back, or JSON for a script.

use askama::Template;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::client::{Client, FLASH_COOKIE, is_safe_next};
use super::layout::{ConsolePage, Page};
use crate::app::App;
use crate::error::{Door, Error, ErrorBody, SECOND_DOOR};

#[derive(Template)]
#[template(path = "web/pages/error.html")]
struct ErrorPage<'a> {
    page: Page,
    title: &'a str,
    sentence: &'a str,
    home: &'a str,
    /// Where the person came from, or "".
    back: &'a str,
}

/// The same to staff, with their menu around it.
#[derive(Template)]
#[template(path = "web/pages/console_error.html")]
struct ConsoleErrorPage<'a> {
    page: ConsolePage,
    title: &'a str,
    sentence: &'a str,
    back: &'a str,
}

/// Said to somebody whose form came after their session had ended.
const ENDED: &str = "登录已过期，刚才的内容没有提交。请重新登录，再提交一次。";
/// Said to somebody whose role asks for a second factor since their page was opened.
const OWED: &str = "您的角色现在要求两步验证，刚才的内容没有提交。请设置后再提交一次。";

/// The page that sent the request, as a path of ours: the way back for somebody whose upload was refused.
fn came_from(request: &Request) -> String {
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = referer.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    if path.starts_with("//") { String::new() } else { path.to_owned() }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "没有找到",
        StatusCode::FORBIDDEN => "没有权限",
        StatusCode::TOO_MANY_REQUESTS => "请稍候再试",
        StatusCode::PAYLOAD_TOO_LARGE => "文件太大",
        StatusCode::CONFLICT => "现在不能办理",
        StatusCode::UNPROCESSABLE_ENTITY => "请检查填写的内容",
        _ => "暂时没有办成",
    }
}

fn is_page(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// A path as the value of a query's field.
pub fn encode(path: &str) -> String {
    path.bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"/-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// Turns errors into pages, and clears the flash sentence once a page has shown it.
pub async fn layer(State(app): State<App>, client: Client, request: Request, next: Next) -> Response {
    let in_console = request.uri().path().starts_with("/console");
    let back = came_from(&request);
    // The page that was asked for, or that sent the form.
    let is_form = request.method() == Method::POST;
    let asked = if is_form { back.clone() } else { request.uri().path().to_owned() };
    let mut response = next.run(request).await;
    // Only whoever was turned away at the door: others come there by their own will, such as by signing out.
    let turned_away = response.extensions().get::<Door>().map(|door| door.0);
    if let Some(door) = turned_away.filter(|_| !client.wants_json && is_safe_next(&asked)) {
        // Behind the door one is where one wanted to be; static/page.js has kept what was typed.
        let to = format!("{door}?next={}", encode(&asked));
        let sentence = if door == SECOND_DOOR { OWED } else { ENDED };
        response = if is_form { client.go_saying(&to, sentence) } else { client.go(&to) };
    }
    if client.flash.is_some() && response.status().is_success() && !client.wants_json {
        let clear = format!("{FLASH_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        if let Ok(value) = HeaderValue::from_str(&clear) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    let status = response.status();
    let body = match response.extensions_mut().remove::<ErrorBody>() {
        Some(body) => body,
        // A feature's own page, such as a form that keeps what was typed.
        None if is_page(&response) => return response,
        // Answers of the router and of layers below us, which know no sentence.
        None if status == StatusCode::NOT_FOUND || status == StatusCode::METHOD_NOT_ALLOWED => {
            ErrorBody { sentence: Error::NotFound.sentence().into_owned(), code: "" }
        }
        None if status == StatusCode::SERVICE_UNAVAILABLE => ErrorBody {
            sentence: "这次请求用时太长，没有办完。请检查网络后再试一次，仍不行请联系学校。".into(),
            code: "",
        },
        None if status == StatusCode::PAYLOAD_TOO_LARGE => ErrorBody { sentence: crate::pictures::TOO_LARGE.into(), code: "" },
        None if status == StatusCode::FORBIDDEN && response.headers().get(header::CONTENT_TYPE).is_none() => ErrorBody {
            sentence: "这个请求不是从本站页面发出的，已被拒绝。请从首页重新进入后再试。".into(),
            code: "cross_site",
        },
        None => return response,
    };
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    let mut answer = if client.wants_json {
        (status, Json(serde_json::json!({ "error": body.sentence, "code": body.code }))).into_response()
    } else {
        let (title, sentence, back) = (title(status), body.sentence.as_str(), back.as_str());
        let rendered = match response.extensions_mut().remove::<ConsolePage>() {
            Some(page) => ConsoleErrorPage { page, title, sentence, back }.render(),
            None => {
                let home = if in_console { "/console" } else { "/" };
                ErrorPage { page: super::page(&app, &client), title, sentence, home, back }.render()
            }
        };
        match rendered {
            Ok(text) => (status, Html(text)).into_response(),
            Err(_) => (status, body.sentence.clone()).into_response(),
        }
    };
    if let Some(value) = retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, value);
    }
    answer
}
