//! 隐私与同意: the school's own texts, in editions; what somebody agreed to stays readable, what changed is asked for again.

use baokao::staff::Role;
use baokao::types::DocumentKind;

use crate::accounts::{PASSWORD, PHONE, number, person, prove_phone};
use crate::identity::blank;
use crate::support::TestApp;

both! {
    async fn a_changed_notice_is_a_new_edition_that_candidates_are_asked_for(app: TestApp) {
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        let ours = admin.get("/console/settings/consents").await;
        ours.expect(200).says("第 1 版").says("不同意人脸识别的，可以选择人工核验");
        let somebody = app.a_candidate("王喆", "会计学").await;
        somebody.client.get("/privacy").await.expect(200).says("第 1 版");

        let text = "# 谁处理\r\n示范大学继续教育学院。\r\n# 保存多久\r\n考试结束后两年。";
        let form = [("privacy", text), ("identity", ""), ("privacy_edition", "1"), ("identity_edition", "1")];
        admin.post("/console/settings/consents", &[("privacy", "x\u{7}y"), ("privacy_edition", "1"), ("identity_edition", "1")]).await.expect(422).says("请去掉看不见的字符。").says("还没有保存");
        admin.post("/console/settings/consents", &form).await.goes_to("/console/settings/consents");
        admin.post("/console/settings/consents", &form).await.goes_to("/console/settings/consents");
        assert_eq!(app.number("select count(*) from audit where action = 'settings.consents'").await, 1, "the same again is no edition");
        // Who had the page open changes the other text and takes this one back for nobody; who changed the same one is told.
        let other = [("privacy", ""), ("identity", "证件照片只用于核对。"), ("privacy_edition", "1"), ("identity_edition", "1")];
        admin.post("/console/settings/consents", &other).await.expect(303);
        somebody.client.get("/privacy").await.says("第 2 版");
        let late = [("privacy", "晚到的一份。"), ("identity", "证件照片只用于核对。"), ("privacy_edition", "1"), ("identity_edition", "2")];
        let told = admin.post("/console/settings/consents", &late).await;
        told.expect(422).says("这段文字刚刚有人改过").says("晚到的一份。");
        somebody.client.get("/privacy?of=identity&version=1").await.expect(200).says("证件信息的用途").says("证件照片属于敏感个人信息");
        admin.get("/console/settings/consents").await.says("第 2 版").says("系统自带").says("各个版本");
        admin.get("/console/audit").await.says("修改隐私与同意的文字");

        // The new one for everybody, the earlier one for who agreed to it.
        somebody.client.get("/privacy").await.expect(200).says("第 2 版").says("考试结束后两年。").says_not("#");
        somebody.client.get("/privacy?version=1").await.expect(200).says("第 1 版").says("不同意人脸识别的，可以选择人工核验");
        somebody.client.get("/privacy?version=9").await.expect(404);
        somebody.client.get("/").await.says("学校更新了隐私政策（第 2 版）");
        let page = somebody.client.get("/me/privacy").await;
        page.expect(200).says("隐私政策有更新");
        somebody.client.post("/me/privacy/agree", &[("version", "1")]).await.expect(409).says("请重新阅读后再同意");
        somebody.client.submit(&page, "/me/privacy/agree", &[]).await.goes_to("/me/privacy");
        let receipts = somebody.client.get("/me/privacy").await;
        receipts.says_not("隐私政策有更新").says("第 2 版");
        assert_eq!(receipts.link("第 2 版"), "/privacy?version=2");
        somebody.client.get("/").await.says_not("学校更新了隐私政策");
        assert_eq!(app.number(&format!("select max(version) from consents where account = {} and kind = 'privacy' and withdrawn_at is null", somebody.id)).await, 2);
        // Emptied, ours is there again, as a third edition.
        admin.post("/console/settings/consents", &[("privacy", ""), ("privacy_edition", "2"), ("identity", ""), ("identity_edition", "2")]).await.expect(303);
        somebody.client.get("/privacy").await.says("第 3 版").says("不同意人脸识别的，可以选择人工核验");
        app.a_staff_member(&[Role::Registrar]).await.get("/console/settings/consents").await.expect(403);
    }

    async fn a_registration_begun_with_the_earlier_notice_is_sent_back_to_it(app: TestApp) {
        let (client, number) = (app.client(), number(1));
        prove_phone(&app, &client, "王喆", &number, PHONE).await;
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        let changed = [("privacy", "另一份说明。"), ("identity", ""), ("privacy_edition", "1"), ("identity_edition", "1")];
        admin.post("/console/settings/consents", &changed).await.expect(303);
        let finish = [("password", PASSWORD), ("again", PASSWORD)];
        let sent_back = client.post("/register/password", &finish).await;
        sent_back.goes_to("/register");
        let page = client.follow(sent_back).await;
        page.expect(200).says("隐私政策有更新，请重新阅读并同意");
        assert!(page.body().contains("value=\"王喆\""), "what was typed is still there");
        assert!(!page.body().contains("value=\"2\" checked"), "nobody is taken to have agreed to what was not read");
        assert_eq!(app.number("select count(*) from accounts").await, 0);
        // The new one is ticked: it goes on where it was, and the receipt names what was read.
        let mut again = person("王喆", &number);
        again.retain(|(name, _)| *name != "consent");
        again.push(("consent", "2"));
        client.post("/register", &again).await.expect(303);
        client.post("/register/password", &finish).await.goes_to("/register/done");
        assert_eq!(app.number("select version from consents where kind = 'privacy'").await, 2);
    }

    async fn the_purpose_of_the_document_is_asked_for_again_when_it_changed(app: TestApp) {
        let somebody = app.candidate_with(DocumentKind::ForeignPermanentResident, "张三", "CAN110012345678").await;
        crate::identity::send(&somebody, &blank(), &blank()).await.goes_to("/me/identity");
        app.run_jobs().await;
        app.tamper("update identity_checks set state = 'returned', reason = '请重拍。'").await;
        app.tamper("update accounts set real_name_state = 'failed'").await;
        let has_box = async || somebody.client.get("/me/identity/upload").await.body().contains("name=\"consent\"");
        assert!(!has_box().await, "agreed to already");
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        admin.post("/console/settings/consents", &[("privacy", ""), ("privacy_edition", "1"), ("identity", "证件照片只用于核对身份。"), ("identity_edition", "1")]).await.expect(303);
        somebody.client.get("/me/identity/upload").await.expect(200).says("证件照片只用于核对身份。");
        assert!(has_box().await, "the new text is asked for");
        // Who ticked the earlier text has not agreed to this one.
        crate::identity::send(&somebody, &blank(), &blank()).await.expect(422).says("请阅读证件信息的用途");
    }
}
