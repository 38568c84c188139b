//! Background work.

use crate::app::App;
use crate::error::Result;
use crate::jobs::Job;

/// Delivers a message.
pub async fn deliver(_app: &App, _job: &Job) -> Result<()> {
    Ok(())
}
