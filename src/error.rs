//! What can go wrong, and which error to use when:
//!
//! - a field of a form is wrong, the person can mend it → [`Error::Invalid`] with one sentence per field (422; the page shows the form again, everything typed kept);
//! - a rule of the business forbids the step now (window closed, illegal state) → [`Error::Refused`] with a stable code and a sentence that says what to do (409);
//! - it does not exist, or it is somebody else's → [`Error::NotFound`] (404: a stranger learns nothing);
//! - nobody is signed in → [`Error::SignIn`] or [`Error::StaffSignIn`] (303 to the door);
//! - signed in, but without the permission → [`Error::Forbidden`] (403);
//! - too often → [`Error::TooMany`] (429 with Retry-After);
//! - the body is too large → [`Error::TooLarge`] (413);
//! - everything else is ours → [`Error::Internal`] (500; the cause goes to the log, never to the page).

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

/// What every action returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One sentence for each field that is wrong, in the order of the form. The field `""` is the form as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<(&'static str, Cow<'static, str>)>);

impl Problems {
    /// No problem yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One problem.
    pub fn one(field: &'static str, sentence: impl Into<Cow<'static, str>>) -> Self {
        let mut problems = Self::new();
        problems.add(field, sentence);
        problems
    }

    /// Adds a sentence for a field.
    pub fn add(&mut self, field: &'static str, sentence: impl Into<Cow<'static, str>>) {
        self.0.push((field, sentence.into()));
    }

    /// The first sentence for a field, or "".
    pub fn of(&self, field: &str) -> &str {
        self.0.iter().find(|(name, _)| *name == field).map_or("", |(_, sentence)| sentence)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All sentences with their fields.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(field, sentence)| (*field, sentence.as_ref()))
    }

    /// `Ok(())` when nothing is wrong, else `Err(Error::Invalid)`.
    pub fn into_result(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::Invalid(self)) }
    }

    /// Unwraps a parsed value, or notes the sentence under `field`.
    pub fn take<T, S: Into<Cow<'static, str>>>(&mut self, field: &'static str, parsed: Result<T, S>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(sentence) => {
                self.add(field, sentence);
                None
            }
        }
    }
}

/// See the module's head for which to use when.
#[derive(Debug)]
pub enum Error {
    /// Fields that the person can mend.
    Invalid(Problems),
    /// A rule forbids it now.
    Refused {
        /// Stable, for tests and logs.
        code: &'static str,
        /// What to do, in Chinese.
        message: Cow<'static, str>,
    },
    /// Not there, or not theirs.
    NotFound,
    /// A candidate must sign in first.
    SignIn,
    /// A staff member must sign in first.
    StaffSignIn,
    /// A staff member whose role asks for a second factor has to set one up first.
    SecondFactor,
    /// Signed in without the permission.
    Forbidden,
    /// Too often.
    TooMany {
        /// When it makes sense to try again, in seconds.
        retry_after_s: i64,
        /// What to do, in Chinese.
        message: Cow<'static, str>,
    },
    /// The request's body is over its limit; the sentence names the limit.
    TooLarge(Cow<'static, str>),
    /// Ours. Logged, never shown.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A rule forbids it now.
    pub fn refused(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused { code, message: message.into() }
    }

    /// One field is wrong.
    pub fn invalid(field: &'static str, sentence: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid(Problems::one(field, sentence))
    }

    /// Our own failure, with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The status code it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused { .. } => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn | Self::StaffSignIn | Self::SecondFactor => StatusCode::SEE_OTHER,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The sentence for the person.
    pub fn sentence(&self) -> Cow<'static, str> {
        match self {
            Self::Invalid(problems) => problems.iter().map(|(_, s)| s).collect::<Vec<_>>().join(" ").into(),
            Self::Refused { message, .. } | Self::TooMany { message, .. } => message.clone(),
            Self::TooLarge(message) => message.clone(),
            Self::NotFound => "没有找到这个页面。请返回首页，或联系学校。".into(),
            Self::SignIn | Self::StaffSignIn => "请先登录。".into(),
            Self::SecondFactor => "请先开启两步验证。".into(),
            Self::Forbidden => "您的账号没有这项权限。如有需要请联系技术管理员。".into(),
            Self::Internal(_) => "系统暂时没有办成这件事，您填写的内容没有丢失。请稍后再试，仍不行请联系学校。".into(),
        }
    }
}

/// Carried in the response's extensions: the error-page layer (`web::errors`) turns it into a page, a fragment or JSON.
#[derive(Clone, Debug)]
pub struct ErrorBody {
    /// The sentence for the person.
    pub sentence: String,
    /// The stable code of a refusal, else "".
    pub code: &'static str,
}

/// On an answer that leads somebody to a door: nobody is signed in, or a second factor has to be set up first.
#[derive(Clone, Copy, Debug)]
pub struct Door(pub &'static str);

/// Where a second factor is set up.
pub const SECOND_DOOR: &str = "/console/me/second-factor";

fn to_door(door: &'static str) -> Response {
    let mut response = Redirect::to(door).into_response();
    response.extensions_mut().insert(Door(door));
    response
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match &self {
            Self::SignIn => return to_door("/login"),
            Self::StaffSignIn => return to_door("/console/login"),
            Self::SecondFactor => return to_door(SECOND_DOOR),
            Self::Internal(cause) => tracing::error!(cause = %cause, "internal error"),
            _ => {}
        }
        let code = if let Self::Refused { code, .. } = &self { code } else { "" };
        let body = ErrorBody { sentence: self.sentence().into_owned(), code };
        let mut response = (self.status(), body.sentence.clone()).into_response();
        if let Self::TooMany { retry_after_s, .. } = &self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
        }
        response.extensions_mut().insert(body);
        response
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Internal(cause) => write!(f, "internal: {cause}"),
            Self::Refused { code, message } => write!(f, "{code}: {message}"),
            other => write!(f, "{}", other.sentence()),
        }
    }
}

impl std::error::Error for Error {}

macro_rules! internal_from {
    ($($cause:ty),+ $(,)?) => {$(
        impl From<$cause> for Error {
            fn from(cause: $cause) -> Self {
                Self::Internal(Box::new(cause))
            }
        }
    )+};
}
internal_from!(sqlx::Error, std::io::Error, serde_json::Error, askama::Error, tokio::task::JoinError);
