//! What the pages of both applications say, in simplified Chinese. Traditional Chinese is folded into it; English stands beside it.
//!
//! The simplified terms are those of genuine pages; the English and traditional ones follow the providers' published terms, with the variants that occur.

use super::Channel;

/// What stands beside a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Status,
    /// When it was paid.
    PaidAt,
    /// When the order was made, which is taken where nothing else says when it was paid.
    MadeAt,
    Payee,
    Transaction,
    Order,
    /// How much came back.
    Refund,
    /// Something that is not wanted, but ends the value above it.
    Other,
    /// What stands beneath the order's rows: nothing below is wanted.
    End,
}

/// A label: how it reads when folded, what stands beside it, whose screen it is a sign of, and whether of a transfer between persons.
pub(super) struct Label {
    pub(super) word: &'static str,
    pub(super) field: Field,
    pub(super) channel: Channel,
    pub(super) is_transfer: bool,
}

const fn label(word: &'static str, field: Field, channel: Channel) -> Label {
    Label { word, field, channel, is_transfer: false }
}

const fn transfer(word: &'static str, field: Field, channel: Channel) -> Label {
    Label { word, field, channel, is_transfer: true }
}

use Channel::{Alipay, Other as Either, Wechat};
use Field::{End, MadeAt, Order, Other, PaidAt, Payee, Refund, Status, Transaction};

pub(super) const LABELS: [Label; 74] = [
    label("当前状态", Status, Wechat),
    label("目前状态", Status, Wechat),
    label("交易状态", Status, Either),
    label("支付时间", PaidAt, Either),
    label("付款时间", PaidAt, Alipay),
    label("创建时间", MadeAt, Alipay),
    label("交易时间", MadeAt, Either),
    label("商户全称", Payee, Wechat),
    label("收款方全称", Payee, Alipay),
    label("商家全称", Payee, Alipay),
    label("收款方", Payee, Either),
    label("交易单号", Transaction, Wechat),
    label("订单号", Transaction, Alipay),
    label("交易号", Transaction, Alipay),
    label("商户单号", Order, Wechat),
    label("商家订单号", Order, Alipay),
    label("商户订单号", Order, Alipay),
    label("退款金额", Refund, Either),
    label("已退款金额", Refund, Either),
    label("退款时间", Other, Either),
    label("退款方式", Other, Either),
    label("收单机构", Other, Either),
    label("清算机构", Other, Either),
    label("支付方式", Other, Wechat),
    label("付款方式", Other, Alipay),
    label("商品说明", Other, Alipay),
    label("商品", Other, Wechat),
    label("账单服务", End, Wechat),
    label("服务详情", Other, Alipay),
    label("账单分类", Other, Alipay),
    label("账单管理", End, Alipay),
    label("标签和备注", Other, Alipay),
    label("备注", Other, Either),
    label("优惠", Other, Either),
    label("原价", Other, Either),
    transfer("转账单号", Transaction, Wechat),
    transfer("转账时间", PaidAt, Wechat),
    transfer("转账说明", Other, Wechat),
    transfer("收款方备注", Other, Wechat),
    transfer("收款时间", Other, Wechat),
    transfer("付款方留言", Other, Wechat),
    transfer("对方账户", Payee, Alipay),
    transfer("转账备注", Other, Alipay),
    label("currentstatus", Status, Wechat),
    label("status", Status, Either),
    label("paymenttime", PaidAt, Either),
    label("timepaid", PaidAt, Either),
    label("createtime", MadeAt, Alipay),
    label("transactiontime", MadeAt, Either),
    label("merchantname", Payee, Wechat),
    label("merchantfullname", Payee, Wechat),
    label("fullmerchantname", Payee, Wechat),
    label("payeename", Payee, Alipay),
    label("payee", Payee, Either),
    label("transactionid", Transaction, Wechat),
    label("transactionno", Transaction, Wechat),
    label("orderno", Transaction, Alipay),
    label("orderid", Transaction, Alipay),
    label("merchantorderno", Order, Either),
    label("merchantorderid", Order, Either),
    label("refundedamount", Refund, Either),
    label("refundamount", Refund, Either),
    label("refundtime", Other, Either),
    label("acquirer", Other, Either),
    label("paymentmethod", Other, Either),
    label("product", Other, Wechat),
    label("description", Other, Alipay),
    label("billservices", End, Wechat),
    label("billmanagement", End, Alipay),
    transfer("transferid", Transaction, Wechat),
    transfer("transfertime", PaidAt, Wechat),
    transfer("transfernote", Other, Wechat),
    transfer("transferdescription", Other, Wechat),
    transfer("counterparty", Payee, Alipay),
];

/// Words that tell the application wherever they stand, folded.
pub(super) const SIGNS: [(&str, Channel); 12] = [
    ("财付通", Wechat),
    ("零钱", Wechat),
    ("微信", Wechat),
    ("对方已收钱", Wechat),
    ("tenpay", Wechat),
    ("wechat", Wechat),
    ("weixin", Wechat),
    ("余额宝", Alipay),
    ("花呗", Alipay),
    ("支付宝", Alipay),
    ("alipay", Alipay),
    ("对此订单有疑问", Alipay),
];

/// Words with which a line tells a transfer between persons, folded.
pub(super) const TRANSFER_SIGNS: [&str; 9] =
    ["转账-", "转账一", "扫二维码付款-给", "对方已收钱", "朋友已收钱", "转给", "transfer-to", "transferto", "transferredto"];
/// What stands before the person's name in the heading of a transfer, folded.
pub(super) const GIVEN_TO: [&str; 5] = ["转给", "付款-给", "transfer-to", "transferto", "transferredto"];

/// Statuses that stand alone under the amount, folded.
const ALONE: [&str; 22] = [
    "支付成功",
    "交易成功",
    "付款成功",
    "对方已收钱",
    "朋友已收钱",
    "已转账",
    "交易关闭",
    "等待付款",
    "等待对方收钱",
    "退款成功",
    "已全额退款",
    "已退款",
    "部分退款",
    "支付失败",
    "paymentsuccessful",
    "transactionsuccessful",
    "successful",
    "transactionclosed",
    "fullyrefunded",
    "refunded",
    "receivedbytheotherparty",
    "paymentfailed",
];

/// What a status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Paid,
    Refunded,
    /// Something else, or something that we do not know.
    Open,
}

/// What a folded status means.
pub(super) fn standing(status: &str) -> Standing {
    const UNDONE: [&str; 12] =
        ["等待", "待", "关闭", "失败", "取消", "未", "unpaid", "unsuccessful", "fail", "closed", "pending", "cancel"];
    const DONE: [&str; 12] = [
        "支付成功",
        "交易成功",
        "付款成功",
        "已收钱",
        "已转账",
        "已支付",
        "已付款",
        "已收款",
        "successful",
        "paid",
        "received",
        "completed",
    ];
    if status.contains("退款") || status.contains("refund") {
        Standing::Refunded
    } else if DONE.iter().any(|word| status.contains(word)) && !UNDONE.iter().any(|word| status.contains(word)) {
        Standing::Paid
    } else {
        Standing::Open
    }
}

/// Whether a folded line is a status that needs no label.
pub(super) fn is_status(line: &str) -> bool {
    ALONE.iter().any(|word| {
        line.strip_prefix(word).is_some_and(|rest| rest.is_empty() || (word.starts_with(|c: char| !c.is_ascii()) && rest.starts_with('(')))
    })
}

/// The label that a folded line begins with.
pub(super) fn label_of(line: &str) -> Option<&'static Label> {
    let found = LABELS.iter().filter(|label| {
        let Some(rest) = line.strip_prefix(label.word) else { return false };
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let goes_on = if label.word.is_ascii() {
            // `Payment successful` is no label, nor is any sentence that begins like one.
            rest.starts_with(|c: char| c.is_ascii_digit())
        } else {
            // A label and its value read as one line; a sentence that begins with the word is no label.
            label.word.chars().count() >= 4
        };
        rest.is_empty() || rest.starts_with(':') || goes_on
    });
    found.max_by_key(|label| label.word.len())
}

/// A line as words are looked up in it: without blanks, in small letters, traditional characters made simplified, signs of one width. Each character of the
/// result stands for one of the line's, in their order, blanks left out.
pub(super) fn fold(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(fold_one).collect()
}

pub(super) fn fold_one(character: char) -> char {
    const TRADITIONAL: &str = "狀態時間戶稱單號機構轉賬帳說備註當對錢額關閉敗條詳務處請標簽類創優價訂賣買餘寶財貼給實際";
    const SIMPLIFIED: &str = "状态时间户称单号机构转账账说备注当对钱额关闭败条详务处请标签类创优价订卖买余宝财贴给实际";
    let folded = match character {
        '：' => ':',
        '（' => '(',
        '）' => ')',
        '－' | '—' | '–' | '−' => '-',
        '．' => '.',
        other => other.to_ascii_lowercase(),
    };
    if folded.is_ascii() {
        return folded;
    }
    TRADITIONAL.chars().zip(SIMPLIFIED.chars()).find(|(old, _)| *old == folded).map_or(folded, |(_, new)| new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(line: &str) -> Option<Field> {
        label_of(&fold(line)).map(|label| label.field)
    }

    #[test]
    fn labels_in_three_languages() {
        for (line, expected) in [
            ("当前状态", Some(Status)),
            ("當前狀態", Some(Status)),
            ("Current Status", Some(Status)),
            ("CurrentStatus", Some(Status)),
            ("支付時間", Some(PaidAt)),
            ("Payment Time", Some(PaidAt)),
            ("商戶全稱", Some(Payee)),
            ("收款方全称", Some(Payee)),
            ("收款方备注", Some(Other)),
            ("收款方：样本大学", Some(Payee)),
            ("交易單號", Some(Transaction)),
            ("交易单号 4200002901202606251234567890", Some(Transaction)),
            ("Transaction ID", Some(Transaction)),
            ("Transaction ID: 42000029", Some(Transaction)),
            ("訂單號", Some(Transaction)),
            ("Order No.", Some(Transaction)),
            ("Merchant Order No.", Some(Order)),
            ("轉賬單號", Some(Transaction)),
            ("商品", Some(Other)),
            ("商品很好", None),
            ("Payment successful", None),
            ("Products of the year", None),
            ("对此订单有疑问", None),
        ] {
            assert_eq!(field(line), expected, "{line}");
        }
    }

    #[test]
    fn statuses_mean_what_they_say() {
        for (status, expected) in [
            ("支付成功", Standing::Paid),
            ("對方已收錢", Standing::Paid),
            ("Payment successful", Standing::Paid),
            ("已全额退款", Standing::Refunded),
            ("已退款(￥30.00)", Standing::Refunded),
            ("Fully refunded", Standing::Refunded),
            ("退款成功", Standing::Refunded),
            ("等待付款", Standing::Open),
            ("待支付", Standing::Open),
            ("支付失败", Standing::Open),
            ("交易關閉", Standing::Open),
            ("Unpaid", Standing::Open),
            ("Payment unsuccessful", Standing::Open),
            ("祝您生活愉快", Standing::Open),
        ] {
            assert_eq!(standing(&fold(status)), expected, "{status}");
        }
        assert!(is_status("已退款(￥30.00)") && is_status(&fold("Successful")) && !is_status(&fold("Successful people")));
        assert!(!is_status("支付成功后请截图"));
    }

    #[test]
    fn folding_keeps_one_character_for_each() {
        let line = "商戶 全稱：Ａ";
        assert_eq!(fold(line).chars().count(), line.chars().filter(|c| !c.is_whitespace()).count());
    }

    proptest::proptest! {
        #[test]
        fn any_line_folds(line in "\\PC{0,40}") {
            let folded = fold(&line);
            proptest::prop_assert_eq!(fold(&folded), folded.clone());
            let _ = (label_of(&folded), standing(&folded), is_status(&folded));
        }
    }
}
