//! Work on imports in the background: checking a file row by row, and removing what is not needed any more.

use baokao_tables::sheet;
use jiff::civil::Date;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::check::Mapping;
use super::store::entries::{self, Sealed};
use super::{Column, Import, ImportState, MAX_PROBLEMS, Problem, store};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::jobs::{self, Job, NewJob, PRIORITY_BATCH, PRIORITY_WAITING, Queue};
use crate::types::UnixMs;

/// Rows in one transaction.
const BATCH: usize = 1000;
/// Rows that are removed in one.
const REMOVED_AT_ONCE: i64 = 2000;
/// Imports of one roster that are looked through.
const MAX_IMPORTS: i64 = 1000;
/// An import that nobody goes on with is given up after so long.
const LEFT_LYING_S: i64 = 7 * 86_400;

/// Asks for the check of an import.
pub(super) async fn ask_check(app: &App, tx: &mut Tx, import: i64) -> Result<()> {
    ask(app, tx, "rosters.check", PRIORITY_WAITING, "import", import).await
}

/// Asks for the removal of what a roster does not need any more.
pub(super) async fn ask_clean(app: &App, tx: &mut Tx, roster: i64) -> Result<()> {
    ask(app, tx, "rosters.clean", PRIORITY_BATCH, "roster", roster).await
}

async fn ask(app: &App, tx: &mut Tx, kind: &'static str, priority: i64, field: &str, id: i64) -> Result<()> {
    let job = NewJob {
        kind,
        queue: Queue::Files,
        priority,
        payload: json!({ field: id }),
        // None: one that is just ending must not swallow this one. An import is asked for again only when its check is over, and cleaning twice does no harm.
        unique_key: None,
        run_at: app.clock.now(),
    };
    jobs::enqueue(app, tx, job).await
}

/// Rows that were looked at: those that are right, and what is wrong with the others.
#[derive(Default)]
struct Checked {
    people: Vec<Sealed>,
    problems: Vec<Problem>,
    /// The last line among them.
    line: i64,
    /// About how many lines the file has.
    of: i64,
}

/// Runs `rosters.check`. How far it came stands in the same transaction as the entries: another try goes on behind them.
pub async fn check(app: &App, job: &Job) -> Result<()> {
    let mut import = store::import(&mut *app.db.read().await?, job.id_in("import")?).await?;
    if import.state() != ImportState::Checking {
        return Ok(());
    }
    if import.line == 0 {
        clear(app, import.id).await?;
    }
    let bytes = app.keys.open_sealed(&import.object_key, &app.objects.get(&import.object_key).await?)?;
    let Ok(mapping) = Mapping::new(import.columns()) else { return Ok(()) };
    let number_place = mapping.place(Column::Number).and_then(|place| i64::try_from(place).ok()).unwrap_or(-1);
    let (sender, mut batches) = mpsc::channel(2);
    let (today, behind, of_app) = (app.clock.now().date(), import.line, app.clone());
    let reader = spawn_blocking(move || read(&of_app, &bytes, &mapping, today, behind, &sender));
    while let Some(batch) = batches.recv().await {
        if !keep(app, job, &mut import, batch, number_place).await? {
            return Ok(());
        }
    }
    let read = reader.await??;
    let mut tx = app.db.begin().await?;
    jobs::keep_progress(&mut tx, job, &json!({ "import": import.id })).await?;
    match read {
        Err(why) => store::set_broken(&mut tx, import.id, why).await?,
        Ok(()) if import.bad > 0 => _ = store::advance(&mut tx, import.id, ImportState::Checking, ImportState::Faulty).await?,
        Ok(()) if import.good == 0 => store::set_broken(&mut tx, import.id, "表格里只有列名，没有人员。").await?,
        Ok(()) => {
            if store::advance(&mut tx, import.id, ImportState::Checking, ImportState::Ready).await? {
                compare(&mut tx, &mut import).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Reads, checks and seals the rows behind a line. The outer error is ours, the inner one a sentence about the file.
fn read(
    app: &App,
    bytes: &[u8],
    mapping: &Mapping,
    today: Date,
    behind: i64,
    to: &mpsc::Sender<Checked>,
) -> Result<std::result::Result<(), &'static str>> {
    use std::ops::ControlFlow::{Break, Continue};
    let (mut checked, mut is_head, mut failed) = (Checked::default(), true, None);
    let read = sheet::read(bytes, &mut |row| {
        if std::mem::take(&mut is_head) || row.line <= behind {
            return Continue(());
        }
        (checked.line, checked.of) = (row.line, row.of);
        match mapping.read(&row, today).map(|person| Sealed::new(app, person)) {
            Ok(Ok(sealed)) => checked.people.push(sealed),
            Ok(Err(error)) => {
                failed = Some(error);
                return Break(());
            }
            Err(problems) => checked.problems.extend(problems),
        }
        if checked.people.len() + checked.problems.len() < BATCH {
            return Continue(());
        }
        // Nobody listens any more: the import was given up.
        if to.blocking_send(std::mem::take(&mut checked)).is_err() { Break(()) } else { Continue(()) }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if checked.line > 0 {
        to.blocking_send(checked).ok();
    }
    Ok(read)
}

/// Writes a batch and how far the check came; `false` where the import was given up.
async fn keep(app: &App, job: &Job, import: &mut Import, batch: Checked, number_place: i64) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    let written = entries::insert(&mut tx, import.id, &batch.people).await?;
    import.good += i64::try_from(written.len()).map_err(Error::internal)?;
    let mut problems = batch.problems;
    for row in batch.people.iter().filter(|row| !written.contains(&row.line())) {
        let other = entries::line_of(&mut tx, import.id, row).await?;
        let why = format!("与第 {other} 行的证件号码相同，请删去其中一行。");
        problems.push(Problem { line: row.line(), place: number_place, why });
    }
    for problem in problems {
        import.bad += 1;
        if import.bad <= MAX_PROBLEMS {
            entries::insert_problem(&mut tx, import.id, &problem).await?;
        }
    }
    (import.line, import.total) = (batch.line, batch.of.max(batch.line));
    jobs::keep_progress(&mut tx, job, &json!({ "import": import.id })).await?;
    if !store::keep_progress(&mut tx, import).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// What an import would change, against the one that counts now.
pub(super) async fn compare(tx: &mut Tx, import: &mut Import) -> Result<()> {
    import.base = store::hold(tx, import.roster).await?.current;
    (import.added, import.changed, import.gone) = match import.base {
        None => (import.good, 0, 0),
        Some(base) => {
            let (added, changed) = entries::compare(tx, import.id, base).await?;
            (added, changed, entries::compare(tx, base, import.id).await?.0)
        }
    };
    store::keep_comparison(tx, import).await
}

/// Removes the entries of an import, in passes.
async fn clear(app: &App, import: i64) -> Result<()> {
    loop {
        let mut tx = app.db.begin().await?;
        let more = entries::remove_some(&mut tx, import, REMOVED_AT_ONCE).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// Runs `rosters.clean`: what neither counts, nor counted just before, nor is still open, goes; of a roster that was removed, everything.
pub async fn clean(app: &App, roster: i64) -> Result<()> {
    let mut conn = app.db.read().await?;
    let is_hidden = store::is_hidden(&mut conn, roster).await?;
    let imports = store::imports(&mut conn, roster, MAX_IMPORTS).await?;
    let current = store::find(&mut conn, roster).await?.current;
    drop(conn);
    let before = imports.iter().find(|import| Some(import.id) == current).and_then(|import| import.base);
    for import in imports {
        let is_kept = Some(import.id) == current || Some(import.id) == before || import.state().is_open();
        if is_kept && !is_hidden {
            continue;
        }
        clear(app, import.id).await?;
        if !import.object_key.is_empty() {
            app.objects.delete(&import.object_key).await?;
        }
        let mut tx = app.db.begin().await?;
        match is_hidden {
            true => store::remove_import(&mut tx, import.id).await?,
            false => store::forget_file(&mut tx, import.id).await?,
        }
        tx.commit().await?;
    }
    if is_hidden {
        let mut tx = app.db.begin().await?;
        store::remove(&mut tx, roster).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Once an hour: gives up imports that were left lying.
pub async fn tick(app: &App) -> Result<()> {
    let before = app.clock.now().plus_s(-LEFT_LYING_S);
    let lying = store::left_lying(&mut *app.db.read().await?, before, MAX_IMPORTS).await?;
    for import in lying {
        let mut tx = app.db.begin().await?;
        if store::advance(&mut tx, import.id, import.state(), ImportState::Cancelled).await? {
            ask_clean(app, &mut tx, import.roster).await?;
        }
        tx.commit().await?;
    }
    app.wake();
    Ok(())
}

/// For the page: until when an import may lie.
pub(super) fn lies_until(import: &Import) -> UnixMs {
    UnixMs(import.created_at).plus_s(LEFT_LYING_S)
}
