//! Is the audit as it was written? Seals of its head, the verifier, and the purge that keeps what is left verifiable.

use std::fmt;

use serde_json::json;

use super::{Actor, Entry, Line};
use crate::crypto::{Keys, hex, same};
use crate::db::{Conn, Tx};
use crate::error::Result;
use crate::sql;
use crate::types::UnixMs;

/// Lines read at once.
const BATCH: i64 = 1000;
/// Lines that one run of the purge takes at most; it runs every hour.
const PURGED_AT_ONCE: i64 = 10_000;
/// More faults than this are counted, not listed.
const MAX_FAULTS: usize = 50;

/// What is wrong with the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// These lines are gone, first and last.
    Removed(i64, i64),
    /// This line is not as it was written.
    Changed(i64),
    /// This line is whole, but does not hang on the line before it: it was put there, or the one before it was written anew.
    Detached(i64),
    /// These lines, first and last, are outside of what was written.
    Inserted(i64, i64),
    /// The head says something else than the last line.
    Head,
    /// The chain up to this line was written anew after it was sealed, or the seal is not ours.
    Seal(i64),
    /// What the oldest line hangs on was changed.
    Anchor,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed(first, last) if first == last => write!(f, "line {first} was removed"),
            Self::Removed(first, last) => write!(f, "lines {first} to {last} were removed"),
            Self::Changed(seq) => write!(f, "line {seq} was changed"),
            Self::Detached(seq) => {
                write!(f, "line {seq} does not follow from the line before it: inserted, or the line before was replaced")
            }
            Self::Inserted(first, last) if first == last => write!(f, "line {first} was inserted"),
            Self::Inserted(first, last) => write!(f, "lines {first} to {last} were inserted"),
            Self::Head => write!(f, "the head of the chain was changed"),
            Self::Seal(seq) => write!(f, "the chain up to line {seq} is not the one that was sealed"),
            Self::Anchor => write!(f, "the beginning of the chain was changed"),
        }
    }
}

/// What the verifier found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many lines were looked at.
    pub lines: i64,
    /// The newest line under a seal; what is newer could be written anew by somebody who can write into the database. 0: none.
    pub sealed: i64,
    /// What is wrong, in the order of the chain; at most 50 are listed.
    pub faults: Vec<Fault>,
    /// How many there are.
    pub count: usize,
}

impl Verdict {
    fn add(&mut self, fault: Fault) {
        self.count += 1;
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        }
    }
}

#[derive(sqlx::FromRow)]
struct Stored {
    #[sqlx(flatten)]
    line: Line,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

async fn after(conn: &mut Conn, seq: i64, limit: i64) -> Result<Vec<Stored>> {
    Ok(sqlx::query_as(sql!(
        "select seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address, previous_hash, hash
         from audit where seq > $1 order by seq limit $2"
    ))
    .bind(seq)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Sequence and hash of the head, sequence and hash of the anchor.
type Ends = (i64, Vec<u8>, i64, Vec<u8>);

async fn ends(conn: &mut Conn) -> Result<Ends> {
    Ok(sqlx::query_as(sql!("select seq, hash, anchor_seq, anchor_hash from audit_head where id = 1")).fetch_one(conn).await?)
}

fn seal_of(keys: &Keys, seq: i64, hash: &[u8]) -> Vec<u8> {
    keys.lookup("audit.seal", &format!("{seq}:{}", hex(hash)))
}

async fn write_seal(keys: &Keys, tx: &mut Tx, now: UnixMs, seq: i64, hash: &[u8]) -> Result<()> {
    sqlx::query(sql!("insert into audit_seals (seq, at, seal) values ($1, $2, $3) on conflict do nothing"))
        .bind(seq)
        .bind(now.0)
        .bind(seal_of(keys, seq, hash))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Seals the chain as it is now.
pub async fn seal(keys: &Keys, tx: &mut Tx, now: UnixMs) -> Result<()> {
    let (seq, hash, _, _) = ends(tx).await?;
    if seq > 0 { write_seal(keys, tx, now, seq, &hash).await } else { Ok(()) }
}

/// Reads the whole audit and says what is not as it was written. To be called on a connection in a transaction where others write meanwhile.
pub async fn verify(keys: &Keys, conn: &mut Conn) -> Result<Verdict> {
    let (head_seq, head_hash, anchor_seq, anchor_hash) = ends(conn).await?;
    let seals: Vec<(i64, Vec<u8>)> = sqlx::query_as(sql!("select seq, seal from audit_seals order by seq")).fetch_all(&mut *conn).await?;
    let mut verdict = Verdict { sealed: seals.last().map_or(0, |(seq, _)| *seq), ..Verdict::default() };
    let is_sealed = |seq: i64, hash: &[u8]| seals.iter().find(|(at, _)| *at == seq).map(|(_, seal)| same(seal, &seal_of(keys, seq, hash)));
    if anchor_seq > 0 && is_sealed(anchor_seq, &anchor_hash) != Some(true) {
        verdict.add(Fault::Anchor);
    }
    let (mut last_seq, mut last_hash) = (anchor_seq, anchor_hash);
    // The audit begins anywhere: a line before the anchor was put there.
    let mut from = i64::MIN;
    loop {
        let lines = after(conn, from, BATCH).await?;
        let Some(end) = lines.last() else { break };
        from = end.line.seq;
        for Stored { line, previous_hash, hash } in lines {
            verdict.lines += 1;
            let seq = line.seq;
            if seq <= anchor_seq || seq > head_seq {
                verdict.add(Fault::Inserted(seq, seq));
                continue;
            }
            let follows = seq == last_seq + 1;
            if !follows {
                verdict.add(Fault::Removed(last_seq + 1, seq - 1));
            }
            if !same(&line.hash(&previous_hash), &hash) {
                verdict.add(Fault::Changed(seq));
            } else if follows && !same(&previous_hash, &last_hash) {
                verdict.add(Fault::Detached(seq));
            }
            if is_sealed(seq, &hash) == Some(false) {
                verdict.add(Fault::Seal(seq));
            }
            (last_seq, last_hash) = (seq, hash);
        }
    }
    // A seal of a line that was taken away, with the head set back to hide it.
    let written = seals.last().map_or(head_seq, |(seq, _)| head_seq.max(*seq));
    if last_seq < written {
        verdict.add(Fault::Removed(last_seq + 1, written));
    } else if !same(&last_hash, &head_hash) {
        verdict.add(Fault::Head);
    }
    Ok(verdict)
}

/// Removes lines older than `older_than`, from the oldest on; the newest line always stays. What the rest hangs on is kept and sealed, and the purge itself is
/// a line.
pub async fn purge(keys: &Keys, tx: &mut Tx, now: UnixMs, older_than: UnixMs) -> Result<()> {
    let (head_seq, _, anchor_seq, _) = ends(tx).await?;
    let oldest = after(tx, anchor_seq, PURGED_AT_ONCE).await?;
    let Some(last) = oldest.iter().take_while(|stored| stored.line.at < older_than.0 && stored.line.seq < head_seq).last() else {
        return Ok(());
    };
    let (seq, hash) = (last.line.seq, last.hash.clone());
    write_seal(keys, tx, now, seq, &hash).await?;
    sqlx::query(sql!("update audit_head set anchor_seq = $1, anchor_hash = $2 where id = 1"))
        .bind(seq)
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    sqlx::query(sql!("delete from audit where seq <= $1 and seq > $2")).bind(seq).bind(anchor_seq).execute(&mut **tx).await?;
    sqlx::query(sql!("delete from audit_seals where seq < $1")).bind(seq).execute(&mut **tx).await?;
    let detail = json!({ "from": anchor_seq + 1, "to": seq });
    let entry = Entry { action: "audit.purge", subject_kind: "audit", subject_id: 0, detail, actor: &Actor::System };
    super::write(tx, now, entry).await
}
