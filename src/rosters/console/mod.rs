//! Staff routes: the rosters, one with its people and imports. An import from its file to what it changed is in [`import`].

mod import;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use baokao_tables::xlsx::Book;
use serde::Deserialize;

use super::actions;
use super::store::{self, entries};
use super::{Column, Entry, Import, MAX_FILE_BYTES, Roster};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::staff::{Permission, Staff};
use crate::types::{Access, UnixMs};
use crate::web::client::Client;
use crate::web::form::{Form, OneFile};
use crate::web::layout::ConsolePage;
use crate::web::routes::Routes;
use crate::web::tables::{self, Format};
use crate::web::{self};

const SECTION: &str = "rosters";
/// People on a page.
const PER_PAGE: i64 = 50;
/// Imports that a roster's page lists.
const IMPORTS: i64 = 20;

/// `/console/rosters…`.
pub fn routes() -> Routes {
    let who = Access::everywhere(Permission::Exams);
    Routes::new()
        .get("/console/rosters", who, list)
        .post("/console/rosters", who, create)
        .get("/console/rosters/template", who, template)
        .get("/console/rosters/{ref}", who, show)
        .post("/console/rosters/{ref}", who, search)
        .post("/console/rosters/{ref}/remove", who, remove)
        .upload("/console/rosters/{ref}/import", who, MAX_FILE_BYTES + 64 * 1024, upload)
        .get("/console/rosters/imports/{ref}", who, import::show)
        .post("/console/rosters/imports/{ref}/columns", who, import::columns)
        .post("/console/rosters/imports/{ref}/cancel", who, import::cancel)
        .post("/console/rosters/imports/{ref}/apply", who, import::apply)
        .post("/console/rosters/imports/{ref}/roll-back", who, import::roll_back)
        .get("/console/rosters/imports/{ref}/errors", who, import::error_table)
}

fn address(reference: &str) -> String {
    format!("/console/rosters/{reference}")
}

fn import_address(reference: &str) -> String {
    format!("/console/rosters/imports/{reference}")
}

impl Import {
    fn begun(&self) -> String {
        UnixMs(self.created_at).words()
    }

    /// "" where it never counted.
    fn applied(&self) -> String {
        self.applied_at.map(|at| UnixMs(at).words()).unwrap_or_default()
    }
}

struct ListRow {
    roster: Roster,
    people: i64,
    since: String,
}

#[derive(Template)]
#[template(path = "rosters/pages/list.html")]
struct ListPage {
    page: ConsolePage,
    rows: Vec<ListRow>,
    typed: String,
    problems: Problems,
}

async fn list_page(app: &App, staff: &Staff, client: &Client) -> Result<ListPage> {
    staff.require(Permission::Exams)?;
    let mut conn = app.db.read().await?;
    let mut rows = Vec::new();
    for roster in store::list(&mut conn).await? {
        let current = match roster.current {
            Some(current) => Some(store::import(&mut conn, current).await?),
            None => None,
        };
        let since = current.as_ref().and_then(|import| import.applied_at).map(|at| UnixMs(at).words()).unwrap_or_default();
        rows.push(ListRow { people: current.map_or(0, |import| import.good), since, roster });
    }
    Ok(ListPage { page: staff.page(app, client, SECTION), rows, typed: String::new(), problems: Problems::new() })
}

async fn list(State(app): State<App>, staff: Staff, client: Client) -> Result<Response> {
    web::html(&list_page(&app, &staff, &client).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NameForm {
    name: String,
}

async fn create(State(app): State<App>, staff: Staff, client: Client, Form(form): Form<NameForm>) -> Result<Response> {
    match actions::create(&app, &staff, &form.name).await {
        Ok(reference) => Ok(client.go_saying(&address(&reference), "学籍库已建立。请上传表格导入考生。")),
        Err(Error::Invalid(problems)) => {
            web::html_invalid(&ListPage { typed: form.name, problems, ..list_page(&app, &staff, &client).await? })
        }
        Err(other) => Err(other),
    }
}

/// A table with the right heads, whose columns are text, so that numbers keep their digits.
async fn template(staff: Staff) -> Result<Response> {
    staff.require(Permission::Exams)?;
    let book = Book::new(Column::ALL.map(|column| column.word().to_owned()).to_vec())?;
    Ok(tables::file("roster-template", Format::Xlsx, book.finish()?))
}

/// A person as lists show them.
struct Person {
    line: i64,
    name: String,
    number: String,
    student_no: String,
    candidate_type: String,
    major: String,
}

fn people(app: &App, entries: Vec<Entry>) -> Result<Vec<Person>> {
    let person = |entry: Entry| {
        let number = entry.document(app)?.masked();
        Ok(Person {
            line: entry.line,
            name: entry.name,
            number,
            student_no: entry.student_no,
            candidate_type: entry.candidate_type,
            major: entry.major,
        })
    };
    entries.into_iter().map(person).collect()
}

#[derive(Template)]
#[template(path = "rosters/pages/show.html")]
struct ShowPage {
    page: ConsolePage,
    roster: Roster,
    current: Option<Import>,
    imports: Vec<Import>,
    people: Vec<Person>,
    q: String,
    /// The line below which the next page begins.
    next: Option<i64>,
    problems: Problems,
}

impl ShowPage {
    fn base(&self) -> String {
        address(&self.roster.public_ref)
    }
}

async fn show_page(app: &App, staff: &Staff, client: &Client, reference: &str, after: i64) -> Result<ShowPage> {
    staff.require(Permission::Exams)?;
    let mut conn = app.db.read().await?;
    let roster = store::find_by_ref(&mut conn, reference).await?;
    let imports = store::imports(&mut conn, roster.id, IMPORTS).await?;
    let (current, found) = match roster.current {
        Some(current) => (Some(store::import(&mut conn, current).await?), entries::page(&mut conn, current, after, PER_PAGE).await?),
        None => (None, Vec::new()),
    };
    let next = found.last().filter(|_| found.len() as i64 == PER_PAGE).map(|entry| entry.line);
    let people = people(app, found)?;
    Ok(ShowPage {
        page: staff.page(app, client, SECTION),
        roster,
        current,
        imports,
        people,
        q: String::new(),
        next,
        problems: Problems::new(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Paging {
    after: i64,
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(paging): Form<Paging>,
) -> Result<Response> {
    web::html(&show_page(&app, &staff, &client, &reference, paging.after).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SearchForm {
    q: String,
}

/// By POST: names and numbers must not stand in an address.
async fn search(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<SearchForm>,
) -> Result<Response> {
    let shown = show_page(&app, &staff, &client, &reference, 0).await?;
    if form.q.trim().is_empty() {
        return Ok(client.go(&address(&reference)));
    }
    let found = actions::search(&app, &mut *app.db.read().await?, &shown.roster, &form.q).await?;
    web::html(&ShowPage { people: people(&app, found)?, q: form.q, next: None, ..shown })
}

async fn remove(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    actions::remove(&app, &staff, &reference).await?;
    Ok(client.go_saying("/console/rosters", "学籍库已删除。"))
}

async fn upload(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    sent: Result<OneFile<MAX_FILE_BYTES>>,
) -> Result<Response> {
    let done = match sent {
        Ok(file) if file.bytes.is_empty() => Err(Error::invalid("file", "请选择要导入的表格。")),
        Ok(mut file) => actions::upload(&app, &staff, &reference, &file.name, std::mem::take(&mut file.bytes)).await,
        Err(Error::TooLarge(sentence)) => Err(Error::invalid("file", sentence)),
        Err(other) => Err(other),
    };
    match done {
        Ok(import) => Ok(client.go(&import_address(&import))),
        Err(Error::Invalid(problems)) => {
            web::html_invalid(&ShowPage { problems, ..show_page(&app, &staff, &client, &reference, 0).await? })
        }
        Err(other) => Err(other),
    }
}
