//! 阿里云短信服务: `SendSms` of 2017-05-25, signed by V3 (ACS3-HMAC-SHA256) as specified in 阿里云 OpenAPI「V3版本请求体&签名机制」.

use serde_json::{Map, Value};

use super::{Outcome, Outgoing, Template, Why, once, text};
use crate::crypto::{hex, keyed, sha256};
use crate::ports::http::{Endpoint, Http};
use crate::types::UnixMs;

/// The public address of the service.
pub const ADDRESS: &str = "https://dysmsapi.aliyuncs.com";
const VERSION: &str = "2017-05-25";

/// What never becomes right by waiting; the rest (money, limits, keys, their own faults) is tried again.
const FINAL: [&str; 8] = [
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.MOBILE_COUNT_OVER_LIMIT",
    "isv.INVALID_PARAMETERS",
    "isv.PARAM_LENGTH_LIMIT",
    "isv.PARAM_NOT_SUPPORT_URL",
    "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.TEMPLATE_PARAMS_ILLEGAL",
    "isv.BLACK_KEY_CONTROL_LIMIT",
];

/// An account there.
#[derive(Clone, Debug)]
pub struct Aliyun {
    /// Where.
    pub endpoint: Endpoint,
    /// AccessKey ID.
    pub key_id: String,
    /// AccessKey secret.
    pub key_secret: String,
    /// The approved signature (短信签名).
    pub sign: String,
    /// By kind.
    pub templates: Vec<(super::Kind, Template)>,
}

impl Aliyun {
    pub(super) async fn send(&self, http: &Http, now: UnixMs, nonce: &str, sms: &Outgoing) -> Outcome {
        let Some(template) = super::template(&self.templates, sms.kind) else {
            return Outcome::Later(Why::new("no_template", ""));
        };
        let values: Map<String, Value> =
            template.fields.iter().map(|(theirs, ours)| (theirs.clone(), Value::from(sms.value(ours)))).collect();
        let query = canonical_query(&[
            ("OutId", &sms.id.to_string()),
            // Foreign numbers without their plus.
            ("PhoneNumbers", sms.phone.as_str().trim_start_matches('+')),
            ("SignName", &self.sign),
            ("TemplateCode", &template.id),
            ("TemplateParam", &Value::Object(values).to_string()),
        ]);
        let date = iso(now);
        let signed = [
            ("host", self.endpoint.host()),
            ("x-acs-action", "SendSms".to_owned()),
            ("x-acs-content-sha256", hex(&sha256(b""))),
            ("x-acs-date", date),
            ("x-acs-signature-nonce", nonce.to_owned()),
            ("x-acs-version", VERSION.to_owned()),
        ];
        let authorization = authorization(&self.key_id, &self.key_secret, &query, &signed);
        let mut headers: Vec<(&'static str, String)> = signed.into_iter().skip(1).collect();
        headers.push(("authorization", authorization));
        headers.push(("accept", "application/json".into()));
        let answer = match http.post(&self.endpoint, &format!("/?{query}"), &headers, Vec::new()).await {
            Ok(answer) => answer,
            Err(failure) => return once(failure),
        };
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            let why = Why::new("unreadable", format!("HTTP {}", answer.status));
            return if answer.status == 200 { Outcome::Unknown(why) } else { Outcome::Later(why) };
        };
        match text(&body, "/Code") {
            "OK" => Outcome::Sent(text(&body, "/BizId").chars().take(100).collect()),
            code => {
                let why = Why::new(code, text(&body, "/Message"));
                if FINAL.contains(&code) { Outcome::Refused(why) } else { Outcome::Later(why) }
            }
        }
    }
}

/// `2023-10-26T10:22:32Z`.
fn iso(at: UnixMs) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// RFC 3986: everything but letters, digits and `-_.~`.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// Sorted by name by the caller.
fn canonical_query(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// The header `authorization` of a POST to `/` without a body. `headers`: all that are signed, in lower case, sorted.
fn authorization(key_id: &str, key_secret: &str, query: &str, headers: &[(&str, String)]) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let request = format!("POST\n/\n{query}\n{lines}\n{names}\n{}", hex(&sha256(b"")));
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", hex(&sha256(request.as_bytes())));
    let signature = hex(&keyed(key_secret.as_bytes(), to_sign.as_bytes()));
    format!("ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of 「V3版本请求体&签名机制」: RunInstances.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let query = canonical_query(&[("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"), ("RegionId", "cn-shanghai")]);
        let headers = [
            ("host", "ecs.cn-shanghai.aliyuncs.com".to_owned()),
            ("x-acs-action", "RunInstances".to_owned()),
            ("x-acs-content-sha256", hex(&sha256(b""))),
            ("x-acs-date", iso(UnixMs(1_698_315_752_000))),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d".to_owned()),
            ("x-acs-version", "2014-05-26".to_owned()),
        ];
        let expected = "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
                        Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
        assert_eq!(authorization("YourAccessKeyId", "YourAccessKeySecret", &query, &headers), expected);
    }

    #[test]
    fn values_are_encoded_by_rfc_3986() {
        assert_eq!(canonical_query(&[("TemplateParam", "{\"码\":\"a b*~\"}")]), "TemplateParam=%7B%22%E7%A0%81%22%3A%22a%20b%2A~%22%7D");
    }
}
