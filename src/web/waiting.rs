//! The page that waits for a job, for a browser and for its script (`static/wait.js`).

use askama::Template;
use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::client::Client;
use super::layout::Page;
use crate::error::Result;
use crate::jobs::Place;

/// What is waited for.
#[derive(Debug)]
pub struct Waiting {
    /// Of the page.
    pub title: &'static str,
    /// What is being done.
    pub message: &'static str,
    /// What is safe already, and that one may leave.
    pub promise: &'static str,
    /// Where the way back leads.
    pub back: String,
    /// The address of this page.
    pub here: String,
    /// Where it goes on when it is done.
    pub next: String,
}

#[derive(Template)]
#[template(path = "web/pages/waiting.html")]
struct WaitingPage {
    page: Page,
    waiting: Waiting,
    detail: String,
}

/// Goes on where nothing is waited for any more; else tells the place in the queue and the time that it will take, in JSON where a script asks.
pub fn answer(page: Page, client: &Client, waiting: Waiting, place: Option<Place>) -> Result<Response> {
    match place {
        None if client.wants_json => Ok(Json(json!({ "done": true, "next": waiting.next })).into_response()),
        None => Ok(client.go(&waiting.next)),
        Some(place) if client.wants_json => {
            Ok(Json(json!({ "done": false, "message": waiting.message, "detail": words(place) })).into_response())
        }
        Some(place) => super::html(&WaitingPage { page, waiting, detail: words(place) }),
    }
}

fn words(place: Place) -> String {
    let time = match place.seconds {
        seconds @ ..60 => format!("{seconds} 秒"),
        seconds => format!("{} 分钟", (seconds + 59) / 60),
    };
    match place.ahead {
        ..=0 => format!("大约还需 {time}"),
        ahead => format!("前面还有 {ahead} 个，大约还需 {time}"),
    }
}
