//! Background work.

use crate::app::App;
use crate::error::Result;
use crate::jobs::Job;

/// Judges a face check.
pub async fn check(_app: &App, _job: &Job) -> Result<()> {
    Ok(())
}
