//! Background work: reading an order screenshot.

use baokao_vision::{DecodeLimits, decode};

use super::store;
use super::{BROKEN_PICTURE, Facts, NOT_READ, ProofState};
use crate::app::App;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::pictures;

/// Reads an order screenshot. A proof that was read before is left alone, so the job may run twice; what cannot be read at all goes on with empty
/// fields, and the candidate types them.
pub async fn read(app: &App, job: &Job) -> Result<()> {
    let id = job.id_in("proof")?;
    let proof = store::find(&mut *app.db.read().await?, id).await?;
    if proof.state() != ProofState::Reading {
        return Ok(());
    }
    // At the last try the reader is not asked again, since it may be what kills the program: the candidate types.
    let facts = if job.is_last_try() { Facts::unread(NOT_READ) } else { look(app, proof.picture).await? };
    let mut tx = app.db.begin().await?;
    store::set_read(&mut tx, id, &facts).await?;
    tx.commit().await?;
    Ok(())
}

async fn look(app: &App, picture: i64) -> Result<Facts> {
    let picture = match pictures::find(&mut *app.db.read().await?, picture).await {
        Ok(picture) => picture,
        // Deleted meanwhile.
        Err(Error::NotFound) => return Ok(Facts::unread(BROKEN_PICTURE)),
        Err(other) => return Err(other),
    };
    let bytes = pictures::bytes(app, &picture).await?;
    let app = app.clone();
    tokio::task::spawn_blocking(move || {
        let Ok(picture) = decode(&bytes, &DecodeLimits::screenshot()) else { return Ok(Facts::unread(BROKEN_PICTURE)) };
        match app.vision.look_at_receipt(&picture) {
            Ok(look) => Ok(Facts::looked_at(&look)),
            Err(error @ baokao_vision::VisionError::Missing(_)) => {
                tracing::warn!(%error, "an order screenshot goes on unread");
                Ok(Facts::unread(NOT_READ))
            }
            Err(error) => Err(Error::internal(error)),
        }
    })
    .await?
}
