//! 个人中心: 个人信息, 手机号, 密码, 登录设备, 消息.

use super::{PASSWORD, ask_for_code, candidate, number, register, sign_in};
use crate::support::{Client, TestApp};

/// The account's row id.
async fn account(app: &TestApp) -> i64 {
    app.number("select min(id) from accounts").await
}

async fn tell(app: &TestApp, account: i64, title: &str, sms: bool) {
    let mut tx = app.db.begin().await.expect("a transaction");
    baokao::jobs::notify(app.app(), &mut tx, account, title, "请查看。", "/registrations", sms).await.expect("written");
    tx.commit().await.expect("committed");
}

async fn save(client: &Client, name: &str, candidate_type: &str, major: &str) -> crate::support::Page {
    client.post("/me/information", &[("name", name), ("candidate_type", candidate_type), ("major", major)]).await
}

both! {
    async fn the_centre_shows_who_one_is(app: TestApp) {
        let client = candidate(&app, 1).await;
        let number = number(1);
        let page = client.get("/me").await;
        page.expect(200).says("王喆").says("未认证").says("138****0001").says_not(&number);
        for entry in ["个人信息", "实名认证", "我的报名", "修改密码", "登录设备", "隐私与授权", "消息"] {
            assert!(page.link(entry).starts_with('/'), "{entry}");
        }
        assert_eq!(page.link("实名认证"), "/me/identity");
        let page = client.get("/me/information").await;
        page.expect(200).says("110199 1990 0102").says("技术管理员");
        // The number can be read there, and not changed.
        assert_eq!(page.form_value("number"), None);
    }

    async fn every_page_of_the_centre_needs_a_candidate(app: TestApp) {
        let client = app.client();
        for path in ["/me", "/me/information", "/me/phone", "/me/password", "/me/sessions", "/me/messages", "/me/privacy", "/me/privacy/export", "/me/privacy/close"] {
            client.get(path).await.goes_to("/login");
        }
        for path in ["/me/information", "/me/phone", "/me/phone/code", "/me/password", "/me/sessions/end", "/me/privacy/withdraw", "/me/privacy/agree", "/me/privacy/close", "/me/messages/read-all"] {
            client.post(path, &[]).await.goes_to("/login");
        }
    }

    async fn a_new_name_needs_a_new_verification(app: TestApp) {
        let client = candidate(&app, 1).await;
        let id = account(&app).await;
        let mut tx = app.db.begin().await.expect("a transaction");
        let at = Some(app.clock.now());
        baokao::accounts::actions::real_name_changed(&mut tx, id, baokao::accounts::RealName::Verified, at, None).await.expect("written");
        tx.commit().await.expect("committed");
        client.get("/me").await.says("已实名");

        // Type and major alone change nothing of it.
        save(&client, "王喆", "高起本", "法学").await.goes_to("/me/information");
        client.get("/me").await.says("已实名");
        save(&client, "王囍", "高起本", "法学").await.goes_to("/me/information");
        client.get("/me").await.says("王囍").says("未认证");
        assert_eq!(app.text("select real_name_state from accounts").await, "none");
        assert_eq!(app.number("select name_version from accounts").await, 2);
        assert_eq!(app.number("select count(*) from accounts where verified_at is not null").await, 0);
        // The former name is kept.
        assert_eq!(app.number("select count(*) from account_names").await, 2);
        assert_eq!(app.text("select name from account_names where version = 1").await, "王喆");
        assert_eq!(app.number("select count(*) from audit where action = 'account.rename'").await, 1);
    }

    async fn a_name_that_was_approved_for_an_exam_stays(app: TestApp) {
        let exam = app.an_exam("free").await;
        let person = app.a_candidate("王喆", "法学").await;
        app.a_registration(&person, &exam, "approved").await;
        for state in ["approved", "seated", "released"] {
            app.tamper(&format!("update registrations set state = '{state}'")).await;
            save(&person.client, "王囍", "高起本", "法学").await.expect(422).says("已通过审核，考试结束前不能修改姓名");
        }
        assert_eq!(app.text("select name from accounts").await, "王喆");
        // Type and major are not on the ticket; and after the exam the name is free.
        save(&person.client, "王喆", "高起本", "会计学").await.goes_to("/me/information");
        app.at("2026-07-12T11:00");
        save(&person.client, "王囍", "高起本", "会计学").await.goes_to("/me/information");
    }

    async fn information_that_is_wrong_is_refused(app: TestApp) {
        let client = candidate(&app, 1).await;
        let page = save(&client, "王3", "博士后", "").await;
        page.expect(422).says("姓名只能有汉字").says("请选择考生类型").says("请填写专业");
        assert_eq!(page.form_value("name").as_deref(), Some("王3"));
        save(&client, &"王".repeat(51), "高起本", "法学").await.expect(422).says("姓名不能超过 50 个字");
    }

    async fn a_new_phone_is_proven_by_its_code(app: TestApp) {
        let client = candidate(&app, 1).await;
        let new = "13900000001";
        let page = client.get("/me/phone").await;
        page.says("138****0001");
        ask_for_code(&client, &page, "/me/phone/code", &[("phone", "13800000001")]).await.expect(422).says("这就是现在的手机号");
        let page = client.get("/me/phone").await;
        let page = ask_for_code(&client, &page, "/me/phone/code", &[("phone", new)]).await;
        page.expect(200).says("验证码已发送");
        assert_eq!(page.form_value("phone").as_deref(), Some(new));
        let page = client.get("/me/phone").await;
        ask_for_code(&client, &page, "/me/phone/code", &[("phone", new)]).await.expect(429).says("请 60 秒后再试");
        let code = app.last_code(new).await;
        // The code is for this phone and this account.
        let with = |phone: &'static str| [("phone", phone), ("code", code.as_str()), ("password", PASSWORD)];
        client.post("/me/phone", &with("13900000002")).await.expect(422).says("请先获取验证码");
        let other = candidate(&app, 2).await;
        other.post("/me/phone", &with(new)).await.expect(422).says("请先获取验证码");
        // A borrowed phone that is signed in does not do.
        client.post("/me/phone", &[("phone", new), ("code", &code)]).await.expect(422).says("请输入现在的登录密码");
        let page = client.post("/me/phone", &[("phone", new), ("code", &code), ("password", "wrong-one")]).await;
        page.expect(422).says("密码不对");
        assert_eq!(page.form_value("code"), Some(code.clone()));
        client.post("/me/phone", &with(new)).await.goes_to("/me/information");
        client.get("/me").await.says("139****0001");
        // The former phone hears of it.
        assert!(app.last_sms("13800000001").await.expect("an SMS").contains("手机号已更换为 139****0001"));
    }

    async fn a_phone_with_three_accounts_takes_no_fourth(app: TestApp) {
        for n in 1..=3 {
            register(&app, "王喆", &number(n), "13900000001").await;
        }
        let client = candidate(&app, 4).await;
        let page = client.get("/me/phone").await;
        ask_for_code(&client, &page, "/me/phone/code", &[("phone", "13900000001")]).await.expect(200);
        let code = app.last_code("13900000001").await;
        client.post("/me/phone", &[("phone", "13900000001"), ("code", &code), ("password", PASSWORD)]).await.expect(422).says("这个手机号已用于 3 个账号");
    }

    async fn a_new_password_ends_other_sessions(app: TestApp) {
        let client = candidate(&app, 1).await;
        let other = sign_in(&app, &number(1)).await;
        let with = |former: &'static str, new: &'static str| [("former", former), ("password", new), ("again", new)];
        client.post("/me/password", &with("wrong-one", "xin-mima-88")).await.expect(422).says("密码不对");
        client.post("/me/password", &with(PASSWORD, "ab-12")).await.expect(422).says("密码需要 6 至 20 位");
        client.post("/me/password", &with(PASSWORD, PASSWORD)).await.expect(422).says("新密码和原密码一样");
        client.post("/me/password", &with(PASSWORD, "xin-mima-88")).await.goes_to("/me");
        client.get("/me").await.expect(200);
        other.get("/me").await.goes_to("/login");
        app.client().post("/login", &[("number", &number(1)), ("password", PASSWORD)]).await.expect(422);
    }

    async fn guessing_the_password_inside_is_slowed_as_at_the_door(app: TestApp) {
        let client = candidate(&app, 1).await;
        let fields = [("former", "wrong-one"), ("password", "xin-mima-88"), ("again", "xin-mima-88")];
        for _ in 0..3 {
            client.post("/me/password", &fields).await.expect(422);
        }
        client.post("/me/password", &fields).await.expect(429).says("操作太频繁");
    }

    async fn devices_can_be_signed_out_but_only_ones_own(app: TestApp) {
        let client = candidate(&app, 1).await;
        let elsewhere = sign_in(&app, &number(1)).await;
        let other = candidate(&app, 2).await;
        let page = client.get("/me/sessions").await;
        page.expect(200).says("安卓手机或平板").says("本机");
        let session = page.form("/me/sessions/end").fields.iter().find(|(name, _)| name == "session").expect("a session").1.clone();
        other.post("/me/sessions/end", &[("session", &session)]).await.expect(404);
        elsewhere.get("/me").await.expect(200);
        client.post("/me/sessions/end", &[("session", "x")]).await.expect(404);
        client.post("/me/sessions/end", &[("session", &session)]).await.goes_to("/me/sessions");
        elsewhere.get("/me").await.goes_to("/login");
        client.get("/me").await.expect(200);

        let elsewhere = sign_in(&app, &number(1)).await;
        client.post("/me/sessions/end-others", &[]).await.goes_to("/me/sessions");
        elsewhere.get("/me").await.goes_to("/login");
        other.get("/me").await.expect(200);
    }

    async fn messages_are_delivered_once_and_read_by_their_owner(app: TestApp) {
        let client = candidate(&app, 1).await;
        let id = account(&app).await;
        let other = candidate(&app, 2).await;
        client.get("/me/messages").await.says("还没有消息");
        tell(&app, id, "准考证已发布", true).await;
        tell(&app, id, "订单截图已退回", false).await;
        app.run_jobs().await;
        assert!(app.last_sms("13800000001").await.expect("an SMS").contains("准考证已发布。请查看。"));
        let page = client.get("/me/messages").await;
        page.says("准考证已发布").says("订单截图已退回").says("（未读）");
        client.get("/me").await.says("2 条未读");

        let link = page.link("准考证已发布");
        other.get(&link).await.expect(404);
        let letter = client.get(&link).await;
        letter.expect(200).says("请查看。");
        assert_eq!(letter.link("去查看"), "/registrations");
        client.get("/me").await.says("1 条未读");
        client.post("/me/messages/read-all", &[]).await.goes_to("/me/messages");
        client.get("/me/messages").await.says_not("（未读）");
        assert_eq!(app.number("select count(*) from messages where read_at is null").await, 0);

        // A worker that died after its work does it again: nothing comes twice.
        app.tamper("update jobs set state = 'queued' where kind = 'messages.deliver'").await;
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from messages").await, 2);
        assert_eq!(app.number("select count(*) from sms_outbox").await, 3);
    }

    async fn many_messages_come_in_pages(app: TestApp) {
        let client = candidate(&app, 1).await;
        let id = account(&app).await;
        for n in 0..31 {
            tell(&app, id, &format!("第{n}条"), false).await;
        }
        app.run_jobs().await;
        let page = client.get("/me/messages").await;
        page.says("第30条").says_not("第0条");
        let older = client.get(&page.link("更早的消息")).await;
        older.says("第0条").says_not("第30条");
        client.get("/me/messages?before=nosuch").await.expect(404);
    }
}
