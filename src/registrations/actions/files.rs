//! The pictures that an exam asks for. Each is kept as soon as it is sent, whatever is still missing of the other information.

use serde_json::json;

use super::candidate::{own, require_turn};
use super::take;
use crate::accounts::Candidate;
use crate::app::App;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::exams::Exam;
use crate::exams::questions::{self, Question};
use crate::pictures::{self, Owner, Picture, PictureKind, Stored};
use crate::registrations::{Registration, Step, next, store};
use crate::web::throttle::{self, Limit};

/// Pictures of one candidate.
const PER_ACCOUNT: Limit = Limit { count: 60, window_s: 3600, lock_s: 600 };

/// The pictures asked for, each with whether it is there.
pub async fn asked(conn: &mut Conn, row: &Registration) -> Result<Vec<(Question, bool)>> {
    let given = store::answers::of(conn, row.id).await?;
    let questions = questions::store::list(conn, row.exam).await?;
    let is_given = |question: &Question| given.iter().any(|answer| answer.question == question.id && !answer.value.is_empty());
    let files = questions.into_iter().filter(Question::is_file);
    Ok(files
        .map(|question| {
            let is_given = is_given(&question);
            (question, is_given)
        })
        .collect())
}

/// Whether one that must be there is not.
pub fn are_missing(asked: &[(Question, bool)]) -> bool {
    asked.iter().any(|(question, is_given)| question.is_required() && !is_given)
}

/// Refuses what cannot be handed in without them.
pub async fn require_all(conn: &mut Conn, row: &Registration) -> Result<()> {
    if are_missing(&asked(conn, row).await?) {
        return Err(Error::refused("files_first", "还有必填的附件没有上传。路径：我的报名 - 报名详情 - 附件，上传后再提交。"));
    }
    Ok(())
}

/// Refuses where pictures cannot be given now.
pub fn require_open(app: &App, row: &Registration, exam: &Exam) -> Result<()> {
    next(row.state(), Step::File)?;
    require_turn(row, exam, app.clock.now())
}

async fn doable(app: &App, conn: &mut Conn, candidate: &Candidate, reference: &str, question: &str) -> Result<(Registration, Question)> {
    let (row, exam) = own(conn, candidate, reference).await?;
    require_open(app, &row, &exam)?;
    let asked = questions::store::list(conn, exam.id).await?;
    let question = asked.into_iter().find(|one| one.is_file() && one.public_ref == question).ok_or(Error::NotFound)?;
    Ok((row, question))
}

/// Keeps a picture in place of an earlier one.
pub async fn attach(app: &App, candidate: &Candidate, reference: &str, question: &str, bytes: Option<Vec<u8>>) -> Result<()> {
    let (_, asked) = doable(app, &mut *app.db.read().await?, candidate, reference, question).await?;
    let bytes = bytes.ok_or_else(|| Error::invalid("picture", format!("请先选择“{}”的照片。", asked.label)))?;
    throttle::count(app, &format!("attachment:{}", candidate.id()), PER_ACCOUNT).await?;
    let bytes = pictures::admit("picture", bytes).await?;
    let stored = pictures::put(app, &bytes).await?;
    let kept = keep(app, candidate, reference, question, stored.clone()).await;
    if let Err(Error::Refused { .. }) = &kept {
        pictures::discard(app, &[stored]).await?;
    }
    kept
}

/// Where it refuses, nothing is committed.
async fn keep(app: &App, candidate: &Candidate, reference: &str, question: &str, stored: Stored) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let (row, asked) = doable(app, &mut tx, candidate, reference, question).await?;
    // First: of two at once, one waits here and is refused.
    note(app, &mut tx, candidate, row.clone(), &asked.label).await?;
    drop_earlier(app, &mut tx, &row, &asked).await?;
    let picture = pictures::record(app, &mut tx, Owner::Candidate(candidate.id()), PictureKind::Attachment, stored).await?;
    let picture = pictures::find(&mut tx, picture).await?;
    store::answers::put(&mut tx, row.id, asked.id, &picture.ref_).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Takes a picture away that need not be there; one that must be can only be replaced.
pub async fn detach(app: &App, candidate: &Candidate, reference: &str, question: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let (row, asked) = doable(app, &mut tx, candidate, reference, question).await?;
    if asked.is_required() {
        return Err(Error::refused("file_required", "这张图片是必填的，不能删除，可以重新上传来替换。"));
    }
    if given(&mut tx, row.id, &asked.public_ref).await?.is_some() {
        note(app, &mut tx, candidate, row.clone(), &format!("已删除{}", asked.label)).await?;
        drop_earlier(app, &mut tx, &row, &asked).await?;
        store::answers::put(&mut tx, row.id, asked.id, "").await?;
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

async fn drop_earlier(app: &App, tx: &mut Tx, row: &Registration, question: &Question) -> Result<()> {
    let Some(reference) = given(tx, row.id, &question.public_ref).await? else { return Ok(()) };
    match pictures::find_by_ref(tx, &reference).await {
        Ok(picture) => pictures::delete(app, tx, picture.id).await,
        // Its time was over.
        Err(Error::NotFound) => Ok(()),
        Err(other) => Err(other),
    }
}

async fn given(conn: &mut Conn, registration: i64, question: &str) -> Result<Option<String>> {
    let answers = store::answers::of(conn, registration).await?;
    Ok(answers.into_iter().find(|answer| answer.is_file() && answer.reference == question).map(|answer| answer.value))
}

/// A step of its own, so that it stands in the history.
async fn note(app: &App, tx: &mut Tx, candidate: &Candidate, mut row: Registration, file: &str) -> Result<()> {
    take(app, tx, &mut row, Step::File, &candidate.actor(), "", json!({ "file": file })).await
}

/// The candidate's own picture.
pub async fn picture(app: &App, candidate: &Candidate, reference: &str, question: &str) -> Result<(Picture, Vec<u8>)> {
    let mut conn = app.db.read().await?;
    let (row, _) = own(&mut conn, candidate, reference).await?;
    let given = given(&mut conn, row.id, question).await?.ok_or(Error::NotFound)?;
    let picture = pictures::find_by_ref(&mut conn, &given).await?;
    drop(conn);
    let bytes = pictures::bytes(app, &picture).await?;
    Ok((picture, bytes))
}
