//! What is wrong with what was read, and which numbers have the form of their provider's.

use jiff::civil::Date;

use super::fields::{amount_within, date_in};
use super::words::{Standing, fold, standing};
use super::{Channel, ReceiptKind, ReceiptProblem, ReceiptReading};

/// What is wrong with what was read: `incoming`, money came in; `back`, so much of it was refunded, in fen; `several`, the picture holds two orders.
pub(super) fn problems(reading: &ReceiptReading, incoming: bool, back: i64, paid_on: Option<Date>, several: bool) -> Vec<ReceiptProblem> {
    let mut out = Vec::new();
    if reading.kind == ReceiptKind::Transfer {
        out.push(ReceiptProblem::TransferToPerson);
    }
    if several {
        out.push(ReceiptProblem::SeveralOrders);
    }
    let state = reading.status.as_deref().map(|status| (standing(&fold(status)), amount_within(status).unwrap_or(back)));
    match state {
        Some((Standing::Refunded, back)) | Some((Standing::Paid, back))
            if back > 0 && reading.amount_fen.is_some_and(|paid| back < paid) =>
        {
            out.push(ReceiptProblem::PartlyRefunded);
        }
        Some((Standing::Refunded, _)) => out.push(ReceiptProblem::Refunded),
        Some((_, back)) if back > 0 => out.push(ReceiptProblem::Refunded),
        Some((Standing::Paid, _)) if !incoming => {}
        Some(_) => out.push(ReceiptProblem::NotPaid),
        None if back > 0 => out.push(ReceiptProblem::Refunded),
        None => out.push(ReceiptProblem::StatusMissing),
    }
    if reading.amount_fen.is_none() {
        out.push(ReceiptProblem::AmountMissing);
    }
    if reading.paid_at.is_none() {
        out.push(ReceiptProblem::TimeMissing);
    }
    match reading.transaction.as_deref() {
        None => out.push(ReceiptProblem::TransactionMissing),
        Some(number) if !carries_day(number, reading, paid_on) => out.push(ReceiptProblem::TransactionMismatch),
        Some(_) => {}
    }
    if reading.payee.is_none() {
        out.push(ReceiptProblem::PayeeMissing);
    }
    out
}

/// Where a provider puts the day of the payment into its numbers; numbers of transfers have other forms.
fn day_at(kind: ReceiptKind, channel: Channel) -> Option<usize> {
    match (kind, channel) {
        (ReceiptKind::Payment, Channel::Wechat) => Some(10),
        (ReceiptKind::Payment, Channel::Alipay) => Some(0),
        _ => None,
    }
}

/// Whether a number is as long as its provider's are. One that is not was misread, and is not taken.
pub(super) fn has_form(number: &str, kind: ReceiptKind, channel: Channel) -> bool {
    match day_at(kind, channel) {
        Some(0) => matches!(number.len(), 28 | 32),
        Some(_) => number.len() == 28,
        None => true,
    }
}

/// Whether the day inside a number is that of the payment or, around midnight, the day before or after.
fn carries_day(number: &str, reading: &ReceiptReading, paid_on: Option<Date>) -> bool {
    let near = |day: Date, paid: Date| day == paid || day.tomorrow().is_ok_and(|d| d == paid) || day.yesterday().is_ok_and(|d| d == paid);
    match day_at(reading.kind, reading.channel) {
        Some(at) => date_in(number, at).is_some_and(|day| paid_on.is_none_or(|paid| near(day, paid))),
        None => true,
    }
}
