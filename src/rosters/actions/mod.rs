//! What staff do with rosters. Everything needs [`Permission::Exams`] for all exams, because a roster belongs to none, and leaves a line in the audit.

pub mod errors;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use baokao_tables::sheet::{self, Row};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::check::Mapping;
use super::jobs;
use super::store::{self, entries};
use super::{Column, Entry, Import, ImportState, MAX_FILE_BYTES, MAX_NAME_CHARS, Roster};
use crate::app::App;
use crate::audit::{self, Entry as Line};
use crate::db::{Conn, Tx, is_unique_violation};
use crate::error::{Error, Result};
use crate::staff::{Permission, Staff};
use crate::types::{DocumentKind, DocumentNumber, PersonName, line};

/// Letters of a public reference.
const REFERENCE_LETTERS: usize = 8;
/// Rows of a file that are shown before its columns are named.
const SAMPLE: usize = 5;
/// Found at once by a search.
const MOST_FOUND: i64 = 50;
const MAX_FILE_NAME_CHARS: usize = 100;

async fn log(app: &App, tx: &mut Tx, staff: &Staff, action: &'static str, roster: &Roster, detail: Value) -> Result<()> {
    let entry = Line { action, subject_kind: "roster", subject_id: roster.id, detail, actor: &staff.actor() };
    audit::write(tx, app.clock.now(), entry).await
}

/// Makes an empty roster; returns its public reference.
pub async fn create(app: &App, staff: &Staff, name: &str) -> Result<String> {
    staff.require(Permission::Exams)?;
    let name = line(name, MAX_NAME_CHARS, "请填写学籍库的名称，例如“2026 年春季学籍”。", "名称不能超过 40 字。")
        .map_err(|why| Error::invalid("name", why))?;
    let now = app.clock.now();
    let public_ref = app.keys.reference(REFERENCE_LETTERS)?;
    let roster = Roster { id: app.ids.make(now), public_ref, name, heads: "{}".into(), current: None, created_at: now.0 };
    let mut tx = app.db.begin().await?;
    match store::insert(&mut tx, &roster).await {
        Err(error) if is_unique_violation(&error) => return Err(Error::invalid("name", "已经有同名的学籍库。")),
        other => other?,
    }
    log(app, &mut tx, staff, "roster.create", &roster, json!({ "name": roster.name })).await?;
    tx.commit().await?;
    Ok(roster.public_ref)
}

/// Removes a roster that no exam asks for.
pub async fn remove(app: &App, staff: &Staff, reference: &str) -> Result<()> {
    staff.require(Permission::Exams)?;
    let mut tx = app.db.begin().await?;
    let roster = store::find_by_ref(&mut tx, reference).await?;
    let roster = store::hold(&mut tx, roster.id).await?;
    if let Some(title) = app.exam_of_roster(&mut tx, roster.id).await? {
        return Err(Error::refused(
            "roster_in_use",
            format!("考试“{title}”限定这个学籍库的考生报名，不能删除。请先在那场考试中取消限定。"),
        ));
    }
    store::hide(&mut tx, roster.id, app.clock.now()).await?;
    jobs::ask_clean(app, &mut tx, roster.id).await?;
    log(app, &mut tx, staff, "roster.remove", &roster, json!({ "name": roster.name })).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// The first rows of a file: its heads, and some below them.
async fn first_rows(bytes: Vec<u8>) -> Result<std::result::Result<Vec<Row>, &'static str>> {
    let read = move || {
        let mut rows = Vec::new();
        sheet::read(&bytes, &mut |row| {
            rows.push(row);
            if rows.len() > SAMPLE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .map(|()| rows)
    };
    Ok(spawn_blocking(read).await?)
}

/// Takes a file in: stored before it is answered. What its columns hold is guessed, by what the same heads were taken for last time; a table whose heads are all known is checked at once. Returns the import's public reference.
pub async fn upload(app: &App, staff: &Staff, reference: &str, file_name: &str, bytes: Vec<u8>) -> Result<String> {
    staff.require(Permission::Exams)?;
    let roster = store::find_by_ref(&mut *app.db.read().await?, reference).await?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(Error::TooLarge(sheet::TOO_LARGE.into()));
    }
    let object_key = app.keys.token()?;
    let sealed = app.keys.seal(&object_key, &bytes)?;
    let rows = first_rows(bytes).await?.map_err(|why| Error::invalid("file", why))?;
    let remembered: BTreeMap<String, String> = serde_json::from_str(&roster.heads).unwrap_or_default();
    let mut columns: Vec<Option<Column>> = Vec::new();
    // A table that was imported before needs no more asking: its check begins at once, and its columns can be named again behind it.
    let mut is_known = !remembered.is_empty();
    for cell in rows.first().map(|heads| heads.cells.as_slice()).unwrap_or_default() {
        let column = remembered.get(&cell.text).map_or_else(|| Column::guess(&cell.text), |code| Column::parse(code));
        is_known &= cell.text.is_empty() || remembered.contains_key(&cell.text);
        columns.push(column.filter(|column| !columns.contains(&Some(*column))));
    }
    app.objects.put(&object_key, sealed).await?;
    let now = app.clock.now();
    let file_name: String =
        file_name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(MAX_FILE_NAME_CHARS).collect();
    let import = Import {
        id: app.ids.make(now),
        public_ref: app.keys.reference(REFERENCE_LETTERS)?,
        roster: roster.id,
        file_name: if file_name.is_empty() { "未命名".into() } else { file_name },
        object_key,
        state: ImportState::Uploaded.code().into(),
        columns: codes(&columns),
        why: String::new(),
        total: 0,
        line: 0,
        good: 0,
        bad: 0,
        base: None,
        added: 0,
        changed: 0,
        gone: 0,
        created_name: staff.name.clone(),
        created_at: now.0,
        applied_at: None,
    };
    let mut tx = app.db.begin().await?;
    store::insert_import(&mut tx, &import).await?;
    if is_known && Mapping::new(columns).is_ok() {
        store::begin_check(&mut tx, import.id, &import.columns).await?;
        jobs::ask_check(app, &mut tx, import.id).await?;
    }
    log(app, &mut tx, staff, "roster.upload", &roster, json!({ "roster": roster.name, "file": import.file_name })).await?;
    tx.commit().await?;
    app.wake();
    Ok(import.public_ref)
}

fn codes(columns: &[Option<Column>]) -> String {
    columns.iter().map(|column| column.map_or("", Column::code)).collect::<Vec<_>>().join(",")
}

/// The file of an import as it was uploaded.
async fn file(app: &App, import: &Import) -> Result<Vec<u8>> {
    if import.object_key.is_empty() {
        return Err(Error::refused("file_gone", "这个文件已经按期限删除，请重新上传。"));
    }
    app.keys.open_sealed(&import.object_key, &app.objects.get(&import.object_key).await?)
}

/// The heads of an import's file and some rows.
pub async fn sample(app: &App, import: &Import) -> Result<Vec<Row>> {
    Ok(first_rows(file(app, import).await?).await?.unwrap_or_default())
}

/// An import and its roster, for staff.
pub async fn open(conn: &mut Conn, staff: &Staff, reference: &str) -> Result<(Roster, Import)> {
    staff.require(Permission::Exams)?;
    let import = store::import_by_ref(conn, reference).await?;
    Ok((store::find(conn, import.roster).await?, import))
}

/// [`open`], held.
async fn held(tx: &mut Tx, staff: &Staff, reference: &str) -> Result<(Roster, Import)> {
    let (roster, import) = open(tx, staff, reference).await?;
    Ok((store::hold(tx, roster.id).await?, store::import(tx, import.id).await?))
}

/// Names the columns of a file and asks for its check; the heads are remembered.
pub async fn name_columns(app: &App, staff: &Staff, reference: &str, columns: &[String]) -> Result<()> {
    let (_, import) = open(&mut *app.db.read().await?, staff, reference).await?;
    let heads = sample(app, &import).await?.into_iter().next().map(|row| row.cells).unwrap_or_default();
    let columns: Vec<Option<Column>> =
        heads.iter().enumerate().map(|(place, _)| columns.get(place).and_then(|code| Column::parse(code))).collect();
    Mapping::new(columns.clone()).map_err(|why| Error::invalid("columns", why))?;
    let mut tx = app.db.begin().await?;
    let (roster, import) = held(&mut tx, staff, reference).await?;
    if !matches!(import.state(), ImportState::Uploaded | ImportState::Ready | ImportState::Faulty | ImportState::Broken) {
        return Err(Error::refused("not_open", "这次导入已经开始或结束，不能再改列。请重新上传文件。"));
    }
    let mut remembered: BTreeMap<String, String> = serde_json::from_str(&roster.heads).unwrap_or_default();
    for (cell, column) in heads.iter().zip(&columns).filter(|(cell, _)| !cell.text.is_empty()) {
        remembered.insert(cell.text.clone(), column.map_or("", Column::code).to_owned());
    }
    // Of the newest files only: a roster sees a handful of different tables.
    if remembered.len() > 4 * sheet::MAX_COLUMNS {
        remembered.retain(|head, _| heads.iter().any(|cell| cell.text == *head));
    }
    store::keep_heads(&mut tx, roster.id, &serde_json::to_string(&remembered)?).await?;
    store::begin_check(&mut tx, import.id, &codes(&columns)).await?;
    jobs::ask_check(app, &mut tx, import.id).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Gives an import up; nothing of it counted.
pub async fn cancel(app: &App, staff: &Staff, reference: &str) -> Result<String> {
    let mut tx = app.db.begin().await?;
    let (roster, import) = held(&mut tx, staff, reference).await?;
    if !(import.state().is_open() || import.state() == ImportState::Broken)
        || !store::advance(&mut tx, import.id, import.state(), ImportState::Cancelled).await?
    {
        return Err(Error::refused("not_open", "这次导入已经结束，不能再取消。"));
    }
    jobs::ask_clean(app, &mut tx, roster.id).await?;
    log(app, &mut tx, staff, "roster.cancel", &roster, json!({ "roster": roster.name, "file": import.file_name })).await?;
    tx.commit().await?;
    app.wake();
    Ok(roster.public_ref)
}

/// Lets a checked import count, whole and at once, in the place of the one before. Where another was applied since it was compared, it is compared again and the person looks once more.
pub async fn apply(app: &App, staff: &Staff, reference: &str) -> Result<String> {
    let mut tx = app.db.begin().await?;
    let (roster, mut import) = held(&mut tx, staff, reference).await?;
    if import.state() == ImportState::Applied && roster.current == Some(import.id) {
        return Ok(roster.public_ref);
    }
    if import.state() != ImportState::Ready {
        return Err(Error::refused("not_ready", "这次导入还不能使用：请等检查完成、错误全部改正后再试。"));
    }
    if import.base != roster.current {
        jobs::compare(&mut tx, &mut import).await?;
        tx.commit().await?;
        return Err(Error::refused("compared_again", "预览之后有人更新过这个学籍库，变化已重新计算。请核对后再导入。"));
    }
    if let Some(before) = roster.current {
        store::advance(&mut tx, before, ImportState::Applied, ImportState::Replaced).await?;
    }
    store::advance(&mut tx, import.id, ImportState::Ready, ImportState::Applied).await?;
    store::set_applied_at(&mut tx, import.id, app.clock.now()).await?;
    store::set_current(&mut tx, roster.id, Some(import.id)).await?;
    jobs::ask_clean(app, &mut tx, roster.id).await?;
    let detail = json!({ "roster": roster.name, "file": import.file_name, "people": import.good, "added": import.added, "changed": import.changed, "gone": import.gone });
    log(app, &mut tx, staff, "roster.apply", &roster, detail).await?;
    tx.commit().await?;
    app.wake();
    Ok(roster.public_ref)
}

/// Takes the import that counts back: the one before counts again.
pub async fn roll_back(app: &App, staff: &Staff, reference: &str) -> Result<String> {
    let mut tx = app.db.begin().await?;
    let (roster, import) = held(&mut tx, staff, reference).await?;
    if roster.current != Some(import.id) {
        return Err(Error::refused("not_current", "只能撤回正在使用的那一次导入。"));
    }
    let before = match import.base {
        Some(base) => Some(store::import(&mut tx, base).await?),
        None => None,
    };
    store::advance(&mut tx, import.id, ImportState::Applied, ImportState::RolledBack).await?;
    if let Some(before) = &before {
        if !store::advance(&mut tx, before.id, ImportState::Replaced, ImportState::Applied).await? {
            return Err(Error::refused("nothing_before", "上一次导入的数据已经删除，不能撤回。请重新导入原来的文件。"));
        }
        // What it replaced itself is gone by now.
        store::keep_comparison(&mut tx, &Import { base: None, ..before.clone() }).await?;
    }
    store::set_current(&mut tx, roster.id, before.as_ref().map(|before| before.id)).await?;
    jobs::ask_clean(app, &mut tx, roster.id).await?;
    let detail = json!({ "roster": roster.name, "file": import.file_name, "back_to": before.map(|before| before.file_name) });
    log(app, &mut tx, staff, "roster.roll_back", &roster, detail).await?;
    tx.commit().await?;
    app.wake();
    Ok(roster.public_ref)
}

/// People of a roster by name, number or student number.
pub async fn search(app: &App, conn: &mut Conn, roster: &Roster, typed: &str) -> Result<Vec<Entry>> {
    let (Some(current), typed) = (roster.current, typed.trim()) else { return Ok(Vec::new()) };
    let today = app.clock.now().date();
    for kind in DocumentKind::ALL {
        if let Ok(number) = DocumentNumber::parse(kind, typed, today)
            && let Some(entry) = entries::of_number(app, conn, current, &number).await?
        {
            return Ok(vec![entry]);
        }
    }
    let text = PersonName::parse(typed).map_or_else(|_| typed.to_owned(), |name| name.as_str().to_owned());
    entries::called(conn, current, &text, MOST_FOUND).await
}
