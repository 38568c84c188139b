//! An import: naming the columns of its file, its progress, what is wrong or what it would change, and what became of it.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use baokao_tables::sheet::Row;
use serde::Deserialize;
use serde_json::json;

use super::{Person, SECTION, address, import_address, people};
use crate::app::App;
use crate::error::{Error, Problems, Result};
use crate::rosters::actions::{self, errors};
use crate::rosters::store::entries;
use crate::rosters::{Column, Import, ImportState, Problem, Roster, jobs, letters};
use crate::staff::Staff;
use crate::web::client::Client;
use crate::web::form::Form;
use crate::web::layout::{Choice, ConsolePage};
use crate::web::tables::{self, Format};
use crate::web::{self};

/// Problems and changed people that a preview shows.
const SHOWN: i64 = 20;

/// A column of a file before it is named.
struct FileColumn {
    letters: String,
    head: String,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "rosters/pages/import.html")]
struct ImportPage {
    page: ConsolePage,
    roster: Roster,
    import: Import,
    columns: Vec<FileColumn>,
    /// Rows of the file, below its heads.
    sample: Vec<Row>,
    found: Vec<Problem>,
    added: Vec<Person>,
    gone: Vec<Person>,
    problems: Problems,
}

impl ImportPage {
    fn base(&self) -> String {
        import_address(&self.import.public_ref)
    }

    fn state(&self) -> ImportState {
        self.import.state()
    }

    fn roster_address(&self) -> String {
        address(&self.roster.public_ref)
    }

    fn is_current(&self) -> bool {
        self.roster.current == Some(self.import.id)
    }

    fn names_columns(&self) -> bool {
        !self.columns.is_empty()
    }

    fn text<'a>(&self, row: &'a Row, place: &usize) -> &'a str {
        row.text(*place)
    }

    /// At least one, so that a bar can stand at its beginning.
    fn lines(&self) -> i64 {
        self.import.total.max(1)
    }

    fn progress(&self) -> String {
        progress(&self.import)
    }

    fn lies_until(&self) -> String {
        jobs::lies_until(&self.import).day_words()
    }

    fn has_more_than_shown(&self, people: &i64) -> bool {
        *people > SHOWN
    }

    fn more_problems(&self) -> i64 {
        self.import.bad - i64::try_from(self.found.len()).unwrap_or(0)
    }
}

fn progress(import: &Import) -> String {
    match import.total {
        0 => "正在打开文件…".into(),
        total => format!("已检查 {} / {} 行", import.line.min(total), total),
    }
}

async fn import_page(app: &App, staff: &Staff, client: &Client, reference: &str, renaming: bool) -> Result<ImportPage> {
    let mut conn = app.db.read().await?;
    let (roster, import) = actions::open(&mut conn, staff, reference).await?;
    let state = import.state();
    let (mut added, mut gone, mut found) = (Vec::new(), Vec::new(), Vec::new());
    match (state, import.base) {
        (ImportState::Faulty, _) => found = entries::problems(&mut conn, import.id, SHOWN).await?,
        (ImportState::Ready | ImportState::Applied, Some(base)) => {
            added = people(app, entries::missing_from(&mut conn, import.id, base, SHOWN).await?)?;
            gone = people(app, entries::missing_from(&mut conn, base, import.id, SHOWN).await?)?;
        }
        _ => {}
    }
    drop(conn);
    let is_named_now =
        state == ImportState::Uploaded || renaming && matches!(state, ImportState::Ready | ImportState::Faulty | ImportState::Broken);
    let mut sample = if is_named_now { actions::sample(app, &import).await? } else { Vec::new() };
    let heads = if sample.is_empty() { Vec::new() } else { sample.remove(0).cells };
    let words: Vec<(&str, &str)> = Column::ALL.iter().map(|column| (column.code(), column.word())).collect();
    let chosen = import.columns();
    let columns = heads
        .into_iter()
        .enumerate()
        .map(|(place, head)| {
            let code = chosen.get(place).copied().flatten().map_or("", Column::code);
            FileColumn { letters: letters(place), head: head.text, choices: Choice::list(&words, code) }
        })
        .collect();
    Ok(ImportPage {
        page: staff.page(app, client, SECTION),
        roster,
        import,
        columns,
        sample,
        found,
        added,
        gone,
        problems: Problems::new(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ImportQuery {
    /// `again`: name the columns anew.
    columns: String,
}

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(query): Form<ImportQuery>,
) -> Result<Response> {
    if client.wants_json {
        let (_, import) = actions::open(&mut *app.db.read().await?, &staff, &reference).await?;
        let share = if import.total > 0 { import.line as f64 / import.total as f64 } else { 0.0 };
        let done = import.state() != ImportState::Checking;
        return Ok(
            Json(json!({ "done": done, "next": import_address(&reference), "detail": progress(&import), "share": share })).into_response()
        );
    }
    web::html(&import_page(&app, &staff, &client, &reference, query.columns == "again").await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ColumnsForm {
    column: Vec<String>,
}

pub(super) async fn columns(
    State(app): State<App>,
    staff: Staff,
    client: Client,
    Path(reference): Path<String>,
    Form(form): Form<ColumnsForm>,
) -> Result<Response> {
    match actions::name_columns(&app, &staff, &reference, &form.column).await {
        Ok(()) => Ok(client.go(&import_address(&reference))),
        Err(Error::Invalid(problems)) => {
            let mut page = import_page(&app, &staff, &client, &reference, true).await?;
            let words: Vec<(&str, &str)> = Column::ALL.iter().map(|column| (column.code(), column.word())).collect();
            for (column, chosen) in page.columns.iter_mut().zip(&form.column) {
                column.choices = Choice::list(&words, chosen);
            }
            web::html_invalid(&ImportPage { problems, ..page })
        }
        Err(other) => Err(other),
    }
}

pub(super) async fn cancel(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let roster = actions::cancel(&app, &staff, &reference).await?;
    Ok(client.go_saying(&address(&roster), "已取消导入，学籍库没有变化。"))
}

pub(super) async fn apply(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    match actions::apply(&app, &staff, &reference).await {
        Ok(roster) => Ok(client.go_saying(&address(&roster), "导入完成，新的学籍已经生效。如有问题可以撤回。")),
        Err(Error::Refused { code: "compared_again", message }) => Ok(client.go_saying(&import_address(&reference), &message)),
        Err(other) => Err(other),
    }
}

pub(super) async fn roll_back(State(app): State<App>, staff: Staff, client: Client, Path(reference): Path<String>) -> Result<Response> {
    let roster = actions::roll_back(&app, &staff, &reference).await?;
    Ok(client.go_saying(&address(&roster), "已撤回，学籍库恢复到这次导入之前。"))
}

pub(super) async fn error_table(State(app): State<App>, staff: Staff, Path(reference): Path<String>) -> Result<Response> {
    Ok(tables::file("roster-errors", Format::Xlsx, errors::workbook(&app, &staff, &reference).await?))
}
