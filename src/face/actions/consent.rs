//! Agreeing to face recognition, and taking it back: one press each.

use super::{doable, end};
use crate::accounts::{Candidate, ConsentKind, consents};
use crate::app::App;
use crate::audit::Actor;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::face::consent::{FACE_VERSION, FaceText};
use crate::face::{CheckState, Way, store, stored};
use crate::pictures;
use crate::registrations::actions::candidate::own;
use crate::registrations::actions::reports::{self, FaceOutcome};
use crate::registrations::{self, Step, next};

/// Writes the receipt for the text that was on the page.
pub async fn give(app: &App, candidate: &Candidate, reference: &str, edition: &str, agreed: bool) -> Result<()> {
    if !agreed {
        return Err(Error::invalid("agree", "请先勾选同意，再开始刷脸核验；不同意可以选择人工审核。"));
    }
    let text = FaceText::of(app.config.face_template_days);
    if edition != text.edition {
        return Err(Error::invalid("agree", "人脸识别的说明有更新，请重新阅读后勾选。"));
    }
    let mut tx = app.db.begin().await?;
    doable(&mut tx, candidate, reference, app.clock.now()).await?;
    consents::give(app, &mut tx, candidate.id(), ConsentKind::Face, FACE_VERSION, &text.whole(), &candidate.address).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes the consent back.
pub async fn withdraw(app: &App, candidate: &Candidate, reference: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    own(&mut tx, candidate, reference).await?;
    consents::withdraw(app, &mut tx, candidate.id(), ConsentKind::Face, &candidate.actor()).await?;
    withdrawn(app, &mut tx, candidate.id()).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// What follows when the consent is gone: checks that wait for the machine end, frames and photographs with them; what the machine measured is forgotten, a stored face
/// is deleted. A case that people look at stays with them, and a check that has passed stays passed: its one photograph is the ticket's.
pub async fn withdrawn(app: &App, tx: &mut Tx, account: i64) -> Result<()> {
    stored::forget(app, tx, account).await?;
    for check in store::undecided_of(tx, account).await? {
        match check.state() {
            CheckState::Person if check.way() == Way::Holding => {}
            CheckState::Person => {
                store::forget_measures(tx, check.id).await?;
                store::templates::forget_matches(tx, check.id).await?;
            }
            CheckState::Open | CheckState::Checking => end(app, tx, &check).await?,
            _ => {}
        }
    }
    Ok(())
}

/// What follows when the consent to keep photographs with the card is gone: they are deleted. Who waits for a decision about one has to choose a way again.
async fn photo_withdrawn(app: &App, tx: &mut Tx, account: i64) -> Result<()> {
    for check in store::with_holding_photo(tx, account).await? {
        if check.state() == CheckState::Person {
            end(app, tx, &check).await?;
            let registration = registrations::store::find(tx, check.registration).await?;
            if next(registration.state(), Step::Face).is_ok() {
                let why = "您撤回了对照片的同意，请重新选择一种核验方式。";
                reports::face(app, tx, registration.id, FaceOutcome::Returned, None, &MACHINE, why).await?;
            }
        } else if let Some(picture) = check.picture {
            store::forget_picture(tx, check.id).await?;
            pictures::delete(app, tx, picture).await?;
        }
    }
    Ok(())
}

/// What follows when a consent was taken back on the privacy page: [`withdrawn`], or the same for photographs that people look at.
pub async fn follow_withdrawal(app: &App, account: i64, kind: ConsentKind) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if consents::current(&mut tx, account, kind).await?.is_none() {
        match kind {
            ConsentKind::FacePhoto => photo_withdrawn(app, &mut tx, account).await?,
            _ => withdrawn(app, &mut tx, account).await?,
        }
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Who speaks where the machine acts.
pub(in crate::face) const MACHINE: Actor = Actor::System;
