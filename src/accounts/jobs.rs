//! Background work.

use serde::Deserialize;

use super::actions::messages::{Letter, tell};
use super::store::{self};
use crate::app::App;
use crate::error::Result;
use crate::jobs::Job;
use crate::ports::sms::Kind;

/// What [`crate::jobs::notify`] writes.
#[derive(Debug, Deserialize)]
struct Payload {
    account: i64,
    title: String,
    body: String,
    link: String,
    sms: bool,
    #[serde(default)]
    kind: String,
}

/// Delivers a message, and its SMS where SMS can be sent. The job's id is the message's, so that a second run changes nothing.
pub async fn deliver(app: &App, job: &Job) -> Result<()> {
    let payload: Payload = serde_json::from_str(&job.payload)?;
    let mut tx = app.db.begin().await?;
    // Whoever closed their account in the meantime wants no message.
    let Some(account) = store::find(&mut tx, payload.account).await? else { return Ok(()) };
    let letter = Letter {
        id: job.id,
        title: &payload.title,
        body: &payload.body,
        link: &payload.link,
        kind: Kind::parse(&payload.kind).unwrap_or(Kind::State),
        with_sms: payload.sms,
        batch: 0,
    };
    tell(app, &mut tx, &account, letter).await?;
    tx.commit().await?;
    app.wake();
    Ok(())
}
