//! What the demo starts with: a staff account, and a published exam with rooms.

use crate::app::App;
use crate::error::Result;
use crate::staff::{self, Role};
use crate::types::Fen;

/// The demo's staff account.
pub const LOGIN: &str = "demo";
/// Its password.
pub const PASSWORD: &str = "baokao-demo";
/// The demo exam's fee.
pub const FEE: Fen = Fen(8000);
/// What the fee is called (the manual).
pub const FEE_NAME: &str = "成人高等教育学士学位外语水平考试费";
/// Whose demo it is.
pub const SCHOOL: &str = "示范大学继续教育学院";
/// Who is paid.
pub const PAYEE: &str = "示范大学";

/// Fills an empty demo; does nothing to one that is filled.
pub async fn seed(app: &App) -> Result<()> {
    let is_seeded = staff::store::find_by_login(&mut *app.db.read().await?, LOGIN).await?.is_some();
    if is_seeded {
        return Ok(());
    }
    staff::actions::create(app, LOGIN, "演示老师", PASSWORD, &[Role::Registrar, Role::Administrator, Role::Auditor]).await
}

/// What the terminal says.
pub fn welcome(app: &App) -> String {
    let url = &app.config.public_url;
    format!(
        "\n  Baokao 报考 — demo\n\n  candidate   {url}/\n  guide       {url}/demo           what to do, in order\n  specimens   {url}/demo/card      {url}/demo/receipt\n  SMS codes   {url}/demo/outbox\n  \
         staff       {url}/console        {LOGIN} / {PASSWORD}\n  data        {}\n",
        app.config.data.display()
    )
}
