//! Background work: the machine's look at a check, the end of its frames, and what is stored of a face where that is switched on.

use super::actions::consent::MACHINE;
use super::actions::{self};
use super::frames::Moment;
use super::look::{self, Finding, Frames, Outcome, Seen};
use super::store::{self, Decision};
use super::stored::{self, Searched};
use super::{Check, CheckState, Way};
use crate::accounts;
use crate::accounts::{ConsentKind, consents};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::exams;
use crate::jobs::Job;
use crate::pictures::{self, Owner, PictureKind, Stored};
use crate::registrations::actions::reports::{self, FaceOutcome};
use crate::registrations::{self, Step};

/// Looks at a check, once: later runs find it decided and do nothing. What cannot be judged goes to a person.
pub async fn check(app: &App, job: &Job) -> Result<()> {
    let mut conn = app.db.read().await?;
    let check = store::find(&mut conn, job.id_in("check")?).await?;
    if check.state() != CheckState::Checking {
        return Ok(());
    }
    if consents::current(&mut conn, check.account, ConsentKind::Face).await?.is_none() {
        drop(conn);
        return give_up(app, &check).await;
    }
    let portrait = match accounts::store::find(&mut conn, check.account).await?.and_then(|account| account.portrait_picture) {
        Some(id) => match pictures::find(&mut conn, id).await {
            Ok(picture) => Some(picture),
            // At the end of its time it was deleted; a person compares with the document itself.
            Err(Error::NotFound) => None,
            Err(other) => return Err(other),
        },
        None => None,
    };
    // What was agreed to decides, not only what is switched on.
    let may_search = stored::is_on(app) && actions::agreed(app, &mut conn, check.account).await?.is_some();
    drop(conn);
    let last = job.is_last_try();
    let loaded = load(app, &check).await;
    let mut prints = Vec::new();
    let (finding, material) = match loaded {
        // At the last try the machine is not asked again: whatever stopped it before, a person can still look.
        Ok(material) if last => (Finding::person("no_machine"), Some(material)),
        Ok(material) => {
            let portrait = match &portrait {
                Some(picture) => Some(pictures::bytes(app, picture).await?),
                None => None,
            };
            let (seen, material) = see(app, &check, material, portrait, may_search).await?;
            // Without the file around it: a frame of an earlier session is known however it is packed.
            prints = seen.prints.iter().map(|print| app.keys.lookup("face_prints.print", print)).collect();
            let is_replayed = store::was_seen(&mut *app.db.read().await?, check.id, &prints).await?;
            (if is_replayed { Finding::failed(vec!["replayed"]) } else { seen.finding }, Some(material))
        }
        Err(_) if last => (Finding::person("unreadable"), None),
        Err(error) => return Err(error),
    };
    let searched = match finding.face.as_ref().filter(|_| may_search && finding.outcome != Outcome::Failed) {
        Some(face) => Some(stored::search(app, check.account, face).await?),
        None => None,
    };
    conclude(app, &check, finding, material, &prints, searched).await
}

/// What there is to look at.
enum Material {
    Frames(Frames),
    Photo(Vec<u8>),
}

async fn load(app: &App, check: &Check) -> Result<Material> {
    if check.way() != Way::Live {
        let id = check.picture.ok_or_else(|| Error::internal("a photograph check without its photograph"))?;
        let picture = pictures::find(&mut *app.db.read().await?, id).await?;
        return Ok(Material::Photo(pictures::bytes(app, &picture).await?));
    }
    let mut frames = Frames::new();
    for frame in check.frames()? {
        let moment = Moment::parse(&frame.label.step).ok_or_else(|| Error::internal("a frame without a moment"))?;
        frames.push((moment, app.keys.open_sealed(&frame.key, &app.objects.get(&frame.key).await?)?));
    }
    Ok(Material::Frames(frames))
}

async fn see(app: &App, check: &Check, material: Material, portrait: Option<Vec<u8>>, wants_face: bool) -> Result<(Seen, Material)> {
    let challenge = if check.way() == Way::Live { Some(check.challenge()?) } else { None };
    let app = app.clone();
    let (seen, material) = tokio::task::spawn_blocking(move || {
        let portrait = portrait.as_deref();
        let seen = match (&material, &challenge) {
            (Material::Frames(frames), Some(challenge)) => look::live(&app.vision, frames, challenge, portrait),
            (Material::Photo(photo), _) => look::photo(&app.vision, photo, portrait, wants_face).map(Seen::without_prints),
            (Material::Frames(_), None) => Ok(Seen::without_prints(Finding::person("unreadable"))),
        };
        (seen, material)
    })
    .await?;
    match seen {
        Ok(seen) => Ok((seen, material)),
        Err(baokao_vision::VisionError::Missing(_)) => Ok((Seen::without_prints(Finding::person("no_machine")), material)),
        Err(error) => Err(Error::internal(error)),
    }
}

/// The frame that is kept of a live check; it is safe in the store before the decision is.
async fn keep(app: &App, finding: &Finding, material: Option<Material>) -> Result<Option<Stored>> {
    let Some(Material::Frames(frames)) = material.filter(|_| finding.outcome != Outcome::Failed) else { return Ok(None) };
    match frames.get(finding.best) {
        Some((_, bytes)) => Ok(Some(pictures::put(app, bytes).await?)),
        None => Ok(None),
    }
}

async fn conclude(
    app: &App,
    check: &Check,
    mut finding: Finding,
    material: Option<Material>,
    prints: &[Vec<u8>],
    searched: Option<Searched>,
) -> Result<()> {
    let kept = keep(app, &finding, material).await?;
    let mut tx = app.db.begin().await?;
    let picture = match kept {
        Some(stored) => Some(pictures::record(app, &mut tx, Owner::Candidate(check.account), PictureKind::Face, stored).await?),
        None => check.picture,
    };
    let registration = registrations::store::find(&mut tx, check.registration).await?;
    // Withdrawn or seated meanwhile, or passed by another way: nothing is left to find out.
    let is_asked = exams::store::find(&mut tx, registration.exam).await?.checks().face();
    let is_wanted = is_asked && registrations::next(registration.state(), Step::Face).is_ok() && !registration.face_passed();
    if let Some(searched) = searched.filter(|_| is_wanted) {
        // Ended, or its consent withdrawn, while the machine looked: then nothing of it is stored.
        let stands = store::find(&mut tx, check.id).await?.state() == CheckState::Checking;
        let passes = stands && finding.outcome == Outcome::Passed;
        let found = stored::settle(app, &mut tx, check.account, &searched, passes).await?;
        if !found.is_empty() {
            // Shown to a person; nobody is refused for it.
            finding.outcome = Outcome::Person;
            finding.problems.insert(0, "stored_elsewhere");
        }
        for other in found {
            store::templates::add_match(&mut tx, check.id, other).await?;
        }
    }
    let state = match finding.outcome {
        Outcome::Passed => CheckState::Passed,
        Outcome::Failed => CheckState::Failed,
        Outcome::Person => CheckState::Person,
    };
    let decision = Decision {
        state,
        picture: picture.filter(|_| state != CheckState::Failed),
        similarity: finding.ten_thousandths(),
        problems: finding.problems.join(","),
    };
    if !is_wanted {
        actions::end(app, &mut tx, &Check { picture, ..check.clone() }).await?;
    } else if store::decide(&mut tx, check.id, decision, app.clock.now()).await? {
        store::remember(&mut tx, check.id, prints, app.clock.now()).await?;
        report(app, &mut tx, check, state, picture).await?;
        actions::purge_frames(app, &mut tx, check).await?;
    } else {
        // Ended while the machine looked: what it kept goes too.
        stored::forget(app, &mut tx, check.account).await?;
        store::templates::forget_matches(&mut tx, check.id).await?;
        if let Some(picture) = picture {
            pictures::delete(app, &mut tx, picture).await?;
        }
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

async fn report(app: &App, tx: &mut Tx, check: &Check, state: CheckState, picture: Option<i64>) -> Result<()> {
    match state {
        CheckState::Passed => {
            actions::replace_earlier(app, tx, check.registration, check.id).await?;
            reports::face(app, tx, check.registration, FaceOutcome::Passed, picture, &MACHINE, "").await
        }
        CheckState::Person => {
            actions::replace_earlier(app, tx, check.registration, check.id).await?;
            reports::face(app, tx, check.registration, FaceOutcome::Person, None, &MACHINE, "转人工审核").await
        }
        // The candidate sees why on the page of the result; the photograph is of no more use.
        _ => match picture {
            Some(picture) => pictures::delete(app, tx, picture).await,
            None => Ok(()),
        },
    }
}

async fn give_up(app: &App, check: &Check) -> Result<()> {
    let mut tx = app.db.begin().await?;
    actions::end(app, &mut tx, check).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Stores the face of a check that a person has approved, where that is switched on and agreed to.
pub async fn store_face(app: &App, job: &Job) -> Result<()> {
    let mut conn = app.db.read().await?;
    let check = store::find(&mut conn, job.id_in("check")?).await?;
    let may =
        stored::is_on(app) && check.state() == CheckState::Approved && actions::agreed(app, &mut conn, check.account).await?.is_some();
    let Some(picture) = check.picture.filter(|_| may) else { return Ok(()) };
    let picture = match pictures::find(&mut conn, picture).await {
        Ok(picture) => picture,
        // The account was closed meanwhile.
        Err(Error::NotFound) => return Ok(()),
        Err(other) => return Err(other),
    };
    drop(conn);
    let bytes = pictures::bytes(app, &picture).await?;
    let face = tokio::task::spawn_blocking({
        let app = app.clone();
        move || look::face(&app.vision, &bytes)
    })
    .await?;
    let face = match face {
        Ok(Some(face)) => face,
        Ok(None) | Err(baokao_vision::VisionError::Missing(_)) => return Ok(()),
        Err(error) => return Err(Error::internal(error)),
    };
    let searched = stored::search(app, check.account, &face).await?;
    let mut tx = app.db.begin().await?;
    if actions::agreed(app, &mut tx, check.account).await?.is_some() {
        stored::settle(app, &mut tx, check.account, &searched, true).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Deletes the frames of a check that is decided.
pub async fn purge(app: &App, job: &Job) -> Result<()> {
    let check = store::find(&mut *app.db.read().await?, job.id_in("check")?).await?;
    if check.state() == CheckState::Checking {
        return Ok(());
    }
    for frame in check.frames()? {
        app.objects.delete(&frame.key).await?;
    }
    let mut tx = app.db.begin().await?;
    store::forget_frames(&mut tx, check.id).await?;
    tx.commit().await?;
    Ok(())
}

/// A consent was taken back, here or on the privacy page.
pub async fn consent_withdrawn(app: &App, job: &Job, kind: ConsentKind) -> Result<()> {
    actions::consent::follow_withdrawal(app, job.id_in("account")?, kind).await
}
