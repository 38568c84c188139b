//! The deletion, an exam at a time, and then those who are registered for none: so many people a transaction, and how far it came in the same one.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store;
use crate::accounts;
use crate::app::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::identity;
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

/// How far the sweep of accounts without an exam is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Sweep {
    /// The last account that was looked at.
    after: i64,
    /// Pictures deleted, of so many people; people with an open case.
    pictures: i64,
    people: i64,
    open: i64,
}

/// What was over before this is over for so long that its pictures go; `None` where they stay.
fn over_before(app: &App, days: i64) -> Option<UnixMs> {
    (days > 0).then(|| app.clock.now().plus_s(-days * DAY_S))
}

fn ended_before(app: &App) -> Option<UnixMs> {
    over_before(app, app.settings().service.pictures_days)
}

/// What would go within the hour if pictures were kept so many days: titles of the exams, people, and whether some of them are registered for none.
pub async fn forecast(app: &App, conn: &mut Conn, days: i64) -> Result<(Vec<String>, i64, bool)> {
    let Some(before) = over_before(app, days) else { return Ok((Vec::new(), 0, false)) };
    let exams = store::due(conn, before, i64::MAX).await?.into_iter().map(|(_, title)| title).collect();
    Ok((exams, store::would_go(conn, before).await?, !store::unregistered(conn, before, 0, 1).await?.is_empty()))
}

/// Deletes the pictures of an account; how many there were.
async fn forget(app: &App, tx: &mut Tx, account: i64) -> Result<i64> {
    let owner = Owner::Candidate(account);
    let count = i64::try_from(pictures::of_owner(tx, owner, i64::MAX).await?.len()).unwrap_or(0);
    if count > 0 {
        pictures::delete_all(app, tx, owner).await?;
        identity::actions::forget_lines(app, tx, account).await?;
        accounts::actions::pictures_forgotten(tx, account, app.clock.now()).await?;
    }
    Ok(count)
}

/// Once an hour: asks for the exams whose time is over, and for the accounts without one. What has open cases is asked for again until they are closed.
pub async fn tick(app: &App) -> Result<()> {
    let Some(before) = ended_before(app) else { return Ok(()) };
    let mut conn = app.db.read().await?;
    let due = store::due(&mut conn, before, MAX_EXAMS).await?;
    let is_swept = store::unregistered(&mut conn, before, 0, 1).await?.is_empty();
    drop(conn);
    if due.is_empty() && is_swept {
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
    if !is_swept {
        let job = NewJob {
            kind: "retention.accounts",
            queue: Queue::Default,
            priority: PRIORITY_BATCH,
            payload: serde_json::to_value(Sweep::default())?,
            unique_key: Some("retention.accounts".into()),
            run_at: app.clock.now(),
        };
        jobs::enqueue(app, &mut tx, job).await?;
    }
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Runs `retention.accounts`: the pictures of those who are registered for no exam, so long after the newest of them was uploaded.
pub async fn sweep(app: &App, job: &Job) -> Result<()> {
    let mut progress: Sweep = serde_json::from_str(&job.payload)?;
    loop {
        // Asked again at every step: staff may have chosen a longer time meanwhile. Looked for outside the transaction: the last look walks to the end.
        let people = match ended_before(app) {
            Some(before) => store::unregistered(&mut *app.db.read().await?, before, progress.after, PAGE).await?,
            None => Vec::new(),
        };
        let mut tx = app.db.begin().await?;
        for account in &people {
            progress.after = *account;
            // Registered or uploaded anew since.
            let Some(before) = ended_before(app) else { break };
            if store::unregistered(&mut tx, before, *account - 1, 1).await?.first() != Some(account) {
                continue;
            }
            if store::has_an_open_case(&mut tx, *account).await? {
                progress.open += 1;
            } else {
                progress.pictures += forget(app, &mut tx, *account).await?;
                progress.people += 1;
            }
        }
        if !people.is_empty() {
            keep_progress(&mut tx, job, &serde_json::to_value(&progress)?).await?;
            tx.commit().await?;
            app.wake();
            continue;
        }
        if progress.pictures > 0 {
            let detail = json!({ "pictures": progress.pictures, "people": progress.people, "kept_for_an_open_case": progress.open });
            let entry =
                Entry { action: "picture.forget_unregistered", subject_kind: "picture", subject_id: 0, detail, actor: &Actor::System };
            audit::write(&mut tx, app.clock.now(), entry).await?;
        }
        tx.commit().await?;
        return Ok(());
    }
}

/// Runs `retention.exam`.
pub async fn run(app: &App, job: &Job) -> Result<()> {
    let mut progress: Progress = serde_json::from_str(&job.payload)?;
    loop {
        // Asked again at every step: staff may have chosen a longer time meanwhile.
        let Some(before) = ended_before(app) else { return Ok(()) };
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let due = store::due(&mut tx, before, i64::MAX).await?;
        let Some((_, title)) = due.into_iter().find(|(exam, _)| *exam == progress.exam) else { return Ok(()) };
        let people = store::people(&mut tx, progress.exam, progress.after, PAGE).await?;
        for (registration, account) in &people {
            progress.after = *registration;
            if store::has_a_later_exam(&mut tx, *account, progress.exam, before).await? {
                progress.later += 1;
            } else if store::has_an_open_case(&mut tx, *account).await? {
                progress.open += 1;
            } else {
                let count = forget(app, &mut tx, *account).await?;
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
            let detail = json!({
                "exam": title, "pictures": progress.pictures, "people": progress.people,
                "kept_for_a_later_exam": progress.later, "kept_for_an_open_case": progress.open,
            });
            let entry =
                Entry { action: "exam.forget_pictures", subject_kind: "exam", subject_id: progress.exam, detail, actor: &Actor::System };
            audit::write(&mut tx, now, entry).await?;
        }
        tx.commit().await?;
        return Ok(());
    }
}
