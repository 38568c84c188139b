//! The ways without a live camera: one photograph that the machine compares and a person decides, or one with the card in the hand that only people see.

use super::{doable, enqueue_check, machine_allowed, replace_earlier};
use crate::accounts::{Candidate, ConsentKind, consents};
use crate::app::App;
use crate::error::{Error, Result};
use crate::face::store::{self, NewCheck};
use crate::face::{CheckState, Way, consent as texts};
use crate::pictures::{self, Owner, PictureKind};
use crate::registrations::actions::reports::{self, FaceOutcome};
use crate::web::throttle::{self, Limit};

/// Photographs of one candidate.
const PER_ACCOUNT: Limit = Limit { count: 20, window_s: 3600, lock_s: 600 };

/// One photograph of the face. The machine looks at it and compares it; because it shows nothing about who holds the phone, a person decides. Returns the check's reference.
pub async fn submit_file(app: &App, candidate: &Candidate, reference: &str, photo: Option<Vec<u8>>) -> Result<String> {
    let photo = photo.ok_or_else(|| Error::invalid("photo", "请先拍一张您的正脸照片。"))?;
    let now = app.clock.now();
    let mut conn = app.db.read().await?;
    let (row, _) = doable(&mut conn, candidate, reference, now).await?;
    machine_allowed(app, &mut conn, &row).await?;
    drop(conn);
    throttle::count(app, &format!("face-photo:{}", candidate.id()), PER_ACCOUNT).await?;
    let photo = pictures::admit("photo", photo).await?;
    let stored = pictures::put(app, &photo).await?;
    let mut tx = app.db.begin().await?;
    let (row, _) = doable(&mut tx, candidate, reference, now).await?;
    machine_allowed(app, &mut tx, &row).await?;
    let picture = pictures::record(app, &mut tx, Owner::Candidate(candidate.id()), PictureKind::Face, stored).await?;
    let check = new_check(app, candidate, row.id, Way::File, CheckState::Checking, picture)?;
    let (id, public_ref) = (check.id, check.public_ref.clone());
    store::insert(&mut tx, check, now).await?;
    enqueue_check(app, &mut tx, id).await?;
    tx.commit().await?;
    app.wake();
    Ok(public_ref)
}

/// One photograph with the card in the hand: no machine, a person decides, the candidate goes on meanwhile. Returns the check's reference.
pub async fn submit_holding(app: &App, candidate: &Candidate, reference: &str, photo: Option<Vec<u8>>, agreed: bool) -> Result<String> {
    let photo = photo.ok_or_else(|| Error::invalid("photo", "请先拍一张手持身份证的照片。"))?;
    if !agreed {
        return Err(Error::invalid("agree", "请勾选同意保存这张照片，工作人员才能为您核对。"));
    }
    let now = app.clock.now();
    doable(&mut *app.db.read().await?, candidate, reference, now).await?;
    throttle::count(app, &format!("face-photo:{}", candidate.id()), PER_ACCOUNT).await?;
    let photo = pictures::admit("photo", photo).await?;
    let stored = pictures::put(app, &photo).await?;
    let mut tx = app.db.begin().await?;
    let (row, _) = doable(&mut tx, candidate, reference, now).await?;
    let account = candidate.id();
    consents::give(app, &mut tx, account, ConsentKind::FacePhoto, texts::PHOTO_VERSION, texts::PHOTO, &candidate.address).await?;
    let picture = pictures::record(app, &mut tx, Owner::Candidate(account), PictureKind::Holding, stored).await?;
    let check = new_check(app, candidate, row.id, Way::Holding, CheckState::Person, picture)?;
    let public_ref = check.public_ref.clone();
    replace_earlier(app, &mut tx, row.id, check.id).await?;
    store::insert(&mut tx, check, now).await?;
    reports::face(app, &mut tx, row.id, FaceOutcome::Person, None, &candidate.actor(), "选择人工审核").await?;
    tx.commit().await?;
    app.wake();
    Ok(public_ref)
}

fn new_check(app: &App, candidate: &Candidate, registration: i64, way: Way, state: CheckState, picture: i64) -> Result<NewCheck> {
    let now = app.clock.now();
    Ok(NewCheck {
        id: app.ids.make(now),
        public_ref: app.keys.token()?,
        account: candidate.id(),
        registration,
        way,
        state,
        nonce_hash: None,
        challenge: None,
        expires_at: now,
        picture: Some(picture),
    })
}
