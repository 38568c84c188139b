//! Background work.

use super::{State, store};
use crate::app::App;
use crate::error::Result;
use crate::exams::changes::News;
use crate::jobs::{self, Job};
use crate::ports::sms::Kind;

/// Registrations told in one transaction.
const BATCH: i64 = 500;

/// Tells everybody who is registered for an exam what changed. How far it came is kept with the messages, so that a second run goes on from there.
pub async fn exam_changed(app: &App, job: &Job) -> Result<()> {
    let mut news: News = serde_json::from_str(&job.payload)?;
    loop {
        let mut tx = app.db.begin().await?;
        let rows = store::of_exam(&mut tx, news.exam, None, news.told, BATCH).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        news.told = last.id;
        for row in rows.iter().filter(|row| row.state() != State::Withdrawn) {
            let Some(sentence) = news.sentence(row.subject, row.fee_fen.is_some()) else { continue };
            let link = format!("/registrations/{}", row.public_ref);
            jobs::notify_of(app, &mut tx, Kind::Exam, row.account, ("考试安排有变动", &sentence, &link), true).await?;
        }
        jobs::keep_progress(&mut tx, job, &serde_json::to_value(&news)?).await?;
        tx.commit().await?;
        app.wake();
    }
}
