//! Who may look at a stored picture: its own candidate, and staff who review; staff leave a line in the audit.

use serde_json::json;

use crate::accounts::Candidate;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::pictures::{self, Picture};
use crate::staff::{Permission, Staff};

/// One of the candidate's own pictures; another's does not exist for them.
pub async fn own(app: &App, candidate: &Candidate, reference: &str) -> Result<(Picture, Vec<u8>)> {
    let picture = pictures::find_by_ref(&mut *app.db.read().await?, reference).await?;
    if picture.owner_kind != "candidate" || picture.owner != candidate.id() {
        return Err(Error::NotFound);
    }
    let bytes = pictures::bytes(app, &picture).await?;
    Ok((picture, bytes))
}

/// Any picture, for staff who review or look after candidates. The line is written before the picture is shown.
pub async fn view(app: &App, staff: &Staff, reference: &str) -> Result<(Picture, Vec<u8>)> {
    let may = [Permission::ReviewIdentity, Permission::ReviewPayment, Permission::Candidates].into_iter().any(|p| staff.may(p));
    if !may {
        return Err(Error::Forbidden);
    }
    let picture = pictures::find_by_ref(&mut *app.db.read().await?, reference).await?;
    let bytes = pictures::bytes(app, &picture).await?;
    let detail = json!({ "kind": picture.kind, "owner_kind": picture.owner_kind, "owner": picture.owner });
    let actor = staff.actor();
    let mut tx = app.db.begin().await?;
    let entry = Entry { action: "picture.view", subject_kind: "picture", subject_id: picture.id, detail, actor: &actor };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    Ok((picture, bytes))
}
