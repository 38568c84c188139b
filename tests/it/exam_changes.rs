//! An exam that changes while people are registered for it: what may not change any more, who is told, and what an arrangement under way makes of it.

use std::time::Duration;

use baokao::staff::Role;

use crate::exams::{edit, published};
use crate::support::scene::Exam;
use crate::support::{Client, TestApp};

/// Long enough for a request to come to the point where it waits for the database.
const A_MOMENT: Duration = Duration::from_secs(2);

/// A published exam as other scenes know it.
async fn an_exam(app: &TestApp, staff: &Client) -> Exam {
    let reference = published(staff, &[]).await;
    Exam { id: app.number("select id from exams").await, reference, subject: app.number("select id from subjects").await }
}

/// One room, and whoever is approved seated in it.
async fn seat(staff: &Client, exam: &Exam) {
    let room = [("site", "南校区"), ("address", "芙蓉南路"), ("name", "A1"), ("columns", "5"), ("rows", "6")];
    staff.post(&format!("/console/seating/{}/rooms", exam.reference), &room).await.expect(303);
    staff.post(&format!("/console/seating/{}/arrange", exam.reference), &[("seed", "s")]).await.expect(303);
}

async fn told(app: &TestApp) -> i64 {
    app.run_jobs().await;
    app.number("select count(*) from messages where title = '考试安排有变动'").await
}

async fn newest_message(app: &TestApp) -> String {
    app.text("select body from messages order by id desc limit 1").await
}

/// What `baokao ticket key` prints for this folder, and whether it succeeded.
fn ticket_key(folder: &std::path::Path) -> (String, bool) {
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_baokao"))
        .args(["ticket", "key"])
        .env("BAOKAO_DATA", folder)
        .output()
        .expect("it runs");
    (String::from_utf8(run.stdout).expect("text"), run.status.success())
}

#[tokio::test]
async fn the_public_key_is_handed_out_and_none_is_made_for_it() {
    let app = TestApp::sqlite().await;
    let expected = baokao::tickets::public_key_pem(app.keys.ticket_public_key());
    assert_eq!(ticket_key(app.folder()), (expected.clone(), true));
    let staff = app.a_staff_member(&[Role::Registrar]).await;
    let page = staff.get("/console/tickets/verify").await;
    page.says(expected.lines().nth(1).expect("the key itself"));
    let elsewhere = app.folder().join("elsewhere");
    assert_eq!(ticket_key(&elsewhere), (String::new(), false));
    assert!(!elsewhere.exists());
}

both! {
    async fn what_stands_on_tickets_does_not_change_under_them(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = an_exam(&app, &staff).await;
        app.a_registration(&app.a_candidate("王喆", "会计学").await, &exam, "approved").await;
        app.tamper("update subjects set taken = 1").await;
        let changes = [
            ("subject_starts_at", "2026-07-12T08:00"),
            ("subject_ends_at", "2026-07-12T12:00"),
            ("subject_name", "日语"),
            ("subject_code", "02"),
        ];
        seat(&staff, &exam).await;
        for change in changes {
            let refused = edit(&staff, &exam.reference, &[change]).await;
            refused.expect(422).says("考场已经编排，已有科目的代码、名称和时间不能再改，也不能删除。");
            assert_eq!(refused.form_value(change.0).as_deref(), Some(change.1), "what was typed stays");
        }
        edit(&staff, &exam.reference, &[("ticket_prefix", "262")]).await.expect(422).says("考场已经编排，准考证号前缀不能再改。");
        // The rest is no business of a ticket's; and without seats everything may change.
        edit(&staff, &exam.reference, &[("payee", "湘江大学财务处")]).await.goes_to("/console/exams/");
        staff.post(&format!("/console/seating/{}/undo", exam.reference), &[("sure", "yes")]).await.expect(303);
        edit(&staff, &exam.reference, &[("subject_starts_at", "2026-07-12T08:00"), ("ticket_prefix", "262")]).await.goes_to("/console/exams/");

        staff.post(&format!("/console/seating/{}/arrange", exam.reference), &[("seed", "s")]).await.expect(303);
        staff.post(&format!("/console/seating/{}/release", exam.reference), &[("count", "1")]).await.expect(303);
        edit(&staff, &exam.reference, &[("subject_name", "日语")]).await.expect(422).says("准考证已经发布，已有科目");
        edit(&staff, &exam.reference, &[("ticket_prefix", "263")]).await.expect(422).says("准考证已经发布，准考证号前缀不能再改。");
        assert_eq!(app.text("select name || ticket_prefix from subjects, exams").await, "英语262");
    }

    async fn whoever_is_registered_hears_of_changes(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = an_exam(&app, &staff).await;
        let person = app.a_candidate("王喆", "会计学").await;
        app.a_registration(&person, &exam, "submitted").await;
        let drafting = app.a_registration(&app.a_candidate("李雷", "").await, &exam, "drafting").await;
        app.tamper(&format!("update registrations set subject = null where ref = '{drafting}'")).await;
        app.a_registration(&app.a_candidate("韩梅", "").await, &exam, "withdrawn").await;
        app.tamper("update subjects set taken = 1").await;
        app.run_jobs().await;

        // The payee is nothing that a candidate has to act on.
        edit(&staff, &exam.reference, &[("payee", "湘江大学财务处")]).await.goes_to("/console/exams/");
        assert_eq!(told(&app).await, 0);
        edit(&staff, &exam.reference, &[("fee", "90"), ("closes_at", "2026-07-01T18:00"), ("pay_until", "2026-07-01T18:00")]).await.goes_to("/console/exams/");
        assert_eq!(told(&app).await, 2);
        let said = newest_message(&app).await;
        // The end of changes was not set apart from that of registration: it moves along.
        assert_eq!(
            said,
            "“2026年下半年学士学位外语考试”有变动：报名截止时间改为 2026年7月1日 18:00；修改截止时间改为 2026年7月1日 18:00；缴费截止时间改为 2026年7月1日 18:00；报名费改为 ¥90.00。请以最新内容为准。"
        );
        // Who has not chosen the subject has nothing to do with its time.
        edit(&staff, &exam.reference, &[("subject_starts_at", "2026-07-12T08:00")]).await.goes_to("/console/exams/");
        assert_eq!(told(&app).await, 3);
        assert!(newest_message(&app).await.contains("科目“英语”的考试时间改为 2026年7月12日 08:00 至 11:00"), "{}", newest_message(&app).await);
        person.client.get("/me/messages").await.says("考试安排有变动");

        let home = format!("/console/exams/{}", exam.reference);
        let page = staff.get(&home).await;
        staff.submit(&page, "/extend", &[("edit_until", "2026-07-02T18:00")]).await.goes_to(&home);
        assert_eq!(told(&app).await, 5);
        assert!(newest_message(&app).await.contains("修改截止时间改为 2026年7月2日 18:00"));
        staff.post(&format!("{home}/close"), &[("reason", "考务调整")]).await.goes_to(&home);
        assert_eq!(told(&app).await, 7);
        assert!(newest_message(&app).await.contains("学校已提前关闭报名") && !newest_message(&app).await.contains("考务调整"));
        staff.post(&format!("{home}/publish"), &[]).await.goes_to(&home);
        assert_eq!(told(&app).await, 9);
        // A job runs at least once; a second run tells nobody again.
        assert_eq!(app.tamper("update jobs set state = 'queued' where kind = 'exams.changed'").await, 5);
        assert_eq!(told(&app).await, 9);
    }

    async fn what_a_change_means_is_said_before_it_is_saved(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = an_exam(&app, &staff).await;
        let address = format!("/console/exams/{}/edit", exam.reference);
        let change = async |fields: &[(&str, &str)]| staff.submit(&staff.get(&address).await, "/edit", &[fields, &[("act", "save")]].concat()).await;
        // Nobody is registered: nothing to ask.
        change(&[("fee", "85")]).await.goes_to("/console/exams/");
        app.run_jobs().await;
        app.a_registration(&app.a_candidate("王喆", "会计学").await, &exam, "submitted").await;
        app.a_registration(&app.a_candidate("李雷", "会计学").await, &exam, "drafting").await;
        app.a_registration(&app.a_candidate("韩梅", "会计学").await, &exam, "withdrawn").await;
        change(&[("payee", "湘江大学财务处")]).await.goes_to("/console/exams/");

        let asked = change(&[("fee", "90"), ("notice", "新的须知"), ("thesis_floor", "good")]).await;
        asked.expect(200).says("还没有提交的人会收到消息：报名费改为 ¥90.00。").says("不会自动补缴或退款").says("不会按新的论文等级重新检查");
        asked.says("还没有填完的 1 人需要重新阅读报考须知。");
        assert_eq!(asked.form_value("fee").as_deref(), Some("90"), "what was typed stays");
        assert_eq!((app.number("select fee_fen from exams").await, told(&app).await), (8500, 0));
        // Changed once more behind the question, it is asked again; that somebody signs up meanwhile changes nothing of it.
        let again = staff.submit(&asked, "/edit", &[("fee", "95"), ("act", "save")]).await;
        again.expect(200).says("报名费改为 ¥95.00");
        app.a_registration(&app.a_candidate("赵一", "会计学").await, &exam, "drafting").await;
        staff.submit(&again, "/edit", &[("act", "save")]).await.goes_to("/console/exams/");
        assert_eq!((app.number("select fee_fen from exams").await, told(&app).await), (9500, 3));
    }

    async fn a_deadline_moves_after_registration_has_closed(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = an_exam(&app, &staff).await;
        app.at("2026-07-01T10:00");
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let home = format!("/console/exams/{}", exam.reference);
        let page = staff.get(&home).await;
        let later = [("edit_until", "2026-07-05T18:00"), ("pay_until", "2026-07-05T18:00")];
        staff.submit(&page, "/extend", &later).await.goes_to(&home);
        staff.get(&home).await.says("2026年7月5日 18:00");
    }

    async fn an_arrangement_is_not_made_of_what_has_changed_meanwhile(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = app.an_exam("free").await;
        app.a_registration(&app.a_candidate("王喆", "会计学").await, &exam, "approved").await;
        let hall = format!("/console/seating/{}", exam.reference);
        let room = [("site", "南校区"), ("address", "芙蓉南路"), ("name", "A1"), ("columns", "5"), ("rows", "6")];
        staff.post(&format!("{hall}/rooms"), &room).await.expect(303);
        let insert = format!(
            "insert into rooms (id, exam, site, address, name, seat_columns, seat_rows, position) values (7, {}, '北校区', '麓山南路', 'B1', 2, 3, 9)",
            exam.id
        );
        let cases = [
            (insert.as_str(), "考场列表刚刚有变动，请查看后重新编排。"),
            ("update exams set ticket_prefix = '262', updated_at = updated_at + 1", "考试设置刚刚有变动，请查看后重新编排。"),
        ];
        for (change, sentence) in cases {
            // Somebody else is in the middle of a change of this exam: the plan is made of what was before it.
            let mut tx = app.db.begin().await.expect("a transaction");
            for statement in ["update exams set updated_at = updated_at", change] {
                sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut *tx).await.expect("changed");
            }
            let commit = async {
                tokio::time::sleep(A_MOMENT).await;
                tx.commit().await.expect("committed");
            };
            let (page, ()) = tokio::join!(async { staff.post(&format!("{hall}/arrange"), &[("seed", "s")]).await }, commit);
            page.expect(409).says(sentence);
            assert_eq!(app.number("select count(*) from seats").await, 0);
        }
        staff.post(&format!("{hall}/arrange"), &[("seed", "s")]).await.expect(303);
        assert!(app.text("select ticket_number from seats").await.starts_with("262"));
    }

    async fn a_room_is_not_removed_from_under_an_arrangement(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = app.an_exam("free").await;
        app.a_registration(&app.a_candidate("王喆", "会计学").await, &exam, "approved").await;
        let hall = format!("/console/seating/{}", exam.reference);
        for name in ["A1", "A2"] {
            let room = [("site", "南校区"), ("address", "芙蓉南路"), ("name", name), ("columns", "5"), ("rows", "6")];
            staff.post(&format!("{hall}/rooms"), &room).await.expect(303);
        }
        // An arrangement is being written, as `arrange` does it: the exam's row first. The second room is empty, and still its number counts.
        let mut tx = app.db.begin().await.expect("a transaction");
        let seat = "insert into seats (registration, exam, subject, room, seat, ticket_number)
                    select r.id, r.exam, r.subject, (select id from rooms where name = 'A1'), 1, '261010300101' from registrations r";
        for statement in ["update exams set updated_at = updated_at", seat] {
            sqlx::query(statement).execute(&mut *tx).await.expect("written");
        }
        let commit = async {
            tokio::time::sleep(A_MOMENT).await;
            tx.commit().await.expect("committed");
        };
        let (page, ()) = tokio::join!(async { staff.post(&format!("{hall}/rooms/remove"), &[("position", "2")]).await }, commit);
        page.expect(409).says("考场已经编排");
        assert_eq!(app.number("select count(*) from rooms").await, 2);
    }

    async fn the_table_of_rooms_is_in_the_order_of_the_days(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = app.an_exam("free").await;
        let early = app.a_subject(exam.id, "02", "法语", "2026-07-09T09:00", "2026-07-09T11:00").await;
        app.a_registration(&app.a_candidate("王喆", "").await, &exam, "approved").await;
        app.a_registration_for(&app.a_candidate("李雷", "").await, &exam, early, "approved").await;
        seat(&staff, &exam).await;
        let words = staff.get(&format!("/console/seating/{}/table", exam.reference)).await.words();
        let at = |day: &str| words.find(day).unwrap_or_else(|| panic!("no {day} in {words}"));
        assert!(at("2026年7月9日") < at("2026年7月12日"), "{words}");
    }

    async fn an_auditor_looks_at_everything_and_changes_nothing(app: TestApp) {
        let exam = app.an_exam("offline").await;
        let registration = app.a_registration(&app.a_candidate("王喆", "会计学").await, &exam, "submitted").await;
        let auditor = app.a_staff_member(&[Role::Auditor]).await;
        let (hall, case) = (format!("/console/seating/{}", exam.reference), format!("/console/review/payment/{registration}"));
        let exam_page = format!("/console/exams/{}", exam.reference);
        for path in ["/console", "/console/audit", "/console/registrations", "/console/accounts", "/console/tickets/verify", "/console/review/payment", "/console/seating", "/console/exams", &hall, &case, &exam_page] {
            let page = auditor.get(path).await;
            page.expect(200);
            assert!(!page.has_form(&hall) && !page.has_form(&case) && !page.has_form(&exam_page), "{path} offers a change");
        }
        auditor.get(&case).await.says("王喆");
        assert_eq!(app.number("select count(*) from payment_leases").await, 0, "who looks holds nothing");
        auditor.get(&format!("/console/review/payment/next?exam={}", exam.reference)).await.expect(403);
        for path in [format!("{case}/approve"), format!("{case}/return"), format!("{hall}/rooms"), format!("{hall}/arrange"), format!("{hall}/release"), format!("{exam_page}/close")] {
            auditor.post(&path, &[("version", "1"), ("words", "不行"), ("reason", "不行")]).await.expect(403);
        }
    }
}
