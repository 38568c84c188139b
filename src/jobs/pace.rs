//! Where jobs are on their way, and when they will be done.

use super::Queue;
use crate::app::App;
use crate::db::Conn;
use crate::error::Result;
use crate::sql;

/// Where a job is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How many run or go before it.
    pub ahead: i64,
    /// About when it is done, in seconds from now; at least 1.
    pub seconds: i64,
}

impl Place {
    /// Of a job that was just written where none was waiting.
    pub const NEXT: Self = Self { ahead: 0, seconds: 1 };
}

/// Before anything was measured, a job of [`Queue::Vision`] takes so long.
const FIRST_GUESS_MS: i64 = 3000;
/// So many of the newest jobs say how long one takes now, on this machine, under its load.
const MEASURED: i64 = 40;

/// How long jobs take now, by kind.
struct Pace(Vec<(String, i64)>);

impl Pace {
    async fn read(conn: &mut Conn) -> Result<Self> {
        let rows = sqlx::query_as(sql!(
            "select kind, cast(avg(took) as bigint) from
             (select kind, done_at - started_at as took from jobs where queue = $1 and state = 'done' order by done_at desc limit $2) as newest
             group by kind"
        ))
        .bind(Queue::Vision.code())
        .bind(MEASURED)
        .fetch_all(conn)
        .await?;
        Ok(Self(rows))
    }

    /// Of a kind, in milliseconds; where none was done lately, that of the others.
    fn of(&self, kind: &str) -> i64 {
        let known = self.0.iter().find(|(known, _)| known == kind).map(|(_, ms)| *ms);
        let others = || self.0.iter().map(|(_, ms)| *ms).sum::<i64>().checked_div(self.0.len() as i64);
        known.or_else(others).unwrap_or(FIRST_GUESS_MS).max(1)
    }
}

/// The place of the vision job with this key; `None` when it is not to run any more.
pub async fn place(app: &App, conn: &mut Conn, unique_key: &str) -> Result<Option<Place>> {
    let job: Option<(i64, String, String, i64, i64, Option<i64>)> = sqlx::query_as(sql!(
        "select id, kind, state, priority, run_at, started_at from jobs where unique_key = $1 and state in ('queued', 'running')"
    ))
    .bind(unique_key)
    .fetch_optional(&mut *conn)
    .await?;
    let Some((id, kind, state, priority, run_at, started_at)) = job else { return Ok(None) };
    let pace = Pace::read(conn).await?;
    let own = pace.of(&kind);
    let now = app.clock.now();
    if state == "running" {
        let left = started_at.unwrap_or(now.0) + own - now.0;
        return Ok(Some(Place { ahead: 0, seconds: seconds(left) }));
    }
    // (kind, running, how many)
    let before: Vec<(String, i64, i64)> = sqlx::query_as(sql!(
        "select kind, case when state = 'running' then 1 else 0 end as runs, cast(count(*) as bigint) from jobs where queue = $1 and id <> $2 and
         (state = 'running' or state = 'queued' and (priority < $3 or priority = $3 and (run_at < $4 or run_at = $4 and id < $2)))
         group by kind, case when state = 'running' then 1 else 0 end"
    ))
    .bind(Queue::Vision.code())
    .bind(id)
    .bind(priority)
    .bind(run_at)
    .fetch_all(conn)
    .await?;
    let sum = |which: i64| {
        before
            .iter()
            .filter(|(_, runs, _)| *runs == which)
            .fold((0, 0), |(n, ms), (kind, _, count)| (n + count, ms + count * pace.of(kind)))
    };
    let ((running, running_ms), (queued, queued_ms)) = (sum(1), sum(0));
    // While some wait, every worker of every process is at work: so many run as there are workers. One of ours that is idle takes the next in a moment.
    let workers = running.max(i64::try_from(app.config.vision_workers.max(1)).unwrap_or(1));
    let begin = queued.min(workers - running);
    let begin_ms = queued_ms.checked_div(queued).unwrap_or(0) * begin;
    // Those that run are half done, on average; the job's own time comes last, whole.
    let half = if running + begin == workers { (running_ms + begin_ms) / 2 } else { 0 };
    let ms = (queued_ms - begin_ms + half) / workers + own;
    Ok(Some(Place { ahead: running + queued, seconds: seconds(ms) }))
}

/// How many pictures wait to be read, and since when the oldest does.
pub async fn waiting(app: &App, conn: &mut Conn) -> Result<(i64, Option<i64>)> {
    Ok(sqlx::query_as(sql!(
        "select cast(count(*) as bigint), min(run_at) from jobs where queue = $1 and state = 'queued' and run_at <= $2"
    ))
    .bind(Queue::Vision.code())
    .bind(app.clock.now().0)
    .fetch_one(conn)
    .await?)
}

/// For each queue and each state that is not done: the queue, the state, how many jobs, and since when the oldest could run.
pub async fn standing(conn: &mut Conn) -> Result<Vec<(String, String, i64, Option<i64>)>> {
    Ok(sqlx::query_as(sql!(
        "select queue, state, cast(count(*) as bigint), min(run_at) from jobs where state in ('queued', 'running', 'failed') group by queue, state"
    ))
    .fetch_all(conn)
    .await?)
}

fn seconds(ms: i64) -> i64 {
    (ms + 999).div_euclid(1000).max(1)
}
