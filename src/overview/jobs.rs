//! Counting in the background, so that a view costs the same at ten registrations and at a million.

use std::time::Instant;

use super::store;
use crate::app::App;
use crate::db::Conn;
use crate::error::Result;
use crate::exams;
use crate::jobs::{self, NewJob, PRIORITY_BATCH, Queue};
use crate::types::UnixMs;

/// Exams that are counted, newest first: those that the overview shows.
pub(super) const MAX_EXAMS: i64 = 8;
/// Figures are at least so old before they are counted again.
const EVERY_MS: i64 = 60_000;
/// Counting takes at most one part in so many of the time.
const SHARE: i64 = 20;
/// What became of checks is shown for so long.
pub(super) const CHECKS_DAYS: i64 = 30;

/// The key of what belongs to no exam.
pub(super) const NO_EXAM: i64 = 0;

async fn is_due(conn: &mut Conn, exam: i64, now: UnixMs) -> Result<bool> {
    let counted = store::counted(conn, exam).await?;
    Ok(counted.is_none_or(|(at, took_ms)| now.0 - at >= EVERY_MS.max(took_ms * SHARE)))
}

/// Once a minute: asks for a count where one is due.
pub async fn tick(app: &App) -> Result<()> {
    let now = app.clock.now();
    if !is_due(&mut *app.db.read().await?, NO_EXAM, now).await? {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let job = NewJob {
        kind: "overview.count",
        queue: Queue::Default,
        priority: PRIORITY_BATCH,
        payload: serde_json::json!({}),
        unique_key: Some("overview.count".into()),
        run_at: now,
    };
    jobs::enqueue(app, &mut tx, job).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}

/// Runs `overview.count`.
pub async fn count(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut conn = app.db.read().await?;
    let exams: Vec<i64> = exams::store::visible(&mut conn, MAX_EXAMS).await?.iter().map(|exam| exam.id).collect();
    for exam in exams.into_iter().chain([NO_EXAM]) {
        if !is_due(&mut conn, exam, now).await? {
            continue;
        }
        let begun = Instant::now();
        let figures = if exam == NO_EXAM {
            store::count_checks(&mut conn, now.plus_s(-CHECKS_DAYS * 86_400)).await?
        } else {
            store::count_exam(&mut conn, exam, now).await?
        };
        let took_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut tx = app.db.begin().await?;
        store::put(&mut tx, exam, &figures, now, took_ms).await?;
        tx.commit().await?;
    }
    Ok(())
}
