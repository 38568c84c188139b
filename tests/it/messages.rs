//! Messages that staff write: preview, batch, plan, cancel; and that nobody gets one twice.

use std::time::Duration;

use baokao::jobs::Job;
use baokao::staff::Role;

use crate::support::{Client, Page, TestApp};

/// A message with SMS to those of an exam who have not paid.
pub(crate) fn draft<'a>(exam: &'a str, once: &'a str, act: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("exam", exam),
        ("state", "awaiting_payment"),
        ("state", "returned"),
        ("title", "请尽快缴费"),
        ("body", "{姓名}您好，{考试}（{科目}）还没有缴费。"),
        ("with_sms", "yes"),
        ("once", once),
        ("act", act),
    ]
}

/// Previews a message, and sends what was previewed.
pub(crate) async fn send(staff: &Client, fields: &[(&str, &str)]) -> Page {
    let preview: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != "act").chain([("act", "preview")]).collect();
    let shown = staff.post("/console/messages/new", &preview).await;
    if shown.status == 200 { staff.submit(&shown, "/console/messages/new", &[("act", "send")]).await } else { shown }
}

pub(crate) const ONCE: &str = "once-once-once-once-once";

both! {
    async fn a_message_to_a_filter_is_shown_first_and_reaches_those_people_once(app: TestApp) {
        let exam = app.an_exam("page").await;
        for (name, state) in [("王喆", "awaiting_payment"), ("欧阳净", "returned"), ("陈小满", "approved")] {
            let person = app.a_candidate(name, "会计学").await;
            app.a_registration(&person, &exam, state).await;
        }
        let registrar = app.a_staff_member(&[Role::Registrar]).await;
        registrar.get("/console/messages").await.says("还没有发过消息");
        let wrong = [("exam", exam.reference.as_str()), ("title", "x"), ("body", "{座位}"), ("act", "preview")];
        registrar.post("/console/messages/new", &wrong).await.expect(422).says("没有“{座位}”这个字段").says("请至少选择一种报名状态");
        let shown = registrar.post("/console/messages/new", &draft(&exam.reference, ONCE, "preview")).await;
        shown.expect(200).says("将发给 2 人").says("王喆您好，2026年上半年学位外语考试（英语）还没有缴费。");
        assert_eq!(app.number("select count(*) from message_batches").await, 0);
        let address = format!("/console/messages/{ONCE}");
        // What was changed behind the preview is shown before it is sent.
        let changed = registrar.submit(&shown, "/console/messages/new", &[("state", "approved"), ("act", "send")]).await;
        changed.expect(200).says("还没有发送：预览之后内容或对象有改动").says("将发给 1 人");
        registrar.post("/console/messages/new", &draft(&exam.reference, ONCE, "send")).await.expect(200).says("还没有发送");
        assert_eq!(app.number("select count(*) from message_batches").await, 0);
        registrar.submit(&shown, "/console/messages/new", &[("act", "send")]).await.goes_to(&address);
        registrar.submit(&shown, "/console/messages/new", &[("act", "send")]).await.goes_to(&address);
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from messages").await, 2);
        assert_eq!(app.number("select count(*) from sms_outbox where batch <> 0").await, 2);
        registrar.get(&address).await.says("已发送").says("2 / 2").says("已送达");
        registrar.post(&format!("{address}/cancel"), &[]).await.expect(409);
        app.a_staff_member(&[Role::Reviewer]).await.post("/console/messages/new", &draft(&exam.reference, ONCE, "send")).await.expect(403);
    }

    async fn a_message_reaches_those_of_a_list_and_nobody_else(app: TestApp) {
        let exam = app.an_exam("page").await;
        let german = app.a_subject(exam.id, "04", "德语", "2026-07-12T09:00", "2026-07-12T11:00").await;
        let mut people = Vec::new();
        for (name, major, subject) in [("王喆", "法学", exam.subject), ("李雷", "会计学", exam.subject), ("韩梅", "法学", german)] {
            let person = app.a_candidate(name, major).await;
            app.a_registration_for(&person, &exam, subject, "returned").await;
            people.push(person);
        }
        let registrar = app.a_staff_member(&[Role::Registrar]).await;
        let list = registrar.get(&format!("/console/registrations?exam={}&state=returned&subject=03&major=法学", exam.reference)).await;
        let page = registrar.get(&list.link("给符合条件的“已退回”考生发消息")).await;
        page.expect(200).says("只发给：英语，法学");
        let texts = [("title", "请补交材料"), ("body", "{姓名}您好。"), ("act", "preview")];
        let shown = registrar.submit(&page, "/console/messages/new", &texts).await;
        shown.expect(200).says("将发给 1 人").says("王喆您好。");
        let sent = registrar.submit(&shown, "/console/messages/new", &[("act", "send")]).await;
        app.run_jobs().await;
        registrar.follow(sent).await.says("已退回，英语，法学").says("1 / 1");
        for (person, count) in people.iter().zip([1, 0, 0]) {
            assert_eq!(app.number(&format!("select count(*) from messages where account = {}", person.id)).await, count);
        }
        // A subject of another exam is none of this one's.
        let elsewhere = registrar.submit(&page, "/console/messages/new", &[&texts[..], &[("subject", "09")]].concat()).await;
        elsewhere.expect(422).says("这场考试没有所选的科目");
        // On a list of days the button is not there: a message knows no days.
        let days = registrar.get(&format!("/console/registrations?exam={}&state=returned&from=2026-06-01", exam.reference)).await;
        days.expect(200).says_not("考生发消息");
    }

    async fn a_planned_message_waits_and_can_be_cancelled(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "会计学").await;
        app.a_registration(&person, &exam, "returned").await;
        let registrar = app.a_staff_member(&[Role::Registrar]).await;
        let mut planned = draft(&exam.reference, ONCE, "send");
        planned.push(("run_at", "2026-06-19T08:00"));
        send(&registrar, &planned).await.expect(422).says("发送时间要在现在以后");
        planned.pop();
        planned.push(("run_at", "2026-06-20T10:30"));
        send(&registrar, &planned).await.goes_to(&format!("/console/messages/{ONCE}"));
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from messages").await, 0);
        registrar.post(&format!("/console/messages/{ONCE}/cancel"), &[]).await.goes_to(&format!("/console/messages/{ONCE}"));
        app.at("2026-06-20T10:31");
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from messages").await, 0);
        // To one person, now.
        let reference = app.text("select ref from registrations").await;
        let one = [("to", reference.as_str()), ("title", "补材料"), ("body", "{姓名}，请补交材料。"), ("once", "another-another-another"), ("act", "send")];
        send(&registrar, &one).await.goes_to("/console/messages/another-another-another");
        app.run_jobs().await;
        person.client.get("/me/messages").await.says("补材料");
    }

    async fn killed_again_and_again_a_batch_tells_everybody_once(app: TestApp) {
        let exam = app.an_exam("page").await;
        for _ in 0..60 {
            let person = app.a_candidate("王喆", "会计学").await;
            app.a_registration(&person, &exam, "returned").await;
        }
        let registrar = app.a_staff_member(&[Role::Registrar]).await;
        send(&registrar, &draft(&exam.reference, ONCE, "send")).await.goes_to(&format!("/console/messages/{ONCE}"));
        let mut kills = 0;
        for attempt in 1..200_i64 {
            app.tamper(&format!("update jobs set state = 'running', attempts = {attempt} where kind = 'messages.batch'")).await;
            let id = app.number("select id from jobs where kind = 'messages.batch'").await;
            let payload = app.text("select payload from jobs where kind = 'messages.batch'").await;
            let job = Job { id, kind: "messages.batch".into(), payload, attempts: attempt };
            // A future that is dropped where it stands leaves what a killed process leaves.
            let patience = Duration::from_millis(2 * u64::try_from(attempt).unwrap());
            match tokio::time::timeout(patience, baokao::messages::jobs::run(app.app(), &job)).await {
                Ok(done) => {
                    done.unwrap();
                    break;
                }
                Err(_) => kills += 1,
            }
        }
        assert!(kills > 0, "it was never killed");
        assert_eq!(app.number("select count(*) from messages").await, 60);
        assert_eq!(app.number("select count(distinct account) from messages").await, 60);
        assert_eq!(app.number("select count(*) from sms_outbox where batch <> 0").await, 60);
        assert_eq!(app.number("select told from message_batches").await, 60);
    }
}
