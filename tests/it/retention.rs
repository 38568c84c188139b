//! Retention: pictures go a set time after the exam; what is still needed stays.

use baokao::pictures::{self, Owner, PictureKind};

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
        let mut open = String::new();
        for (name, state) in [("王喆", "released"), ("欧阳净", "released"), ("陈小满", "submitted")] {
            let person = app.a_candidate(name, "会计学").await;
            let reference = app.a_registration(&person, &exam, state).await;
            a_picture(&app, person.id).await;
            match name {
                "欧阳净" => drop(app.a_registration(&person, &later, "approved").await),
                "陈小满" => open = reference,
                _ => {}
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
        assert_eq!(line, r#"{"kept_for_a_later_exam":1,"kept_for_an_open_case":1,"people":1,"pictures":1}"#);
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
        let admin = app.a_staff_member(&[baokao::staff::Role::Administrator]).await;
        admin.post("/console/settings/service", &[("pictures_days", "x")]).await.expect(422).says("请填写天数");
        admin.post("/console/settings/service", &[("pictures_days", "0")]).await.goes_to("/console/settings/service");
        app.at("2030-01-01T00:00");
        app.purge().await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.number(LEFT).await, 1);
    }
}
