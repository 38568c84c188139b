//! Sending SMS: Aliyun, Tencent Cloud, a webhook of the school's own gateway, or the demo's outbox. The providers' signatures follow their public specifications and are tested
//! against the examples published there.
//!
//! What became of one is told in four ways ([`Outcome`]), because each asks for another answer: sent; refused for good; not now; not known.

pub mod aliyun;
pub mod tencent;
pub mod webhook;

use serde_json::Value;

use super::http::{Failure, Http};
use crate::types::{Phone, UnixMs};

/// What an SMS says. A provider sends a template that it approved for the kind, with our values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A code that proves the phone.
    Code,
    /// Something about a registration needs the candidate.
    State,
    /// 准考证可以下载了.
    Ticket,
    /// The exam's arrangements changed.
    Exam,
    /// Written by staff.
    Message,
}

impl Kind {
    /// All kinds, in the order of the settings page.
    pub const ALL: [Self; 5] = [Self::Code, Self::State, Self::Ticket, Self::Exam, Self::Message];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::State => "state",
            Self::Ticket => "ticket",
            Self::Exam => "exam",
            Self::Message => "message",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "验证码",
            Self::State => "审核结果",
            Self::Ticket => "准考证发布",
            Self::Exam => "考试变动",
            Self::Message => "通知群发",
        }
    }

    /// The values that it has for a template, by our names.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Code => &["code", "purpose", "minutes"],
            _ => &["title", "text", "school"],
        }
    }
}

/// A template that the provider approved: its id, and which of our values goes under which of its names, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// The provider's id; "" while there is none: this kind is then not sent.
    pub id: String,
    /// `(the provider's name, ours)`. Tencent's templates know no names: there the order counts.
    pub fields: Vec<(String, String)>,
}

/// One SMS.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Ours, the same at every try.
    pub id: i64,
    /// To whom.
    pub phone: Phone,
    /// What it says, by kind.
    pub kind: Kind,
    /// The whole text, for providers that take one.
    pub text: String,
    /// Values by our names.
    pub values: Vec<(String, String)>,
}

impl Outgoing {
    /// The value under one of our names, or "".
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took it; under this name its report will speak of it ("" for none).
    Sent(String),
    /// It will never be taken: the number, the text.
    Refused(Why),
    /// Not now, and nothing was sent: the provider is down, the money is used up, a setting is wrong. Another try may do it.
    Later(Why),
    /// It may have been sent. Trying again may send it twice.
    Unknown(Why),
}

/// The provider's code and words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// Such as `isv.BUSINESS_LIMIT_CONTROL`; ours are `unreached`, `unanswered`, `unreadable`, `no_template`.
    pub code: String,
    /// In the provider's language.
    pub message: String,
}

impl Why {
    fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.chars().take(100).collect(), message: message.into().chars().take(300).collect() }
    }

    /// In words, for staff.
    pub fn sentence(&self) -> String {
        let known = match self.code.as_str() {
            "unreached" => "连接不上短信服务商，请检查服务器网络和服务地址",
            "unanswered" => "短信服务商没有答复，不确定是否已发出",
            "unreadable" => "短信服务商的答复看不懂，不确定是否已发出",
            "no_template" => "这类短信还没有填写模板编号",
            "isv.AMOUNT_NOT_ENOUGH" | "isv.OUT_OF_SERVICE" | "FailedOperation.InsufficientBalanceInSmsPackage" => {
                "短信账户余额或套餐不足，请充值"
            }
            "SignatureDoesNotMatch" | "InvalidAccessKeySecret" | "AuthFailure.SignatureFailure" => "密钥不对，请重新填写密钥",
            "InvalidAccessKeyId.NotFound" | "AuthFailure.SecretIdNotFound" => "密钥编号不存在或已停用",
            "isv.SMS_SIGNATURE_ILLEGAL" | "FailedOperation.SignatureIncorrectOrUnapproved" => "短信签名未通过审核或填写有误",
            "isv.SMS_TEMPLATE_ILLEGAL" | "FailedOperation.TemplateIncorrectOrUnapproved" => "短信模板未通过审核或编号有误",
            "isv.TEMPLATE_MISSING_PARAMETERS" | "FailedOperation.TemplateParamSetNotMatchApprovedTemplate" => {
                "模板参数与审核通过的模板不一致"
            }
            "isv.BUSINESS_LIMIT_CONTROL" | "LimitExceeded.PhoneNumberDailyLimit" | "LimitExceeded.PhoneNumberOneHourLimit" => {
                "这个号码收到的短信太多，被服务商限制"
            }
            "isv.MOBILE_NUMBER_ILLEGAL" | "InvalidParameterValue.IncorrectPhoneNumber" => "号码不存在或格式不对",
            "isv.BLACK_KEY_CONTROL_LIMIT" | "FailedOperation.ContainSensitiveWord" => "内容含有服务商不允许的词语",
            "FailedOperation.PhoneNumberInBlacklist" => "这个号码拒收短信",
            "isp.RAM_PERMISSION_DENY" | "UnauthorizedOperation.SmsSdkAppIdVerifyFail" => "密钥没有发送短信的权限",
            _ => "短信服务商没有接受",
        };
        if self.code.is_empty() { format!("{known}。") } else { format!("{known}（{} {}）。", self.code, self.message.trim()) }
    }
}

/// Who sends.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Nobody: SMS are closed.
    None,
    /// The demo's page: what is written there has arrived.
    Outbox,
    /// 阿里云短信服务.
    Aliyun(aliyun::Aliyun),
    /// 腾讯云短信.
    Tencent(tencent::Tencent),
    /// The school's own gateway.
    Webhook(webhook::Webhook),
}

impl Provider {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Outbox => "outbox",
            Self::Aliyun(_) => "aliyun",
            Self::Tencent(_) => "tencent",
            Self::Webhook(_) => "webhook",
        }
    }

    /// Asks the provider to send one now.
    pub async fn send(&self, http: &Http, now: UnixMs, nonce: &str, sms: &Outgoing) -> Outcome {
        match self {
            Self::None => Outcome::Later(Why::new("closed", "")),
            Self::Outbox => Outcome::Sent(String::new()),
            Self::Aliyun(provider) => provider.send(http, now, nonce, sms).await,
            Self::Tencent(provider) => provider.send(http, now, sms).await,
            Self::Webhook(provider) => provider.send(http, now, sms).await,
        }
    }
}

/// A report of what became of an SMS that was taken: the provider's name for it, whether it arrived, and the code if not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What [`Outcome::Sent`] named.
    pub reference: String,
    /// On the phone.
    pub has_arrived: bool,
    /// The provider's code.
    pub code: String,
}

/// At most so many reports are taken from one request.
const MAX_REPORTS: usize = 1000;

/// Reads the reports that a provider pushes: a JSON list whose entries are named by the provider's own fields.
pub fn reports(provider: &str, body: &[u8]) -> Option<Vec<Report>> {
    let list: Vec<Value> = serde_json::from_slice(body).ok()?;
    let text = |entry: &Value, name: &str| match &entry[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let read = |entry: &Value| match provider {
        "aliyun" => (text(entry, "biz_id"), entry["success"] == Value::Bool(true), text(entry, "err_code")),
        "tencent" => (text(entry, "sid"), entry["report_status"] == "SUCCESS", text(entry, "errmsg")),
        _ => (text(entry, "id"), entry["delivered"] == Value::Bool(true), text(entry, "code")),
    };
    let reports = list.iter().take(MAX_REPORTS).map(read).filter(|(reference, ..)| !reference.is_empty() && reference.len() <= 100);
    Some(reports.map(|(reference, has_arrived, code)| Report { reference, has_arrived, code: code.chars().take(100).collect() }).collect())
}

/// What a request that failed means where a second one may send twice.
fn once(failure: Failure) -> Outcome {
    match failure {
        Failure::Unreached(why) => Outcome::Later(Why::new("unreached", why)),
        Failure::Unanswered(why) => Outcome::Unknown(Why::new("unanswered", why)),
    }
}

/// The template of a kind, where there is one.
fn template(templates: &[(Kind, Template)], kind: Kind) -> Option<&Template> {
    templates.iter().find(|(known, _)| *known == kind).map(|(_, template)| template).filter(|template| !template.id.is_empty())
}

/// A text of an answer's JSON, or "".
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_providers_reports_are_read() {
        let aliyun = br#"[{"phone_number":"13900000001","success":true,"err_code":"DELIVERED","biz_id":"12345","out_id":"1"}]"#;
        let arrived = |reference: &str, has_arrived, code: &str| Report { reference: reference.into(), has_arrived, code: code.into() };
        assert_eq!(reports("aliyun", aliyun), Some(vec![arrived("12345", true, "DELIVERED")]));
        let tencent = br#"[{"nationcode":"86","mobile":"13900000001","report_status":"FAIL","errmsg":"MK:0001","sid":"8:abc"},{"sid":""}]"#;
        assert_eq!(reports("tencent", tencent), Some(vec![arrived("8:abc", false, "MK:0001")]));
        assert_eq!(reports("webhook", br#"[{"id":77,"delivered":true}]"#), Some(vec![arrived("77", true, "")]));
        assert_eq!(reports("aliyun", b"{}"), None);
    }
}
