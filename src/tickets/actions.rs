//! Use cases: the candidate's ticket, and the check of a ticket's code.

use baokao_paper::ticket::{self as paper, MAX_RULE_CHARS, MAX_RULES};
use baokao_paper::{PaperError, Photo};
use jiff::civil::Weekday;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{Payload, name_hash, sign, verify};
use crate::accounts::store::Account;
use crate::accounts::{self, Candidate, RealName};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::exams::{self, Exam, Subject};
use crate::pictures;
use crate::registrations::actions::candidate::own;
use crate::registrations::{self, Registration, State};
use crate::seating::store::{self as seating, Seated};
use crate::staff::{Permission, Staff};
use crate::types::UnixMs;

/// A ticket as a file.
#[derive(Debug)]
pub struct TicketFile {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// The ticket number.
    pub number: String,
}

/// Tickets drawn at once: each decodes a photo.
static DRAWING: Semaphore = Semaphore::const_new(2);

/// The candidate's own ticket, once it is released.
pub async fn ticket(app: &App, candidate: &Candidate, reference: &str) -> Result<TicketFile> {
    let mut conn = app.db.read().await?;
    let (row, exam) = own(&mut conn, candidate, reference).await?;
    if row.state() != State::Released || exam.tickets_released_at.is_none() {
        return Err(Error::refused("ticket_not_released", "准考证还没有发布。发布后会在“消息”中通知您，请届时再来下载。"));
    }
    // A ticket is signed for a name that was verified, and for no other, where the exam asks for it.
    if exam.checks().real_name() && candidate.account.real_name() != RealName::Verified {
        return Err(Error::refused("real_name_first", "您的实名认证需要重新进行，通过后即可下载准考证。路径：我的 - 实名认证。"));
    }
    let seat = seating::seat_of(&mut conn, row.id).await?.ok_or_else(|| Error::internal("a released registration has no seat"))?;
    let subject = exams::store::subject(&mut conn, row.subject.ok_or_else(|| Error::internal("a seat without a subject"))?).await?;
    drop(conn);
    let mut photos = Vec::new();
    for id in [row.face_picture, candidate.account.portrait_picture].into_iter().flatten() {
        photos.push(id);
    }
    let photos = read_photos(app, &photos).await?;
    let ticket = compose(app, &row, &exam, &subject, &seat, &candidate.account)?;
    let fonts = app.fonts()?;
    let drawing = DRAWING.acquire().await.map_err(Error::internal)?;
    let bytes = tokio::task::spawn_blocking(move || {
        let _slot = drawing;
        render(&fonts, ticket, photos)
    })
    .await??;
    Ok(TicketFile { bytes, number: seat.ticket_number })
}

/// The live picture first, then the card's portrait; one that is gone (a deletion request, the end of its time) is left out.
async fn read_photos(app: &App, ids: &[i64]) -> Result<Vec<Vec<u8>>> {
    let mut photos = Vec::new();
    for id in ids {
        let found = pictures::find(&mut *app.db.read().await?, *id).await;
        match found {
            Ok(picture) => photos.push(pictures::bytes(app, &picture).await?),
            Err(Error::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(photos)
}

/// Draws with the first photo that can be drawn: a damaged photo must not keep anybody from a ticket.
fn render(fonts: &baokao_paper::Fonts, mut ticket: paper::Ticket, photos: Vec<Vec<u8>>) -> Result<Vec<u8>> {
    for photo in photos {
        ticket.photo = Some(Photo::Encoded(photo));
        match paper::render(fonts, &ticket) {
            Err(PaperError::Photo(cause)) => tracing::warn!(%cause, "a photo could not be drawn on a ticket"),
            other => return other.map_err(Error::internal),
        }
    }
    ticket.photo = None;
    paper::render(fonts, &ticket).map_err(Error::internal)
}

fn compose(app: &App, row: &Registration, exam: &Exam, subject: &Subject, seat: &Seated, account: &Account) -> Result<paper::Ticket> {
    let document = account.document(&app.keys)?;
    let payload = Payload {
        registration: row.public_ref.clone(),
        ticket: seat.ticket_number.clone(),
        exam: exam.public_ref.clone(),
        room: seat.number,
        seat: seat.seat,
        name: name_hash(&account.name, &seat.ticket_number),
    };
    let rules = exam.ticket_rules.lines().map(str::trim).filter(|rule| !rule.is_empty());
    Ok(paper::Ticket {
        school: app.settings().school().to_owned(),
        exam_title: exam.title.clone(),
        name: account.name.clone(),
        sex: document.sex().unwrap_or_default().to_owned(),
        document_type: account.kind().word().to_owned(),
        document_number: document.text().to_owned(),
        ticket_number: seat.ticket_number.clone(),
        registration_number: row.public_ref.clone(),
        subject: subject.name.clone(),
        date: date_words(UnixMs(subject.starts_at)),
        time: time_words(UnixMs(subject.starts_at), UnixMs(subject.ends_at)),
        site: seat.site.clone(),
        address: seat.address.clone(),
        room: format!("第 {} 考场（{}）", seat.number, seat.name),
        seat: format!("{:02}", seat.seat),
        rules: rules.take(MAX_RULES).map(|rule| rule.chars().take(MAX_RULE_CHARS).collect()).collect(),
        help_phone: app.settings().help_phone().to_owned(),
        photo: None,
        qr_payload: sign(&app.keys, &payload)?,
    })
}

/// `2026年11月28日（星期六）`.
fn date_words(at: UnixMs) -> String {
    let day = match at.date().weekday() {
        Weekday::Monday => "一",
        Weekday::Tuesday => "二",
        Weekday::Wednesday => "三",
        Weekday::Thursday => "四",
        Weekday::Friday => "五",
        Weekday::Saturday => "六",
        Weekday::Sunday => "日",
    };
    format!("{}（星期{day}）", at.day_words())
}

/// `09:00—11:00`.
fn time_words(from: UnixMs, to: UnixMs) -> String {
    format!("{}—{}", from.local().strftime("%H:%M"), to.local().strftime("%H:%M"))
}

/// What the check of a code found.
#[derive(Debug)]
pub struct Checked {
    /// The registration as it is now.
    pub row: Registration,
    /// Its exam.
    pub exam: Exam,
    /// The subject.
    pub subject: Option<Subject>,
    /// The candidate's name; "" where the account is deleted.
    pub name: String,
    /// The document number, masked.
    pub document: String,
    /// The seat as it is now.
    pub seat: Option<Seated>,
    /// What is on the ticket and is no longer so; empty for a ticket that holds.
    pub outdated: Vec<&'static str>,
}

/// Checks a scanned code: its signature, then whether what it says is still so. Written down, because it shows a name.
pub async fn check(app: &App, staff: &Staff, text: &str) -> Result<Checked> {
    staff.require_somewhere([Permission::Candidates, Permission::ExamDay])?;
    let payload = verify(app.keys.ticket_public_key(), text).map_err(|problem| Error::invalid("code", problem.sentence()))?;
    let mut tx = app.db.begin().await?;
    let row = match registrations::store::find_by_ref(&mut tx, &payload.registration).await {
        Err(Error::NotFound) => return Err(Error::invalid("code", "核验码有效，但系统中已没有这份报名，请联系考务负责人。")),
        other => other?,
    };
    staff.require_in(row.exam, [Permission::Candidates, Permission::ExamDay])?;
    let entry = Entry {
        action: "ticket.verify",
        subject_kind: "registration",
        subject_id: row.id,
        detail: json!({ "ticket": payload.ticket }),
        actor: &staff.actor(),
    };
    audit::write(&mut tx, app.clock.now(), entry).await?;
    tx.commit().await?;
    let mut conn = app.db.read().await?;
    let exam = exams::store::find(&mut conn, row.exam).await?;
    let subject = match row.subject {
        Some(id) => Some(exams::store::subject(&mut conn, id).await?),
        None => None,
    };
    let account = accounts::store::find(&mut conn, row.account).await?;
    let (name, document) = match &account {
        Some(account) => (account.name.clone(), account.document(&app.keys)?.masked()),
        None => (String::new(), String::new()),
    };
    let seat = seating::seat_of(&mut conn, row.id).await?;
    let outdated = outdated(&payload, &row, seat.as_ref(), &name);
    Ok(Checked { row, exam, subject, name, document, seat, outdated })
}

fn outdated(payload: &Payload, row: &Registration, seat: Option<&Seated>, name: &str) -> Vec<&'static str> {
    let is_same_seat =
        seat.is_some_and(|seat| (seat.number, seat.seat) == (payload.room, payload.seat) && seat.ticket_number == payload.ticket);
    [
        ("这份报名的准考证现在不是已发布状态", row.state() != State::Released),
        ("考场或座位与系统中的不一致", !is_same_seat),
        ("姓名与发证时不一致", name_hash(name, &payload.ticket) != payload.name),
    ]
    .into_iter()
    .filter_map(|(words, is_so)| is_so.then_some(words))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_written_out() {
        let (from, to) =
            (UnixMs::parse_field("2026-11-28T09:00").expect("a time"), UnixMs::parse_field("2026-11-28T11:00").expect("a time"));
        assert_eq!(date_words(from), "2026年11月28日（星期六）");
        assert_eq!(time_words(from, to), "09:00—11:00");
    }
}
