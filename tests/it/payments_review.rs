//! The payment queue: who may decide, and that nobody decides twice.

use baokao::staff::Role;

use crate::support::scene::{Exam, Person};
use crate::support::{Client, Page, TestApp};

/// A registration at the school's counter: handed in, face passed, nothing uploaded.
async fn waiting(app: &TestApp, exam: &Exam, name: &str) -> (Person, String) {
    let person = app.a_candidate(name, "会计学").await;
    let registration = app.a_registration(&person, exam, "submitted").await;
    (person, registration)
}

fn case(registration: &str) -> String {
    format!("/console/review/payment/{registration}")
}

async fn decide(staff: &Client, registration: &str, way: &str, fields: &[(&str, &str)]) -> Page {
    let page = staff.get(&case(registration)).await;
    page.expect(200);
    let version = page.form_value("version").expect("a version");
    let all: Vec<(&str, &str)> = fields.iter().copied().chain([("version", version.as_str())]).collect();
    staff.post(&format!("{}/{way}", case(registration)), &all).await
}

async fn state(app: &TestApp, registration: &str) -> String {
    app.text(&format!("select state from registrations where ref = '{registration}'")).await
}

both! {
    async fn only_reviewers_see_and_decide(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let (person, registration) = waiting(&app, &exam, "王喆").await;
        let other = app.a_staff_member(&[]).await;
        let administrator = app.a_staff_member(&[Role::Administrator]).await;
        for staff in [&other, &administrator] {
            for path in ["/console/review/payment".to_owned(), case(&registration), format!("{}/picture", case(&registration))] {
                staff.get(&path).await.expect(403).says("您的账号没有这项权限");
            }
            staff.get(&format!("/console/review/payment/next?exam={}", exam.reference)).await.expect(403);
            staff.post(&format!("{}/approve", case(&registration)), &[("version", "1")]).await.expect(403);
            staff.post(&format!("{}/return", case(&registration)), &[("version", "1"), ("words", "不行")]).await.expect(403);
        }
        for stranger in [&app.client(), &person.client] {
            stranger.get(&case(&registration)).await.goes_to("/console/login");
            stranger.post(&format!("{}/approve", case(&registration)), &[("version", "1")]).await.goes_to("/console/login");
        }
        assert_eq!(state(&app, &registration).await, "submitted");
    }

    async fn approving_and_returning_leave_traces_and_tell_the_candidate(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let (_, one) = waiting(&app, &exam, "王喆").await;
        let (_, two) = waiting(&app, &exam, "李雷").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        staff.get("/console/review/payment").await.expect(200).says("王喆").says("李雷").says("到校缴费");
        // On to the next case after each decision, until none is left.
        decide(&staff, &one, "approve", &[]).await.goes_to("/console/review/payment/next");
        let next = staff.open(&format!("/console/review/payment/next?exam={}&after={one}", exam.reference)).await;
        next.says("李雷");
        let reason = "截图看不清，请重新上传完整、清晰的订单详情截图。";
        let done = decide(&staff, &two, "return", &[("reason", reason)]).await;
        staff.follow(done).await.expect(200).says("可以审核的报名都已处理");
        assert_eq!((state(&app, &one).await.as_str(), state(&app, &two).await.as_str()), ("approved", "returned"));
        assert_eq!(app.text(&format!("select reason from registrations where ref = '{two}'")).await, reason);
        // One decision, one line.
        assert_eq!(app.number("select count(*) from audit where subject_kind = 'registration'").await, 2);
        for action in ["payment.approve", "payment.return"] {
            assert_eq!(app.number(&format!("select count(*) from audit where action = '{action}' and actor_kind = 'staff'")).await, 1, "{action}");
        }
        assert_eq!(app.number("select count(*) from jobs where kind = 'messages.deliver'").await, 2);
        assert_eq!(app.number("select count(*) from payment_leases").await, 0);
    }

    async fn the_candidates_own_sentence_counts_before_the_template(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let (_, registration) = waiting(&app, &exam, "王喆").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        decide(&staff, &registration, "return", &[("words", " ")]).await.expect(422).says("请填写退回原因，考生会看到这句话。");
        decide(&staff, &registration, "return", &[("reason", "other"), ("words", "请面谈。")]).await.expect(422).says("退回原因刚刚有修改，请重新选择。");
        decide(&staff, &registration, "return", &[("words", &"长".repeat(201))]).await.expect(422).says("不能超过 200 字");
        decide(&staff, &registration, "return", &[("words", "请到教务处面谈。")]).await.goes_to("/console/");
        assert_eq!(app.text("select reason from registrations").await, "请到教务处面谈。");
    }

    async fn the_face_comes_before_the_approval(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let (_, registration) = waiting(&app, &exam, "王喆").await;
        app.tamper("update registrations set face_state = 'person'").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let page = staff.get(&case(&registration)).await;
        page.expect(200).says("人脸审核还没有通过");
        let approve = staff.post(&format!("{}/approve", case(&registration)), &[("version", "1")]).await;
        approve.expect(409).says("这名考生的人脸审核还没有通过，请先完成人脸审核。");
        assert_eq!(state(&app, &registration).await, "submitted");
        assert_eq!(app.number("select count(*) from audit where action = 'payment.approve'").await, 0);
        // Nor does it come up as the next case.
        staff.open(&format!("/console/review/payment/next?exam={}", exam.reference)).await.says("可以审核的报名都已处理");
    }

    async fn a_case_that_is_left_is_free_for_the_next(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let (_, registration) = waiting(&app, &exam, "王喆").await;
        let [first, second] = [app.a_staff_member(&[Role::Reviewer]).await, app.a_staff_member(&[Role::Reviewer]).await];
        let page = first.get(&case(&registration)).await;
        assert!(page.body().contains(&format!("data-case=\"{registration}\"")));
        second.get(&case(&registration)).await.expect(409).says("正在审核");
        // Nobody leaves for another.
        let now = app.clock.now().0.to_string();
        let leave = async |who: &Client, seen: &str| {
            who.post("/console/review/leave", &[("desk", "payment"), ("case", &registration), ("seen", seen)]).await.expect(204);
        };
        leave(&second, &now).await;
        second.get(&case(&registration)).await.expect(409);
        // Loaded anew, the old page says that it was left only after the new one was made.
        app.clock.advance(1_000);
        first.get(&case(&registration)).await.expect(200);
        leave(&first, &now).await;
        second.get(&case(&registration)).await.expect(409);
        let now = app.clock.now().0.to_string();
        leave(&first, &now).await;
        second.get(&case(&registration)).await.expect(200);
        // What another holds now stays theirs; a desk that is none has nothing to give back.
        leave(&first, &now).await;
        first.get(&case(&registration)).await.expect(409);
        first.post("/console/review/leave", &[("desk", "nothing"), ("case", &registration)]).await.expect(204);
    }

    async fn two_reviewers_never_hold_the_same_case(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let (_, one) = waiting(&app, &exam, "王喆").await;
        let (_, two) = waiting(&app, &exam, "李雷").await;
        let first = app.a_staff_member(&[Role::Reviewer]).await;
        let second = app.a_staff_member(&[Role::Reviewer]).await;
        let next = format!("/console/review/payment/next?exam={}", exam.reference);
        first.get(&next).await.goes_to(&case(&one));
        second.get(&next).await.goes_to(&case(&two));
        second.get(&case(&one)).await.expect(409).says("老师正在审核这份报名，请审核下一份。");
        second.post(&format!("{}/approve", case(&one)), &[("version", "1")]).await.expect(409).says("正在审核这份报名");
        second.get("/console/review/payment").await.expect(200).says("老师");
        // Five minutes later it is free again, and then it is the second one's.
        app.clock.advance(301_000);
        second.get(&case(&one)).await.expect(200);
        first.post(&format!("{}/approve", case(&one)), &[("version", "1")]).await.expect(409).says("正在审核这份报名");
        assert_eq!(state(&app, &one).await, "submitted");
    }

    async fn a_case_that_changed_meanwhile_is_not_decided(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let (_, registration) = waiting(&app, &exam, "王喆").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        staff.get(&case(&registration)).await.expect(200);
        app.tamper("update registrations set version = 2").await;
        staff.post(&format!("{}/approve", case(&registration)), &[("version", "1")]).await.expect(409).says("这份报名刚刚有变动");
        decide(&staff, &registration, "approve", &[]).await.goes_to("/console/");
        // And not twice.
        let again = staff.post(&format!("{}/approve", case(&registration)), &[("version", "3")]).await;
        again.expect(409).says("这份报名现在不需要审核");
    }

    async fn looking_at_a_screenshot_is_written_down(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "awaiting_payment").await;
        let png = baokao_specimen::encode::png(&baokao_specimen::RgbImage::new(20, 20));
        person.client.upload(&format!("/registrations/{registration}/proof"), &[], &[("picture", "a.png", &png)]).await.expect(303);
        app.tamper("update proofs set state = 'read', submitted_at = 1").await;
        app.tamper("update registrations set state = 'submitted', proof = (select id from proofs)").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let picture = staff.get(&format!("{}/picture", case(&registration))).await;
        assert_eq!(picture.expect(200).bytes, png);
        assert_eq!(app.number("select count(*) from audit where action = 'payment.view'").await, 1);
    }
}
