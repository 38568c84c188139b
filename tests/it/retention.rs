//! Retention: pictures go a set time after the exam; what is still needed stays.

use baokao::pictures::{self, Owner, PictureKind};
use baokao::staff::Role;

use crate::identity::{NUMBER, send};
use crate::identity_cards::Card;
use crate::support::TestApp;

async fn a_picture(app: &TestApp, account: i64) {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(8, 8).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let stored = pictures::put(app, &bytes.into_inner()).await.unwrap();
    let mut tx = app.db.begin().await.unwrap();
    pictures::record(app, &mut tx, Owner::Candidate(account), PictureKind::Face, stored).await.unwrap();
    tx.commit().await.unwrap();
}

const LEFT: &str = "select count(*) from pictures where deleted_at is null";

both! {
    async fn pictures_go_when_their_time_is_over_and_what_is_needed_stays(app: TestApp) {
        let exam = app.an_exam("page").await;
        let later = app.an_exam("page").await;
        app.tamper(&format!("update subjects set starts_at = starts_at + 31536000000, ends_at = ends_at + 31536000000 where exam = {}", later.id)).await;
        let (mut open, mut gone) = (String::new(), String::new());
        for (name, state) in [("王喆", "released"), ("欧阳净", "released"), ("陈小满", "submitted")] {
            let person = app.a_candidate(name, "会计学").await;
            let reference = app.a_registration(&person, &exam, state).await;
            a_picture(&app, person.id).await;
            match name {
                "欧阳净" => drop(app.a_registration(&person, &later, "approved").await),
                "陈小满" => open = reference,
                _ => gone = reference,
            }
        }
        let last_day = "2027-01-08T10:59";
        app.at(last_day);
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!((app.number(LEFT).await, app.objects()), (3, 3), "180 days after 12 July, 11:00, are not over yet");
        app.at("2027-01-08T11:01");
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!((app.number(LEFT).await, app.objects()), (2, 2));
        assert_eq!(app.text("select name from accounts where id not in (select owner from pictures where deleted_at is null)").await, "王喆");
        let line = app.text("select detail from audit where action = 'exam.forget_pictures'").await;
        assert_eq!(line, r#"{"exam":"2026年上半年学位外语考试","kept_for_a_later_exam":1,"kept_for_an_open_case":1,"people":1,"pictures":1}"#);
        // Staff read it in words, and of the registration that there were pictures.
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        admin.get("/console/audit?action=exam.forget_pictures").await.says("考试：2026年上半年学位外语考试").says("因案件待审核保留的人数：1");
        admin.get(&format!("/console/registrations/{gone}")).await.expect(200).says("照片已按保存期限删除（2027年1月8日）。");
        admin.get(&format!("/console/registrations/{open}")).await.expect(200).says("人脸照片").says_not("按保存期限删除");
        assert_eq!(app.number("select count(*) from exams_forgotten").await, 0);
        // The case is closed: the exam is asked for again, and only then is it done with.
        app.tamper(&format!("update registrations set state = 'returned' where ref = '{open}'")).await;
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!((app.number(LEFT).await, app.objects()), (1, 1));
        assert_eq!(app.number("select count(*) from exams_forgotten").await, 1);
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from audit where action = 'exam.forget_pictures'").await, 2);
    }

    async fn where_staff_keep_pictures_they_stay(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        app.a_registration(&person, &exam, "released").await;
        a_picture(&app, person.id).await;
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        // An emptied field is a slip, and no way to say that nothing is ever deleted.
        for wrong in ["x", "", " ", "3651"] {
            admin.post("/console/settings/service", &[("pictures_days", wrong)]).await.expect(422).says("请填写天数").says("还没有保存");
        }
        assert_eq!(app.settings().service.pictures_days, 180);
        admin.post("/console/settings/service", &[("pictures_days", "0")]).await.goes_to("/console/settings/service");
        app.at("2030-01-01T00:00");
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.number(LEFT).await, 1);
    }

    async fn pictures_of_those_who_are_registered_for_nothing_go_too(app: TestApp) {
        let exam = app.an_exam("page").await;
        let (never, withdrawn) = (app.a_candidate("王喆", "会计学").await, app.a_candidate("欧阳净", "会计学").await);
        let (registered, fresh) = (app.a_candidate("陈小满", "会计学").await, app.a_candidate("李四", "会计学").await);
        app.a_registration(&withdrawn, &exam, "withdrawn").await;
        app.a_registration(&registered, &exam, "drafting").await;
        for person in [&never, &withdrawn, &registered, &fresh] {
            a_picture(&app, person.id).await;
        }
        app.tamper("update pictures set created_at = created_at - 15552000000").await;
        app.tamper("update accounts set portrait_picture = (select p.id from pictures p where p.owner = accounts.id)").await;
        // Their newest picture counts.
        a_picture(&app, fresh.id).await;
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.number(LEFT).await, 5, "180 days are not over yet");
        app.tamper("update pictures set created_at = created_at - 60000").await;
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!((app.number(LEFT).await, app.objects()), (3, 3));
        for (person, count) in [(&never, 0), (&withdrawn, 0), (&registered, 1), (&fresh, 2)] {
            assert_eq!(app.number(&format!("{LEFT} and owner = {}", person.id)).await, count);
        }
        let line = app.text("select detail from audit where action = 'picture.forget_unregistered'").await;
        assert_eq!(line, r#"{"kept_for_an_open_case":0,"people":2,"pictures":2}"#);
        // Nobody points at a picture that is gone, and whoever was verified still is.
        assert_eq!(app.number("select count(*) from accounts where portrait_picture is not null").await, 2);
        assert_eq!(app.number("select count(*) from accounts where real_name_state = 'verified'").await, 4);
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from audit where action = 'picture.forget_unregistered'").await, 1, "there is nothing more to do");
        // They are told, before and after.
        never.client.get("/me/identity").await.expect(200).says("已实名").says("证件照片已按保存期限删除").says("实名认证仍然有效");
        never.client.get("/me/privacy").await.expect(200).says("证件照片已按保存期限删除");
        for path in ["/me/identity", "/me/privacy", "/privacy"] {
            fresh.client.get(path).await.expect(200).says("考试结束 180 天后自动删除").says_not("已按保存期限删除");
        }
        // No ticket is promised a photograph that is gone.
        let reference = app.a_registration(&never, &exam, "drafting").await;
        app.tamper("update registrations set face_state = 'none'").await;
        never.client.get(&format!("/registrations/{reference}/face/code")).await.expect(200).says("准考证上没有照片").says_not("准考证上的照片使用");
    }

    async fn a_shorter_time_is_asked_about_before_it_deletes(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        app.a_registration(&person, &exam, "released").await;
        a_picture(&app, person.id).await;
        // A hundred days after 12 July.
        app.at("2026-10-20T12:00");
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        let service = "/console/settings/service";
        admin.get(service).await.expect(200).says("删了不能恢复");
        admin.post(service, &[("pictures_days", "120")]).await.goes_to(service);
        let asked = admin.post(service, &[("pictures_days", "90"), ("fee_name", "考试费")]).await;
        asked.expect(200).says("还没有保存").says("由 120 天改为 90 天").says("约 1 人的照片").says("1 场：“2026年上半年学位外语考试”").says("确认并保存");
        assert!(asked.body().contains("value=\"90\"") && asked.body().contains("value=\"考试费\""), "what was typed stays");
        assert_eq!(app.settings().service.pictures_days, 120);
        // Who agreed to one number has not agreed to another.
        admin.post(service, &[("pictures_days", "60"), ("agreed", "90 2026年上半年学位外语考试")]).await.expect(200).says("由 120 天改为 60 天");
        admin.submit(&asked, service, &[]).await.goes_to(service);
        assert_eq!((app.settings().service.pictures_days, app.settings().service.fee_name.as_str()), (90, "考试费"));
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.number(LEFT).await, 0);
        // With nothing left to delete, and for a longer time, nothing is asked.
        for days in ["30", "180"] {
            admin.post(service, &[("pictures_days", days)]).await.goes_to(service);
        }
    }

    async fn the_lines_that_were_cut_out_of_a_card_go_with_it(app: TestApp) {
        let person = app.candidate("王喆", NUMBER).await;
        let (front, back) = Card::of("王喆").pictures();
        send(&person, &front, &back).await.expect(303);
        app.run_jobs().await;
        assert_eq!(app.text("select state from identity_checks").await, "passed");
        let size = "select length(result_enc) from identity_checks";
        let before = app.number(size).await;
        app.clock.advance(181 * 86_400_000);
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from pictures where deleted_at is null").await, 0);
        let after = app.number(size).await;
        assert!(after * 2 < before && after > 0, "{before} bytes with pictures, {after} without; what was read stays");
        assert_eq!(app.text("select real_name_state from accounts").await, "verified");
    }
}
