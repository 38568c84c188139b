//! The candidate's way through the steps of this feature, its windows and refusals, and who may see it.

use std::sync::Arc;

use baokao::registrations::{Step, store};
use baokao::web::client::Client as Asker;
use baokao::web::session::{self, Kind};
use tokio::sync::Barrier;

use crate::support::scene::Person;
use crate::support::{Client, TestApp};

/// The same candidate on another phone.
pub(crate) async fn another_phone(app: &TestApp, person: &Person) -> Client {
    let asker = Asker { address: "127.0.0.2".into(), https: false, user_agent: String::new(), wants_json: false, flash: None };
    let mut tx = app.db.begin().await.expect("a transaction");
    let cookie = session::open(app, &mut tx, Kind::Candidate, person.id, &asker).await.expect("a session");
    tx.commit().await.expect("committed");
    let client = app.client();
    client.set_cookie(Kind::Candidate.cookie(), cookie.value());
    client
}

async fn state(app: &TestApp, registration: &str) -> String {
    app.text(&format!("select state from registrations where ref = '{registration}'")).await
}

/// Answers the notice as a patient reader does.
async fn read_notice(app: &TestApp, client: &Client, registration: &str) {
    let page = client.get(&format!("/registrations/{registration}/notice")).await;
    page.expect(200);
    app.clock.advance(5_000);
    client.submit(&page, "/notice", &[]).await.goes_to(&format!("/registrations/{registration}/face"));
}

const ENROLLED: [(&str, &str); 2] = [("subject", "03"), ("study_status", "enrolled")];

both! {
    async fn the_way_leads_from_the_home_page_to_the_payment_and_goes_on_where_it_was_left(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let home = person.client.get("/").await;
        home.expect(200).says("正在报名").says("开始报名");
        person.client.submit(&home, "/start", &[]).await.goes_to("/registrations/");
        let registration = app.text("select ref from registrations").await;
        let base = format!("/registrations/{registration}");
        person.client.get("/").await.says("填写中").says("继续报名");

        // Every later step leads back to the one that is open.
        for step in ["information", "done", "next"] {
            person.client.get(&format!("{base}/{step}")).await.goes_to(&format!("{base}/notice"));
        }
        person.client.post(&format!("{base}/information"), &ENROLLED).await.expect(409).says("请先完成前面的步骤。");
        read_notice(&app, &person.client, &registration).await;
        person.client.get(&format!("{base}/information")).await.goes_to(&format!("{base}/face"));
        // What was accepted can be read again; it asks for nothing.
        let again = person.client.get(&format!("{base}/notice")).await;
        again.expect(200).says("阅读并了解");
        assert!(!again.has_form("/notice"));

        app.tamper("update registrations set face_state = 'passed'").await;
        let phone = another_phone(&app, &person).await;
        phone.get(&format!("{base}/next")).await.goes_to(&format!("{base}/information"));
        let page = phone.get(&format!("{base}/information")).await;
        page.expect(200).says("王喆").says("999999 19").says("会计学").says("英语").says("2026年7月12日 09:00 至 11:00");
        assert_eq!(page.link("个人信息"), "/me/information");
        phone.submit(&page, "/information", &ENROLLED).await.goes_to(&format!("{base}/payment"));
        assert_eq!(state(&app, &registration).await, "awaiting_payment");
        person.client.get(&format!("{base}/next")).await.goes_to(&format!("{base}/payment"));
        person.client.get(&base).await.expect(200).says("待缴费").says("已阅读报考须知").says("英语，在籍").says("继续报名");
        // The step can be looked at again, and what was chosen is there.
        let again = person.client.get(&format!("{base}/information")).await;
        assert_eq!(again.form_value("study_status").as_deref(), Some("enrolled"));
        let _ = exam;
    }

    async fn a_notice_accepted_at_once_is_refused(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        person.client.post(&format!("/exams/{}/start", exam.reference), &[]).await.goes_to("/registrations/");
        let registration = app.text("select ref from registrations").await;
        let notice = format!("/registrations/{registration}/notice");
        // By hand, without ever having seen it.
        person.client.post(&notice, &[("version", "1")]).await.expect(409).says("请先完整阅读报考须知，至少阅读 5 秒后再点击【我已阅读并了解】。");
        app.tamper("update registrations set notice_shown_at = null, notice_shown_version = null").await;
        let page = person.client.get(&notice).await;
        app.clock.advance(4_999);
        // Looking at it again does not begin anew, and does not count twice.
        person.client.get(&notice).await.expect(200);
        person.client.submit(&page, "/notice", &[]).await.expect(409).says("至少阅读 5 秒").says("须知");
        app.clock.advance(1);
        person.client.submit(&page, "/notice", &[]).await.goes_to(&format!("/registrations/{registration}/face"));
        assert_eq!(app.text("select notice_address from registrations").await, "127.0.0.1");
    }

    async fn graduates_need_a_thesis_grade_that_is_good_enough(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "drafting").await;
        let address = format!("/registrations/{registration}/information");
        let page = person.client.get(&address).await;
        let send = |fields: &'static [(&'static str, &'static str)]| person.client.post(&address, fields);
        send(&[]).await.expect(422).says("请选择考试科目。").says("请选择“在籍”或者“已毕业”。");
        send(&[("subject", "03"), ("study_status", "graduated")]).await.expect(422).says("已毕业的考生请选择论文等级。");
        let low = send(&[("subject", "03"), ("study_status", "graduated"), ("thesis_grade", "pass")]).await;
        low.expect(422).says("论文成绩需要达到“中”及以上才可以申请。");
        assert_eq!(low.form_value("thesis_grade").as_deref(), Some("pass"));
        send(&[("subject", "03"), ("study_status", "graduated"), ("thesis_grade", "fail")]).await.expect(422);
        assert_eq!(state(&app, &registration).await, "drafting");
        let fine = [("subject", "03"), ("study_status", "graduated"), ("thesis_grade", "fair")];
        person.client.submit(&page, "/information", &fine).await.goes_to(&format!("/registrations/{registration}/payment"));
        // Who is enrolled has no grade, whatever the form sends.
        send(&[("subject", "03"), ("study_status", "enrolled"), ("thesis_grade", "fail")]).await.goes_to("/registrations/");
        assert_eq!(app.text("select thesis_grade from registrations").await, "");
        // The floor is the exam's.
        app.tamper("update exams set thesis_floor = 'good'").await;
        let fair = send(&[("subject", "03"), ("study_status", "graduated"), ("thesis_grade", "fair")]).await;
        fair.expect(422).says("需要达到“良”及以上");
    }

    async fn outside_the_window_nothing_begins_and_nothing_goes_on(app: TestApp) {
        let exam = app.an_exam("page").await;
        let start = format!("/exams/{}/start", exam.reference);
        let person = app.a_candidate("王喆", "会计学").await;
        app.at("2026-06-01T07:59");
        person.client.post(&start, &[]).await.expect(409).says("报名还没有开始，开始时间是 2026年6月1日 08:00。");
        person.client.get("/").await.says("即将开始").says("未开始").says_not("截止");
        app.at("2026-06-30T17:59");
        app.clock.advance(55_000);
        person.client.post(&start, &[]).await.goes_to("/registrations/");
        let registration = app.text("select ref from registrations").await;
        let page = person.client.get(&format!("/registrations/{registration}/notice")).await;
        let late = app.a_candidate("李雷", "会计学").await;
        let sentence = "报名已于 2026年6月30日 18:00 截止，不能再提交。如有疑问请联系学校。";
        // At the end the notice has been read for long enough; the end itself is too late, and so is a second after it.
        app.at("2026-06-30T18:00");
        for after_ms in [0, 1_000] {
            app.clock.advance(after_ms);
            late.client.post(&start, &[]).await.expect(409).says(sentence);
            person.client.submit(&page, "/notice", &[]).await.expect(409).says(sentence);
            app.tamper("update registrations set notice_version = 1, face_state = 'passed'").await;
            person.client.post(&format!("/registrations/{registration}/information"), &ENROLLED).await.expect(409).says(sentence);
            app.tamper("update registrations set notice_version = null, face_state = 'none'").await;
        }
        assert_eq!(state(&app, &registration).await, "drafting");
        person.client.get(&format!("/registrations/{registration}")).await.says(sentence).says_not("继续报名");
        late.client.get("/").await.says("报名已截止").says_not("开始报名");
        // A millisecond before the end it is in time.
        app.at("2026-06-30T18:00");
        app.clock.advance(-1);
        person.client.submit(&page, "/notice", &[]).await.expect(409).says("至少阅读 5 秒");
        late.client.post(&start, &[]).await.goes_to("/registrations/");
    }

    async fn a_change_asks_for_the_proof_again_and_is_not_possible_after_the_window(app: TestApp) {
        let exam = app.an_exam("page").await;
        let french = app.a_subject(exam.id, "07", "法语", "2026-07-12T14:00", "2026-07-12T16:00").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "submitted").await;
        let base = format!("/registrations/{registration}");
        person.client.get(&base).await.expect(200).says("修改报考信息").says("撤回报名");
        // What is handed in is shown, not changed behind the reviewer's back.
        let shown = person.client.get(&format!("{base}/information")).await;
        shown.expect(200).says("英语");
        assert!(!shown.has_form("/information"));
        person.client.post(&format!("{base}/information"), &ENROLLED).await.expect(409).says("请在“我的报名”中选择修改报考信息");
        let confirm = person.client.get(&format!("{base}/change")).await;
        confirm.expect(200).says("切勿重复缴费").says("已成功支付报名费的，可以选择之前的订单截图，切勿重新支付");
        let page = person.client.submit(&confirm, "/change", &[]).await;
        page.goes_to(&format!("{base}/information"));
        let page = person.client.follow(page).await;
        page.says("切勿重新支付");
        person.client.submit(&page, "/information", &[("subject", "07")]).await.goes_to(&format!("{base}/payment"));
        assert_eq!(app.number(&format!("select count(*) from registrations where subject = {french} and state = 'awaiting_payment'")).await, 1);

        app.tamper("update registrations set state = 'approved'").await;
        app.at("2026-06-30T18:00");
        let sentence = "修改报考信息的时间已于 2026年6月30日 18:00 截止，不能再修改。";
        for path in ["change", "withdraw"] {
            person.client.get(&format!("{base}/{path}")).await.expect(409).says("2026年6月30日 18:00 截止");
        }
        person.client.post(&format!("{base}/change"), &[]).await.expect(409).says(sentence);
        person.client.post(&format!("{base}/withdraw"), &[]).await.expect(409).says("撤回报名的时间已于 2026年6月30日 18:00 截止");
        person.client.get(&base).await.says(sentence);
        // Begun in time, but not finished: the window counts.
        app.tamper("update registrations set state = 'awaiting_payment'").await;
        person.client.post(&format!("{base}/information"), &ENROLLED).await.expect(409).says(sentence);
        // Once seated, the arrangement is the reason.
        app.at("2026-06-20T10:00");
        app.tamper("update registrations set state = 'seated'").await;
        person.client.post(&format!("{base}/change"), &[]).await.expect(409).says("考场已经编排，报名信息不能再变动。");
        person.client.get(&base).await.says("考场已经编排").says("准考证还没有发布");
    }

    async fn who_withdraws_gives_the_place_back_and_may_begin_again(app: TestApp) {
        let exam = app.an_exam("page").await;
        app.tamper("update subjects set capacity = 1").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "submitted").await;
        app.tamper("update subjects set taken = 1").await;
        let base = format!("/registrations/{registration}");
        let confirm = person.client.get(&format!("{base}/withdraw")).await;
        confirm.expect(200).says("撤回不会自动退费").says("由学校按规定办理");
        person.client.submit(&confirm, "/withdraw", &[]).await.goes_to(&base);
        person.client.get(&base).await.expect(200).says("报名已撤回。").says("已撤回").says("重新报名");
        assert_eq!(app.number("select taken from subjects").await, 0);
        person.client.post(&format!("{base}/withdraw"), &[]).await.expect(409).says("这次报名已经撤回");
        assert_eq!(app.number("select taken from subjects").await, 0);
        person.client.get(&format!("{base}/information")).await.goes_to(&base);

        person.client.get("/").await.says("重新报名");
        person.client.post(&format!("/exams/{}/start", exam.reference), &[]).await.goes_to(&format!("{base}/notice"));
        // Everything is asked again, at its own pace.
        person.client.post(&format!("{base}/notice"), &[("version", "1")]).await.expect(409).says("至少阅读 5 秒");
        read_notice(&app, &person.client, &registration).await;
        app.tamper("update registrations set face_state = 'passed'").await;
        person.client.post(&format!("{base}/information"), &ENROLLED).await.goes_to(&format!("{base}/payment"));
        assert_eq!(app.number("select taken from subjects").await, 1);
        person.client.get(&base).await.says("重新报名").says("撤回报名").says("待缴费");
    }

    async fn another_candidates_registration_does_not_exist(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let stranger = app.a_candidate("李雷", "会计学").await;
        let registration = app.a_registration(&person, &exam, "submitted").await;
        let base = format!("/registrations/{registration}");
        for path in ["", "/next", "/notice", "/information", "/done", "/change", "/withdraw"] {
            stranger.client.get(&format!("{base}{path}")).await.expect(404).says("没有找到").says_not("王喆");
            app.client().get(&format!("{base}{path}")).await.goes_to("/login");
        }
        for path in ["/notice", "/information", "/change", "/withdraw"] {
            stranger.client.post(&format!("{base}{path}"), &[("version", "1"), ENROLLED[0], ENROLLED[1]]).await.expect(404);
        }
        assert_eq!(state(&app, &registration).await, "submitted");
        stranger.client.get("/registrations").await.expect(200).says("还没有报名");
        person.client.get("/registrations").await.expect(200).says(&registration).says("待审核");
    }

    async fn without_the_real_name_the_page_leads_to_it(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let start = format!("/exams/{}/start", exam.reference);
        for (state, words) in [("none", "请先完成实名认证"), ("failed", "请先完成实名认证"), ("pending", "正在识别"), ("person", "正在人工审核")] {
            app.tamper(&format!("update accounts set real_name_state = '{state}'")).await;
            let page = person.client.post(&start, &[]).await;
            page.expect(409).says(words);
            assert_eq!(page.link("前往实名认证"), "/me/identity");
        }
        assert_eq!(app.number("select count(*) from registrations").await, 0);
        // A name changed on the way ends the verification, and with it the way.
        let registration = app.a_registration(&person, &exam, "drafting").await;
        let sent = person.client.post(&format!("/registrations/{registration}/information"), &ENROLLED).await;
        sent.expect(409).says("正在人工审核");
        app.client().post(&start, &[]).await.goes_to("/login");
    }

    async fn a_free_exam_ends_with_the_information_also_after_a_change(app: TestApp) {
        let exam = app.an_exam("free").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "drafting").await;
        let base = format!("/registrations/{registration}");
        person.client.get(&format!("{base}/information")).await.says("提交报名").says_not("缴费信息");
        person.client.post(&format!("{base}/information"), &ENROLLED).await.goes_to(&format!("{base}/done"));
        person.client.get(&format!("{base}/done")).await.expect(200).says("报名已提交").says(&registration).says("待审核");
        person.client.post(&format!("{base}/change"), &[]).await.goes_to(&format!("{base}/information"));
        person.client.get(&format!("{base}/next")).await.goes_to(&format!("{base}/information"));
        person.client.post(&format!("{base}/information"), &ENROLLED).await.goes_to(&format!("{base}/done"));
        assert_eq!(state(&app, &registration).await, "submitted");
    }

    async fn the_last_place_is_taken_once(app: TestApp) {
        let exam = app.an_exam("page").await;
        app.tamper("update subjects set capacity = 1").await;
        let mut racers = tokio::task::JoinSet::new();
        for n in 0..6 {
            let person = app.a_candidate(&format!("考生{n}"), "会计学").await;
            let registration = app.a_registration(&person, &exam, "drafting").await;
            app.tamper(&format!("update registrations set subject = null where ref = '{registration}'")).await;
            racers.spawn(async move { person.client.post(&format!("/registrations/{registration}/information"), &ENROLLED).await });
        }
        let pages = racers.join_all().await;
        let (won, lost): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.status == 303);
        assert_eq!((won.len(), lost.len()), (1, 5));
        for page in lost {
            page.expect(422).says("这个科目的名额已满，请选择其他科目或联系学校。");
        }
        assert_eq!(app.number("select taken from subjects").await, 1);
        assert_eq!(app.number("select count(*) from registrations where subject is not null").await, 1);
    }

    async fn without_its_condition_the_statement_would_sell_the_last_place_twice(app: TestApp) {
        let exam = app.an_exam("page").await;
        app.tamper("update subjects set capacity = 1").await;
        // Both see the place, then both take it: with the condition one of them fails, without it none does.
        for (is_guarded, taken) in [(true, 1), (false, 2)] {
            app.tamper("update subjects set taken = 0").await;
            let barrier = Arc::new(Barrier::new(2));
            let mut racers = tokio::task::JoinSet::new();
            for _ in 0..2 {
                let (program, barrier, subject) = (app.app().clone(), barrier.clone(), exam.subject);
                racers.spawn(async move {
                    let seen = baokao::exams::store::subject(&mut program.db.read().await.expect("a connection"), subject).await.expect("a subject");
                    assert_eq!(seen.seats_left(), Some(1));
                    barrier.wait().await;
                    let mut tx = program.db.begin().await.expect("a transaction");
                    let got = if is_guarded {
                        baokao::exams::store::take_place(&mut tx, subject).await.expect("asked")
                    } else {
                        let done = sqlx::query("update subjects set taken = taken + 1 where id = $1").bind(subject).execute(&mut *tx).await;
                        done.expect("updated").rows_affected() == 1
                    };
                    tx.commit().await.expect("committed");
                    i64::from(got)
                });
            }
            assert_eq!(racers.join_all().await.into_iter().sum::<i64>(), taken);
            assert_eq!(app.number("select taken from subjects").await, taken);
        }
    }

    async fn a_row_that_changed_meanwhile_is_not_written_over(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "submitted").await;
        let read = store::find_by_ref(&mut app.db.read().await.expect("a connection"), &registration).await.expect("a row");
        let mut first = app.db.begin().await.expect("a transaction");
        store::update(&mut first, &read, app.clock.now()).await.expect("as it was read");
        first.commit().await.expect("committed");
        let mut second = app.db.begin().await.expect("a transaction");
        let refused = store::update(&mut second, &read, app.clock.now()).await.expect_err("somebody was faster");
        assert!(refused.to_string().starts_with("changed_meanwhile"), "{refused}");
        assert!(baokao::registrations::next(read.state(), Step::Approve).is_ok());
    }
}
