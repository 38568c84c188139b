//! Agreeing to face recognition, and taking it back: one press each.

use super::{doable, end};
use crate::accounts::{Candidate, ConsentKind, consents};
use crate::app::App;
use crate::audit::Actor;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::face::{CheckState, Way, consent as texts, store};
use crate::registrations::actions::candidate::own;

/// Writes the receipt for the text that was on the page.
pub async fn give(app: &App, candidate: &Candidate, reference: &str, version: i64, agreed: bool) -> Result<()> {
    if !agreed {
        return Err(Error::invalid("agree", "请先勾选同意，再开始刷脸核验；不同意可以选择人工审核。"));
    }
    if version != texts::FACE_VERSION {
        return Err(Error::invalid("agree", "人脸识别的说明有更新，请重新阅读后勾选。"));
    }
    let mut tx = app.db.begin().await?;
    doable(&mut tx, candidate, reference, app.clock.now()).await?;
    consents::give(app, &mut tx, candidate.id(), ConsentKind::Face, version, &texts::face_text(), &candidate.address).await?;
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

/// What follows when the consent is gone: checks that wait for the machine end, frames and photographs with them; what the machine measured is forgotten. A case that
/// people look at stays with them, and a check that has passed stays passed: its one photograph is the ticket's.
pub async fn withdrawn(app: &App, tx: &mut Tx, account: i64) -> Result<()> {
    for check in store::undecided_of(tx, account).await? {
        match check.state() {
            CheckState::Person if check.way() == Way::Holding => {}
            CheckState::Person => store::forget_measures(tx, check.id).await?,
            CheckState::Open | CheckState::Checking => end(app, tx, &check).await?,
            _ => {}
        }
    }
    Ok(())
}

/// [`withdrawn`] in a transaction of its own, where the consent was taken back elsewhere (the privacy page).
pub async fn follow_withdrawal(app: &App, account: i64) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if consents::current(&mut tx, account, ConsentKind::Face).await?.is_none() {
        withdrawn(app, &mut tx, account).await?;
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Who speaks where the machine acts.
pub(in crate::face) const MACHINE: Actor = Actor::System;
