//! 腾讯云短信: `SendSms` of 2021-01-11, signed by TC3-HMAC-SHA256 as specified in 腾讯云 API「签名方法 v3」.

use serde_json::{Value, json};

use super::{Outcome, Outgoing, Template, Why, once, text};
use crate::crypto::{hex, keyed, sha256};
use crate::ports::http::{Endpoint, Http};
use crate::types::UnixMs;

/// The public address of the service.
pub const ADDRESS: &str = "https://sms.tencentcloudapi.com";
/// Where requests are handled unless the operator says otherwise.
pub const REGION: &str = "ap-guangzhou";
const VERSION: &str = "2021-01-11";
const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// What never becomes right by waiting, by the beginning of the code.
const FINAL: [&str; 6] = [
    "FailedOperation.PhoneNumberInBlacklist",
    "FailedOperation.ContainSensitiveWord",
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
    "InvalidParameter",
    "MissingParameter",
    "UnsupportedOperation",
];

/// An account there.
#[derive(Clone, Debug)]
pub struct Tencent {
    /// Where.
    pub endpoint: Endpoint,
    /// Region.
    pub region: String,
    /// SecretId.
    pub key_id: String,
    /// SecretKey.
    pub key_secret: String,
    /// SdkAppId.
    pub app: String,
    /// The approved signature (短信签名).
    pub sign: String,
    /// By kind.
    pub templates: Vec<(super::Kind, Template)>,
}

impl Tencent {
    pub(super) async fn send(&self, http: &Http, now: UnixMs, sms: &Outgoing) -> Outcome {
        let Some(template) = super::template(&self.templates, sms.kind) else {
            return Outcome::Later(Why::new("no_template", ""));
        };
        let phone = sms.phone.as_str();
        let phone = if phone.starts_with('+') { phone.to_owned() } else { format!("+86{phone}") };
        let values: Vec<&str> = template.fields.iter().map(|(_, ours)| sms.value(ours)).collect();
        let body = json!({
            "PhoneNumberSet": [phone], "SmsSdkAppId": self.app, "SignName": self.sign, "TemplateId": template.id,
            "TemplateParamSet": values, "SessionContext": sms.id.to_string(),
        })
        .to_string();
        let seconds = now.0.div_euclid(1000);
        let host = self.endpoint.host();
        let headers = [("content-type", CONTENT_TYPE), ("host", host.as_str()), ("x-tc-action", "sendsms")];
        let headers = vec![
            ("authorization", authorization(&self.key_id, &self.key_secret, "sms", seconds, &headers, &body)),
            ("content-type", CONTENT_TYPE.to_owned()),
            ("x-tc-action", "SendSms".to_owned()),
            ("x-tc-region", self.region.clone()),
            ("x-tc-timestamp", seconds.to_string()),
            ("x-tc-version", VERSION.to_owned()),
        ];
        let answer = match http.post(&self.endpoint, "/", &headers, body.into_bytes()).await {
            Ok(answer) => answer,
            Err(failure) => return once(failure),
        };
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            let why = Why::new("unreadable", format!("HTTP {}", answer.status));
            return if answer.status == 200 { Outcome::Unknown(why) } else { Outcome::Later(why) };
        };
        let refusal = text(&body, "/Response/Error/Code");
        let (code, message) = if refusal.is_empty() {
            (text(&body, "/Response/SendStatusSet/0/Code"), text(&body, "/Response/SendStatusSet/0/Message"))
        } else {
            (refusal, text(&body, "/Response/Error/Message"))
        };
        match code {
            "Ok" => Outcome::Sent(text(&body, "/Response/SendStatusSet/0/SerialNo").chars().take(100).collect()),
            "" => Outcome::Unknown(Why::new("unreadable", format!("HTTP {}", answer.status))),
            code if FINAL.iter().any(|known| code.starts_with(known)) => Outcome::Refused(Why::new(code, message)),
            code => Outcome::Later(Why::new(code, message)),
        }
    }
}

/// The header `authorization` of a POST to `/`. `headers`: all that are signed, in lower case, sorted; `seconds` since 1970.
fn authorization(key_id: &str, key_secret: &str, service: &str, seconds: i64, headers: &[(&str, &str)], body: &str) -> String {
    let day = jiff::Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y-%m-%d").to_string();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let request = format!("POST\n/\n\n{lines}\n{names}\n{}", hex(&sha256(body.as_bytes())));
    let scope = format!("{day}/{service}/tc3_request");
    let to_sign = format!("TC3-HMAC-SHA256\n{seconds}\n{scope}\n{}", hex(&sha256(request.as_bytes())));
    let key = [day.as_str(), service, "tc3_request"]
        .iter()
        .fold(format!("TC3{key_secret}").into_bytes(), |key, part| keyed(&key, part.as_bytes()));
    format!("TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={}", hex(&keyed(&key, to_sign.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of 「签名方法 v3」: DescribeInstances.
    #[test]
    fn the_published_example_is_signed_as_published() {
        let body = r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
        let headers = [("content-type", CONTENT_TYPE), ("host", "cvm.tencentcloudapi.com")];
        let expected = "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, \
                        Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168";
        let signed =
            authorization("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "cvm", 1_551_113_065, &headers, body);
        assert_eq!(signed, expected);
    }
}
