//! What the candidate makes of what was read: the fields of the form, and their parsing.

use serde::Deserialize;

use super::{MAX_NUMBER_CHARS, MAX_PAYEE_CHARS, Proof};
use crate::error::Problems;
use crate::types::{Fen, UnixMs};

/// What the candidate sends: what was read, mended where it was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// Yuan.
    pub amount: String,
    /// A `datetime-local` value; may be empty.
    pub paid_at: String,
    /// 交易单号.
    pub transaction: String,
    /// 商户单号; may be empty.
    pub order: String,
    /// 收款方; may be empty.
    pub payee: String,
}

/// The fields that a candidate may mend, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Mended {
    pub amount_fen: i64,
    pub paid_at: Option<i64>,
    pub transaction_no: String,
    pub order_no: String,
    pub payee: String,
}

impl Typed {
    /// Reads the fields; `before` is what is stored. A time that was not touched keeps its seconds, which the field does not show.
    pub fn parse(&self, before: &Proof) -> Result<Mended, Problems> {
        let mut problems = Problems::new();
        let amount = problems.take("amount", Fen::parse_yuan(&self.amount)).filter(|fen| fen.0 > 0);
        if amount.is_none() && problems.of("amount").is_empty() {
            problems.add("amount", "支付金额应大于 0，请按截图填写。");
        }
        let paid_at = if self.paid_at.trim().is_empty() {
            None
        } else if before.paid_at.is_some_and(|at| UnixMs(at).field() == self.paid_at.trim()) {
            before.paid_at
        } else {
            problems.take("paid_at", UnixMs::parse_field(&self.paid_at)).map(|at| at.0)
        };
        let transaction = number(&self.transaction);
        if transaction.is_empty() {
            problems.add("transaction", "请填写交易单号（支付宝为订单号），在订单详情中可以找到。");
        } else if !is_number(&transaction) {
            problems.add("transaction", "交易单号应为 6 至 64 位数字或字母，请对照截图核对。");
        }
        let order = number(&self.order);
        if !order.is_empty() && !is_number(&order) {
            problems.add("order", "商户单号应为 6 至 64 位数字或字母，没有可以不填。");
        }
        let payee = self.payee.trim();
        if payee.chars().count() > MAX_PAYEE_CHARS || payee.chars().any(char::is_control) {
            problems.add("payee", "收款方不能超过 100 个字，请按截图填写。");
        }
        match amount {
            Some(amount) if problems.is_empty() => {
                Ok(Mended { amount_fen: amount.0, paid_at, transaction_no: transaction, order_no: order, payee: payee.to_owned() })
            }
            _ => Err(problems),
        }
    }
}

impl Mended {
    /// Whether it differs from what is stored.
    pub fn differs(&self, before: &Proof) -> bool {
        before.amount_fen != Some(self.amount_fen)
            || before.paid_at != self.paid_at
            || before.transaction_no != self.transaction_no
            || before.order_no != self.order_no
            || before.payee != self.payee
    }
}

/// A long number is shown in groups and broken over lines; the spaces are not part of it.
fn number(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).take(MAX_NUMBER_CHARS + 1).collect()
}

fn is_number(text: &str) -> bool {
    (6..=MAX_NUMBER_CHARS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::good;
    use super::*;

    #[test]
    fn what_was_read_comes_back_from_the_form_unchanged_with_its_seconds() {
        let proof = good();
        let mended = proof.typed().parse(&proof).expect("as read");
        assert_eq!(mended.paid_at, proof.paid_at);
        assert!(!mended.differs(&proof));
    }

    #[test]
    fn a_mended_number_counts_as_corrected_and_its_spaces_do_not_count() {
        let proof = good();
        let mut typed = proof.typed();
        typed.transaction = "4200 0023 4520 2606 2512 3456 7890".into();
        assert!(!typed.parse(&proof).expect("the same number").differs(&proof));
        typed.transaction = "4200002345202606251234567891".into();
        assert!(typed.parse(&proof).expect("another number").differs(&proof));
    }

    #[test]
    fn every_missing_field_has_its_sentence() {
        let problems = Typed { paid_at: "昨天".into(), ..Typed::default() }.parse(&good()).expect_err("nothing typed");
        assert!(problems.of("amount").contains("金额"));
        assert!(problems.of("transaction").contains("交易单号"));
        assert!(problems.of("paid_at").contains("日期"));
        let zero = Typed { amount: "0.00".into(), ..good().typed() }.parse(&good()).expect_err("nothing paid");
        assert!(zero.of("amount").contains("大于 0"));
        let odd = Typed { transaction: "12 34；drop".into(), ..good().typed() }.parse(&good()).expect_err("not a number");
        assert!(odd.of("transaction").contains("6 至 64 位"));
    }
}
