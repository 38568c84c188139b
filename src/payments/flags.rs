//! What is odd about a proof, in the candidate's words and in the reviewer's. A flag does not decide: only what can never be a payment is refused at once.

use super::{BROKEN_PICTURE, NOT_READ, Proof};
use crate::exams::Exam;
use crate::types::{Fen, UnixMs};

/// Something odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// The picture cannot be opened.
    BrokenPicture,
    /// Money was sent to a person; the school cannot find it.
    Transfer,
    /// No machine has read it.
    NotRead,
    /// It does not look like the details of an order.
    NotAReceipt,
    /// The status is not that of a finished payment.
    NotPaid,
    /// The status could not be read.
    StatusMissing,
    /// Paid back, as far as can be seen wholly.
    Refunded,
    /// Paid back in part.
    PartlyRefunded,
    /// The picture holds more than one order.
    SeveralOrders,
    /// Another amount than the fee.
    AmountDiffers,
    /// Paid before the registration opened or after the payment's end.
    PaidOutside,
    /// The date inside the transaction number is another than the printed one.
    TransactionMismatch,
    /// Another payee than the exam's.
    PayeeDiffers,
    /// The candidate states something else than what was read.
    Corrected,
    /// The transaction number stands in another registration's proof.
    SameTransaction,
    /// The same picture was handed in for another registration.
    SamePicture,
    /// Another copy of a picture that was handed in for another registration, or a picture of the same order: its number looks the same.
    SimilarPicture,
    /// A value does not fit its surroundings: somebody may have changed it.
    LooksEdited,
}

/// Another registration that handed in the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Its number.
    pub registration: String,
    /// The row id of its proof.
    pub proof: i64,
}

/// Other registrations that handed in the same thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Twins {
    /// The same transaction number.
    pub transaction: Vec<Twin>,
    /// The same picture.
    pub picture: Vec<Twin>,
    /// A picture in which the number looks the same.
    pub similar: Vec<Twin>,
}

impl Twins {
    /// Each registration once, with its proof and with what is the same, in the reviewer's words.
    pub fn each(&self) -> Vec<(&Twin, String)> {
        let same = [(&self.picture, "截图相同"), (&self.similar, "截图中的单号图像相同"), (&self.transaction, "交易单号相同")];
        let mut out: Vec<(&Twin, String)> = Vec::new();
        for (twin, word) in same.into_iter().flat_map(|(twins, word)| twins.iter().map(move |twin| (twin, word))) {
            match out.iter_mut().find(|(known, _)| known.registration == twin.registration) {
                Some((_, words)) => *words = format!("{words}，{word}"),
                None => out.push((twin, word.to_owned())),
            }
        }
        out
    }
}

impl Flag {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::BrokenPicture,
        Self::Transfer,
        Self::NotRead,
        Self::NotAReceipt,
        Self::NotPaid,
        Self::StatusMissing,
        Self::Refunded,
        Self::PartlyRefunded,
        Self::SeveralOrders,
        Self::AmountDiffers,
        Self::PaidOutside,
        Self::TransactionMismatch,
        Self::PayeeDiffers,
        Self::Corrected,
        Self::SameTransaction,
        Self::SamePicture,
        Self::SimilarPicture,
        Self::LooksEdited,
    ];

    /// Stable code, kept in the audit.
    pub fn code(self) -> &'static str {
        match self {
            Self::BrokenPicture => "broken_picture",
            Self::Transfer => "transfer_to_person",
            Self::NotRead => "not_read",
            Self::NotAReceipt => "not_a_receipt",
            Self::NotPaid => "not_paid",
            Self::StatusMissing => "status_missing",
            Self::Refunded => "refunded",
            Self::PartlyRefunded => "partly_refunded",
            Self::SeveralOrders => "several_orders",
            Self::AmountDiffers => "amount_differs",
            Self::PaidOutside => "paid_outside",
            Self::TransactionMismatch => "transaction_mismatch",
            Self::PayeeDiffers => "payee_differs",
            Self::Corrected => "corrected",
            Self::SameTransaction => "same_transaction",
            Self::SamePicture => "same_picture",
            Self::SimilarPicture => "similar_picture",
            Self::LooksEdited => "looks_edited",
        }
    }

    /// Whether the proof is refused at 提交: it can never be a payment to the school, or nobody could look at it.
    pub fn refuses(self) -> bool {
        matches!(self, Self::BrokenPicture | Self::Transfer)
    }

    /// For the candidate: what it means and what to do.
    pub fn advice(self) -> &'static str {
        match self {
            Self::BrokenPicture => "这张图片打不开，请重新截图后再上传。",
            Self::Transfer => {
                "这是给个人的转账，学校查不到这笔款，不能作为缴费凭证。请上传通过学校缴费二维码缴费的订单详情截图；如已转账，请联系收款人退回。"
            }
            Self::NotRead => "系统没有读出这张截图的内容，请对照截图填写下面的内容，提交后由老师核对。",
            Self::NotAReceipt => "这张图片不像订单详情，请确认截图里能看到金额、支付时间和交易单号，必要时重新上传。",
            Self::NotPaid => "截图上的状态不是“支付成功”，请确认已经付款。如未付款，请先完成缴费再上传。",
            Self::StatusMissing => "截图里没有读出订单状态，请确认截图里能看到“支付成功”或“交易成功”。提交后由老师核对。",
            Self::PartlyRefunded => "截图显示这笔订单有退款（部分金额），提交后由老师核对。",
            Self::SeveralOrders => "这张图片里有不止一笔订单，请只上传本次报名这一笔的订单详情，或对照截图填写下面的内容。",
            Self::Refunded => "截图显示这笔订单有退款，提交后由老师核对。如已全额退款，请联系学校。",
            Self::AmountDiffers => "支付金额与报名费不一致，请核对金额是否填写正确。如实际付错金额，请联系学校，不要再次缴费。",
            Self::PaidOutside => "支付时间不在本次报名的缴费时间内，请确认上传的是本次报名的订单。",
            Self::TransactionMismatch => "交易单号与支付时间对不上，请对照截图逐位核对。",
            Self::PayeeDiffers => "收款方与学校公布的不一致，请确认上传的是报名费的订单。",
            Self::Corrected => "填写的内容与系统读出的不同，提交后由老师对照截图核对。",
            Self::SameTransaction => "这个交易单号已用于另一份报名，请核对是否填错、是否为您本人的订单。提交后由老师核对。",
            Self::SamePicture => "这张截图已用于另一份报名，请确认是您本人的订单。提交后由老师核对。",
            Self::SimilarPicture => "这张截图与另一份报名的截图像是同一笔订单，请确认是您本人的订单。提交后由老师核对。",
            Self::LooksEdited => "截图中有的内容与周围不一致。请上传没有编辑过的原始截图；如果这就是原图，可以直接提交，由老师核对。",
        }
    }

    /// For the reviewer.
    pub fn note(self) -> &'static str {
        match self {
            Self::BrokenPicture => "图片打不开",
            Self::Transfer => "给个人的转账",
            Self::NotRead => "机器没有读出，内容由考生填写",
            Self::NotAReceipt => "不像订单详情",
            Self::NotPaid => "状态不是支付成功",
            Self::StatusMissing => "没有读出订单状态",
            Self::Refunded => "有退款",
            Self::PartlyRefunded => "有退款（部分金额）",
            Self::SeveralOrders => "图片里有不止一笔订单",
            Self::AmountDiffers => "金额与报名费不一致",
            Self::PaidOutside => "支付时间不在缴费时间内",
            Self::TransactionMismatch => "交易单号中的日期与支付时间不一致",
            Self::PayeeDiffers => "收款方与公布的不一致",
            Self::Corrected => "考生改过读出的内容",
            Self::SameTransaction => "交易单号在另一份报名中用过",
            Self::SamePicture => "同一张截图在另一份报名中用过",
            Self::SimilarPicture => "截图中的单号与另一份报名的截图看起来相同，可能是同一张图",
            Self::LooksEdited => "截图中有的内容与周围不一致，可能改过，请放大查看标出的几项",
        }
    }
}

/// Everything odd about a proof, gravest first. `fee` is what was to pay.
pub fn flags(proof: &Proof, exam: &Exam, fee: Fen, twins: &Twins) -> Vec<Flag> {
    let amount_differs = proof.amount().is_some_and(|amount| amount != fee);
    let paid_outside = proof.paid_at.is_some_and(|at| at < exam.opens_at || at >= exam.pay_until);
    let payee_differs = !exam.payee.is_empty() && !proof.payee.is_empty() && !same_payee(&exam.payee, &proof.payee);
    let read = proof.machine_read();
    // The reader's doubt about number and time ends where one of them was mended, and not with any other field.
    let as_read = read.as_ref().is_none_or(|read| (&read.transaction_no, read.paid_at) == (&proof.transaction_no, proof.paid_at));
    let mismatch = proof.has_problem("transaction_mismatch") && as_read;
    let corrected = read.is_some_and(|read| read != proof.given());
    [
        (Flag::BrokenPicture, proof.has_problem(BROKEN_PICTURE)),
        (Flag::Transfer, proof.kind == "transfer" || proof.has_problem("transfer_to_person")),
        (Flag::NotRead, proof.has_problem(NOT_READ)),
        (Flag::NotAReceipt, proof.has_problem("not_a_receipt")),
        (Flag::SameTransaction, !twins.transaction.is_empty()),
        (Flag::SamePicture, !twins.picture.is_empty()),
        (Flag::SimilarPicture, twins.picture.is_empty() && !twins.similar.is_empty()),
        (Flag::LooksEdited, !proof.signs.is_empty()),
        (Flag::SeveralOrders, proof.has_problem("several_orders")),
        (Flag::NotPaid, proof.has_problem("not_paid")),
        (Flag::StatusMissing, proof.has_problem("status_missing")),
        (Flag::Refunded, proof.has_problem("refunded")),
        (Flag::PartlyRefunded, proof.has_problem("partly_refunded")),
        (Flag::AmountDiffers, amount_differs),
        (Flag::PaidOutside, paid_outside),
        (Flag::TransactionMismatch, mismatch),
        (Flag::PayeeDiffers, payee_differs),
        (Flag::Corrected, corrected),
    ]
    .into_iter()
    .filter_map(|(flag, is_so)| is_so.then_some(flag))
    .collect()
}

/// A screen may cut a long name or put brackets of the other width.
fn same_payee(expected: &str, read: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (expected, read) = (plain(expected), plain(read));
    read.is_empty() || expected.contains(&read) || read.contains(&expected)
}

/// In the reviewer's words, how a value does not fit its surroundings.
pub fn sign_words(kind: &str) -> &'static str {
    match kind {
        "ground" => "底色与周围不一致",
        "noise" => "清晰度或噪点与其他行不一致",
        "weight" => "笔画粗细与其他行不一致",
        _ => "字号与其他行不一致",
    }
}

/// The fee and what was paid, for a sentence beside the flag.
pub fn amounts(proof: &Proof, fee: Fen) -> String {
    format!("报名费 {fee}，截图 {}", proof.amount().map_or_else(|| "未读出".to_owned(), |a: Fen| a.to_string()))
}

/// When it was paid, in words.
pub fn paid_words(proof: &Proof) -> String {
    proof.paid_at.map_or_else(String::new, |at| UnixMs(at).words())
}

#[cfg(test)]
mod tests {
    use super::super::tests::good;
    use super::*;

    fn exam() -> Exam {
        Exam {
            id: 1,
            public_ref: "e".into(),
            title: "考试".into(),
            state: "published".into(),
            opens_at: 1_782_000_000_000,
            closes_at: 1_783_000_000_000,
            edit_until: 1_783_000_000_000,
            pay_until: 1_783_000_000_000,
            notice: String::new(),
            notice_version: 1,
            fee_name: "考试费".into(),
            fee_fen: 8000,
            payment_way: "page".into(),
            payment_url: String::new(),
            payment_picture: None,
            payee: "长沙某大学".into(),
            thesis_floor: "fair".into(),
            checks: "face".into(),
            ticket_rules: String::new(),
            ticket_prefix: "261".into(),
            tickets_released_at: None,
            updated_at: 0,
        }
    }

    #[test]
    fn a_good_proof_has_no_flag() {
        assert_eq!(flags(&good(), &exam(), Fen(8000), &Twins::default()), []);
        let cut = Proof { payee: "长沙某大…".into(), ..good() };
        assert_eq!(flags(&cut, &exam(), Fen(8000), &Twins::default()), []);
    }

    #[test]
    fn each_oddity_raises_its_own_flag() {
        let e = exam();
        let one = |proof: Proof| flags(&proof, &e, Fen(8000), &Twins::default());
        assert_eq!(one(Proof { amount_fen: Some(7999), ..good() }), [Flag::AmountDiffers]);
        assert_eq!(one(Proof { paid_at: Some(e.opens_at - 1), ..good() }), [Flag::PaidOutside]);
        assert_eq!(one(Proof { paid_at: Some(e.pay_until), ..good() }), [Flag::PaidOutside]);
        assert_eq!(one(Proof { kind: "transfer".into(), ..good() }), [Flag::Transfer]);
        assert_eq!(one(Proof { problems: "not_paid,refunded".into(), ..good() }), [Flag::NotPaid, Flag::Refunded]);
        assert_eq!(one(Proof { payee: "某便利店".into(), ..good() }), [Flag::PayeeDiffers]);
        assert_eq!(one(Proof { problems: BROKEN_PICTURE.into(), ..good() }), [Flag::BrokenPicture]);
        assert_eq!(one(Proof { problems: "several_orders,status_missing".into(), ..good() }), [Flag::SeveralOrders, Flag::StatusMissing]);
        assert_eq!(one(Proof { problems: "partly_refunded".into(), ..good() }), [Flag::PartlyRefunded]);
        assert_eq!(one(Proof { signs: "transaction:ground".into(), ..good() }), [Flag::LooksEdited]);
        let twin = || vec![Twin { registration: "R1".into(), proof: 7 }];
        let twins = Twins { transaction: twin(), picture: twin(), similar: twin() };
        // A picture that is the very same is not said to look the same as well.
        assert_eq!(flags(&good(), &e, Fen(8000), &twins), [Flag::SameTransaction, Flag::SamePicture]);
        assert_eq!(flags(&good(), &e, Fen(8000), &Twins { similar: twin(), ..Twins::default() }), [Flag::SimilarPicture]);
        assert_eq!(twins.each(), [(&twin()[0], "截图相同，截图中的单号图像相同，交易单号相同".to_owned())]);
    }

    #[test]
    fn a_mended_number_or_time_ends_the_doubt_about_it_and_another_field_does_not() {
        let reading = serde_json::to_string(&good().given()).expect("json");
        let doubtful = || Proof { problems: "transaction_mismatch".into(), reading: reading.clone(), ..good() };
        let one = |proof: Proof| flags(&proof, &exam(), Fen(8000), &Twins::default());
        assert_eq!(one(doubtful()), [Flag::TransactionMismatch]);
        assert_eq!(one(Proof { order_no: "M2026062512346".into(), ..doubtful() }), [Flag::TransactionMismatch, Flag::Corrected]);
        assert_eq!(one(Proof { transaction_no: "4200002345202606251234567891".into(), ..doubtful() }), [Flag::Corrected]);
        assert_eq!(one(Proof { paid_at: Some(1_782_382_404_001), ..doubtful() }), [Flag::Corrected]);
        // Where no machine has read anything there is nothing to differ from, and the doubt stays.
        assert_eq!(one(Proof { reading: String::new(), ..doubtful() }), [Flag::TransactionMismatch]);
    }

    #[test]
    fn only_what_can_never_be_a_payment_is_refused() {
        let refused: Vec<_> = [Flag::Transfer, Flag::BrokenPicture, Flag::AmountDiffers, Flag::SameTransaction, Flag::NotRead]
            .into_iter()
            .filter(|f| f.refuses())
            .collect();
        assert_eq!(refused, [Flag::Transfer, Flag::BrokenPicture]);
    }
}
