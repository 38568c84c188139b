//! Use cases: the candidate's ([`candidate`]) and the reviewer's ([`queue`], [`review`]).

pub mod candidate;
pub mod queue;
pub mod review;

use std::collections::BTreeMap;

use baokao_vision::NumberPrint;
use serde_json::{Value, json};

use super::flags::{self, Flag, Twin, Twins};
use super::{Proof, store};
use crate::db::Conn;
use crate::error::Result;
use crate::exams::Exam;
use crate::registrations::{self, Registration};
use crate::types::{Fen, UnixMs};

/// The account's proofs, in words.
pub async fn own_data(conn: &mut Conn, account: i64) -> Result<Value> {
    let mut list = Vec::new();
    for registration in registrations::store::of_account(conn, account).await? {
        for proof in store::of_registration(conn, registration.id).await? {
            list.push(json!({
                "报名号": registration.public_ref,
                "上传时间": proof.uploaded_words(),
                "状态": proof.word(),
                "支付渠道": proof.channel_word(),
                "金额（元）": proof.amount().map(Fen::yuan),
                "支付时间": proof.paid_at.map(|at| UnixMs(at).words()),
                "交易单号": proof.transaction_no,
                "商户单号": proof.order_no,
                "收款方": proof.payee,
                "订单状态": proof.status,
                "系统识别": proof.machine_read(),
                "本人修改过": proof.is_corrected(),
                "提交时间": proof.submitted_at.map(|at| UnixMs(at).words()),
                "审核时间": proof.decided_at.map(|at| UnixMs(at).words()),
                "原因": proof.reason,
            }));
        }
    }
    Ok(Value::from(list))
}

/// Other registrations with the same proof.
async fn twins(conn: &mut Conn, proof: &Proof) -> Result<Twins> {
    let (transaction, picture) = (store::same_transaction(conn, proof).await?, store::same_picture(conn, proof).await?);
    let similar = similar(conn, proof).await?;
    Ok(Twins { transaction: named(conn, transaction).await?, picture: named(conn, picture).await?, similar: named(conn, similar).await? })
}

/// So many registrations with a picture that looks the same are named.
const MAX_SIMILAR: usize = 10;

/// Other registrations that handed in a picture in which a number looks the same: registration and proof.
async fn similar(conn: &mut Conn, proof: &Proof) -> Result<Vec<(i64, i64)>> {
    let mut near = BTreeMap::new();
    for print in store::prints(conn, proof.id).await? {
        for (registration, other, bits) in store::with_a_band_of(conn, proof, &print).await? {
            if NumberPrint::from_bytes(&bits).is_some_and(|bits| print.is_near(&bits)) {
                near.insert(registration, other);
            }
        }
    }
    Ok(near.into_iter().take(MAX_SIMILAR).collect())
}

async fn named(conn: &mut Conn, pairs: Vec<(i64, i64)>) -> Result<Vec<Twin>> {
    let mut twins = Vec::new();
    for (registration, proof) in pairs {
        twins.push(Twin { registration: registrations::store::find(conn, registration).await?.public_ref, proof });
    }
    Ok(twins)
}

/// What is odd about a proof now, with the registrations that share it.
async fn judge(conn: &mut Conn, proof: &Proof, row: &Registration, exam: &Exam) -> Result<(Vec<Flag>, Twins)> {
    let twins = twins(conn, proof).await?;
    let fee = registrations::actions::fee(conn, row, exam).await?;
    Ok((flags::flags(proof, exam, fee, &twins), twins))
}
