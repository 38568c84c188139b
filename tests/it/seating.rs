//! Rooms, the arrangement in a click, its undoing, and the release of tickets.

use std::collections::HashSet;

use baokao::staff::Role;

use crate::support::scene::{Exam, Person};
use crate::support::{Client, Page, TestApp};

async fn add_room(staff: &Client, exam: &Exam, site: &str, name: &str, columns: &str, rows: &str) -> Page {
    let fields = [("site", site), ("address", "长沙市天心区芙蓉南路二段 88 号"), ("name", name), ("columns", columns), ("rows", rows)];
    staff.post(&format!("/console/seating/{}/rooms", exam.reference), &fields).await
}

async fn arrange(staff: &Client, exam: &Exam, seed: &str) -> Page {
    staff.post(&format!("/console/seating/{}/arrange", exam.reference), &[("seed", seed)]).await
}

/// So many approved candidates of two majors.
async fn approved(app: &TestApp, exam: &Exam, count: usize) -> Vec<(Person, String)> {
    let mut all = Vec::new();
    for n in 0..count {
        let person = app.a_candidate("王喆", if n % 2 == 0 { "会计学" } else { "法学" }).await;
        let registration = app.a_registration(&person, exam, "approved").await;
        all.push((person, registration));
    }
    all
}

/// Who sits where: `registration number: ticket number`, in the order of the tickets.
async fn seats(app: &TestApp) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> =
        sqlx::query_as("select s.ticket_number, r.ref from seats s join registrations r on r.id = s.registration order by s.ticket_number")
            .fetch_all(&mut *app.db.read().await.expect("a connection"))
            .await
            .expect("seats");
    rows.sort();
    rows
}

both! {
    async fn seats_are_given_taken_back_and_given_again_by_the_same_seed(app: TestApp) {
        let exam = app.an_exam("free").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let everybody = approved(&app, &exam, 7).await;
        let left_out = app.a_candidate("李雷", "").await;
        app.a_registration(&left_out, &exam, "submitted").await;
        let hall = format!("/console/seating/{}", exam.reference);
        staff.get("/console/seating").await.expect(200).says("2026年上半年学位外语考试");
        staff.get(&hall).await.expect(200).says("还没有考场").says("还有 1 份报名待审核，编排时不包括他们");
        for name in ["博学楼 A302", "博学楼 A303"] {
            add_room(&staff, &exam, "南校区", name, "2", "2").await.goes_to(&hall);
        }
        arrange(&staff, &exam, "2026-06").await.goes_to(&hall);
        let made = seats(&app).await;
        assert_eq!(made.len(), 7);
        assert_eq!(made.iter().map(|s| &s.1).collect::<HashSet<_>>(), everybody.iter().map(|e| &e.1).collect::<HashSet<_>>());
        // 26 年第 1 批，考点 01，科目 03，考场 001 与 002。
        let numbers: Vec<&str> = made.iter().map(|s| s.0.as_str()).collect();
        assert_eq!((numbers[0], numbers[3], numbers[4], numbers[6]), ("261010300101", "261010300104", "261010300201", "261010300203"));
        assert_eq!(app.number("select count(*) from registrations where state = 'seated'").await, 7);
        let page = staff.get(&hall).await;
        page.says("2026-06").says("已编排").says("取消 7 名考生的座位");
        staff.get(&format!("{hall}/table")).await.expect(200).says("博学楼 A303").says("261010300201 — 261010300203");
        // Nothing is arranged over an arrangement, and its rooms stay.
        arrange(&staff, &exam, "").await.expect(409).says("考场已经编排。如需重新编排，请先取消编排。");
        add_room(&staff, &exam, "南校区", "博学楼 A304", "2", "2").await.expect(409).says("请先取消编排");
        staff.post(&format!("{hall}/rooms/remove"), &[("position", "1")]).await.expect(409);
        staff.submit(&page, "/undo", &[]).await.expect(422).says("请先勾选确认，再取消座位。");
        staff.submit(&page, "/undo", &[("sure", "yes")]).await.goes_to(&hall);
        assert_eq!(app.number("select count(*) from registrations where state = 'approved'").await, 7);
        assert_eq!(app.number("select count(*) from seats").await, 0);
        // The same seed, the same seats; a drawn one, others.
        arrange(&staff, &exam, "2026-06").await.goes_to(&hall);
        assert_eq!(seats(&app).await, made);
        staff.post(&format!("{hall}/undo"), &[("sure", "yes")]).await.goes_to(&hall);
        arrange(&staff, &exam, "").await.goes_to(&hall);
        let drawn = app.text("select seed from arrangements where undone_at is null").await;
        assert_eq!(drawn.len(), 10);
        staff.get(&hall).await.says(&drawn);
        for (action, count) in [("seating.add_room", 2), ("seating.arrange", 3), ("seating.undo", 2)] {
            assert_eq!(app.number(&format!("select count(*) from audit where action = '{action}'")).await, count, "{action}");
        }
    }

    async fn too_few_seats_are_counted_and_nobody_is_seated(app: TestApp) {
        let exam = app.an_exam("free").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        arrange(&staff, &exam, "").await.expect(409).says("还没有审核通过的报名");
        approved(&app, &exam, 5).await;
        add_room(&staff, &exam, "南校区", "A1", "1", "3").await.expect(303);
        arrange(&staff, &exam, "").await.expect(409).says("座位不够：英语 还缺 2 个座位。请增加考场后再编排");
        assert_eq!(app.number("select count(*) from seats").await + app.number("select count(*) from arrangements").await, 0);
        assert_eq!(app.number("select count(*) from registrations where state = 'approved'").await, 5);
    }

    async fn subjects_at_one_time_sit_in_rooms_of_their_own(app: TestApp) {
        let exam = app.an_exam("free").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let french = app.a_subject(exam.id, "07", "法语", "2026-07-12T10:00", "2026-07-12T12:00").await;
        approved(&app, &exam, 2).await;
        let person = app.a_candidate("李雷", "").await;
        app.a_registration_for(&person, &exam, french, "approved").await;
        add_room(&staff, &exam, "南校区", "A1", "2", "3").await.expect(303);
        arrange(&staff, &exam, "").await.expect(409).says("法语 还缺 1 个座位");
        add_room(&staff, &exam, "北校区", "A1", "2", "3").await.expect(303);
        arrange(&staff, &exam, "").await.expect(303);
        // Site 02, subject 07, room 002.
        assert_eq!(seats(&app).await.last().expect("a seat").0, "261020700201");
    }

    async fn rooms_have_limits_and_sentences(app: TestApp) {
        let exam = app.an_exam("free").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        add_room(&staff, &exam, "", "", "0", "21").await.expect(422).says("请填写考点名称").says("请填写考场名称").says("1 至 20 之间的整数");
        add_room(&staff, &exam, "南校区", "A1", "10", "10").await.expect(422).says("一个考场最多 99 个座位");
        add_room(&staff, &exam, "南校区", "A1", "5", "6").await.expect(303);
        add_room(&staff, &exam, "南校区", "A1", "5", "6").await.expect(422).says("这个考点已有同名考场");
        arrange(&staff, &exam, "种子").await.expect(422).says("随机种子只能是字母、数字和短横线");
        let hall = staff.get(&format!("/console/seating/{}", exam.reference)).await;
        staff.submit(&hall, "/rooms/remove", &[]).await.expect(303);
        assert_eq!(app.number("select count(*) from rooms").await, 0);
    }

    async fn tickets_are_released_once_to_everybody_with_a_seat(app: TestApp) {
        let exam = app.an_exam("free").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let release = format!("/console/seating/{}/release", exam.reference);
        staff.post(&release, &[("count", "0")]).await.expect(409).says("还没有编排考场");
        approved(&app, &exam, 3).await;
        add_room(&staff, &exam, "南校区", "A1", "2", "3").await.expect(303);
        arrange(&staff, &exam, "").await.expect(303);
        let page = staff.get(&release).await;
        page.expect(200).says("将向 3 名考生发布准考证");
        // The number that was confirmed must still be true.
        staff.post(&release, &[("count", "2")]).await.expect(409).says("已编排的人数变为 3 人，请核对后重新确认发布。");
        assert_eq!(app.number("select count(*) from registrations where state = 'released'").await, 0);
        staff.submit(&page, "/release", &[]).await.expect(303);
        assert_eq!(app.number("select count(*) from registrations where state = 'released'").await, 3);
        assert_eq!(app.number("select count(*) from exams where tickets_released_at is not null").await, 1);
        assert_eq!(app.number("select count(*) from jobs where kind = 'messages.deliver'").await, 3);
        assert_eq!(app.number("select count(*) from audit where action = 'seating.release'").await, 1);
        staff.post(&release, &[("count", "3")]).await.expect(409);
        staff.post(&format!("/console/seating/{}/undo", exam.reference), &[]).await.expect(409).says("准考证已经发布，不能再取消编排。");
        arrange(&staff, &exam, "").await.expect(409).says("准考证已经发布");
    }

    async fn a_registration_that_changes_under_the_arrangement_stops_it(app: TestApp) {
        let exam = app.an_exam("free").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let everybody = approved(&app, &exam, 3).await;
        add_room(&staff, &exam, "南校区", "A1", "2", "3").await.expect(303);
        arrange(&staff, &exam, "").await.expect(303);
        // One of them is, against all rules, no longer seated: the release is all or nothing.
        app.tamper(&format!("update registrations set state = 'withdrawn' where ref = '{}'", everybody[1].1)).await;
        let release = format!("/console/seating/{}/release", exam.reference);
        staff.post(&release, &[("count", "3")]).await.expect(409);
        assert_eq!(app.number("select count(*) from registrations where state = 'released'").await, 0);
        assert_eq!(app.number("select count(*) from exams where tickets_released_at is not null").await, 0);
        assert_eq!(app.number("select count(*) from jobs where kind = 'messages.deliver'").await, 0);
    }

    async fn only_those_who_seat_may_seat(app: TestApp) {
        let exam = app.an_exam("free").await;
        approved(&app, &exam, 1).await;
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        let hall = format!("/console/seating/{}", exam.reference);
        for path in ["/console/seating".to_owned(), hall.clone(), format!("{hall}/table"), format!("{hall}/release")] {
            reviewer.get(&path).await.expect(403);
            app.client().get(&path).await.goes_to("/console/login");
        }
        add_room(&reviewer, &exam, "南校区", "A1", "2", "3").await.expect(403);
        arrange(&reviewer, &exam, "").await.expect(403);
        for action in ["undo", "release", "rooms/remove"] {
            reviewer.post(&format!("{hall}/{action}"), &[("count", "1"), ("position", "1")]).await.expect(403);
        }
        assert_eq!(app.number("select count(*) from rooms").await, 0);
    }
}
