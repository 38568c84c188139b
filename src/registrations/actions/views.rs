//! The views that somebody keeps for themselves.

use crate::app::App;
use crate::error::{Error, Result};
use crate::registrations::store;
use crate::registrations::views::{MAX_NAME_CHARS, MAX_VIEWS, Query, View};
use crate::staff::{Permission, Staff};
use crate::types::line;

/// Keeps a list under a name; a view of that name is changed.
pub async fn keep(app: &App, staff: &Staff, name: &str, query: &Query) -> Result<()> {
    staff.require_somewhere(Permission::Candidates)?;
    let name = line(name, MAX_NAME_CHARS, "请给这个筛选起个名字。", "名字不能超过 20 个字。").map_err(|why| Error::invalid("name", why))?;
    if query.kept().is_empty() {
        return Err(Error::invalid("name", "还没有选择条件或列，没有可保存的内容。"));
    }
    let mut tx = app.db.begin().await?;
    let views = store::views::of(&mut tx, staff.id).await?;
    if views.len() >= MAX_VIEWS && views.iter().all(|view| view.name != name) {
        return Err(Error::invalid("name", "最多保存 20 个筛选，请先删除不用的。"));
    }
    let now = app.clock.now();
    let view = View { public_ref: app.keys.token()?, name, query: query.kept() };
    store::views::put(&mut tx, app.ids.make(now), staff.id, &view, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes one of somebody's own; one that is gone already is none.
pub async fn remove(app: &App, staff: &Staff, reference: &str) -> Result<()> {
    staff.require_somewhere(Permission::Candidates)?;
    let mut tx = app.db.begin().await?;
    store::views::remove(&mut tx, staff.id, reference).await?;
    tx.commit().await?;
    Ok(())
}
