//! An exam's own questions: staff write them, candidates answer them, answers stay as they were asked for.

use baokao::staff::Role;

use crate::payments::picture;
use crate::registrations::another_phone;
use crate::support::{Client, TestApp};

async fn add(staff: &Client, exam: &str, fields: &[(&str, &str)]) {
    let page = format!("/console/exams/{exam}/questions");
    staff.post(&page, fields).await.goes_to(&page);
}

both! {
    async fn questions_are_asked_and_answers_shown(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = app.an_exam("page").await;
        let home = format!("/console/exams/{}/questions", exam.reference);
        staff.get(&home).await.expect(200).says("还没有附加问题");
        let bad = staff.post(&home, &[("label", " "), ("kind", "choice"), ("options", "长沙")]).await;
        bad.expect(422).says("请填写问题。").says("请填写 2 到 50 个选项");
        assert!(bad.body().contains(">长沙</textarea>"), "what was typed stays");
        add(&staff, &exam.reference, &[("label", "考点"), ("kind", "choice"), ("options", "长沙\n湘潭\n长沙\n"), ("required", "yes")]).await;
        add(&staff, &exam.reference, &[("label", "工作单位"), ("kind", "text"), ("hint", "没有的可以不填。")]).await;
        staff.post(&home, &[("label", "考点"), ("kind", "text")]).await.expect(422).says("已经有同样的问题");

        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "drafting").await;
        let address = format!("/registrations/{registration}/information");
        let page = person.client.get(&address).await;
        page.expect(200).says("考点").says("湘潭").says("没有的可以不填。");
        let field = async |label: &str| format!("q-{}", app.text(&format!("select ref from exam_questions where label = '{label}'")).await);
        let (place, work) = (&field("考点").await, &field("工作单位").await);
        let asked = [("subject", "03"), ("study_status", "enrolled"), (work.as_str(), "某某公司")];
        let again = person.client.submit(&page, "/information", &asked).await;
        again.expect(422).says("请填写“考点”。");
        assert_eq!(again.form_value(work).as_deref(), Some("某某公司"));
        let elsewhere = [("subject", "03"), ("study_status", "enrolled"), (place.as_str(), "株洲")];
        person.client.submit(&page, "/information", &elsewhere).await.expect(422).says("请从选项中选择“考点”。");
        let fine = [("subject", "03"), ("study_status", "enrolled"), (place.as_str(), "湘潭"), (work.as_str(), "某某公司")];
        person.client.submit(&page, "/information", &fine).await.goes_to(&format!("/registrations/{registration}/payment"));
        person.client.get(&format!("/registrations/{registration}")).await.says("湘潭").says("某某公司").says("填写了考点、工作单位");
        staff.get(&format!("/console/registrations/{registration}")).await.expect(200).says("湘潭").says("某某公司");
        assert_eq!(app.number("select count(*) from audit where detail like '%某某公司%'").await, 0, "answers may be personal");
        assert!(person.client.get("/me/privacy/export").await.body().contains("某某公司"), "the export has them");

        // Changed: only what changed is told; an answer that is taken back is gone.
        let page = person.client.get(&address).await;
        let less = [(place.as_str(), "长沙"), (work.as_str(), "")];
        person.client.submit(&page, "/information", &less).await.goes_to(&format!("/registrations/{registration}/payment"));
        assert_eq!(app.text("select value from registration_answers").await, "长沙");

        // What was answered stays as it was asked.
        let one = place.strip_prefix("q-").expect("a reference");
        let change = |fields: [(&'static str, &'static str); 3]| [("question", one), fields[0], fields[1], fields[2]];
        staff.post(&home, &change([("label", "考点"), ("kind", "text"), ("act", "save")])).await.expect(422).says("回答的方式不能再改");
        staff.post(&home, &change([("label", "考点"), ("kind", "choice"), ("options", "湘潭\n株洲")])).await.expect(422).says("已经有考生选择“长沙”");
        staff.post(&home, &change([("act", "remove"), ("label", ""), ("kind", "")])).await.expect(409).says("不能删除");
        staff.post(&home, &change([("label", "考试地点"), ("kind", "choice"), ("options", "长沙\n株洲")])).await.goes_to(&home);
        let other = work.strip_prefix("q-").expect("a reference");
        staff.post(&home, &[("question", other), ("act", "up")]).await.goes_to(&home);
        assert_eq!(app.text("select label from exam_questions order by place limit 1").await, "工作单位");
        staff.post(&home, &[("question", other), ("act", "remove")]).await.goes_to(&home);
        assert_eq!(app.text("select label from exam_questions").await, "考试地点");

        // Next term's exam begins with them; another's cannot be touched.
        staff.post(&format!("/console/exams/{}/copy", exam.reference), &[]).await.expect(303);
        assert_eq!(app.number("select count(*) from exam_questions").await, 2);
        let copy = app.text(&format!("select ref from exams where ref <> '{}'", exam.reference)).await;
        staff.post(&format!("/console/exams/{copy}/questions"), &[("question", one), ("act", "remove")]).await.expect(404);
        // Whoever leaves takes the answers along.
        let mut tx = app.db.begin().await.expect("a transaction");
        app.forget_person(&mut tx, person.id).await.expect("forgotten");
        tx.commit().await.expect("committed");
        assert_eq!(app.number("select count(*) from registration_answers").await, 0);
    }

    async fn an_exam_asks_at_most_twenty(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = app.an_exam("page").await;
        for nth in 0..20 {
            add(&staff, &exam.reference, &[("label", &format!("问题{nth}")), ("kind", "date")]).await;
        }
        let home = format!("/console/exams/{}/questions", exam.reference);
        staff.post(&home, &[("label", "再一个"), ("kind", "date")]).await.expect(409).says("最多 20 个");
        staff.get(&home).await.expect(200).says_not("添加问题");
    }

    async fn a_picture_that_is_asked_for_comes_first_and_is_kept_by_itself(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = app.an_exam("page").await;
        add(&staff, &exam.reference, &[("label", "毕业证书"), ("kind", "file"), ("required", "yes"), ("hint", "拍清楚编号。")]).await;
        add(&staff, &exam.reference, &[("label", "加分证明"), ("kind", "file")]).await;
        let [needed, extra] = ["毕业证书", "加分证明"].map(|label| format!("select ref from exam_questions where label = '{label}'"));
        let (needed, extra) = (app.text(&needed).await, app.text(&extra).await);
        let person = app.a_candidate("王喆", "会计学").await;
        let registration = app.a_registration(&person, &exam, "drafting").await;
        let base = format!("/registrations/{registration}");
        let files = format!("{base}/files");
        let send = async |client: &Client, which: &str, bytes: &[u8]| {
            client.upload(&format!("{files}/{which}"), &[], &[(&format!("q-{which}"), "a.png", bytes)]).await
        };

        // Before the notice it is not its turn; without the picture nothing is handed in.
        app.tamper("update registrations set notice_version = null").await;
        person.client.get(&files).await.goes_to(&format!("{base}/notice"));
        send(&person.client, &needed, &picture(1)).await.expect(409).says("请先完成前面的步骤");
        app.tamper("update registrations set notice_version = 1").await;
        person.client.get(&format!("{base}/information")).await.goes_to(&files);
        let page = person.client.get(&files).await;
        page.expect(200).says("毕业证书").says("拍清楚编号。").says("加分证明（选填）").says("请先上传必填的图片");
        let plain = [("subject", "03"), ("study_status", "enrolled"), (&*format!("q-{needed}"), "我有")];
        person.client.post(&format!("{base}/information"), &plain).await.goes_to(&files);
        assert_eq!(app.text("select state from registrations").await, "drafting");

        // What is no picture is told beside its question; a stranger finds nothing.
        send(&person.client, &needed, b"%PDF-1.7").await.expect(422).says("请上传 JPG、PNG 或 WebP 格式的照片");
        person.client.upload(&format!("{files}/{needed}"), &[], &[]).await.expect(422).says("请先选择“毕业证书”的照片。");
        let stranger = app.a_candidate("李雷", "会计学").await;
        send(&stranger.client, &needed, &picture(1)).await.expect(404);
        send(&person.client, "NOSUCH", &picture(1)).await.expect(404);
        send(&person.client, &needed, &picture(1)).await.goes_to(&files);
        stranger.client.get(&format!("{files}/{needed}")).await.expect(404);
        let got = person.client.get(&format!("{files}/{needed}")).await;
        got.expect(200);
        person.client.get(&files).await.says("继续").says_not("请先上传必填的图片");

        // A second one takes its place; the optional one can be taken away again.
        send(&person.client, &needed, &picture(2)).await.goes_to(&files);
        send(&person.client, &extra, &picture(3)).await.goes_to(&files);
        assert_eq!(app.number("select count(*) from pictures where deleted_at is null and kind = 'attachment'").await, 2);
        person.client.post(&format!("{files}/{extra}/remove"), &[]).await.goes_to(&files);
        person.client.post(&format!("{files}/{needed}/remove"), &[]).await.expect(409).says("必填的，不能删除");
        assert_eq!(app.number("select count(*) from pictures where deleted_at is null").await, 1);

        // Then the rest; everybody who may see it finds it, by its question, and each look of staff is written down.
        let page = person.client.get(&format!("{base}/information")).await;
        page.expect(200).says("已上传 1 张");
        person.client.submit(&page, "/information", &[("subject", "03"), ("study_status", "enrolled")]).await.goes_to(&format!("{base}/payment"));
        let kept = app.text("select value from registration_answers").await;
        assert_eq!(kept, app.text("select ref from pictures where deleted_at is null").await, "the form changes nothing of it");
        let shown = person.client.get(&base).await;
        shown.says("已上传图片").says("上传附件").says_not(&kept);
        assert_eq!(shown.link("已上传图片"), format!("{files}/{needed}"));
        let shown = staff.get(&format!("/console/registrations/{registration}")).await;
        shown.expect(200).says("报名附件");
        assert_eq!(shown.link("已上传图片"), format!("/console/pictures/{kept}"));
        staff.get(&format!("/console/pictures/{kept}")).await.expect(200);
        assert_eq!(app.number("select count(*) from audit where action like '%view%'").await, 1);
        let elsewhere = app.an_exam("page").await;
        app.a_registration(&person, &elsewhere, "submitted").await;
        let limited = app.a_staff_member(&[]).await;
        let id = app.number("select max(id) from staff").await;
        app.tamper(&format!("insert into staff_roles (staff, role, exam) values ({id}, 'reviewer', {})", elsewhere.id)).await;
        limited.get(&format!("/console/pictures/{kept}")).await.expect(403);
        app.tamper(&format!("update staff_roles set exam = {} where staff = {id}", exam.id)).await;
        limited.get(&format!("/console/pictures/{kept}")).await.expect(200);
        app.tamper(&format!("delete from registrations where exam = {}", elsewhere.id)).await;
        let export = person.client.get("/me/privacy/export").await;
        assert!(export.body().contains("已上传图片") && !export.body().contains(&kept));

        // A picture whose time was over is asked for again, before anything is handed in.
        app.tamper("update pictures set deleted_at = 1").await;
        person.client.get(&base).await.says("已按期限删除");
        person.client.get(&format!("{base}/information")).await.goes_to(&files);
        app.tamper("update exams set payment_way = 'offline'").await;
        person.client.post(&format!("{base}/payment"), &[]).await.expect(409).says("还有必填的附件没有上传");
        send(&person.client, &needed, &picture(5)).await.goes_to(&files);
        // Sent back, it can be replaced.
        app.tamper("update registrations set state = 'returned', submitted_at = 1").await;
        assert_eq!(person.client.get(&base).await.link("附件"), files);
        send(&person.client, &needed, &picture(6)).await.goes_to(&files);
        assert_eq!(person.client.get(&files).await.link("继续"), format!("{base}/next"));

        // Handed in, it stands.
        app.tamper("update registrations set state = 'submitted'").await;
        send(&person.client, &needed, &picture(4)).await.expect(409);
        person.client.post(&format!("{files}/{needed}/remove"), &[]).await.expect(409);
        person.client.get(&format!("{base}/information")).await.expect(200).says("已上传图片");
        app.at("2026-07-01T10:00");
        app.tamper("update registrations set state = 'awaiting_payment'").await;
        app.tamper("delete from registration_answers").await;
        let page = another_phone(&app, &person).await;
        page.get(&files).await.goes_to(&base);
        page.get(&format!("{base}/information")).await.expect(200);
        send(&another_phone(&app, &person).await, &needed, &picture(4)).await.expect(409).says("截止");
    }
}
