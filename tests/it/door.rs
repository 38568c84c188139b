//! What stands before every page: refusal of cross-site requests, headers, cookies; and what must not be passed by asking many times at once.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::middleware;
use axum::routing::get;
use baokao::app::App;
use baokao::config::Config;
use baokao::error::Error;
use baokao::router::router;
use baokao::staff::{self, Role};
use baokao::web::client::Client as Asker;
use baokao::web::errors;
use baokao::web::throttle::{self, Limit};
use tower::ServiceExt as _;

use crate::accounts::{PASSWORD, PHONE, ask_for_code, number, person, register};
use crate::support::TestApp;

/// The same data with other settings.
async fn another(app: &TestApp, change: impl FnOnce(&mut Config)) -> App {
    let mut config = app.config.clone();
    change(&mut config);
    App::open(config, app.clock.clone()).await.expect("opens")
}

/// One request, as it is.
async fn send(router: Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let answer = router.oneshot(request).await.expect("an answer");
    let (parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("the whole answer");
    (parts.status, parts.headers, String::from_utf8_lossy(&bytes).into_owned())
}

fn form(path: &str, body: &str) -> axum::http::request::Builder {
    Request::post(path)
        .header(header::HOST, "bm.example.edu.cn")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONTENT_LENGTH, body.len())
}

fn asker(address: &str) -> Asker {
    Asker { address: address.into(), https: false, user_agent: String::new(), wants_json: false, flash: None }
}

const STAFF_PASSWORD: &str = "long-enough-2026";

async fn staff_sign_in(app: &App, password: &str, address: &str) -> u16 {
    let outcome = staff::actions::sign_in(app, "zhang", password, &asker(address)).await;
    outcome.map_or_else(|error| error.status().as_u16(), |_| 303)
}

/// Occupies every slot in which passwords are hashed, until the returned end is dropped.
fn no_slot(app: &App) -> std::sync::mpsc::Sender<()> {
    let (free, freed) = std::sync::mpsc::channel::<()>();
    let freed = std::sync::Arc::new(std::sync::Mutex::new(freed));
    for _ in 0..2 {
        let (app, freed) = (app.clone(), freed.clone());
        tokio::spawn(async move { app.hashing.run(move || freed.lock().map(|end| end.recv().ok()).is_ok()).await });
    }
    free
}

/// What is on its way comes as far as it can.
async fn settle() {
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
}

both! {
    async fn requests_from_another_site_are_refused(app: TestApp) {
        let router = router(app.app().clone());
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = form("/login", "number=1&password=x").header(name, value).body(Body::from("number=1&password=x")).expect("a request");
            let (status, _, page) = send(router.clone(), request).await;
            assert!(status == 403 && page.contains("不是从本站页面发出的"), "{name}: {status}");
        }
        assert_eq!(app.number("select count(*) from throttles").await, 0, "nothing was begun");
    }

    async fn every_page_carries_its_headers(app: TestApp) {
        let page = app.client().get("/login").await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        for (name, value) in
            [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "same-origin"), ("cache-control", "private, no-store")]
        {
            assert_eq!(page.header(name), value, "{name}");
        }
        assert!(page.header("permissions-policy").contains("camera=(self)"));
        assert_eq!(page.header("strict-transport-security"), "");
        for (self_signed, told) in [(false, true), (true, false)] {
            let https = another(&app, |config| {
                config.public_url = "https://bm.example.edu.cn".into();
                config.self_signed = self_signed;
            })
            .await;
            let (_, headers, _) = send(router(https), Request::get("/login").body(Body::empty()).expect("a request")).await;
            assert_eq!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY), told);
        }
    }

    async fn session_cookies_are_for_this_site_and_no_script(app: TestApp) {
        register(&app, "王喆", &number(1), PHONE).await;
        for (public_url, secure) in [("http://bm.example.edu.cn", false), ("https://bm.example.edu.cn", true)] {
            let site = another(&app, |config| config.public_url = public_url.into()).await;
            let body = format!("number={}&password={PASSWORD}", number(1));
            let request = form("/login", &body).header("sec-fetch-site", "same-origin").body(Body::from(body)).expect("a request");
            let (status, headers, _) = send(router(site), request).await;
            assert_eq!(status, 303);
            let cookie = headers[header::SET_COOKIE].to_str().expect("text");
            assert!(cookie.starts_with("baokao_session=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            assert_eq!(cookie.contains("Secure"), secure, "{cookie}");
        }
    }

    async fn outside_the_demo_no_sms_leaves(app: TestApp) {
        let school = another(&app, |config| config.demo = false).await;
        let client = app.client();
        client.post("/register", &person("王喆", &number(1))).await.goes_to("/register/phone");
        let page = client.get("/register/phone").await;
        let draft = client.cookie("baokao_signup").expect("a draft");
        let challenge = page.form_value("challenge").expect("a challenge");
        let body = format!("phone={PHONE}&challenge={challenge}&pow_nonce={}", baokao::accounts::challenge::solve(&challenge));
        let request = form("/register/phone/code", &body).header("sec-fetch-site", "same-origin").header(header::COOKIE, format!("baokao_signup={draft}"));
        let (_, _, answer) = send(router(school), request.body(Body::from(body)).expect("a request")).await;
        assert!(answer.contains("短信服务尚未开通"), "{answer}");
        assert_eq!(app.number("select count(*) from sms_codes").await + app.number("select count(*) from sms_outbox").await, 0);
        ask_for_code(&client, &page, "/register/phone/code", &[("phone", PHONE)]).await.goes_to("/register/phone");
    }

    async fn an_answer_that_took_too_long_has_a_sentence(app: TestApp) {
        let slow = Router::new()
            .route("/slow", get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
            .layer(middleware::from_fn_with_state(app.app().clone(), errors::layer))
            .with_state(app.app().clone());
        let (status, _, page) = send(slow, Request::get("/slow").body(Body::empty()).expect("a request")).await;
        assert!(status == 503 && page.contains("用时太长"), "{page}");
    }

    async fn the_audit_is_one_chain(app: TestApp) {
        register(&app, "王喆", &number(1), PHONE).await;
        app.a_staff_member(&[Role::Auditor]).await;
        type Row = (i64, i64, String, i64, String, String, String, i64, String, String);
        let lines: Vec<Row> = sqlx::query_as(
            "select seq, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail, address from audit order by seq",
        )
        .fetch_all(&mut *app.db.read().await.expect("a connection"))
        .await
        .expect("lines");
        let hashes: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as("select previous_hash, hash from audit order by seq")
            .fetch_all(&mut *app.db.read().await.expect("a connection"))
            .await
            .expect("hashes");
        assert!(lines.len() >= 3, "{lines:?}");
        let mut last = Vec::new();
        for (line, (previous, hash)) in lines.iter().zip(hashes) {
            assert_eq!(previous, last, "line {} follows the one before", line.0);
            let columns = serde_json::json!(line).to_string();
            assert_eq!(hash, baokao::crypto::sha256(&[previous.as_slice(), columns.as_bytes()].concat()), "line {} is as it was written", line.0);
            last = hash;
        }
        let (head,): (Vec<u8>,) =
            sqlx::query_as("select hash from audit_head").fetch_one(&mut *app.db.read().await.expect("a connection")).await.expect("the head");
        assert_eq!(head, last);
    }

    async fn a_lock_that_has_run_out_is_over(app: TestApp) {
        const LIMIT: Limit = Limit { count: 2, window_s: 3600, lock_s: 60 };
        let count = async || throttle::count(app.app(), "a", LIMIT).await;
        count().await.expect("one");
        count().await.expect("two");
        let Err(Error::TooMany { retry_after_s, .. }) = count().await else { panic!("a third") };
        assert_eq!(retry_after_s, 60);
        app.clock.advance(59_000);
        assert!(count().await.is_err());
        app.clock.advance(1000);
        count().await.expect("as told");
        count().await.expect("a new window");
        assert!(count().await.is_err());
    }

    async fn staff_are_locked_after_five_wrong_passwords_for_a_quarter_of_an_hour(app: TestApp) {
        staff::actions::create(app.app(), "zhang", "张老师", STAFF_PASSWORD, &[Role::Registrar]).await.expect("created");
        for _ in 0..5 {
            assert_eq!(staff_sign_in(app.app(), "wrong", "203.0.113.1").await, 422);
        }
        assert_eq!(staff_sign_in(app.app(), STAFF_PASSWORD, "203.0.113.1").await, 429);
        app.clock.advance(899_000);
        assert_eq!(staff_sign_in(app.app(), STAFF_PASSWORD, "203.0.113.2").await, 429, "from wherever it comes");
        app.clock.advance(1000);
        assert_eq!(staff_sign_in(app.app(), STAFF_PASSWORD, "203.0.113.1").await, 303);
        app.tamper("update staff set disabled_at = 1").await;
        assert_eq!(staff_sign_in(app.app(), STAFF_PASSWORD, "203.0.113.1").await, 422);
    }

    async fn who_is_disabled_is_out_at_once(app: TestApp) {
        let client = app.a_staff_member(&[Role::Auditor]).await;
        client.get("/console/audit").await.expect(200);
        app.tamper("update staff set disabled_at = 1").await;
        client.get("/console/audit").await.goes_to("/console/login");
    }

    async fn an_address_that_fails_too_often_is_locked_at_the_console_too(app: TestApp) {
        staff::actions::create(app.app(), "zhang", "张老师", STAFF_PASSWORD, &[Role::Registrar]).await.expect("created");
        assert_eq!(staff_sign_in(app.app(), "wrong", "2001:db8::1").await, 422);
        assert_eq!(app.tamper("update throttles set count = 30 where key like 'staff-address:%'").await, 1);
        // The same line of IPv6 under another address.
        assert_eq!(staff_sign_in(app.app(), STAFF_PASSWORD, "2001:db8::2").await, 429);
        assert_eq!(staff_sign_in(app.app(), STAFF_PASSWORD, "2001:db8:0:1::2").await, 303);
        assert_eq!(app.number("select max(count) from throttles where key like 'staff-address:%'").await, 30, "a success takes back its own count only");
    }

    async fn tries_at_once_count_as_many(app: TestApp) {
        staff::actions::create(app.app(), "zhang", "张老师", STAFF_PASSWORD, &[Role::Registrar]).await.expect("created");
        let free = no_slot(app.app());
        let tries: Vec<_> = (0..8)
            .map(|_| {
                let app = app.app().clone();
                tokio::spawn(async move { staff_sign_in(&app, "wrong", "203.0.113.1").await })
            })
            .collect();
        settle().await;
        drop(free);
        let mut answers = Vec::new();
        for each in tries {
            answers.push(each.await.expect("an answer"));
        }
        answers.sort_unstable();
        assert_eq!(answers, [422, 422, 422, 422, 422, 429, 429, 429]);
    }

    async fn a_sign_in_that_a_new_password_overtakes_fails(app: TestApp) {
        register(&app, "王喆", &number(1), PHONE).await;
        staff::actions::create(app.app(), "zhang", "张老师", STAFF_PASSWORD, &[Role::Registrar]).await.expect("created");
        let free = no_slot(app.app());
        let candidate = tokio::spawn({
            let client = app.client();
            async move { client.post("/login", &[("number", &number(1)), ("password", PASSWORD)]).await.status }
        });
        let member = tokio::spawn({
            let app = app.app().clone();
            async move { staff_sign_in(&app, STAFF_PASSWORD, "203.0.113.1").await }
        });
        settle().await;
        app.tamper("update accounts set password = 'another'").await;
        app.tamper("update staff set password = 'another'").await;
        drop(free);
        assert_eq!(candidate.await.expect("an answer"), 422);
        assert_eq!(member.await.expect("an answer"), 422);
        assert_eq!(app.number("select count(*) from sessions").await, 0);
    }

    async fn what_is_out_of_date_is_removed(app: TestApp) {
        register(&app, "王喆", &number(1), PHONE).await;
        app.client().post("/login", &[("number", &number(1)), ("password", PASSWORD)]).await.goes_to("/");
        app.client().post("/register", &person("李四", &number(2))).await.goes_to("/register/phone");
        app.tamper(
            "insert into jobs (id, queue, kind, payload, state, priority, attempts, run_at, lease_until, last_error, created_at, done_at)
             values (1, 'default', 'a.b', '{}', 'done', 1, 1, 0, 0, '', 0, 1000), (2, 'default', 'a.b', '{}', 'failed', 1, 8, 0, 0, 'x', 0, null)",
        )
        .await;
        let tables = ["sessions", "throttles", "signup_drafts", "sms_codes", "sms_gates", "sms_outbox"];
        for table in tables {
            assert!(app.number(&format!("select count(*) from {table}")).await > 0, "{table}");
        }
        app.clock.advance(31 * 86_400_000);
        app.purge().await.expect("purged");
        for table in tables {
            assert_eq!(app.number(&format!("select count(*) from {table}")).await, 0, "{table}");
        }
        assert_eq!(app.text("select state from jobs").await, "failed", "what failed stays to be looked at");
    }
}

#[tokio::test]
async fn whoever_is_no_longer_signed_in_comes_back_to_the_page() {
    let app = TestApp::sqlite().await;
    for (path, page, door) in [("/me/phone", "/me/phone", "/login"), ("/console/exams/new", "/console/exams/new", "/console/login")] {
        let sent = form(path, "x=1")
            .header(header::REFERER, format!("https://bm.example.edu.cn{page}"))
            .body(Body::from("x=1"))
            .expect("a request");
        let (status, headers, _) = send(router(app.app().clone()), sent).await;
        assert_eq!(
            (status, headers[header::LOCATION].to_str().ok()),
            (StatusCode::SEE_OTHER, Some(format!("{door}?next={page}").as_str()))
        );
        assert!(
            headers.get_all(header::SET_COOKIE).iter().any(|cookie| cookie.as_bytes().starts_with(b"baokao_flash=")),
            "{path}: nothing is said"
        );
    }
    app.staff("zhang", &[Role::Registrar]).await;
    let staff = app.client();
    let page = staff.get("/console/login?next=/console/exams").await;
    staff.submit(&page, "/console/login", &[("login", "zhang"), ("password", "a long password")]).await.goes_to("/console/exams");
    for bad in ["https://evil.example", "/me", "/console/login"] {
        let page = staff.get(&format!("/console/login?next={bad}")).await;
        let inside = staff.submit(&page, "/console/login", &[("login", "zhang"), ("password", "a long password")]).await;
        assert_eq!(inside.header("location"), "/console", "{bad}");
    }
}

#[tokio::test]
async fn the_address_of_a_form_leads_to_its_page() {
    let app = TestApp::sqlite().await;
    app.client().get("/register/phone/code").await.goes_to("/register/phone");
    app.client().get("/console/exams/ABC/extend").await.goes_to("/console/exams/ABC");
    app.client().get("/nothing").await.expect(404);
}
