//! Last term's exam as the beginning of this term's, and exams that are put away.

use serde_json::json;

use super::actions::{By, REFERENCE_LETTERS, log, require_own_numbers};
use super::eligibility;
use super::form::MAX_TITLE_CHARS;
use super::questions::{self, Question};
use super::{Exam, ExamState, Subject, store};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::pictures::{self, Owner, PictureKind};
use crate::types::UnixMs;

/// What the title of a copy ends with until somebody writes the new term's.
const COPY_MARK: &str = "（副本）";

/// Makes a draft of everything that stays the same from term to term: notice, subjects, questions, who may register, fee, way of payment and its picture, rules of the ticket. Times and the
/// tickets' prefix are each term's own and stay empty. Returns the draft's public reference.
pub async fn copy(app: &App, by: By<'_>, reference: &str) -> Result<String> {
    let actor = by.authorise(None)?;
    let now = app.clock.now();
    let (model, subjects, questions, limits, picture) = {
        let mut conn = app.db.read().await?;
        let model = store::find_by_ref(&mut conn, reference).await?;
        let subjects = store::subjects(&mut conn, model.id).await?;
        let questions = questions::store::list(&mut conn, model.id).await?;
        let limits = eligibility::store::find(&mut conn, model.id).await?;
        let picture = match model.payment_picture {
            Some(id) => Some(pictures::find(&mut conn, id).await?),
            None => None,
        };
        (model, subjects, questions, limits, picture)
    };
    let stored = match picture {
        Some(picture) => Some(pictures::put(app, &pictures::bytes(app, &picture).await?).await?),
        None => None,
    };
    let mut draft = Exam {
        id: app.ids.make(now),
        public_ref: app.keys.reference(REFERENCE_LETTERS)?,
        title: copy_title(&model.title),
        state: ExamState::Draft.code().into(),
        opens_at: 0,
        closes_at: 0,
        edit_until: 0,
        pay_until: 0,
        notice_version: 1,
        ticket_prefix: String::new(),
        payment_picture: None,
        tickets_released_at: None,
        updated_at: now.0,
        ..model.clone()
    };
    let mut tx = app.db.begin().await?;
    store::insert(&mut tx, &draft).await?;
    for subject in subjects {
        let own = Subject { id: app.ids.make(now), exam: draft.id, starts_at: 0, ends_at: 0, taken: 0, ..subject };
        store::insert_subject(&mut tx, &own).await?;
    }
    for question in questions {
        let (id, public_ref) = (app.ids.make(now), app.keys.reference(REFERENCE_LETTERS)?);
        questions::store::insert(&mut tx, &Question { id, public_ref, exam: draft.id, ..question }).await?;
    }
    eligibility::store::set(&mut tx, draft.id, &limits).await?;
    if let Some(stored) = stored {
        draft.payment_picture = Some(pictures::record(app, &mut tx, Owner::Exam(draft.id), PictureKind::PaymentQr, stored).await?);
        store::update(&mut tx, &mut draft, now).await?;
    }
    log(app, &mut tx, "exam.copy", &draft, json!({ "of": model.title }), &actor).await?;
    tx.commit().await?;
    Ok(draft.public_ref)
}

fn copy_title(title: &str) -> String {
    let bare = title.strip_suffix(COPY_MARK).unwrap_or(title);
    bare.chars().take(MAX_TITLE_CHARS - COPY_MARK.chars().count()).chain(COPY_MARK.chars()).collect()
}

/// Whether an exam may be put away: nobody can be in the middle of it.
pub fn may_archive(exam: &Exam, now: UnixMs) -> Result<()> {
    let is_over = now.0 >= exam.closes_at.max(exam.edit_until).max(exam.pay_until);
    match exam.state() {
        ExamState::Draft | ExamState::Closed => Ok(()),
        ExamState::Published if is_over => Ok(()),
        ExamState::Published => Err(Error::refused("still_open", "这场考试还对考生开放，请先关闭，再归档。")),
        ExamState::Archived => Err(Error::refused("archived", "这场考试已经归档。")),
    }
}

/// Puts an exam away: candidates no longer find it on the home page; their own registrations, results and tickets stay.
pub async fn archive(app: &App, by: By<'_>, reference: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let mut exam = store::find_by_ref(&mut tx, reference).await?;
    let actor = by.authorise(Some(&exam))?;
    may_archive(&exam, app.clock.now())?;
    set_state(app, &mut tx, &mut exam, ExamState::Archived).await?;
    log(app, &mut tx, "exam.archive", &exam, json!({ "title": exam.title }), &actor).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an exam out again, as it was: closed, or a draft that candidates never saw.
pub async fn restore(app: &App, by: By<'_>, reference: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let mut exam = store::find_by_ref(&mut tx, reference).await?;
    let actor = by.authorise(Some(&exam))?;
    if exam.state() != ExamState::Archived {
        return Err(Error::refused("not_archived", "这场考试没有归档，不需要取消归档。"));
    }
    let was = if store::was_published(&mut tx, exam.id).await? { ExamState::Closed } else { ExamState::Draft };
    if was == ExamState::Closed {
        require_own_numbers(&mut tx, &exam).await?;
    }
    set_state(app, &mut tx, &mut exam, was).await?;
    log(app, &mut tx, "exam.restore", &exam, json!({ "title": exam.title }), &actor).await?;
    tx.commit().await?;
    Ok(())
}

async fn set_state(app: &App, tx: &mut Tx, exam: &mut Exam, state: ExamState) -> Result<()> {
    exam.state = state.code().into();
    store::update(tx, exam, app.clock.now()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_a_copy_is_marked_once_and_fits() {
        assert_eq!(copy_title("英语考试"), "英语考试（副本）");
        assert_eq!(copy_title("英语考试（副本）"), "英语考试（副本）");
        assert_eq!(copy_title(&"考".repeat(MAX_TITLE_CHARS)).chars().count(), MAX_TITLE_CHARS);
    }
}
