//! 工作人员: the accounts of others.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::team::{self as actions, Member, words_of};
use super::own_page::Device;
use super::passkey_page::Line;
use super::store::{Held, RoleRow};
use super::{Permission, Staff};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::types::Access;
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;

const LIST: &str = "/console/staff";

/// `/console/staff…`.
pub(super) fn routes() -> Routes {
    let look = Access::everywhere([Permission::Administer, Permission::Audit]);
    let work = Access::everywhere(Permission::Administer);
    Routes::new()
        .get(LIST, look, list)
        .get("/console/staff/new", work, new)
        .post("/console/staff/new", work, invite)
        .get("/console/staff/of/{login}", look, show)
        .post("/console/staff/of/{login}/roles", work, set_grants)
        .post("/console/staff/of/{login}/link", work, renew_link)
        .post("/console/staff/of/{login}/lock", work, lock)
        .post("/console/staff/of/{login}/unlock", work, unlock)
        .post("/console/staff/of/{login}/sessions", work, end_sessions)
        .post("/console/staff/of/{login}/second-factor", work, reset_second)
}

struct Row {
    login: String,
    name: String,
    roles: String,
    second: bool,
    state: &'static str,
    badge: &'static str,
}

impl Row {
    fn new(member: &Member) -> Self {
        let (state, badge) = match (member.row.disabled_at.is_some(), member.row.is_invited()) {
            (true, _) => ("已停用", "returned"),
            (false, true) => ("等待对方设置密码", "submitted"),
            (false, false) => ("使用中", "approved"),
        };
        Self {
            login: member.row.login.clone(),
            name: member.row.name.clone(),
            roles: words_of(&member.held),
            second: member.row.has_codes(),
            state,
            badge,
        }
    }
}

#[derive(Template)]
#[template(path = "staff/pages/team.html")]
struct ListPage {
    page: ConsolePage,
    rows: Vec<Row>,
    next: String,
    may_work: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Paging {
    after: String,
}

async fn list(State(app): State<App>, staff: Staff, client: Client, Form(paging): Form<Paging>) -> Result<Response> {
    let members = actions::list(&app, &staff, &paging.after).await?;
    let next = members.last().filter(|_| members.len() as i64 == actions::PAGE).map(|last| last.row.login.clone()).unwrap_or_default();
    let rows = members.iter().map(Row::new).collect();
    web::html(&ListPage { page: staff.page(&app, &client, "staff"), rows, next, may_work: staff.may(Permission::Administer) })
}

/// A role in the form, for every exam or for some.
struct Offer {
    code: String,
    name: String,
    may: String,
    is_all: bool,
    /// Reference, title, ticked.
    exams: Vec<(String, String, bool)>,
    is_open: bool,
}

async fn offers(app: &App, staff: &Staff, held: &[Held], ticked: Option<&[String]>) -> Result<Vec<Offer>> {
    let roles: Vec<RoleRow> = actions::roles(app, staff).await?;
    let also: Vec<i64> = held.iter().map(|held| held.exam).filter(|exam| *exam != 0).collect();
    let exams = app.exams_to_choose(&mut *app.db.read().await?, &also).await?;
    let offer = |role: RoleRow| {
        let has = |exam: i64, place: &str| match ticked {
            Some(ticked) => ticked.iter().any(|one| *one == format!("{}:{place}", role.code)),
            None => held.iter().any(|held| held.role == role.code && held.exam == exam),
        };
        let exams: Vec<_> = exams.iter().map(|(id, reference, title)| (reference.clone(), title.clone(), has(*id, reference))).collect();
        Offer {
            is_all: has(0, "all"),
            is_open: exams.iter().any(|(_, _, is_ticked)| *is_ticked),
            may: role.may().iter().map(Permission::word).collect::<Vec<_>>().join("，"),
            name: role.name.clone(),
            code: role.code.clone(),
            exams,
        }
    };
    Ok(roles.into_iter().map(offer).collect())
}

#[derive(Template)]
#[template(path = "staff/pages/invite.html")]
struct InvitePage {
    page: ConsolePage,
    login: String,
    offers: Vec<Offer>,
    problems: Problems,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MemberForm {
    login: String,
    grant: Vec<String>,
}

async fn new(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    staff.require(Permission::Administer)?;
    let offers = offers(&app, &staff, &[], None).await?;
    web::html(&InvitePage { page: staff.page(&app, &client, "staff"), login: String::new(), offers, problems: Problems::new() })
}

#[derive(Template)]
#[template(path = "staff/pages/link.html")]
struct LinkPage {
    page: ConsolePage,
    login: String,
    link: String,
}

async fn invite(State(app): State<App>, staff: Staff, client: Client, Form(form): Form<MemberForm>) -> Result<Response> {
    match actions::invite(&app, &staff, &form.login, &form.grant).await {
        Ok(link) => web::html(&LinkPage { page: staff.page(&app, &client, "staff"), login: form.login, link }),
        Err(Error::Invalid(problems)) => {
            let offers = offers(&app, &staff, &[], Some(&form.grant)).await?;
            web::html_invalid(&InvitePage { page: staff.page(&app, &client, "staff"), login: form.login, offers, problems })
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "staff/pages/member.html")]
struct MemberPage {
    page: ConsolePage,
    row: Row,
    base: String,
    is_locked: bool,
    /// Whether the person may change it: an administrator, and not their own.
    may_work: bool,
    is_own: bool,
    left: i64,
    passkeys: Vec<Line>,
    devices: Vec<Device>,
    offers: Vec<Offer>,
}

async fn show(State(app): State<App>, staff: Staff, client: Client, Path(login): Path<String>) -> Result<Response> {
    let (member, sessions, passkeys, left) = actions::show(&app, &staff, &login).await?;
    let is_own = member.row.id == staff.id;
    web::html(&MemberPage {
        page: staff.page(&app, &client, "staff"),
        row: Row::new(&member),
        base: base(&member.row.login),
        is_locked: member.row.disabled_at.is_some(),
        may_work: staff.may(Permission::Administer) && !is_own,
        is_own,
        left,
        passkeys: passkeys.into_iter().map(Line::new).collect(),
        devices: sessions.into_iter().map(|session| Device::new(session, staff.session)).collect(),
        offers: offers(&app, &staff, &member.held, None).await?,
    })
}

fn base(login: &str) -> String {
    format!("/console/staff/of/{}", web::errors::encode(login))
}

async fn set_grants(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(login): Path<String>,
    Form(form): Form<MemberForm>,
) -> Result<Response> {
    actions::set_grants(&app, &staff, &login, &form.grant).await?;
    Ok(client.go_saying(&base(&login), "角色已保存，对方的下一次操作起生效。"))
}

async fn renew_link(State(app): State<App>, staff: Staff, client: Client, Path(login): Path<String>) -> Result<Response> {
    let link = actions::renew_link(&app, &staff, &login).await?;
    web::html(&LinkPage { page: staff.page(&app, &client, "staff"), login, link })
}

async fn lock(State(app): State<App>, staff: Staff, client: Client, Path(login): Path<String>) -> Result<Response> {
    actions::set_locked(&app, &staff, &login, true).await?;
    Ok(client.go_saying(&base(&login), "账号已停用，对方的登录已全部结束。"))
}

async fn unlock(State(app): State<App>, staff: Staff, client: Client, Path(login): Path<String>) -> Result<Response> {
    actions::set_locked(&app, &staff, &login, false).await?;
    Ok(client.go_saying(&base(&login), "账号已恢复使用。"))
}

async fn end_sessions(State(app): State<App>, staff: Staff, client: Client, Path(login): Path<String>) -> Result<Response> {
    actions::end_sessions(&app, &staff, &login).await?;
    Ok(client.go_saying(&base(&login), "对方的登录已全部结束。"))
}

async fn reset_second(State(app): State<App>, staff: Staff, client: Client, Path(login): Path<String>) -> Result<Response> {
    actions::reset_second(&app, &staff, &login).await?;
    Ok(client.go_saying(&base(&login), "两步验证和通行密钥已清除，对方的登录已全部结束，用密码登录后可以重新设置。"))
}
