//! 隐私与授权: consents, export, closing.

use baokao::accounts::{ConsentKind, consents};

use super::{PASSWORD, candidate, number, register, sign_in};
use crate::support::TestApp;

async fn give(app: &TestApp, account: i64, kind: ConsentKind, version: i64) {
    let mut tx = app.db.begin().await.expect("a transaction");
    consents::give(app.app(), &mut tx, account, kind, version, "同意书", "203.0.113.9").await.expect("given");
    tx.commit().await.expect("committed");
}

async fn held(app: &TestApp, account: i64, kind: ConsentKind) -> Option<i64> {
    consents::current(&mut app.db.read().await.expect("a connection"), account, kind).await.expect("read").map(|consent| consent.version)
}

both! {
    async fn consents_are_receipts_and_can_be_taken_back(app: TestApp) {
        let client = candidate(&app, 1).await;
        let id = app.number("select id from accounts").await;
        assert_eq!(held(&app, id, ConsentKind::Privacy).await, Some(1));
        assert_eq!(held(&app, id, ConsentKind::Face).await, None);
        give(&app, id, ConsentKind::Face, 1).await;
        // The same again is the same receipt; a newer text is another.
        give(&app, id, ConsentKind::Face, 1).await;
        assert_eq!(app.number("select count(*) from consents where kind = 'face'").await, 1);
        app.clock.advance(1000);
        give(&app, id, ConsentKind::Face, 2).await;
        assert_eq!(held(&app, id, ConsentKind::Face).await, Some(2));
        assert_eq!(app.number("select count(*) from consents where kind = 'face'").await, 2);

        let page = client.get("/me/privacy").await;
        page.expect(200).says("人脸识别").says("第 2 版").says("隐私政策");
        client.submit(&page, "/me/privacy/withdraw", &[]).await.goes_to("/me/privacy");
        assert_eq!(held(&app, id, ConsentKind::Face).await, None);
        client.get("/me/privacy").await.says("已撤回").says("撤回时间");
        assert_eq!(app.number("select count(*) from audit where action = 'consent.withdraw'").await, 1);
        client.post("/me/privacy/withdraw", &[("kind", "privacy")]).await.expect(409).says("如不再使用，请注销账号");
        assert_eq!(held(&app, id, ConsentKind::Privacy).await, Some(1));
        client.post("/me/privacy/withdraw", &[("kind", "nosuch")]).await.expect(404);
    }

    async fn ones_own_data_is_handed_out_and_nobody_elses(app: TestApp) {
        candidate(&app, 1).await;
        let client = candidate(&app, 2).await;
        client.post("/me/information", &[("name", "王囍"), ("candidate_type", "专升本"), ("major", "会计学")]).await.goes_to("/me/information");
        let page = client.get("/me/privacy/export").await;
        page.expect(200);
        assert!(page.header("content-disposition").starts_with("attachment"));
        let data = page.json();
        assert_eq!(data["个人信息"]["姓名"], "王囍");
        assert_eq!(data["个人信息"]["证件号码"], number(2));
        assert_eq!(data["个人信息"]["手机号"], "13800000002");
        assert_eq!(data["姓名记录"][0]["姓名"], "王喆");
        assert_eq!(data["授权记录"][0]["内容"], "隐私政策");
        for entry in ["报名", "实名认证记录", "人脸识别记录", "订单截图记录", "照片"] {
            assert!(data[entry].is_array(), "{entry}");
        }
        assert!(!page.body().contains(&number(1)) && !page.body().contains("argon2"));
        assert_eq!(app.number("select count(*) from audit where action = 'account.export'").await, 1);
    }

    async fn the_export_holds_what_later_steps_keep(app: TestApp) {
        let exam = app.an_exam("page").await;
        let person = app.a_candidate("王喆", "法学").await;
        let registration = app.a_registration(&person, &exam, "submitted").await;
        let blank = crate::identity::blank();
        app.tamper("update accounts set real_name_state = 'none'").await;
        person.client.upload("/me/identity/upload", &[("consent", "1")], &[("front", "a.png", &blank), ("back", "b.png", &blank)]).await.expect(303);
        app.run_jobs().await;
        app.tamper("update registrations set notice_address = '203.0.113.9'").await;
        app.tamper(&format!(
            "insert into proofs (id, ref, registration, account, picture, picture_sha, state, channel, kind, amount_fen, transaction_no, order_no, payee, status,
                                 reading, corrected, problems, created_at, reason)
             select 1, 'P', registrations.id, {}, pictures.id, pictures.sha256, 'read', 'wechat', 'payment', 8000, '4200001234', 'D1', '湘江大学', '支付成功', '', 0, '',
                    1, '' from registrations, pictures where pictures.kind = 'card_front'",
            person.id
        ))
        .await;
        app.tamper(&format!(
            "insert into face_checks (id, ref, account, registration, way, state, challenge, expires_at, frames, similarity, problems, created_at, reason, lease_until)
             select 1, 'F', {}, id, 'live', 'passed', '', 0, '', 7100, '', 1, '', 0 from registrations",
            person.id
        ))
        .await;
        let data = person.client.get("/me/privacy/export").await.json();
        assert_eq!(data["报名"][0]["须知确认时的网络地址"], "203.0.113.9");
        let proof = &data["订单截图记录"][0];
        assert_eq!(proof["报名号"], registration);
        assert_eq!((&proof["交易单号"], &proof["商户单号"], &proof["收款方"]), (&"4200001234".into(), &"D1".into(), &"湘江大学".into()));
        assert!(proof["金额（元）"].as_str().is_some_and(|amount| amount.starts_with("80")), "{proof}");
        assert_eq!((&data["人脸识别记录"][0]["方式"], &data["人脸识别记录"][0]["相似度"]), (&"刷脸核验".into(), &"0.71".into()));
        assert_eq!(data["实名认证记录"][0]["结果"], "未通过");
        assert!(data["照片"].as_array().is_some_and(|pictures| pictures.iter().any(|picture| picture["内容"] == "证件人像面")), "{data}");
    }

    async fn messages_to_a_closed_account_are_gone_at_once(app: TestApp) {
        let client = candidate(&app, 1).await;
        let other = app.candidate("李四", &number(2)).await;
        let id = app.number("select min(id) from accounts").await;
        for (account, run) in [(id, true), (id, false), (other.id, false)] {
            let mut tx = app.db.begin().await.expect("a transaction");
            baokao::jobs::notify(app.app(), &mut tx, account, "准考证已发布", "请查看。", "/registrations", false).await.expect("written");
            tx.commit().await.expect("committed");
            if run {
                app.run_jobs().await;
            }
        }
        client.post("/me/privacy/close", &[("password", PASSWORD)]).await.goes_to("/closed");
        assert_eq!(app.number("select count(*) from jobs where kind = 'messages.deliver'").await, 1);
        assert!(app.text("select payload from jobs where kind = 'messages.deliver'").await.contains(&other.id.to_string()));
    }

    async fn a_closed_account_is_empty_and_its_number_free(app: TestApp) {
        let client = candidate(&app, 1).await;
        let blank = crate::identity::blank();
        let sides: [(&str, &str, &[u8]); 2] = [("front", "a.png", &blank), ("back", "b.png", &blank)];
        client.upload("/me/identity/upload", &[("consent", "1")], &sides).await.expect(303);
        app.run_jobs().await;
        let read = "select count(*) from identity_checks where result_enc is not null";
        assert_eq!(app.number(read).await, 1);
        client.upload("/me/identity/upload", &[], &sides).await.expect(303);
        let page = client.get("/me/privacy/close").await;
        page.expect(200).says("注销后不能恢复");
        client.post("/me/privacy/close", &[("password", "wrong-one")]).await.expect(422).says("密码不对");
        client.post("/me/privacy/close", &[("password", "")]).await.expect(422).says("请输入现在的登录密码");
        client.submit(&page, "/me/privacy/close", &[("password", PASSWORD)]).await.goes_to("/closed");
        client.get("/closed").await.expect(200).says("账号已注销");
        client.get("/me").await.goes_to("/login");
        app.client().post("/login", &[("number", &number(1)), ("password", PASSWORD)]).await.expect(422);
        let left = "select count(*) from accounts where deleted_at is not null and name = '' and password = '' and major = ''";
        assert_eq!(app.number(left).await, 1);
        assert_eq!(app.number("select count(*) from account_names").await, 0);
        assert_eq!(app.number("select count(*) from consents where withdrawn_at is null").await, 0);
        app.run_jobs().await;
        assert_eq!(app.number(read).await, 0, "what was read on the card is gone, and what was still to be read is not read");
        assert_eq!(app.number("select count(*) from identity_checks where state = 'superseded'").await, 2);
        // The same person may come again.
        register(&app, "王喆", &number(1), "13800000001").await;
        sign_in(&app, &number(1)).await;
    }

    async fn who_is_registered_for_an_exam_under_way_stays(app: TestApp) {
        let client = candidate(&app, 1).await;
        let id = app.number("select id from accounts").await;
        let now = app.clock.now().0;
        app.tamper(&format!(
            "insert into exams (id, ref, title, state, opens_at, closes_at, edit_until, pay_until, notice, notice_version, fee_name, fee_fen, payment_way,
                                payment_url, payee, thesis_floor, ticket_rules, ticket_prefix, created_at, updated_at)
             values (1, 'E', '学士学位外语考试', 'published', 0, {now}, {now}, {now}, '', 1, '', 0, 'free', '', '', 'fair', '', '261', 0, 0)"
        ))
        .await;
        app.tamper(&format!(
            "insert into registrations (id, ref, account, exam, state, version, notice_address, face_state, study_status, thesis_grade, reason, created_at, updated_at)
             values (1, 'R', {id}, 1, 'approved', 1, '', 'passed', '', '', '', 0, 0)"
        ))
        .await;
        client.post("/me/privacy/close", &[("password", PASSWORD)]).await.expect(409).says("您已报名“学士学位外语考试”，考试结束前不能注销账号");
        client.get("/me").await.expect(200);
        let data = client.get("/me/privacy/export").await.json();
        assert_eq!(data["报名"][0]["考试"], "学士学位外语考试");
        // Withdrawn, it holds nobody.
        app.tamper("update registrations set state = 'withdrawn'").await;
        client.post("/me/privacy/close", &[("password", PASSWORD)]).await.goes_to("/closed");
    }
}
