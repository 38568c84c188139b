//! SQL that writes the demo's invented accounts, many at a time. Nobody can sign in to one: `!` is no password's hash.

use super::{DOCUMENT, PHONE};
use crate::app::App;
use crate::db::Tx;
use crate::error::Result;
use crate::sql;
use crate::types::{DocumentNumber, UnixMs};

/// Rows of one statement.
pub const ROWS: usize = 8;

/// An invented person.
#[derive(Debug)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Invented {
    pub id: i64,
    pub number: DocumentNumber,
    pub name: String,
    pub phone: String,
    pub candidate_type: &'static str,
    pub major: &'static str,
    pub created_at: UnixMs,
}

/// Writes [`ROWS`] accounts; those whose number is taken are left out. Returns how many were written.
pub async fn insert(app: &App, tx: &mut Tx, people: &[Invented; ROWS]) -> Result<u64> {
    let mut query = sqlx::query(sql!(
        "insert into accounts (id, ref, region, document_kind, document_enc, document_hash, name, name_version, phone_enc, phone_hash, password,
                               candidate_type, major, real_name_state, verified_at, created_at)
         values ($1, $2, 'mainland', 'resident_card', $3, $4, $5, 1, $6, $7, '!', $8, $9, 'verified', $10, $10),
                ($11, $12, 'mainland', 'resident_card', $13, $14, $15, 1, $16, $17, '!', $18, $19, 'verified', $20, $20),
                ($21, $22, 'mainland', 'resident_card', $23, $24, $25, 1, $26, $27, '!', $28, $29, 'verified', $30, $30),
                ($31, $32, 'mainland', 'resident_card', $33, $34, $35, 1, $36, $37, '!', $38, $39, 'verified', $40, $40),
                ($41, $42, 'mainland', 'resident_card', $43, $44, $45, 1, $46, $47, '!', $48, $49, 'verified', $50, $50),
                ($51, $52, 'mainland', 'resident_card', $53, $54, $55, 1, $56, $57, '!', $58, $59, 'verified', $60, $60),
                ($61, $62, 'mainland', 'resident_card', $63, $64, $65, 1, $66, $67, '!', $68, $69, 'verified', $70, $70),
                ($71, $72, 'mainland', 'resident_card', $73, $74, $75, 1, $76, $77, '!', $78, $79, 'verified', $80, $80)
         on conflict (document_hash) do nothing"
    ));
    for person in people {
        query = query
            .bind(person.id)
            .bind(app.keys.token()?)
            .bind(app.keys.seal_text(DOCUMENT, person.number.text())?)
            .bind(app.keys.lookup(DOCUMENT, &person.number.account_key()))
            .bind(person.name.clone())
            .bind(app.keys.seal_text(PHONE, &person.phone)?)
            .bind(app.keys.lookup(PHONE, &person.phone))
            .bind(person.candidate_type)
            .bind(person.major)
            .bind(person.created_at.0);
    }
    Ok(query.execute(&mut **tx).await?.rows_affected())
}

/// Writes the first name of each invented account in this range of row ids.
pub async fn names(tx: &mut Tx, ids: [i64; 2]) -> Result<()> {
    sqlx::query(sql!(
        "insert into account_names (account, version, name, since)
         select id, 1, name, created_at from accounts where id between $1 and $2 and password = '!' on conflict do nothing"
    ))
    .bind(ids[0])
    .bind(ids[1])
    .execute(&mut **tx)
    .await?;
    Ok(())
}
