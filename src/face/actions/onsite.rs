//! 现场核验: staff compare the person who stands before them with the card and give out a code; the candidate enters it on their own phone and goes on. No machine looks at
//! anybody.

use serde_json::json;
use unicode_normalization::UnicodeNormalization as _;

use super::{doable, replace_earlier};
use crate::accounts::{self, Candidate};
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::crypto::same;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::exams::{self, Exam};
use crate::face::store::{self, NewCheck, codes};
use crate::face::{CheckState, Way};
use crate::pictures::{self, Picture};
use crate::registrations::actions::reports::{self, FaceOutcome};
use crate::registrations::{self, Registration, Step, next};
use crate::staff::{self, Permission, Staff};
use crate::types::UnixMs;
use crate::web::throttle::{self, Limit};

/// How long a code holds: the person is here.
pub const VALID_S: i64 = 15 * 60;
const DIGITS: usize = 8;
/// So many wrong ones end a code.
const WRONG: i64 = 5;
/// Codes that one candidate enters, right or wrong.
const PER_ACCOUNT: Limit = Limit { count: 15, window_s: 3600, lock_s: 1800 };

/// The registration that a code is for, as staff see it.
#[derive(Debug)]
pub struct Asked {
    /// The registration.
    pub registration: Registration,
    /// Its exam.
    pub exam: Exam,
    /// The candidate's name.
    pub name: String,
    /// In full where a code can be given out, to be compared with the card; else masked.
    pub number: String,
    /// The portrait cut out of the card.
    pub portrait: Option<Picture>,
    /// Why no code can be given out; "" where one can.
    pub refused: String,
}

/// Looks a registration up, before a code is made for it. Whoever may give out a code compares the card with its whole number; each look is audited.
pub async fn ask(app: &App, staff: &Staff, reference: &str) -> Result<Asked> {
    let mut tx = app.db.begin().await?;
    let registration = registrations::store::find_by_ref(&mut tx, reference).await?;
    staff.require_in(registration.exam, Permission::ReviewIdentity)?;
    let exam = exams::store::find(&mut tx, registration.exam).await?;
    let account = accounts::store::find(&mut tx, registration.account).await?.ok_or(Error::NotFound)?;
    let portrait = match account.portrait_picture {
        Some(id) => pictures::find(&mut tx, id)
            .await
            .map(Some)
            .or_else(|error| if matches!(error, Error::NotFound) { Ok(None) } else { Err(error) })?,
        None => None,
    };
    let refused = match possible(&registration, &exam) {
        Ok(()) => String::new(),
        Err(error) => error.sentence().into_owned(),
    };
    let document = account.document(&app.keys)?;
    let number = if refused.is_empty() {
        let detail = json!({ "way": Way::Onsite.code() });
        let entry = Entry { action: "account.view", subject_kind: "account", subject_id: account.id, detail, actor: &staff.actor() };
        audit::write(&mut tx, app.clock.now(), entry).await?;
        document.grouped()
    } else {
        document.masked()
    };
    tx.commit().await?;
    Ok(Asked { name: account.name.clone(), number, portrait, refused, registration, exam })
}

fn possible(registration: &Registration, exam: &Exam) -> Result<()> {
    if !exam.checks().face() {
        return Err(Error::refused("face_not_asked", "这场考试不需要人脸识别，不需要现场核验。"));
    }
    if registration.face_passed() {
        return Err(Error::refused("face_passed", "这名考生的人脸识别已经通过，不需要现场核验。"));
    }
    next(registration.state(), Step::Face)?;
    Ok(())
}

/// A code for the candidate.
#[derive(Debug)]
pub struct Issued {
    /// Eight digits.
    pub code: String,
    /// When it ends.
    pub until: UnixMs,
}

/// Makes a code for one registration; an earlier one ends. `seen`: the staff member says that person and card were compared.
pub async fn issue(app: &App, staff: &Staff, reference: &str, seen: bool) -> Result<Issued> {
    let now = app.clock.now();
    let code = app.keys.digits(DIGITS)?;
    let until = now.plus_s(VALID_S);
    let mut tx = app.db.begin().await?;
    let registration = registrations::store::find_by_ref(&mut tx, reference).await?;
    staff.require_in(registration.exam, Permission::ReviewIdentity)?;
    if !seen {
        return Err(Error::invalid("seen", "请先当面核对考生本人和证件，再勾选这一项。"));
    }
    possible(&registration, &exams::store::find(&mut tx, registration.exam).await?)?;
    let id = app.ids.make(now);
    codes::close_all(&mut tx, registration.id, now).await?;
    codes::insert(&mut tx, id, registration.id, hash(app, registration.id, &code), staff.id, now, until).await?;
    let detail = json!({ "code": id });
    let entry =
        Entry { action: "face.issue_code", subject_kind: "registration", subject_id: registration.id, detail, actor: &staff.actor() };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    Ok(Issued { code, until })
}

fn hash(app: &App, registration: i64, code: &str) -> Vec<u8> {
    app.keys.lookup("face_codes.code", &format!("{registration}:{code}"))
}

/// Whether somebody has made a code that can be used now.
pub async fn is_open(app: &App, conn: &mut Conn, registration: i64) -> Result<bool> {
    Ok(codes::open(conn, registration, app.clock.now()).await?.is_some())
}

/// Why there is no code that could be entered, and what to do.
async fn no_code(conn: &mut Conn, registration: i64) -> Result<Error> {
    let sentence = match codes::newest(conn, registration).await? {
        None => "还没有发放现场核验码，请到学校报名点当面核验证件后领取。",
        Some(last) if last.closed_at.is_none() => "核验码已经过期，请工作人员重新生成。",
        Some(last) if last.tries >= WRONG => "核验码输错次数过多，已经失效。请工作人员重新生成。",
        Some(_) => "核验码已经用过，请工作人员重新生成。",
    };
    Ok(Error::invalid("code", sentence))
}

/// The candidate enters the code: it is used up, and the face step is done.
pub async fn enter(app: &App, candidate: &Candidate, reference: &str, typed: &str) -> Result<()> {
    let wrong = |sentence: String| Error::invalid("code", sentence);
    // Digits of any width, in groups or not.
    let code: String = typed.nfkc().filter(|c| !c.is_whitespace() && *c != '-').take(DIGITS + 1).collect();
    if code.len() != DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong(format!("请输入工作人员给您的 {DIGITS} 位核验码。")));
    }
    let now = app.clock.now();
    doable(&mut *app.db.read().await?, candidate, reference, now).await?;
    throttle::count(app, &format!("face-code:{}", candidate.id()), PER_ACCOUNT).await?;
    let mut tx = app.db.begin().await?;
    let (row, _) = doable(&mut tx, candidate, reference, now).await?;
    let Some(open) = codes::open(&mut tx, row.id, now).await? else { return Err(no_code(&mut tx, row.id).await?) };
    if !same(&open.code_hash, &hash(app, row.id, &code)) {
        let tries = codes::count_wrong(&mut tx, open.id, WRONG, now).await?;
        // A wrong one counts although it is refused.
        tx.commit().await?;
        return Err(wrong(match WRONG - tries {
            left @ 1.. => format!("核验码不对，请核对后重新输入，还可以试 {left} 次。"),
            _ => "核验码输错次数过多，已经失效。请工作人员重新生成。".into(),
        }));
    }
    if !codes::close(&mut tx, open.id, now).await? {
        return Err(no_code(&mut tx, row.id).await?);
    }
    let check = NewCheck {
        id: app.ids.make(now),
        public_ref: app.keys.token()?,
        account: candidate.id(),
        registration: row.id,
        way: Way::Onsite,
        state: CheckState::Person,
        nonce_hash: None,
        challenge: None,
        expires_at: now,
        picture: None,
    };
    let id = check.id;
    replace_earlier(app, &mut tx, row.id, id).await?;
    store::insert(&mut tx, check, now).await?;
    store::decide_by(&mut tx, id, CheckState::Approved, open.issued_by, "", now).await?;
    // The card's own portrait goes on the ticket: nobody took a photograph.
    let portrait = candidate.account.portrait_picture;
    // In the history it is whoever vouched: staff read the name, the candidate reads of the school.
    let name = staff::actions::name_of(&mut tx, open.issued_by).await?;
    let vouched = Actor::Staff { id: open.issued_by, name, address: String::new() };
    reports::face(app, &mut tx, row.id, FaceOutcome::Passed, portrait, &vouched, "现场核验").await?;
    let detail = json!({ "check": id, "code": open.id, "issued_by": open.issued_by });
    let entry = Entry { action: "face.onsite", subject_kind: "registration", subject_id: row.id, detail, actor: &candidate.actor() };
    audit::write(&mut tx, now, entry).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}
