//! The plug is pulled: `kill -9` of the real program between an upload's answer and the end of the reading. After a
//! restart the candidate sees the result without doing anything.

use std::time::{Duration, Instant};

use baokao::clock::Clock;
use baokao::demo::specimens::{ReceiptForm, draw_receipt};
use baokao::staff::Role;

use crate::identity::NUMBER;
use crate::identity_cards::Card;
use crate::rosters;
use crate::support::TestApp;
use crate::support::server::{Answer, Server};

/// On PostgreSQL another process might still be at it: a job is taken over when its lease of 30 s ends.
const PATIENCE: Duration = Duration::from_secs(180);
const DAY_MS: i64 = 86_400_000;

/// Waits until a worker has the one job of this kind in hand.
async fn until_running(app: &TestApp, kind: &str) {
    let began = Instant::now();
    while app.number(&format!("select count(*) from jobs where kind = '{kind}' and state = 'running'")).await == 0 {
        assert!(began.elapsed() < PATIENCE, "no worker took {kind}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Asks the waiting page, as its reader's browser does by itself, until it leads on; returns where to.
async fn until_done(server: &Server, waiting: &str, cookie: &str) -> String {
    let began = Instant::now();
    loop {
        let Answer { status, location, body } = server.get(waiting, cookie);
        if status == 303 {
            return location;
        }
        assert_eq!(status, 200, "{waiting}: {body}");
        assert!(began.elapsed() < PATIENCE, "{waiting} still waits: {body}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

both! {
    async fn a_card_is_read_after_the_program_was_killed(app: TestApp) {
        app.clock.set(Clock::system().now());
        let person = app.candidate("张三", NUMBER).await;
        let cookie = person.client.cookie_line();
        let (front, back) = Card::of("张三").pictures();

        let server = Server::start(&app);
        let answer = server.upload("/me/identity/upload", &cookie, &[("consent", "1")], &[("front", &front), ("back", &back)]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let waiting = answer.location;
        assert!(waiting.starts_with("/me/identity/wait/"), "the upload leads to {waiting}");
        until_running(&app, "identity.read").await;
        server.kill();
        assert_eq!(app.text("select state from identity_checks").await, "reading", "the program died before the reading ended");

        let again = Server::start(&app);
        let result = until_done(&again, &waiting, &cookie).await;
        assert_eq!(app.number("select attempts from jobs where kind = 'identity.read'").await, 2, "the job was begun twice");
        // Outside the demo a card that is marked as a specimen goes to a person.
        assert_eq!(app.number("select count(*) from audit where action = 'identity.person'").await, 1, "and had effect once");
        assert_eq!(app.number("select count(*) from pictures where kind = 'portrait'").await, 1);
        let page = again.get(&result, &cookie);
        assert!(page.status == 200 && page.body.contains("人工审核中"), "{result} says what became of the card: {}", page.body);
    }

    async fn an_order_screenshot_is_read_after_the_program_was_killed(app: TestApp) {
        // The program has the machine's clock; so have the session and the windows that it is to find.
        let now = Clock::system().now();
        app.clock.set(now);
        let exam = app.an_exam("page").await;
        let (opened, closes) = (now.plus_ms(-DAY_MS).0, now.plus_ms(DAY_MS).0);
        app.tamper(&format!("update exams set opens_at = {opened}, closes_at = {closes}, edit_until = {closes}, pay_until = {closes}")).await;
        let person = app.a_candidate("王喆", "法学").await;
        let registration = app.a_registration(&person, &exam, "awaiting_payment").await;
        let receipt = ReceiptForm { amount: "80".into(), item: "考试费".into(), payee: "湘江大学".into() };
        let picture = draw_receipt(app.app(), &receipt).await.expect("an order screenshot");
        let cookie = person.client.cookie_line();

        let server = Server::start(&app);
        let answer = server.upload(&format!("/registrations/{registration}/proof"), &cookie, &[], &[("picture", &picture)]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let waiting = answer.location;
        assert!(waiting.ends_with("/wait"), "the upload leads to {waiting}");
        until_running(&app, "payments.read").await;
        server.kill();
        assert_eq!(app.text("select state from proofs").await, "reading", "the program died before the reading ended");

        let again = Server::start(&app);
        let result = until_done(&again, &waiting, &cookie).await;
        assert_eq!(app.text("select state from proofs").await, "read");
        assert_eq!(app.number("select attempts from jobs where kind = 'payments.read'").await, 2, "the job was begun twice");
        let page = again.get(&result, &cookie);
        assert!(page.status == 200 && page.body.contains("80.00"), "{result} shows the amount: {}", page.body);
    }

    async fn a_roster_is_checked_on_after_the_program_was_killed(app: TestApp) {
        app.clock.set(Clock::system().now());
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let roster = staff.post("/console/rosters", &[("name", "2026 年春季学籍")]).await.next_address().expect("a roster");
        let table = rosters::table(20_000, |_, _| ());
        let import = staff.upload(&format!("{roster}/import"), &[], &[("file", "学籍.csv", &table)]).await.next_address().expect("an import");
        staff.submit(&staff.get(&import).await, "/columns", &[]).await.goes_to(&import);

        let server = Server::start(&app);
        let began = Instant::now();
        while app.number("select line from roster_imports").await < 2000 {
            assert!(began.elapsed() < PATIENCE, "the rows are not checked");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.kill();
        let (line, entries) = (app.number("select line from roster_imports").await, app.number("select count(*) from roster_entries").await);
        assert!((2000..20_001).contains(&line) && entries == line - 1, "{entries} entries up to line {line}");
        assert_eq!(app.text("select state || ' ' || coalesce(current, 0) from roster_imports, rosters").await, "checking 0", "nothing counts");

        let _again = Server::start(&app);
        while app.text("select state from roster_imports").await == "checking" {
            assert!(began.elapsed() < PATIENCE, "the check does not go on");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(app.text("select state || ' ' || good || ' ' || bad from roster_imports").await, "ready 20000 0");
        assert_eq!(app.number("select count(*) from roster_entries").await, 20_000);
        staff.post(&format!("{import}/apply"), &[]).await.goes_to(&roster);
    }
}
