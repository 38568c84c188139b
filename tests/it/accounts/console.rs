//! 考生 and 操作日志 in the console.

use baokao::audit::{self, Actor, Entry};
use baokao::staff::Role;

use super::{PASSWORD, candidate, number, register, sign_in, staff};
use crate::support::TestApp;

both! {
    async fn staff_find_accounts_by_number_phone_and_name(app: TestApp) {
        register(&app, "欧阳喆", &number(1), "13800000001").await;
        register(&app, "欧阳䶮", &number(2), "13800000002").await;
        register(&app, "王喆", &number(3), "13800000002").await;
        let client = staff(&app, "zhang", &[Role::Registrar]).await;
        let page = client.get("/console/accounts").await;
        page.expect(200).says("欧阳喆").says("王喆").says("110199********").says("138****0001");
        page.says_not(&number(1)).says_not("13800000001");
        let found = |q: String| {
            let client = client.clone();
            async move { client.follow(client.post("/console/accounts", &[("q", &q)]).await).await }
        };
        found(number(1)).await.says("欧阳喆").says_not("欧阳䶮");
        found("13800000002".into()).await.says("欧阳䶮").says("王喆").says_not("欧阳喆");
        found("欧阳".into()).await.says("欧阳喆").says("欧阳䶮").says_not("王喆");
        found("阳".into()).await.says("没有找到");
        found("%".into()).await.says("没有找到");
        found(number(9)).await.says("没有找到");
    }

    async fn seeing_in_full_is_written_down(app: TestApp) {
        register(&app, "王喆", &number(1), "13800000001").await;
        let client = staff(&app, "zhang", &[Role::Reviewer]).await;
        let link = client.get("/console/accounts").await.link("王喆");
        let page = client.get(&link).await;
        page.expect(200).says("专升本").says("会计学").says("注册账号").says_not("13800000001");
        assert_eq!(app.number("select count(*) from audit where action = 'account.view'").await, 0);
        client.post(&format!("{link}/full"), &[]).await.expect(200).says("13800000001").says("110199 1990 0102");
        assert_eq!(app.number("select count(*) from audit where action = 'account.view'").await, 1);
        client.get("/console/accounts/nosuch").await.expect(404);
    }

    async fn who_may_not_is_refused(app: TestApp) {
        register(&app, "王喆", &number(1), "13800000001").await;
        let registrar = staff(&app, "zhang", &[Role::Registrar]).await;
        let link = registrar.get("/console/accounts").await.link("王喆");
        let other = staff(&app, "li", &[]).await;
        for path in ["/console/accounts", &link] {
            other.get(path).await.expect(403);
        }
        other.post("/console/accounts", &[("q", "王")]).await.expect(403);
        other.post(&format!("{link}/full"), &[]).await.expect(403);
        let fields = [("region", "mainland"), ("document_kind", "resident_card"), ("number", "x"), ("reason", "y")];
        registrar.post(&format!("{link}/number"), &fields).await.expect(403);
        registrar.get(&format!("{link}/number")).await.expect(403);
        registrar.get("/console/audit").await.expect(403);
        // A candidate is nobody in the console, and its door is another one.
        sign_in(&app, &number(1)).await.get("/console/accounts").await.goes_to("/console/login");
        app.client().post(&format!("{link}/number"), &fields).await.goes_to("/console/login");
    }

    async fn the_administrator_corrects_a_number_with_a_reason(app: TestApp) {
        let candidate = candidate(&app, 1).await;
        register(&app, "李四", &number(2), "13800000002").await;
        let id = app.number("select min(id) from accounts").await;
        let mut tx = app.db.begin().await.expect("a transaction");
        let at = Some(app.clock.now());
        baokao::accounts::actions::real_name_changed(&mut tx, id, baokao::accounts::RealName::Verified, at, None).await.expect("written");
        tx.commit().await.expect("committed");

        let client = staff(&app, "admin", &[Role::Administrator]).await;
        let link = client.get("/console/accounts").await.link("王喆");
        let page = client.get(&format!("{link}/number")).await;
        page.says_not("这位考生已通过");
        page.expect(200).says("110199********");
        let (old, taken, right) = (number(1), number(2), number(3));
        for (new, reason, sentence) in [
            ("110105194912310021", "输错一位", "证件号码有误"),
            (right.as_str(), " ", "请填写更正的原因"),
            (taken.as_str(), "输错一位", "这个证件号码已有另一个账号"),
            (old.as_str(), "输错一位", "不需要更正"),
        ] {
            let page = client.submit(&page, "/number", &[("number", new), ("reason", reason)]).await;
            page.expect(422).says(sentence);
            assert_eq!(page.form_value("number").as_deref(), Some(new));
        }
        client.submit(&page, "/number", &[("number", &right), ("reason", "注册时输错一位，已核对原件")]).await.goes_to(&link);
        client.get(&link).await.says("更正证件号码").says("注册时输错一位，已核对原件").says("未认证");
        assert_eq!(app.number("select count(*) from accounts where verified_at is not null").await, 0);
        // Masked in the audit, told to the candidate, who signs in with the new number.
        let detail = app.text("select detail from audit where action = 'account.correct_number'").await;
        assert!(detail.contains("110199********") && !detail.contains(&right) && !detail.contains(&old));
        candidate.get("/me").await.goes_to("/login");
        app.run_jobs().await;
        assert!(app.last_sms("13800000001").await.expect("an SMS").contains("证件号码已更正"));
        app.client().post("/login", &[("number", &old), ("password", PASSWORD)]).await.expect(422);
        let again = sign_in(&app, &right).await;
        again.get("/me/messages").await.says("证件号码已更正");
    }

    async fn an_administrator_changes_a_lost_phone(app: TestApp) {
        let candidate = candidate(&app, 1).await;
        let link = staff(&app, "zhang", &[Role::Reviewer]).await.get("/console/accounts").await.link("王喆");
        let fields = [("phone", "13900000001"), ("reason", "原手机号已停用，已核对身份证原件")];
        let reviewer = staff(&app, "wang", &[Role::Reviewer]).await;
        reviewer.get(&format!("{link}/phone")).await.expect(403);
        reviewer.post(&format!("{link}/phone"), &fields).await.expect(403);
        let client = staff(&app, "li", &[Role::Administrator]).await;
        let page = client.get(&client.get(&link).await.link("更换手机号")).await;
        page.expect(200).says("138****0001").says_not("13800000001");
        client.post(&format!("{link}/phone"), &[("phone", "12"), ("reason", "")]).await.expect(422).says("请填写更换的原因");
        client.post(&format!("{link}/phone"), &[("phone", "13800000001"), ("reason", "核对")]).await.expect(422).says("这就是现在的手机号");
        client.submit(&page, "/phone", &fields).await.goes_to(&link);
        client.get(&link).await.says("139****0001").says("更换考生手机号").says("已核对身份证原件");
        candidate.get("/me").await.goes_to("/login");
        app.run_jobs().await;
        assert!(app.last_sms("13900000001").await.expect("an SMS").contains("手机号已更换"));
        let detail = app.text("select detail from audit where action = 'account.correct_phone'").await;
        assert!(detail.contains("139****0001") && !detail.contains("13900000001"), "{detail}");
        for n in 2..=4 {
            register(&app, "王喆", &number(n), "13900000002").await;
        }
        client.post(&format!("{link}/phone"), &[("phone", "13900000002"), ("reason", "核对")]).await.expect(422).says("已用于 3 个账号");
    }

    async fn the_audit_shows_who_did_what(app: TestApp) {
        candidate(&app, 1).await;
        let client = staff(&app, "li", &[Role::Auditor]).await;
        let page = client.get("/console/audit").await;
        page.expect(200).says("注册账号").says("考生登录").says("工作人员登录").says("张老师").says("考生本人");
        let mut tx = app.db.begin().await.expect("a transaction");
        for n in 0..100 {
            let detail = serde_json::json!({ "n": n });
            let entry = Entry { action: "account.view", subject_kind: "account", subject_id: n, detail, actor: &Actor::Command };
            audit::write(&mut tx, app.clock.now(), entry).await.expect("written");
        }
        tx.commit().await.expect("committed");
        let page = client.get("/console/audit").await;
        page.says_not("考生本人");
        client.get(&page.link("更早的记录")).await.expect(200).says("考生本人");
    }
}
