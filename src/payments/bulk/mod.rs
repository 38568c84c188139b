//! 批量审核: many registrations of an exam are chosen, looked at in one table, and decided at once.
//!
//! Invariants: nothing happens before the time for taking it back is over; each registration is decided in a transaction of its own together with what became of
//! it, so that a job that was cut short goes on behind the last one; one that changed since it was seen is left alone, and the page says so.

pub mod actions;
pub mod console;
pub mod jobs;
pub mod store;

/// Registrations that are decided at once.
pub const MOST: usize = 200;

/// The outcome of a registration that was approved as the first of two; "" is that of one that is decided.
pub const FIRST: &str = "first";

/// A bulk as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Bulk {
    pub id: i64,
    pub public_ref: String,
    pub staff: i64,
    pub address: String,
    pub exam: i64,
    pub approves: i64,
    pub reason: String,
    pub state: String,
    pub created_at: i64,
    pub starts_at: i64,
}

impl Bulk {
    /// Whether it waits or runs.
    pub fn is_open(&self) -> bool {
        self.state == "open"
    }

    /// Whether it was stopped.
    pub fn is_cancelled(&self) -> bool {
        self.state == "cancelled"
    }

    /// 通过 or 退回.
    pub fn word(&self) -> &'static str {
        if self.approves == 1 { "通过" } else { "退回" }
    }
}

/// A registration of a bulk.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Item {
    pub place: i64,
    pub registration: i64,
    pub reference: String,
    pub name: String,
    pub version: i64,
    pub outcome: Option<String>,
}
