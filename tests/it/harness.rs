//! The harness itself: each test has a database of its own, jobs run, cookies are kept.

use baokao::db::Engine;

use crate::support::TestApp;
use crate::support::server::Server;

both! {
    async fn an_app_answers_and_has_a_database_of_its_own(app: TestApp) {
        app.client().get("/healthz").await.expect(200).says("ok");
        assert_eq!(app.number("select count(*) from accounts").await, 0);
        app.tamper("insert into throttles (key, count, window_start, locked_until) values ('a', 1, 0, 0)").await;
        let other = if app.db.engine() == Engine::Sqlite { TestApp::sqlite().await } else { TestApp::postgres().await };
        assert_eq!(other.number("select count(*) from throttles").await, 0);
        assert_eq!(app.number("select count(*) from throttles").await, 1);
    }

    async fn the_clock_stands_still_until_it_is_moved(app: TestApp) {
        assert_eq!(app.clock.now().words(), "2026年6月20日 10:00");
        app.at("2026-06-25T18:00");
        assert_eq!(app.clock.now().words(), "2026年6月25日 18:00");
    }

    async fn a_job_that_fails_is_reported(app: TestApp) {
        let mut tx = app.db.begin().await.expect("a transaction");
        let job = baokao::jobs::NewJob {
            kind: "no.such",
            queue: baokao::jobs::Queue::Default,
            priority: 1,
            payload: serde_json::json!({}),
            unique_key: None,
            run_at: app.clock.now(),
        };
        baokao::jobs::enqueue(app.app(), &mut tx, job).await.expect("written");
        tx.commit().await.expect("committed");
        let failures = app.try_jobs().await;
        assert!(failures.len() == 1 && failures[0].contains("no handler"), "{failures:?}");
    }

    async fn the_demos_pages_do_not_exist_outside_the_demo(app: TestApp) {
        let program = Server::start(&app);
        for path in ["/demo", "/demo/card", "/demo/receipt", "/demo/outbox"] {
            app.client().get(path).await.expect(200);
            let answer = program.get(path, "");
            assert_eq!(answer.status, 404, "{path}: {}", answer.body);
            assert!(answer.body.contains("没有找到这个页面"), "{path}: {}", answer.body);
        }
    }

    async fn an_address_that_leads_nowhere_says_so(app: TestApp) {
        app.client().get("/no-such-page").await.expect(404).says("没有找到");
    }
}
