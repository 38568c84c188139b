//! Background work.

use crate::app::App;
use crate::error::Result;
use crate::jobs::Job;

/// Reads an order screenshot.
pub async fn read(_app: &App, _job: &Job) -> Result<()> {
    Ok(())
}
