//! The batch: so many people a transaction, and how far it came in the same one. After a kill the next try goes on behind the last who was told; nobody is told twice.

use serde::{Deserialize, Serialize};

use super::actions::values;
use super::store::{self, Batch};
use super::{BatchState, fill, states};
use crate::accounts;
use crate::accounts::actions::messages::{Letter, tell};
use crate::app::App;
use crate::db::Tx;
use crate::error::Result;
use crate::exams::{self, Exam, Subject};
use crate::jobs::{Job, keep_progress};
use crate::ports::sms::Kind;
use crate::registrations::{self, Registration};

/// Registrations looked at in one transaction.
const PAGE: i64 = 50;

#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    batch: i64,
    /// The last registration that was looked at.
    after: i64,
}

/// Runs `messages.batch`.
pub async fn run(app: &App, job: &Job) -> Result<()> {
    let mut progress: Progress = serde_json::from_str(&job.payload)?;
    loop {
        let mut tx = app.db.begin().await?;
        let Some(batch) = store::find(&mut tx, progress.batch).await? else { return Ok(()) };
        let Some(exam) = batch.exam else { return Ok(()) };
        let exam = exams::store::find(&mut tx, exam).await?;
        let subjects = exams::store::subjects(&mut tx, exam.id).await?;
        let rows = match batch.account {
            Some(account) if progress.after == 0 => registrations::store::find_for(&mut tx, account, exam.id).await?.into_iter().collect(),
            Some(_) => Vec::new(),
            None => registrations::store::of_exam(&mut tx, exam.id, None, progress.after, PAGE).await?,
        };
        let wanted = states(&batch.states);
        let mut told = 0;
        let is_meant = |row: &&Registration| wanted.contains(&row.state()) && (batch.subject.is_none() || row.subject == batch.subject);
        for row in rows.iter().filter(|row| batch.account.is_some() || is_meant(row)) {
            told += i64::from(tell_one(app, &mut tx, &batch, &exam, &subjects, row).await?);
        }
        if !store::go_on(&mut tx, batch.id, told).await? {
            // Cancelled: what this round wrote is undone with it.
            return Ok(());
        }
        match rows.last() {
            Some(last) => progress.after = last.id,
            None => {
                store::end(&mut tx, batch.id, BatchState::Done.code(), app.clock.now()).await?;
                tx.commit().await?;
                return Ok(());
            }
        }
        keep_progress(&mut tx, job, &serde_json::to_value(&progress)?).await?;
        tx.commit().await?;
        app.wake();
    }
}

async fn tell_one(app: &App, tx: &mut Tx, batch: &Batch, exam: &Exam, subjects: &[Subject], row: &Registration) -> Result<bool> {
    let Some(account) = accounts::store::find(tx, row.account).await? else { return Ok(false) };
    let fits = |wanted: &str, theirs: &str| wanted.is_empty() || wanted == theirs;
    if batch.account.is_none() && !(fits(&batch.candidate_type, &account.candidate_type) && fits(&batch.major, &account.major)) {
        return Ok(false);
    }
    let values = values(app, &account, exam, subjects, row);
    let (title, body) = (fill(&batch.title, &values), fill(&batch.body, &values));
    let letter = Letter {
        id: app.ids.make(app.clock.now()),
        title: &title,
        body: &body,
        link: &format!("/registrations/{}", row.public_ref),
        kind: Kind::Message,
        with_sms: batch.with_sms == 1,
        batch: batch.id,
    };
    tell(app, tx, &account, letter).await
}
