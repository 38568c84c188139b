//! Reading the forms of the settings pages.

use std::collections::BTreeMap;

use super::colour::Colour;
use super::{General, PICTURES_DAYS, Service, Sms, TemplateText, template_fields};
use crate::error::{Error, Problems, Result};
use crate::ports::http::Endpoint;
use crate::ports::sms::Kind;
use crate::types::line;

const MAX_NAME_CHARS: usize = 40;
const MAX_MESSAGE_CHARS: usize = 300;
/// Ten years.
const MAX_DAYS: i64 = 3650;
const MAX_DAILY: i64 = 10_000_000;
/// Ten yuan a part.
const MAX_PRICE_LI: i64 = 10_000;

/// What is typed on the first page.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct GeneralForm {
    pub school: String,
    pub help_phone: String,
    pub brand: String,
    pub brand_strong: String,
}

/// What is typed on the page about SMS.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct SmsForm {
    pub provider: String,
    pub address: String,
    pub key_id: String,
    pub secret: String,
    pub app: String,
    pub region: String,
    pub sign: String,
    /// In the order of [`Kind::ALL`].
    pub template_ids: Vec<String>,
    pub template_fields: Vec<String>,
    pub price: String,
    pub daily_limit: String,
}

/// What is typed on the page about the running of the site.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the fields of the form")]
pub struct ServiceForm {
    pub maintenance: bool,
    pub maintenance_message: String,
    pub pictures_days: String,
    pub fee_name: String,
    pub payment_url: String,
    pub payee: String,
}

fn optional(text: &str, max: usize, too_long: &'static str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Ok(String::new()) } else { line(text, max, "请去掉看不见的字符。", too_long) }
}

fn number(text: &str, max: i64, wrong: &'static str) -> Result<i64, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().ok().filter(|number| (0..=max).contains(number)).ok_or(wrong)
}

/// Days that pictures are kept. That they are never deleted is said by typing 0, not by typing nothing.
fn days(text: &str) -> Result<i64, &'static str> {
    const WRONG: &str = "请填写天数，1 到 3650；不自动删除请填 0。";
    if text.trim().is_empty() { Err(WRONG) } else { number(text, MAX_DAYS, WRONG) }
}

/// Yuan with at most three decimals, in thousandths.
fn price(text: &str) -> Result<i64, &'static str> {
    const WRONG: &str = "请填写每条短信的价格，例如 0.045；不知道可以留空。";
    let text = text.trim().trim_start_matches(['¥', '￥']).trim_end_matches('元');
    if text.is_empty() {
        return Ok(0);
    }
    let (yuan, rest) = text.split_once('.').unwrap_or((text, ""));
    if yuan.is_empty() || yuan.len() > 2 || rest.len() > 3 || !yuan.bytes().chain(rest.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(WRONG);
    }
    format!("{yuan}{rest:0<3}").parse().ok().filter(|li| *li <= MAX_PRICE_LI).ok_or(WRONG)
}

/// Reads the first page over what is set now; the logo stays.
pub fn general(form: &GeneralForm, now: &General) -> Result<General> {
    let mut problems = Problems::new();
    let school = problems.take("school", optional(&form.school, MAX_NAME_CHARS, "学校名称不能超过 40 个字。"));
    let phone = problems.take("help_phone", optional(&form.help_phone, MAX_NAME_CHARS, "联系电话不能超过 40 个字。"));
    let mut colour = |field: &'static str, text: &str| {
        if text.trim().is_empty() {
            return None;
        }
        match Colour::parse(text) {
            None => problems.add(field, "请填写颜色，例如 #1f5aa6。"),
            Some(colour) if !colour.reads() => problems.add(field, "这个颜色太浅，文字会看不清，请选深一些的颜色。"),
            Some(colour) => return Some(colour),
        }
        None
    };
    let brand = colour("brand", &form.brand);
    let strong = colour("brand_strong", &form.brand_strong);
    problems.into_result()?;
    Ok(General {
        school: school.unwrap_or_default(),
        help_phone: phone.unwrap_or_default(),
        brand: brand.map(Colour::css).unwrap_or_default(),
        brand_strong: strong.filter(|_| brand.is_some()).map(Colour::css).unwrap_or_default(),
        ..now.clone()
    })
}

/// Reads the page about SMS; the second value is a new secret. `has_secret`: one for this provider is there already.
pub fn sms(form: &SmsForm, has_secret: bool) -> Result<(Sms, Option<String>)> {
    let mut problems = Problems::new();
    let provider = form.provider.trim();
    if !matches!(provider, "" | "aliyun" | "tencent" | "webhook") {
        problems.add("provider", "请选择短信服务商。");
    }
    let mut text = |field: &'static str, text: &str, missing: Option<&'static str>| match optional(text, 200, "填写的内容太长，请核对。")
    {
        Err(sentence) => {
            problems.add(field, sentence);
            String::new()
        }
        Ok(text) => {
            if let Some(missing) = missing.filter(|_| text.is_empty()) {
                problems.add(field, missing);
            }
            text
        }
    };
    let is_cloud = matches!(provider, "aliyun" | "tencent");
    let address = text("address", &form.address, (provider == "webhook").then_some(Endpoint::WRONG));
    let key_id = text("key_id", &form.key_id, is_cloud.then_some("请填写密钥编号（AccessKey ID 或 SecretId）。"));
    let app = text("app", &form.app, (provider == "tencent").then_some("请填写短信应用的 SdkAppId。"));
    let region = text("region", &form.region, None);
    let sign = text("sign", &form.sign, is_cloud.then_some("请填写审核通过的短信签名。"));
    let secret = text("secret", &form.secret, (!provider.is_empty() && !has_secret).then_some("请填写密钥。"));
    if !address.is_empty()
        && let Err(sentence) = Endpoint::parse(&address)
    {
        problems.add("address", sentence);
    }
    let mut templates = BTreeMap::new();
    for (at, kind) in Kind::ALL.into_iter().enumerate() {
        let typed = |list: &[String]| list.get(at).map(|text| text.trim().to_owned()).unwrap_or_default();
        let template = TemplateText { id: typed(&form.template_ids), fields: typed(&form.template_fields) };
        let fits = template.id.len() <= 60 && template.fields.len() <= 400 && !template.id.chars().any(char::is_control);
        if !fits || template_fields(kind, &template.fields).is_none() {
            problems.add(
                "templates",
                format!("“{}”的模板没有填对：参数写成“服务商的名称=我们的名称”，可用的有 {}。", kind.word(), kind.fields().join("、")),
            );
        }
        templates.insert(kind.code().to_owned(), template);
    }
    let price_li = problems.take("price", price(&form.price));
    let daily_limit =
        problems.take("daily_limit", number(&form.daily_limit, MAX_DAILY, "请填写每天最多发送的条数，例如 5000；不限制请留空。"));
    problems.into_result()?;
    let sms = Sms {
        provider: provider.to_owned(),
        address,
        key_id,
        app,
        region,
        sign,
        templates,
        price_li: price_li.unwrap_or_default(),
        daily_limit: daily_limit.unwrap_or_default(),
    };
    Ok((sms, Some(secret).filter(|secret| !secret.is_empty())))
}

/// Reads the page about the running of the site.
pub fn service(form: &ServiceForm) -> Result<Service> {
    let mut problems = Problems::new();
    let message = form.maintenance_message.trim().to_owned();
    if message.chars().count() > MAX_MESSAGE_CHARS {
        problems.add("maintenance_message", "维护说明不能超过 300 个字。");
    }
    let days = problems.take("pictures_days", days(&form.pictures_days));
    let fee_name = problems.take("fee_name", optional(&form.fee_name, 60, "收费项目名称不能超过 60 个字。"));
    let payee = problems.take("payee", optional(&form.payee, 60, "收款方不能超过 60 个字。"));
    let payment_url = form.payment_url.trim().to_owned();
    if !payment_url.is_empty() && (!(payment_url.starts_with("https://") || payment_url.starts_with("http://")) || payment_url.len() > 500)
    {
        problems.add("payment_url", "缴费网址要以 https:// 开头。");
    }
    problems.into_result()?;
    Ok(Service {
        maintenance: form.maintenance,
        maintenance_message: message,
        // Read, or the form would not have come so far.
        pictures_days: days.unwrap_or(PICTURES_DAYS),
        fee_name: fee_name.unwrap_or_default(),
        payment_url,
        payee: payee.unwrap_or_default(),
    })
}

/// What a page says where something is wrong with a form that was not even asked for.
pub fn problems_of(error: Error) -> Result<Problems> {
    match error {
        Error::Invalid(problems) => Ok(problems),
        other => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_typed_and_never_left_out() {
        assert_eq!(["1", " 180 ", "3650", "0"].map(days), [Ok(1), Ok(180), Ok(3650), Ok(0)]);
        for wrong in ["", " ", "x", "-1", "3651", "1.5"] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn prices_are_read_to_the_thousandth() {
        assert_eq!(["0.045", "¥0.05", "", "1"].map(price), [Ok(45), Ok(50), Ok(0), Ok(1000)]);
        for wrong in ["x", "0.0455", "-1", "100", "0,05"] {
            assert!(price(wrong).is_err(), "{wrong}");
        }
    }
}
