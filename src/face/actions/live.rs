//! The live check: a challenge is given out, its frames come back once and in time.

use futures_util::future::try_join_all;

use super::{doable, end, enqueue_check, machine_allowed};
use crate::accounts::Candidate;
use crate::app::App;
use crate::crypto::{same, sha256};
use crate::error::{Error, Result};
use crate::face::frames::{FrameLabel, MAX_FRAME_BYTES, MAX_FRAMES, SealedLabel, StoredFrame, labels_fit, seals_hold};
use crate::face::guide::{Guidance, Guides};
use crate::face::store::{self, NewCheck};
use crate::face::{CHALLENGE_SECONDS, Challenge, Check, CheckState, Way};
use crate::pictures;
use crate::types::UnixMs;
use crate::web::throttle::{self, Limit};

/// Challenges of one candidate: far more than anybody needs.
const PER_ACCOUNT: Limit = Limit { count: 30, window_s: 3600, lock_s: 600 };

/// One label with its seal, as JSON.
const MAX_LABEL_BYTES: usize = 200;

/// Says what a frame lacks, before a live check is started; only where one may be.
pub async fn guide(app: &App, candidate: &Candidate, reference: &str, guides: &Guides, frame: Option<Vec<u8>>) -> Result<Guidance> {
    let mut conn = app.db.read().await?;
    let (row, _) = doable(&mut conn, candidate, reference, app.clock.now()).await?;
    machine_allowed(app, &mut conn, &row).await?;
    drop(conn);
    let frame = frame.ok_or_else(|| Error::invalid("frame", "画面没有传好，请检查网络后再试一次。"))?;
    guides.look(app, candidate.id(), frame).await
}

/// A challenge as it goes to the page.
#[derive(Debug)]
pub struct Started {
    /// Proves that the frames answer this challenge; only its hash is stored.
    pub nonce: String,
    /// What is asked.
    pub challenge: Challenge,
    /// The check's reference.
    pub check: String,
}

/// Gives out a challenge; an earlier one that is still open ends.
pub async fn start(app: &App, candidate: &Candidate, reference: &str) -> Result<Started> {
    let now = app.clock.now();
    let mut conn = app.db.read().await?;
    let (row, _) = doable(&mut conn, candidate, reference, now).await?;
    machine_allowed(app, &mut conn, &row).await?;
    drop(conn);
    throttle::count(app, &format!("face-start:{}", candidate.id()), PER_ACCOUNT).await?;
    let nonce = app.keys.token()?;
    let challenge = Challenge::random(app.keys.random::<1>()?[0]);
    let check = NewCheck {
        id: app.ids.make(now),
        public_ref: app.keys.token()?,
        account: candidate.id(),
        registration: row.id,
        way: Way::Live,
        state: CheckState::Open,
        nonce_hash: Some(sha256(nonce.as_bytes())),
        challenge: Some(challenge.clone()),
        expires_at: now.plus_s(CHALLENGE_SECONDS),
        picture: None,
    };
    let public_ref = check.public_ref.clone();
    let mut tx = app.db.begin().await?;
    let (row, _) = doable(&mut tx, candidate, reference, now).await?;
    machine_allowed(app, &mut tx, &row).await?;
    for open in store::in_state(&mut tx, row.id, CheckState::Open).await? {
        end(app, &mut tx, &open).await?;
    }
    store::insert(&mut tx, check, now).await?;
    tx.commit().await?;
    Ok(Started { nonce, challenge, check: public_ref })
}

/// What the page sends back.
#[derive(Debug, Default)]
pub struct Answer {
    /// As given out.
    pub nonce: String,
    /// JSON: a label with its seal for each frame.
    pub meta: String,
    /// JPEGs, in their order.
    pub frames: Vec<Vec<u8>>,
}

/// Takes the frames of a challenge. They are safe in the store before this returns; the machine looks at them in a job. Returns the check's reference.
pub async fn submit(app: &App, candidate: &Candidate, reference: &str, answer: Answer) -> Result<String> {
    let now = app.clock.now();
    let mut conn = app.db.read().await?;
    let (row, _) = doable(&mut conn, candidate, reference, now).await?;
    machine_allowed(app, &mut conn, &row).await?;
    let newest = store::newest(&mut conn, row.id).await?;
    drop(conn);
    let check = answered(newest, candidate, &answer.nonce, now)?;
    let labels = read_labels(&answer, now.0 - check.created_at)?;

    let puts = answer.frames.iter().zip(labels).map(|(bytes, label)| put(app, bytes, label));
    let frames: Vec<StoredFrame> = try_join_all(puts).await?;
    let taken = take(app, candidate, reference, &check, &frames).await;
    if taken.is_err() {
        // Nobody knows of these objects.
        for frame in &frames {
            app.objects.delete(&frame.key).await?;
        }
    }
    taken?;
    app.wake();
    Ok(check.public_ref)
}

async fn put(app: &App, bytes: &[u8], label: FrameLabel) -> Result<StoredFrame> {
    let key = app.keys.token()?;
    app.objects.put(&key, app.keys.seal(&key, bytes)?).await?;
    Ok(StoredFrame { key, label })
}

async fn take(app: &App, candidate: &Candidate, reference: &str, check: &Check, frames: &[StoredFrame]) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (row, _) = doable(&mut tx, candidate, reference, now).await?;
    machine_allowed(app, &mut tx, &row).await?;
    if !store::take_frames(&mut tx, check.id, frames, now).await? {
        return Err(used());
    }
    enqueue_check(app, &mut tx, check.id).await?;
    tx.commit().await?;
    Ok(())
}

/// The challenge that this nonce answers. Everything else is one refusal: whoever made the request by hand learns nothing from it.
fn answered(newest: Option<Check>, candidate: &Candidate, nonce: &str, now: UnixMs) -> Result<Check> {
    let unknown = || Error::refused("face_nonce", "这次核验不是从本页面开始的，请返回重新开始刷脸核验。");
    let check = newest.filter(|check| check.way() == Way::Live && check.account == candidate.id()).ok_or_else(unknown)?;
    if check.state() != CheckState::Open {
        return Err(used());
    }
    let hash = check.nonce_hash.as_deref().unwrap_or_default();
    if !same(&sha256(nonce.as_bytes()), hash) {
        return Err(unknown());
    }
    if check.expires_at <= now.0 {
        return Err(Error::refused("face_expired", "超过了时间，画面没有提交。请再试一次，听到提示后慢慢转头即可。"));
    }
    Ok(check)
}

fn used() -> Error {
    Error::refused("face_used", "这次核验已经提交过或已结束，请返回重新开始刷脸核验。")
}

fn read_labels(answer: &Answer, elapsed_ms: i64) -> Result<Vec<FrameLabel>> {
    let incomplete = || Error::invalid("frame", "画面没有传完整，请检查网络后再试一次。");
    if answer.frames.len() > MAX_FRAMES || answer.meta.len() > MAX_LABEL_BYTES * MAX_FRAMES {
        return Err(incomplete());
    }
    for frame in &answer.frames {
        if frame.len() > MAX_FRAME_BYTES {
            return Err(Error::TooLarge("画面太大，请换手机自带的浏览器再试一次。".into()));
        }
        if pictures::check(frame)? != "image/jpeg" {
            return Err(incomplete());
        }
    }
    let sealed: Vec<SealedLabel> = serde_json::from_str(&answer.meta).map_err(|_| incomplete())?;
    let labels: Vec<FrameLabel> = sealed.iter().map(|one| one.label.clone()).collect();
    if !labels_fit(&labels, answer.frames.len(), elapsed_ms) {
        return Err(incomplete());
    }
    if !seals_hold(&answer.nonce, &sealed, &answer.frames) {
        return Err(Error::refused("face_changed", "画面不是这次核验拍下的，或被改动、调换过。请返回重新开始刷脸核验。"));
    }
    Ok(labels)
}
