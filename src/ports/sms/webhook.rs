//! A gateway of the school's own: one JSON object by POST. Three headers come with it: `x-baokao-id` (the same at every try, so that the gateway sends once), `x-baokao-timestamp`
//! (Unix seconds) and `x-baokao-signature`: `sha256=` and, in hex, the HMAC-SHA-256 of `timestamp.body` under the shared secret. 2xx: taken; 408, 425, 429, 5xx: try again; else refused.

use serde_json::{Map, Value, json};

use super::{Outcome, Outgoing, Why, text};
use crate::crypto::{hex, keyed};
use crate::ports::http::{Endpoint, Http};
use crate::types::UnixMs;

/// The gateway.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Where.
    pub endpoint: Endpoint,
    /// Shared with it.
    pub secret: String,
}

impl Webhook {
    pub(super) async fn send(&self, http: &Http, now: UnixMs, sms: &Outgoing) -> Outcome {
        let values: Map<String, Value> = sms.values.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let id = sms.id.to_string();
        let body =
            json!({ "id": id, "phone": sms.phone.as_str(), "kind": sms.kind.code(), "text": sms.text, "values": values }).to_string();
        let seconds = now.0.div_euclid(1000).to_string();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("x-baokao-id", id.clone()),
            ("x-baokao-signature", signature(&self.secret, &seconds, &body)),
            ("x-baokao-timestamp", seconds),
        ];
        // It knows the id: a second try does no harm.
        let answer = match http.post(&self.endpoint, self.endpoint.path(), &headers, body.into_bytes()).await {
            Ok(answer) => answer,
            Err(failure) => return Outcome::Later(Why::new("unreached", failure.to_string())),
        };
        let read: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let why = || {
            let code = text(&read, "/code");
            Why::new(if code.is_empty() { "http" } else { code }, format!("HTTP {} {}", answer.status, text(&read, "/message")))
        };
        match answer.status {
            200..=299 => Outcome::Sent(match text(&read, "/id") {
                "" => id,
                theirs => theirs.chars().take(100).collect(),
            }),
            408 | 425 | 429 | 500..=599 => Outcome::Later(why()),
            _ => Outcome::Refused(why()),
        }
    }
}

/// The header `x-baokao-signature`.
pub fn signature(secret: &str, seconds: &str, body: &str) -> String {
    format!("sha256={}", hex(&keyed(secret.as_bytes(), format!("{seconds}.{body}").as_bytes())))
}
