//! Reading a card in the background. The job may run more than once and has effect once: every write asks for the state that it expects.

use baokao_vision::{CardProblem, CardReading, DecodeLimits, DocumentReading, DocumentType, PictureProblem, RgbImage, VisionError, decode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use serde_json::json;

use super::actions::{NO_NAME, seal, supersede, tell_account};
use super::store::{self, Check, Settled};
use super::{CheckState, Decision, Declared, Doubt, Field, Finding, Outcome, Problem, Side, holders, judge, judge_document};
use crate::accounts::store::Account;
use crate::accounts::{self, ConsentKind, RealName, consents};
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::pictures::{self, Owner, PictureKind};
use crate::types::{DocumentKind, DocumentNumber};

/// Of the portrait and of the line of the name.
const JPEG_QUALITY: u8 = 92;

/// What was read, by the document's own reader.
enum Read {
    Card(CardReading),
    Document(DocumentReading),
}

/// What was seen on both pictures.
struct Seen {
    reading: Read,
    /// JPEG.
    portrait: Option<Vec<u8>>,
    /// JPEG.
    name_line: Option<Vec<u8>>,
    lines: Vec<(Field, Vec<u8>)>,
}

/// Why nothing was seen.
enum Unseen {
    /// The pictures are at fault.
    Undecodable(Vec<Finding>),
    /// The models are not installed.
    NoModels,
}

/// Reads a check and decides it where that is certain; everything else goes to a person.
pub async fn read(app: &App, job: &Job) -> Result<()> {
    let id = job.id_in("check")?;
    let Some(check) = store::find(&mut *app.db.read().await?, id).await? else { return Ok(()) };
    let account = match accounts::actions::find(&mut *app.db.read().await?, check.account).await {
        Ok(account) => account,
        Err(Error::NotFound) => return supersede(app, &check, NO_NAME).await,
        Err(other) => return Err(other),
    };
    if account.name_version != check.name_version {
        return supersede(app, &check, account.name_version).await;
    }
    match check.state() {
        CheckState::Reading => {
            // At the last try the reader is not asked again, since it may be what kills the program: a person looks.
            let seen = if job.is_last_try() { None } else { Some(look(app, &check, account.kind()).await?) };
            let on_the_back = match &seen {
                Some(Ok(Seen { reading: Read::Document(reading), .. })) => reading.permit_number.clone(),
                _ => None,
            };
            let permit = holders::permit(&account.document(&app.keys)?, on_the_back.as_deref(), app.clock.now().date());
            let (outcome, portrait) = match seen {
                None => (doubtful(Doubt::ReaderFailed), None),
                Some(seen) => judged(app, &account, seen)?,
            };
            settle(app, &check, outcome, portrait, permit).await
        }
        // A reviewer may have been faster than this job.
        CheckState::Person | CheckState::Approved if check.portrait_picture.is_none() => portrait_only(app, &check).await,
        _ => Ok(()),
    }
}

impl Read {
    fn has_front(&self) -> bool {
        match self {
            Self::Card(reading) => reading.front.is_some(),
            Self::Document(reading) => reading.name.is_some() || reading.latin_name.is_some() || reading.number.is_some(),
        }
    }

    /// The line of the name cut out of the front.
    fn name_line(&self) -> Option<&RgbImage> {
        let detail = match self {
            Self::Card(reading) => &reading.name_detail,
            Self::Document(reading) => &reading.name_detail,
        };
        detail.as_ref().map(|detail| &detail.crop)
    }
}

impl Read {
    /// The lines of other fields.
    fn lines(&self) -> Vec<(Field, &RgbImage)> {
        let Self::Card(reading) = self else { return Vec::new() };
        let lines = [(Field::Number, &reading.lines.number), (Field::Validity, &reading.lines.validity)];
        lines.into_iter().filter_map(|(field, line)| Some((field, line.as_ref()?))).collect()
    }
}

/// The reader of a kind of document; none is the identity card's own.
fn reader_of(kind: DocumentKind) -> Option<DocumentType> {
    match kind {
        DocumentKind::ResidentCard => None,
        DocumentKind::ResidencePermit => Some(DocumentType::ResidencePermit),
        DocumentKind::HongKongMacauPermit => Some(DocumentType::HkMacauPermit),
        DocumentKind::TaiwanPermit => Some(DocumentType::TaiwanPermit),
        DocumentKind::ForeignPermanentResident => Some(DocumentType::ForeignPermanent),
        DocumentKind::Passport => Some(DocumentType::Passport),
    }
}

/// Decodes and reads on a blocking thread.
async fn look(app: &App, check: &Check, kind: DocumentKind) -> Result<Result<Seen, Unseen>> {
    let (front, back) = (picture(app, check.front_picture).await?, picture(app, check.back_picture).await?);
    let app = app.clone();
    tokio::task::spawn_blocking(move || {
        let (front, back) = match both(decoded(&front, Side::Front), decoded(&back, Side::Back)) {
            Ok(pictures) => pictures,
            Err(findings) => return Ok(Err(Unseen::Undecodable(findings))),
        };
        let read = match reader_of(kind) {
            None => app.vision.decide_card(Some(&front), Some(&back)).map(Read::Card),
            Some(kind) => app.vision.read_document(kind, Some(&front), Some(&back), app.clock.now().date()).map(Read::Document),
        };
        let read = read.and_then(|reading| {
            let portrait = match &reading {
                Read::Card(reading) => app.vision.card_portrait(&front, reading)?,
                // A front that is no front has no portrait to look for.
                Read::Document(_) if reading.has_front() => app.vision.portrait(&front)?,
                Read::Document(_) => None,
            };
            Ok((reading, portrait))
        });
        match read {
            Ok((reading, portrait)) => Ok(Ok(Seen {
                name_line: reading.name_line().map(jpeg).transpose()?,
                lines: reading.lines().into_iter().map(|(field, line)| Ok((field, jpeg(line)?))).collect::<Result<_>>()?,
                portrait: portrait.as_ref().map(jpeg).transpose()?,
                reading,
            })),
            Err(VisionError::Missing(missing)) => {
                tracing::warn!(%missing, "a card goes to a person unread");
                Ok(Err(Unseen::NoModels))
            }
            Err(error) => Err(Error::internal(error)),
        }
    })
    .await?
}

/// What the pictures mean for this account, and the portrait to keep.
fn judged(app: &App, account: &Account, seen: Result<Seen, Unseen>) -> Result<(Outcome, Option<Vec<u8>>)> {
    let seen = match seen {
        Ok(seen) => seen,
        Err(Unseen::Undecodable(findings)) => return Ok((Outcome { findings, ..Outcome::default() }, None)),
        Err(Unseen::NoModels) => return Ok((doubtful(Doubt::NoModels), None)),
    };
    let (number, today) = (account.document(&app.keys)?, app.clock.now().date());
    let (mut outcome, is_specimen) = match seen.reading {
        Read::Card(mut reading) => {
            if reading.front.is_some() && seen.portrait.is_none() {
                reading.problems.push(CardProblem::PortraitUnreadable);
                reading.front_problems.push(CardProblem::PortraitUnreadable);
            }
            (judge(&reading, Declared { name: &account.name, number: number.text() }, today), reading.is_specimen)
        }
        Read::Document(reading) => {
            let mut outcome = judge_document(&reading, &account.name, &number, today);
            if seen.portrait.is_none() {
                outcome.doubts.push(Doubt::PortraitUncertain);
            }
            (outcome, reading.is_specimen)
        }
    };
    if is_specimen && !app.config.demo {
        outcome.doubts.push(Doubt::Specimen);
    }
    outcome.name_line = seen.name_line.map(|line| STANDARD.encode(line));
    outcome.lines = seen.lines.into_iter().map(|(field, line)| (field, STANDARD.encode(line))).collect();
    Ok((outcome, seen.portrait))
}

/// Writes the decision, the account's state, the message and the audit line together; nothing when the check is no longer being read, or the name changed.
async fn settle(app: &App, check: &Check, mut outcome: Outcome, portrait: Option<Vec<u8>>, permit: Option<DocumentNumber>) -> Result<()> {
    let stored = match portrait {
        Some(bytes) => Some(pictures::put(app, &bytes).await?),
        None => None,
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if let Some(permit) = permit
        && holders::keep(app, &mut tx, check.account, &permit).await?
    {
        outcome.doubts.push(Doubt::SameHolder);
    }
    let (state, action, title, body) = match outcome.decision() {
        Decision::Passed => (CheckState::Passed, "identity.passed", "实名认证已通过", "您已完成实名认证，可以报名了。"),
        Decision::Failed => (CheckState::Failed, "identity.failed", "实名认证未通过", "请查看原因，按提示重新认证。"),
        Decision::Person => (CheckState::Person, "identity.person", "实名认证转人工审核", "证件已交给工作人员核对，结果会在消息中通知您。"),
    };
    let portrait_picture = match &stored {
        Some(stored) => Some(pictures::record(app, &mut tx, Owner::Candidate(check.account), PictureKind::Portrait, stored.clone()).await?),
        None => None,
    };
    let settled = Settled {
        state,
        result_enc: seal(app, check.id, &outcome)?,
        problems: outcome.codes(),
        portrait_picture,
        decided_at: (state != CheckState::Person).then_some(now),
    };
    if !store::settle(&mut tx, check.id, settled).await? {
        drop(tx);
        return pictures::discard(app, stored.as_slice()).await;
    }
    if !tell_account(&mut tx, check, state, portrait_picture, now).await? {
        drop(tx);
        pictures::discard(app, stored.as_slice()).await?;
        let present = accounts::actions::find(&mut *app.db.read().await?, check.account).await?;
        return supersede(app, check, present.name_version).await;
    }
    let detail = json!({ "check": check.id, "problems": outcome.codes() });
    audit::write(&mut tx, now, Entry { action, subject_kind: "account", subject_id: check.account, detail, actor: &Actor::System }).await?;
    jobs::notify(app, &mut tx, check.account, title, body, "/me/identity", false).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// For a document that a person decides: the portrait, where it can be found, so that a face check has something to compare with.
async fn portrait_only(app: &App, check: &Check) -> Result<()> {
    let front = picture(app, check.front_picture).await?;
    let reader = app.clone();
    let portrait = tokio::task::spawn_blocking(move || -> Result<Option<Vec<u8>>> {
        let Ok(front) = decoded(&front, Side::Front) else { return Ok(None) };
        match reader.vision.portrait(&front) {
            Ok(portrait) => portrait.as_ref().map(jpeg).transpose(),
            Err(VisionError::Missing(_)) => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    })
    .await??;
    let Some(portrait) = portrait else { return Ok(()) };
    let stored = pictures::put(app, &portrait).await?;
    let mut tx = app.db.begin().await?;
    let id = pictures::record(app, &mut tx, Owner::Candidate(check.account), PictureKind::Portrait, stored.clone()).await?;
    if !store::set_portrait(&mut tx, check.id, id).await? {
        drop(tx);
        return pictures::discard(app, &[stored]).await;
    }
    // The row is ours until the commit: a reviewer approves either before, and is seen here, or after, and sees the portrait.
    if store::find(&mut tx, check.id).await?.is_some_and(|check| check.state() == CheckState::Approved) {
        accounts::actions::portrait_found(&mut tx, check.account, check.name_version, id).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The consent to handle the card was taken back: what was read and the pictures go, and checks in hand end. Who is verified stays so, with the portrait that
/// the face is compared with.
pub async fn consent_withdrawn(app: &App, job: &Job) -> Result<()> {
    let id = job.id_in("account")?;
    let mut tx = app.db.begin().await?;
    let account = match accounts::actions::find(&mut tx, id).await {
        Ok(account) => account,
        // Closed: nothing of it is left.
        Err(Error::NotFound) => return Ok(()),
        Err(other) => return Err(other),
    };
    if consents::current(&mut tx, id, ConsentKind::Identity).await?.is_some() {
        // Given again meanwhile.
        return Ok(());
    }
    store::forget(&mut tx, id, app.clock.now()).await?;
    if account.real_name() != RealName::Verified {
        accounts::actions::real_name_changed(&mut tx, id, RealName::None, None, None).await?;
    }
    for picture in store::pictures_of(&mut tx, id).await? {
        if Some(picture) != account.portrait_picture {
            pictures::delete(app, &mut tx, picture).await?;
        }
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

async fn picture(app: &App, id: i64) -> Result<Vec<u8>> {
    let row = pictures::find(&mut *app.db.read().await?, id).await?;
    pictures::bytes(app, &row).await
}

fn decoded(bytes: &[u8], side: Side) -> std::result::Result<RgbImage, Finding> {
    decode(bytes, &DecodeLimits::default()).map_err(|problem| {
        let problem = match problem {
            PictureProblem::TooManyPixels => Problem::TooManyPixels,
            PictureProblem::NotAPicture | PictureProblem::TooManyBytes | PictureProblem::Damaged => Problem::Damaged,
        };
        Finding { problem, side: Some(side) }
    })
}

/// Both pictures, or what is wrong with each.
fn both<T>(front: Result<T, Finding>, back: Result<T, Finding>) -> Result<(T, T), Vec<Finding>> {
    match (front, back) {
        (Ok(front), Ok(back)) => Ok((front, back)),
        (front, back) => Err(front.err().into_iter().chain(back.err()).collect()),
    }
}

fn jpeg(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode_image(picture).map_err(Error::internal)?;
    Ok(bytes)
}

fn doubtful(doubt: Doubt) -> Outcome {
    Outcome { doubts: vec![doubt], ..Outcome::default() }
}
