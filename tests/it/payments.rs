//! Paying by the code, handing the order screenshot in, and its review.

use baokao::jobs::PRIORITY_WAITING;
use baokao::staff::Role;
use baokao_specimen::receipt::{self, Receipt};
use baokao_specimen::{Fonts, encode};

use crate::support::scene::{Exam, PAYEE, Person};
use crate::support::{Page, TestApp};

/// A small picture that is different for every `n`.
pub(crate) fn picture(n: u8) -> Vec<u8> {
    encode::png(&baokao_specimen::RgbImage::from_pixel(24, 32, image::Rgb([n, 200, 100])))
}

/// A WeChat transaction number of 18 June 2026.
const TRANSACTION: &str = "4200002345202606181234567890";
const BEFORE: &str = "切勿重复缴费";

/// Uploads a picture and writes what a reader would have read from it; the address of its page.
pub(crate) async fn read_proof(app: &TestApp, person: &Person, registration: &str, shade: u8, columns: &str) -> String {
    let page =
        person.client.upload(&format!("/registrations/{registration}/proof"), &[], &[("picture", "order.png", &picture(shade))]).await;
    let wait = page.next_address().unwrap_or_else(|| panic!("the upload answered {}: {}", page.status, page.words()));
    app.tamper("delete from jobs where kind = 'payments.read'").await;
    let reference = wait.split('/').nth(4).expect("a reference").to_owned();
    app.tamper(&format!(
        "update proofs set state = 'read', channel = 'wechat', kind = 'payment', amount_fen = 8000, paid_at = {}, transaction_no = '{TRANSACTION}',
                payee = '{PAYEE}', status = '支付成功' where ref = '{reference}'",
        app.clock.now().0
    ))
    .await;
    if !columns.is_empty() {
        app.tamper(&format!("update proofs set {columns} where ref = '{reference}'")).await;
    }
    format!("/registrations/{registration}/proof/{reference}")
}

/// Hands a proof in as it was read.
pub(crate) async fn hand_in(person: &Person, proof: &str) -> Page {
    let page = person.client.get(proof).await;
    page.expect(200);
    person.client.submit(&page, proof, &[]).await
}

/// A candidate whose registration waits for the payment.
pub(crate) async fn at_payment(app: &TestApp, exam: &Exam, name: &str) -> (Person, String) {
    let person = app.a_candidate(name, "会计学").await;
    let registration = app.a_registration(&person, exam, "awaiting_payment").await;
    (person, registration)
}

async fn state(app: &TestApp, registration: &str) -> String {
    app.text(&format!("select state from registrations where ref = '{registration}'")).await
}

both! {
    async fn the_payment_page_says_what_the_manual_says(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let page = person.client.get(&format!("/registrations/{registration}/payment")).await;
        page.expect(200).says("成人高等教育学士学位外语水平考试费").says("¥80.00").says("2026年6月30日 18:00").says("还剩 10 天 8 小时");
        page.says("打开微信【扫一扫】，点击【相册】").says("缴费人与报名人须为同一人");
        page.says("缴费信息填写和报名注册信息不一致导致的报考失败由考生自己负责").says("必须在报名时间截止前完成缴费");
        assert_eq!(page.link("我已缴费，上传订单截图"), format!("/registrations/{registration}/proof"));
        let qr = person.client.get(&page.link("保存二维码到相册")).await;
        qr.expect(200);
        assert!(qr.header("content-disposition").starts_with("attachment"));
        let picture = image::load_from_memory(&qr.bytes).expect("a PNG").to_luma8();
        let mut prepared = rqrr::PreparedImage::prepare(picture);
        assert_eq!(prepared.detect_grids()[0].decode().expect("a code").1, "https://pay.school.example/exam");
    }

    async fn a_missing_proof_is_asked_for(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let page = person.client.upload(&format!("/registrations/{registration}/proof"), &[], &[("picture", "", b"")]).await;
        page.expect(422).says("请先上传订单详情截图，再点击提交。");
        assert_eq!(state(&app, &registration).await, "awaiting_payment");
        // Nor does the way of those who pay at the school lead around it.
        person.client.post(&format!("/registrations/{registration}/payment"), &[]).await.expect(422).says("请先上传订单详情截图");
        let text = person.client.upload(&format!("/registrations/{registration}/proof"), &[], &[("picture", "a.png", b"not a picture")]).await;
        text.expect(422).says("请上传 JPG、PNG 或 WebP 格式的照片");
        // A PNG whose head claims 30,000 × 30,000 pixels.
        let mut bomb = picture(1);
        bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        bomb[29..33].copy_from_slice(&[0xe9, 0x45, 0x6f, 0xed]);
        let bomb = person.client.upload(&format!("/registrations/{registration}/proof"), &[], &[("picture", "a.png", &bomb)]).await;
        bomb.expect(422).says("照片的尺寸太大");
        assert_eq!(app.number("select count(*) from proofs").await, 0);
    }

    async fn no_step_is_skipped_by_handing_the_proof_in(app: TestApp) {
        for way in ["page", "offline"] {
            let exam = app.an_exam(way).await;
            let person = app.a_candidate("王喆", "会计学").await;
            let registration = app.a_registration(&person, &exam, "drafting").await;
            let sentence = "报名还没有填写完，请先完成前面的步骤。";
            let base = format!("/registrations/{registration}");
            let upload = person.client.upload(&format!("{base}/proof"), &[], &[("picture", "a.png", &picture(1))]).await;
            upload.expect(409).says(sentence);
            if way == "offline" {
                person.client.post(&format!("{base}/payment"), &[]).await.expect(409).says(sentence);
            }
            assert_eq!(state(&app, &registration).await, "drafting", "{way}");
        }
        assert_eq!(app.number("select count(*) from proofs").await, 0);
    }

    async fn an_upload_is_kept_before_it_is_read_and_read_once(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let page = person.client.upload(&format!("/registrations/{registration}/proof"), &[], &[("picture", "a.png", &picture(1))]).await;
        page.goes_to(&format!("/registrations/{registration}/proof/"));
        let wait = page.next_address().expect("a waiting page");
        assert_eq!(app.number(&format!("select count(*) from jobs where kind = 'payments.read' and priority = {PRIORITY_WAITING}")).await, 1);
        person.client.get(&wait).await.expect(200).says("正在识别订单截图").says("截图已经安全保存");
        let polled = person.client.clone().as_script().get(&wait).await.json();
        assert_eq!((polled["done"].as_bool(), polled["detail"].as_str()), (Some(false), Some("大约还需 3 秒")));
        // On another phone the same step goes on.
        person.client.get(&format!("/registrations/{registration}/proof")).await.goes_to(&wait);
        // A blank picture is no order; what the reader thinks of it is said, and the candidate types.
        app.run_jobs().await;
        let check = person.client.open(&wait).await;
        check.expect(200).says("请对照截图核对");
        person.client.submit(&check, "/proof/", &[]).await.expect(422).says("请填写交易单号");
        let typed = [("amount", "80"), ("transaction", TRANSACTION), ("paid_at", "2026-06-18T18:13")];
        person.client.submit(&check, "/proof/", &typed).await.goes_to(&format!("/registrations/{registration}/done"));
        assert_eq!(app.number("select count(*) from proofs where corrected = 1 and amount_fen = 8000").await, 1);
        // The job runs at least once; a second run changes nothing.
        app.tamper("update jobs set state = 'queued' where kind = 'payments.read'").await;
        app.run_jobs().await;
        assert_eq!(app.text("select transaction_no from proofs").await, TRANSACTION);
        assert_eq!(state(&app, &registration).await, "submitted");
    }

    async fn nothing_is_handed_in_after_the_deadline(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let proof = read_proof(&app, &person, &registration, 1, "").await;
        app.at("2026-06-30T18:00");
        let sentence = "缴费已于 2026年6月30日 18:00 截止，不能再提交订单截图";
        let upload = person.client.upload(&format!("/registrations/{registration}/proof"), &[], &[("picture", "a.png", &picture(2))]).await;
        upload.expect(409).says(sentence);
        hand_in(&person, &proof).await.expect(409).says(sentence);
        assert_eq!(state(&app, &registration).await, "awaiting_payment");
        // The code is gone too, also from its own address.
        let late = app.a_candidate("李雷", "").await;
        let other = app.a_registration(&late, &exam, "awaiting_payment").await;
        late.client.get(&format!("/registrations/{other}/payment")).await.expect(200).says("缴费时间已过");
        late.client.get(&format!("/registrations/{other}/payment/qr.png")).await.expect(409).says("缴费已于");
    }

    async fn who_handed_in_in_time_may_mend_the_proof_while_changes_are_allowed(app: TestApp) {
        let exam = app.an_exam("page").await;
        app.tamper("update exams set edit_until = edit_until + 86400000").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let proof = read_proof(&app, &person, &registration, 1, "").await;
        hand_in(&person, &proof).await.goes_to(&format!("/registrations/{registration}/done"));
        app.tamper("update registrations set state = 'returned', reason = '截图看不清'").await;
        app.at("2026-07-01T10:00");
        hand_in(&person, &proof).await.goes_to(&format!("/registrations/{registration}/done"));
        app.tamper("update registrations set state = 'returned'").await;
        app.at("2026-07-01T18:00");
        hand_in(&person, &proof).await.expect(409).says("缴费已于");
    }

    async fn nobody_is_shown_the_code_twice(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let payment = format!("/registrations/{registration}/payment");
        let proof = read_proof(&app, &person, &registration, 1, "").await;
        for standing in ["uploaded", "handed in", "accepted"] {
            match standing {
                "handed in" => {
                    hand_in(&person, &proof).await.goes_to("/registrations/");
                    // A change of the information asks for the proof again.
                    app.tamper("update registrations set state = 'awaiting_payment'").await;
                }
                "accepted" => {
                    app.tamper("update proofs set state = 'accepted'").await;
                }
                _ => {}
            }
            let page = person.client.get(&payment).await;
            page.expect(200).says(BEFORE).says("切勿重新支付，付款二维码不再显示").says_not("保存二维码到相册");
            assert!(!page.body().contains("qr.png"), "{standing}: the code is on the page");
            person.client.get(&format!("{payment}/qr.png")).await.expect(409).says("切勿重新支付");
        }
        // The earlier screenshot may be chosen, and one that was accepted is handed in as it is.
        let page = person.client.get(&format!("/registrations/{registration}/proof")).await;
        page.expect(200).says("切勿重新支付").says("使用这张截图");
        let chosen = person.client.get(&page.link("使用这张截图")).await;
        chosen.expect(200).says("这张截图此前已由老师确认");
        person.client.submit(&chosen, "/proof/", &[("transaction", "1111111111")]).await.goes_to("/registrations/");
        assert_eq!(app.text("select transaction_no from proofs").await, TRANSACTION);
        assert_eq!(state(&app, &registration).await, "submitted");
        // A returned one frees the code.
        app.tamper("update proofs set state = 'returned'").await;
        app.tamper("update registrations set state = 'returned'").await;
        person.client.get(&format!("{payment}/qr.png")).await.expect(200);
    }

    async fn a_transfer_is_refused_with_what_to_do(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let proof = read_proof(&app, &person, &registration, 1, "kind = 'transfer', problems = 'transfer_to_person'").await;
        let page = person.client.get(&proof).await;
        page.expect(200).says("这是给个人的转账，学校查不到这笔款").says("重新上传截图");
        let fields = [("amount", "80"), ("transaction", TRANSACTION)];
        person.client.post(&proof, &fields).await.expect(409).says("请上传通过学校缴费二维码缴费的订单详情截图");
        assert_eq!(state(&app, &registration).await, "awaiting_payment");
    }

    async fn what_is_odd_is_said_and_a_person_decides(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let odd = "amount_fen = 7900, paid_at = 1000, problems = 'refunded', payee = '某便利店'";
        let proof = read_proof(&app, &person, &registration, 1, odd).await;
        let page = person.client.get(&proof).await;
        page.says("支付金额与报名费不一致").says("报名费 ¥80.00，截图 ¥79.00").says("支付时间不在本次报名的缴费时间内");
        page.says("有退款").says("收款方与学校公布的不一致");
        hand_in(&person, &proof).await.goes_to("/registrations/");
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let case = staff.get(&format!("/console/review/payment/{registration}")).await;
        case.expect(200).says("金额与报名费不一致").says("支付时间不在缴费时间内").says("有退款").says("收款方与公布的不一致");
    }

    async fn the_same_order_twice_is_flagged_to_both_sides(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (first, one) = at_payment(&app, &exam, "王喆").await;
        let (second, two) = at_payment(&app, &exam, "李雷").await;
        let proof = read_proof(&app, &first, &one, 1, "").await;
        first.client.get(&proof).await.says_not("已用于另一份报名");
        hand_in(&first, &proof).await.goes_to("/registrations/");
        // The same number on another picture, and the same picture with another number.
        let number = read_proof(&app, &second, &two, 2, "").await;
        second.client.get(&number).await.says("这个交易单号已用于另一份报名").says_not("这张截图已用于");
        let other = "transaction_no = '4200002345202606180000000000'";
        let same = read_proof(&app, &second, &two, 1, other).await;
        second.client.get(&same).await.says("这张截图已用于另一份报名").says_not("这个交易单号已用于");
        hand_in(&second, &same).await.goes_to("/registrations/");
        // The other registration's number is none of the candidate's business, but the reviewer's.
        second.client.get(&same).await.says_not(&one);
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        for (mine, twin) in [(&one, &two), (&two, &one)] {
            let case = staff.get(&format!("/console/review/payment/{mine}")).await;
            case.expect(200).says("同一张截图在另一份报名中用过");
            assert_eq!(case.link(twin), format!("/console/review/payment/{twin}"));
        }
    }

    async fn others_find_nothing(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let proof = read_proof(&app, &person, &registration, 1, "").await;
        let (stranger, own) = at_payment(&app, &exam, "李雷").await;
        for path in [
            format!("/registrations/{registration}/payment"),
            format!("/registrations/{registration}/payment/qr.png"),
            format!("/registrations/{registration}/payment/picture"),
            format!("/registrations/{registration}/proof"),
            proof.clone(),
            format!("{proof}/picture"),
            format!("{proof}/wait"),
            // Another's proof under one's own registration.
            proof.replace(&registration, &own),
            format!("{}/picture", proof.replace(&registration, &own)),
        ] {
            stranger.client.get(&path).await.expect(404).says("没有找到");
            app.client().get(&path).await.goes_to("/login");
        }
        stranger.client.post(&proof, &[("amount", "80"), ("transaction", TRANSACTION)]).await.expect(404);
        stranger.client.post(&format!("/registrations/{registration}/payment"), &[]).await.expect(404).says("没有找到");
        stranger.client.post(&proof.replace(&registration, &own), &[("amount", "80"), ("transaction", TRANSACTION)]).await.expect(404);
        let upload = stranger.client.upload(&format!("/registrations/{registration}/proof"), &[], &[("picture", "a.png", &picture(9))]).await;
        upload.expect(404);
        person.client.get(&format!("{proof}/picture")).await.expect(200);
    }

    async fn who_pays_at_the_school_hands_in_without_a_screenshot(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let (person, registration) = at_payment(&app, &exam, "王喆").await;
        let page = person.client.get(&format!("/registrations/{registration}/payment")).await;
        page.expect(200).says("到学校缴纳").says_not("保存二维码");
        person.client.submit(&page, "/payment", &[]).await.goes_to(&format!("/registrations/{registration}/done"));
        assert_eq!(state(&app, &registration).await, "submitted");
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let case = staff.get(&format!("/console/review/payment/{registration}")).await;
        case.expect(200).says("这次考试到校缴费").says("请核对学校的收费记录");
        staff.submit(&case, "/return", &[]).await.expect(422).says("请填写退回原因");
        let version = case.form_value("version").expect("a version");
        staff.post(&format!("/console/review/payment/{registration}/approve"), &[("version", &version)]).await.goes_to("/console/");
        assert_eq!(state(&app, &registration).await, "approved");
    }
}

/// The pictures are drawn and read for real.
mod read_by_the_machine {
    use super::*;

    fn fonts() -> Fonts {
        Fonts::open(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fetched/fonts")).expect("make assets was run")
    }

    fn paid() -> Receipt {
        Receipt {
            payee: PAYEE.into(),
            paid_at: jiff::civil::date(2026, 6, 18).at(18, 13, 24, 0),
            transaction: TRANSACTION.into(),
            order: "M202606181813240001".into(),
            ..Receipt::plain()
        }
    }

    async fn upload(app: &TestApp, bytes: &[u8]) -> (Person, String, Page) {
        let exam = app.an_exam("page").await;
        let (person, registration) = at_payment(app, &exam, "王喆").await;
        let page = person.client.upload(&format!("/registrations/{registration}/proof"), &[], &[("picture", "a.jpg", bytes)]).await;
        app.run_jobs().await;
        let check = person.client.open(&page.next_address().expect("a waiting page")).await;
        check.expect(200);
        (person, registration, check)
    }

    #[tokio::test]
    async fn a_payment_is_read_and_handed_in_untouched() {
        let app = TestApp::sqlite().await;
        let bytes = encode::jpeg(&receipt::draw(&fonts(), &paid()).picture, 85);
        let (person, registration, check) = upload(&app, &bytes).await;
        assert_eq!(check.form_value("transaction").as_deref(), Some(TRANSACTION));
        assert_eq!(check.form_value("amount").as_deref(), Some("80.00"));
        assert_eq!(check.form_value("paid_at").as_deref(), Some("2026-06-18T18:13"));
        check.says("微信支付").says("支付成功").says_not("请确认").says_not("由老师核对");
        person.client.submit(&check, "/proof/", &[]).await.goes_to(&format!("/registrations/{registration}/done"));
        assert_eq!(app.number("select count(*) from proofs where corrected = 0 and submitted_at is not null").await, 1);
    }

    #[tokio::test]
    async fn a_transfer_is_known_as_one() {
        let app = TestApp::sqlite().await;
        let bytes = encode::jpeg(&receipt::draw(&fonts(), &Receipt { paid_at: paid().paid_at, ..Receipt::plain_transfer() }).picture, 85);
        let (_, registration, check) = upload(&app, &bytes).await;
        check.says("这是给个人的转账");
        assert!(!check.has_form("/proof/"), "a transfer cannot be handed in");
        assert_eq!(state(&app, &registration).await, "awaiting_payment");
    }

    #[tokio::test]
    async fn without_models_the_candidate_types_and_a_person_decides() {
        let app = TestApp::without_models().await;
        let (person, registration, check) = upload(&app, &picture(1)).await;
        check.says("系统没有读出这张截图的内容，请对照截图填写下面的内容");
        person.client.submit(&check, "/proof/", &[("amount", "80"), ("transaction", TRANSACTION)]).await.goes_to("/registrations/");
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        staff.get(&format!("/console/review/payment/{registration}")).await.expect(200).says("机器没有读出，内容由考生填写");
    }
}
