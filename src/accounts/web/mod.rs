//! Candidate routes: the entrance, registration, signing in, the personal centre.

mod entrance;
mod me;
mod messages;
mod privacy;
mod register;
mod sign_in;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

pub use entrance::wechat_guide;

use super::actions::codes::Solution;
use crate::error::{Error, Problems, Result};
use crate::web::routes::Routes;

/// Routes.
pub fn routes() -> Routes {
    Routes::new()
        .merge(entrance::routes())
        .merge(register::routes())
        .merge(sign_in::routes())
        .merge(me::routes())
        .merge(messages::routes())
        .merge(privacy::routes())
}

/// A form that is shown again, because something in it was wrong or it came too early; everything typed is kept.
struct Again {
    status: StatusCode,
    retry_after_s: Option<i64>,
    problems: Problems,
}

impl Again {
    /// Errors that belong on the form; a refusal as a whole goes under the field `whole`. Others are pages of their own.
    fn of(error: Error, whole: &'static str) -> Result<Self> {
        let status = error.status();
        match error {
            Error::Invalid(problems) => Ok(Self { status, retry_after_s: None, problems }),
            Error::TooMany { retry_after_s, message } => {
                Ok(Self { status, retry_after_s: Some(retry_after_s), problems: Problems::one(whole, message) })
            }
            Error::Refused { message, .. } => Ok(Self { status, retry_after_s: None, problems: Problems::one(whole, message) }),
            other => Err(other),
        }
    }

    /// The answer with this page.
    fn html(status: StatusCode, retry_after_s: Option<i64>, page: &impl Template) -> Result<Response> {
        let mut response = (status, Html(page.render()?)).into_response();
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Ok(response)
    }
}

/// The fields that every form with a code carries.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct SolutionFields {
    challenge: String,
    pow_nonce: String,
    answer: String,
}

impl SolutionFields {
    fn solution(&self) -> Solution<'_> {
        Solution { challenge: &self.challenge, nonce: &self.pow_nonce, answer: &self.answer }
    }
}
