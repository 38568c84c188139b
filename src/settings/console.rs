//! 设置: the school's name and looks; the running of the site. SMS have a page of their own ([`super::sms_page`]).

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::actions::{self, Meaning};
use super::form::{GeneralForm, ServiceForm, problems_of};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::staff::{Permission, Staff};
use crate::types::Access;
use crate::web::client::Client;
use crate::web::form::{Form, MAX_UPLOAD_BYTES, Uploads};
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::{self};

/// `/console/settings…`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/settings", Access::everywhere(Permission::Administer), show_general)
        .post("/console/settings", Access::everywhere(Permission::Administer), save_general)
        .upload("/console/settings/logo", Access::everywhere(Permission::Administer), MAX_UPLOAD_BYTES, set_logo)
        .post("/console/settings/logo/remove", Access::everywhere(Permission::Administer), remove_logo)
        .get("/console/settings/service", Access::everywhere(Permission::Administer), show_service)
        .post("/console/settings/service", Access::everywhere(Permission::Administer), save_service)
        .merge(super::consents::routes())
        .merge(super::review::routes())
        .merge(super::sms_page::routes())
}

#[derive(Template)]
#[template(path = "settings/pages/general.html")]
struct GeneralPage {
    page: ConsolePage,
    tab: &'static str,
    form: GeneralForm,
    /// What stands where a field is left empty.
    school: String,
    help_phone: String,
    logo: String,
    problems: Problems,
}

fn general_page(app: &App, staff: &Staff, client: &Client, typed: Option<GeneralForm>, problems: Problems) -> GeneralPage {
    let settings = app.settings();
    let now = &settings.general;
    let form = typed.unwrap_or_else(|| GeneralForm {
        school: now.school.clone(),
        help_phone: now.help_phone.clone(),
        brand: now.brand.clone(),
        brand_strong: now.brand_strong.clone(),
    });
    GeneralPage {
        page: staff.page(app, client, "settings"),
        tab: "general",
        form,
        school: app.config.school.clone(),
        help_phone: app.config.help_phone.clone(),
        logo: settings.logo_url(),
        problems,
    }
}

async fn show_general(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require(Permission::Administer)?;
    web::html(&general_page(&app, &staff, &client, None, Problems::new()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentGeneral {
    school: String,
    help_phone: String,
    brand: String,
    brand_strong: String,
}

async fn save_general(State(app): State<App>, staff: Staff, client: Client, Form(sent): Form<SentGeneral>) -> Result<Response> {
    let form = GeneralForm { school: sent.school, help_phone: sent.help_phone, brand: sent.brand, brand_strong: sent.brand_strong };
    match actions::save_general(&app, &staff, &form).await {
        Ok(()) => Ok(client.go_saying("/console/settings", "已保存，考生马上看到新的内容。")),
        Err(error) => web::html_invalid(&general_page(&app, &staff, &client, Some(form), problems_of(error)?)),
    }
}

async fn set_logo(State(app): State<App>, staff: Staff, client: Client, mut uploads: Uploads) -> Result<Response> {
    staff.require(Permission::Administer)?;
    let done = match uploads.take("logo") {
        Some(bytes) => actions::set_logo(&app, &staff, Some(bytes)).await,
        None => Err(Error::invalid("logo", "请选择校徽图片。")),
    };
    match done {
        Ok(()) => Ok(client.go_saying("/console/settings", "校徽已更换。")),
        Err(error) => web::html_invalid(&general_page(&app, &staff, &client, None, problems_of(error)?)),
    }
}

async fn remove_logo(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    actions::set_logo(&app, &staff, None).await?;
    Ok(client.go_saying("/console/settings", "校徽已去掉。"))
}

#[derive(Template)]
#[template(path = "settings/pages/service.html")]
struct ServicePage {
    page: ConsolePage,
    tab: &'static str,
    form: ServiceForm,
    is_closed: bool,
    /// What a shorter time deletes at once; asked before it is saved.
    meaning: Meaning,
    problems: Problems,
}

fn service_page(app: &App, staff: &Staff, client: &Client, typed: Option<ServiceForm>, problems: Problems) -> ServicePage {
    let settings = app.settings();
    let now = &settings.service;
    let form = typed.unwrap_or_else(|| ServiceForm {
        maintenance: now.maintenance,
        maintenance_message: now.maintenance_message.clone(),
        pictures_days: now.pictures_days.to_string(),
        fee_name: now.fee_name.clone(),
        payment_url: now.payment_url.clone(),
        payee: now.payee.clone(),
    });
    let page = staff.page(app, client, "settings");
    ServicePage { page, tab: "service", form, is_closed: now.maintenance, meaning: Meaning::default(), problems }
}

async fn show_service(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require(Permission::Administer)?;
    web::html(&service_page(&app, &staff, &client, None, Problems::new()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SentService {
    maintenance: String,
    maintenance_message: String,
    pictures_days: String,
    fee_name: String,
    payment_url: String,
    payee: String,
    /// The mark of the meaning that was seen.
    agreed: String,
}

async fn save_service(State(app): State<App>, staff: Staff, client: Client, Form(sent): Form<SentService>) -> Result<Response> {
    let form = ServiceForm {
        maintenance: sent.maintenance == "yes",
        maintenance_message: sent.maintenance_message,
        pictures_days: sent.pictures_days,
        fee_name: sent.fee_name,
        payment_url: sent.payment_url,
        payee: sent.payee,
    };
    match actions::save_service(&app, &staff, &form, &sent.agreed).await {
        Ok(Some(meaning)) => web::html(&ServicePage { meaning, ..service_page(&app, &staff, &client, Some(form), Problems::new()) }),
        Ok(None) if form.maintenance => {
            Ok(client.go_saying("/console/settings/service", "已保存。考生现在看到的是维护页面，办完后请记得关闭维护模式。"))
        }
        Ok(None) => Ok(client.go_saying("/console/settings/service", "已保存。")),
        Err(error) => web::html_invalid(&service_page(&app, &staff, &client, Some(form), problems_of(error)?)),
    }
}
