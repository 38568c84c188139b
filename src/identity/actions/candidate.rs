//! What a candidate does: upload both sides, follow the reading, ask for a person.

use serde_json::json;

use crate::accounts::consents::{self, ConsentKind};
use crate::accounts::{Candidate, RealName};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Problems, Result};
use crate::identity::store::{self, Check, NewCheck};
use crate::identity::{CheckState, Doubt, FAILURES_BEFORE_A_PERSON, Outcome, Side};
use crate::jobs::{self, NewJob, PRIORITY_BATCH, PRIORITY_WAITING, Place, Queue};
use crate::pictures::{self, Owner, PictureKind, Stored};
use crate::settings::consents::Edition;
use crate::types::UnixMs;
use crate::web::throttle::{self, Limit};

/// Each upload costs seconds of a processor.
const UPLOADS: Limit = Limit { count: 20, window_s: 86_400, lock_s: 86_400 };

/// What an upload sends.
#[derive(Debug, Default)]
pub struct Upload {
    /// The side with the portrait.
    pub front: Option<Vec<u8>>,
    /// The other side.
    pub back: Option<Vec<u8>>,
    /// The edition of the purpose whose box was ticked; 0: none.
    pub consents_to: i64,
}

/// Whether the consent in its present version holds already, so that it need not be asked for again.
pub async fn has_consented(app: &App, candidate: &Candidate) -> Result<bool> {
    let held = consents::current(&mut *app.db.read().await?, candidate.id(), ConsentKind::Identity).await?;
    Ok(held.is_some_and(|consent| consent.version == app.settings().consents.identity().version))
}

/// Refuses where an upload makes no sense now.
pub fn require_open(candidate: &Candidate) -> Result<()> {
    match candidate.account.real_name() {
        RealName::None | RealName::Failed => Ok(()),
        RealName::Verified => Err(Error::refused("already_verified", "您已通过实名认证，不需要再次上传证件。")),
        RealName::Pending => Err(Error::refused("being_read", "您上传的证件正在识别，请稍候查看结果。")),
        RealName::Person => Err(Error::refused("with_a_person", "您的证件正在人工审核，结果会在消息中通知您。")),
    }
}

/// Takes both pictures: checked at the door, stored, and only then written down with the job that reads them. Returns the check's reference.
pub async fn upload(app: &App, candidate: &Candidate, sent: Upload) -> Result<String> {
    require_open(candidate)?;
    // What was read may have changed while the pictures were taken.
    let purpose = app.settings().consents.identity();
    let consents_now = sent.consents_to == purpose.version || has_consented(app, candidate).await?;
    let mut problems = Problems::new();
    let front = admit(sent.front, Side::Front, &mut problems).await?;
    let back = admit(sent.back, Side::Back, &mut problems).await?;
    if !consents_now {
        problems.add("consent", "请阅读证件信息的用途，勾选同意后再上传。");
    }
    problems.into_result()?;
    throttle::count(app, &format!("identity:{}", candidate.id()), UPLOADS).await?;
    let stored = [pictures::put(app, &front).await?, pictures::put(app, &back).await?];
    let written = write_down(app, candidate, &purpose, stored.clone()).await;
    if let Err(Error::Refused { .. }) = &written {
        pictures::discard(app, &stored).await?;
    }
    written
}

/// Writes an upload whose pictures are stored. Where it refuses, nothing is committed.
async fn write_down(app: &App, candidate: &Candidate, purpose: &Edition, [front, back]: [Stored; 2]) -> Result<String> {
    let now = app.clock.now();
    let account = &candidate.account;
    let is_read = account.document(&app.keys)?.is_read_by_machine();
    let owner = Owner::Candidate(account.id);
    let mut tx = app.db.begin().await?;
    consents::give(app, &mut tx, account.id, ConsentKind::Identity, purpose.version, &purpose.shown(), &candidate.address).await?;
    store::supersede(&mut tx, account.id, account.name_version, now).await?;
    let check = NewCheck {
        id: app.ids.make(now),
        public_ref: app.keys.token()?,
        account: account.id,
        name_version: account.name_version,
        front_picture: pictures::record(app, &mut tx, owner, PictureKind::CardFront, front).await?,
        back_picture: pictures::record(app, &mut tx, owner, PictureKind::CardBack, back).await?,
        state: if is_read { CheckState::Reading } else { CheckState::Person },
        problems: if is_read { String::new() } else { Doubt::OtherDocument.code().to_owned() },
        created_at: now,
    };
    let (id, reference, state) = (check.id, check.public_ref.clone(), check.state);
    if !store::insert(&mut tx, check).await? {
        // Two uploads at the same moment, or a page that was left open: the first one counts.
        return Err(Error::refused("being_read", "您已上传过证件，正在处理，请勿重复提交。"));
    }
    let written = store::find(&mut tx, id).await?.ok_or_else(|| Error::internal("a check vanished"))?;
    if !super::tell_account(&mut tx, &written, state, None, now).await? {
        return Err(Error::refused("name_changed", "您刚刚修改了姓名，请返回后重新上传证件。"));
    }
    // Other documents are not read, but the portrait is cut out for the face check.
    jobs::enqueue(app, &mut tx, reading_job(id, if is_read { PRIORITY_WAITING } else { PRIORITY_BATCH }, now)).await?;
    let detail = json!({ "check": id });
    let actor = candidate.actor();
    audit::write(&mut tx, now, Entry { action: "identity.upload", subject_kind: "account", subject_id: account.id, detail, actor: &actor })
        .await?;
    tx.commit().await?;
    app.wake();
    Ok(reference)
}

fn job_key(check: i64) -> String {
    format!("identity.read:{check}")
}

fn reading_job(check: i64, priority: i64, now: UnixMs) -> NewJob {
    NewJob {
        kind: "identity.read",
        queue: Queue::Vision,
        priority,
        payload: json!({ "check": check }),
        unique_key: Some(job_key(check)),
        run_at: now,
    }
}

/// Checks one picture at the door; what is wrong is noted under its field. `TooLarge` ends the upload.
async fn admit(bytes: Option<Vec<u8>>, side: Side, problems: &mut Problems) -> Result<Vec<u8>> {
    let Some(bytes) = bytes else {
        problems.add(side.code(), "请拍摄或选择这一面的照片。");
        return Ok(Vec::new());
    };
    match pictures::admit(side.code(), bytes).await {
        Ok(bytes) => Ok(bytes),
        Err(Error::Invalid(found)) => {
            problems.add(side.code(), found.of(side.code()).to_owned());
            Ok(Vec::new())
        }
        Err(other) => Err(other),
    }
}

/// Where a candidate's verification is.
#[derive(Debug)]
pub struct Status {
    /// The newest check for the present name.
    pub check: Option<Check>,
    /// What was read in it.
    pub outcome: Outcome,
    /// How often the machine refused.
    pub failures: i64,
}

impl Status {
    /// Whether the candidate may ask for a person now.
    pub fn may_ask_for_a_person(&self) -> bool {
        self.failures >= FAILURES_BEFORE_A_PERSON && self.check.as_ref().is_some_and(|check| check.state() == CheckState::Failed)
    }
}

/// Where the candidate's verification is.
pub async fn status(app: &App, candidate: &Candidate) -> Result<Status> {
    let mut conn = app.db.read().await?;
    let check = store::newest(&mut conn, candidate.id(), candidate.account.name_version).await?;
    let failures = store::failures(&mut conn, candidate.id(), candidate.account.name_version).await?;
    let outcome = check.as_ref().map(|check| super::outcome(app, check)).transpose()?.unwrap_or_default();
    Ok(Status { check, outcome, failures })
}

/// The place of one of the candidate's own uploads on its way to be read; `None` when it is decided, or handed to a person.
pub async fn place(app: &App, candidate: &Candidate, reference: &str) -> Result<Option<Place>> {
    let mut conn = app.db.read().await?;
    let check = store::find_by_ref(&mut conn, reference).await?.filter(|check| check.account == candidate.id()).ok_or(Error::NotFound)?;
    if check.state() != CheckState::Reading {
        return Ok(None);
    }
    let place = jobs::place(app, &mut conn, &job_key(check.id)).await?;
    drop(conn);
    match place {
        Some(place) => Ok(Some(place)),
        None => read_again(app, &check).await.map(Some),
    }
}

/// A job that failed at its last try for want of a database leaves its check behind: whoever waits for it sets it going again.
async fn read_again(app: &App, check: &Check) -> Result<Place> {
    let mut tx = app.db.begin().await?;
    jobs::enqueue(app, &mut tx, reading_job(check.id, PRIORITY_WAITING, app.clock.now())).await?;
    tx.commit().await?;
    app.wake();
    Ok(Place::NEXT)
}

/// Hands the last try to a person, once the machine has refused often enough.
pub async fn ask_for_a_person(app: &App, candidate: &Candidate) -> Result<()> {
    let status = status(app, candidate).await?;
    let too_early = || Error::refused("too_early", "请先按提示重新拍摄；多次未通过后可以申请人工审核。");
    let may = status.may_ask_for_a_person();
    let check = status.check.filter(|_| may).ok_or_else(too_early)?;
    let mut outcome = status.outcome;
    outcome.doubts.push(Doubt::Asked);
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !store::hand_over(&mut tx, check.id, &outcome.codes()).await? {
        return Err(too_early());
    }
    if !super::tell_account(&mut tx, &check, CheckState::Person, None, now).await? {
        return Err(Error::refused("name_changed", "您刚刚修改了姓名，请重新上传证件。"));
    }
    let actor = candidate.actor();
    let entry = Entry {
        action: "identity.ask_for_a_person",
        subject_kind: "account",
        subject_id: candidate.id(),
        detail: json!({ "check": check.id }),
        actor: &actor,
    };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    Ok(())
}
