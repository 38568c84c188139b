//! Accounts of staff: invitation, roles, locks, the second step, and what nobody may do to themselves.

use axum::http::header::REFERER;
use baokao::staff::{self, Role};

use crate::support::{Client, Page, TestApp};

const PASSWORD: &str = "a long password";

/// The code of an authenticator app: RFC 6238 once more, from the secret as the page shows it.
fn code_of(secret: &str, now_ms: i64) -> String {
    let bits: String = secret.chars().map(|c| format!("{:05b}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("base 32"))).collect();
    let key: Vec<u8> =
        bits.as_bytes().chunks_exact(8).map(|b| u8::from_str_radix(std::str::from_utf8(b).expect("bits"), 2).expect("a byte")).collect();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let tag = ring::hmac::sign(&key, &(now_ms / 30_000).to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split(before).nth(1).unwrap_or_else(|| panic!("no {before} in the page")).split(after).next().unwrap_or_default()
}

async fn sign_in(app: &TestApp, login: &str, password: &str) -> (Client, Page) {
    let client = app.client();
    let page = client.post("/console/login", &[("login", login), ("password", password)]).await;
    (client, page)
}

const SETUP: &str = "/console/me/second-factor";

/// The secret as an app takes it; the page shows it in groups.
fn secret_on(page: &Page) -> String {
    between(&page.expect(200).body(), "second__secret\">", "<").replace(' ', "")
}

/// Turns codes on; returns the secret and the recovery codes.
async fn turn_on(app: &TestApp, client: &Client) -> (String, Vec<String>) {
    let page = client.get(SETUP).await;
    let secret = secret_on(&page);
    client.submit(&page, "/second-factor", &[("code", "12345")]).await.expect(422).says("请输入 6 位数字的验证码。").says(&secret);
    client.submit(&page, "/second-factor", &[("code", "000000")]).await.expect(422).says("验证码不对").says(&secret);
    let code = code_of(&secret, app.clock.now().0);
    let done = client.submit(&page, "/second-factor", &[("code", &code)]).await;
    let codes = done
        .expect(200)
        .says("两步验证已开启")
        .says("只能用一次")
        .body()
        .split("<li><code>")
        .skip(1)
        .map(|part| part.split('<').next().unwrap_or_default().to_owned())
        .collect();
    (secret, codes)
}

both! {
    async fn an_invitation_works_once_and_in_time(app: TestApp) {
        let boss = app.staff("boss", &[Role::Administrator]).await;
        let exam = app.an_exam("page").await;
        let form = boss.get("/console/staff/new").await;
        form.expect(200).says("教务").says("只限选定的考试");
        boss.submit(&form, "/console/staff/new", &[("login", "")]).await.expect(422).says("请填写登录名。");
        boss.submit(&form, "/console/staff/new", &[("login", "王 老师")]).await.expect(422).says("登录名里不能有空格");
        boss.submit(&form, "/console/staff/new", &[("login", "wang")]).await.expect(422).says("请至少选择一个角色");
        boss.submit(&form, "/console/staff/new", &[("login", "boss"), ("grant", "finance:all")]).await.expect(422).says("已经有人使用");
        let grant = format!("reviewer:{}", exam.reference);
        let page = boss.post("/console/staff/new", &[("login", "Wang"), ("grant", &grant), ("grant", "finance:all")]).await;
        let link = format!("/console/invite/{}", between(&page.expect(200).body(), "/console/invite/", "\""));
        assert_eq!(app.number("select count(*) from audit where action = 'staff.invite' and detail like '%审核%' and detail like '%财务%'").await, 1);
        assert_eq!(app.number(&format!("select count(*) from audit where detail like '%{}%'", link.rsplit('/').next().expect("a token"))).await, 0);
        boss.get("/console/staff").await.expect(200).says("等待对方设置密码").says("审核（1 场考试）");
        // Nobody signs in before it is accepted.
        sign_in(&app, "wang", "").await.1.expect(422);
        let invited = app.client();
        invited.get(&link).await.expect(200).says("wang");
        invited.post(&link, &[("name", "王老师"), ("password", "wang20262026")]).await.expect(422).says("太容易被人猜到");
        invited.post(&link, &[("name", "王老师"), ("password", "short")]).await.expect(422).says("至少 10 位");
        // As a browser sends it: whoever comes to the door by their own will is not told that a session has ended.
        let invited = invited.with_header(REFERER, &format!("http://127.0.0.1:8080{link}"));
        let done = invited.post(&link, &[("name", "王老师"), ("password", PASSWORD)]).await;
        assert_eq!(done.next_address().as_deref(), Some("/console/login"));
        invited.follow(done).await.says("已设置好").says_not("登录已过期");
        invited.get(&link).await.expect(409).says("已经用过或已过期");
        invited.post(&link, &[("name", "别人"), ("password", "another password")]).await.expect(409);
        sign_in(&app, "wang", "no password of hers").await.1.expect(422);
        let failed = "select count(*) from audit where action = 'staff.sign_in_failed' and detail like";
        assert_eq!(app.number(&format!("{failed} '%127.0.0.1%wang%'")).await, 1);
        assert_eq!(app.number(&format!("{failed} '%no password%'")).await, 0);
        let (wang, page) = sign_in(&app, "wang", PASSWORD).await;
        page.goes_to("/console");
        let other = app.an_exam("page").await;
        wang.get(&format!("/console/registrations?exam={}", exam.reference)).await.expect(200);
        wang.get(&format!("/console/registrations?exam={}", other.reference)).await.expect(403);
        wang.get(&format!("/console/review/payment?exam={}", other.reference)).await.expect(200);
        wang.get("/console/exams").await.expect(403);
        boss.post("/console/staff/of/wang/roles", &[("grant", &grant)]).await.goes_to("/console/staff/of/wang");
        // The navigation shows no door that is closed, and of the queues no more than what is theirs.
        app.a_registration(&app.a_candidate("李雷", "会计学").await, &other, "submitted").await;
        let home = wang.get("/console").await;
        home.expect(200).says_not("1 件待处理").says("缴费审核");
        for address in home.links().into_iter().filter(|to| to.starts_with("/console")) {
            wang.get(&address).await.expect(200);
        }
        app.a_registration(&app.a_candidate("韩梅", "会计学").await, &exam, "submitted").await;
        wang.get("/console").await.says("1 件待处理").says_not("2 件待处理");
        let leaving = wang.clone().with_header(REFERER, "http://127.0.0.1:8080/console");
        let left = leaving.post("/console/logout", &[]).await;
        assert_eq!(left.next_address().as_deref(), Some("/console/login"));
        leaving.follow(left).await.says("已退出");
        // Locked out by wrong passwords, a colleague comes in at once by a new link.
        let locked = app.client();
        for _ in 0..6 {
            locked.post("/console/login", &[("login", "wang"), ("password", "not this one")]).await;
        }
        locked.post("/console/login", &[("login", "wang"), ("password", PASSWORD)]).await.expect(429);
        let page = boss.post("/console/staff/of/wang/link", &[]).await;
        let link = format!("/console/invite/{}", between(&page.expect(200).body(), "/console/invite/", "\""));
        locked.post(&link, &[("name", "王老师"), ("password", "another password")]).await.expect(303);
        locked.post("/console/login", &[("login", "wang"), ("password", "another password")]).await.goes_to("/console");
        // A new link ends the old password's sessions only when it is used, and dies after three days.
        let page = boss.post("/console/staff/of/wang/link", &[]).await;
        let link = format!("/console/invite/{}", between(&page.expect(200).body(), "/console/invite/", "\""));
        app.clock.advance(3 * 86_400_000 + 1);
        app.client().get(&link).await.expect(409);
    }

    async fn nobody_lifts_themselves_and_one_administrator_remains(app: TestApp) {
        let boss = app.staff("boss", &[Role::Administrator]).await;
        for step in ["roles", "lock", "unlock", "sessions", "second-factor", "link"] {
            boss.post(&format!("/console/staff/of/boss/{step}"), &[("grant", "registrar:all")]).await.expect(409).says("另一位技术管理员");
        }
        let deputy = app.staff("deputy", &[Role::Administrator]).await;
        // Through a role of the school's own: what one holds oneself does not grow.
        boss.post("/console/staff/roles", &[("name", "助理"), ("permission", "administer")]).await.goes_to("/console/staff/roles");
        boss.post("/console/staff/roles", &[("name", "助理"), ("permission", "look")]).await.expect(422).says("已有同名角色");
        boss.post("/console/staff/roles", &[("name", "空")]).await.expect(422).says("至少选择一项");
        let role = app.text("select code from roles where built_in = 0").await;
        deputy.post("/console/staff/of/boss/roles", &[("grant", &format!("{role}:all"))]).await.goes_to("/console/staff/of/boss");
        let edit = format!("/console/staff/roles/{role}");
        boss.post(&edit, &[("permission", "administer"), ("permission", "audit")]).await.expect(409).says("自己的角色");
        deputy.post(&edit, &[("permission", "administer"), ("permission", "audit")]).await.goes_to("/console/staff/roles");
        boss.post(&format!("{edit}/delete"), &[]).await.expect(409).says("还有人使用");
        // The deputy goes; the boss, by then alone, stays.
        boss.post("/console/staff/of/deputy/roles", &[("grant", "auditor:all")]).await.goes_to("/console/staff/of/deputy");
        deputy.post("/console/staff/of/boss/lock", &[]).await.expect(403);
        let third = app.staff("third", &[Role::Administrator]).await;
        boss.post("/console/staff/of/third/lock", &[]).await.goes_to("/console/staff/of/third");
        third.get("/console").await.goes_to("/console/login");
        sign_in(&app, "third", PASSWORD).await.1.expect(422);
        // A role that loses what administers may not take the last administrator along.
        boss.post(&edit, &[("permission", "audit")]).await.expect(409).says("至少要保留一位");
        boss.post("/console/staff/of/third/unlock", &[]).await.goes_to("/console/staff/of/third");
        sign_in(&app, "third", PASSWORD).await.1.goes_to("/console");
        assert_eq!(app.number("select count(*) from audit where action in ('staff.lock', 'staff.unlock', 'role.create', 'role.edit', 'staff.roles')").await, 6);
    }

    async fn the_second_step_takes_each_code_once(app: TestApp) {
        let first = app.staff("zhang", &[Role::Registrar]).await;
        let elsewhere = sign_in(&app, "zhang", PASSWORD).await.0;
        let (secret, recovery) = turn_on(&app, &first).await;
        assert_eq!(recovery.len(), 10);
        elsewhere.get("/console").await.goes_to("/console/login");
        first.get("/console").await.expect(200);
        assert_eq!(app.number("select count(*) from staff where cast(totp_enc as text) like '%12345678%'").await, 0);
        let (client, page) = sign_in(&app, "zhang", PASSWORD).await;
        page.goes_to("/console/login/second");
        client.get("/console").await.goes_to("/console/login");
        client.get("/console/login/second").await.expect(200).says("可以输入一个恢复码");
        // The code that turned it on is used up.
        let code = code_of(&secret, app.clock.now().0);
        let page = client.post("/console/login/second", &[("code", &code)]).await;
        page.expect(422).says("已经用过").says("可以输入一个恢复码").says("请联系技术管理员重置");
        app.clock.advance(30_000);
        let code = code_of(&secret, app.clock.now().0);
        client.post("/console/login/second", &[("code", &code)]).await.goes_to("/console");
        client.get("/console").await.expect(200);
        let (again, _) = sign_in(&app, "zhang", PASSWORD).await;
        again.post("/console/login/second", &[("code", &code)]).await.expect(422);
        let inside = again.post("/console/login/second", &[("code", &recovery[0].to_lowercase())]).await;
        again.follow(inside).await.expect(200).says("您用恢复码登录，还剩 9 个。");
        let (again, _) = sign_in(&app, "zhang", PASSWORD).await;
        again.post("/console/login/second", &[("code", &recovery[0])]).await.expect(422);
        // Without the password nobody gets to the second step, and five minutes later neither.
        app.client().get("/console/login/second").await.goes_to("/console/login");
        app.client().post("/console/login/second", &[("code", &recovery[1])]).await.goes_to("/console/login");
        app.clock.advance(300_001);
        again.post("/console/login/second", &[("code", &recovery[1])]).await.goes_to("/console/login");
        // Five tries, then a lock that the right code does not open.
        let (guess, _) = sign_in(&app, "zhang", PASSWORD).await;
        // What cannot be a code is no guess.
        for no_code in ["", "12345", "1234567", "12345a", "ABCDE-FGHI"] {
            guess.post("/console/login/second", &[("code", no_code)]).await.expect(422).says("请输入 6 位数字的验证码，或 10 位的恢复码。");
        }
        for _ in 0..5 {
            guess.post("/console/login/second", &[("code", "000000")]).await;
        }
        guess.post("/console/login/second", &[("code", &recovery[1])]).await.expect(429);
        let boss = app.staff("boss", &[Role::Administrator]).await;
        let reset = boss.post("/console/staff/of/zhang/second-factor", &[]).await;
        boss.follow(reset).await.expect(200).says("两步验证和通行密钥已清除，对方的登录已全部结束");
        client.get("/console").await.goes_to("/console/login");
        sign_in(&app, "zhang", PASSWORD).await.1.goes_to("/console");
    }

    async fn a_role_that_asks_for_it_lets_nobody_in_without(app: TestApp) {
        let boss = app.staff("boss", &[Role::Administrator]).await;
        let (client, _) = { staff::actions::create(&app, "li", "李老师", PASSWORD, &[Role::Reviewer]).await.expect("created"); sign_in(&app, "li", PASSWORD).await };
        client.get("/console/review/payment").await.expect(200);
        let saved = boss.post("/console/staff/roles/reviewer", &[("second_factor", "yes")]).await;
        let without = |page: &Page| page.words().matches("位持有人还没有设置验证码或通行密钥").count();
        let roles = boss.follow(saved).await;
        roles.expect(200).says("角色“审核”已保存。").says("保存后立即生效");
        assert_eq!(without(&roles), 2, "a reviewer and an administrator");
        for path in ["/console", "/console/review/payment", "/console/registrations"] {
            client.get(path).await.goes_to(&format!("{SETUP}?next={path}"));
        }
        client.get("/console/me").await.expect(200);
        // What was sent from a page that was open meanwhile is not lost without a word, and that page comes again.
        let open = client.clone().with_header(REFERER, "http://127.0.0.1:8080/console/review/payment");
        let turned_away = open.post("/console/review/undo", &[]).await;
        assert_eq!(turned_away.next_address().as_deref(), Some("/console/me/second-factor?next=/console/review/payment"));
        let page = client.follow(turned_away).await;
        page.expect(200).says("您的角色现在要求两步验证，刚才的内容没有提交。").says_not("登录已过期");
        assert!(page.body().contains("banner--warn") && page.body().contains("/console/me#passkeys"));
        let elsewhere = client.get(&format!("{SETUP}?next=https://evil.example/")).await;
        assert_eq!(elsewhere.expect(200).form_value("next"), None);
        client.submit(&page, "/second-factor", &[("code", "000000")]).await.expect(422);
        let secret = secret_on(&page);
        let done = client.submit(&page, "/second-factor", &[("code", &code_of(&secret, app.clock.now().0))]).await;
        assert_eq!(done.expect(200).link("已保存好"), "/console/review/payment");
        client.get("/console/review/payment").await.expect(200);
        assert_eq!(without(&boss.get("/console/staff/roles").await), 1);
        let own = client.get("/console/me").await;
        own.expect(200).says("您的角色要求两步验证，不能关闭").says("恢复码还有 10 个").says_not("恢复码只剩");
        assert!(!own.body().contains("/second-factor/off"));
        client.post("/console/me/second-factor/off", &[("password", PASSWORD)]).await.expect(409).says("您的角色要求两步验证");
        app.clock.advance(30_000);
        let (again, _) = sign_in(&app, "li", PASSWORD).await;
        again.post("/console/login/second", &[("code", &code_of(&secret, app.clock.now().0))]).await.goes_to("/console");
        again.get("/console/review/payment").await.expect(200);
        app.tamper("delete from staff_recovery_codes where code_hash not in (select code_hash from staff_recovery_codes limit 2)").await;
        again.get("/console/me").await.expect(200).says("恢复码只剩 2 个");
    }

    async fn whoever_comes_back_to_the_set_up_finds_the_same_secret(app: TestApp) {
        let zhang = app.staff("zhang", &[Role::Registrar]).await;
        let first = secret_on(&zhang.get(SETUP).await);
        assert_eq!(secret_on(&zhang.get(SETUP).await), first);
        // Kept in the browser of one person, it is nothing to another who signs in there.
        let kept = zhang.cookie("baokao_setup").expect("a cookie");
        let li = app.staff("li", &[Role::Registrar]).await;
        li.set_cookie("baokao_setup", &kept);
        assert_ne!(secret_on(&li.get(SETUP).await), first);
        // For as long as somebody is at it.
        app.clock.advance(899_000);
        assert_eq!(secret_on(&zhang.get(SETUP).await), first);
        app.clock.advance(900_000);
        assert_ne!(secret_on(&zhang.get(SETUP).await), first);
        // Set up, it is over.
        let (second, _) = turn_on(&app, &zhang).await;
        assert_eq!(zhang.cookie("baokao_setup"), None);
        zhang.get(SETUP).await.goes_to("/console/me");
        let own = zhang.get("/console/me").await;
        assert!(own.expect(200).body().contains("/second-factor/off"));
        zhang.post("/console/me/second-factor/off", &[("password", PASSWORD)]).await.goes_to("/console/me");
        assert_ne!(secret_on(&zhang.get(SETUP).await), second);
    }

    async fn the_own_password_ends_the_other_sessions(app: TestApp) {
        let mine = app.staff("zhang", &[Role::Registrar]).await;
        let (elsewhere, _) = sign_in(&app, "zhang", PASSWORD).await;
        let change = |former: &'static str, new: &'static str| [("password", former), ("new_password", new)];
        mine.post("/console/me/password", &change("wrong", "another long one")).await.expect(422).says("现在的密码不对");
        mine.post("/console/me/password", &change(PASSWORD, "zhang12345")).await.expect(422).says("太容易被人猜到");
        elsewhere.get("/console").await.expect(200);
        mine.post("/console/me/password", &change(PASSWORD, "another long one")).await.goes_to("/console/me");
        elsewhere.get("/console").await.goes_to("/console/login");
        mine.get("/console").await.expect(200);
        sign_in(&app, "zhang", PASSWORD).await.1.expect(422);
        sign_in(&app, "zhang", "another long one").await.1.goes_to("/console");
        let page = mine.get("/console/me").await;
        page.expect(200).says("登录的设备");
        assert_eq!(app.number("select count(*) from audit where action = 'staff.change_password'").await, 1);
    }
}
