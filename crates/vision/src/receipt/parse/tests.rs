use super::super::words::LABELS;
use super::*;

fn at(text: &str, left: f32, top: f32, right: f32, bottom: f32) -> TextLine {
    TextLine { text: text.to_owned(), left, top, right, bottom }
}

/// WeChat's details of a payment to a merchant, as found by the detector.
fn wechat() -> Vec<TextLine> {
    let mut lines = vec![
        at("18:16", 57.0, 22.0, 187.0, 87.0),
        at("账单详情", 427.0, 120.0, 653.0, 198.0),
        at("样本大学继续教育学院", 295.0, 471.0, 781.0, 535.0),
        at("-80.00", 348.0, 570.0, 728.0, 699.0),
        at("账单服务", 40.0, 1867.0, 215.0, 1935.0),
        at("对订单有疑惑", 45.0, 1971.0, 326.0, 2033.0),
        at("本服务由财付通提供", 381.0, 2221.0, 695.0, 2276.0),
    ];
    let rows = [
        ("当前状态", "支付成功"),
        ("支付时间", "2026年6月25日18:13:24"),
        ("商品", "2026年学位论文水平考试报名费"),
        ("商户全称", "样本大学继续教育学院"),
        ("收单机构", "财付通支付科技有限公司"),
        ("支付方式", "零钱"),
        ("交易单号", "4200002901202606251234567890"),
        ("商户单号", "可在支持的商户扫码退款"),
    ];
    for (index, (label, value)) in (0u8..).zip(rows) {
        let top = 810.0 + 99.0 * f32::from(index);
        lines.push(at(label, 44.0, top, 241.0, top + 69.0));
        lines.push(at(value, 305.0, top + 4.0, 305.0 + 35.0 * value.chars().count() as f32, top + 66.0));
    }
    lines
}

fn replaced(lines: &[TextLine], from: &str, to: &str) -> Vec<TextLine> {
    let change = |line: &TextLine| TextLine { text: if line.text == from { to.to_owned() } else { line.text.clone() }, ..line.clone() };
    lines.iter().map(change).collect()
}

#[test]
fn wechat_payment() {
    let reading = parse(&wechat());
    let json = serde_json::to_string(&reading).unwrap();
    assert_eq!(
        json,
        "{\"channel\":\"wechat\",\"kind\":\"payment\",\"amount_fen\":8000,\"paid_at\":\"2026-06-25T18:13:24+08:00\",\
         \"transaction\":\"4200002901202606251234567890\",\"order\":null,\"payee\":\"样本大学继续教育学院\",\"status\":\"支付成功\",\"problems\":[]}"
    );
}

#[test]
fn labels_and_values_read_as_one_line() {
    let mut lines = wechat();
    lines.retain(|line| line.left < 44.0 || line.left > 306.0 || line.text.contains("80.00"));
    for (index, text) in (0u8..).zip(["当前状态 支付成功", "支付时间：2026年6月25日 18:13:24", "交易单号 4200002901202606251234567890"])
    {
        let top = 810.0 + 99.0 * f32::from(index);
        lines.push(at(text, 44.0, top, 900.0, top + 69.0));
    }
    let reading = parse(&lines);
    assert_eq!(reading.status.as_deref(), Some("支付成功"));
    assert_eq!(reading.transaction.as_deref(), Some("4200002901202606251234567890"));
    assert_eq!(reading.paid_at.as_deref(), Some("2026-06-25T18:13:24+08:00"));
}

#[test]
fn alipay_payment() {
    let mut lines = vec![
        at("账单详情", 427.0, 120.0, 653.0, 198.0),
        at("样本大学继续教育学院", 296.0, 442.0, 787.0, 516.0),
        at("-80.00", 354.0, 539.0, 718.0, 660.0),
        at("交易成功", 441.0, 675.0, 635.0, 744.0),
        at("账单管理", 40.0, 1699.0, 241.0, 1767.0),
    ];
    let rows = [
        ("支付时间", "2026-06-25 18:13:24"),
        ("付款方式", "余额宝"),
        ("收款方全称", "样本大学继续教育学院"),
        ("订单号", "2026062522001412345678901234"),
        ("商家订单号", "BK20260625181324000017"),
    ];
    for (index, (label, value)) in (0u8..).zip(rows) {
        let top = 836.0 + 99.0 * f32::from(index);
        lines.push(at(label, 44.0, top, 44.0 + 48.0 * label.chars().count() as f32, top + 68.0));
        lines.push(at(value, 1036.0 - 24.0 * value.chars().count() as f32, top, 1036.0, top + 64.0));
    }
    let reading = parse(&lines);
    assert_eq!((reading.channel, reading.kind), (Channel::Alipay, ReceiptKind::Payment));
    assert_eq!(reading.amount_fen, Some(8000));
    assert_eq!(reading.transaction.as_deref(), Some("2026062522001412345678901234"));
    assert_eq!(reading.order.as_deref(), Some("BK20260625181324000017"));
    assert_eq!(reading.payee.as_deref(), Some("样本大学继续教育学院"));
    assert_eq!(reading.status.as_deref(), Some("交易成功"));
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
}

#[test]
fn a_transfer_to_a_person_is_named() {
    let mut lines = vec![
        at("转账-转给王老师", 353.0, 465.0, 723.0, 537.0),
        at("-80.00", 348.0, 570.0, 728.0, 699.0),
        at("12345", 304.0, 1470.0, 450.0, 1536.0),
    ];
    let rows = [
        ("当前状态", "对方已收钱"),
        ("转账说明", "报名费"),
        ("收款方备注", "二维码收款"),
        ("转账时间", "2026年6月25日 18:13:24"),
        ("收款时间", "2026年6月25日18:15:02"),
        ("支付方式", "招商银行(0000)"),
        ("转账单号", "10000500012026062501234567890"),
    ];
    for (index, (label, value)) in (0u8..).zip(rows) {
        let top = 810.0 + 99.0 * f32::from(index);
        lines.push(at(label, 44.0, top, 241.0, top + 69.0));
        lines.push(at(value, 304.0, top + 4.0, 304.0 + 25.0 * value.chars().count() as f32, top + 66.0));
    }
    let reading = parse(&lines);
    assert_eq!((reading.channel, reading.kind), (Channel::Wechat, ReceiptKind::Transfer));
    assert_eq!(reading.problems, [ReceiptProblem::TransferToPerson]);
    assert_eq!(reading.transaction.as_deref(), Some("1000050001202606250123456789012345"), "the number goes on below");
    assert_eq!(reading.paid_at.as_deref(), Some("2026-06-25T18:13:24+08:00"));
    assert_eq!(reading.payee.as_deref(), Some("王老师"));
}

#[test]
fn what_is_wrong_is_named() {
    let has = |lines: &[TextLine], problem: ReceiptProblem| assert_eq!(parse(lines).problems, [problem]);
    has(&replaced(&wechat(), "支付成功", "已全额退款"), ReceiptProblem::Refunded);
    has(&replaced(&wechat(), "支付成功", "等待付款"), ReceiptProblem::NotPaid);
    has(&replaced(&wechat(), "支付成功", ""), ReceiptProblem::StatusMissing);
    has(&replaced(&wechat(), "-80.00", ""), ReceiptProblem::AmountMissing);
    has(&replaced(&wechat(), "-80.00", "+80.00"), ReceiptProblem::NotPaid);
    has(&replaced(&wechat(), "2026年6月25日18:13:24", "昨天"), ReceiptProblem::TimeMissing);
    has(&replaced(&wechat(), "4200002901202606251234567890", "模糊"), ReceiptProblem::TransactionMissing);
    // A digit too few: it was misread, and nobody knows where.
    let short = replaced(&wechat(), "4200002901202606251234567890", "420000290120260625123456789");
    has(&short, ReceiptProblem::TransactionMissing);
    assert_eq!(parse(&short).transaction, None);
    has(&replaced(&wechat(), "支付成功", "已退款(￥30.00)"), ReceiptProblem::PartlyRefunded);
    has(&replaced(&wechat(), "支付成功", "已退款(￥80.00)"), ReceiptProblem::Refunded);
    has(&replaced(&wechat(), "2026年6月25日18:13:24", "2026年6月20日18:13:24"), ReceiptProblem::TransactionMismatch);
}

/// The same page in another language: label for label, value for value.
fn translated(pairs: &[(&str, &str)]) -> ReceiptReading {
    let lines = pairs.iter().fold(wechat(), |lines, (from, to)| replaced(&lines, from, to));
    parse(&lines)
}

#[test]
fn other_languages_of_the_application() {
    let simplified = parse(&wechat());
    let traditional = translated(&[
        ("当前状态", "當前狀態"),
        ("支付时间", "支付時間"),
        ("商户全称", "商戶全稱"),
        ("收单机构", "收單機構"),
        ("交易单号", "交易單號"),
        ("商户单号", "商戶單號"),
        ("账单服务", "賬單服務"),
    ]);
    assert_eq!(traditional, simplified);
    let english = translated(&[
        ("当前状态", "Current Status"),
        ("支付成功", "Payment successful"),
        ("支付时间", "Payment Time"),
        ("2026年6月25日18:13:24", "Jun 25, 2026 18:13:24"),
        ("商品", "Product"),
        ("商户全称", "Merchant Name"),
        ("收单机构", "Acquirer"),
        ("支付方式", "Payment Method"),
        ("交易单号", "Transaction ID"),
        ("商户单号", "Merchant Order No."),
        ("账单服务", "Bill services"),
    ]);
    assert_eq!(english, ReceiptReading { status: Some("Payment successful".to_owned()), ..simplified });
}

#[test]
fn a_refund_in_a_row_of_its_own() {
    let mut lines = replaced(&wechat(), "收单机构", "退款金额");
    for (back, problem) in [("￥30.00", ReceiptProblem::PartlyRefunded), ("￥80.00", ReceiptProblem::Refunded)] {
        lines = replaced(&lines, "财付通支付科技有限公司", back);
        assert_eq!(parse(&lines).problems, [problem], "{back}");
        lines = replaced(&lines, back, "财付通支付科技有限公司");
    }
}

#[test]
fn values_that_go_on_below() {
    let mut lines = replaced(&wechat(), "2026年6月25日18:13:24", "2026年6月25日");
    // Rows stand 99 apart; a value goes on 60 below its first line.
    lines.push(at("18:13:24", 305.0, 973.0, 500.0, 1035.0));
    lines.push(at("成人教育中心", 305.0, 1171.0, 500.0, 1233.0));
    let reading = parse(&lines);
    assert_eq!(reading.paid_at.as_deref(), Some("2026-06-25T18:13:24+08:00"));
    assert_eq!(reading.payee.as_deref(), Some("样本大学继续教育学院成人教育中心"));
    // A time whose seconds were not read is no time.
    let cut = replaced(&wechat(), "2026年6月25日18:13:24", "2026年6月25日18:13:2");
    assert_eq!((parse(&cut).paid_at, parse(&cut).problems), (None, vec![ReceiptProblem::TimeMissing]));
}

fn shifted(lines: &[TextLine], right: f32, down: f32) -> Vec<TextLine> {
    let shift = |line: &TextLine| TextLine {
        left: line.left + right,
        right: line.right + right,
        top: line.top + down,
        bottom: line.bottom + down,
        ..line.clone()
    };
    lines.iter().map(shift).collect()
}

#[test]
fn two_screens_of_one_order_are_one_and_of_two_orders_are_told() {
    for (right, down) in [(1080.0, 0.0), (0.0, 2340.0)] {
        let twice = [wechat(), shifted(&wechat(), right, down)].concat();
        assert_eq!(parse(&twice), parse(&wechat()), "{right} {down}");
        // What one half lacks the other has.
        let (upper, lower): (Vec<_>, Vec<_>) = wechat().into_iter().partition(|line| line.top < 1200.0);
        assert_eq!(parse(&[upper, shifted(&lower, right, down)].concat()), parse(&wechat()), "{right} {down}");
        let other = replaced(&replaced(&wechat(), "-80.00", "-90.00"), "4200002901202606251234567890", "4200002901202606259876543210");
        let both = parse(&[wechat(), shifted(&other, right, down)].concat());
        assert_eq!((both.amount_fen, both.transaction.clone()), (None, None), "nothing is guessed");
        assert!(both.problems.contains(&ReceiptProblem::SeveralOrders), "{both:?}");
        assert_eq!(both.paid_at, parse(&wechat()).paid_at, "what both say is taken");
    }
}

#[test]
fn a_payment_around_midnight_may_carry_the_day_before() {
    let lines = replaced(&wechat(), "2026年6月25日18:13:24", "2026年6月26日00:00:03");
    assert!(parse(&lines).problems.is_empty());
}

#[test]
fn other_pictures_are_no_receipts() {
    assert_eq!(parse(&[]).problems, [ReceiptProblem::NotAReceipt]);
    let card = [at("姓名 王喆", 0.0, 0.0, 200.0, 40.0), at("110199199911232317", 0.0, 100.0, 400.0, 140.0)];
    assert_eq!(parse(&card).problems, [ReceiptProblem::NotAReceipt]);
    let price = [at("报名费", 0.0, 0.0, 200.0, 40.0), at("80.00", 0.0, 100.0, 400.0, 140.0)];
    assert_eq!(parse(&price).channel, Channel::Other);
    assert!(!parse(&price).problems.is_empty());
}

proptest::proptest! {
    /// Recognition gives lines in any order: labels first, values first, or mixed.
    #[test]
    fn the_order_of_the_lines_does_not_matter(lines in proptest::strategy::Strategy::prop_shuffle(proptest::strategy::Just(wechat()))) {
        proptest::prop_assert_eq!(parse(&lines), parse(&wechat()));
    }

    #[test]
    fn size_and_place_do_not_matter(scale in 0.3f32..3.0, right in -500f32..500.0, down in -500f32..500.0) {
        let moved: Vec<TextLine> = wechat().into_iter().map(|line| TextLine {
            left: line.left * scale + right,
            right: line.right * scale + right,
            top: line.top * scale + down,
            bottom: line.bottom * scale + down,
            ..line
        }).collect();
        proptest::prop_assert_eq!(parse(&moved), parse(&wechat()));
    }

    #[test]
    fn never_panics(texts in proptest::collection::vec(("\\PC{0,30}", -2000f32..2000.0, -2000f32..2000.0, 0f32..900.0, 0f32..200.0), 0..30)) {
        let lines: Vec<TextLine> = texts.into_iter().map(|(text, x, y, width, height)| at(&text, x, y, x + width, y + height)).collect();
        let _ = parse(&lines);
    }

    #[test]
    fn labels_with_anything_beside_them_never_panic(values in proptest::collection::vec("[0-9年月日: .A-Z退款成功]{0,40}", LABELS.len())) {
        let lines: Vec<TextLine> = LABELS.iter().zip(&values).enumerate().flat_map(|(i, (label, value))| {
            let top = 50.0 * i as f32;
            [at(label.word, 0.0, top, 100.0, top + 40.0), at(value, 150.0, top, 900.0, top + 40.0)]
        }).collect();
        let reading = parse(&lines);
        proptest::prop_assert!(reading.amount_fen.is_none_or(|fen| fen > 0));
    }
}
