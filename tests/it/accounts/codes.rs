//! SMS codes: their limits, and what guards the button.

use super::{PHONE, ask_for_code, number, person};
use crate::support::{Client, TestApp};

/// A browser at step 2.
async fn at_phone(app: &TestApp, n: u16) -> Client {
    let client = app.client();
    client.post("/register", &person("王喆", &number(n))).await.goes_to("/register/phone");
    client
}

async fn send(client: &Client, phone: &str) -> crate::support::Page {
    let page = client.get("/register/phone").await;
    ask_for_code(client, &page, "/register/phone/code", &[("phone", phone)]).await
}

async fn try_code(client: &Client, code: &str) -> crate::support::Page {
    client.post("/register/phone", &[("phone", PHONE), ("code", code)]).await
}

/// A code that is not `code`.
pub(super) fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().expect("digits") + 1) % 1_000_000)
}

both! {
    async fn a_second_code_within_60_seconds_is_refused_with_the_seconds_left(app: TestApp) {
        let client = at_phone(&app, 1).await;
        send(&client, PHONE).await.goes_to("/register/phone");
        app.clock.advance(18_000);
        let page = send(&client, PHONE).await;
        page.expect(429).says("验证码刚刚发送过，请 42 秒后再试。");
        assert_eq!(page.header("retry-after"), "42");
        assert_eq!(page.form_value("phone").as_deref(), Some(PHONE));
        // From another browser too: the phone counts.
        send(&at_phone(&app, 2).await, PHONE).await.expect(429);
        assert_eq!(app.number("select count(*) from sms_outbox").await, 1);
        app.clock.advance(42_000);
        send(&client, PHONE).await.goes_to("/register/phone");
    }

    async fn five_an_hour_and_ten_a_day(app: TestApp) {
        let client = at_phone(&app, 1).await;
        for _ in 0..5 {
            send(&client, PHONE).await.goes_to("/register/phone");
            app.clock.advance(61_000);
        }
        send(&client, PHONE).await.expect(429).says("验证码一小时最多发送 5 次");
        app.clock.advance(3_600_000);
        for _ in 0..5 {
            send(&client, PHONE).await.goes_to("/register/phone");
            app.clock.advance(61_000);
        }
        app.clock.advance(3_600_000);
        send(&client, PHONE).await.expect(429).says("验证码一天最多发送 10 次");
    }

    async fn the_sixth_try_is_refused_even_if_right(app: TestApp) {
        let client = at_phone(&app, 1).await;
        send(&client, PHONE).await;
        let code = app.last_code(PHONE).await;
        let wrong = another(&code);
        for left in (1..=4).rev() {
            let page = try_code(&client, &wrong).await;
            page.expect(422).says(&format!("还可以试 {left} 次"));
            assert_eq!(page.form_value("code"), Some(wrong.clone()));
        }
        try_code(&client, &wrong).await.expect(422).says("已输错 5 次，请重新获取");
        try_code(&client, &code).await.expect(422).says("验证码已输错 5 次，不能再用，请重新获取。");
        client.get("/register/password").await.goes_to("/register/phone");
    }

    async fn the_fifth_try_may_still_be_right(app: TestApp) {
        let client = at_phone(&app, 1).await;
        send(&client, PHONE).await;
        let code = app.last_code(PHONE).await;
        for _ in 0..4 {
            try_code(&client, &another(&code)).await.expect(422);
        }
        try_code(&client, &code).await.goes_to("/register/password");
    }

    async fn a_code_expires_after_five_minutes(app: TestApp) {
        let client = at_phone(&app, 1).await;
        send(&client, PHONE).await;
        let code = app.last_code(PHONE).await;
        app.clock.advance(300_000);
        try_code(&client, &code).await.expect(422).says("验证码已过期，请重新获取。");
        app.clock.advance(-1);
        try_code(&client, &code).await.goes_to("/register/password");
    }

    async fn the_newest_code_replaces_the_older(app: TestApp) {
        let client = at_phone(&app, 1).await;
        send(&client, PHONE).await;
        let older = app.last_code(PHONE).await;
        app.clock.advance(60_000);
        send(&client, PHONE).await;
        let newer = app.last_code(PHONE).await;
        if older != newer {
            try_code(&client, &older).await.expect(422).says("验证码不对");
        }
        try_code(&client, &newer).await.goes_to("/register/password");
    }

    async fn a_code_serves_once_and_only_who_asked(app: TestApp) {
        let (client, other) = (at_phone(&app, 1).await, at_phone(&app, 2).await);
        send(&client, PHONE).await;
        let code = app.last_code(PHONE).await;
        try_code(&other, &code).await.expect(422).says("请先获取验证码");
        try_code(&client, &code).await.goes_to("/register/password");
        assert_eq!(app.number("select count(*) from sms_codes where closed_at is null").await, 0);
    }

    async fn the_button_needs_its_work_done(app: TestApp) {
        let client = at_phone(&app, 1).await;
        let page = client.get("/register/phone").await;
        let challenge = page.form_value("challenge").expect("a challenge");
        let unsolved = client.post("/register/phone/code", &[("phone", PHONE), ("challenge", &challenge), ("pow_nonce", "1")]).await;
        unsolved.expect(422).says("请先算出上面的题目");
        client.post("/register/phone/code", &[("phone", PHONE)]).await.expect(422).says("请再点一次");
        // A statement of our own making is none of theirs.
        let other = if challenge.ends_with('0') { '1' } else { '0' };
        let forged = format!("{}{other}", &challenge[..challenge.len() - 1]);
        let nonce = baokao::accounts::challenge::solve(&forged);
        client.post("/register/phone/code", &[("phone", PHONE), ("challenge", &forged), ("pow_nonce", &nonce)]).await.expect(422);
        assert_eq!(app.number("select count(*) from sms_outbox").await, 0);

        // Solved, it serves once.
        let nonce = baokao::accounts::challenge::solve(&challenge);
        let fields = [("phone", PHONE), ("challenge", challenge.as_str()), ("pow_nonce", nonce.as_str())];
        client.post("/register/phone/code", &fields).await.goes_to("/register/phone");
        app.clock.advance(61_000);
        client.post("/register/phone/code", &fields).await.expect(422).says("请再点一次");
        assert_eq!(app.number("select count(*) from sms_outbox").await, 1);
    }

    async fn a_challenge_grows_old(app: TestApp) {
        let client = at_phone(&app, 1).await;
        let page = client.get("/register/phone").await;
        app.clock.advance(3_600_000);
        ask_for_code(&client, &page, "/register/phone/code", &[("phone", PHONE)]).await.expect(422).says("页面停留太久");
    }

    async fn without_scripts_a_sum_is_asked_and_little_is_allowed(app: TestApp) {
        let client = at_phone(&app, 1).await;
        for n in 0..9 {
            let page = client.get("/register/phone").await;
            let challenge = page.form_value("challenge").expect("a challenge");
            let answer = answer_of(&page.body());
            let phone = format!("1390000000{n}");
            let page = client.post("/register/phone/code", &[("phone", &phone), ("challenge", &challenge), ("answer", &answer)]).await;
            if n < 8 {
                page.goes_to("/register/phone");
            } else {
                page.expect(429).says("操作太频繁");
            }
        }
        // From elsewhere it goes on.
        let elsewhere = client.clone().from_address("203.0.113.9");
        let page = elsewhere.get("/register/phone").await;
        let (challenge, answer) = (page.form_value("challenge").expect("a challenge"), answer_of(&page.body()));
        let page = elsewhere.post("/register/phone/code", &[("phone", PHONE), ("challenge", &challenge), ("answer", &answer)]).await;
        page.goes_to("/register/phone");
    }

    async fn with_work_an_address_has_its_limit_too(app: TestApp) {
        let client = at_phone(&app, 1).await;
        // 200 an hour: the last of them is counted by hand.
        send(&client, PHONE).await.goes_to("/register/phone");
        assert_eq!(app.tamper("update throttles set count = 200 where key like 'sms:%'").await, 1);
        send(&client, "13900000009").await.expect(429).says("操作太频繁");
    }

    async fn codes_are_kept_as_hashes_and_old_ones_go(app: TestApp) {
        let client = at_phone(&app, 1).await;
        send(&client, PHONE).await;
        let code = app.last_code(PHONE).await;
        let (hash,): (Vec<u8>,) = sqlx::query_as("select code_hash from sms_codes")
            .fetch_one(&mut *app.db.read().await.expect("a connection"))
            .await
            .expect("the code");
        assert!(hash.len() == 32 && !hash.windows(6).any(|window| window == code.as_bytes()));
        app.clock.advance(3 * 86_400_000);
        send(&at_phone(&app, 2).await, "13900000002").await.goes_to("/register/phone");
        app.purge().await.expect("purged");
        for table in ["sms_codes", "sms_outbox", "sms_gates", "signup_drafts"] {
            assert_eq!(app.number(&format!("select count(*) from {table}")).await, 1, "{table}");
        }
    }
}

/// Works out the sum that stands on a page in words.
fn answer_of(body: &str) -> String {
    let digits = "零一二三四五六七八九";
    let at = body.find("等于多少").expect("a sum on the page");
    let sum: Vec<char> = body[..at].chars().rev().take(3).collect();
    let value = |c: char| digits.chars().position(|d| d == c).expect("a digit in words");
    assert_eq!(sum[1], '加');
    (value(sum[0]) + value(sum[2])).to_string()
}
