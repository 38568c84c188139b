//! What is to pay: the exam's fee or the subject's own, as it was when somebody handed in.

use baokao::staff::Role;

use crate::exams::{edit, published};
use crate::support::TestApp;

/// Of a registration, as a candidate reads it; `¥80.00`.
async fn fee_of(person: &crate::support::scene::Person, registration: &str) -> String {
    let words = person.client.get(&format!("/registrations/{registration}")).await.words();
    words.split("报名费 ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_else(|| panic!("no fee in {words}")).to_owned()
}

both! {
    async fn a_subject_may_cost_its_own(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = published(&staff, &[("subject_fee", "120")]).await;
        let page = staff.get(&format!("/console/exams/{exam}/edit")).await;
        assert_eq!(page.form_value("subject_fee").as_deref(), Some("120.00"));
        staff.submit(&page, "/edit", &[("subject_fee", "很多"), ("act", "save")]).await.expect(422).says("第 1 行：");
        staff.submit(&page, "/edit", &[("subject_fee", "0"), ("act", "save")]).await.expect(422).says("报名费要大于 0");
        // The other subject costs what the exam costs.
        let id = app.number("select id from exams").await;
        let dear = app.number("select id from subjects").await;
        let plain = app.a_subject(id, "02", "日语", "2026-07-12T14:00", "2026-07-12T16:00").await;
        app.client().get("/").await.says("报名费 ¥80.00 至 ¥120.00");
        app.client().get(&format!("/exams/{exam}")).await.says("¥120.00，名额不限").says("¥80.00，名额不限");
        staff.get(&format!("/console/exams/{exam}")).await.says("¥120.00").says("¥80.00");

        let person = app.a_candidate("王喆", "会计学").await;
        let its = crate::support::scene::Exam { id, reference: exam.clone(), subject: dear };
        let registration = app.a_registration(&person, &its, "awaiting_payment").await;
        let base = format!("/registrations/{registration}");
        person.client.get(&format!("{base}/payment")).await.expect(200).says("¥120.00").says_not("¥80.00");
        person.client.get(&format!("{base}/information")).await.expect(200).says("¥120.00").says("¥80.00");
        person.client.post(&format!("{base}/information"), &[("subject", "02"), ("study_status", "enrolled")]).await.expect(303);
        assert_eq!(app.number("select subject from registrations").await, plain);
        person.client.get(&format!("{base}/payment")).await.expect(200).says("¥80.00").says_not("¥120.00");

        // A change of it is told to those who chose the subject, and asked about before.
        let asked = staff.submit(&staff.get(&format!("/console/exams/{exam}/edit")).await, "/edit", &[("fee", "85"), ("act", "save")]).await;
        asked.expect(200).says("科目“日语”的报名费改为 ¥85.00").says("仍按提交时的报名费核对").says_not("科目“英语”");
        staff.submit(&asked, "/edit", &[("act", "save")]).await.expect(303);
        app.run_jobs().await;
        assert!(app.text("select body from messages order by id desc limit 1").await.contains("科目“日语”的报名费改为 ¥85.00"));

        // Where nothing is to pay, no subject costs anything.
        let free = published(&staff, &[("payment_way", "free"), ("fee", ""), ("subject_fee", "120"), ("ticket_prefix", "262")]).await;
        assert_eq!(app.number(&format!("select count(*) from subjects s join exams e on e.id = s.exam where e.ref = '{free}' and s.fee_fen is null")).await, 1);
    }

    async fn who_has_handed_in_is_asked_for_what_was_asked_then(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = app.an_exam("offline").await;
        let other = app.a_subject(exam.id, "04", "法语", "2026-07-12T14:00", "2026-07-12T16:00").await;
        let (early, late) = (app.a_candidate("王喆", "会计学").await, app.a_candidate("李雷", "会计学").await);
        let handed_in = app.a_registration(&early, &exam, "awaiting_payment").await;
        let waiting = app.a_registration(&late, &exam, "awaiting_payment").await;
        app.tamper("update subjects set taken = 2 where code = '03'").await;
        early.client.post(&format!("/registrations/{handed_in}/payment"), &[]).await.expect(303);
        edit(&staff, &exam.reference, &[("fee", "95")]).await.expect(303);
        app.run_jobs().await;
        // Who owes what was asked is not told of another fee.
        let told = |person: i64| format!("select count(*) from messages where account = {person} and body like '%报名费改为%'");
        assert_eq!((app.number(&told(early.id)).await, app.number(&told(late.id)).await), (0, 1));

        assert_eq!((fee_of(&early, &handed_in).await, fee_of(&late, &waiting).await), ("¥80.00".into(), "¥95.00".into()));
        staff.get(&format!("/console/review/payment/{handed_in}")).await.expect(200).says("¥80.00").says_not("¥95.00");
        staff.get(&format!("/console/registrations/{handed_in}")).await.says("¥80.00");
        staff.get("/console").await.says("待审核 ¥80.00").says("待缴费 ¥95.00");

        // Sent back and handed in again, it costs what it did; another subject costs what that costs now.
        let case = format!("/console/review/payment/{handed_in}");
        staff.post(&format!("{case}/return"), &[("version", &app.text("select cast(version as text) from registrations where state = 'submitted'").await), ("words", "请到学校缴费。")]).await.expect(303);
        early.client.post(&format!("/registrations/{handed_in}/payment"), &[]).await.expect(303);
        assert_eq!(fee_of(&early, &handed_in).await, "¥80.00");
        early.client.post(&format!("/registrations/{handed_in}/change"), &[]).await.expect(303);
        assert_eq!(fee_of(&early, &handed_in).await, "¥80.00");
        app.tamper(&format!("update subjects set fee_fen = 7000 where id = {other}")).await;
        early.client.post(&format!("/registrations/{handed_in}/information"), &[("subject", "04"), ("study_status", "enrolled")]).await.expect(303);
        assert_eq!(fee_of(&early, &handed_in).await, "¥70.00");
    }

    async fn what_was_free_is_asked_anew_once_it_comes_back(app: TestApp) {
        let exam = app.an_exam("free").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "drafting").await;
        let base = format!("/registrations/{registration}");
        person.client.post(&format!("{base}/information"), &[("subject", "03"), ("study_status", "enrolled")]).await.expect(303);
        assert_eq!((fee_of(&person, &registration).await, app.number("select fee_fen from registrations").await), ("免费".into(), 0));
        app.tamper("update exams set payment_way = 'offline'").await;
        assert_eq!(fee_of(&person, &registration).await, "免费");
        person.client.post(&format!("{base}/change"), &[]).await.expect(303);
        assert_eq!(fee_of(&person, &registration).await, "¥80.00");
        // And the other way round: what has to be handed in again costs nothing once the exam does not.
        app.tamper("update registrations set fee_fen = 8000").await;
        app.tamper("update exams set payment_way = 'free'").await;
        assert_eq!(fee_of(&person, &registration).await, "免费");
        person.client.post(&format!("{base}/information"), &[("subject", "03"), ("study_status", "enrolled")]).await.expect(303);
        assert_eq!(app.number("select fee_fen from registrations").await, 0);
    }
}
