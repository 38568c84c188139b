//! SMS by a provider, which a small server in the test plays.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse as _;
use baokao::jobs::{self, Queue};
use baokao::ports::sms::webhook;
use baokao::staff::Role;

use crate::accounts::{ask_for_code, number, person};
use crate::support::scene::Person;
use crate::support::{Client, TestApp};

#[derive(Clone, Debug)]
struct Asked {
    query: String,
    headers: HeaderMap,
    body: String,
}

struct Said {
    status: u16,
    body: &'static str,
}

/// A provider on this machine: says what it is told to say, and remembers what it was asked.
#[derive(Clone)]
struct Provider {
    address: String,
    says: Arc<Mutex<Said>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

type Shared = (Arc<Mutex<Said>>, Arc<Mutex<Vec<Asked>>>);

async fn answer(State((says, asked)): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> axum::response::Response {
    asked.lock().unwrap().push(Asked {
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let said = says.lock().unwrap();
    (StatusCode::from_u16(said.status).unwrap(), said.body).into_response()
}

const ALIYUN_OK: &str = r#"{"Code":"OK","Message":"OK","BizId":"900619746936498440^0","RequestId":"F655A8D5"}"#;
const DOWN: &str = "<html>down</html>";

impl Provider {
    async fn start(body: &'static str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (says, asked) = (Arc::new(Mutex::new(Said { status: 200, body })), Arc::new(Mutex::new(Vec::new())));
        let router = axum::Router::new().fallback(answer).with_state((says.clone(), asked.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, says, asked }
    }

    fn says(&self, status: u16, body: &'static str) {
        *self.says.lock().unwrap() = Said { status, body };
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// The form of the settings page.
fn form<'a>(provider: &'a str, address: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut form = vec![
        ("provider", provider),
        ("address", address),
        ("key_id", "LTAI-test"),
        ("secret", "a-secret-nobody-sees"),
        ("app", "1400006666"),
        ("sign", "湘江大学"),
        ("price", "0.045"),
        ("daily_limit", ""),
    ];
    for (id, fields) in
        [("SMS_1", "code=code"), ("SMS_2", "title=title"), ("SMS_3", "title=title"), ("SMS_4", "title=title"), ("SMS_5", "t=text")]
    {
        form.extend([("template_id", id), ("template_fields", fields)]);
    }
    form
}

async fn provided(app: &TestApp, kind: &str, body: &'static str) -> (Provider, Client) {
    let provider = Provider::start(body).await;
    let admin = app.a_staff_member(&[Role::Administrator]).await;
    admin.post("/console/settings/sms", &form(kind, &provider.address)).await.goes_to("/console/settings/sms");
    (provider, admin)
}

async fn ask(app: &TestApp, n: u16) -> Client {
    let client = app.client();
    client.post("/register", &person("王喆", &number(n))).await.goes_to("/register/phone");
    let page = client.get("/register/phone").await;
    let phone = format!("139{n:08}");
    ask_for_code(&client, &page, "/register/phone/code", &[("phone", &phone)]).await.goes_to("/register/phone");
    client
}

async fn tell(app: &TestApp, person: &Person) {
    let mut tx = app.db.begin().await.unwrap();
    jobs::notify(app, &mut tx, person.id, "报名审核未通过", "原因：截图不清楚。", "/me", true).await.unwrap();
    tx.commit().await.unwrap();
}

async fn states(app: &TestApp) -> String {
    app.text("select coalesce(max(state), '') || '×' || count(*) from sms_outbox").await
}

both! {
    async fn a_code_goes_out_by_aliyun_and_its_report_comes_back(app: TestApp) {
        let (provider, admin) = provided(&app, "aliyun", ALIYUN_OK).await;
        ask(&app, 1).await;
        assert_eq!(states(&app).await, "queued×1");
        assert_eq!(provider.asked().len(), 0, "nothing waits for the provider while a candidate does");
        app.run_jobs().await;
        let asked = provider.asked();
        assert_eq!(asked.len(), 1);
        let code = app.last_code("13900000001").await;
        assert!(asked[0].query.contains("PhoneNumbers=13900000001") && asked[0].query.contains("TemplateCode=SMS_1"), "{}", asked[0].query);
        assert!(asked[0].query.contains(&format!("TemplateParam=%7B%22code%22%3A%22{code}%22%7D")), "{}", asked[0].query);
        let signed = asked[0].headers["authorization"].to_str().unwrap();
        assert!(signed.starts_with("ACS3-HMAC-SHA256 Credential=LTAI-test,SignedHeaders=host;x-acs-action;"), "{signed}");
        assert_eq!(states(&app).await, "sent×1");

        let report = r#"[{"phone_number":"13900000001","success":true,"err_code":"DELIVERED","biz_id":"900619746936498440^0"}]"#;
        let page = admin.get("/console/settings/sms").await;
        let address = page.words().split("请勿公开）：").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap().to_owned();
        let path = address.split_once("//").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned())).unwrap();
        app.client().post_json(&format!("{path}x"), report).await.expect(404);
        assert_eq!(states(&app).await, "sent×1");
        app.client().post_json(&path, report).await.expect(200);
        assert_eq!(states(&app).await, "delivered×1");
        admin.get("/console/messages/sms").await.expect(200).says("已送达").says("139****0001");
    }

    async fn a_provider_that_is_down_delays_and_loses_nothing(app: TestApp) {
        let (provider, admin) = provided(&app, "aliyun", ALIYUN_OK).await;
        provider.says(503, DOWN);
        let person = app.a_candidate("王喆", "会计学").await;
        tell(&app, &person).await;
        app.run_jobs().await;
        for _ in 0..20 {
            app.clock.advance(900_000);
            app.run_jobs().await;
        }
        assert_eq!(states(&app).await, "queued×1");
        assert!(provider.asked().len() > 10);
        admin.get("/console/messages/sms?state=queued").await.says("等待发送").says("unreadable");
        provider.says(200, ALIYUN_OK);
        app.clock.advance(900_000);
        app.run_jobs().await;
        let sent = provider.asked().len();
        assert_eq!(states(&app).await, "sent×1");
        app.clock.advance(900_000);
        app.run_jobs().await;
        assert_eq!(provider.asked().len(), sent, "once is enough");
    }

    async fn a_code_is_not_sent_after_it_has_expired(app: TestApp) {
        let (provider, _) = provided(&app, "aliyun", ALIYUN_OK).await;
        provider.says(503, DOWN);
        ask(&app, 1).await;
        app.run_jobs().await;
        provider.says(200, ALIYUN_OK);
        let asked = provider.asked().len();
        app.clock.advance(301_000);
        app.run_jobs().await;
        assert_eq!((states(&app).await.as_str(), provider.asked().len()), ("expired×1", asked));
    }

    async fn a_code_waits_for_no_other_sms(app: TestApp) {
        let (provider, _) = provided(&app, "aliyun", ALIYUN_OK).await;
        for _ in 0..3 {
            let person = app.a_candidate("王喆", "会计学").await;
            tell(&app, &person).await;
        }
        while jobs::run_one(&app, Queue::Default).await.unwrap() {}
        ask(&app, 1).await;
        assert!(jobs::run_one(&app, Queue::Codes).await.unwrap());
        assert!(provider.asked()[0].query.contains("TemplateCode=SMS_1"));
        assert!(!jobs::run_one(&app, Queue::Codes).await.unwrap());
        app.run_jobs().await;
        assert_eq!(provider.asked().len(), 4);
    }

    async fn what_may_have_been_sent_is_not_sent_again_by_itself(app: TestApp) {
        let (provider, _) = provided(&app, "aliyun", ALIYUN_OK).await;
        let person = app.a_candidate("王喆", "会计学").await;
        tell(&app, &person).await;
        assert!(jobs::run_one(&app, Queue::Default).await.unwrap());
        // The process died between asking the provider and writing its answer.
        app.tamper("update sms_outbox set state = 'sending'").await;
        app.run_jobs().await;
        assert_eq!((states(&app).await.as_str(), provider.asked().len()), ("unknown×1", 0));
        let registrar = app.a_staff_member(&[Role::Registrar]).await;
        registrar.get("/console/messages/sms?state=unknown").await.says("发送时系统中断");
        let reference = app.text("select ref from sms_outbox").await;
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        reviewer.post(&format!("/console/messages/sms/{reference}/resend"), &[]).await.expect(403);
        registrar.post(&format!("/console/messages/sms/{reference}/resend"), &[]).await.goes_to("/console/messages/sms");
        app.run_jobs().await;
        assert_eq!((states(&app).await.as_str(), provider.asked().len()), ("sent×1", 1));
        registrar.post(&format!("/console/messages/sms/{reference}/resend"), &[]).await.expect(409);
    }

    async fn a_number_that_is_refused_fails_with_the_providers_words(app: TestApp) {
        let (provider, admin) = provided(&app, "tencent", "").await;
        provider.says(200, r#"{"Response":{"SendStatusSet":[{"SerialNo":"","Code":"FailedOperation.PhoneNumberInBlacklist","Message":"phone number is in blacklist"}],"RequestId":"x"}}"#);
        let person = app.a_candidate("王喆", "会计学").await;
        tell(&app, &person).await;
        app.run_jobs().await;
        assert_eq!(states(&app).await, "failed×1");
        admin.get("/console/messages/sms?state=failed").await.says("这个号码拒收短信").says("重发");
        let asked = &provider.asked()[0];
        let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(body["TemplateId"], "SMS_2");
        assert_eq!(body["TemplateParamSet"][0], "报名审核未通过");
        assert!(body["PhoneNumberSet"][0].as_str().unwrap().starts_with("+86138"));
        assert!(asked.headers["authorization"].to_str().unwrap().starts_with("TC3-HMAC-SHA256 Credential=LTAI-test/2026-06-20/sms/tc3_request"));
        assert_eq!(asked.headers["x-tc-action"], "SendSms");
    }

    async fn a_gateway_is_asked_with_a_signature_and_the_same_id_at_every_try(app: TestApp) {
        let (provider, _) = provided(&app, "webhook", "{}").await;
        provider.says(500, "{}");
        let person = app.a_candidate("王喆", "会计学").await;
        tell(&app, &person).await;
        app.run_jobs().await;
        provider.says(202, r#"{"id":"G-1"}"#);
        app.clock.advance(60_000);
        app.run_jobs().await;
        let asked = provider.asked();
        assert_eq!((states(&app).await.as_str(), asked.len()), ("sent×1", 2));
        assert_eq!(asked[0].headers["x-baokao-id"], asked[1].headers["x-baokao-id"]);
        let at = asked[1].headers["x-baokao-timestamp"].to_str().unwrap();
        assert_eq!(asked[1].headers["x-baokao-signature"], webhook::signature("a-secret-nobody-sees", at, &asked[1].body));
        let body: serde_json::Value = serde_json::from_str(&asked[1].body).unwrap();
        assert!(body["text"].as_str().unwrap().contains("报名审核未通过。原因：截图不清楚。"));
    }

    async fn the_days_limit_holds_notices_back_until_the_morning_and_no_code(app: TestApp) {
        let (provider, admin) = provided(&app, "aliyun", ALIYUN_OK).await;
        let mut limited = form("aliyun", &provider.address);
        limited.retain(|(name, _)| *name != "daily_limit" && *name != "secret");
        limited.push(("daily_limit", "1"));
        admin.post("/console/settings/sms", &limited).await.goes_to("/console/settings/sms");
        for _ in 0..2 {
            let person = app.a_candidate("王喆", "会计学").await;
            tell(&app, &person).await;
        }
        ask(&app, 1).await;
        app.run_jobs().await;
        assert_eq!(provider.asked().len(), 2, "one notice and the code");
        app.at("2026-06-21T07:59");
        app.run_jobs().await;
        assert_eq!(provider.asked().len(), 2);
        app.at("2026-06-21T08:00");
        app.run_jobs().await;
        assert_eq!(provider.asked().len(), 3);
    }

    async fn the_test_button_says_what_the_provider_answered(app: TestApp) {
        let (provider, admin) = provided(&app, "aliyun", ALIYUN_OK).await;
        let test = [("phone", "13900000009"), ("kind", "code")];
        admin.post("/console/settings/sms/test", &test).await.goes_to("/console/settings/sms");
        provider.says(200, r#"{"Code":"isv.AMOUNT_NOT_ENOUGH","Message":"账户余额不足"}"#);
        admin.post("/console/settings/sms/test", &test).await.expect(422).says("短信账户余额或套餐不足，请充值").says("isv.AMOUNT_NOT_ENOUGH");
        let registrar = app.a_staff_member(&[Role::Registrar]).await;
        registrar.post("/console/settings/sms/test", &test).await.expect(403);
        assert_eq!(provider.asked().len(), 2);
        assert_eq!(app.number("select count(*) from audit where action = 'settings.test_sms' and detail not like '%13900000009%'").await, 2);
    }
}
