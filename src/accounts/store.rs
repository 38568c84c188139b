//! SQL on `accounts`.

use super::RealName;
use crate::app::App;
use crate::crypto::Keys;
use crate::db::Conn;
use crate::error::Result;
use crate::sql;
use crate::types::{DocumentKind, DocumentNumber, Phone};

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

    /// How far 实名认证 is.
    pub fn real_name(&self) -> RealName {
        RealName::stored(&self.real_name_state)
    }
}

/// By row id, unless deleted.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Option<Account>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, region, document_kind, document_enc, name, name_version, phone_enc, password, candidate_type, major,
                real_name_state, verified_at, portrait_picture, created_at
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
                real_name_state, verified_at, portrait_picture, created_at
         from accounts where document_hash = $1 and deleted_at is null"
    ))
    .bind(app.keys.lookup(DOCUMENT, &number.account_key()))
    .fetch_optional(conn)
    .await?)
}

/// How many messages are not read.
pub async fn unread_messages(conn: &mut Conn, account: i64) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(sql!("select cast(count(*) as bigint) from messages where account = $1 and read_at is null"))
        .bind(account)
        .fetch_one(conn)
        .await?;
    Ok(count)
}
