//! SMS that leave: written with what causes them, sent by a job ([`super::sending`]). In the demo without a provider they arrive on its outbox page as they are written.

use crate::accounts::store::outbox::{self as store, Row};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::jobs::{self, NewJob, PRIORITY_BATCH, PRIORITY_FIRST, Queue};
use crate::ports::sms::{Kind, Outgoing, Provider};
use crate::types::{Phone, UnixMs};

const PHONE: &str = "sms_outbox.phone";
const TEXT: &str = "sms_outbox.text";
const VALUES: &str = "sms_outbox.values";
/// An SMS of the operators is at most seven parts; ours stay well below.
pub const MAX_TEXT_CHARS: usize = 300;

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

/// One to be written.
#[derive(Debug)]
pub struct New<'a> {
    /// To whom.
    pub phone: &'a Phone,
    /// What it says, by kind.
    pub kind: Kind,
    /// The text, without the school's name in front.
    pub text: &'a str,
    /// The kind's values, by our names; `school` is added.
    pub values: &'a [(&'a str, &'a str)],
    /// Whose phone it is; 0 where nobody has it yet.
    pub account: i64,
    /// The message of staff that it belongs to, else 0.
    pub batch: i64,
    /// Not to be sent after that.
    pub expires_at: Option<UnixMs>,
}

impl<'a> New<'a> {
    /// A notice to a candidate: a title and a sentence.
    pub fn notice(phone: &'a Phone, kind: Kind, account: i64, values: &'a [(&'a str, &'a str)], text: &'a str) -> Self {
        Self { phone, kind, text, values, account, batch: 0, expires_at: None }
    }
}

/// Whether SMS of a kind can be sent here.
pub fn is_open(app: &App, kind: Kind) -> bool {
    app.settings().sends(kind)
}

/// Refuses where codes cannot be sent.
pub(in crate::accounts) fn require_open(app: &App) -> Result<()> {
    if is_open(app, Kind::Code) { Ok(()) } else { Err(Error::refused("sms_closed", "短信服务尚未开通，请联系学校。")) }
}

/// The whole text. The school's name stands in front, as the operators ask.
pub fn whole_text(app: &App, text: &str) -> String {
    format!("【{}】{text}", app.settings().school()).chars().take(MAX_TEXT_CHARS).collect()
}

/// Writes an SMS with the transaction. Call [`App::wake`] after the commit.
pub async fn send(app: &App, tx: &mut Tx, new: New<'_>) -> Result<()> {
    let now = app.clock.now();
    let settings = app.settings();
    let mut values: Vec<(String, String)> = new.values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    values.push(("school".into(), settings.school().to_owned()));
    // The demo's page is the phone: what is written has arrived.
    let is_here = matches!(settings.provider, Provider::Outbox);
    let row = Row {
        id: app.ids.make(now),
        public_ref: app.keys.token()?,
        phone_enc: app.keys.seal_text(PHONE, new.phone.as_str())?,
        text_enc: app.keys.seal_text(TEXT, &whole_text(app, new.text))?,
        values_enc: app.keys.seal_text(VALUES, &serde_json::to_string(&values)?)?,
        kind: new.kind.code().into(),
        account: new.account,
        batch: new.batch,
        state: if is_here { "delivered" } else { "queued" }.into(),
        tries: 0,
        provider: if is_here { settings.provider.code() } else { "" }.into(),
        answer: String::new(),
        created_at: now.0,
        expires_at: new.expires_at.map(|at| at.0),
        changed_at: now.0,
    };
    store::insert(tx, &row).await?;
    if is_here { Ok(()) } else { queue(app, tx, &row, now).await }
}

/// Writes the job of the next try. Codes have workers of their own, so that nothing is before them.
pub(super) async fn queue(app: &App, tx: &mut Tx, row: &Row, run_at: UnixMs) -> Result<()> {
    let is_code = row.kind == Kind::Code.code();
    let job = NewJob {
        kind: "sms.send",
        queue: if is_code { Queue::Codes } else { Queue::Sms },
        priority: if is_code { PRIORITY_FIRST } else { PRIORITY_BATCH },
        payload: serde_json::json!({ "sms": row.id }),
        unique_key: None,
        run_at,
    };
    jobs::enqueue(app, tx, job).await
}

/// Begins anew with one that failed or may have; `false` when it has not.
pub async fn again(app: &App, tx: &mut Tx, row: &Row) -> Result<bool> {
    let now = app.clock.now();
    if !store::again(tx, row.id, now).await? {
        return Ok(false);
    }
    queue(app, tx, row, now).await?;
    Ok(true)
}

/// As the ports take it.
pub(super) fn outgoing(app: &App, row: &Row) -> Result<Outgoing> {
    Ok(Outgoing {
        id: row.id,
        phone: Phone::stored(app.keys.open_text(PHONE, &row.phone_enc)?),
        kind: Kind::parse(&row.kind).ok_or_else(|| Error::internal("an SMS of an unknown kind"))?,
        text: app.keys.open_text(TEXT, &row.text_enc)?,
        values: serde_json::from_str(&app.keys.open_text(VALUES, &row.values_enc)?)?,
    })
}

/// To whom a row goes, masked.
pub fn phone_masked(app: &App, row: &Row) -> Result<String> {
    Ok(Phone::stored(app.keys.open_text(PHONE, &row.phone_enc)?).masked())
}

/// The newest SMS, for the demo's outbox page; none outside the demo.
pub async fn newest(app: &App, limit: i64) -> Result<Vec<Sms>> {
    if !app.config.demo {
        return Ok(Vec::new());
    }
    let rows = store::newest(&mut *app.db.read().await?, limit).await?;
    rows.into_iter()
        .map(|row| {
            let text = app.keys.open_text(TEXT, &row.text_enc)?;
            Ok(Sms { at: UnixMs(row.created_at), phone_masked: phone_masked(app, &row)?, text })
        })
        .collect()
}
