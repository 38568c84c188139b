//! What a reviewer does: see the queue, take a case, decide it. A case is held for five minutes, so that two reviewers never work on the same one; it comes
//! back by itself when its reviewer leaves.

use serde_json::json;

use crate::accounts::store::Account;
use crate::accounts::{self};
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::identity::store::{self, Check};
use crate::identity::{CheckState, Doubt, Outcome};
use crate::jobs;
use crate::pictures::{self, Picture};
use crate::staff::by_two::{self, Seen};
use crate::staff::held::{self, Decision, Desk, NOBODY};
use crate::staff::{self, Permission, Staff};
use crate::types::UnixMs;

/// How long an opened case stays with its reviewer.
pub const LEASE_MS: i64 = 5 * 60_000;
/// Lines of the queue on one page.
pub const PAGE_LINES: i64 = 30;
const MAX_NOTE_CHARS: usize = 200;

/// One line of the queue.
#[derive(Debug)]
pub struct Line {
    /// Reference of the check.
    pub reference: String,
    /// The candidate's name.
    pub name: String,
    /// Word for the document's kind.
    pub document_kind: &'static str,
    /// The number, masked.
    pub number_masked: String,
    /// Why a person has to look.
    pub doubts: Vec<Doubt>,
    /// Since when it waits.
    pub since: UnixMs,
    /// Who holds it now; empty when it is free.
    pub holder: String,
}

/// A page of the queue.
#[derive(Debug)]
pub struct QueuePage {
    /// From the oldest on.
    pub lines: Vec<Line>,
    /// How many wait in all.
    pub waiting: i64,
    /// The reference of the case after which the next page begins.
    pub next: Option<String>,
}

/// The queue, from the oldest on, after the case of this reference ("": from the first).
pub async fn queue(app: &App, staff: &Staff, after: &str) -> Result<QueuePage> {
    staff.require(Permission::ReviewIdentity)?;
    let now = app.clock.now();
    let mut conn = app.db.read().await?;
    let waiting = store::waiting(&mut conn).await?;
    let start = if after.is_empty() { 0 } else { store::find_by_ref(&mut conn, after).await?.ok_or(Error::NotFound)?.id };
    let checks = store::queue(&mut conn, start, PAGE_LINES + 1).await?;
    let shown = usize::try_from(PAGE_LINES).unwrap_or(usize::MAX);
    let next = checks.get(shown).and_then(|_| checks.get(shown - 1)).map(|check| check.public_ref.clone());
    let mut lines = Vec::new();
    for check in checks.iter().take(shown) {
        let account = match accounts::actions::find(&mut conn, check.account).await {
            Ok(account) => account,
            Err(Error::NotFound) => continue,
            Err(other) => return Err(other),
        };
        lines.push(Line {
            reference: check.public_ref.clone(),
            document_kind: account.kind().word(),
            number_masked: account.document(&app.keys)?.masked(),
            name: account.name,
            doubts: check.problems.split(',').filter_map(|code| Doubt::ALL.into_iter().find(|doubt| doubt.code() == code)).collect(),
            since: UnixMs(check.created_at),
            holder: match check.holder(now) {
                Some(NOBODY) => "刚刚决定，尚未生效".to_owned(),
                Some(id) => staff::actions::name_of(&mut conn, id).await?,
                None => {
                    let first = by_two::first(app, &mut conn, staff, Seen::identity(check.id)).await?;
                    first.map_or_else(String::new, |first| format!("{}已初审", first.name))
                }
            },
        });
    }
    Ok(QueuePage { lines, waiting, next })
}

/// The reference of the oldest case that this reviewer may take.
pub async fn next(app: &App, staff: &Staff) -> Result<Option<String>> {
    staff.require(Permission::ReviewIdentity)?;
    Ok(store::next_free(&mut *app.db.read().await?, staff.id, by_two::passed_by(app, staff), app.clock.now())
        .await?
        .map(|(_, reference)| reference))
}

/// A case in a reviewer's hands.
#[derive(Debug)]
pub struct Case {
    /// The check.
    pub check: Check,
    /// Whose it is.
    pub account: Account,
    /// What was read.
    pub outcome: Outcome,
    /// Why a person has to look.
    pub doubts: Vec<Doubt>,
    /// Front, back, and the portrait where it was cut out.
    pub pictures: Vec<Picture>,
    /// Other accounts of what may be the same person: name and public reference.
    pub others: Vec<(String, String)>,
    /// Who approved it first, where two have to.
    pub first: Option<by_two::First>,
    /// How many wait in all, this one among them.
    pub waiting: i64,
}

/// Opens a case: takes it for five minutes and writes down that this reviewer saw it in full.
pub async fn open(app: &App, staff: &Staff, reference: &str) -> Result<Case> {
    staff.require(Permission::ReviewIdentity)?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let check = store::find_by_ref(&mut tx, reference).await?.ok_or(Error::NotFound)?;
    let account = present_account(app, &mut tx, &check).await?;
    let Some(account) = account else {
        tx.commit().await?;
        return Err(superseded());
    };
    if !store::lease(&mut tx, check.id, staff.id, now, now.plus_ms(LEASE_MS)).await? {
        return Err(taken(&mut tx, check.id, now).await?);
    }
    write(&mut tx, now, &staff.actor(), "identity.open", &check, json!({ "check": check.id })).await?;
    tx.commit().await?;

    let mut conn = app.db.read().await?;
    let mut shown = Vec::new();
    for id in [Some(check.front_picture), Some(check.back_picture), check.portrait_picture].into_iter().flatten() {
        match pictures::find(&mut conn, id).await {
            Ok(picture) => shown.push(picture),
            Err(Error::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    let doubts = check.problems.split(',').filter_map(|code| Doubt::ALL.into_iter().find(|doubt| doubt.code() == code)).collect();
    let waiting = store::waiting(&mut conn).await?;
    let others = store::holders::others(&mut conn, check.account).await?;
    let first = by_two::first(app, &mut conn, staff, Seen::identity(check.id)).await?;
    Ok(Case { first, others, outcome: super::outcome(app, &check)?, doubts, check, account, pictures: shown, waiting })
}

/// Passes a case: the account is verified for its present name.
pub async fn approve(app: &App, staff: &Staff, reference: &str) -> Result<()> {
    decide(app, staff, reference, CheckState::Approved, "").await
}

/// Sends a case back. `reasons` are of the queue's list, or none with a sentence in `note`; the candidate reads all of it.
pub async fn send_back(app: &App, staff: &Staff, reference: &str, reasons: &[String], note: &str) -> Result<()> {
    staff.require(Permission::ReviewIdentity)?;
    let note = note.trim();
    let sentence = app.settings().review.sentence(Desk::Identity, reasons, note)?;
    if note.chars().count() > MAX_NOTE_CHARS || note.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
        return Err(Error::invalid("note", "补充说明不能超过 200 个字。"));
    }
    if sentence.is_empty() {
        return Err(Error::invalid("reason", "请选择退回原因，或写明需要考生怎样做。"));
    }
    decide(app, staff, reference, CheckState::Returned, &sentence).await
}

/// Decides at once, or tries it and holds the decision.
async fn decide(app: &App, staff: &Staff, reference: &str, state: CheckState, reason: &str) -> Result<()> {
    if app.config.undo_s == 0 {
        return decide_now(app, staff, reference, state, reason).await;
    }
    let mut tx = app.db.begin().await?;
    let outdated = decide_in(app, &mut tx, staff, reference, state, reason).await?;
    drop(tx);
    match outdated {
        None if state == CheckState::Approved => held::hold(app, staff, Decision::approval(staff, Desk::Identity, reference)).await,
        None => held::hold(app, staff, Decision::returning(staff, Desk::Identity, reference, reason)).await,
        Some(outdated) => Err(close(app, &outdated).await?),
    }
}

/// Gives a held decision its effect.
pub async fn settle(app: &App, staff: &Staff, decision: &Decision) -> Result<()> {
    let state = if decision.approves { CheckState::Approved } else { CheckState::Returned };
    decide_now(app, staff, &decision.reference, state, &decision.reason).await
}

async fn decide_now(app: &App, staff: &Staff, reference: &str, state: CheckState, reason: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if let Some(outdated) = decide_in(app, &mut tx, staff, reference, state, reason).await? {
        drop(tx);
        return Err(close(app, &outdated).await?);
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Closes a check that speaks of a name that is no more the account's; what the reviewer is told.
async fn close(app: &App, check: &Check) -> Result<Error> {
    let mut tx = app.db.begin().await?;
    present_account(app, &mut tx, check).await?;
    tx.commit().await?;
    Ok(superseded())
}

/// The check itself where it speaks of a name that is no more the account's.
async fn decide_in(app: &App, tx: &mut Tx, staff: &Staff, reference: &str, state: CheckState, reason: &str) -> Result<Option<Check>> {
    staff.require(Permission::ReviewIdentity)?;
    let now = app.clock.now();
    let check = store::find_by_ref(tx, reference).await?.ok_or(Error::NotFound)?;
    if state == CheckState::Approved
        && check.state() == CheckState::Person
        && !by_two::agreed(app, tx, staff, Seen::identity(check.id)).await?
    {
        if !store::pass_on(tx, reference, [staff.id, NOBODY], now, now).await? {
            return Err(taken(tx, check.id, now).await?);
        }
        write(tx, now, &staff.actor(), "identity.first", &check, json!({ "check": check.id })).await?;
        return Ok(None);
    }
    if !store::decide(tx, check.id, staff.id, now, state, reason).await? {
        return Err(taken(tx, check.id, now).await?);
    }
    // The row is ours now: the portrait may have been found since we looked.
    let check = store::find(tx, check.id).await?.ok_or(Error::NotFound)?;
    if !super::tell_account(tx, &check, state, check.portrait_picture, now).await? {
        return Ok(Some(check));
    }
    let (action, title, body) = match state {
        CheckState::Approved => ("identity.approve", "实名认证已通过", "您已完成实名认证，可以报名了。".to_owned()),
        _ => ("identity.return", "实名认证被退回", reason.to_owned()),
    };
    write(tx, now, &staff.actor(), action, &check, json!({ "check": check.id, "reason": reason })).await?;
    jobs::notify(app, tx, check.account, title, &body, "/me/identity", true).await?;
    Ok(None)
}

/// The account whose present name the check speaks of; a check of an earlier name, or of an account that is gone, is closed.
async fn present_account(app: &App, tx: &mut Tx, check: &Check) -> Result<Option<Account>> {
    match accounts::actions::find(tx, check.account).await {
        Ok(account) if account.name_version == check.name_version => Ok(Some(account)),
        Ok(account) => {
            store::supersede(tx, check.account, account.name_version, app.clock.now()).await?;
            Ok(None)
        }
        Err(Error::NotFound) => {
            store::supersede(tx, check.account, super::NO_NAME, app.clock.now()).await?;
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

fn superseded() -> Error {
    Error::refused("superseded", "考生已修改姓名或注销账号，这一件不用再审核。")
}

/// Why a case cannot be had: decided, or in another's hands; by whom.
async fn taken(conn: &mut Conn, check: i64, now: UnixMs) -> Result<Error> {
    let check = store::find(conn, check).await?.ok_or(Error::NotFound)?;
    if let (CheckState::Person, Some(holder)) = (check.state(), check.holder(now)) {
        if holder == NOBODY {
            return Ok(Error::refused("decided", "这一件刚刚已经处理，请处理下一件。"));
        }
        let name = staff::actions::name_of(conn, holder).await?;
        return Ok(Error::refused("held", format!("{name}正在审核这一件，请处理下一件。")));
    }
    let by = match check.decided_by {
        Some(id) => staff::actions::name_of(conn, id).await?,
        None => "系统".to_owned(),
    };
    Ok(Error::refused("decided", format!("这一件已由{by}处理（{}），不用再处理。", check.state().word())))
}

async fn write(tx: &mut Tx, now: UnixMs, actor: &Actor, action: &'static str, check: &Check, detail: serde_json::Value) -> Result<()> {
    audit::write(tx, now, Entry { action, subject_kind: "account", subject_id: check.account, detail, actor }).await
}
