//! 角色: what each may do, and which take a second factor.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::team as actions;
use super::{Permission, Staff};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::types::{Access, Permissions};
use crate::web;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;

const LIST: &str = "/console/staff/roles";

/// `/console/staff/roles…`.
pub(super) fn routes() -> Routes {
    let work = Access::everywhere(Permission::Administer);
    Routes::new()
        .get(LIST, Access::everywhere([Permission::Administer, Permission::Audit]), list)
        .post(LIST, work, create)
        .post("/console/staff/roles/{role}", work, edit)
        .post("/console/staff/roles/{role}/delete", work, delete)
}

struct Row {
    code: String,
    name: String,
    is_built_in: bool,
    needs_second: bool,
    /// How many hold it and have no second factor.
    without: i64,
    boxes: Vec<Tick>,
}

/// A permission with its tick.
struct Tick {
    code: &'static str,
    word: &'static str,
    is_ticked: bool,
}

fn boxes(ticked: Permissions) -> Vec<Tick> {
    Permission::all().map(|one| Tick { code: one.code(), word: one.word(), is_ticked: ticked.has(one) }).collect()
}

#[derive(Template)]
#[template(path = "staff/pages/roles.html")]
struct RolesPage {
    page: ConsolePage,
    rows: Vec<Row>,
    may_work: bool,
    typed_name: String,
    boxes: Vec<Tick>,
    needs_second: bool,
    problems: Problems,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RoleForm {
    name: String,
    permission: Vec<String>,
    second_factor: String,
}

async fn page(app: &App, staff: &Staff, client: &Client, form: RoleForm, problems: Problems) -> Result<RolesPage> {
    let without = actions::without_second(app, staff).await?;
    let rows = actions::roles(app, staff).await?.into_iter().map(|role| Row {
        boxes: boxes(role.may()),
        is_built_in: role.is_built_in(),
        needs_second: role.needs_second(),
        without: without.get(&role.code).copied().unwrap_or(0),
        code: role.code,
        name: role.name,
    });
    Ok(RolesPage {
        page: staff.page(app, client, "staff"),
        rows: rows.collect(),
        may_work: staff.may(Permission::Administer),
        boxes: boxes(Permissions::parse(&form.permission.join(","))),
        needs_second: !form.second_factor.is_empty(),
        typed_name: form.name,
        problems,
    })
}

async fn list(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    web::html(&page(&app, &staff, &client, RoleForm::default(), Problems::new()).await?)
}

async fn create(State(app): State<App>, staff: Staff, client: Client, Form(form): Form<RoleForm>) -> Result<Response> {
    match actions::create_role(&app, &staff, &form.name, &form.permission, !form.second_factor.is_empty()).await {
        Ok(()) => Ok(client.go_saying(LIST, "角色已新建。")),
        Err(Error::Invalid(problems)) => web::html_invalid(&page(&app, &staff, &client, form, problems).await?),
        Err(other) => Err(other),
    }
}

async fn edit(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(role): Path<String>,
    Form(form): Form<RoleForm>,
) -> Result<Response> {
    let name = actions::edit_role(&app, &staff, &role, &form.permission, !form.second_factor.is_empty()).await?;
    Ok(client.go_saying(LIST, &format!("角色“{name}”已保存。")))
}

async fn delete(State(app): State<App>, staff: Staff, client: Client, Path(role): Path<String>) -> Result<Response> {
    actions::delete_role(&app, &staff, &role).await?;
    Ok(client.go_saying(LIST, "角色已删除。"))
}
