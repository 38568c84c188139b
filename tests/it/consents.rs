//! 隐私与同意: the school's own texts, in editions; what somebody agreed to stays readable, what changed is asked for again.

use baokao::staff::Role;
use baokao::types::DocumentKind;

use crate::identity::blank;
use crate::support::TestApp;

both! {
    async fn a_changed_notice_is_a_new_edition_that_candidates_are_asked_for(app: TestApp) {
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        let ours = admin.get("/console/settings/consents").await;
        ours.expect(200).says("第 1 版").says("不同意人脸识别的，可以选择人工核验");
        let person = app.a_candidate("王喆", "会计学").await;
        person.client.get("/privacy").await.expect(200).says("第 1 版");

        let text = "# 谁处理\r\n示范大学继续教育学院。\r\n# 保存多久\r\n考试结束后两年。";
        let form = [("privacy", text), ("identity", "")];
        admin.post("/console/settings/consents", &[("privacy", "x\u{7}y"), ("identity", "")]).await.expect(422).says("请去掉看不见的字符。").says("还没有保存");
        admin.post("/console/settings/consents", &form).await.goes_to("/console/settings/consents");
        admin.post("/console/settings/consents", &form).await.goes_to("/console/settings/consents");
        assert_eq!(app.number("select count(*) from audit where action = 'settings.consents'").await, 1, "the same again is no edition");
        admin.get("/console/settings/consents").await.says("第 2 版").says("系统自带").says("各个版本");
        admin.get("/console/audit").await.says("修改隐私与同意的文字");

        // The new one for everybody, the earlier one for who agreed to it.
        person.client.get("/privacy").await.expect(200).says("第 2 版").says("考试结束后两年。").says_not("#");
        person.client.get("/privacy?version=1").await.expect(200).says("第 1 版").says("不同意人脸识别的，可以选择人工核验");
        person.client.get("/privacy?version=9").await.expect(404);
        person.client.get("/").await.says("学校更新了隐私政策（第 2 版）");
        let page = person.client.get("/me/privacy").await;
        page.expect(200).says("隐私政策有更新");
        person.client.post("/me/privacy/agree", &[("version", "1")]).await.expect(409).says("请重新阅读后再同意");
        person.client.submit(&page, "/me/privacy/agree", &[]).await.goes_to("/me/privacy");
        person.client.get("/me/privacy").await.says_not("隐私政策有更新").says("第 2 版");
        person.client.get("/").await.says_not("学校更新了隐私政策");
        assert_eq!(app.number(&format!("select max(version) from consents where account = {} and kind = 'privacy' and withdrawn_at is null", person.id)).await, 2);
        // Emptied, ours is there again, as a third edition.
        admin.post("/console/settings/consents", &[("privacy", ""), ("identity", "")]).await.expect(303);
        person.client.get("/privacy").await.says("第 3 版").says("不同意人脸识别的，可以选择人工核验");
        app.a_staff_member(&[Role::Registrar]).await.get("/console/settings/consents").await.expect(403);
    }

    async fn a_registration_begun_with_the_earlier_notice_is_sent_back_to_it(app: TestApp) {
        let client = app.client();
        client.get("/register").await.expect(200);
        let first = [
            ("name", "王喆"),
            ("region", "mainland"),
            ("document_kind", "resident_card"),
            ("number", "11010519491231002X"),
            ("candidate_type", "专升本"),
            ("major", "会计学"),
            ("consent", "1"),
        ];
        client.post("/register", &first).await.expect(303);
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        admin.post("/console/settings/consents", &[("privacy", "另一份说明。"), ("identity", "")]).await.expect(303);
        client.post("/register", &first).await.expect(422).says("请阅读隐私政策，同意后勾选。");
        let page = client.get("/register").await;
        assert!(!page.body().contains("value=\"2\" checked"), "nobody is taken to have agreed to what was not read");
    }

    async fn the_purpose_of_the_document_is_asked_for_again_when_it_changed(app: TestApp) {
        let person = app.candidate_with(DocumentKind::ForeignPermanentResident, "张三", "CAN110012345678").await;
        crate::identity::send(&person, &blank(), &blank()).await.goes_to("/me/identity");
        app.run_jobs().await;
        app.tamper("update identity_checks set state = 'returned', reason = '请重拍。'").await;
        app.tamper("update accounts set real_name_state = 'failed'").await;
        let has_box = async || person.client.get("/me/identity/upload").await.body().contains("name=\"consent\"");
        assert!(!has_box().await, "agreed to already");
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        admin.post("/console/settings/consents", &[("privacy", ""), ("identity", "证件照片只用于核对身份。")]).await.expect(303);
        person.client.get("/me/identity/upload").await.expect(200).says("证件照片只用于核对身份。");
        assert!(has_box().await, "the new text is asked for");
        // Who ticked the earlier text has not agreed to this one.
        crate::identity::send(&person, &blank(), &blank()).await.expect(422).says("请阅读证件信息的用途");
    }
}
