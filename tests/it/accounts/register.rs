//! 注册: 个人信息 → 手机号及验证码 → 设置密码.

use super::{PASSWORD, PHONE, ask_for_code, number, person, prove_phone, register, sign_in};
use crate::support::TestApp;

both! {
    async fn three_steps_make_an_account(app: TestApp) {
        let client = app.client();
        let number = number(1);
        client.get("/register").await.expect(200).says("个人信息").says("请输入身份证上的真实姓名");
        prove_phone(&app, &client, "阿依古丽•买买提", &number, PHONE).await;
        client.get("/register/password").await.expect(200).says("6 至 20 位").says("138****0001");
        client.post("/register/password", &[("password", PASSWORD), ("again", PASSWORD)]).await.goes_to("/register/done");
        client.get("/register/done").await.expect(200).says("注册已提交").says("请用证件号码和刚才设置的密码登录");
        // Nobody is signed in by registering.
        client.get("/me").await.goes_to("/login");
        sign_in(&app, &number).await.get("/me").await.expect(200).says("阿依古丽·买买提").says("未认证");
        assert_eq!(app.number("select count(*) from consents where kind = 'privacy'").await, 1);
        assert_eq!(app.number("select count(*) from signup_drafts").await, 0);
    }

    async fn what_is_stored_is_sealed(app: TestApp) {
        let number = number(1);
        register(&app, "王喆", &number, PHONE).await;
        let (document, phone): (Vec<u8>, Vec<u8>) = sqlx::query_as("select document_enc, phone_enc from accounts")
            .fetch_one(&mut *app.db.read().await.expect("a connection"))
            .await
            .expect("the account");
        let holds = |sealed: &[u8], text: &str| sealed.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds(&document, &number) && !holds(&phone, PHONE));
        assert!(app.text("select password from accounts").await.starts_with("$argon2id$"));
    }

    async fn numbers_that_cannot_be_are_refused_with_advice(app: TestApp) {
        let client = app.client();
        for (wrong, sentence) in [
            ("110105194912310021", "证件号码有误，请逐位核对身份证上的号码。"),
            ("110105194902300026", "号码中的出生日期不存在，请核对第 7 至 14 位。"),
            ("110105203012310026", "号码中的出生日期不对，请核对第 7 至 14 位。"),
            ("1101051949123100", "应为 18 位数字"),
            ("", "请输入证件号码"),
        ] {
            let page = client.post("/register", &person("王喆", wrong)).await;
            page.expect(422).says(sentence);
            // Everything typed is kept.
            assert_eq!(page.form_value("name").as_deref(), Some("王喆"));
            assert_eq!(page.form_value("number").as_deref(), Some(wrong));
            assert_eq!(page.form_value("major").as_deref(), Some("会计学"));
        }
        assert_eq!(app.number("select count(*) from signup_drafts").await, 0);
    }

    async fn numbers_are_normalised(app: TestApp) {
        let client = app.client();
        prove_phone(&app, &client, "王喆", "１１０１０５ 1949 1231 002x", PHONE).await;
        client.post("/register/password", &[("password", PASSWORD), ("again", PASSWORD)]).await.goes_to("/register/done");
        sign_in(&app, "11010519491231002X").await;
    }

    async fn the_documents_follow_the_region(app: TestApp) {
        let client = app.client();
        let with = |region: &'static str, kind: &'static str, number: &'static str| {
            let mut fields = person("王喆", number);
            fields[1].1 = region;
            fields[2].1 = kind;
            fields
        };
        client.post("/register", &with("taiwan", "hk_macau_permit", "H12345678")).await.expect(422).says("地区是台湾时不能用这种证件");
        client.post("/register", &with("hong_kong", "hk_macau_permit", "12345678")).await.expect(422).says("通行证号码应为 H 或 M 开头");
        client.post("/register", &with("hong_kong", "hk_macau_permit", "h12345678")).await.goes_to("/register/phone");
        client.post("/register", &with("taiwan", "taiwan_permit", "12345678")).await.goes_to("/register/phone");
        let macau = baokao_specimen::number::resident(820_000, jiff::civil::date(1990, 1, 2), 1);
        let mut permit = person("王喆", &macau);
        permit[2].1 = "residence_permit";
        permit[1].1 = "taiwan";
        client.post("/register", &permit).await.expect(422).says("居住证号码与所选地区不符");
        permit[1].1 = "macau";
        client.post("/register", &permit).await.goes_to("/register/phone");
    }

    async fn missing_answers_are_named_one_by_one(app: TestApp) {
        let page = app.client().post("/register", &[]).await;
        page.expect(422).says("请输入身份证上的真实姓名").says("请选择地区").says("请选择证件类型");
        page.says("请选择考生类型").says("请填写专业").says("请阅读隐私政策，同意后勾选");
    }

    async fn rare_characters_are_found_without_scripts(app: TestApp) {
        let client = app.client();
        let mut fields = person("王", "");
        fields.extend([("do", "find"), ("rare", "U+4DAE")]);
        let page = client.post("/register", &fields).await;
        page.expect(200).says("䶮");
        fields.truncate(7);
        fields.push(("do", "add:䶮"));
        assert_eq!(client.post("/register", &fields).await.expect(200).form_value("name").as_deref(), Some("王䶮"));
        fields.truncate(7);
        fields.extend([("do", "find"), ("rare", "nosuch")]);
        client.post("/register", &fields).await.expect(200).says("没有找到这个字");
    }

    async fn going_back_loses_nothing_and_no_step_can_be_skipped(app: TestApp) {
        let client = app.client();
        client.get("/register/phone").await.goes_to("/register");
        client.get("/register/password").await.goes_to("/register");
        let number = number(1);
        client.post("/register", &person("王喆", &number)).await.goes_to("/register/phone");
        client.get("/register/password").await.goes_to("/register/phone");
        client.post("/register/password", &[("password", PASSWORD), ("again", PASSWORD)]).await.goes_to("/register/phone");
        assert_eq!(app.number("select count(*) from accounts").await, 0);

        let page = client.get("/register").await;
        assert_eq!(page.form_value("name").as_deref(), Some("王喆"));
        assert_eq!(page.form_value("number"), Some(number.clone()));
        prove_phone(&app, &client, "王喆", &number, PHONE).await;
        // A phone that is proven needs no second code; another phone does.
        let page = client.get("/register/phone").await;
        page.says("这个手机号已验证");
        assert_eq!(page.form_value("phone").as_deref(), Some(PHONE));
        client.post("/register/phone", &[("phone", PHONE)]).await.goes_to("/register/password");
        client.post("/register/phone", &[("phone", "13800000002")]).await.expect(422).says("请输入短信中的 6 位数字验证码");
        client.post("/register/phone", &[("phone", "13800000002"), ("code", "123456")]).await.expect(422).says("请先获取验证码");

        // Another person's browser has another draft; a day later this one is gone.
        app.client().get("/register/password").await.goes_to("/register");
        app.clock.advance(86_400_000);
        client.get("/register/password").await.goes_to("/register");
    }

    async fn passwords_have_six_to_twenty_characters(app: TestApp) {
        let client = app.client();
        prove_phone(&app, &client, "王喆", &number(1), PHONE).await;
        for (password, sentence) in [
            ("ab-12", "密码需要 6 至 20 位"),
            ("abcdefghij-1234567890", "密码需要 6 至 20 位"),
            ("86420975", "字母、数字、符号中的至少两种"),
            ("woaini1314", "这个密码太常见"),
            ("a900102x", "密码中不能有证件号码或手机号的连续 6 位"),
            ("x-380000", "密码中不能有证件号码或手机号的连续 6 位"),
        ] {
            client.post("/register/password", &[("password", password), ("again", password)]).await.expect(422).says(sentence);
        }
        client.post("/register/password", &[("password", PASSWORD), ("again", "kaoshi-2027")]).await.expect(422).says("两次输入的密码不一样");
        assert_eq!(app.number("select count(*) from accounts").await, 0);
        let twenty = "abcdefghij-123456789";
        client.post("/register/password", &[("password", twenty), ("again", twenty)]).await.goes_to("/register/done");
    }

    async fn a_taken_number_tells_its_owner_and_no_stranger(app: TestApp) {
        let taken = number(1);
        let free = number(2);
        register(&app, "王喆", &taken, PHONE).await;
        let theirs = "chongming-2027";
        let mut seen = Vec::new();
        for (phone, number) in [("13900000001", &taken), ("13900000002", &free)] {
            let stranger = app.client();
            let mut pages = vec![stranger.post("/register", &person("李四", number)).await];
            let page = stranger.get("/register/phone").await;
            pages.push(ask_for_code(&stranger, &page, "/register/phone/code", &[("phone", phone)]).await);
            let code = app.last_code(phone).await;
            pages.push(stranger.post("/register/phone", &[("phone", phone), ("code", &code)]).await);
            pages.push(stranger.post("/register/password", &[("password", theirs), ("again", theirs)]).await);
            pages.push(stranger.get("/register/done").await);
            seen.push(pages.iter().map(|page| (page.status, page.location().to_owned(), page.words())).collect::<Vec<_>>());
        }
        assert_eq!(seen[0], seen[1]);
        // The owner hears of it, once a day; the account is as it was.
        assert!(app.last_sms(PHONE).await.expect("an SMS").contains("有人用您的证件号码注册账号"));
        assert!(app.last_sms("13900000001").await.expect("the code").contains("验证码"));
        assert_eq!(app.number("select count(*) from accounts").await, 2);
        app.client().post("/login", &[("number", &taken), ("password", theirs)]).await.expect(422).says("证件号码或密码不对");
        sign_in(&app, &taken).await.get("/me").await.says("王喆");
    }

    async fn the_owner_of_a_taken_number_is_told_once_a_day(app: TestApp) {
        let taken = number(1);
        register(&app, "王喆", &taken, PHONE).await;
        let sent = || app.number("select count(*) from sms_outbox");
        // The stranger's code, and the word to the owner.
        for (phone, wait_ms, messages) in [("13900000001", 0, 2), ("13900000002", 0, 1), ("13900000003", 86_400_000, 2)] {
            app.clock.advance(wait_ms);
            let before = sent().await;
            register(&app, "李四", &taken, phone).await;
            assert_eq!(sent().await - before, messages, "{phone}");
        }
        assert_eq!(app.number("select count(*) from accounts").await, 1);
    }

    async fn drafts_keep_what_was_meant_and_are_counted_by_address(app: TestApp) {
        let client = app.client();
        let (number_1, major) = (number(1), format!("{}会计学", " ".repeat(100_000)));
        let mut padded = person("王喆", &number_1);
        padded.retain(|(field, _)| *field != "major");
        padded.push(("major", &major));
        client.post("/register", &padded).await.goes_to("/register/phone");
        assert!(app.number("select max(length(data_enc)) from signup_drafts").await < 2000);
        assert_eq!(client.get("/register").await.form_value("major").as_deref(), Some("会计学"));
        assert_eq!(app.tamper("update throttles set count = 200 where key like 'sign-up:%'").await, 1);
        client.post("/register", &person("王喆", &number(1))).await.goes_to("/register/phone");
        let stranger = app.client();
        stranger.post("/register", &person("王喆", &number(2))).await.expect(429).says("操作太频繁");
        app.client().from_address("203.0.113.9").post("/register", &person("王喆", &number(2))).await.goes_to("/register/phone");
        app.clock.advance(86_400_000);
        app.client().post("/register", &person("王喆", &number(3))).await.goes_to("/register/phone");
        assert_eq!(app.number("select count(*) from signup_drafts").await, 1, "those that ran out are gone");
    }

    async fn one_phone_serves_three_accounts(app: TestApp) {
        for n in 1..=3 {
            register(&app, "王喆", &number(n), PHONE).await;
        }
        let client = app.client();
        client.post("/register", &person("王喆", &number(4))).await.goes_to("/register/phone");
        let page = client.get("/register/phone").await;
        // Only who holds the phone learns of it.
        ask_for_code(&client, &page, "/register/phone/code", &[("phone", PHONE)]).await.goes_to("/register/phone");
        let code = app.last_code(PHONE).await;
        client.post("/register/phone", &[("phone", PHONE), ("code", &code)]).await.expect(422).says("这个手机号已用于 3 个账号");
        client.get("/register/password").await.goes_to("/register/phone");
    }

    async fn two_drafts_with_one_phone_do_not_pass_the_limit_together(app: TestApp) {
        for n in 1..=2 {
            register(&app, "王喆", &number(n), PHONE).await;
        }
        let (first, second) = (app.client(), app.client());
        prove_phone(&app, &first, "王喆", &number(3), PHONE).await;
        app.clock.advance(61_000);
        prove_phone(&app, &second, "王喆", &number(4), PHONE).await;
        first.post("/register/password", &[("password", PASSWORD), ("again", PASSWORD)]).await.goes_to("/register/done");
        second.post("/register/password", &[("password", PASSWORD), ("again", PASSWORD)]).await.expect(422).says("这个手机号已用于 3 个账号");
        assert_eq!(app.number("select count(*) from accounts").await, 3);
    }

    async fn the_privacy_notice_is_there_to_read(app: TestApp) {
        app.client().get("/privacy").await.expect(200).says("隐私政策").says("不同意人脸识别的，可以选择人工核验");
    }
}
