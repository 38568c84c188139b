//! Payment and its proof (报名缴费, 订单截图). The screenshot is a pointer, not the truth: what was read from it is shown to the candidate, who may mend it,
//! and a person decides with everything odd about it in view (see [`flags`]).

pub mod actions;
pub mod bulk;
pub mod console;
pub mod flags;
pub mod jobs;
mod prints;
pub mod store;
mod typed;
pub mod web;

use baokao_vision::{Channel, ReceiptKind, ReceiptLook, ReceiptReading};
use serde::{Deserialize, Serialize};

pub use prints::{Print, PrintField};
pub use typed::{Mended, Typed};

use crate::types::{Fen, UnixMs};

/// Problem code: no machine has read the picture (models missing or failing); the candidate types what it says.
pub const NOT_READ: &str = "not_read";
/// Problem code: the picture cannot be opened, by us or by anybody who would have to look at it.
pub const BROKEN_PICTURE: &str = "broken_picture";
/// So many screenshots one registration may upload; every one of them is kept.
pub const MAX_PROOFS: i64 = 20;
const MAX_NUMBER_CHARS: usize = 64;
const MAX_PAYEE_CHARS: usize = 100;

/// Where a proof stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofState {
    /// 识别中
    Reading,
    /// Read; waits for the candidate's 提交, or for a decision.
    Read,
    /// 已确认: a person accepted it.
    Accepted,
    /// 不符: a person returned it.
    Returned,
}

impl ProofState {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Read => "read",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
        }
    }

    /// Reads a code of our own store.
    pub fn stored(code: &str) -> Self {
        [Self::Reading, Self::Accepted, Self::Returned].into_iter().find(|s| s.code() == code).unwrap_or(Self::Read)
    }
}

/// A proof as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Proof {
    pub id: i64,
    pub public_ref: String,
    pub registration: i64,
    pub picture: i64,
    pub picture_sha: Vec<u8>,
    pub state: String,
    pub channel: String,
    pub kind: String,
    pub amount_fen: Option<i64>,
    pub paid_at: Option<i64>,
    pub transaction_no: String,
    pub order_no: String,
    pub payee: String,
    pub status: String,
    pub reading: String,
    pub corrected: i64,
    pub problems: String,
    pub signs: String,
    pub created_at: i64,
    pub submitted_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub reason: String,
}

impl Proof {
    /// Its state.
    pub fn state(&self) -> ProofState {
        ProofState::stored(&self.state)
    }

    /// Whether a problem code was found when it was read.
    pub fn has_problem(&self, code: &str) -> bool {
        self.problems.split(',').any(|p| p == code)
    }

    /// The values that do not fit their surroundings: the field, and the kind of difference.
    pub fn signs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.signs.split(',').filter_map(|sign| sign.split_once(':'))
    }

    /// Whether money has, as far as anybody can tell, been paid with it: while one such proof lives, no second payment is invited.
    pub fn holds_payment(&self) -> bool {
        match self.state() {
            ProofState::Accepted | ProofState::Reading => true,
            ProofState::Returned => false,
            // Read but not handed in: a picture of something else must not keep anybody from paying.
            ProofState::Read => self.submitted_at.is_some() || (!self.transaction_no.is_empty() && self.kind != "transfer"),
        }
    }

    /// The amount.
    pub fn amount(&self) -> Option<Fen> {
        self.amount_fen.map(Fen)
    }

    /// What the machine read, whatever the candidate made of it; `None` where it read nothing.
    pub fn machine_read(&self) -> Option<MachineRead> {
        serde_json::from_str(&self.reading).ok()
    }

    /// Whether the candidate mended what was read.
    pub fn is_corrected(&self) -> bool {
        self.corrected != 0
    }

    /// What is stated now, in the form of [`Proof::machine_read`].
    pub fn given(&self) -> MachineRead {
        MachineRead {
            amount_fen: self.amount_fen,
            paid_at: self.paid_at,
            transaction_no: self.transaction_no.clone(),
            order_no: self.order_no.clone(),
            payee: self.payee.clone(),
        }
    }

    /// The word for where it was paid.
    pub fn channel_word(&self) -> &'static str {
        match self.channel.as_str() {
            "wechat" => "微信支付",
            "alipay" => "支付宝",
            _ => "未识别",
        }
    }

    /// The word for where it stands, as the candidate reads it.
    pub fn word(&self) -> &'static str {
        match (self.state(), self.submitted_at) {
            (ProofState::Reading, _) => "识别中",
            (ProofState::Read, None) => "未提交",
            (ProofState::Read, Some(_)) => "已提交",
            (ProofState::Accepted, _) => "已确认",
            (ProofState::Returned, _) => "不符",
        }
    }

    /// When it was uploaded, in words.
    pub fn uploaded_words(&self) -> String {
        UnixMs(self.created_at).words()
    }

    /// The fields as the form shows them.
    pub fn typed(&self) -> Typed {
        Typed {
            amount: self.amount().map_or_else(String::new, Fen::yuan),
            paid_at: self.paid_at.map_or_else(String::new, |at| UnixMs(at).field()),
            transaction: self.transaction_no.clone(),
            order: self.order_no.clone(),
            payee: self.payee.clone(),
        }
    }
}

/// What a screenshot says, in the columns' own form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Facts {
    pub channel: &'static str,
    pub kind: &'static str,
    pub amount_fen: Option<i64>,
    pub paid_at: Option<i64>,
    pub transaction_no: String,
    pub order_no: String,
    pub payee: String,
    pub status: String,
    /// Comma-separated problem codes.
    pub problems: String,
    /// Values that do not fit their surroundings: `field:kind`, comma-separated.
    pub signs: String,
    /// How the numbers look.
    pub prints: Vec<Print>,
}

/// The part of what was read that a candidate may mend, kept as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct MachineRead {
    pub amount_fen: Option<i64>,
    pub paid_at: Option<i64>,
    pub transaction_no: String,
    pub order_no: String,
    pub payee: String,
}

impl Facts {
    /// The part that a candidate may mend, as JSON for the column; "" where no machine has read anything.
    pub fn machine_read(&self) -> String {
        if self.problems == NOT_READ || self.problems == BROKEN_PICTURE {
            return String::new();
        }
        let read = MachineRead {
            amount_fen: self.amount_fen,
            paid_at: self.paid_at,
            transaction_no: self.transaction_no.clone(),
            order_no: self.order_no.clone(),
            payee: self.payee.clone(),
        };
        serde_json::to_string(&read).unwrap_or_default()
    }

    /// A machine has read it. Texts are cut to what the columns' forms allow.
    pub fn read(reading: &ReceiptReading) -> Self {
        let text = |value: &Option<String>, max| value.as_deref().unwrap_or_default().trim().chars().take(max).collect::<String>();
        Self {
            channel: match reading.channel {
                Channel::Wechat => "wechat",
                Channel::Alipay => "alipay",
                Channel::Other => "other",
            },
            kind: match reading.kind {
                ReceiptKind::Payment => "payment",
                ReceiptKind::Transfer => "transfer",
                ReceiptKind::Unknown => "unknown",
            },
            amount_fen: reading.amount_fen.filter(|fen| (1..=Fen::MAX.0).contains(fen)),
            paid_at: reading.paid_at.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok()).map(|at| at.as_millisecond()),
            transaction_no: text(&reading.transaction, MAX_NUMBER_CHARS),
            order_no: text(&reading.order, MAX_NUMBER_CHARS),
            payee: text(&reading.payee, MAX_PAYEE_CHARS),
            status: text(&reading.status, MAX_PAYEE_CHARS),
            problems: reading.problems.iter().map(|p| p.code()).collect::<Vec<_>>().join(","),
            ..Self::default()
        }
    }

    /// A machine has read it and looked at how it is drawn.
    pub fn looked_at(look: &ReceiptLook) -> Self {
        let signs: Vec<String> = look.signs.iter().map(|sign| format!("{}:{}", sign.field, sign.kind.code())).collect();
        let print = |field, bits: Option<baokao_vision::NumberPrint>| bits.map(|bits| Print { field, bits });
        let prints = [print(PrintField::Transaction, look.transaction_print), print(PrintField::Order, look.order_print)];
        Self { signs: signs.join(","), prints: prints.into_iter().flatten().collect(), ..Self::read(&look.reading) }
    }

    /// Nothing could be read: one of our own problem codes says why.
    pub fn unread(problem: &'static str) -> Self {
        Self { channel: "other", kind: "unknown", problems: problem.to_owned(), ..Self::default() }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use baokao_vision::ReceiptProblem;

    use super::*;

    /// A proof that is as it should be.
    pub(crate) fn good() -> Proof {
        Proof {
            id: 1,
            public_ref: "p".into(),
            registration: 10,
            picture: 30,
            picture_sha: vec![1],
            state: "read".into(),
            channel: "wechat".into(),
            kind: "payment".into(),
            amount_fen: Some(8000),
            paid_at: Some(1_782_382_404_000),
            transaction_no: "4200002345202606251234567890".into(),
            order_no: "M2026062512345".into(),
            payee: "长沙某大学".into(),
            status: "支付成功".into(),
            reading: String::new(),
            corrected: 0,
            problems: String::new(),
            signs: String::new(),
            created_at: 0,
            submitted_at: None,
            decided_at: None,
            reason: String::new(),
        }
    }

    #[test]
    fn a_readers_answer_becomes_columns() {
        let reading = ReceiptReading {
            channel: Channel::Wechat,
            kind: ReceiptKind::Transfer,
            amount_fen: Some(8000),
            paid_at: Some("2026-06-25T18:13:24+08:00".into()),
            problems: vec![ReceiptProblem::TransferToPerson, ReceiptProblem::TransactionMissing],
            ..ReceiptReading::default()
        };
        let facts = Facts::read(&reading);
        assert_eq!((facts.channel, facts.kind, facts.paid_at), ("wechat", "transfer", Some(1_782_382_404_000)));
        assert_eq!(facts.problems, "transfer_to_person,transaction_missing");
        // The codes are those of the stable JSON.
        let json = serde_json::to_value(&reading).expect("json");
        assert_eq!(json["problems"], serde_json::json!(facts.problems.split(',').collect::<Vec<_>>()));
    }

    #[test]
    fn a_second_payment_is_invited_only_while_no_proof_lives() {
        let with = |state: &str, submitted_at, transaction: &str, kind: &str| {
            Proof { state: state.into(), submitted_at, transaction_no: transaction.into(), kind: kind.into(), ..good() }.holds_payment()
        };
        assert!(with("accepted", Some(1), "", "unknown"));
        assert!(with("reading", None, "", "unknown"));
        assert!(with("read", Some(1), "", "unknown"));
        assert!(with("read", None, "42000", "payment"));
        assert!(!with("read", None, "", "unknown"));
        assert!(!with("read", None, "1000", "transfer"));
        assert!(!with("returned", Some(1), "42000", "payment"));
    }
}
