//! Settings that staff change at the console: the school's name and looks, SMS, maintenance, retention, defaults. They lie in the database; the environment's values are their defaults.
//!
//! Everybody reads the snapshot of [`App::settings`](crate::app::App::settings); a change is in it at once in this process and within a second in every other.

pub mod actions;
pub mod cache;
pub mod colour;
pub mod consents;
pub mod console;
pub mod form;
pub mod review;
pub mod sms_page;
pub mod store;
pub mod web;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use cache::Cache;
pub use consents::Consents;
pub use review::Review;

use crate::ports::http::Endpoint;
use crate::ports::sms::aliyun::{self, Aliyun};
use crate::ports::sms::tencent::{self, Tencent};
use crate::ports::sms::webhook::Webhook;
use crate::ports::sms::{Kind, Provider, Template};

/// How the school shows itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct General {
    /// The school's name; "" leaves the environment's.
    pub school: String,
    /// Whom to call; "" leaves the environment's.
    pub help_phone: String,
    /// `#1f5aa6`, or "" for ours.
    pub brand: String,
    /// Its darker sister, or "" for one that is computed.
    pub brand_strong: String,
    /// Row id of the logo's picture.
    pub logo: Option<i64>,
    /// Its public reference, or "".
    pub logo_ref: String,
}

/// A provider's template for one kind of SMS, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateText {
    /// The provider's id.
    pub id: String,
    /// `code=code, minutes=minutes`: the provider's name, then ours.
    pub fields: String,
}

/// How SMS are sent. The provider's secret is kept apart, sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sms {
    /// `aliyun`, `tencent`, `webhook`, or "" for none.
    pub provider: String,
    /// Where, or "" for the provider's public address.
    pub address: String,
    /// AccessKey ID or SecretId.
    pub key_id: String,
    /// Tencent's SdkAppId.
    pub app: String,
    /// Tencent's region.
    pub region: String,
    /// 短信签名.
    pub sign: String,
    /// By kind.
    pub templates: BTreeMap<String, TemplateText>,
    /// What a part of an SMS costs, in thousandths of a yuan.
    pub price_li: i64,
    /// SMS a day that are not codes; 0: no limit.
    pub daily_limit: i64,
}

/// How long pictures are kept after an exam until staff say otherwise.
pub const PICTURES_DAYS: i64 = 180;

/// Maintenance, retention, and what a new exam begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Candidates see a calm page instead of the site.
    pub maintenance: bool,
    /// What it says.
    pub maintenance_message: String,
    /// Days after an exam's last subject until its pictures are deleted, and after the last upload of somebody who is registered for none; 0: they stay.
    pub pictures_days: i64,
    /// The fee item of a new exam.
    pub fee_name: String,
    /// The payment address of a new exam.
    pub payment_url: String,
    /// The payee of a new exam.
    pub payee: String,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            maintenance: false,
            maintenance_message: String::new(),
            pictures_days: PICTURES_DAYS,
            fee_name: String::new(),
            payment_url: String::new(),
            payee: String::new(),
        }
    }
}

impl Service {
    /// How long pictures are kept, for candidates; "" where nobody can say.
    pub fn pictures_kept(&self) -> String {
        match self.pictures_days {
            0 => String::new(),
            days => format!("证件、人脸照片和报名材料在考试结束 {days} 天后自动删除；没有报名考试的，在最近一次上传 {days} 天后删除。"),
        }
    }
}

/// What lies in the database.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the groups of Settings")]
pub struct Stored {
    pub general: General,
    pub sms: Sms,
    /// The provider's, open.
    pub secret: String,
    pub service: Service,
    pub review: Review,
    pub consents: Consents,
}

/// Everything, as it is now.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Grows with each change.
    pub version: i64,
    /// Name and looks.
    pub general: General,
    /// SMS.
    pub sms: Sms,
    /// Whether the provider's secret is there.
    pub has_sms_secret: bool,
    /// Who sends SMS.
    pub provider: Provider,
    /// Maintenance, retention, defaults.
    pub service: Service,
    /// How cases are reviewed.
    pub review: Review,
    /// What candidates agree to.
    pub consents: Consents,
    school: String,
    help_phone: String,
}

impl Settings {
    /// Puts together what was stored and what the environment says.
    pub fn new(version: i64, stored: Stored, defaults: &crate::config::Config) -> Self {
        let Stored { general, sms, secret, service, review, consents } = stored;
        let or = |own: &str, default: &str| if own.is_empty() { default.to_owned() } else { own.to_owned() };
        Self {
            version,
            school: or(&general.school, &defaults.school),
            help_phone: or(&general.help_phone, &defaults.help_phone),
            provider: provider(&sms, &secret, defaults.demo),
            has_sms_secret: !secret.is_empty(),
            general,
            sms,
            service,
            review,
            consents,
        }
    }

    /// The school's name.
    pub fn school(&self) -> &str {
        &self.school
    }

    /// Whom to call, or "".
    pub fn help_phone(&self) -> &str {
        &self.help_phone
    }

    /// The address of the school's own colours, or "" where it has none.
    pub fn brand_url(&self) -> String {
        if self.general.brand.is_empty() { String::new() } else { format!("/brand/{}.css", self.version) }
    }

    /// The address of the school's logo, or "".
    pub fn logo_url(&self) -> String {
        if self.general.logo_ref.is_empty() { String::new() } else { format!("/logo/{}", self.general.logo_ref) }
    }

    /// Whether SMS of this kind can be sent: there is a provider, and it has a template for it.
    pub fn sends(&self, kind: Kind) -> bool {
        let has = |templates: &[(Kind, Template)]| templates.iter().any(|(known, template)| *known == kind && !template.id.is_empty());
        match &self.provider {
            Provider::None => false,
            Provider::Outbox | Provider::Webhook(_) => true,
            Provider::Aliyun(aliyun) => has(&aliyun.templates),
            Provider::Tencent(tencent) => has(&tencent.templates),
        }
    }

    /// What an SMS of this text costs, in thousandths of a yuan: the operators count 70 characters, or 67 a part of a longer one.
    pub fn cost_li(&self, chars: usize) -> i64 {
        parts(chars) * self.sms.price_li
    }
}

/// Parts that an SMS of so many characters is sent in.
pub fn parts(chars: usize) -> i64 {
    if chars <= 70 { 1 } else { i64::try_from(chars.div_ceil(67)).unwrap_or(i64::MAX) }
}

/// `0.045` for 45 thousandths of a yuan, with two decimals where that is all.
pub fn yuan(li: i64) -> String {
    if li % 10 == 0 { format!("{}.{:02}", li / 1000, li % 1000 / 10) } else { format!("{}.{:03}", li / 1000, li % 1000) }
}

/// Reads [`TemplateText::fields`]; `None` where it is wrong. Values must be ones that the kind has.
pub fn template_fields(kind: Kind, text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split([',', '，', ';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (theirs, ours) = part.split_once('=')?;
            let (theirs, ours) = (theirs.trim(), ours.trim());
            let fits = !theirs.is_empty() && theirs.len() <= 40 && kind.fields().contains(&ours);
            fits.then(|| (theirs.to_owned(), ours.to_owned()))
        })
        .collect()
}

fn provider(sms: &Sms, secret: &str, demo: bool) -> Provider {
    let nobody = if demo { Provider::Outbox } else { Provider::None };
    let templates = || {
        let one = |kind: Kind| {
            let text = sms.templates.get(kind.code())?;
            Some((kind, Template { id: text.id.clone(), fields: template_fields(kind, &text.fields)? }))
        };
        Kind::ALL.into_iter().filter_map(one).collect()
    };
    let endpoint = |default: &str| Endpoint::parse(if sms.address.is_empty() { default } else { &sms.address }).ok();
    let (key_id, key_secret, sign) = (sms.key_id.clone(), secret.to_owned(), sms.sign.clone());
    let known = match sms.provider.as_str() {
        "aliyun" => endpoint(aliyun::ADDRESS)
            .map(|endpoint| Provider::Aliyun(Aliyun { endpoint, key_id, key_secret, sign, templates: templates() })),
        "tencent" => endpoint(tencent::ADDRESS).map(|endpoint| {
            let region = if sms.region.is_empty() { tencent::REGION.to_owned() } else { sms.region.clone() };
            Provider::Tencent(Tencent { endpoint, region, key_id, key_secret, app: sms.app.clone(), sign, templates: templates() })
        }),
        "webhook" => endpoint("").map(|endpoint| Provider::Webhook(Webhook { endpoint, secret: key_secret })),
        _ => None,
    };
    known.unwrap_or(nobody)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_their_price() {
        assert_eq!([1, 70, 71, 134, 135].map(parts), [1, 1, 2, 2, 3]);
        assert_eq!([0, 45, 50, 1234, 12_340].map(yuan), ["0.00", "0.045", "0.05", "1.234", "12.34"]);
    }

    #[test]
    fn a_template_takes_only_values_that_its_kind_has() {
        let read = template_fields(Kind::Code, "验证码=code，time = minutes").expect("read");
        assert_eq!(read, [("验证码".to_owned(), "code".to_owned()), ("time".to_owned(), "minutes".to_owned())]);
        assert_eq!(template_fields(Kind::Code, ""), Some(Vec::new()));
        for wrong in ["code", "x=title", "=code"] {
            assert_eq!(template_fields(Kind::Code, wrong), None, "{wrong}");
        }
    }
}
