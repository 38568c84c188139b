//! Use cases, a file for each part of the feature; here is what later features call.

pub mod codes;
pub mod messages;
pub mod outbox;
pub mod privacy;
pub mod profile;
pub mod register;
pub mod sending;
pub mod sign_in;
pub mod staff;

pub use outbox::{Sms, newest as outbox_newest};

use super::RealName;
use super::store::{self, Account};
use crate::app::App;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::types::{DocumentKind, DocumentNumber, Phone, UnixMs};

/// Writes how far 实名认证 is. The caller makes sure that it speaks of the account's present `name_version`. A portrait of `None` leaves the present one.
pub async fn real_name_changed(
    tx: &mut Tx,
    account: i64,
    state: RealName,
    verified_at: Option<UnixMs>,
    portrait_picture: Option<i64>,
) -> Result<()> {
    store::set_real_name(tx, account, state, verified_at, portrait_picture).await
}

/// Keeps the portrait of a verified account that was found only after the decision; nothing where the name changed since.
pub async fn portrait_found(tx: &mut Tx, account: i64, name_version: i64, picture: i64) -> Result<()> {
    store::set_portrait(tx, account, name_version, picture).await
}

/// The pictures of an account were deleted at the end of their time. Who is verified stays so.
pub async fn pictures_forgotten(tx: &mut Tx, account: i64, now: UnixMs) -> Result<()> {
    store::pictures_forgotten(tx, account, now).await
}

/// By row id, unless deleted.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Account> {
    store::find(conn, id).await?.ok_or(Error::NotFound)
}

/// By public reference, unless deleted.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Account> {
    store::find_by_ref(conn, reference).await?.ok_or(Error::NotFound)
}

/// Whom a staff member means by what they typed: a document number or a phone in full, or the beginning of a name. At most `limit`, in the order of names.
pub async fn search(app: &App, conn: &mut Conn, typed: &str, limit: i64) -> Result<Vec<Account>> {
    let typed: String = typed.trim().chars().take(60).collect();
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Account> = Vec::new();
    for number in numbers_meant(&typed, app.clock.now()) {
        found.extend(store::find_by_document(app, conn, &number).await?);
    }
    if let Ok(phone) = Phone::parse(&typed) {
        found.extend(store::find_by_phone(app, conn, &phone).await?);
    }
    if found.is_empty() {
        found = store::find_by_name(conn, &typed, limit).await?;
    }
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// The numbers that a typed text can be: a person signs in without saying which kind of document it is. One for each account key.
pub(super) fn numbers_meant(typed: &str, now: UnixMs) -> Vec<DocumentNumber> {
    let mut numbers: Vec<DocumentNumber> = Vec::new();
    for kind in DocumentKind::ALL {
        if let Ok(number) = DocumentNumber::parse(kind, typed, now.date())
            && numbers.iter().all(|other| other.account_key() != number.account_key())
        {
            numbers.push(number);
        }
    }
    numbers
}
