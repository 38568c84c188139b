//! Background work.

use serde::Deserialize;

use super::actions::outbox;
use super::store::messages::{self, Message};
use super::store::{self};
use crate::app::App;
use crate::error::Result;
use crate::jobs::Job;

/// What [`crate::jobs::notify`] writes.
#[derive(Debug, Deserialize)]
struct Payload {
    account: i64,
    title: String,
    body: String,
    link: String,
    sms: bool,
}

/// Delivers a message, and its SMS where SMS can be sent. The job's id is the message's, so that a second run changes nothing.
pub async fn deliver(app: &App, job: &Job) -> Result<()> {
    let payload: Payload = serde_json::from_str(&job.payload)?;
    let message = Message {
        id: job.id,
        public_ref: app.keys.token()?,
        title: payload.title,
        body: payload.body,
        link: payload.link,
        created_at: app.clock.now().0,
        read_at: None,
    };
    let mut tx = app.db.begin().await?;
    // Whoever closed their account in the meantime wants no message.
    let Some(account) = store::find(&mut tx, payload.account).await? else { return Ok(()) };
    if messages::insert(&mut tx, &message, account.id).await? && payload.sms && outbox::is_open(app) {
        outbox::send(app, &mut tx, &account.phone(&app.keys)?, &format!("{}。{}", message.title, message.body)).await?;
    }
    tx.commit().await?;
    Ok(())
}
