//! 登录, 退出, 重置密码.

use super::codes::another;
use super::{PASSWORD, PHONE, ask_for_code, number, register, sign_in};
use crate::support::TestApp;

const NEW: &str = "xin-mima-88";
const WRONG: &str = "证件号码或密码不对，请核对后重新输入。";

both! {
    async fn the_number_is_the_account(app: TestApp) {
        let number = number(1);
        register(&app, "王喆", &number, PHONE).await;
        let client = app.client();
        let page = client.post("/login", &[("number", &number.to_lowercase()), ("password", "wrong-one")]).await;
        page.expect(422).says(WRONG);
        assert_eq!(page.form_value("number"), Some(number.to_lowercase()));
        client.post("/login", &[("number", &number), ("password", PASSWORD)]).await.goes_to("/");
        client.get("/me").await.expect(200).says("王喆");
        client.get("/login").await.goes_to("/");
        client.post("/logout", &[]).await.goes_to("/login");
        client.get("/me").await.goes_to("/login");
    }

    async fn a_number_that_nobody_has_answers_in_the_same_way(app: TestApp) {
        register(&app, "王喆", &number(1), PHONE).await;
        let client = app.client();
        for _ in 0..3 {
            client.post("/login", &[("number", &number(9)), ("password", PASSWORD)]).await.expect(422).says(WRONG);
            client.post("/login", &[("number", &number(1)), ("password", "wrong-one")]).await.expect(422).says(WRONG);
        }
        client.post("/login", &[("number", &number(9)), ("password", PASSWORD)]).await.expect(429).says("操作太频繁，请 30 秒后再试");
        client.post("/login", &[("number", &number(1)), ("password", "wrong-one")]).await.expect(429).says("操作太频繁，请 30 秒后再试");
    }

    async fn failures_are_slowed_then_locked_for_the_number(app: TestApp) {
        let number = number(1);
        register(&app, "王喆", &number, PHONE).await;
        let client = app.client();
        for _ in 0..3 {
            client.post("/login", &[("number", &number), ("password", "wrong-one")]).await.expect(422);
        }
        // Even the right password waits now, from wherever it comes.
        let elsewhere = app.client().from_address("203.0.113.9");
        elsewhere.post("/login", &[("number", &number), ("password", PASSWORD)]).await.expect(429);
        for _ in 0..6 {
            app.clock.advance(61_000);
            client.post("/login", &[("number", &number), ("password", "wrong-one")]).await.expect(422);
        }
        app.clock.advance(61_000);
        client.post("/login", &[("number", &number), ("password", "wrong-one")]).await.expect(429).says("30 分钟");
        app.clock.advance(1_790_000);
        elsewhere.post("/login", &[("number", &number), ("password", PASSWORD)]).await.expect(429);
        // Other numbers are not concerned; an hour later this one is free again.
        register(&app, "李四", &super::number(2), "13800000002").await;
        sign_in(&app, &super::number(2)).await;
        app.clock.advance(3_600_000);
        sign_in(&app, &number).await;
        assert_eq!(app.number("select count(*) from throttles where key like 'sign-in%' and key not like 'sign-in-address%'").await, 0);
    }

    async fn failures_from_one_address_are_locked(app: TestApp) {
        register(&app, "王喆", &number(1), PHONE).await;
        let client = app.client();
        client.post("/login", &[("number", &number(2)), ("password", "wrong-one")]).await.expect(422);
        assert_eq!(app.tamper("update throttles set count = 60 where key like 'sign-in-address:%'").await, 1);
        client.post("/login", &[("number", &number(3)), ("password", "wrong-one")]).await.expect(429);
        client.post("/login", &[("number", &number(1)), ("password", PASSWORD)]).await.expect(429);
        let elsewhere = app.client().from_address("203.0.113.9");
        elsewhere.post("/login", &[("number", &number(1)), ("password", PASSWORD)]).await.goes_to("/");
    }

    async fn after_signing_in_one_is_where_one_wanted_to_be(app: TestApp) {
        register(&app, "王喆", &number(1), PHONE).await;
        let client = app.client();
        let page = client.get("/me/messages").await;
        assert_eq!(page.location(), "/login?next=/me/messages");
        let page = client.get(page.location()).await;
        assert_eq!(page.form_value("next").as_deref(), Some("/me/messages"));
        let number = number(1);
        client.submit(&page, "/login", &[("number", &number), ("password", PASSWORD)]).await.goes_to("/me/messages");
        // Never to another site.
        for evil in ["//evil.example", "https://evil.example", "/\\evil.example"] {
            let client = app.client();
            let page = client.post("/login", &[("number", &number), ("password", PASSWORD), ("next", evil)]).await;
            assert_eq!(page.location(), "/");
        }
    }

    async fn sessions_last_thirty_days(app: TestApp) {
        register(&app, "王喆", &number(1), PHONE).await;
        let client = sign_in(&app, &number(1)).await;
        app.clock.advance(30 * 86_400_000 - 1000);
        client.get("/me").await.expect(200);
        app.clock.advance(2000);
        client.get("/me").await.goes_to("/login");
    }

    async fn a_code_to_the_phone_on_file_allows_a_new_password(app: TestApp) {
        let number = number(1);
        register(&app, "王喆", &number, PHONE).await;
        let signed_in = sign_in(&app, &number).await;
        let client = app.client();
        let page = client.get("/reset").await;
        page.expect(200);
        let page = ask_for_code(&client, &page, "/reset/code", &[("number", &number)]).await;
        page.expect(200).says("如果这个号码注册过").says_not("138").says_not("0001");
        assert_eq!(page.form_value("number"), Some(number.clone()));
        let code = app.last_code(PHONE).await;
        for (typed, password, sentence) in [
            (another(&code), NEW, "验证码不对"),
            (code.clone(), "short", "密码需要 6 至 20 位"),
            (code.clone(), "y-380000", "密码中不能有证件号码或手机号的连续 6 位"),
        ] {
            let page = client.post("/reset", &[("number", &number), ("code", &typed), ("password", password), ("again", password)]).await;
            page.expect(422).says(sentence);
            assert_eq!(page.form_value("code"), Some(typed));
        }
        let right = [("number", number.as_str()), ("code", code.as_str()), ("password", NEW), ("again", NEW)];
        client.post("/reset", &right).await.goes_to("/login");
        // Single use; every session ended; the old password is none.
        client.post("/reset", &right).await.expect(422).says("请先获取验证码");
        signed_in.get("/me").await.goes_to("/login");
        client.post("/login", &[("number", &number), ("password", PASSWORD)]).await.expect(422);
        client.post("/login", &[("number", &number), ("password", NEW)]).await.goes_to("/");
        app.run_jobs().await;
        client.get("/me/messages").await.says("密码已重置");
    }

    async fn a_reset_tells_no_stranger_whether_a_number_is_registered(app: TestApp) {
        register(&app, "王喆", &number(1), PHONE).await;
        let before = app.number("select count(*) from sms_outbox").await;
        let mut seen = Vec::new();
        for number in [number(1), number(2)] {
            let client = app.client();
            let mut pages = Vec::new();
            let page = client.get("/reset").await;
            pages.push(ask_for_code(&client, &page, "/reset/code", &[("number", &number)]).await);
            // Asked again at once, and wrong codes: refused alike.
            let page = client.get("/reset").await;
            pages.push(ask_for_code(&client, &page, "/reset/code", &[("number", &number)]).await);
            for _ in 0..6 {
                pages.push(client.post("/reset", &[("number", &number), ("code", "000000"), ("password", NEW), ("again", NEW)]).await);
            }
            seen.push(pages.iter().map(|page| (page.status, without_sum(&page.words()))).collect::<Vec<_>>());
        }
        // Of a million codes, 000000 is one: then this test has nothing to say.
        if app.last_code(PHONE).await != "000000" {
            assert_eq!(seen[0], seen[1]);
            assert_eq!(seen[0][0].0, 200);
            assert_eq!(seen[0][1].0, 429);
            assert_eq!(seen[0][7].0, 422);
        }
        assert_eq!(app.number("select count(*) from sms_outbox").await, before + 1);
    }

    async fn a_reset_keeps_to_the_limits_of_the_phone_in_silence(app: TestApp) {
        for n in [1, 2] {
            register(&app, "王喆", &number(n), PHONE).await;
        }
        let before = app.number("select count(*) from sms_outbox").await;
        for n in [1, 2] {
            let client = app.client();
            let page = client.get("/reset").await;
            ask_for_code(&client, &page, "/reset/code", &[("number", &number(n))]).await.expect(200).says("如果这个号码注册过");
        }
        // Two numbers with one phone: the second code within a minute did not go out.
        assert_eq!(app.number("select count(*) from sms_outbox").await, before + 1);
    }
}

/// A page's words without the sum, which is another one each time.
fn without_sum(words: &str) -> String {
    let Some(at) = words.find("等于多少") else { return words.to_owned() };
    let before: String = words[..at].chars().rev().skip(3).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{before}{}", &words[at..])
}
