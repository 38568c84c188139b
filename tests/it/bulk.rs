//! 批量审核: registrations are chosen in a table and decided at once, each for itself; until it begins it can be taken back.

use baokao::staff::Role;

use crate::support::scene::Exam;
use crate::support::{Client, Page, TestApp};

/// So many registrations that wait for the review, all paid at the school.
async fn waiting(app: &TestApp, exam: &Exam, count: usize) -> Vec<String> {
    let mut made = Vec::new();
    for _ in 0..count {
        made.push(app.a_registration(&app.a_candidate("王喆", "会计学").await, exam, "submitted").await);
    }
    made
}

fn chosen(registrations: &[String]) -> Vec<(String, String)> {
    registrations.iter().map(|reference| ("chosen".to_owned(), format!("{reference}:1"))).collect()
}

async fn decide(staff: &Client, exam: &Exam, decision: &str, mut fields: Vec<(String, String)>) -> Page {
    fields.push(("decision".into(), decision.into()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    staff.post(&format!("/console/review/payment/bulk?exam={}", exam.reference), &fields).await
}

async fn state(app: &TestApp, reference: &str) -> String {
    app.text(&format!("select state from registrations where ref = '{reference}'")).await
}

both! {
    async fn what_is_chosen_is_approved_and_what_cannot_be_is_named(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let made = waiting(&app, &exam, 5).await;
        app.tamper(&format!("update registrations set face_state = 'none' where ref = '{}'", made[1])).await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let list = staff.get(&format!("/console/registrations?exam={}&state=submitted", exam.reference)).await;
        let page = staff.get(&list.link("批量审核")).await;
        // In the order in which they came, whatever the list's was.
        let turned = staff.get(&format!("/console/review/payment/bulk?exam={}&order=new&before={}", exam.reference, made[0])).await;
        let place = |number: &str| turned.body().find(number).unwrap_or_else(|| panic!("{number} is not there"));
        assert!(place(&made[0]) < place(&made[1]));
        page.expect(200).says("5 份").says("人脸没有通过");
        let checked = |reference: &str| page.body().contains(&format!("value=\"{reference}:1\" checked"));
        assert!(checked(&made[0]) && !checked(&made[1]), "what has nothing odd about it is chosen");
        // One changes before it is its turn; one is not chosen.
        app.tamper(&format!("update registrations set version = 2 where ref = '{}'", made[2])).await;
        let run = decide(&staff, &exam, "approve", chosen(&made[..4])).await;
        run.goes_to("/console/review/payment/bulk/");
        let run = staff.follow(run).await;
        run.expect(200).says("正在通过").says("0 / 4");
        app.run_jobs().await;
        let states = [state(&app, &made[0]).await, state(&app, &made[1]).await, state(&app, &made[2]).await, state(&app, &made[3]).await, state(&app, &made[4]).await];
        assert_eq!(states, ["approved", "submitted", "submitted", "approved", "submitted"]);
        let done = staff.get(&run.path).await;
        done.expect(200).says("通过了 2 份，2 份没有处理").says("人脸审核还没有通过").says("刚刚有变动").says(&made[1]).says("王喆");
        // By name: those that failed, and those that are done.
        let body = done.body().into_owned();
        let (failed, settled) = body.split_once("<details class=\"panel\"").expect("the list of what is done");
        assert!(failed.contains(&made[1]) && failed.contains(&made[2]) && !failed.contains(&made[0]), "{failed}");
        assert!(settled.contains(&made[0]) && settled.contains(&made[3]) && !settled.contains(&made[1]), "{settled}");
        assert_eq!(app.number("select count(*) from audit where action = 'payment.bulk'").await, 1);
        assert_eq!(app.number("select count(*) from audit where action = 'payment.approve'").await, 2, "each has its own line");
        let late = staff.post(&format!("{}/cancel", run.path), &[]).await;
        late.goes_to(&run.path);
        staff.follow(late).await.expect(200).says("已经全部处理完，没有停止。").says("通过了 2 份");
        staff.get(&run.path).await.says_not("没有停止");
    }

    async fn what_a_colleague_decided_meanwhile_is_said(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let made = waiting(&app, &exam, 2).await;
        let (wang, li) = (app.staff("王老师", &[Role::Reviewer]).await, app.staff("李老师", &[Role::Reviewer]).await);
        let run = wang.follow(decide(&wang, &exam, "approve", chosen(&made)).await).await;
        li.post(&format!("/console/review/payment/{}/return", made[0]), &[("version", "1"), ("words", "请到校缴费。")]).await.expect(303);
        app.run_jobs().await;
        assert_eq!((state(&app, &made[0]).await, state(&app, &made[1]).await), ("returned".into(), "approved".into()));
        wang.get(&run.path).await.expect(200).says("1 份没有处理").says("已由李老师处理，现在是“已退回”。");
    }

    async fn until_it_begins_it_is_taken_back(app: TestApp) {
        let mut app = app;
        app.undo_for(10).await;
        let exam = app.an_exam("offline").await;
        let made = waiting(&app, &exam, 2).await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let run = staff.follow(decide(&staff, &exam, "approve", chosen(&made)).await).await;
        run.says("2 份报名将在 10 秒后通过").says("撤销").says(&made[0]).says("王喆");
        app.clock.advance(9_000);
        app.run_jobs().await;
        assert_eq!(state(&app, &made[0]).await, "submitted");
        assert_eq!(staff.clone().as_script().get(&format!("{}?waiting=true", run.path)).await.json()["done"], false);
        staff.post(&format!("{}/cancel", run.path), &[]).await.goes_to(&run.path);
        app.clock.advance(60_000);
        app.run_jobs().await;
        assert_eq!((state(&app, &made[0]).await, state(&app, &made[1]).await), ("submitted".into(), "submitted".into()));
        let back = staff.get(&run.path).await;
        back.says("已撤销，2 份都没有通过。").says_not("没有轮到");
        assert_eq!(back.link("重新选择"), format!("/console/review/payment/bulk?exam={}", exam.reference));
        assert_eq!(back.words().matches("已撤销").count(), 1, "once");
        let again = staff.post(&format!("{}/cancel", run.path), &[]).await;
        staff.follow(again).await.expect(200).says_not("没有停止");
        // Not taken back, it happens; a page that still offers that is told when it has begun.
        let run = staff.follow(decide(&staff, &exam, "approve", chosen(&made)).await).await;
        app.clock.advance(10_000);
        assert_eq!(staff.clone().as_script().get(&format!("{}?waiting=true", run.path)).await.json()["done"], true);
        assert_eq!(staff.clone().as_script().get(&run.path).await.json()["done"], false);
        app.run_jobs().await;
        assert_eq!(state(&app, &made[1]).await, "approved");
    }

    async fn cut_short_it_goes_on_behind_the_last_one(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let made = waiting(&app, &exam, 3).await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let run = decide(&staff, &exam, "approve", chosen(&made)).await;
        let run = staff.follow(run).await;
        app.tamper("update bulk_review_items set outcome = '' where place = 0").await;
        app.run_jobs().await;
        assert_eq!((state(&app, &made[0]).await, state(&app, &made[2]).await), ("submitted".into(), "approved".into()), "the first one is done and not done again");
        staff.get(&run.path).await.says("通过了 3 份。");
    }

    async fn stopped_in_the_middle_it_says_how_far_it_came(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let made = waiting(&app, &exam, 2).await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let run = staff.follow(decide(&staff, &exam, "approve", chosen(&made)).await).await;
        app.tamper("update bulk_review_items set outcome = '' where place = 0").await;
        let stopped = staff.post(&format!("{}/cancel", run.path), &[]).await;
        let stopped = staff.follow(stopped).await;
        stopped.expect(200).says("已停止：通过了 1 份，1 份没有处理。").says("停止时还没有轮到").says_not("重新选择");
        app.run_jobs().await;
        assert_eq!(state(&app, &made[1]).await, "submitted");
    }

    async fn a_return_carries_its_reason_and_who_lost_the_permission_decides_nothing(app: TestApp) {
        let mut app = app;
        app.undo_for(10).await;
        let exam = app.an_exam("offline").await;
        let made = waiting(&app, &exam, 2).await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let without = decide(&staff, &exam, "return", chosen(&made[..1])).await;
        // Nobody has a screenshot: the reasons do not speak of one.
        without.expect(422).says("请选择或填写退回原因").says("学校没有查到您的缴费记录").says_not("截图");
        assert!(without.body().contains(&format!("value=\"{}:1\" checked", made[0])) && !without.body().contains(&format!("value=\"{}:1\" checked", made[1])), "what was chosen stays");
        let mut fields = chosen(&made[..1]);
        fields.push(("reason".into(), "缴费金额与报名费不一致，请联系学校处理。".into()));
        fields.push(("words".into(), "请在周五前来校。".into()));
        decide(&staff, &exam, "return", fields).await.expect(303);
        app.clock.advance(10_000);
        app.run_jobs().await;
        assert_eq!(state(&app, &made[0]).await, "returned");
        assert_eq!(app.text("select reason from registrations where state = 'returned'").await, "缴费金额与报名费不一致，请联系学校处理。请在周五前来校。");
        let told = app.text("select body from messages").await;
        assert_eq!(told, "原因：缴费金额与报名费不一致，请联系学校处理。请在周五前来校。 已经缴费的请勿重复缴费。", "nobody is asked to hand in again");

        let run = staff.follow(decide(&staff, &exam, "approve", chosen(&made[1..])).await).await;
        app.tamper("delete from staff_roles").await;
        app.clock.advance(10_000);
        app.run_jobs().await;
        assert_eq!(state(&app, &made[1]).await, "submitted");
        let other = app.a_staff_member(&[Role::Reviewer]).await;
        other.get(&run.path).await.expect(200).says("通过了 0 份，1 份没有处理").says("现在不能处理");
    }

    async fn behind_two_hundred_come_the_next_ones(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let made = waiting(&app, &exam, 202).await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let first = staff.get(&format!("/console/review/payment/bulk?exam={}", exam.reference)).await;
        first.expect(200).says("200 份").says(&made[199]).says_not(&made[200]);
        let second = staff.get(&first.link("不处理这些，看后面的")).await;
        second.expect(200).says("2 份").says(&made[200]).says(&made[201]).says_not(&made[0]).says_not("看后面的");
    }

    async fn who_could_not_mend_it_any_more_is_thought_of_before_a_return(app: TestApp) {
        let exam = app.an_exam("offline").await;
        waiting(&app, &exam, 1).await;
        let address = format!("/console/review/payment/bulk?exam={}", exam.reference);
        app.a_staff_member(&[Role::Reviewer]).await.get(&address).await.expect(200).says_not("提交和修改的时间已过");
        app.clock.advance(400 * 86_400_000);
        app.a_staff_member(&[Role::Reviewer]).await.get(&address).await.expect(200).says("现在退回，考生不能再提交");
    }

    async fn the_first_of_two_is_told_that_it_waits_for_the_second(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let made = waiting(&app, &exam, 2).await;
        let on = [("by_two", "yes"), ("identity", ""), ("face", ""), ("payment", "")];
        app.a_staff_member(&[Role::Administrator]).await.post("/console/settings/review", &on).await.expect(303);
        let (wang, li) = (app.staff("王老师", &[Role::Reviewer]).await, app.staff("李老师", &[Role::Reviewer]).await);
        for (staff, says, stands) in [(&wang, "初审通过 2 份，等待另一位老师复核", "submitted"), (&li, "通过了 2 份", "approved")] {
            let run = staff.follow(decide(staff, &exam, "approve", chosen(&made)).await).await;
            app.run_jobs().await;
            staff.get(&run.path).await.expect(200).says(says);
            assert_eq!(state(&app, &made[1]).await, stands);
        }
    }

    async fn only_registrations_of_the_exam_and_not_too_many(app: TestApp) {
        let (exam, other) = (app.an_exam("offline").await, app.an_exam("offline").await);
        let (mine, theirs) = (waiting(&app, &exam, 1).await, waiting(&app, &other, 1).await);
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        decide(&staff, &exam, "approve", Vec::new()).await.expect(422).says("请先勾选要处理的报名。");
        decide(&staff, &exam, "", chosen(&mine)).await.expect(422).says("请选择通过或退回。");
        decide(&staff, &exam, "approve", chosen(&theirs)).await.expect(404);
        decide(&staff, &exam, "approve", vec![("chosen".into(), "no such pair".into())]).await.expect(404);
        decide(&staff, &exam, "approve", chosen(&vec![mine[0].clone(); 201])).await.expect(422).says("一次最多处理 200 份");
        assert_eq!(app.number("select count(*) from bulk_reviews").await, 0);
        // Twice chosen is once decided.
        decide(&staff, &exam, "approve", chosen(&vec![mine[0].clone(); 2])).await.expect(303);
        app.run_jobs().await;
        assert_eq!((state(&app, &mine[0]).await, state(&app, &theirs[0]).await), ("approved".into(), "submitted".into()));
        let page = staff.get(&format!("/console/review/payment/bulk?exam={}", exam.reference)).await;
        page.expect(200).says("没有待审核的报名");
    }
}
