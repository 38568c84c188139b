//! Use cases: the candidate's ([`candidate`]) and the reviewer's ([`review`]).

pub mod candidate;
pub mod review;

use serde_json::{Value, json};

use super::flags::{self, Flag, Twins};
use super::{Proof, store};
use crate::db::Conn;
use crate::error::Result;
use crate::exams::Exam;
use crate::registrations;
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
