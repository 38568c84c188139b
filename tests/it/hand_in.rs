//! Handing in, sending back and approving: that a name was verified and a face seen, and that no page says otherwise than its action.

use baokao::registrations::actions::own::own_data;
use baokao::staff::Role;

use crate::identity::blank;
use crate::support::TestApp;
use crate::support::scene::Exam;

async fn state(app: &TestApp, registration: &str) -> String {
    app.text(&format!("select state from registrations where ref = '{registration}'")).await
}

/// A submitted registration of an exam paid at the school; its number.
async fn submitted(app: &TestApp, exam: &Exam) -> String {
    app.a_registration(&app.a_candidate("王喆", "会计学").await, exam, "submitted").await
}

both! {
    async fn a_name_that_is_not_verified_is_neither_approved_nor_on_a_ticket(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "submitted").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let case = format!("/console/review/payment/{registration}");
        let next = format!("/console/review/payment/next?exam={}", exam.reference);
        for real_name in ["none", "pending", "person", "failed"] {
            app.tamper(&format!("update accounts set real_name_state = '{real_name}'")).await;
            staff.get(&next).await.goes_to("/console/review/payment?exam=");
            staff.get(&case).await.expect(200).says("这名考生的实名认证现在没有通过").says_not("通过 A");
            staff.post(&format!("{case}/approve"), &[("version", "1")]).await.expect(409).says("这名考生的实名认证现在没有通过");
        }
        app.tamper("update accounts set real_name_state = 'verified'").await;
        staff.get(&next).await.goes_to(&case);
        staff.post(&format!("{case}/approve"), &[("version", "1")]).await.expect(303);
        assert_eq!(state(&app, &registration).await, "approved");
        // Whoever corrects the number is told what hangs on it.
        let account = app.text(&format!("select ref from accounts where id = {}", person.id)).await;
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        admin.get(&format!("/console/accounts/{account}/number")).await.says("这位考生已通过“2026年上半年学位外语考试”的审核");

        let room = [("site", "南校区"), ("address", "芙蓉南路"), ("name", "A1"), ("columns", "5"), ("rows", "6")];
        let hall = format!("/console/seating/{}", exam.reference);
        staff.post(&format!("{hall}/rooms"), &room).await.expect(303);
        staff.post(&format!("{hall}/arrange"), &[]).await.expect(303);
        staff.post(&format!("{hall}/release"), &[("count", "1")]).await.expect(303);
        let ticket = format!("/registrations/{registration}/ticket.pdf");
        app.tamper("update accounts set real_name_state = 'none'").await;
        person.client.get(&ticket).await.expect(409).says("您的实名认证需要重新进行，通过后即可下载准考证。");
        app.tamper("update accounts set real_name_state = 'verified'").await;
        person.client.get(&ticket).await.expect(200);
    }

    async fn nothing_is_handed_in_while_the_face_is_missing(app: TestApp) {
        let sentence = "请先重新完成人脸识别，再提交报名。";
        for (way, before) in [("offline", "awaiting_payment"), ("offline", "returned"), ("free", "awaiting_payment")] {
            let exam = app.an_exam(way).await;
            let person = app.a_candidate("王喆", "会计学").await;
            let registration = app.a_registration(&person, &exam, before).await;
            let base = format!("/registrations/{registration}");
            let send = async || match way {
                "free" => person.client.post(&format!("{base}/information"), &[("subject", "03"), ("study_status", "enrolled")]).await,
                _ => person.client.post(&format!("{base}/payment"), &[]).await,
            };
            app.tamper(&format!("update registrations set face_state = 'none', reason = '请摘下口罩。' where ref = '{registration}'")).await;
            send().await.expect(409).says(sentence);
            assert_eq!(state(&app, &registration).await, before);
            person.client.get(&format!("{base}/next")).await.goes_to(&format!("{base}/face"));
            // A person may still have to look at it: that is enough to go on.
            app.tamper(&format!("update registrations set face_state = 'person' where ref = '{registration}'")).await;
            send().await.goes_to(&format!("{base}/done"));
            assert_eq!(app.text(&format!("select state || reason from registrations where ref = '{registration}'")).await, "submitted", "{way}");
        }
        // Neither is the information of one that will be paid.
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("李雷", "").await;
        let registration = app.a_registration(&person, &exam, "awaiting_payment").await;
        app.tamper(&format!("update registrations set face_state = 'none' where ref = '{registration}'")).await;
        let information = [("subject", "03"), ("study_status", "enrolled")];
        person.client.post(&format!("/registrations/{registration}/information"), &information).await.expect(409).says(sentence);
    }

    async fn pages_offer_what_the_action_takes(app: TestApp) {
        let exam = app.an_exam("page").await;
        app.tamper("update exams set edit_until = pay_until + 86400000").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let returned = app.a_registration(&person, &exam, "returned").await;
        let late = app.a_candidate("李雷", "会计学").await;
        let unpaid = app.a_registration(&late, &exam, "awaiting_payment").await;
        // The payment is over, changes are not: who has handed in once may mend it, who has not may not.
        app.at("2026-07-01T09:00");
        let base = format!("/registrations/{returned}");
        assert_eq!(person.client.get(&base).await.link("重新提交"), format!("{base}/next"));
        person.client.get(&base).await.says_not("缴费已于");
        assert_eq!(person.client.get("/").await.link("继续报名"), format!("{base}/next"));
        person.client.upload(&format!("{base}/proof"), &[], &[("picture", "a.png", &blank())]).await.expect(303);
        let page = late.client.get(&format!("/registrations/{unpaid}")).await;
        page.says("缴费已于 2026年6月30日 18:00 截止").says_not("继续报名");
        late.client.get("/").await.says_not("继续报名");
        late.client.upload(&format!("/registrations/{unpaid}/proof"), &[], &[("picture", "a.png", &blank())]).await.expect(409);
    }

    async fn what_was_sent_back_is_handed_in_again_from_its_page(app: TestApp) {
        for (way, place) in [("page", "next"), ("offline", "payment"), ("free", "change")] {
            let exam = app.an_exam(way).await;
            let person = app.a_candidate("王喆", "会计学").await;
            let registration = app.a_registration(&person, &exam, "returned").await;
            let base = format!("/registrations/{registration}");
            let page = person.client.get(&base).await;
            assert_eq!(page.expect(200).link("重新提交"), format!("{base}/{place}"), "{way}");
            if way == "page" {
                continue;
            }
            let there = person.client.get(&page.link("重新提交")).await;
            let sent = person.client.submit(there.expect(200), place, &[]).await;
            if way == "free" {
                sent.goes_to(&format!("{base}/information"));
                let information = [("subject", "03"), ("study_status", "enrolled")];
                person.client.post(&format!("{base}/information"), &information).await.goes_to(&format!("{base}/done"));
            } else {
                sent.goes_to(&format!("{base}/done"));
            }
            assert_eq!(state(&app, &registration).await, "submitted", "{way}");
        }
        app.at("2026-07-01T09:00");
        for way in ["page", "offline", "free"] {
            let exam = app.an_exam(way).await;
            let person = app.a_candidate("王喆", "会计学").await;
            let late = app.a_registration(&person, &exam, "returned").await;
            person.client.get(&format!("/registrations/{late}")).await.expect(200).says_not("重新提交");
        }
    }

    async fn a_return_that_comes_too_late_says_so_to_both(app: TestApp) {
        let exam = app.an_exam("page").await;
        let cases = [
            ("2026-06-30T17:00", false, "请按提示修改后重新提交，已经缴费的请勿重复缴费。"),
            ("2026-06-30T18:00", true, "提交和修改的时间已过，请联系学校，已经缴费的请勿重复缴费。"),
        ];
        for (moment, is_late, todo) in cases {
            app.at(moment);
            let staff = app.a_staff_member(&[Role::Reviewer]).await;
            let registration = submitted(&app, &exam).await;
            let case = format!("/console/review/payment/{registration}");
            let page = staff.get(&case).await;
            assert_eq!(page.has("现在退回，考生不能再提交"), is_late, "{moment}");
            staff.post(&format!("{case}/return"), &[("version", "1"), ("words", "截图看不清。")]).await.expect(303);
            app.run_jobs().await;
            let message = app.text("select title || '|' || body from messages order by id desc limit 1").await;
            let title = if is_late { "报名被退回" } else { "报名被退回，需要您处理" };
            assert_eq!(message, format!("{title}|原因：截图看不清。 {todo}"));
        }
    }

    async fn an_export_names_no_staff_and_speaks_chinese(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let person = app.a_candidate("王喆", "会计学").await;
        app.a_registration(&person, &exam, "returned").await;
        app.tamper("update registrations set study_status = 'graduated', thesis_grade = 'good'").await;
        app.tamper(
            "insert into registration_history (id, registration, at, actor_kind, actor_id, actor_name, from_state, to_state, step, why, detail)
             select 9, id, 1, 'staff', 1, '李老师', 'submitted', 'returned', 'return', '截图看不清。', '{}' from registrations",
        ).await;
        let data = own_data(&mut app.db.read().await.expect("a connection"), person.id).await.expect("data");
        assert_eq!(data[0]["论文等级"], "良");
        let line = &data[0]["记录"][0];
        assert_eq!((line["经办"].as_str(), line["事项"].as_str(), line["说明"].as_str(), line["状态"].as_str()), (Some("学校"), Some("审核退回"), Some("截图看不清。"), Some("已退回")));
        assert!(!data.to_string().contains("李老师"));
    }

    async fn a_free_exam_is_not_called_one_that_is_paid_at_the_school(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let free = app.an_exam("free").await;
        let registration = submitted(&app, &free).await;
        staff.get(&format!("/console/review/payment?exam={}", free.reference)).await.says("免费").says_not("到校缴费");
        staff.get(&format!("/console/review/payment/{registration}")).await.says("这次考试不收费").says_not("到校缴费").says_not("¥");
        let offline = app.an_exam("offline").await;
        let registration = submitted(&app, &offline).await;
        staff.get(&format!("/console/review/payment?exam={}", offline.reference)).await.says("到校缴费");
        staff.get(&format!("/console/review/payment/{registration}")).await.says("这次考试到校缴费").says("¥80.00");
    }

    async fn so_many_screenshots_and_no_more(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let address = format!("/registrations/{}/proof", app.a_registration(&person, &exam, "awaiting_payment").await);
        let upload = async || person.client.upload(&address, &[], &[("picture", "a.png", &blank())]).await;
        upload().await.expect(303);
        let copy = |n: i64| format!(
            "insert into proofs (id, ref, registration, account, picture, picture_sha, state, channel, kind, transaction_no, order_no, payee, status, reading, corrected,
                                 problems, created_at, reason)
             select {n}, 'copy{n}', registration, account, picture, picture_sha, state, channel, kind, transaction_no, order_no, payee, status, reading, corrected,
                    problems, created_at, reason from proofs where ref not like 'copy%'"
        );
        for n in 1..19 {
            app.tamper(&copy(n)).await;
        }
        upload().await.expect(303);
        upload().await.expect(409).says("上传的截图已达 20 张，请从已上传的截图中选择，或联系学校。");
        assert_eq!(app.number("select count(*) from proofs").await, 20);
    }

    async fn the_code_is_saved_by_a_touch_and_the_notice_remembers_from_where(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        person.client.post(&format!("/exams/{}/start", exam.reference), &[]).await.goes_to("/registrations/");
        let base = format!("/registrations/{}", app.text("select ref from registrations").await);
        let page = person.client.get(&format!("{base}/notice")).await;
        app.clock.advance(5_000);
        person.client.submit(&page, "/notice", &[]).await.expect(303);
        let detail = app.text("select detail from registration_history where step = 'notice'").await;
        assert_eq!(serde_json::from_str::<serde_json::Value>(&detail).expect("json"), serde_json::json!({ "version": 1, "address": "127.0.0.1" }));

        app.tamper("update registrations set state = 'awaiting_payment', face_state = 'passed'").await;
        let page = person.client.get(&format!("{base}/payment")).await;
        let code = format!("<a href=\"{base}/payment/qr.png?save=1\" download=\"付款二维码.png\" aria-label=\"保存二维码到相册\"><img ");
        assert!(page.expect(200).body().contains(&code), "the picture itself is the link");
    }
}
