//! Who may look at a stored picture: its own candidate, and staff who review; staff leave a line in the audit.

use serde_json::json;

use crate::accounts::Candidate;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::pictures::{self, Picture, PictureKind};
use crate::staff::{Permission, Staff};
use crate::types::Permissions;

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
    let any = Permissions::from([Permission::ReviewIdentity, Permission::ReviewPayment, Permission::Candidates]);
    staff.require_somewhere(any)?;
    let mut conn = app.db.read().await?;
    let picture = pictures::find_by_ref(&mut conn, reference).await?;
    let exams = match picture.owner_kind.as_str() {
        // What was handed in for one exam is no business of another's staff.
        "candidate" if picture.kind == PictureKind::Attachment.code() => {
            app.exam_of_attachment(&mut conn, reference).await?.into_iter().collect()
        }
        "candidate" => app.exams_of(&mut conn, picture.owner).await?,
        _ => vec![picture.owner],
    };
    staff.require_in_one(&exams, any)?;
    drop(conn);
    let bytes = pictures::bytes(app, &picture).await?;
    let detail = json!({ "kind": picture.kind, "owner_kind": picture.owner_kind, "owner": picture.owner });
    let actor = staff.actor();
    let mut tx = app.db.begin().await?;
    let entry = Entry { action: "picture.view", subject_kind: "picture", subject_id: picture.id, detail, actor: &actor };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    Ok((picture, bytes))
}
