//! Reading the audit.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::store;
use super::super::{Permission, Staff};
use crate::app::App;
use crate::audit::search::{self, Filter};
use crate::audit::{self, Entry, Line};
use crate::error::{Error, Result};

/// Names in the chooser.
const MAX_PEOPLE: i64 = 500;

/// Kind and id of who is meant: a login name, `system` or `command`; `None` for "".
pub async fn actor(app: &App, staff: &Staff, who: &str) -> Result<Option<(String, i64)>> {
    staff.require(Permission::Audit)?;
    Ok(match who {
        "" => None,
        "system" | "command" => Some((who.to_owned(), 0)),
        login => {
            let row = store::find_by_login(&mut *app.db.read().await?, login).await?.ok_or(Error::NotFound)?;
            Some(("staff".to_owned(), row.id))
        }
    })
}

/// Login name and name of everybody who may stand in it.
pub async fn people(app: &App, staff: &Staff) -> Result<Vec<(String, String)>> {
    staff.require(Permission::Audit)?;
    let rows = store::list(&mut *app.db.read().await?, "", MAX_PEOPLE).await?;
    Ok(rows.into_iter().map(|row| (row.login.clone(), format!("{}（{}）", row.name, row.login))).collect())
}

/// Names of the staff members whom details name by their row ids: who gave out a code on site.
pub async fn issuers(app: &App, staff: &Staff, lines: &[Line]) -> Result<BTreeMap<i64, String>> {
    staff.require(Permission::Audit)?;
    let issuer = |line: &Line| serde_json::from_str::<Value>(&line.detail).ok()?.get("issued_by")?.as_i64();
    let ids: BTreeSet<i64> = lines.iter().filter_map(issuer).collect();
    let mut names = BTreeMap::new();
    let mut conn = app.db.read().await?;
    for id in ids {
        if let Some(row) = store::find(&mut conn, id).await? {
            names.insert(id, row.name);
        }
    }
    Ok(names)
}

/// The lines that fit, newest first, below `before`.
pub async fn find(app: &App, staff: &Staff, filter: &Filter, before: i64, limit: i64) -> Result<Vec<Line>> {
    staff.require(Permission::Audit)?;
    search::find(&mut *app.db.read().await?, filter, before, limit).await
}

/// Notes that the audit is taken out; returns the sequence below which the export begins, so that it holds what was there before it.
pub async fn begin_export(app: &App, staff: &Staff, query: &str) -> Result<i64> {
    staff.require(Permission::Audit)?;
    let mut tx = app.db.begin().await?;
    let detail = json!({ "filter": query });
    let entry = Entry { action: "audit.export", subject_kind: "audit", subject_id: 0, detail, actor: &staff.actor() };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    let seq = audit::head(&mut tx).await?;
    tx.commit().await?;
    Ok(seq)
}
