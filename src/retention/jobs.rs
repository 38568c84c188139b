//! The deletion, an exam at a time: so many people a transaction, and how far it came in the same one.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store;
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::error::Result;
use crate::jobs::{self, Job, NewJob, PRIORITY_BATCH, Queue, keep_progress};
use crate::pictures::{self, Owner};
use crate::types::UnixMs;

/// People in one transaction.
const PAGE: i64 = 50;
/// Exams asked for at once.
const MAX_EXAMS: i64 = 20;
const DAY_S: i64 = 86_400;

#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    exam: i64,
    /// The last registration that was looked at.
    after: i64,
    /// Pictures deleted, of so many people; people whose pictures another exam needs, and those with an open case.
    pictures: i64,
    people: i64,
    later: i64,
    open: i64,
}

/// Exams that ended before this are over for so long that their pictures go; `None` where staff keep them.
fn ended_before(app: &App) -> Option<UnixMs> {
    let days = app.settings().service.pictures_days;
    (days > 0).then(|| app.clock.now().plus_s(-days * DAY_S))
}

/// Once an hour: asks for the exams whose time is over. One with open cases is asked for again until they are closed.
pub async fn tick(app: &App) -> Result<()> {
    let Some(before) = ended_before(app) else { return Ok(()) };
    let due = store::due(&mut *app.db.read().await?, before, MAX_EXAMS).await?;
    if due.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    for (exam, _) in due {
        let job = NewJob {
            kind: "retention.exam",
            queue: Queue::Default,
            priority: PRIORITY_BATCH,
            payload: serde_json::to_value(Progress { exam, after: 0, pictures: 0, people: 0, later: 0, open: 0 })?,
            unique_key: Some(format!("retention.exam:{exam}")),
            run_at: app.clock.now(),
        };
        jobs::enqueue(app, &mut tx, job).await?;
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Runs `retention.exam`.
pub async fn run(app: &App, job: &Job) -> Result<()> {
    let mut progress: Progress = serde_json::from_str(&job.payload)?;
    loop {
        // Asked again at every step: staff may have chosen a longer time meanwhile.
        let Some(before) = ended_before(app) else { return Ok(()) };
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        if !store::due(&mut tx, before, i64::MAX).await?.iter().any(|(exam, _)| *exam == progress.exam) {
            return Ok(());
        }
        let people = store::people(&mut tx, progress.exam, progress.after, PAGE).await?;
        for (registration, account) in &people {
            progress.after = *registration;
            if store::has_a_later_exam(&mut tx, *account, progress.exam, before).await? {
                progress.later += 1;
            } else if store::has_an_open_case(&mut tx, *account).await? {
                progress.open += 1;
            } else {
                let owner = Owner::Candidate(*account);
                let count = i64::try_from(pictures::of_owner(&mut tx, owner, i64::MAX).await?.len()).unwrap_or(0);
                pictures::delete_all(app, &mut tx, owner).await?;
                progress.pictures += count;
                progress.people += i64::from(count > 0);
            }
        }
        if !people.is_empty() {
            keep_progress(&mut tx, job, &serde_json::to_value(&progress)?).await?;
            tx.commit().await?;
            app.wake();
            continue;
        }
        if progress.open == 0 {
            store::forgotten(&mut tx, progress.exam, progress.pictures, now).await?;
        }
        if progress.open == 0 || progress.pictures > 0 {
            let detail = json!({ "pictures": progress.pictures, "people": progress.people, "kept_for_a_later_exam": progress.later, "kept_for_an_open_case": progress.open });
            let entry =
                Entry { action: "exam.forget_pictures", subject_kind: "exam", subject_id: progress.exam, detail, actor: &Actor::System };
            audit::write(&mut tx, now, entry).await?;
        }
        tx.commit().await?;
        return Ok(());
    }
}
