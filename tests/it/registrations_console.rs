//! What staff see of registrations, and the console's first page.

use baokao::pictures::{self, Owner, PictureKind};
use baokao::staff::Role;
use baokao_specimen::encode;

use crate::support::{TestApp, workbook};

both! {
    async fn a_list_is_exported_as_it_is_narrowed(app: TestApp) {
        let exam = app.an_exam("page").await;
        let other = app.an_exam("page").await;
        let formula = app.a_candidate("=1+1", "会计学").await;
        let first = app.a_registration(&formula, &exam, "submitted").await;
        let second = app.a_registration(&app.a_candidate("王喆", "法学").await, &exam, "approved").await;
        let elsewhere = app.a_registration(&app.a_candidate("李雷", "法学").await, &other, "approved").await;
        let number = |row: &str| row.split(',').nth(3).unwrap_or_default().trim_matches('"').to_owned();
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let page = staff.get(&format!("/console/registrations?exam={}", exam.reference)).await;
        page.expect(200).says("导出 Excel");
        let all = staff.get(&format!("/console/registrations/export/csv?exam={}", exam.reference)).await;
        let text = all.expect(200).body().into_owned();
        let rows: Vec<&str> = text.lines().collect();
        assert!(rows[0].starts_with("\u{feff}\"报名号\",\"姓名\"") && rows.len() == 3, "{text}");
        assert!(rows[1].contains(&first) && rows[1].contains("\"'=1+1\""), "no cell begins a formula: {text}");
        assert!(rows[2].contains(&second) && !text.contains(&elsewhere) && number(rows[2]).len() == 18 && !number(rows[2]).contains('*'));
        let narrowed = staff.get(&format!("/console/registrations/export/csv?exam={}&state=approved", exam.reference)).await;
        assert_eq!(narrowed.expect(200).body().lines().count(), 2);
        assert_eq!(app.number("select count(*) from audit where action = 'registration.export'").await, 2);
        let sheet = staff.get(&format!("/console/registrations/export/xlsx?exam={}", exam.reference)).await;
        let rows = workbook(sheet.expect(200));
        assert!(rows.len() == 3 && rows[0].starts_with(&["报名号".into(), "姓名".into()]) && rows[1][1] == "=1+1", "{rows:?}");
        assert!(rows[1..].iter().all(|row| row[3].len() == 18 && !row[3].contains('*')), "{rows:?}");
        staff.get(&format!("/console/registrations/export/pdf?exam={}", exam.reference)).await.expect(404);
        // Who only reviews takes no full numbers away.
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        let masked = reviewer.get(&format!("/console/registrations/export/csv?exam={}", exam.reference)).await;
        assert!(masked.expect(200).body().lines().skip(1).all(|row| number(row).contains("********")));
        app.a_staff_member(&[Role::Finance]).await.get("/console/registrations/export/csv").await.expect(403);
    }

    async fn the_list_filters_pages_and_masks(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        staff.get("/console/registrations").await.expect(200).says("还没有发布过考试");
        let exam = app.an_exam("page").await;
        staff.get("/console/registrations").await.expect(200).says("还没有人报名");
        let person = app.a_candidate("王喆", "会计学").await;
        let submitted = app.a_registration(&person, &exam, "submitted").await;
        let approved = app.a_registration(&app.a_candidate("李雷", "会计学").await, &exam, "approved").await;
        let all = staff.get("/console/registrations").await;
        all.expect(200).says(&submitted).says(&approved).says("王喆").says("待审核 1").says("全部 2").says("********");
        let shown = staff.get(&format!("/console/registrations?exam={}&state=approved", exam.reference)).await;
        shown.expect(200).says(&approved).says_not(&submitted);
        staff.get(&format!("/console/registrations?exam={}&state=returned", exam.reference)).await.says("没有这个状态的报名");
        staff.get("/console/registrations?exam=NOSUCH").await.expect(404);
        // The next page begins after the last row.
        staff.get(&format!("/console/registrations?after={submitted}")).await.says(&approved).says_not(&submitted);
    }

    async fn a_search_by_number_opens_the_registration_with_everything_about_it(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "submitted").await;
        let stored = pictures::put(&app, &encode::png(&baokao_specimen::RgbImage::from_pixel(8, 8, image::Rgb([1, 2, 3])))).await.expect("stored");
        let mut tx = app.db.begin().await.expect("a transaction");
        pictures::record(&app, &mut tx, Owner::Candidate(person.id), PictureKind::Face, stored).await.expect("recorded");
        tx.commit().await.expect("committed");
        let found = staff.post("/console/registrations/search", &[("q", &registration.to_lowercase())]).await;
        found.goes_to(&format!("/console/registrations/{registration}"));
        let page = staff.follow(found).await;
        page.expect(200).says("王喆").says("会计学").says("英语").says("在籍").says("********");
        assert!(page.link("人脸照片").starts_with("/console/pictures/"));
        assert!(page.link("王喆").starts_with("/console/accounts/"));
        let nobody = staff.post("/console/registrations/search", &[("q", "没有这个人")]).await;
        assert!(!nobody.next_address().expect("an address to come back to").contains("没有这个人"));
        let page = staff.follow(nobody).await;
        page.expect(200).says("没有找到报名");
        assert!(page.body().contains("value=\"没有这个人\""), "what was typed stays");
        staff.get("/console/registrations/search?q=AAAA").await.expect(404);
        staff.post("/console/registrations/search", &[("q", "王喆")]).await.goes_to(&format!("/console/registrations/{registration}"));
    }

    async fn one_page_has_notes_messages_changes_and_the_way_on(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let japanese = app.a_subject(exam.id, "04", "日语", "2026-07-12T09:00", "2026-07-12T11:00").await;
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "drafting").await;
        let home = format!("/console/registrations/{registration}");
        for subject in ["03", "04"] {
            person.client.post(&format!("/registrations/{registration}/information"), &[("subject", subject), ("study_status", "enrolled")]).await.expect(303);
        }
        assert_eq!(app.number("select subject from registrations").await, japanese);
        person.client.post(&format!("/registrations/{registration}/payment"), &[]).await.expect(303);
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let page = staff.get(&home).await;
        page.expect(200).says("科目由“英语”改为“日语”").says("还没有备注").says("还没有消息").says_not("写消息");
        person.client.get(&format!("/registrations/{registration}")).await.says("科目由“英语”改为“日语”");
        staff.submit(&page, "/notes", &[("body", " ")]).await.expect(422).says("请填写备注。");
        staff.submit(&page, "/notes", &[("body", "来电询问，已答复。")]).await.goes_to(&home);
        staff.get(&home).await.says("来电询问，已答复。");
        assert_eq!(app.number("select count(*) from audit where action = 'registration.note' and detail not like '%来电%'").await, 1);
        person.client.get(&format!("/registrations/{registration}")).await.says_not("来电询问");
        // The way on, and what was written to the candidate.
        let way_on = format!("/console/review/payment/{registration}");
        assert!(page.links().contains(&way_on));
        let case = staff.get(&way_on).await;
        staff.submit(&case, "/return", &[("words", "请到校缴费。")]).await.expect(303);
        app.run_jobs().await;
        staff.get(&home).await.says("报名被退回").says("未读");
        let auditor = app.a_staff_member(&[Role::Auditor]).await;
        auditor.get(&home).await.expect(200).says("来电询问").says_not("添加备注").says_not("写消息");
        auditor.post(&format!("{home}/notes"), &[("body", "x")]).await.expect(403);
        // Whoever leaves takes them along.
        let mut tx = app.db.begin().await.expect("a transaction");
        app.forget_person(&mut tx, person.id).await.expect("forgotten");
        tx.commit().await.expect("committed");
        assert_eq!(app.number("select count(*) from registration_notes").await, 0);
    }

    async fn without_the_permission_nobody_sees_candidates(app: TestApp) {
        let exam = app.an_exam("page").await;
        let registration = app.a_registration(&app.a_candidate("王喆", "会计学").await, &exam, "submitted").await;
        let other = app.a_staff_member(&[]).await;
        for path in ["/console/registrations", &format!("/console/registrations/{registration}")] {
            other.get(path).await.expect(403).says_not("王喆");
        }
        other.post("/console/registrations/search", &[("q", &registration)]).await.expect(403);
        other.get("/console").await.expect(200).says("这里没有需要您处理的事情").says_not("2026年上半年学位外语考试");
    }

    async fn the_first_page_counts_what_waits_and_what_stands(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        staff.get("/console").await.expect(200).says("还没有发布考试").says("新建考试");
        let exam = app.an_exam("page").await;
        for (name, state) in [("王喆", "submitted"), ("李雷", "submitted"), ("韩梅", "approved")] {
            app.a_registration(&app.a_candidate(name, "会计学").await, &exam, state).await;
        }
        let page = staff.get("/console").await;
        page.expect(200).says("缴费审核 2").says("2026年上半年学位外语考试").says("报名中").says("0 0 2 1 0 0 0 0 3");
        assert_eq!(page.link("2026年上半年学位外语考试"), format!("/console/registrations?exam={}", exam.reference));
        app.client().get("/console").await.goes_to("/console/login");
    }
}
