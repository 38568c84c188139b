//! SMS that leave. In the demo they arrive on its outbox page; otherwise there is no provider yet, and whoever wants to send one is told so.

use crate::accounts::store::outbox::{self as store, Row};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::types::{Phone, UnixMs};

const PHONE: &str = "sms_outbox.phone";
const TEXT: &str = "sms_outbox.text";
/// An SMS of the operators is at most seven parts; ours stay well below.
const MAX_TEXT_CHARS: usize = 300;

/// An SMS of the demo.
#[derive(Clone, Debug)]
pub struct Sms {
    /// When it was sent.
    pub at: UnixMs,
    /// To whom, masked.
    pub phone_masked: String,
    /// What it says.
    pub text: String,
}

/// Whether SMS can be sent here.
pub(in crate::accounts) fn is_open(app: &App) -> bool {
    app.config.demo
}

/// Refuses where SMS cannot be sent.
pub(in crate::accounts) fn require_open(app: &App) -> Result<()> {
    if is_open(app) { Ok(()) } else { Err(Error::refused("sms_closed", "短信服务尚未开通，请联系学校。")) }
}

/// Sends `text` to `phone` with the transaction. The school's name stands in front, as the operators ask.
pub(in crate::accounts) async fn send(app: &App, tx: &mut Tx, phone: &Phone, text: &str) -> Result<()> {
    require_open(app)?;
    let now = app.clock.now();
    let text: String = format!("【{}】{text}", app.config.school).chars().take(MAX_TEXT_CHARS).collect();
    let row = Row {
        id: app.ids.make(now),
        phone_enc: app.keys.seal_text(PHONE, phone.as_str())?,
        text_enc: app.keys.seal_text(TEXT, &text)?,
        created_at: now.0,
    };
    // The demo's page is the phone: what is written has arrived.
    store::insert(tx, &row).await
}

/// The newest SMS, for the demo's outbox page; none outside the demo.
pub async fn newest(app: &App, limit: i64) -> Result<Vec<Sms>> {
    if !app.config.demo {
        return Ok(Vec::new());
    }
    let rows = store::newest(&mut *app.db.read().await?, limit).await?;
    rows.into_iter()
        .map(|row| {
            let phone = Phone::stored(app.keys.open_text(PHONE, &row.phone_enc)?);
            let text = app.keys.open_text(TEXT, &row.text_enc)?;
            Ok(Sms { at: UnixMs(row.created_at), phone_masked: phone.masked(), text })
        })
        .collect()
}
