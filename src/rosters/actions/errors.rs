//! What is wrong with a file, given back as a workbook: its own rows, the wrong cells marked, the reasons in a column at the end. Only rows with a problem, so that they can be mended one below another.

use std::ops::ControlFlow;

use baokao_tables::sheet;
use baokao_tables::xlsx::Book;
use serde_json::json;
use tokio::task::spawn_blocking;

use super::{file, log, open};
use crate::app::App;
use crate::error::{Error, Result};
use crate::rosters::{MAX_PROBLEMS, Problem, letters, store::entries};
use crate::staff::Staff;

/// The workbook of an import's problems.
pub async fn workbook(app: &App, staff: &Staff, reference: &str) -> Result<Vec<u8>> {
    let mut tx = app.db.begin().await?;
    let (roster, import) = open(&mut tx, staff, reference).await?;
    let problems = entries::problems(&mut tx, import.id, MAX_PROBLEMS).await?;
    log(app, &mut tx, staff, "roster.errors", &roster, json!({ "roster": roster.name, "file": import.file_name })).await?;
    tx.commit().await?;
    let bytes = file(app, &import).await?;
    spawn_blocking(move || marked(&bytes, &problems)).await?
}

fn marked(bytes: &[u8], problems: &[Problem]) -> Result<Vec<u8>> {
    let mut book: Option<Book> = None;
    let (mut columns, mut failed) = (0, None);
    // A file whose later rows cannot be read still has the earlier ones.
    let _ = sheet::read(bytes, &mut |row| {
        let mut cells: Vec<String> = row.cells.into_iter().map(|cell| cell.text).collect();
        let written = match &mut book {
            None => {
                columns = cells.len();
                cells.extend(["行号".into(), "问题".into()]);
                Book::new(cells).map(|made| book = Some(made))
            }
            Some(book) => {
                let first = problems.partition_point(|problem| problem.line < row.line);
                let wrong: Vec<&Problem> = problems[first..].iter().take_while(|problem| problem.line == row.line).collect();
                if wrong.is_empty() {
                    return ControlFlow::Continue(());
                }
                cells.resize(columns, String::new());
                let why: Vec<String> = wrong
                    .iter()
                    .map(|one| format!("{} 列：{}", usize::try_from(one.place).map(letters).unwrap_or_default(), one.why))
                    .collect();
                cells.extend([row.line.to_string(), why.join(" ")]);
                book.marked_row(&cells, |place| wrong.iter().any(|one| usize::try_from(one.place) == Ok(place)))
            }
        };
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(Error::from(error));
                ControlFlow::Break(())
            }
        }
    });
    match (failed, book) {
        (Some(error), _) => Err(error),
        (None, Some(book)) => Ok(book.finish()?),
        (None, None) => Ok(Book::new(vec!["问题".into()])?.finish()?),
    }
}
