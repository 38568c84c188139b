//! Routes.

use axum::Router;

use crate::app::App;

/// Routes.
pub fn routes() -> Router<App> {
    Router::new()
}

/// The page that leads out of WeChat's browser.
pub fn wechat_guide(_uri: &axum::http::Uri) -> crate::error::Result<axum::response::Response> {
    Err(crate::error::Error::NotFound)
}
