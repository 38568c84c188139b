//! The screenshot of an order's details in WeChat or Alipay, which candidates hand in as proof of payment.

mod fields;
pub(crate) mod look;
mod parse;
mod print;
mod problems;
mod signs;
mod words;

pub use parse::{TextLine, parse};
pub use print::{NumberPrint, PRINT_BYTES};
pub use signs::{Sign, SignKind};

use serde::{Deserialize, Serialize};

/// What an order screenshot says. Serialises to the stable JSON of `baokao receipt read`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReceiptReading {
    /// Whose screen it is.
    pub channel: Channel,
    /// Whether a merchant was paid or a person.
    pub kind: ReceiptKind,
    /// The amount paid, in fen, positive.
    pub amount_fen: Option<i64>,
    /// When it was paid, RFC 3339 with the offset of China, `2026-06-25T18:13:24+08:00`.
    pub paid_at: Option<String>,
    /// 交易单号 (WeChat) or 订单号 (Alipay): what the provider's bill lists.
    pub transaction: Option<String>,
    /// 商户单号 or 商家订单号: the merchant's own number.
    pub order: Option<String>,
    /// 商户全称, 收款方 or whoever was paid.
    pub payee: Option<String>,
    /// 当前状态 as printed.
    pub status: Option<String>,
    /// What is wrong with it.
    pub problems: Vec<ReceiptProblem>,
}

/// An order screenshot, read and looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReceiptLook {
    /// What it says.
    pub reading: ReceiptReading,
    /// How the transaction number looks.
    pub transaction_print: Option<NumberPrint>,
    /// How the merchant's own number looks.
    pub order_print: Option<NumberPrint>,
    /// What does not fit its surroundings: for a person, never for a verdict.
    pub signs: Vec<Sign>,
}

/// Whose screen it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// WeChat Pay.
    Wechat,
    /// Alipay.
    Alipay,
    /// Neither was recognised.
    #[default]
    Other,
}

/// What was done with the money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    /// A merchant was paid.
    Payment,
    /// A person was sent money.
    Transfer,
    /// It cannot be told.
    #[default]
    Unknown,
}

/// What is wrong with an order screenshot. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptProblem {
    /// No order details are seen.
    NotAReceipt,
    /// A transfer to a person, which the school cannot find on its bill.
    TransferToPerson,
    /// The status is not one of a finished payment, or money came in.
    NotPaid,
    /// The status could not be read.
    StatusMissing,
    /// The order was refunded, as far as can be seen wholly.
    Refunded,
    /// A part of the order was refunded.
    PartlyRefunded,
    /// The picture holds two orders: what differs between them was not taken.
    SeveralOrders,
    /// The amount could not be read.
    AmountMissing,
    /// The time could not be read.
    TimeMissing,
    /// The transaction number could not be read.
    TransactionMissing,
    /// The date inside the transaction number differs from the printed one: it was misread, or the picture was changed.
    TransactionMismatch,
    /// Who was paid could not be read.
    PayeeMissing,
}

impl ReceiptProblem {
    /// The stable code, as in the JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAReceipt => "not_a_receipt",
            Self::TransferToPerson => "transfer_to_person",
            Self::NotPaid => "not_paid",
            Self::StatusMissing => "status_missing",
            Self::Refunded => "refunded",
            Self::PartlyRefunded => "partly_refunded",
            Self::SeveralOrders => "several_orders",
            Self::AmountMissing => "amount_missing",
            Self::TimeMissing => "time_missing",
            Self::TransactionMissing => "transaction_missing",
            Self::TransactionMismatch => "transaction_mismatch",
            Self::PayeeMissing => "payee_missing",
        }
    }
}
