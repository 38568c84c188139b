//! What the demo starts with.

use crate::app::App;
use crate::error::Result;

/// Fills an empty demo; does nothing to one that is filled.
pub async fn seed(_app: &App) -> Result<()> {
    Ok(())
}

/// What the terminal says.
pub fn welcome(app: &App) -> String {
    app.config.public_url.clone()
}
