//! Where a provider sends what became of our SMS. The address is known to it and to administrators only; it names the provider and carries our signature.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};

use super::actions::sending;
use crate::app::App;
use crate::error::Result;
use crate::types::Access;
use crate::web::routes::Routes;

/// `/sms/reports/{provider}/{token}`.
pub fn routes() -> Routes {
    Routes::new().post("/sms/reports/{provider}/{token}", Access::Public, take)
}

async fn take(State(app): State<App>, Path((provider, token)): Path<(String, String)>, body: Bytes) -> Result<Response> {
    sending::take_reports(&app, &provider, &token, &body).await?;
    // What Aliyun and what Tencent wants to hear.
    Ok(Json(serde_json::json!({ "code": 0, "msg": "成功", "result": 0, "errmsg": "OK" })).into_response())
}
