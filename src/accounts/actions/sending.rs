//! The job that hands an SMS to the provider, and the provider's reports.
//!
//! Before the provider is asked, the row says `sending`. A worker that dies there leaves it so, and the next try knows that the SMS may be out: a code, and whatever a gateway
//! of the school's own knows by its id, is sent again; any other becomes `unknown` and waits for staff, because nobody wants the same notice twice.

use super::outbox::{outgoing, queue};
use crate::accounts::store::outbox::{self as store, Row, Tried};
use crate::app::App;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::ports::sms::{Kind, Outcome, Provider, reports};
use crate::types::UnixMs;

/// A provider that is down for longer costs its SMS.
const GIVE_UP_S: i64 = 86_400;
/// Tries come further and further apart, up to this; for a code, up to the second.
const MAX_PAUSE_S: i64 = 900;
const MAX_CODE_PAUSE_S: i64 = 10;
/// When SMS that a day's limit held back go on, in China.
const NEXT_MORNING_H: i8 = 8;

/// Runs `sms.send`.
pub async fn run(app: &App, job: &Job) -> Result<()> {
    let id = job.id_in("sms")?;
    let Some(row) = store::find(&mut *app.db.read().await?, id).await? else { return Ok(()) };
    if !matches!(row.state.as_str(), "queued" | "sending") {
        return Ok(());
    }
    let now = app.clock.now();
    let is_code = row.kind == Kind::Code.code();
    let ends = row.expires_at.map_or(row.created_at + GIVE_UP_S * 1000, |at| at.min(row.created_at + GIVE_UP_S * 1000));
    if ends <= now.0 {
        // Nobody can use an old code, and an old notice misleads.
        let state = if row.expires_at.is_some() { "expired" } else { "failed" };
        let mut tx = app.db.begin().await?;
        store::step(&mut tx, id, &row.state, state, now).await?;
        tx.commit().await?;
        return Ok(());
    }
    let settings = app.settings();
    let is_known_there = matches!(settings.provider, Provider::Webhook(_) | Provider::Outbox);
    let mut tx = app.db.begin().await?;
    if row.state == "sending" {
        if !is_code && !is_known_there {
            store::tried(&mut tx, id, &Tried { state: "unknown", provider: &row.provider, provider_ref: "", answer: DIED }, now).await?;
            tx.commit().await?;
            return Ok(());
        }
    } else {
        if !is_code && row.tries == 0 && !store::take_place(&mut tx, &now.date().to_string(), settings.sms.daily_limit).await? {
            queue(app, &mut tx, &row, next_morning(now)).await?;
            tx.commit().await?;
            return Ok(());
        }
        if !store::step(&mut tx, id, "queued", "sending", now).await? {
            return Ok(());
        }
    }
    tx.commit().await?;

    let outcome = settings.provider.send(&app.http, now, &app.keys.token()?, &outgoing(app, &row)?).await;
    write(app, &row, &outcome, settings.provider.code(), is_code).await
}

const DIED: &str = "发送时系统中断，不确定是否已发出。";

async fn write(app: &App, row: &Row, outcome: &Outcome, provider: &str, is_code: bool) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let (state, reference, answer) = match outcome {
        Outcome::Sent(reference) => (if provider == "outbox" { "delivered" } else { "sent" }, reference.as_str(), String::new()),
        Outcome::Refused(why) => ("failed", "", why.sentence()),
        Outcome::Later(why) => ("queued", "", why.sentence()),
        Outcome::Unknown(why) => (if is_code { "queued" } else { "unknown" }, "", why.sentence()),
    };
    store::tried(&mut tx, row.id, &Tried { state, provider, provider_ref: reference, answer: &answer }, now).await?;
    if state == "queued" {
        let pause = (1_i64 << (row.tries + 1).clamp(1, 12)).min(if is_code { MAX_CODE_PAUSE_S } else { MAX_PAUSE_S });
        tracing::warn!(sms = row.id, tries = row.tries + 1, provider, pause, "an SMS was not taken and is tried again");
        queue(app, &mut tx, row, now.plus_s(pause)).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn next_morning(now: UnixMs) -> UnixMs {
    let morning = now.date().tomorrow().map(|day| day.at(NEXT_MORNING_H, 0, 0, 0));
    let at = morning.ok().and_then(|morning| UnixMs::parse_field(&morning.strftime("%Y-%m-%dT%H:%M").to_string()).ok());
    at.unwrap_or_else(|| now.plus_s(86_400))
}

/// Takes a provider's reports in; `token` is what our address for them carries.
pub async fn take_reports(app: &App, provider: &str, token: &str, body: &[u8]) -> Result<()> {
    if !app.keys.verify("sms.reports", provider, token) {
        return Err(Error::NotFound);
    }
    let Some(reports) = reports(provider, body) else { return Err(Error::invalid("", "the report is not a JSON list")) };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    for report in reports {
        let (state, answer) =
            if report.has_arrived { ("delivered", String::new()) } else { ("failed", format!("没有送达（{}）。", report.code)) };
        store::reported(&mut tx, provider, &report.reference, state, &answer, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_days_limit_held_back_goes_on_at_eight() {
        let evening = UnixMs::parse_field("2026-06-30T23:30").expect("a moment");
        assert_eq!(next_morning(evening).field(), "2026-07-01T08:00");
    }
}
