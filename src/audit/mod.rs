//! Who did what to whom, append-only, each line chained to the one before by its hash. Written in the transaction that does the thing.
//!
//! Invariant: `detail` never holds a secret, a picture or a full document number.
//!
//! The chain alone shows what was changed by somebody who does not know of it. Who knows it could write it anew from there on; [`chain`] therefore seals
//! its head under the installation's key, which is not in the database.

pub mod chain;
pub mod search;

use serde_json::Value;

use crate::crypto::sha256;
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A staff member at the console.
    Staff {
        /// Row id.
        id: i64,
        /// Name, kept as it was at the time.
        name: String,
        /// Client address.
        address: String,
    },
    /// A candidate.
    Candidate {
        /// Account id.
        id: i64,
        /// Client address.
        address: String,
    },
    /// The program itself: a job, a deadline.
    System,
    /// The operator's shell.
    Command,
}

impl Actor {
    /// Stable code.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Staff { .. } => "staff",
            Self::Candidate { .. } => "candidate",
            Self::System => "system",
            Self::Command => "command",
        }
    }

    /// Row id of the staff member or account, else 0.
    pub fn id(&self) -> i64 {
        match self {
            Self::Staff { id, .. } | Self::Candidate { id, .. } => *id,
            Self::System | Self::Command => 0,
        }
    }

    /// The word for pages.
    pub fn name(&self) -> &str {
        match self {
            Self::Staff { name, .. } => name,
            Self::Candidate { .. } => "考生本人",
            Self::System => "系统",
            Self::Command => "命令行",
        }
    }

    /// Client address, or "".
    pub fn address(&self) -> &str {
        match self {
            Self::Staff { address, .. } | Self::Candidate { address, .. } => address,
            Self::System | Self::Command => "",
        }
    }
}

/// What is written.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Stable code: `exam.publish`, `identity.approve`.
    pub action: &'static str,
    /// `account`, `registration`, `exam`, `staff`, `picture`.
    pub subject_kind: &'static str,
    /// Its row id.
    pub subject_id: i64,
    /// Before, after, reason.
    pub detail: Value,
    /// Who.
    pub actor: &'a Actor,
}

/// Appends a line. The head row is locked until the transaction ends, so lines have one order.
pub async fn write(tx: &mut Tx, now: UnixMs, entry: Entry<'_>) -> Result<()> {
    let (seq, previous): (i64, Vec<u8>) =
        sqlx::query_as(sql!("update audit_head set seq = seq + 1 where id = 1 returning seq, hash")).fetch_one(&mut **tx).await?;
    let detail = entry.detail.to_string();
    let line = Line {
        seq,
        at: now.0,
        actor_kind: entry.actor.kind().to_owned(),
        actor_id: entry.actor.id(),
        actor_name: entry.actor.name().to_owned(),
        action: entry.action.to_owned(),
        subject_kind: entry.subject_kind.to_owned(),
        subject_id: entry.subject_id,
        detail,
        address: entry.actor.address().to_owned(),
    };
    let hash = line.hash(&previous);
    sqlx::query(sql!(
        "insert into audit (seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address, previous_hash, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    ))
    .bind(seq)
    .bind(line.at)
    .bind(line.actor_kind)
    .bind(line.actor_id)
    .bind(line.actor_name)
    .bind(line.action)
    .bind(line.subject_kind)
    .bind(line.subject_id)
    .bind(line.detail)
    .bind(line.address)
    .bind(previous)
    .bind(hash.clone())
    .execute(&mut **tx)
    .await?;
    sqlx::query(sql!("update audit_head set hash = $1 where id = 1")).bind(hash).execute(&mut **tx).await?;
    Ok(())
}

/// Whether nothing ever happened here: not even a staff account was made.
pub async fn is_empty(conn: &mut Conn) -> Result<bool> {
    Ok(head(conn).await? == 0)
}

/// The number of the newest line; 0 before the first.
pub async fn head(conn: &mut Conn) -> Result<i64> {
    let (seq,): (i64,) = sqlx::query_as(sql!("select seq from audit_head where id = 1")).fetch_one(conn).await?;
    Ok(seq)
}

/// A line as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in Entry")]
pub struct Line {
    pub seq: i64,
    pub at: i64,
    pub actor_kind: String,
    pub actor_id: i64,
    pub actor_name: String,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: i64,
    pub detail: String,
    pub address: String,
}

impl Line {
    /// Hash over the line before and every column; JSON keeps the columns apart.
    fn hash(&self, previous: &[u8]) -> Vec<u8> {
        let columns = serde_json::json!([
            self.seq,
            self.at,
            self.actor_kind,
            self.actor_id,
            self.actor_name,
            self.action,
            self.subject_kind,
            self.subject_id,
            self.detail,
            self.address
        ]);
        sha256(&[previous, columns.to_string().as_bytes()].concat())
    }
}
