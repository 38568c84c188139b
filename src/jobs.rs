//! Durable jobs: written in the transaction that causes them, run by any worker, at least once, with effect once (each handler is idempotent).
//!
//! A worker holds a job by a lease that it renews; a worker that dies loses nothing, because another takes the job when the lease ends. With SQLite
//! there is one process, so at start every running job is free again at once.

mod pace;
mod workers;

use std::time::Duration;

use serde_json::Value;

use crate::app::App;
use crate::db::{Conn, Engine, Tx};
use crate::error::{Error, Result};
use crate::ports::sms::Kind;
use crate::sql;
use crate::types::UnixMs;
pub use pace::{Place, place, standing, waiting};
pub use workers::work;

/// Which workers take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Short work: messages, SMS.
    Default,
    /// Reading pictures: bounded by the processor.
    Vision,
    /// SMS codes, for which somebody waits.
    Codes,
    /// All other SMS: a provider that is slow holds nothing else up.
    Sms,
    /// Whole files of rows: one at a time, so that short work is never behind them.
    Files,
}

impl Queue {
    /// Each with how many workers it has in a process; those of [`Queue::Vision`] are the configuration's.
    const WORKERS: [(Self, usize); 4] = [(Self::Default, 2), (Self::Codes, 2), (Self::Sms, 2), (Self::Files, 1)];
    /// All queues.
    pub const ALL: [Self; 5] = [Self::Default, Self::Vision, Self::Codes, Self::Sms, Self::Files];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Vision => "vision",
            Self::Codes => "codes",
            Self::Sms => "sms",
            Self::Files => "files",
        }
    }
}

/// Before everything else.
pub const PRIORITY_FIRST: i64 = 0;
/// Somebody waits on a page for it.
pub const PRIORITY_WAITING: i64 = 10;
/// Nobody waits.
pub const PRIORITY_BATCH: i64 = 50;

const LEASE_MS: i64 = 30_000;
const HEARTBEAT: Duration = Duration::from_secs(10);
/// After so many tries a job is marked failed and stays to be looked at.
const MAX_ATTEMPTS: i64 = 8;

/// A job in hand.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    /// Row id.
    pub id: i64,
    /// Which handler.
    pub kind: String,
    /// The handler's own JSON.
    pub payload: String,
    /// This is the so-manieth try, from 1.
    pub attempts: i64,
}

impl Job {
    /// A number in the payload.
    pub fn id_in(&self, field: &str) -> Result<i64> {
        let payload: Value = serde_json::from_str(&self.payload)?;
        payload[field].as_i64().ok_or_else(|| Error::internal(format!("job {} has no {field}", self.kind)))
    }

    /// Whether this was the last try: a handler that cannot succeed then hands over to a person instead of failing.
    pub fn is_last_try(&self) -> bool {
        self.attempts >= MAX_ATTEMPTS
    }
}

/// What to do, written with its cause.
#[derive(Debug)]
pub struct NewJob {
    /// Stable code, `feature.verb`; see [`App::run_job`].
    pub kind: &'static str,
    /// Which workers.
    pub queue: Queue,
    /// Smaller goes first.
    pub priority: i64,
    /// JSON for the handler.
    pub payload: Value,
    /// While a job with this key is still to run, no second one is written.
    pub unique_key: Option<String>,
    /// Not before.
    pub run_at: UnixMs,
}

/// Writes a job in the caller's transaction. Call [`App::wake`] after the commit.
pub async fn enqueue(app: &App, tx: &mut Tx, job: NewJob) -> Result<()> {
    let now = app.clock.now();
    sqlx::query(sql!(
        "insert into jobs (id, queue, kind, payload, state, priority, attempts, run_at, lease_until, unique_key, last_error, created_at)
         values ($1, $2, $3, $4, 'queued', $5, 0, $6, 0, $7, '', $8)
         on conflict (unique_key) where unique_key is not null and state in ('queued', 'running') do nothing"
    ))
    .bind(app.ids.make(now))
    .bind(job.queue.code())
    .bind(job.kind)
    .bind(job.payload.to_string())
    .bind(job.priority)
    .bind(job.run_at.0)
    .bind(job.unique_key)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Tells a candidate something: a line in 消息, and an SMS where `sms` is set. Delivered by a job, so that every feature can call it.
pub async fn notify(app: &App, tx: &mut Tx, account: i64, title: &str, body: &str, link: &str, sms: bool) -> Result<()> {
    notify_of(app, tx, Kind::State, account, (title, body, link), sms).await
}

/// [`notify`] with an SMS of another kind than 审核结果; `what`: title, body, link.
pub async fn notify_of(app: &App, tx: &mut Tx, kind: Kind, account: i64, what: (&str, &str, &str), sms: bool) -> Result<()> {
    let (title, body, link) = what;
    let payload = serde_json::json!({ "account": account, "title": title, "body": body, "link": link, "sms": sms, "kind": kind.code() });
    let job = NewJob {
        kind: "messages.deliver",
        queue: Queue::Default,
        priority: PRIORITY_BATCH,
        payload,
        unique_key: None,
        run_at: app.clock.now(),
    };
    enqueue(app, tx, job).await
}

/// Removes the messages to an account that closes, delivered ones too: their texts speak of the person.
pub async fn forget_messages(tx: &mut Tx, account: i64) -> Result<()> {
    // The first field of what `notify` writes.
    sqlx::query(sql!("delete from jobs where kind = 'messages.deliver' and payload like $1"))
        .bind(format!("{{\"account\":{account},%"))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Removes jobs that were done before `older_than`. Those that failed stay to be looked at.
pub async fn purge(tx: &mut Tx, older_than: UnixMs) -> Result<()> {
    sqlx::query(sql!("delete from jobs where state = 'done' and done_at < $1")).bind(older_than.0).execute(&mut **tx).await?;
    Ok(())
}

/// Payload and time of the job with this key that waits.
pub async fn queued(conn: &mut Conn, unique_key: &str) -> Result<Option<(String, UnixMs)>> {
    let row: Option<(String, i64)> = sqlx::query_as(sql!("select payload, run_at from jobs where unique_key = $1 and state = 'queued'"))
        .bind(unique_key)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|(payload, run_at)| (payload, UnixMs(run_at))))
}

/// Whether a worker has the job with this key in hand.
pub async fn is_running(conn: &mut Conn, unique_key: &str) -> Result<bool> {
    let row: Option<(i64,)> = sqlx::query_as(sql!("select id from jobs where unique_key = $1 and state = 'running'"))
        .bind(unique_key)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Removes the job with this key, unless it was begun; its payload.
pub async fn take_queued(tx: &mut Tx, unique_key: &str) -> Result<Option<String>> {
    let row: Option<(String,)> = sqlx::query_as(sql!("delete from jobs where unique_key = $1 and state = 'queued' returning payload"))
        .bind(unique_key)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|(payload,)| payload))
}

/// Writes how far a long job came, as its payload, in the transaction of what it has done: another try goes on from there. Fails where the job is another try's.
pub async fn keep_progress(tx: &mut Tx, job: &Job, payload: &Value) -> Result<()> {
    let done = sqlx::query(sql!("update jobs set payload = $1 where id = $2 and state = 'running' and attempts = $3"))
        .bind(payload.to_string())
        .bind(job.id)
        .bind(job.attempts)
        .execute(&mut **tx)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::internal(format!("the lease of job {} is lost", job.id))) }
}

async fn claim(app: &App, queue: Queue) -> Result<Option<Job>> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    // The one statement that differs between the engines: PostgreSQL's workers skip each other's rows; SQLite has one writer.
    let text = match app.db.engine() {
        Engine::Sqlite => {
            sql!(
                "update jobs set state = 'running', attempts = attempts + 1, lease_until = $1, started_at = $3
                 where id = (select id from jobs where queue = $2 and (state = 'queued' and run_at <= $3 or state = 'running' and lease_until < $3)
                             order by priority, run_at, id limit 1)
                 returning id, kind, payload, attempts"
            )
        }
        Engine::Postgres => {
            "update jobs set state = 'running', attempts = attempts + 1, lease_until = $1, started_at = $3
             where id = (select id from jobs where queue = $2 and (state = 'queued' and run_at <= $3 or state = 'running' and lease_until < $3)
                         order by priority, run_at, id limit 1 for update skip locked)
             returning id, kind, payload, attempts"
        }
    };
    let job = sqlx::query_as(text).bind(now.plus_ms(LEASE_MS).0).bind(queue.code()).bind(now.0).fetch_optional(&mut *tx).await?;
    tx.commit().await?;
    Ok(job)
}

/// Writes how a try ended. A worker that lost its lease meanwhile changes nothing: the job is another try's.
async fn finish(app: &App, job: &Job, outcome: Result<()>) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    match outcome {
        Ok(()) => {
            sqlx::query(sql!(
                "update jobs set state = 'done', done_at = $1, last_error = '' where id = $2 and state = 'running' and attempts = $3"
            ))
            .bind(now.0)
            .bind(job.id)
            .bind(job.attempts)
            .execute(&mut *tx)
            .await?;
        }
        Err(error) => {
            tracing::error!(job = job.id, kind = job.kind, attempt = job.attempts, %error, "job failed");
            let state = if job.is_last_try() { "failed" } else { "queued" };
            // 2 s, 4 s, 8 s … so that a fault of a moment heals by itself.
            let again = now.plus_s(1 << job.attempts.clamp(1, 10));
            sqlx::query(sql!(
                "update jobs set state = $1, run_at = $2, last_error = $3 where id = $4 and state = 'running' and attempts = $5"
            ))
            .bind(state)
            .bind(again.0)
            .bind(error.to_string().chars().take(500).collect::<String>())
            .bind(job.id)
            .bind(job.attempts)
            .execute(&mut *tx)
            .await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn renew(app: &App, job: &Job) -> Result<()> {
    let mut tx = app.db.begin().await?;
    sqlx::query(sql!("update jobs set lease_until = $1 where id = $2 and state = 'running' and attempts = $3"))
        .bind(app.clock.now().plus_ms(LEASE_MS).0)
        .bind(job.id)
        .bind(job.attempts)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes one job of the queue and runs it; `false` when there was none. Tests drive the queue with this.
pub async fn run_one(app: &App, queue: Queue) -> Result<bool> {
    let Some(job) = claim(app, queue).await? else { return Ok(false) };
    if job.attempts > MAX_ATTEMPTS {
        // The last try never came to its end: the program died of it, or with it. It is not begun again.
        finish(app, &job, Err(Error::internal("the last try did not end"))).await?;
        return Ok(true);
    }
    // A task of its own: a handler that panics fails its job, not the worker.
    let mut running = tokio::spawn({
        let (app, job) = (app.clone(), job.clone());
        async move { app.run_job(&job).await }
    });
    let outcome = loop {
        tokio::select! {
            joined = &mut running => break joined.unwrap_or_else(|panic| Err(panic.into())),
            // While it runs it is waited for, whatever happens to its lease: no worker has two jobs in hand.
            () = tokio::time::sleep(HEARTBEAT) => if let Err(error) = renew(app, &job).await {
                tracing::warn!(job = job.id, %error, "a lease was not renewed");
            },
        }
    };
    finish(app, &job, outcome).await?;
    Ok(true)
}

/// Frees jobs that a dead process left running. Only where there is one process by design.
pub async fn recover(app: &App) -> Result<()> {
    if app.db.engine() == Engine::Sqlite {
        let mut tx = app.db.begin().await?;
        sqlx::query(sql!("update jobs set state = 'queued' where state = 'running'")).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
