//! What the pages say, in the three languages.

use jiff::civil::DateTime;

use super::{Application, Part, Receipt, yuan};

/// The app's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 简体中文.
    Simplified,
    /// 繁體中文.
    Traditional,
    /// English.
    English,
}

/// A label with its value; empty values are left out.
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) part: Option<Part>,
}

/// Everything on the page that is not the order's own.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) transfer_to: &'static str,
    pub(super) services: &'static str,
    pub(super) wechat_entries: [&'static str; 2],
    pub(super) alipay_entries: [&'static str; 2],
    pub(super) provider: &'static str,
    /// Status, time, item, payee, acquirer, method, transaction, order, and what stands for an order number that is only bars.
    wechat: [&'static str; 9],
    /// Status, note, time, method, number.
    wechat_transfer: [&'static str; 5],
    /// Time, method, item, acquirer, payee, transaction, order, refunded amount, the person's account.
    alipay: [&'static str; 9],
    /// Paid (WeChat), paid (Alipay), taken by the person, wholly refunded, partly refunded up to the amount.
    statuses: [&'static str; 5],
}

const SIMPLIFIED: Words = Words {
    title: "账单详情",
    transfer_to: "转账-转给",
    services: "账单服务",
    wechat_entries: ["对订单有疑惑", "在此商户的交易"],
    alipay_entries: ["账单管理", "对此订单有疑问"],
    provider: "本服务由财付通提供",
    wechat: ["当前状态", "支付时间", "商品", "商户全称", "收单机构", "支付方式", "交易单号", "商户单号", "可在支持的商户扫码退款"],
    wechat_transfer: ["当前状态", "转账说明", "转账时间", "支付方式", "转账单号"],
    alipay: ["支付时间", "付款方式", "商品说明", "收单机构", "收款方全称", "订单号", "商家订单号", "退款金额", "对方账户"],
    statuses: ["支付成功", "交易成功", "对方已收钱", "已全额退款", "已退款"],
};

const TRADITIONAL: Words = Words {
    title: "賬單詳情",
    transfer_to: "轉賬-轉給",
    services: "賬單服務",
    wechat_entries: ["對訂單有疑惑", "在此商戶的交易"],
    alipay_entries: ["賬單管理", "對此訂單有疑問"],
    provider: "本服務由財付通提供",
    wechat: ["當前狀態", "支付時間", "商品", "商戶全稱", "收單機構", "支付方式", "交易單號", "商戶單號", "可在支援的商戶掃碼退款"],
    wechat_transfer: ["當前狀態", "轉賬說明", "轉賬時間", "支付方式", "轉賬單號"],
    alipay: ["支付時間", "付款方式", "商品說明", "收單機構", "收款方全稱", "訂單號", "商家訂單號", "退款金額", "對方賬戶"],
    statuses: ["支付成功", "交易成功", "對方已收錢", "已全額退款", "已退款"],
};

const ENGLISH: Words = Words {
    title: "Bill Details",
    transfer_to: "Transfer-To ",
    services: "Bill services",
    wechat_entries: ["Questions about this order", "Transactions with this merchant"],
    alipay_entries: ["Bill management", "Questions about this order"],
    provider: "Service provided by Tenpay",
    wechat: [
        "Current Status",
        "Payment Time",
        "Product",
        "Merchant Name",
        "Acquirer",
        "Payment Method",
        "Transaction ID",
        "Merchant Order No.",
        "Show the code to a merchant",
    ],
    wechat_transfer: ["Current Status", "Transfer Note", "Transfer Time", "Payment Method", "Transfer ID"],
    alipay: [
        "Payment Time",
        "Payment Method",
        "Description",
        "Acquirer",
        "Payee Name",
        "Order No.",
        "Merchant Order No.",
        "Refunded Amount",
        "Counterparty",
    ],
    statuses: ["Payment successful", "Successful", "Received by the other party", "Fully refunded", "Refunded"],
};

pub(super) fn of(language: Language) -> &'static Words {
    match language {
        Language::Simplified => &SIMPLIFIED,
        Language::Traditional => &TRADITIONAL,
        Language::English => &ENGLISH,
    }
}

impl Words {
    /// What the app says of such an order.
    pub(super) fn status(&self, receipt: &Receipt) -> String {
        let [paid, traded, taken, wholly, partly] = self.statuses;
        let is_wechat = receipt.application == Application::Wechat;
        if !receipt.status.is_empty() {
            receipt.status.clone()
        } else if receipt.refunded_fen > 0 && receipt.refunded_fen >= receipt.amount_fen {
            wholly.to_owned()
        } else if receipt.refunded_fen > 0 && is_wechat {
            format!("{partly}(￥{})", yuan(receipt.refunded_fen))
        } else if receipt.is_transfer && is_wechat {
            taken.to_owned()
        } else if is_wechat {
            paid.to_owned()
        } else {
            traded.to_owned()
        }
    }
}

/// The rows in the page's order.
pub(super) fn rows(receipt: &Receipt) -> Vec<Row> {
    let words = of(receipt.language);
    let row = |label, value: &str, part| Row { label, value: value.to_owned(), part };
    let wechat_time = wechat_time(receipt.paid_at, receipt.language);
    let status = words.status(receipt);
    match (receipt.application, receipt.is_transfer) {
        (Application::Wechat, false) => {
            let [state, time, item, payee, acquirer, method, transaction, order, bars] = words.wechat;
            let order_row = if receipt.order.is_empty() { row(order, bars, None) } else { row(order, &receipt.order, Some(Part::Order)) };
            vec![
                row(state, &status, Some(Part::Status)),
                row(time, &wechat_time, Some(Part::PaidAt)),
                row(item, &receipt.item, None),
                row(payee, &receipt.payee, Some(Part::Payee)),
                row(acquirer, &receipt.acquirer, None),
                row(method, &receipt.method, None),
                row(transaction, &receipt.transaction, Some(Part::Transaction)),
                order_row,
            ]
        }
        (Application::Wechat, true) => {
            let [state, note, time, method, number] = words.wechat_transfer;
            vec![
                row(state, &status, Some(Part::Status)),
                row(note, &receipt.item, None),
                row(time, &wechat_time, Some(Part::PaidAt)),
                row(method, &receipt.method, None),
                row(number, &receipt.transaction, Some(Part::Transaction)),
            ]
        }
        (Application::Alipay, is_transfer) => {
            let [time, method, item, acquirer, payee, transaction, order, refunded, account] = words.alipay;
            let back = if receipt.refunded_fen > 0 { format!("￥{}", yuan(receipt.refunded_fen)) } else { String::new() };
            let paid_at = receipt.paid_at.strftime("%Y-%m-%d %H:%M:%S").to_string();
            let mut rows = vec![
                row(refunded, &back, None),
                row(time, &paid_at, Some(Part::PaidAt)),
                row(method, &receipt.method, None),
                row(item, &receipt.item, None),
            ];
            if is_transfer {
                rows.push(row(account, &receipt.payee, Some(Part::Payee)));
            } else {
                rows.push(row(acquirer, &receipt.acquirer, None));
                rows.push(row(payee, &receipt.payee, Some(Part::Payee)));
            }
            rows.push(row(transaction, &receipt.transaction, Some(Part::Transaction)));
            if !is_transfer {
                rows.push(row(order, &receipt.order, Some(Part::Order)));
            }
            rows
        }
    }
}

/// `2026年6月25日 18:13:24`, without leading zeros in the date; `Jun 25, 2026 18:13:24`.
fn wechat_time(at: DateTime, language: Language) -> String {
    let clock = at.strftime("%H:%M:%S");
    match language {
        Language::English => at.strftime("%b %-d, %Y %H:%M:%S").to_string(),
        _ => format!("{}年{}月{}日 {clock}", at.year(), at.month(), at.day()),
    }
}
