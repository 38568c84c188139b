//! SQL on `accounts` and `account_names`; the other tables of the feature are in the files beside.

pub mod changes;
pub mod codes;
pub mod consents;
pub mod drafts;
pub mod fill;
pub mod messages;
pub mod outbox;

use super::RealName;
use crate::app::App;
use crate::crypto::Keys;
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::{DocumentKind, DocumentNumber, Phone, Region, UnixMs};

/// The context that document numbers are sealed with.
pub const DOCUMENT: &str = "accounts.document";
/// The context that phone numbers are sealed with.
pub const PHONE: &str = "accounts.phone";

/// An account. Number and phone stay sealed until a caller opens them.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Account {
    pub id: i64,
    pub public_ref: String,
    pub region: String,
    pub document_kind: String,
    pub document_enc: Vec<u8>,
    pub name: String,
    pub name_version: i64,
    pub phone_enc: Vec<u8>,
    pub password: String,
    pub candidate_type: String,
    pub major: String,
    pub real_name_state: String,
    pub verified_at: Option<i64>,
    pub portrait_picture: Option<i64>,
    pub pictures_forgotten_at: Option<i64>,
    pub created_at: i64,
}

impl Account {
    /// The kind of document.
    pub fn kind(&self) -> DocumentKind {
        DocumentKind::parse(&self.document_kind).unwrap_or(DocumentKind::ResidentCard)
    }

    /// The document number, opened.
    pub fn document(&self, keys: &Keys) -> Result<DocumentNumber> {
        Ok(DocumentNumber::stored(self.kind(), keys.open_text(DOCUMENT, &self.document_enc)?))
    }

    /// The phone number, opened.
    pub fn phone(&self, keys: &Keys) -> Result<Phone> {
        Ok(Phone::stored(keys.open_text(PHONE, &self.phone_enc)?))
    }

    /// The region of the document.
    pub fn region(&self) -> Region {
        Region::parse(&self.region).unwrap_or(Region::Mainland)
    }

    /// How far 实名认证 is.
    pub fn real_name(&self) -> RealName {
        RealName::stored(&self.real_name_state)
    }

    /// The day on which the pictures of the document that it was verified with were deleted at the end of their time, in words; "" where they were not.
    pub fn document_forgotten(&self) -> String {
        let at = self.pictures_forgotten_at.filter(|at| self.verified_at.is_some_and(|verified| verified <= *at));
        at.map(|at| UnixMs(at).day_words()).unwrap_or_default()
    }
}

/// By row id, unless deleted.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<Account>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, region, document_kind, document_enc, name, name_version, phone_enc, password, candidate_type, major,
                real_name_state, verified_at, portrait_picture, pictures_forgotten_at, created_at
         from accounts where id = $1 and deleted_at is null"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?)
}

/// By document number, unless deleted.
pub async fn find_by_document(app: &App, conn: &mut Conn, number: &DocumentNumber) -> Result<Option<Account>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, region, document_kind, document_enc, name, name_version, phone_enc, password, candidate_type, major,
                real_name_state, verified_at, portrait_picture, pictures_forgotten_at, created_at
         from accounts where document_hash = $1 and deleted_at is null"
    ))
    .bind(app.keys.lookup(DOCUMENT, &number.account_key()))
    .fetch_optional(conn)
    .await?)
}

/// By public reference, unless deleted.
pub async fn find_by_ref(conn: &mut Conn, reference: &str) -> Result<Option<Account>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, region, document_kind, document_enc, name, name_version, phone_enc, password, candidate_type, major,
                real_name_state, verified_at, portrait_picture, pictures_forgotten_at, created_at
         from accounts where ref = $1 and deleted_at is null"
    ))
    .bind(reference.to_owned())
    .fetch_optional(conn)
    .await?)
}

/// By phone number, oldest first.
pub async fn find_by_phone(app: &App, conn: &mut Conn, phone: &Phone) -> Result<Vec<Account>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, region, document_kind, document_enc, name, name_version, phone_enc, password, candidate_type, major,
                real_name_state, verified_at, portrait_picture, pictures_forgotten_at, created_at
         from accounts where phone_hash = $1 and deleted_at is null order by id limit 20"
    ))
    .bind(app.keys.lookup(PHONE, phone.as_str()))
    .fetch_all(conn)
    .await?)
}

/// By the beginning of the name, in the order of names.
pub async fn find_by_name(conn: &mut Conn, prefix: &str, limit: i64) -> Result<Vec<Account>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, region, document_kind, document_enc, name, name_version, phone_enc, password, candidate_type, major,
                real_name_state, verified_at, portrait_picture, pictures_forgotten_at, created_at
         from accounts where name >= $1 and name < $2 and deleted_at is null order by name, id limit $3"
    ))
    .bind(prefix.to_owned())
    // The last character that there is: every name with this prefix sorts below it.
    .bind(format!("{prefix}\u{10FFFF}"))
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Newest first, below `before` (a row id, exclusive).
pub async fn newest(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<Account>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, region, document_kind, document_enc, name, name_version, phone_enc, password, candidate_type, major,
                real_name_state, verified_at, portrait_picture, pictures_forgotten_at, created_at
         from accounts where id < $1 and deleted_at is null order by id desc limit $2"
    ))
    .bind(before)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Writes how far 实名认证 is; a picture of `None` leaves the portrait as it is.
pub async fn set_real_name(tx: &mut Tx, id: i64, state: RealName, verified_at: Option<UnixMs>, portrait: Option<i64>) -> Result<()> {
    sqlx::query(sql!(
        "update accounts set real_name_state = $1, verified_at = $2, portrait_picture = coalesce($3, portrait_picture)
         where id = $4 and deleted_at is null"
    ))
    .bind(state.code())
    .bind(verified_at.map(|at| at.0))
    .bind(portrait)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Sets the portrait of an account that is verified for this version of its name.
pub async fn set_portrait(tx: &mut Tx, id: i64, name_version: i64, picture: i64) -> Result<()> {
    sqlx::query(sql!(
        "update accounts set portrait_picture = $1
         where id = $2 and name_version = $3 and real_name_state = 'verified' and deleted_at is null"
    ))
    .bind(picture)
    .bind(id)
    .bind(name_version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes that the pictures of an account were deleted at the end of their time, the portrait among them.
pub async fn pictures_forgotten(tx: &mut Tx, id: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update accounts set pictures_forgotten_at = $1, portrait_picture = null where id = $2"))
        .bind(now.0)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
