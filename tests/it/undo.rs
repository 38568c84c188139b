//! A reviewer's decision can be taken back for ten seconds; before they are over it has no effect.

use baokao::staff::Role;
use baokao::types::DocumentKind;

use crate::identity::{blank, send};
use crate::support::scene::{Exam, Person};
use crate::support::{Client, TestApp};

const APPROVE: [(&str, &str); 1] = [("decision", "approve")];
const NEXT: &str = "/console/review/identity/next";

/// A candidate whose document goes to a person by design, and the address of the case.
async fn identity(app: &TestApp, name: &str, number: &str) -> (Person, String) {
    let person = app.candidate_with(DocumentKind::ForeignPermanentResident, name, number).await;
    send(&person, &blank(), &blank()).await.goes_to("/me/identity");
    app.run_jobs().await;
    let reference = app.text(&format!("select ref from identity_checks where account = {}", person.id)).await;
    (person, format!("/console/review/identity/{reference}"))
}

async fn payment(app: &TestApp, exam: &Exam, name: &str) -> (Person, String) {
    let person = app.a_candidate(name, "会计学").await;
    let registration = app.a_registration(&person, exam, "submitted").await;
    (person, registration)
}

async fn approve(staff: &Client, registration: &str) -> crate::support::Page {
    let case = format!("/console/review/payment/{registration}");
    staff.get(&case).await.expect(200);
    staff.post(&format!("{case}/approve"), &[("version", "1")]).await
}

both! {
    async fn a_decision_waits_and_is_taken_back(app: TestApp) {
        let mut app = app;
        app.undo_for(10).await;
        let (person, case) = identity(&app, "张三", "CAN110012345678").await;
        let (wang, li) = (app.staff("王老师", &[Role::Reviewer]).await, app.staff("李老师", &[Role::Reviewer]).await);
        wang.get(&case).await.expect(200).says_not("刚才的一件");
        wang.post(&case, &APPROVE).await.goes_to(NEXT);
        // Twice pressed is once decided.
        wang.post(&case, &APPROVE).await.goes_to(NEXT);
        app.run_jobs().await;
        wang.open(NEXT).await.says("刚才的一件：通过").says("撤销");
        li.open(NEXT).await.says("现在没有可以处理的实名审核").says_not("刚才的一件");
        li.open(&case).await.says("刚刚已经处理");
        li.post("/console/review/undo", &[]).await.goes_to("/console");
        person.client.get("/me/identity").await.says("人工审核中");
        assert_eq!(app.number("select count(*) from messages").await, 0);

        app.clock.advance(9_000);
        wang.post("/console/review/undo", &[]).await.goes_to(&case);
        wang.get(&case).await.expect(200).says("已撤销").says("通过");
        app.clock.advance(60_000);
        app.run_jobs().await;
        assert_eq!(app.text("select state from identity_checks").await, "person");

        wang.post(&case, &[("decision", "return"), ("reason", "照片模糊，看不清文字，请对焦清楚后重拍。"), ("reason", "照片反光或太暗，请换到光线均匀的地方重拍。")]).await.goes_to(NEXT);
        wang.open(NEXT).await.says("刚才的一件：退回");
        app.clock.advance(10_000);
        app.run_jobs().await;
        person.client.get("/me/identity").await.says("照片模糊").says("照片反光");
        wang.post("/console/review/undo", &[]).await.goes_to("/console");
        assert_eq!(app.text("select state from identity_checks").await, "returned");
        assert_eq!(app.number("select count(*) from audit where action = 'identity.return' and actor_name = '王老师'").await, 1);
        assert_eq!(app.number("select count(*) from audit where action = 'review.undo'").await, 1);
    }

    async fn the_next_decision_lets_the_last_one_take_effect(app: TestApp) {
        let mut app = app;
        app.undo_for(10).await;
        let exam = app.an_exam("offline").await;
        let ((_, one), (_, two)) = (payment(&app, &exam, "王喆").await, payment(&app, &exam, "李雷").await);
        let (_, case) = identity(&app, "张三", "CAN110012345678").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        approve(&staff, &one).await.goes_to("/console/review/payment/next");
        approve(&staff, &two).await.goes_to("/console/review/payment/next");
        let state = async |reference: &str| app.text(&format!("select state from registrations where ref = '{reference}'")).await;
        assert_eq!((state(&one).await.as_str(), state(&two).await.as_str()), ("approved", "submitted"));
        staff.get(&case).await.expect(200);
        staff.post(&case, &APPROVE).await.goes_to(NEXT);
        assert_eq!(state(&two).await, "approved");
        staff.post("/console/review/undo", &[]).await.goes_to(&case);
        app.clock.advance(20_000);
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from audit where action = 'payment.approve'").await, 2);
    }

    async fn what_was_withdrawn_meanwhile_stays_withdrawn(app: TestApp) {
        let mut app = app;
        app.undo_for(10).await;
        let exam = app.an_exam("offline").await;
        let (person, registration) = payment(&app, &exam, "王喆").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        approve(&staff, &registration).await.goes_to("/console/review/payment/next");
        person.client.post(&format!("/registrations/{registration}/withdraw"), &[("confirm", "yes")]).await.expect(303);
        app.clock.advance(10_000);
        app.run_jobs().await;
        assert_eq!(app.text("select state from registrations").await, "withdrawn");
    }

    async fn who_lost_the_permission_meanwhile_decides_nothing(app: TestApp) {
        let mut app = app;
        app.undo_for(10).await;
        let exam = app.an_exam("offline").await;
        let (_, registration) = payment(&app, &exam, "王喆").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        approve(&staff, &registration).await.goes_to("/console/review/payment/next");
        app.tamper("delete from staff_roles").await;
        app.clock.advance(10_000);
        app.run_jobs().await;
        assert_eq!(app.text("select state from registrations").await, "submitted");
    }
}
