//! 消息: read by the candidate they are for, and by nobody else.

use crate::accounts::Candidate;
use crate::accounts::store::messages::{self as store, Message};
use crate::app::App;
use crate::error::{Error, Result};

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
