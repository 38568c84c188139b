//! Staff routes: the list, one exam with everything that can be done to it, its preview. The form is in [`edit`].

mod edit;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::actions::{self, By, Deadlines};
use super::eligibility;
use super::form;
use super::payment_picture;
use super::ready;
use super::shelf;
use super::view::ExamView;
use super::{ExamState, store};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::pictures;
use crate::rosters;
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::{Form, MAX_UPLOAD_BYTES, Uploads};
use crate::web::layout::{ConsolePage, Page};
use crate::web::routes::Routes;
use crate::web::{self};

/// A page of the list.
const PER_PAGE: i64 = 50;

/// `/console/exams…`.
pub fn routes() -> Routes {
    Routes::new()
        .get("/console/exams", Access::somewhere(Permission::Exams.or_look()), list)
        .get("/console/exams/new", Access::everywhere(Permission::Exams), edit::new)
        .post("/console/exams/new", Access::everywhere(Permission::Exams), edit::create)
        .get("/console/exams/{ref}", Access::exam(Permission::Exams.or_look()), show)
        .get("/console/exams/{ref}/edit", Access::exam(Permission::Exams), edit::open)
        .post("/console/exams/{ref}/edit", Access::exam(Permission::Exams), edit::save)
        .get("/console/exams/{ref}/preview", Access::exam(Permission::Exams.or_look()), preview)
        .post("/console/exams/{ref}/publish", Access::exam(Permission::Exams), publish)
        .post("/console/exams/{ref}/close", Access::exam(Permission::Exams), close)
        .post("/console/exams/{ref}/copy", Access::everywhere(Permission::Exams), copy)
        .post("/console/exams/{ref}/archive", Access::exam(Permission::Exams), archive)
        .post("/console/exams/{ref}/restore", Access::exam(Permission::Exams), restore)
        .post("/console/exams/{ref}/extend", Access::exam(Permission::Exams), extend)
        .get("/console/exams/{ref}/payment-picture", Access::exam(Permission::Exams.or_look()), picture)
        .upload("/console/exams/{ref}/payment-picture", Access::exam(Permission::Exams), MAX_UPLOAD_BYTES, set_picture)
        .post("/console/exams/{ref}/payment-picture/remove", Access::exam(Permission::Exams), remove_picture)
        .merge(crate::exams::questions::console::routes())
        .merge(eligibility::console::routes())
}

#[derive(Template)]
#[template(path = "exams/pages/list.html")]
struct ListPage {
    page: ConsolePage,
    may_work: bool,
    /// Whether those put away are listed, and not the others.
    archived: bool,
    rows: Vec<ExamView>,
    /// The reference of the exam below which the next page begins, or "".
    older: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    /// The reference of the last exam on the page before.
    before: String,
    /// `archived`, or "".
    show: String,
}

async fn list(State(app): State<App>, staff: Staff, client: Client, Form(query): Form<ListQuery>) -> Result<Response> {
    staff.require_somewhere(Permission::Exams.or_look())?;
    let archived = query.show == "archived";
    let mut conn = app.db.read().await?;
    let below = if query.before.is_empty() { i64::MAX } else { store::find_by_ref(&mut conn, &query.before).await?.id };
    let exams = store::list(&mut conn, &staff.scope(Permission::Exams.or_look()), archived, below, PER_PAGE).await?;
    let older = exams.last().filter(|_| exams.len() as i64 == PER_PAGE).map(|exam| exam.public_ref.clone()).unwrap_or_default();
    let now = app.clock.now();
    let rows = exams.into_iter().map(|exam| ExamView { exam, subjects: Vec::new(), now }).collect();
    web::html(&ListPage { page: staff.page(&app, &client, "exams"), may_work: staff.may(Permission::Exams), archived, rows, older })
}

#[derive(Template)]
#[template(path = "exams/pages/show.html")]
struct ShowPage {
    page: ConsolePage,
    /// Whether the person may change it, and not only look.
    may_work: bool,
    view: ExamView,
    /// What is missing before it can be published.
    missing: Vec<String>,
    /// Who may register, with the roster by its name; "" for everybody.
    scope: String,
    deadlines: Deadlines,
    reason: String,
    problems: Problems,
}

impl ShowPage {
    fn base(&self) -> String {
        format!("/console/exams/{}", self.view.exam.public_ref)
    }

    fn state(&self) -> ExamState {
        self.view.exam.state()
    }

    fn is_published(&self) -> bool {
        self.state() == ExamState::Published
    }

    fn or_missing(&self, text: &str) -> String {
        if text.is_empty() { "未填写".into() } else { text.to_owned() }
    }

    fn can_publish(&self) -> bool {
        matches!(self.state(), ExamState::Draft | ExamState::Closed)
    }

    fn is_archived(&self) -> bool {
        self.state() == ExamState::Archived
    }

    fn can_archive(&self) -> bool {
        shelf::may_archive(&self.view.exam, self.view.now).is_ok()
    }
}

/// The page of one exam: as it is, or again with what was typed and why it was not done.
async fn shown(app: &App, staff: &Staff, client: &Client, reference: &str) -> Result<ShowPage> {
    let mut conn = app.db.read().await?;
    let (exam, subjects) = actions::open(&mut conn, staff, reference).await?;
    let limits = eligibility::store::find(&mut conn, exam.id).await?;
    let mut scope = limits.words();
    if let Some(roster) = limits.roster {
        scope = format!("{scope}（{}）", rosters::store::find(&mut conn, roster).await?.name);
    }
    drop(conn);
    let now = app.clock.now();
    let deadlines = Deadlines {
        closes_at: UnixMs(exam.closes_at).field(),
        edit_until: form::field_unless(exam.edit_until, exam.closes_at),
        pay_until: form::field_unless(exam.pay_until, exam.closes_at),
    };
    let missing = if exam.state() == ExamState::Published { Vec::new() } else { ready::missing(&exam, &subjects, now) };
    Ok(ShowPage {
        page: staff.page(app, client, "exams"),
        may_work: staff.may_in(exam.id, Permission::Exams),
        view: ExamView { exam, subjects, now },
        missing,
        scope,
        deadlines,
        reason: String::new(),
        problems: Problems::new(),
    })
}

async fn show(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    web::html(&shown(&app, &staff, &client, &reference).await?)
}

#[derive(Template)]
#[template(path = "exams/pages/preview.html")]
struct PreviewPage {
    page: Page,
    view: ExamView,
    scope: String,
}

async fn preview(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (mut exam, subjects) = actions::open(&mut conn, &staff, &reference).await?;
    let scope = eligibility::store::find(&mut conn, exam.id).await?.words();
    drop(conn);
    // As it will be, not as it is.
    exam.state = ExamState::Published.code().to_owned();
    web::html(&PreviewPage { page: web::page(&app, &client), view: ExamView { exam, subjects, now: app.clock.now() }, scope })
}

async fn publish(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    match actions::publish(&app, By::Staff(&staff), &reference).await {
        Ok(()) => Ok(client.go_saying(&address(&reference), "考试已发布，考生现在可以看到。")),
        Err(Error::Invalid(problems)) => web::html_invalid(&ShowPage { problems, ..shown(&app, &staff, &client, &reference).await? }),
        Err(other) => Err(other),
    }
}

async fn copy(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let draft = shelf::copy(&app, By::Staff(&staff), &reference).await?;
    Ok(client.go_saying(&format!("{}/edit", address(&draft)), "已复制为新的草稿。请修改名称，填写时间和准考证号前缀。"))
}

async fn archive(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    shelf::archive(&app, By::Staff(&staff), &reference).await?;
    Ok(client.go_saying(&address(&reference), "已归档。需要时可以取消归档。"))
}

async fn restore(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    shelf::restore(&app, By::Staff(&staff), &reference).await?;
    Ok(client.go_saying(&address(&reference), "已取消归档。"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CloseForm {
    reason: String,
}

async fn close(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<CloseForm>,
) -> Result<Response> {
    match actions::close(&app, By::Staff(&staff), &reference, &form.reason).await {
        Ok(()) => Ok(client.go_saying(&address(&reference), "考试已关闭，考生不能再报名、修改或提交缴费凭证。")),
        Err(Error::Invalid(problems)) => {
            web::html_invalid(&ShowPage { problems, reason: form.reason, ..shown(&app, &staff, &client, &reference).await? })
        }
        Err(other) => Err(other),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ExtendForm {
    closes_at: String,
    edit_until: String,
    pay_until: String,
}

async fn extend(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<ExtendForm>,
) -> Result<Response> {
    let deadlines = Deadlines { closes_at: form.closes_at, edit_until: form.edit_until, pay_until: form.pay_until };
    match actions::extend(&app, By::Staff(&staff), &reference, &deadlines).await {
        Ok(()) => Ok(client.go_saying(&address(&reference), "时间已调整。")),
        Err(Error::Invalid(problems)) => {
            web::html_invalid(&ShowPage { problems, deadlines, ..shown(&app, &staff, &client, &reference).await? })
        }
        Err(other) => Err(other),
    }
}

async fn picture(State(app): State<App>, staff: Staff, Path(reference): Path<String>) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (exam, _) = actions::open(&mut conn, &staff, &reference).await?;
    let picture = pictures::find(&mut conn, exam.payment_picture.ok_or(Error::NotFound)?).await?;
    drop(conn);
    let bytes = pictures::bytes(&app, &picture).await?;
    Ok(web::picture(bytes, &picture.mime, "付款二维码", true))
}

async fn set_picture(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    mut uploads: Uploads,
) -> Result<Response> {
    actions::open_for_work(&mut *app.db.read().await?, &staff, &reference).await?;
    let done = match uploads.take("picture") {
        Some(bytes) => payment_picture::set(&app, By::Staff(&staff), &reference, bytes).await,
        None => Err(Error::invalid("picture", "请选择缴费二维码图片。")),
    };
    match done {
        Ok(kept) => {
            let seen = if kept.is_shown {
                ""
            } else {
                "考生看到的仍是由缴费网址生成的二维码；要用图片，请在“编辑”中清空缴费网址。"
            };
            let doubt = if kept.has_code {
                ""
            } else {
                "没有在图片中认出二维码，请用手机扫一扫，确认能打开缴费页面。"
            };
            Ok(client.go_saying(&address(&reference), &format!("缴费二维码图片已保存。{seen}{doubt}")))
        }
        Err(Error::Invalid(problems)) => web::html_invalid(&ShowPage { problems, ..shown(&app, &staff, &client, &reference).await? }),
        Err(other) => Err(other),
    }
}

async fn remove_picture(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    payment_picture::remove(&app, By::Staff(&staff), &reference).await?;
    Ok(client.go_saying(&address(&reference), "缴费二维码已删除。"))
}

fn address(reference: &str) -> String {
    format!("/console/exams/{reference}")
}
