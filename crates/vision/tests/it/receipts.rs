//! Order screenshots as the applications show them, in their light and dark appearance.

use baokao_specimen::receipt::{AlipayReceipt, WechatReceipt, WechatTransfer, alipay, wechat, wechat_transfer};
use baokao_vision::{ReceiptProblem, ReceiptReading, RgbImage};
use jiff::civil::{DateTime, date};

use crate::support::{fonts, photograph, vision};

fn paid_at() -> DateTime {
    date(2026, 6, 25).at(18, 13, 24, 0)
}

fn payment(dark: bool) -> WechatReceipt {
    WechatReceipt {
        amount_fen: 8000,
        item: "2026年学位论文水平考试报名费".to_owned(),
        payee: "样本大学继续教育学院".to_owned(),
        acquirer: "财付通支付科技有限公司".to_owned(),
        paid_at: paid_at(),
        method: "零钱".to_owned(),
        transaction: "4200002901202606251234567890".to_owned(),
        order: "BK20260625181324000017".to_owned(),
        status: "支付成功".to_owned(),
        dark,
    }
}

fn read(picture: &RgbImage) -> ReceiptReading {
    vision().read_receipt(picture).unwrap()
}

#[test]
fn a_wechat_payment_gives_the_stable_json() {
    for dark in [false, true] {
        let json = serde_json::to_value(read(&wechat(fonts(), &payment(dark)))).unwrap();
        let expected = serde_json::json!({
            "channel": "wechat", "kind": "payment", "amount_fen": 8000, "paid_at": "2026-06-25T18:13:24+08:00",
            "transaction": "4200002901202606251234567890", "order": "BK20260625181324000017",
            "payee": "样本大学继续教育学院", "status": "支付成功", "problems": []
        });
        assert_eq!(json, expected, "dark: {dark}");
    }
}

#[test]
fn an_order_number_that_is_only_a_bar_code() {
    let reading = read(&wechat(fonts(), &WechatReceipt { order: String::new(), amount_fen: 123_450, ..payment(false) }));
    assert_eq!((reading.order, reading.amount_fen), (None, Some(123_450)));
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
}

#[test]
fn a_refunded_payment() {
    let reading = read(&wechat(fonts(), &WechatReceipt { status: "已全额退款".to_owned(), ..payment(false) }));
    assert_eq!(reading.problems, [ReceiptProblem::Refunded]);
}

#[test]
fn a_screenshot_made_smaller_by_a_chat() {
    let small = image::imageops::thumbnail(&wechat(fonts(), &payment(false)), 540, 1170);
    let reading = read(&small);
    assert_eq!(reading.transaction.as_deref(), Some("4200002901202606251234567890"));
    assert_eq!((reading.amount_fen, reading.problems), (Some(8000), vec![]));
}

#[test]
fn an_alipay_payment() {
    let receipt = AlipayReceipt {
        amount_fen: 8000,
        item: "2026年学位论文水平考试报名费".to_owned(),
        payee: "样本大学继续教育学院".to_owned(),
        acquirer: String::new(),
        paid_at: paid_at(),
        method: "余额宝".to_owned(),
        transaction: "2026062522001412345678901234".to_owned(),
        order: "BK20260625181324000017".to_owned(),
        status: "交易成功".to_owned(),
        dark: false,
    };
    let json = serde_json::to_value(read(&alipay(fonts(), &receipt))).unwrap();
    let expected = serde_json::json!({
        "channel": "alipay", "kind": "payment", "amount_fen": 8000, "paid_at": "2026-06-25T18:13:24+08:00",
        "transaction": "2026062522001412345678901234", "order": "BK20260625181324000017",
        "payee": "样本大学继续教育学院", "status": "交易成功", "problems": []
    });
    assert_eq!(json, expected);
}

#[test]
fn a_transfer_to_a_person() {
    let transfer = WechatTransfer {
        amount_fen: 8000,
        payee: "王老师".to_owned(),
        note: "报名费".to_owned(),
        payee_note: "二维码收款".to_owned(),
        transferred_at: paid_at(),
        received_at: None,
        method: "零钱".to_owned(),
        transaction: "1000050001202606250123456789012345".to_owned(),
        status: "对方已收钱".to_owned(),
        dark: true,
    };
    let json = serde_json::to_value(read(&wechat_transfer(fonts(), &transfer))).unwrap();
    assert_eq!(json["kind"], "transfer");
    assert_eq!(json["problems"], serde_json::json!(["transfer_to_person"]));
    assert_eq!(json["transaction"], "1000050001202606250123456789012345");
}

#[test]
fn something_else() {
    assert_eq!(read(&photograph("astronaut.png")).problems, [ReceiptProblem::NotAReceipt]);
}
