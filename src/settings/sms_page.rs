//! 设置 → 短信: who sends, with which templates, at what price; and a button to try it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::form::{SmsForm, problems_of};
use super::{actions, yuan};
use crate::app::App;
use crate::error::{Problems, Result};
use crate::ports::sms::Kind;
use crate::staff::{Permission, Staff};
use crate::types::Access;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::{Choice, ConsolePage};
use crate::web::routes::Routes;
use crate::web::{self};

/// `/console/settings/sms…`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/settings/sms", Access::everywhere(Permission::Administer), show)
        .post("/console/settings/sms", Access::everywhere(Permission::Administer), save)
        .post("/console/settings/sms/test", Access::everywhere(Permission::Administer), test)
}

#[derive(Template)]
#[template(path = "settings/pages/sms.html")]
struct SmsPage {
    page: ConsolePage,
    tab: &'static str,
    form: SmsForm,
    has_secret: bool,
    /// Whether codes can be sent, so that candidates can register.
    is_open: bool,
    demo: bool,
    /// Where the provider sends its reports.
    reports: String,
    phone: String,
    problems: Problems,
}

impl SmsPage {
    fn providers(&self) -> Vec<Choice> {
        let nobody = if self.demo { "演示（短信显示在演示页面）" } else { "暂不发送短信" };
        Choice::list(
            &[("", nobody), ("aliyun", "阿里云短信服务"), ("tencent", "腾讯云短信"), ("webhook", "学校自己的短信网关")],
            &self.form.provider,
        )
    }

    fn kinds(&self) -> Vec<(usize, Kind)> {
        Kind::ALL.into_iter().enumerate().collect()
    }

    fn at<'a>(&self, list: &'a [String], row: &usize) -> &'a str {
        list.get(*row).map_or("", String::as_str)
    }
}

fn page(app: &App, staff: &Staff, client: &Client, typed: Option<SmsForm>, problems: Problems) -> SmsPage {
    let settings = app.settings();
    let now = &settings.sms;
    let form = typed.unwrap_or_else(|| {
        let of = |kind: Kind| now.templates.get(kind.code()).cloned().unwrap_or_default();
        SmsForm {
            provider: now.provider.clone(),
            address: now.address.clone(),
            key_id: now.key_id.clone(),
            secret: String::new(),
            app: now.app.clone(),
            region: now.region.clone(),
            sign: now.sign.clone(),
            template_ids: Kind::ALL.map(|kind| of(kind).id).to_vec(),
            template_fields: Kind::ALL.map(|kind| of(kind).fields).to_vec(),
            price: if now.price_li == 0 { String::new() } else { yuan(now.price_li) },
            daily_limit: if now.daily_limit == 0 { String::new() } else { now.daily_limit.to_string() },
        }
    });
    let code = settings.provider.code();
    let reports = if now.provider.is_empty() {
        String::new()
    } else {
        format!("{}/sms/reports/{code}/{}", app.config.public_url, app.keys.sign("sms.reports", code))
    };
    SmsPage {
        page: staff.page(app, client, "settings"),
        tab: "sms",
        form,
        has_secret: settings.has_sms_secret,
        is_open: settings.sends(Kind::Code),
        demo: app.config.demo,
        reports,
        phone: String::new(),
        problems,
    }
}

async fn show(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require(Permission::Administer)?;
    web::html(&page(&app, &staff, &client, None, Problems::new()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    provider: String,
    address: String,
    key_id: String,
    secret: String,
    app: String,
    region: String,
    sign: String,
    template_id: Vec<String>,
    template_fields: Vec<String>,
    price: String,
    daily_limit: String,
}

async fn save(State(app): State<App>, staff: Staff, client: Client, Form(sent): Form<Sent>) -> Result<Response> {
    let form = SmsForm {
        provider: sent.provider,
        address: sent.address,
        key_id: sent.key_id,
        secret: sent.secret,
        app: sent.app,
        region: sent.region,
        sign: sent.sign,
        template_ids: sent.template_id,
        template_fields: sent.template_fields,
        price: sent.price,
        daily_limit: sent.daily_limit,
    };
    match actions::save_sms(&app, &staff, &form).await {
        Ok(()) => Ok(client.go_saying("/console/settings/sms", "已保存。请用下面的“发送测试短信”确认能收到。")),
        // The secret is not sent back, even to whoever typed it.
        Err(error) => web::html_invalid(&page(&app, &staff, &client, Some(SmsForm { secret: String::new(), ..form }), problems_of(error)?)),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentTest {
    phone: String,
    kind: String,
}

async fn test(State(app): State<App>, staff: Staff, client: Client, Form(sent): Form<SentTest>) -> Result<Response> {
    match actions::test_sms(&app, &staff, &sent.phone, &sent.kind).await {
        Ok(sentence) => Ok(client.go_saying("/console/settings/sms", &sentence)),
        Err(error) => {
            let problems = problems_of(error)?;
            web::html_invalid(&SmsPage { phone: sent.phone, ..page(&app, &staff, &client, None, problems) })
        }
    }
}
