//! 实名审核: who may, the lease, the decision, and what two reviewers at once bring about.

use baokao::staff::Role;
use baokao::types::DocumentKind;

use crate::identity::{NUMBER, blank, send};
use crate::support::TestApp;
use crate::support::scene::Person;

/// A candidate whose document goes to a person by design.
async fn waiting(app: &TestApp, name: &str, number: &str) -> (Person, String) {
    let person = app.candidate_with(DocumentKind::ForeignPermanentResident, name, number).await;
    person.client.get("/me/identity/upload").await.says("由工作人员核对").says("外国人永久居留身份证");
    send(&person, &blank(), &blank()).await.goes_to("/me/identity");
    app.run_jobs().await;
    person.client.get("/me/identity").await.says("人工审核中");
    let reference = app.text(&format!("select ref from identity_checks where account = {}", person.id)).await;
    (person, format!("/console/review/identity/{reference}"))
}

const APPROVE: [(&str, &str); 1] = [("decision", "approve")];

both! {
    async fn the_queue_is_for_reviewers_only(app: TestApp) {
        let (_, case) = waiting(&app, "张三", "CAN110012345678").await;
        let other = app.staff("其他", &[]).await;
        let picture = format!("/console/pictures/{}", app.text("select ref from pictures order by id limit 1").await);
        for path in ["/console/review/identity", "/console/review/identity/next", &case, &picture] {
            other.get(path).await.expect(403);
            app.client().get(path).await.goes_to("/console/login");
        }
        other.post(&case, &APPROVE).await.expect(403);
        assert_eq!(app.text("select state from identity_checks").await, "person");
        assert_eq!(app.number("select count(*) from audit where action in ('identity.open', 'picture.view')").await, 0);
        // A candidate is not staff.
        let candidate = app.candidate("李四", NUMBER).await;
        candidate.client.get(&case).await.goes_to("/console/login");
    }

    async fn a_case_is_seen_in_full_by_its_reviewer_and_every_look_is_written_down(app: TestApp) {
        let (_, case) = waiting(&app, "张三", "CAN110012345678").await;
        let reviewer = app.staff("王老师", &[Role::Reviewer]).await;
        reviewer.get("/console/review/identity").await.expect(200).says("待处理 1 件").says("张三").says("CAN110*****5678").says("其他证件").says_not("CAN110012345678");
        let page = reviewer.open("/console/review/identity/next").await;
        page.expect(200).says("CAN110012345678").says("这类证件由人工审核").says("通过").says("退回");
        assert_eq!(page.path, case);
        assert_eq!(app.number("select count(*) from audit where action = 'identity.open' and actor_name = '王老师'").await, 1);
        reviewer.get("/console/review/identity").await.says("王老师");
        let picture = format!("/console/pictures/{}", app.text("select ref from pictures order by id limit 1").await);
        assert!(page.body().contains(&picture));
        let shown = reviewer.get(&picture).await;
        shown.expect(200);
        assert_eq!((shown.bytes.clone(), shown.header("cache-control")), (blank(), "private, no-store"));
        assert_eq!(app.number("select count(*) from audit where action = 'picture.view' and actor_name = '王老师'").await, 1);
    }

    async fn approval_verifies_the_candidate_and_tells_them(app: TestApp) {
        let (person, case) = waiting(&app, "张三", "CAN110012345678").await;
        let reviewer = app.staff("王老师", &[Role::Reviewer]).await;
        let page = reviewer.get(&case).await;
        let done = reviewer.submit(&page, &case, &APPROVE).await;
        done.goes_to("/console/review/identity/next");
        reviewer.follow(done).await.expect(200).says("已通过。").says("没有待处理的实名审核");
        app.run_jobs().await;
        person.client.get("/me/identity").await.says("已实名");
        assert_eq!(app.text("select title from messages").await, "实名认证已通过");
        assert_eq!(app.number("select count(*) from audit where action = 'identity.approve' and actor_name = '王老师'").await, 1);
        send(&person, &blank(), &blank()).await.goes_to("/me/identity");
        person.client.get("/me/identity").await.says("不需要再次上传");
    }

    async fn sending_back_needs_a_reason_that_the_candidate_reads(app: TestApp) {
        let (person, case) = waiting(&app, "张三", "CAN110012345678").await;
        let reviewer = app.staff("王老师", &[Role::Reviewer]).await;
        reviewer.get(&case).await.expect(200);
        for (reason, says) in [("", "请选择退回原因，或写明需要考生怎样做。"), ("no such reason", "退回原因刚刚有修改，请重新选择。")] {
            reviewer.post(&case, &[("decision", "return"), ("reason", reason)]).await.expect(422).says(says);
        }
        let long = "长".repeat(201);
        reviewer.post(&case, &[("decision", "return"), ("note", long.as_str())]).await.expect(422).says("不能超过 200 个字");
        reviewer.post(&case, &[]).await.expect(422).says("请选择通过或退回。");
        assert_eq!(app.text("select state from identity_checks").await, "person");
        let sent = [("decision", "return"), ("reason", "照片模糊，看不清文字，请对焦清楚后重拍。"), ("note", "姓名一栏看不清。")];
        reviewer.post(&case, &sent).await.goes_to("/console/review/identity/next");
        app.run_jobs().await;
        person.client.get("/me/identity").await.says("认证被退回").says("照片模糊，看不清文字").says("姓名一栏看不清。").says("重新认证");
        assert_eq!(app.text("select title from messages").await, "实名认证被退回");
        // And it can be done again.
        send(&person, &blank(), &blank()).await.goes_to("/me/identity");
        person.client.get("/me/identity").await.says("人工审核中");
    }

    async fn two_reviewers_never_get_the_same_case(app: TestApp) {
        let (_, first) = waiting(&app, "张三", "CAN110012345678").await;
        app.clock.advance(1000);
        let (_, second) = waiting(&app, "李四", "CAN110087654321").await;
        let (wang, li) = (app.staff("王老师", &[Role::Reviewer]).await, app.staff("李老师", &[Role::Reviewer]).await);
        assert_eq!(wang.open("/console/review/identity/next").await.path, first);
        assert_eq!(li.open("/console/review/identity/next").await.path, second);
        li.open(&first).await.says("王老师正在审核这一件");
        li.post(&first, &APPROVE).await.goes_to("/console/review/identity/next");
        assert_eq!(app.number("select count(*) from identity_checks where state = 'person'").await, 2);
        // Nothing is free for a third one.
        let zhao = app.staff("赵老师", &[Role::Reviewer]).await;
        zhao.open("/console/review/identity/next").await.says("现在没有可以处理的实名审核");
        // A reviewer who leaves gives it back after five minutes; one who stays keeps it.
        app.clock.advance(4 * 60_000);
        wang.get(&first).await.expect(200);
        app.clock.advance(60_000);
        assert_eq!(zhao.open("/console/review/identity/next").await.path, second);
        li.open(&second).await.says("赵老师正在审核这一件");
        wang.post(&first, &APPROVE).await.goes_to("/console/review/identity/next");
        assert_eq!(app.number("select count(*) from identity_checks where state = 'approved'").await, 1);
    }

    async fn of_two_decisions_at_once_one_counts_and_the_other_is_told(app: TestApp) {
        let (_, case) = waiting(&app, "张三", "CAN110012345678").await;
        let (wang, li) = (app.staff("王老师", &[Role::Reviewer]).await, app.staff("李老师", &[Role::Reviewer]).await);
        wang.get(&case).await.expect(200);
        // Both have the page: the first one's time ran out, and the second one opened it.
        app.clock.advance(5 * 60_000);
        li.get(&case).await.expect(200);
        app.clock.advance(5 * 60_000);
        let back = [("decision", "return"), ("reason", "请拍摄证件原件，复印件和翻拍的照片不能使用。")];
        let (a, b) = tokio::join!(wang.post(&case, &APPROVE), li.post(&case, &back));
        assert_eq!(app.number("select count(*) from audit where action in ('identity.approve', 'identity.return')").await, 1);
        let state = app.text("select state from identity_checks").await;
        let (winner, loser, told) = if state == "approved" { ("王老师", &li, b) } else { ("李老师", &wang, a) };
        loser.follow(told).await.says(&format!("这一件已由{winner}处理"));
        assert_eq!(app.text("select real_name_state from accounts").await, if state == "approved" { "verified" } else { "failed" });
    }

    async fn a_case_of_an_earlier_name_is_closed_instead_of_decided(app: TestApp) {
        let (_, case) = waiting(&app, "张三", "CAN110012345678").await;
        let reviewer = app.staff("王老师", &[Role::Reviewer]).await;
        reviewer.get(&case).await.expect(200);
        app.tamper("update accounts set name = '王五', name_version = 2, real_name_state = 'none'").await;
        reviewer.post(&case, &APPROVE).await.goes_to("/console/review/identity/next");
        assert_eq!(app.text("select state from identity_checks").await, "superseded");
        assert_eq!(app.text("select real_name_state from accounts").await, "none");
        assert_eq!(app.number("select count(*) from accounts where verified_at is not null").await, 0);
        reviewer.open("/console/review/identity").await.says("没有待处理的实名审核");
    }

    async fn the_queue_pages_by_key_from_the_oldest_on(app: TestApp) {
        for n in 0..32 {
            let person = app.candidate_with(DocumentKind::ForeignPermanentResident, "张三", &format!("CAN1100{n:08}")).await;
            send(&person, &blank(), &blank()).await.goes_to("/me/identity");
            app.clock.advance(1000);
        }
        let reviewer = app.staff("王老师", &[Role::Reviewer]).await;
        let page = reviewer.get("/console/review/identity").await;
        page.says("待处理 32 件").says("CAN110*****0000").says("CAN110*****0029").says_not("CAN110*****0030");
        page.names_no_row();
        let second = reviewer.get(&page.link("下一页")).await;
        second.says("CAN110*****0030").says("CAN110*****0031").says_not("CAN110*****0029").says_not("下一页");
    }
}
