//! Use cases: the candidate's ([`candidate`]) and the reviewer's ([`review`]).

pub mod candidate;
pub mod review;

use super::flags::{self, Flag, Twins};
use super::{Proof, store};
use crate::db::Conn;
use crate::error::Result;
use crate::exams::Exam;
use crate::registrations;

/// Other registrations with the same proof, by their numbers.
async fn twins(conn: &mut Conn, proof: &Proof) -> Result<Twins> {
    let mut twins = Twins::default();
    for id in store::same_transaction(conn, proof).await? {
        twins.transaction.push(registrations::store::find(conn, id).await?.public_ref);
    }
    for id in store::same_picture(conn, proof).await? {
        twins.picture.push(registrations::store::find(conn, id).await?.public_ref);
    }
    Ok(twins)
}

/// What is odd about a proof now, with the registrations that share it.
async fn judge(conn: &mut Conn, proof: &Proof, exam: &Exam) -> Result<(Vec<Flag>, Twins)> {
    let twins = twins(conn, proof).await?;
    Ok((flags::flags(proof, exam, &twins), twins))
}
