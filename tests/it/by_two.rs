//! 双人复核: where it is switched on, an approval takes two persons, a return one.

use baokao::staff::Role;
use baokao::types::DocumentKind;

use crate::identity::{blank, send};
use crate::support::{Client, Page, TestApp};

const ON: [(&str, &str); 4] = [("by_two", "yes"), ("identity", ""), ("face", ""), ("payment", "")];

async fn switched_on(app: &TestApp) {
    app.a_staff_member(&[Role::Administrator]).await.post("/console/settings/review", &ON).await.goes_to("/console/settings/review");
}

/// A case of each queue: its address, and what its state is read from.
async fn cases(app: &TestApp) -> [(String, String); 3] {
    let stranger = app.candidate_with(DocumentKind::ForeignPermanentResident, "张三", "CAN110012345678").await;
    send(&stranger, &blank(), &blank()).await.goes_to("/me/identity");
    app.run_jobs().await;
    let identity = app.text("select ref from identity_checks").await;
    let exam = app.an_exam("offline").await;
    let drafting = app.a_registration(&app.a_candidate("李雷", "会计学").await, &exam, "drafting").await;
    app.tamper(&format!(
        "insert into face_checks (id, ref, account, registration, way, state, challenge, expires_at, frames, problems, created_at, reason, lease_until)
         select id, 'FACE', account, id, 'holding', 'person', '', 0, '', '', 1, '', 0 from registrations where ref = '{drafting}'"
    ))
    .await;
    let submitted = app.a_registration(&app.a_candidate("王喆", "会计学").await, &exam, "submitted").await;
    let version = format!("select state from registrations where ref = '{submitted}'");
    [
        (format!("/console/review/identity/{identity}"), "select state from identity_checks".into()),
        ("/console/review/face/FACE".into(), "select state from face_checks".into()),
        (format!("/console/review/payment/{submitted}"), version),
    ]
}

async fn approve(staff: &Client, case: &str) -> Page {
    match case.split('/').nth(3) {
        Some("identity") => staff.post(case, &[("decision", "approve")]).await,
        _ => staff.post(&format!("{case}/approve"), &[("version", "1")]).await,
    }
}

/// The words of the button.
fn offers_approval(page: &Page) -> bool {
    page.body().contains("data-key=\"a\"")
}

both! {
    async fn an_approval_takes_two_persons_in_each_queue(app: TestApp) {
        let cases = cases(&app).await;
        switched_on(&app).await;
        let (wang, li) = (app.staff("王老师", &[Role::Reviewer]).await, app.staff("李老师", &[Role::Reviewer]).await);
        for (case, state) in &cases {
            let queue = &case[..case.rfind('/').expect("a queue")];
            let before = app.text(state).await;
            assert!(offers_approval(&wang.get(case).await), "{case}");
            approve(&wang, case).await.expect(303);
            assert_eq!(app.text(state).await, before, "{case}: one is not enough");
            li.get(queue).await.says("王老师已初审");
            // The first one is not offered it again, and cannot be the second one.
            let page = wang.get(case).await;
            page.expect(200).says("您已初审通过，等待另一位老师复核。");
            assert!(!offers_approval(&page), "{case}");
            approve(&wang, case).await;
            assert_eq!(app.text(state).await, before, "{case}: the same one twice is not enough");
            // Nobody holds it: it comes to the other one.
            app.clock.advance(3_600_000);
            let exam = app.text("select ref from exams").await;
            let next = if queue.ends_with("payment") { format!("{queue}/next?exam={exam}") } else { format!("{queue}/next") };
            let next = async |staff: &Client| if queue.ends_with("face") { staff.follow(staff.post(&next, &[]).await).await } else { staff.open(&next).await };
            assert_ne!(next(&wang).await.path, *case, "{case} is not offered to the first one");
            next(&li).await.says("王老师已初审通过，请您复核。");
            approve(&li, case).await.expect(303);
            assert_eq!(app.text(state).await, "approved", "{case}");
            let kind = queue.rsplit('/').next().unwrap_or_default();
            for (action, who) in [("first", "王老师"), ("approve", "李老师")] {
                let written = format!("select count(*) from audit where action = '{kind}.{action}' and actor_name = '{who}'");
                assert_eq!(app.number(&written).await, 1, "{kind}.{action}");
            }
            if let Some(registration) = case.strip_prefix("/console/review/payment/") {
                let page = app.staff("赵老师", &[Role::Registrar]).await.get(&format!("/console/registrations/{registration}")).await;
                page.says("初审通过 缴费").says("王老师").says("李老师");
            }
        }
    }

    async fn a_return_takes_one_and_what_comes_again_takes_two_anew(app: TestApp) {
        let [.., (case, state)] = cases(&app).await;
        switched_on(&app).await;
        let (wang, li) = (app.staff("王老师", &[Role::Reviewer]).await, app.staff("李老师", &[Role::Reviewer]).await);
        wang.get(&case).await.expect(200);
        approve(&wang, &case).await.expect(303);
        li.get(&case).await.expect(200);
        li.post(&format!("{case}/return"), &[("version", "1"), ("words", "请重新上传。")]).await.expect(303);
        assert_eq!(app.text(&state).await, "returned");
        // Handed in again: another version, which nobody has approved.
        app.tamper(&format!("update registrations set state = 'submitted', version = 3 where ref = '{}'", case.rsplit('/').next().unwrap_or_default())).await;
        li.get(&case).await.expect(200).says_not("初审");
        li.post(&format!("{case}/approve"), &[("version", "3")]).await.expect(303);
        assert_eq!(app.text(&state).await, "submitted");
        wang.get(&case).await.expect(200).says("李老师已初审通过，请您复核。");
        wang.post(&format!("{case}/approve"), &[("version", "3")]).await.expect(303);
        assert_eq!(app.text(&state).await, "approved");
    }

    async fn another_name_is_approved_by_two_anew(app: TestApp) {
        let [_, (face, _), (payment, state)] = cases(&app).await;
        switched_on(&app).await;
        let (wang, li) = (app.staff("王老师", &[Role::Reviewer]).await, app.staff("李老师", &[Role::Reviewer]).await);
        for case in [&face, &payment] {
            wang.get(case).await.expect(200);
            approve(&wang, case).await.expect(303);
        }
        // Renamed and verified again meanwhile.
        app.tamper("update accounts set name_version = name_version + 1").await;
        for case in [&face, &payment] {
            li.get(case).await.expect(200).says_not("初审");
            approve(&li, case).await.expect(303);
            wang.get(case).await.expect(200).says("李老师已初审通过，请您复核。");
        }
        assert_eq!(app.text(&state).await, "submitted");
    }

    async fn a_first_approval_can_be_taken_back(app: TestApp) {
        let mut app = app;
        let [.., (case, _)] = cases(&app).await;
        switched_on(&app).await;
        app.undo_for(10).await;
        let (wang, li) = (app.staff("王老师", &[Role::Reviewer]).await, app.staff("李老师", &[Role::Reviewer]).await);
        wang.get(&case).await.expect(200);
        approve(&wang, &case).await.expect(303);
        wang.post("/console/review/undo", &[]).await.goes_to(&case);
        app.clock.advance(3_600_000);
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from first_approvals").await, 0);
        wang.get(&case).await.expect(200);
        approve(&wang, &case).await.expect(303);
        app.clock.advance(10_000);
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from first_approvals").await, 1);
        li.get(&case).await.says("王老师已初审通过");
    }

    async fn switched_off_one_is_enough_also_after_a_first_approval(app: TestApp) {
        let [.., (case, state)] = cases(&app).await;
        switched_on(&app).await;
        let wang = app.staff("王老师", &[Role::Reviewer]).await;
        wang.get(&case).await.expect(200);
        approve(&wang, &case).await.expect(303);
        let off = [("by_two", ""), ("identity", ""), ("face", ""), ("payment", "")];
        app.a_staff_member(&[Role::Administrator]).await.post("/console/settings/review", &off).await.expect(303);
        wang.get(&case).await.expect(200).says_not("初审");
        approve(&wang, &case).await.expect(303);
        assert_eq!(app.text(&state).await, "approved");
    }

    async fn reasons_of_ones_own_stand_in_the_queue_and_reach_the_candidate(app: TestApp) {
        let [(identity, _), (face, _), (payment, _)] = cases(&app).await;
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        let ours = admin.get("/console/settings/review").await;
        ours.expect(200).says("照片模糊，看不清文字，请对焦清楚后重拍。");
        let typed = [("identity", "请重拍证件\r\n请到校办理。"), ("face", "请重拍人脸"), ("payment", "请重传截图")];
        admin.post("/console/settings/review", &[("identity", &"长".repeat(61))]).await.expect(422).says("每条原因不能超过 60 个字。");
        admin.post("/console/settings/review", &typed).await.goes_to("/console/settings/review");
        admin.get("/console/settings/review").await.says("请到校办理。");
        admin.get("/console/audit").await.says("实名审核的退回原因");
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        for (case, reason) in [(&identity, "请重拍证件。"), (&face, "请重拍人脸。"), (&payment, "请重传截图。")] {
            staff.get(case).await.expect(200).says(reason).says_not("照片模糊").says_not("截图看不清").says_not("照片不清晰");
        }
        // The page was open while the list changed: nothing is left out without a word.
        let mixed = [("decision", "return"), ("reason", "请到校办理。"), ("reason", "照片模糊，看不清文字，请对焦清楚后重拍。")];
        staff.post(&identity, &mixed).await.expect(422).says("退回原因刚刚有修改，请重新选择。");
        staff.post(&identity, &mixed[..2]).await.expect(303);
        assert_eq!(app.text("select reason from identity_checks").await, "请到校办理。");
        app.a_staff_member(&[Role::Reviewer]).await.get("/console/settings/review").await.expect(403);
        // Emptied, ours stand there again.
        admin.post("/console/settings/review", &ON).await.expect(303);
        admin.get("/console/settings/review").await.says("照片模糊，看不清文字，请对焦清楚后重拍。");
    }
}
