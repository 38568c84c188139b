//! Order screenshots as the applications show them, and what happens to them on their way.

use baokao_specimen::receipt::{Damage, Edit, Joined, Language, Part, Receipt, Sheet, draw, edited};
use baokao_vision::{NumberPrint, ReceiptKind, ReceiptLook, ReceiptProblem, ReceiptReading, SignKind};

use crate::support::{fonts, photograph, vision};

fn look(sheet: &Sheet) -> ReceiptLook {
    vision().look_at_receipt(&sheet.picture).unwrap()
}

fn read(receipt: &Receipt) -> ReceiptReading {
    vision().read_receipt(&draw(fonts(), receipt).picture).unwrap()
}

#[test]
fn a_wechat_payment_gives_the_stable_json() {
    let json = serde_json::to_value(read(&Receipt { is_dark: true, ..Receipt::plain() })).unwrap();
    let expected = serde_json::json!({
        "channel": "wechat", "kind": "payment", "amount_fen": 8000, "paid_at": "2026-06-25T18:13:24+08:00",
        "transaction": "4200002901202606251234567890", "order": "BK20260625181324000017",
        "payee": "样本大学继续教育学院", "status": "支付成功", "problems": []
    });
    assert_eq!(json, expected);
}

#[test]
fn an_alipay_payment_in_large_type_and_traditional_chinese() {
    let receipt = Receipt { language: Language::Traditional, enlarged: 1.4, ..Receipt::plain_alipay() };
    let json = serde_json::to_value(read(&receipt)).unwrap();
    let expected = serde_json::json!({
        "channel": "alipay", "kind": "payment", "amount_fen": 8000, "paid_at": "2026-06-25T18:13:24+08:00",
        "transaction": "2026062522001412345678901234", "order": "BK20260625181324000017",
        "payee": "样本大学继续教育学院", "status": "交易成功", "problems": []
    });
    assert_eq!(json, expected);
}

#[test]
fn a_payment_in_english_whose_order_number_is_only_bars() {
    let name = "样本省示范职业技术大学继续教育学院成人高等教育考试服务中心";
    let reading = read(&Receipt {
        language: Language::English,
        order: String::new(),
        payee: name.to_owned(),
        refunded_fen: 3000,
        ..Receipt::plain()
    });
    assert_eq!((reading.order, reading.amount_fen), (None, Some(8000)));
    assert_eq!(reading.paid_at.as_deref(), Some("2026-06-25T18:13:24+08:00"));
    assert_eq!(reading.payee.as_deref(), Some(name), "a name on two lines");
    assert_eq!(reading.problems, [ReceiptProblem::PartlyRefunded]);
}

#[test]
fn a_transfer_to_a_person() {
    let reading = read(&Receipt::plain_transfer());
    assert_eq!((reading.kind, reading.payee.as_deref()), (ReceiptKind::Transfer, Some("王老师")));
    assert_eq!(reading.problems, [ReceiptProblem::TransferToPerson]);
    assert_eq!(reading.transaction.as_deref(), Some("1000050001202606250123456789012345"));
}

#[test]
fn what_is_cut_off_is_null_and_named() {
    let page = draw(fonts(), &Receipt::plain());
    let headless = look(&Damage { cut_top: 0.33, ..Damage::none() }.apply(&page)).reading;
    assert_eq!((headless.amount_fen, headless.problems.contains(&ReceiptProblem::AmountMissing)), (None, true));
    assert_eq!(headless.transaction.as_deref(), Some("4200002901202606251234567890"));
    let footless = look(&Damage { cut_bottom: 0.45, width: 640, jpeg_quality: 40, ..Damage::none() }.apply(&page)).reading;
    assert_eq!((footless.amount_fen, footless.transaction), (Some(8000), None));
    assert!(footless.problems.contains(&ReceiptProblem::TransactionMissing), "{:?}", footless.problems);
}

#[test]
fn two_screenshots_in_one_picture() {
    let page = draw(fonts(), &Receipt::plain());
    let below = look(&Damage { joined: Joined::Below, ..Damage::none() }.apply(&page)).reading;
    assert_eq!((below.amount_fen, below.transaction.as_deref()), (Some(8000), Some("4200002901202606251234567890")));
    let other = Receipt { amount_fen: 9900, transaction: "4200002901202606259876543210".to_owned(), ..Receipt::plain() };
    let both = look(&page.beside(&draw(fonts(), &other))).reading;
    assert_eq!((both.amount_fen, both.transaction), (None, None));
    assert!(both.problems.contains(&ReceiptProblem::SeveralOrders), "{:?}", both.problems);
}

#[test]
fn the_same_picture_is_known_again_and_another_order_is_not_it() {
    let page = draw(fonts(), &Receipt::plain());
    let first = look(&page);
    let (transaction, order) = (first.transaction_print.unwrap(), first.order_print.unwrap());
    let damages =
        [Damage { cut_top: 0.045, jpeg_quality: 60, ..Damage::none() }, Damage { width: 700, jpeg_quality: 70, ..Damage::none() }];
    for damage in damages {
        let copy = look(&damage.apply(&page));
        let print = copy.transaction_print.unwrap();
        assert!(print.distance(&transaction) <= NumberPrint::SAME, "{} {damage:?}", print.distance(&transaction));
        assert!(print.bands().iter().zip(transaction.bands()).any(|(a, b)| *a == b), "{damage:?}");
        assert!(copy.order_print.unwrap().distance(&order) <= NumberPrint::SAME, "{damage:?}");
        assert_eq!(copy.signs, [], "{damage:?}");
    }
    // A person who paid the same fee the same minute: only the number's end is another.
    let other = look(&draw(fonts(), &Receipt { transaction: "4200002901202606251234561134".to_owned(), ..Receipt::plain() }));
    let distance = other.transaction_print.unwrap().distance(&transaction);
    assert!(distance > NumberPrint::SAME, "{distance}");
    assert_eq!(first.signs, []);
}

#[test]
fn an_edited_value_raises_a_sign_where_it_stands() {
    let forged = Receipt { transaction: "4200002901202606259876543210".to_owned(), ..Receipt::plain() };
    for (edit, kind) in [(Edit::Weight, SignKind::Weight), (Edit::Clean, SignKind::Noise), (Edit::Ground, SignKind::Ground)] {
        let look = look(&edited(fonts(), &Receipt::plain(), &forged, Part::Transaction, edit, 3));
        assert!(look.signs.iter().any(|sign| (sign.field, sign.kind) == ("transaction", kind)), "{edit:?}: {:?}", look.signs);
        assert_eq!(look.reading.transaction.as_deref(), Some("4200002901202606259876543210"), "it is read as it stands");
    }
}

#[test]
fn something_else() {
    let reading = vision().read_receipt(&photograph("astronaut.png")).unwrap();
    assert_eq!(reading.problems, [ReceiptProblem::NotAReceipt]);
}
