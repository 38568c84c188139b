//! What an exam asks of its candidates: the document and the face, the document alone, or neither.

use baokao::staff::Role;

use crate::exams::{edit, published};
use crate::support::scene::{Exam, Person};
use crate::support::{Client, Page, TestApp};

const ENROLLED: [(&str, &str); 2] = [("subject", "03"), ("study_status", "enrolled")];

async fn asking(app: &TestApp, checks: &str) -> Exam {
    let exam = app.an_exam("offline").await;
    app.tamper(&format!("update exams set checks = '{checks}'")).await;
    exam
}

async fn begin(person: &Person, exam: &Exam) -> Page {
    person.client.post(&format!("/exams/{}/start", exam.reference), &[]).await
}

/// Through the notice; where it leads then.
async fn past_the_notice(app: &TestApp, person: &Person, exam: &Exam) -> (String, Page) {
    begin(person, exam).await.goes_to("/registrations/");
    let base = format!("/registrations/{}", app.text("select ref from registrations").await);
    let page = person.client.get(&format!("{base}/notice")).await;
    app.clock.advance(5_000);
    let next = person.client.submit(&page, "/notice", &[]).await;
    (base, next)
}

async fn approve(app: &TestApp, staff: &Client, base: &str) -> Page {
    let version = app.number("select version from registrations").await.to_string();
    staff.post(&format!("/console/review/payment/{}/approve", base.replace("/registrations/", "")), &[("version", &version)]).await
}

async fn state(app: &TestApp) -> String {
    app.text("select state || ' ' || face_state from registrations").await
}

both! {
    async fn without_the_face_the_document_is_enough(app: TestApp) {
        let exam = asking(&app, "real_name").await;
        let person = app.a_candidate("王喆", "会计学").await;
        person.client.get(&format!("/exams/{}", exam.reference)).await.says("只要实名认证");
        let (base, next) = past_the_notice(&app, &person, &exam).await;
        next.goes_to(&format!("{base}/information"));
        let page = person.client.follow(next).await;
        page.expect(200).says("须知").says("信息").says("缴费").says_not("人脸");
        // The step is not there, by any way.
        person.client.get(&format!("{base}/face")).await.goes_to(&format!("{base}/information"));
        person.client.post(&format!("{base}/face/start"), &[]).await.expect(409).says("这场考试不需要人脸识别");
        person.client.submit(&page, "/information", &ENROLLED).await.goes_to(&format!("{base}/payment"));
        person.client.post(&format!("{base}/payment"), &[]).await.goes_to(&format!("{base}/done"));
        let staff = app.a_staff_member(&[Role::Reviewer, Role::Registrar]).await;
        staff.get(&format!("/console{base}")).await.says("这场考试不需要").says_not("现场核验");
        staff.get(&format!("/console{base}/onsite")).await.says("这场考试不需要人脸识别");
        staff.open(&format!("/console/review/payment/next?exam={}", exam.reference)).await.says("王喆").says_not("人脸审核还没有");
        // The name is still asked for.
        app.tamper("update accounts set real_name_state = 'none'").await;
        approve(&app, &staff, &base).await.expect(409).says("这名考生的实名认证现在没有通过");
        app.tamper("update accounts set real_name_state = 'verified'").await;
        approve(&app, &staff, &base).await.goes_to("/console/");
        assert_eq!(state(&app).await, "approved none");
    }

    async fn where_the_face_is_asked_for_nothing_goes_on_without_it(app: TestApp) {
        let exam = asking(&app, "face").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let (base, next) = past_the_notice(&app, &person, &exam).await;
        next.goes_to(&format!("{base}/face"));
        person.client.post(&format!("{base}/information"), &ENROLLED).await.expect(409);
        app.tamper("update registrations set state = 'submitted'").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        approve(&app, &staff, &base).await.expect(409).says("人脸审核还没有通过");
    }

    async fn without_either_nobody_shows_a_document(app: TestApp) {
        let exam = asking(&app, "none").await;
        let person = app.a_candidate("王喆", "会计学").await;
        app.tamper("update accounts set real_name_state = 'none', verified_at = null").await;
        person.client.get(&format!("/exams/{}", exam.reference)).await.says("不需要").says_not("实名认证");
        let (base, next) = past_the_notice(&app, &person, &exam).await;
        let page = person.client.follow(next).await;
        person.client.submit(&page, "/information", &ENROLLED).await.goes_to(&format!("{base}/payment"));
        person.client.post(&format!("{base}/payment"), &[]).await.goes_to(&format!("{base}/done"));
        let staff = app.a_staff_member(&[Role::Reviewer, Role::Registrar]).await;
        staff.open(&format!("/console/review/payment/next?exam={}", exam.reference)).await.says("王喆");
        approve(&app, &staff, &base).await.goes_to("/console/");
        let room = [("site", "南校区"), ("address", "芙蓉南路"), ("name", "A1"), ("columns", "5"), ("rows", "6")];
        staff.post(&format!("/console/seating/{}/rooms", exam.reference), &room).await.expect(303);
        staff.post(&format!("/console/seating/{}/arrange", exam.reference), &[("seed", "s")]).await.expect(303);
        staff.post(&format!("/console/seating/{}/release", exam.reference), &[("count", "1")]).await.expect(303);
        person.client.get(&format!("{base}/ticket.pdf")).await.expect(200);
        // The same person is not let into an exam that asks for more.
        app.tamper("update exams set checks = 'real_name'").await;
        person.client.get(&format!("{base}/ticket.pdf")).await.expect(409).says("实名认证需要重新进行");
        app.tamper("update registrations set state = 'withdrawn'").await;
        begin(&person, &exam).await.expect(409).says("请先完成实名认证");
    }

    async fn once_published_less_can_be_asked_but_not_more(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar, Role::Reviewer]).await;
        let reference = published(&staff, &[("checks", "real_name")]).await;
        let exam = Exam { id: app.number("select id from exams").await, reference, subject: app.number("select id from subjects").await };
        // Nobody has registered yet: it can still be taken back.
        edit(&staff, &exam.reference, &[("checks", "none")]).await.goes_to("/console/exams/");
        edit(&staff, &exam.reference, &[("checks", "real_name")]).await.goes_to("/console/exams/");
        let early = app.a_candidate("李雷", "会计学").await;
        app.a_registration(&early, &exam, "withdrawn").await;
        edit(&staff, &exam.reference, &[("checks", "real_name")]).await.goes_to("/console/exams/");
        app.tamper("update registrations set state = 'drafting'").await;
        let more = edit(&staff, &exam.reference, &[("checks", "face")]).await;
        app.tamper("delete from registrations").await;
        more.expect(422).says("现在是“只要实名认证”，只能减少，不能增加。");
        edit(&staff, &exam.reference, &[("checks", "everything")]).await.expect(422).says("请选择身份核验的方式。");
        app.tamper("update exams set checks = 'face'").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "submitted").await;
        app.tamper("update registrations set face_state = 'person'").await;
        let base = format!("/registrations/{registration}");
        approve(&app, &staff, &base).await.expect(409);
        person.client.get(&base).await.says("人脸照片正在等待学校审核");
        edit(&staff, &exam.reference, &[("checks", "real_name")]).await.goes_to("/console/exams/");
        app.run_jobs().await;
        assert!(app.text("select body from messages order by id desc limit 1").await.contains("身份核验改为只要实名认证"));
        person.client.get(&base).await.says_not("人脸照片正在等待");
        approve(&app, &staff, &base).await.goes_to("/console/");
        assert!(app.text("select detail from audit where action = 'exam.edit'").await.contains("只要实名认证"));
    }

    async fn whoever_was_sent_back_for_the_face_alone_stands_where_they_stood(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let reference = published(&staff, &[("payment_way", "offline")]).await;
        let exam = Exam { id: app.number("select id from exams").await, reference, subject: app.number("select id from subjects").await };
        app.tamper("update subjects set taken = 2").await;
        let mut each = Vec::new();
        for (name, face) in [("王喆", "none"), ("李雷", "passed")] {
            let registration = app.a_registration(&app.a_candidate(name, "会计学").await, &exam, "returned").await;
            app.tamper(&format!("update registrations set face_state = '{face}', reason = '看不清' where ref = '{registration}'")).await;
            each.push(registration);
        }
        edit(&staff, &exam.reference, &[("checks", "real_name")]).await.goes_to("/console/exams/");
        let stands = async |registration: &str| app.text(&format!("select state || reason from registrations where ref = '{registration}'")).await;
        assert_eq!(stands(&each[0]).await, "submitted");
        assert_eq!(stands(&each[1]).await, "returned看不清", "another reason stands");
    }

    async fn a_face_that_is_not_asked_for_any_more_sends_nobody_back(app: TestApp) {
        let exam = app.an_exam("offline").await;
        for (checks, after) in [("face", "returned none"), ("real_name", "submitted none")] {
            app.tamper(&format!("update exams set checks = '{checks}'")).await;
            let person = app.a_candidate("王喆", "会计学").await;
            app.tamper("delete from registration_history").await;
            app.tamper("delete from registrations").await;
            app.a_registration(&person, &exam, "submitted").await;
            let id = app.number("select id from registrations").await;
            let mut tx = app.db.begin().await.expect("a transaction");
            let (outcome, actor) = (baokao::registrations::actions::reports::FaceOutcome::Returned, baokao::audit::Actor::Command);
            baokao::registrations::actions::reports::face(&app, &mut tx, id, outcome, None, &actor, "看不清").await.expect("reported");
            tx.commit().await.expect("committed");
            assert_eq!(state(&app).await, after);
            assert_eq!(app.text("select reason from registrations").await, if checks == "face" { "看不清" } else { "" });
        }
    }
}
