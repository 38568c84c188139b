//! 我的: the overview, 个人信息, 手机号, 登录密码, 登录设备.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::{Again, SolutionFields};
use crate::accounts::actions::codes::{self, Challenge};
use crate::accounts::actions::profile::{self as actions, InformationForm};
use crate::accounts::{CANDIDATE_TYPES, Candidate, RealName, password};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::types::{Access, UnixMs};
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::{Choice, Page, Tab};
use crate::web::routes::Routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/me", Access::Candidate, show)
        .get("/me/information", Access::Candidate, show_information)
        .post("/me/information", Access::Candidate, change_information)
        .get("/me/phone", Access::Candidate, show_phone)
        .post("/me/phone", Access::Candidate, change_phone)
        .post("/me/phone/code", Access::Candidate, send_phone_code)
        .get("/me/password", Access::Candidate, show_password)
        .post("/me/password", Access::Candidate, change_password)
        .get("/me/sessions", Access::Candidate, show_sessions)
        .post("/me/sessions/end", Access::Candidate, end_session)
        .post("/me/sessions/end-others", Access::Candidate, end_other_sessions)
}

#[derive(Template)]
#[template(path = "accounts/pages/me.html")]
struct MePage {
    page: Page,
    name: String,
    initial: String,
    number: String,
    phone: String,
    real_name: RealName,
    unread: String,
}

async fn show(State(app): State<App>, client: Client, candidate: Candidate) -> Result<Response> {
    let account = &candidate.account;
    let page = candidate.page(&app, &client).tab(Tab::Me);
    web::html(&MePage {
        unread: if page.unread > 0 { format!("{} 条未读", page.unread_label()) } else { String::new() },
        page,
        initial: account.name.chars().next().map(String::from).unwrap_or_default(),
        name: account.name.clone(),
        number: account.document(&app.keys)?.masked(),
        phone: account.phone(&app.keys)?.masked(),
        real_name: account.real_name(),
    })
}

#[derive(Template)]
#[template(path = "accounts/pages/information.html")]
struct InformationPage {
    page: Page,
    region: &'static str,
    kind: &'static str,
    number: String,
    phone: String,
    real_name: RealName,
    form: InformationForm,
    types: Vec<Choice>,
    problems: Problems,
}

impl InformationPage {
    fn new(app: &App, client: &Client, candidate: &Candidate, form: InformationForm, problems: Problems) -> Result<Self> {
        let account = &candidate.account;
        let mut words = CANDIDATE_TYPES.to_vec();
        if !words.contains(&account.candidate_type.as_str()) {
            words.push(&account.candidate_type);
        }
        Ok(Self {
            page: candidate.page(app, client),
            region: account.region().word(),
            kind: account.kind().word(),
            number: account.document(&app.keys)?.grouped(),
            phone: account.phone(&app.keys)?.masked(),
            real_name: account.real_name(),
            types: Choice::list(&words.iter().map(|word| (*word, *word)).collect::<Vec<_>>(), &form.candidate_type),
            form,
            problems,
        })
    }
}

async fn show_information(State(app): State<App>, client: Client, candidate: Candidate) -> Result<Response> {
    let account = &candidate.account;
    let form = InformationForm { name: account.name.clone(), candidate_type: account.candidate_type.clone(), major: account.major.clone() };
    web::html(&InformationPage::new(&app, &client, &candidate, form, Problems::new())?)
}

async fn change_information(
    State(app): State<App>,
    client: Client,
    candidate: Candidate,
    Form(form): Form<InformationForm>,
) -> Result<Response> {
    match actions::change_information(&app, &candidate, &form).await {
        Ok(true) => Ok(client.go_saying("/me/information", "已保存。姓名已修改，请重新进行实名认证。")),
        Ok(false) => Ok(client.go_saying("/me/information", "已保存。")),
        Err(error) => {
            let again = Again::of(error, "")?;
            let page = InformationPage::new(&app, &client, &candidate, form, again.problems)?;
            Again::html(again.status, again.retry_after_s, &page)
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/phone.html")]
struct PhonePage {
    page: Page,
    present: String,
    phone: String,
    code: String,
    sent: bool,
    problems: Problems,
    challenge: Challenge,
    cooldown_s: i64,
}

impl PhonePage {
    fn new(app: &App, client: &Client, candidate: &Candidate, phone: String, problems: Problems) -> Result<Self> {
        Ok(Self {
            page: candidate.page(app, client),
            present: candidate.account.phone(&app.keys)?.masked(),
            phone,
            code: String::new(),
            sent: false,
            problems,
            challenge: codes::challenge(app)?,
            cooldown_s: 0,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PhoneFields {
    phone: String,
    code: String,
    password: String,
    #[serde(flatten)]
    solution: SolutionFields,
}

async fn show_phone(State(app): State<App>, client: Client, candidate: Candidate) -> Result<Response> {
    web::html(&PhonePage::new(&app, &client, &candidate, String::new(), Problems::new())?)
}

async fn send_phone_code(
    State(app): State<App>,
    client: Client,
    candidate: Candidate,
    Form(fields): Form<PhoneFields>,
) -> Result<Response> {
    match actions::send_phone_code(&app, &candidate, &fields.phone, &fields.solution.solution()).await {
        // Shown at once, not after a redirect: the phone must not stand in an address.
        Ok(()) => {
            let page = PhonePage::new(&app, &client, &candidate, fields.phone, Problems::new())?;
            web::html(&PhonePage { sent: true, cooldown_s: codes::BETWEEN_S, ..page })
        }
        Err(error) => {
            let again = Again::of(error, "code")?;
            let page = PhonePage::new(&app, &client, &candidate, fields.phone, again.problems)?;
            let cooldown_s = again.retry_after_s.unwrap_or(0).min(codes::BETWEEN_S);
            Again::html(again.status, again.retry_after_s, &PhonePage { cooldown_s, ..page })
        }
    }
}

async fn change_phone(State(app): State<App>, client: Client, candidate: Candidate, Form(fields): Form<PhoneFields>) -> Result<Response> {
    match actions::change_phone(&app, &candidate, &fields.phone, &fields.code, &fields.password).await {
        Ok(()) => Ok(client.go_saying("/me/information", "手机号已更换。")),
        Err(error) => {
            let again = Again::of(error, "code")?;
            let page = PhonePage::new(&app, &client, &candidate, fields.phone, again.problems)?;
            Again::html(again.status, again.retry_after_s, &PhonePage { code: fields.code, ..page })
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/password.html")]
struct PasswordPage {
    page: Page,
    hint: &'static str,
    problems: Problems,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PasswordFields {
    former: String,
    password: String,
    again: String,
}

async fn show_password(State(app): State<App>, client: Client, candidate: Candidate) -> Result<Response> {
    web::html(&PasswordPage { page: candidate.page(&app, &client), hint: password::HINT, problems: Problems::new() })
}

async fn change_password(
    State(app): State<App>,
    client: Client,
    candidate: Candidate,
    Form(fields): Form<PasswordFields>,
) -> Result<Response> {
    match actions::change_password(&app, &candidate, &fields.former, &fields.password, &fields.again).await {
        Ok(()) => Ok(client.go_saying("/me", "密码已修改，其他设备需要重新登录。")),
        Err(error) => {
            let again = Again::of(error, "")?;
            let page = PasswordPage { page: candidate.page(&app, &client), hint: password::HINT, problems: again.problems };
            Again::html(again.status, again.retry_after_s, &page)
        }
    }
}

struct Device {
    id: i64,
    name: &'static str,
    address: String,
    since: String,
    seen: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "accounts/pages/sessions.html")]
struct SessionsPage {
    page: Page,
    devices: Vec<Device>,
}

/// A device in words: what people call it, not what its browser says of itself.
fn device_name(user_agent: &str) -> &'static str {
    const NAMES: [(&str, &str); 9] = [
        ("HarmonyOS", "鸿蒙手机或平板"),
        ("OpenHarmony", "鸿蒙手机或平板"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "安卓手机或平板"),
        ("Windows", "Windows 电脑"),
        ("Macintosh", "Mac 电脑"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux 电脑"),
    ];
    NAMES.iter().find(|(mark, _)| user_agent.contains(mark)).map_or("其他设备", |(_, name)| name)
}

async fn show_sessions(State(app): State<App>, client: Client, candidate: Candidate) -> Result<Response> {
    let devices = actions::sessions(&app, &candidate).await?.into_iter().map(|session| Device {
        id: session.id,
        name: device_name(&session.user_agent),
        since: UnixMs(session.created_at).words(),
        seen: UnixMs(session.seen_at).words(),
        is_this: session.id == candidate.session,
        address: session.address,
    });
    web::html(&SessionsPage { page: candidate.page(&app, &client), devices: devices.collect() })
}

#[derive(Debug, Deserialize)]
struct EndFields {
    #[serde(default)]
    session: String,
}

async fn end_session(State(app): State<App>, client: Client, candidate: Candidate, Form(fields): Form<EndFields>) -> Result<Response> {
    let id = fields.session.parse().map_err(|_| Error::NotFound)?;
    actions::end_session(&app, &candidate, id).await?;
    Ok(client.go_saying("/me/sessions", "已让该设备退出登录。"))
}

async fn end_other_sessions(State(app): State<App>, client: Client, candidate: Candidate) -> Result<Response> {
    actions::end_other_sessions(&app, &candidate).await?;
    Ok(client.go_saying("/me/sessions", "其他设备都已退出登录。"))
}

#[cfg(test)]
mod tests {
    use super::device_name;

    #[test]
    fn devices_are_called_what_people_call_them() {
        assert_eq!(device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"), "iPhone");
        assert_eq!(device_name("Mozilla/5.0 (Linux; Android 15; M2101K9C) Chrome/142.0 Mobile Safari/537.36"), "安卓手机或平板");
        assert_eq!(device_name("curl/8"), "其他设备");
    }
}
