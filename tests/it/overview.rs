//! 概览: its figures, and what it costs to show them.

use std::time::Instant;

use baokao::staff::Role;

use crate::support::TestApp;

both! {
    async fn charts_say_who_registered_when_and_what_it_brings(app: TestApp) {
        let exam = app.an_exam("page").await;
        for (name, major, state) in [("王喆", "会计学", "submitted"), ("李雷", "会计学", "approved"), ("韩梅", "法学", "drafting")] {
            app.a_registration(&app.a_candidate(name, major).await, &exam, state).await;
        }
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let page = staff.get("/console").await;
        page.says("按科目").says("03 英语 2").says("会计学 2").says_not("法学").says("在校生 2").says("¥80.00").says("6月20日：3").says("20日10时：3");
        assert!(page.body().contains("<polyline class=\"chart__line\"") && !page.body().contains(" style="));
        app.a_staff_member(&[]).await.get("/console").await.says_not("按科目");
    }

    async fn where_counting_is_dear_the_page_shows_what_was_counted(app: TestApp) {
        let exam = app.an_exam("page").await;
        app.a_registration(&app.a_candidate("王喆", "会计学").await, &exam, "approved").await;
        app.tick().await.unwrap();
        app.run_jobs().await;
        app.tamper("update overview_counted set took_ms = 500").await;
        app.a_registration(&app.a_candidate("李雷", "会计学").await, &exam, "approved").await;
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        staff.get("/console").await.says("0 0 0 1 0 0 0 0 1");
        // Half a second of counting is worth ten seconds of waiting; a minute is the least.
        app.clock.advance(59_000);
        app.tick().await.unwrap();
        app.run_jobs().await;
        staff.get("/console").await.says("0 0 0 1 0 0 0 0 1");
        app.clock.advance(1_000);
        app.tick().await.unwrap();
        app.run_jobs().await;
        staff.get("/console").await.says("0 0 0 2 0 0 0 0 2");
    }
}

async fn a_million_registrations(app: TestApp) {
    let exam = app.an_exam("page").await;
    let person = app.a_candidate("王喆", "会计学").await;
    app.a_registration(&person, &exam, "approved").await;
    let numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000)";
    app.tamper(&format!(
        "insert into accounts (id, ref, region, document_kind, document_enc, document_hash, name, name_version, phone_enc, phone_hash, password, candidate_type, major,
                               real_name_state, created_at)
         {numbers} select i, 'A' || i, region, document_kind, document_enc, cast(cast(i as text) as {}), name, 1, phone_enc, phone_hash, '', candidate_type, '专业' || (i % 40),
                real_name_state, a.created_at from n, accounts a where a.id = {}",
        if app.db.engine() == baokao::db::Engine::Sqlite { "blob" } else { "bytea" },
        person.id
    ))
    .await;
    app.tamper(&format!(
        "insert into registrations (id, ref, account, exam, state, version, notice_address, face_state, subject, study_status, thesis_grade, reason, created_at, updated_at)
         {numbers} select i, 'R' || i, i, exam, case when i % 3 = 0 then 'approved' else 'awaiting_payment' end, 1, '', 'passed', subject, '', '', '', r.created_at - i * 1000, 0
         from n, registrations r where r.exam = {} and r.account = {}",
        exam.id, person.id
    ))
    .await;
    let staff = app.a_staff_member(&[Role::Registrar]).await;
    let begun = Instant::now();
    app.tick().await.unwrap();
    app.run_jobs().await;
    println!("{:?}: counted in {:?}", app.db.engine(), begun.elapsed());
    let mut times: Vec<_> = Vec::new();
    for _ in 0..21 {
        let begun = Instant::now();
        staff.get("/console").await.says("1000001");
        times.push(begun.elapsed());
    }
    times.sort();
    println!("{:?}: the overview takes {:?} (median of 21)", app.db.engine(), times[10]);
    assert!(times[10].as_millis() < 50, "{:?}", times[10]);
}

#[tokio::test]
#[ignore = "a million registrations: minutes"]
async fn a_million_registrations_on_sqlite() {
    a_million_registrations(TestApp::sqlite().await).await;
}

#[tokio::test]
#[ignore = "a million registrations: minutes"]
async fn a_million_registrations_on_postgres() {
    a_million_registrations(TestApp::postgres().await).await;
}

both! {
    async fn the_state_of_the_system_is_for_administrators_and_those_who_look(app: TestApp) {
        let boss = app.a_staff_member(&[Role::Administrator]).await;
        let page = boss.get("/console/health").await;
        page.expect(200).says("齐全，证件、人脸和订单截图由本机识别。").says("不保存人脸特征。").says("照片识别 0 没有积压 0");
        assert!(!page.body().contains("badge-state--returned"), "nothing wants doing");
        app.tamper(
            "insert into jobs (id, queue, kind, payload, state, priority, attempts, run_at, lease_until, last_error, created_at)
             values (1, 'vision', 'nothing', '{}', 'failed', 10, 8, 0, 0, 'a reason', 0), (2, 'vision', 'nothing', '{}', 'queued', 10, 0, 0, 0, '', 0)",
        )
        .await;
        boss.get("/console/health").await.expect(200).says("照片识别 1 1970年1月1日 08:00 1").says_not("a reason");
        app.a_staff_member(&[Role::Auditor]).await.get("/console/health").await.expect(200);
        app.a_staff_member(&[Role::Registrar]).await.get("/console/health").await.expect(403);
    }
}

#[tokio::test]
async fn without_models_and_fonts_the_state_of_the_system_says_what_to_do() {
    let app = TestApp::without_models().await;
    let boss = app.a_staff_member(&[Role::Administrator]).await;
    let page = boss.get("/console/health").await;
    page.expect(200).says("报名不受影响：证件、人脸和订单截图都由工作人员审核。").says("运行 make assets").says("不能生成准考证");
}
