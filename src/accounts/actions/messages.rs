//! 消息: read by the candidate they are for, and by nobody else.

use super::outbox::{self, New};
use crate::accounts::Candidate;
use crate::accounts::store::Account;
use crate::accounts::store::messages::{self as store, Message};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ports::sms::Kind;

/// Messages on a page.
pub const PAGE: i64 = 30;

/// Newest first, below `before` (`None`: from the newest); and the id to go on below, when there are more.
pub async fn list(app: &App, candidate: &Candidate, before: Option<&str>) -> Result<(Vec<Message>, Option<String>)> {
    let mut conn = app.db.read().await?;
    let below = match before {
        // The page goes on below a message that is named by its reference: ids stay inside.
        Some(reference) => store::find(&mut conn, candidate.id(), reference).await?.ok_or(Error::NotFound)?.id,
        None => i64::MAX,
    };
    let mut found = store::list(&mut conn, candidate.id(), below, PAGE + 1).await?;
    let page = usize::try_from(PAGE).unwrap_or(0);
    let more = found.len() > page;
    found.truncate(page);
    let next = found.last().filter(|_| more).map(|last| last.public_ref.clone());
    Ok((found, next))
}

/// Opens a message, which marks it read.
pub async fn open(app: &App, candidate: &Candidate, reference: &str) -> Result<Message> {
    let message = store::find(&mut *app.db.read().await?, candidate.id(), reference).await?.ok_or(Error::NotFound)?;
    if !message.is_read() {
        let mut tx = app.db.begin().await?;
        store::mark_read(&mut tx, candidate.id(), message.id, app.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(message)
}

/// Marks all messages read.
pub async fn read_all(app: &App, candidate: &Candidate) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::mark_all_read(&mut tx, candidate.id(), app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// A message to be written.
#[derive(Debug)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Letter<'a> {
    /// Row id: a message that is there already is not written again.
    pub id: i64,
    pub title: &'a str,
    pub body: &'a str,
    pub link: &'a str,
    /// Of its SMS.
    pub kind: Kind,
    pub with_sms: bool,
    /// The message of staff that it belongs to, else 0.
    pub batch: i64,
}

/// Writes a message and, where wanted and possible, its SMS; `false` when it is there already. Call [`App::wake`] after the commit.
pub async fn tell(app: &App, tx: &mut Tx, account: &Account, letter: Letter<'_>) -> Result<bool> {
    let message = Message {
        id: letter.id,
        public_ref: app.keys.token()?,
        title: letter.title.to_owned(),
        body: letter.body.to_owned(),
        link: letter.link.to_owned(),
        created_at: app.clock.now().0,
        read_at: None,
    };
    if !store::insert(tx, &message, account.id).await? {
        return Ok(false);
    }
    if letter.with_sms && outbox::is_open(app, letter.kind) {
        let text = format!("{}。{}", letter.title, letter.body);
        let values = [("title", letter.title), ("text", letter.body)];
        let phone = account.phone(&app.keys)?;
        outbox::send(app, tx, New { batch: letter.batch, ..New::notice(&phone, letter.kind, account.id, &values, &text) }).await?;
    }
    Ok(true)
}
