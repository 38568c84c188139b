//! SQL on `proofs` and `payment_leases`.

use super::{Facts, Mended, Print, Proof, ProofState};
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::sql;
use crate::types::UnixMs;

/// By row id.
pub async fn find(conn: &mut Conn, id: i64) -> Result<Proof> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, registration, picture, picture_sha, state, channel, kind, amount_fen, paid_at, transaction_no, order_no, payee,
                status, reading, corrected, problems, signs, created_at, submitted_at, decided_at, reason
         from proofs where id = $1"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// A registration's proof by its public reference.
pub async fn find_of(conn: &mut Conn, registration: i64, reference: &str) -> Result<Proof> {
    sqlx::query_as(sql!(
        "select id, ref as public_ref, registration, picture, picture_sha, state, channel, kind, amount_fen, paid_at, transaction_no, order_no, payee,
                status, reading, corrected, problems, signs, created_at, submitted_at, decided_at, reason
         from proofs where registration = $1 and ref = $2"
    ))
    .bind(registration)
    .bind(reference)
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound)
}

/// All proofs of a registration, newest first.
pub async fn of_registration(conn: &mut Conn, registration: i64) -> Result<Vec<Proof>> {
    Ok(sqlx::query_as(sql!(
        "select id, ref as public_ref, registration, picture, picture_sha, state, channel, kind, amount_fen, paid_at, transaction_no, order_no, payee,
                status, reading, corrected, problems, signs, created_at, submitted_at, decided_at, reason
         from proofs where registration = $1 order by id desc limit 50"
    ))
    .bind(registration)
    .fetch_all(conn)
    .await?)
}

/// What is known of a new proof.
#[derive(Debug)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct NewProof {
    pub id: i64,
    pub public_ref: String,
    pub registration: i64,
    pub account: i64,
    pub picture: i64,
    pub picture_sha: Vec<u8>,
}

/// Writes a proof that is still to be read.
pub async fn insert(tx: &mut Tx, proof: &NewProof, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "insert into proofs (id, ref, registration, account, picture, picture_sha, state, channel, kind, transaction_no, order_no, payee, status, reading,
                             corrected, problems, created_at, reason)
         values ($1, $2, $3, $4, $5, $6, 'reading', 'other', 'unknown', '', '', '', '', '', 0, '', $7, '')"
    ))
    .bind(proof.id)
    .bind(proof.public_ref.clone())
    .bind(proof.registration)
    .bind(proof.account)
    .bind(proof.picture)
    .bind(proof.picture_sha.clone())
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes what was read, and how it looks; nothing happens where it was read before.
pub async fn set_read(tx: &mut Tx, id: i64, facts: &Facts) -> Result<()> {
    let done = sqlx::query(sql!(
        "update proofs set state = 'read', channel = $1, kind = $2, amount_fen = $3, paid_at = $4, transaction_no = $5, order_no = $6, payee = $7, status = $8,
                problems = $9, reading = $10, signs = $11
         where id = $12 and state = 'reading'"
    ))
    .bind(facts.channel)
    .bind(facts.kind)
    .bind(facts.amount_fen)
    .bind(facts.paid_at)
    .bind(facts.transaction_no.clone())
    .bind(facts.order_no.clone())
    .bind(facts.payee.clone())
    .bind(facts.status.clone())
    .bind(facts.problems.clone())
    .bind(facts.machine_read())
    .bind(facts.signs.clone())
    .bind(id)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 1 {
        for print in &facts.prints {
            insert_print(tx, id, print).await?;
        }
    }
    Ok(())
}

/// Keeps how a number looks.
pub async fn insert_print(tx: &mut Tx, proof: i64, print: &Print) -> Result<()> {
    sqlx::query(sql!("insert into proof_prints (proof, field, print) values ($1, $2, $3)"))
        .bind(proof)
        .bind(print.field.code())
        .bind(print.bits.bytes().to_vec())
        .execute(&mut **tx)
        .await?;
    for band in print.bands() {
        sqlx::query(sql!("insert into proof_bands (band, proof) values ($1, $2) on conflict (band, proof) do nothing"))
            .bind(band)
            .bind(proof)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Writes what the candidate mended.
pub async fn set_mended(tx: &mut Tx, id: i64, mended: &Mended) -> Result<()> {
    sqlx::query(sql!(
        "update proofs set amount_fen = $1, paid_at = $2, transaction_no = $3, order_no = $4, payee = $5, corrected = 1
         where id = $6 and state in ('read', 'returned')"
    ))
    .bind(mended.amount_fen)
    .bind(mended.paid_at)
    .bind(mended.transaction_no.clone())
    .bind(mended.order_no.clone())
    .bind(mended.payee.clone())
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The candidate handed it in. One that was accepted before stays accepted, so that the reviewer sees it.
pub async fn set_submitted(tx: &mut Tx, id: i64, now: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "update proofs set submitted_at = $1, reason = '', state = case when state = 'accepted' then state else 'read' end where id = $2"
    ))
    .bind(now.0)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A person decided.
pub async fn set_decided(tx: &mut Tx, id: i64, state: ProofState, staff: i64, reason: &str, now: UnixMs) -> Result<()> {
    sqlx::query(sql!("update proofs set state = $1, decided_at = $2, decided_by = $3, reason = $4 where id = $5"))
        .bind(state.code())
        .bind(now.0)
        .bind(staff)
        .bind(reason)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Other registrations that handed in this transaction number, each with the proof; a channel that nobody knows may be any.
pub async fn same_transaction(conn: &mut Conn, proof: &Proof) -> Result<Vec<(i64, i64)>> {
    if proof.transaction_no.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as(sql!(
        "select registration, max(id) from proofs
         where transaction_no = $1 and registration <> $2 and submitted_at is not null and (channel = $3 or channel = 'other' or cast($3 as text) = 'other')
         group by registration order by registration limit 10"
    ))
    .bind(proof.transaction_no.clone())
    .bind(proof.registration)
    .bind(proof.channel.clone())
    .fetch_all(conn)
    .await?)
}

/// Other registrations that handed in this very picture, each with the proof.
pub async fn same_picture(conn: &mut Conn, proof: &Proof) -> Result<Vec<(i64, i64)>> {
    Ok(sqlx::query_as(sql!(
        "select registration, max(id) from proofs where picture_sha = $1 and registration <> $2 and submitted_at is not null
         group by registration order by registration limit 10"
    ))
    .bind(proof.picture_sha.clone())
    .bind(proof.registration)
    .fetch_all(conn)
    .await?)
}

/// The prints of a proof.
pub async fn prints(conn: &mut Conn, proof: i64) -> Result<Vec<Print>> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as(sql!("select field, print from proof_prints where proof = $1 order by field")).bind(proof).fetch_all(conn).await?;
    Ok(rows.iter().filter_map(|(field, bits)| Print::stored(field, bits)).collect())
}

/// Proofs of other registrations that have a band of bits in common with this print: registration, proof and its print. Which are near enough is for the caller to
/// say; there are few, since a band of another number is the same by chance only.
pub async fn with_a_band_of(conn: &mut Conn, proof: &Proof, print: &Print) -> Result<Vec<(i64, i64, Vec<u8>)>> {
    let mut query = sqlx::query_as(sql!(
        "select distinct p.registration, p.id, q.print from proof_bands b join proofs p on p.id = b.proof join proof_prints q on q.proof = b.proof
         where b.band in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
           and q.field = $17 and p.registration <> $18 and p.submitted_at is not null
         order by p.id limit 1000"
    ));
    for band in print.bands() {
        query = query.bind(band);
    }
    Ok(query.bind(print.field.code()).bind(proof.registration).fetch_all(conn).await?)
}

/// Takes a case for review until `until`, unless another reviewer holds it. The condition is in the statement, so that two cannot take it at once.
pub async fn take_lease(tx: &mut Tx, registration: i64, staff: i64, now: UnixMs, until: UnixMs) -> Result<bool> {
    let taken: Option<(i64,)> = sqlx::query_as(sql!(
        "insert into payment_leases (registration, leased_by, lease_until) values ($1, $2, $3)
         on conflict (registration) do update set leased_by = excluded.leased_by, lease_until = excluded.lease_until
         where payment_leases.leased_by = excluded.leased_by or payment_leases.lease_until < $4
         returning registration"
    ))
    .bind(registration)
    .bind(staff)
    .bind(until.0)
    .bind(now.0)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(taken.is_some())
}

/// Who holds a case now.
pub async fn lease_holder(conn: &mut Conn, registration: i64, now: UnixMs) -> Result<Option<i64>> {
    let row: Option<(i64,)> = sqlx::query_as(sql!("select leased_by from payment_leases where registration = $1 and lease_until >= $2"))
        .bind(registration)
        .bind(now.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|(staff,)| staff))
}

/// Gives a case back.
pub async fn drop_lease(tx: &mut Tx, registration: i64) -> Result<()> {
    sqlx::query(sql!("delete from payment_leases where registration = $1")).bind(registration).execute(&mut **tx).await?;
    Ok(())
}

/// Gives a case back that this holder took before then.
pub async fn give_back(tx: &mut Tx, reference: &str, holder: i64, until: UnixMs) -> Result<()> {
    sqlx::query(sql!(
        "delete from payment_leases where registration = (select id from registrations where ref = $1) and leased_by = $2 and lease_until <= $3"
    ))
    .bind(reference)
    .bind(holder)
    .bind(until.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Passes a case from one holder to another until then; `false` where the first does not hold it.
pub async fn pass_on(tx: &mut Tx, reference: &str, [from, to]: [i64; 2], now: UnixMs, until: UnixMs) -> Result<bool> {
    let done = sqlx::query(sql!(
        "update payment_leases set leased_by = $1, lease_until = $2
         where registration = (select id from registrations where ref = $3) and leased_by = $4 and lease_until >= $5"
    ))
    .bind(to)
    .bind(until.0)
    .bind(reference)
    .bind(from)
    .bind(now.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
