//! Background work.

use crate::app::App;
use crate::error::Result;
use crate::jobs::Job;

/// Reads a card.
pub async fn read(_app: &App, _job: &Job) -> Result<()> {
    Ok(())
}
