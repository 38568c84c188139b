//! The search over stored faces: off by default; where it is on, a face of another account is shown to a person.

use std::sync::Arc;

use baokao::app::App;
use baokao::face::stored::{self, Gauge};
use baokao::jobs::{self, Queue};
use baokao::router::router;
use baokao::staff::Role;

use super::poses::{self as poses, jpeg};
use super::scene::{Person, candidate, person};
use crate::support::TestApp;

/// The same site with faces stored for so many days: another process.
async fn keeping(app: &TestApp, days: i64) -> App {
    let mut config = app.config.clone();
    config.face_template_days = days;
    App::open(config, app.clock.clone()).await.expect("another process")
}

async fn work(app: &App) {
    for queue in [Queue::Vision, Queue::Default, Queue::Vision] {
        while jobs::run_one(app, queue).await.expect("the queue can be reached") {}
    }
}

fn before(one: Person, app: &App) -> Person {
    Person { client: one.client.at(router(app.clone())), ..one }
}

/// A whole live check of the candidate's face, looked at by this process.
async fn pass(test: &TestApp, one: &Person, app: &App) {
    let challenge = one.start().await;
    one.submit(test, &challenge.nonce, &challenge.followed()).await.goes_to(&one.at("/wait/"));
    work(app).await;
}

const STORED: &str = "select count(*) from face_templates where template_enc is not null";

both! {
    async fn by_default_no_face_is_stored(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        one.pass_live(&app).await;
        assert_eq!(one.face(&app).await, "passed");
        assert_eq!(app.number("select count(*) from face_templates").await, 0);
        let gauge = Gauge::read(app.app(), &mut app.db.read().await.expect("a connection")).await.expect("read");
        assert_eq!(gauge, Gauge { stored: 0, days: 0 });
    }

    async fn a_face_of_another_account_is_shown_to_a_person_by_whichever_process(app: TestApp) {
        let (first, second) = (keeping(&app, 180).await, keeping(&app, 180).await);
        let one = before(candidate(&app).await, &first);
        let page = one.client.open(&one.at("")).await;
        page.says("加密保存 180 天").says("只交给工作人员查看");
        one.agree().await;
        pass(&app, &one, &first).await;
        assert_eq!((one.face(&app).await.as_str(), app.number(STORED).await), ("passed", 1));
        // Sealed, and for one account.
        assert_eq!(app.number("select count(*) from face_templates where expires_at - changed_at = 15552000000").await, 1);

        // The second process has read nothing yet; the first knows what it wrote itself.
        let two = before(person(&app, "李同脸", Some(poses::portrait())).await, &second);
        two.agree().await;
        pass(&app, &two, &second).await;
        assert_eq!((two.check(&app).await.as_str(), two.face(&app).await.as_str()), ("person", "person"), "not refused, not passed");
        assert_eq!(app.number(STORED).await, 1, "nothing is stored before the person decides");
        let page = two.client.open(&two.at(&format!("/result/{}", two.check_ref(&app).await))).await;
        page.says("已提交，等待人工核对");
        assert!(!page.has("考生甲") && !page.has("另一账号"), "a candidate hears nothing of the other");

        let reviewer = app.a_staff_member(&[Role::Reviewer]).await.at(router(second.clone()));
        let case = reviewer.open(&format!("/console/review/face/{}", two.check_ref(&app).await)).await;
        case.says("与另一账号的人脸相似").says("与其他账号的人脸相似").says("考**").says("****");
        assert!(!case.has("考生甲"), "the other is masked");
        reviewer.submit(&case, "/approve", &[]).await.expect(303);
        work(&first).await;
        assert_eq!((two.face(&app).await.as_str(), app.number(STORED).await), ("passed", 2));

        // Two that a person has approved beside each other are not shown again; somebody new is.
        let third = before(person(&app, "王同脸", Some(poses::portrait())).await, &first);
        third.agree().await;
        pass(&app, &third, &first).await;
        assert_eq!(third.check(&app).await, "person");
        assert_eq!(app.number("select count(*) from face_matches").await, 3, "one and then both");
        app.tamper(&format!("update registrations set face_state = 'none' where ref = '{}'", one.registration)).await;
        pass(&app, &one, &second).await;
        assert_eq!(one.check(&app).await, "passed", "the second was approved beside the first; the third is not stored");
        first.db.close().await;
        second.db.close().await;
    }

    async fn two_at_the_same_moment_do_not_miss_each_other(app: TestApp) {
        let (first, second) = (keeping(&app, 30).await, keeping(&app, 30).await);
        let (one, two) = (candidate(&app).await, person(&app, "李同脸", Some(poses::portrait())).await);
        let photo = jpeg(poses::candidate());
        let picture = baokao_vision::decode(&photo, &baokao_vision::DecodeLimits::default()).expect("a picture");
        let face = Arc::new(app.vision.embedding(&picture).expect("models").expect("a face"));
        let id = |one: &Person| format!("select account from registrations where ref = '{}'", one.registration);
        let (one, two) = (app.number(&id(&one)).await, app.number(&id(&two)).await);
        // Both have searched before either has stored.
        let found = stored::search(&first, one, &face).await.expect("searched");
        let also = stored::search(&second, two, &face).await.expect("searched");
        let mut tx = first.db.begin().await.expect("a transaction");
        assert!(stored::settle(&first, &mut tx, one, &found, true).await.expect("settled").is_empty());
        tx.commit().await.expect("committed");
        let mut tx = second.db.begin().await.expect("a transaction");
        let others = stored::settle(&second, &mut tx, two, &also, true).await.expect("settled");
        tx.commit().await.expect("committed");
        assert_eq!(others.iter().map(|other| other.account).collect::<Vec<_>>(), [one]);
        assert_eq!(app.number(STORED).await, 1);
        first.db.close().await;
        second.db.close().await;
    }

    async fn a_stored_face_goes_with_its_consent_its_time_and_the_switch(app: TestApp) {
        let on = keeping(&app, 30).await;
        let one = before(candidate(&app).await, &on);
        one.agree().await;
        let account = app.number("select account from registrations").await;
        let picture = baokao_vision::decode(&jpeg(poses::candidate()), &baokao_vision::DecodeLimits::default()).expect("a picture");
        let face = app.vision.embedding(&picture).expect("models").expect("a face");
        let keep = async || {
            let searched = stored::search(&on, account, &face).await.expect("searched");
            let mut tx = on.db.begin().await.expect("a transaction");
            stored::settle(&on, &mut tx, account, &searched, true).await.expect("settled");
            tx.commit().await.expect("committed");
            assert_eq!(app.number(STORED).await, 1);
        };
        let is_found = async || {
            let mut conn = on.db.read().await.expect("a connection");
            let gauge = Gauge::read(&on, &mut conn).await.expect("read");
            drop(conn);
            let searched = stored::search(&on, account + 1, &face).await.expect("searched");
            let mut tx = on.db.begin().await.expect("a transaction");
            let found = stored::settle(&on, &mut tx, account + 1, &searched, false).await.expect("settled").len();
            (gauge.stored, found)
        };
        keep().await;
        assert_eq!(is_found().await, (1, 1));
        // On the page of the step, and on the page of all consents.
        one.client.post(&one.at("/withdraw"), &[]).await.expect(303);
        assert_eq!(is_found().await, (0, 0));
        one.agree().await;
        keep().await;
        let page = one.client.open("/me/privacy").await;
        page.says("保存的人脸特征会删除").says("文本指纹").says("网络地址");
        one.client.post("/me/privacy/withdraw", &[("kind", "face")]).await.expect(303);
        work(&on).await;
        assert_eq!(is_found().await, (0, 0));
        // After its days.
        one.agree().await;
        keep().await;
        app.clock.advance(30 * 86_400_000 - 1);
        on.purge().await.expect("purged");
        assert_eq!(app.number(STORED).await, 1);
        app.clock.advance(1);
        on.purge().await.expect("purged");
        assert_eq!(is_found().await, (0, 0));
        // Where the operator has switched it off, at the next purge; and what was agreed to was another text.
        keep().await;
        app.purge().await.expect("purged");
        assert_eq!(is_found().await, (0, 0));
        on.db.close().await;
    }

    async fn who_agreed_to_another_text_is_asked_again_and_not_stored(app: TestApp) {
        let on = keeping(&app, 30).await;
        let one = candidate(&app).await;
        one.agree().await;
        let other = before(Person { client: one.client.clone(), base: one.base.clone(), registration: one.registration.clone() }, &on);
        other.client.post(&other.at("/start"), &[]).await.expect(409).says("请先阅读并同意人脸识别的说明");
        // Sent before the switch, looked at after it.
        let challenge = one.start().await;
        one.submit(&app, &challenge.nonce, &challenge.followed()).await.goes_to(&one.at("/wait/"));
        work(&on).await;
        assert_eq!((one.face(&app).await.as_str(), app.number(STORED).await), ("passed", 0));
        on.db.close().await;
    }
}
