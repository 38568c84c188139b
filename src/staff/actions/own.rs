//! What a staff member does with their own account: password and sessions.

use serde_json::json;

use super::super::guard::Own;
use super::super::password as rules;
use super::super::store::{self, StaffRow};
use super::note;
use crate::app::App;
use crate::error::{Error, Result};
use crate::web::session::{self, Kind, Session};
use crate::web::throttle::{self, Limit};

/// Wrong passwords of somebody who sits at another's open session.
const PER_PERSON: Limit = Limit { count: 5, window_s: 900, lock_s: 900 };

/// The own account, after the password was typed again.
pub(super) async fn with_password(app: &App, own: &Own, password: &str) -> Result<StaffRow> {
    let key = format!("staff-own:{}", own.0.id);
    throttle::count(app, &key, PER_PERSON).await?;
    let row = own.row(app).await?;
    if !app.verify_password(row.password.clone(), password.chars().take(rules::MAX_CHARS + 1).collect()).await? {
        return Err(Error::invalid("password", "现在的密码不对，请重新输入。"));
    }
    let mut tx = app.db.begin().await?;
    throttle::forget(&mut tx, &key).await?;
    tx.commit().await?;
    Ok(row)
}

/// Changes the own password. The other sessions end.
pub async fn change_password(app: &App, own: &Own, former: &str, new: &str) -> Result<()> {
    let row = with_password(app, own, former).await?;
    rules::check(new, &row.login).map_err(|sentence| Error::invalid("new_password", sentence))?;
    let hash = app.hash_password(new.to_owned()).await?;
    let mut tx = app.db.begin().await?;
    if !store::hold_password(&mut tx, row.id, &row.password).await? {
        return Err(Error::refused("changed_meanwhile", "密码刚刚被改过，请重新登录后再试。"));
    }
    store::set_password(&mut tx, row.id, &hash).await?;
    session::revoke_others(&mut tx, Kind::Staff, row.id, own.0.session).await?;
    note(app, &mut tx, "staff.change_password", row.id, json!({}), &own.0.actor()).await?;
    tx.commit().await?;
    Ok(())
}

/// The own sessions, newest first.
pub async fn sessions(app: &App, own: &Own) -> Result<Vec<Session>> {
    session::list(&mut *app.db.read().await?, Kind::Staff, own.0.id, app.clock.now()).await
}

/// Ends one of the own sessions.
pub async fn end_session(app: &App, own: &Own, session: i64) -> Result<()> {
    let mut tx = app.db.begin().await?;
    session::revoke(&mut tx, Kind::Staff, own.0.id, session).await?;
    note(app, &mut tx, "staff.end_sessions", own.0.id, json!({}), &own.0.actor()).await?;
    tx.commit().await?;
    Ok(())
}
