use super::*;

fn filled() -> ExamForm {
    let subject = SubjectForm {
        code: "01".into(),
        name: "英语".into(),
        starts_at: "2026-12-20T09:00".into(),
        ends_at: "2026-12-20T11:00".into(),
        ..Default::default()
    };
    ExamForm {
        title: "学士学位外语考试".into(),
        opens_at: "2026-11-20T09:00".into(),
        closes_at: "2026-11-30T18:00".into(),
        fee: "80".into(),
        payment_url: "https://pay.example.edu.cn/fee?id=1".into(),
        ticket_prefix: "261".into(),
        ticket_rules: "带身份证\r\n\r\n 提前 30 分钟到场 ".into(),
        subjects: vec![subject, SubjectForm::default()],
        ..ExamForm::default()
    }
}

#[test]
fn a_filled_form_is_understood_and_later_deadlines_follow_the_close() {
    let values = read(&filled()).expect("valid");
    assert_eq!((values.edit_until, values.pay_until), (values.closes_at, values.closes_at));
    assert_eq!((values.fee, values.subjects.len(), values.ticket_rules.as_str()), (Fen(8000), 1, "带身份证\n提前 30 分钟到场"));
}

#[test]
fn each_wrong_field_gets_its_sentence() {
    let second = SubjectForm {
        code: "01".into(),
        name: String::new(),
        starts_at: "x".into(),
        ends_at: "2026-12-20T11:00".into(),
        capacity: "0".into(),
        ..Default::default()
    };
    let mut form = ExamForm {
        title: " ".into(),
        opens_at: "soon".into(),
        fee: "八十".into(),
        payment_url: "http://pay.example.edu.cn".into(),
        ticket_prefix: "26".into(),
        ticket_rules: "行\n".repeat(21),
        ..filled()
    };
    form.subjects.push(second);
    let problems = read(&form).expect_err("wrong");
    for field in ["title", "opens_at", "fee", "payment_url", "ticket_prefix", "ticket_rules"] {
        assert!(!problems.of(field).is_empty(), "{field}");
    }
    let rows: Vec<&str> = problems.iter().filter(|(field, _)| *field == "subjects").map(|(_, sentence)| sentence).collect();
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(rows.iter().all(|sentence| sentence.starts_with("第 3 行：")), "{rows:?}");
}

#[test]
fn a_window_that_ends_before_it_begins_is_refused() {
    let form = ExamForm { closes_at: "2026-11-20T09:00".into(), edit_until: "2026-11-01T00:00".into(), ..filled() };
    let problems = read(&form).expect_err("wrong");
    assert_eq!(problems.of("closes_at"), "报名截止时间要晚于开始时间。");
    assert!(!problems.of("edit_until").is_empty());
}

#[test]
fn whoever_may_sign_up_may_pay() {
    let early = |way: &str| ExamForm { pay_until: "2026-11-30T17:59".into(), payment_way: way.into(), ..filled() };
    for way in ["page", "offline"] {
        assert_eq!(read(&early(way)).expect_err("too early").of("pay_until"), "缴费截止时间不能早于报名截止时间。");
        assert!(read(&ExamForm { pay_until: "2026-11-30T18:00".into(), ..early(way) }).is_ok());
    }
    assert!(read(&early("free")).is_ok());
}

#[test]
fn only_https_addresses_are_payment_addresses() {
    for good in ["https://pay.example.cn", "https://pay.example.cn:8443/a?b=c#d"] {
        assert!(is_https(good), "{good}");
    }
    for bad in [
        "http://pay.example.cn",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://a b.cn",
        "https://user@pay.example.cn",
        "//pay.example.cn",
    ] {
        assert!(!is_https(bad), "{bad}");
    }
}
