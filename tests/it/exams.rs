//! Exams at the console: from the empty form to the candidate's home page, and everything that may go wrong on the way.

use baokao::staff::Role;
use baokao_specimen::encode;

use crate::support::{Client, Page, TestApp};

/// A form that is complete; tests leave fields out or spoil them.
pub(crate) const COMPLETE: [(&str, &str); 19] = [
    ("title", "2026年下半年学士学位外语考试"),
    ("notice", "# 报考须知\n\n请**完整**阅读。"),
    ("opens_at", "2026-06-01T09:00"),
    ("closes_at", "2026-06-30T18:00"),
    ("edit_until", ""),
    ("pay_until", ""),
    ("fee_name", "成人高等教育学士学位外语水平考试费"),
    ("fee", "80"),
    ("payment_way", "page"),
    ("payment_url", "https://pay.school.example/fee"),
    ("payee", "湘江大学"),
    ("thesis_floor", "fair"),
    ("checks", "face"),
    ("ticket_rules", "请携带身份证原件。"),
    ("ticket_prefix", "261"),
    ("subject_code", "01"),
    ("subject_name", "英语"),
    ("subject_starts_at", "2026-07-12T09:00"),
    ("subject_ends_at", "2026-07-12T11:00"),
];

/// [`COMPLETE`] with some fields replaced.
pub(crate) fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = COMPLETE.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.copied().chain(changes.iter().copied()).collect()
}

/// Saves a new exam with these fields; its public reference.
pub(crate) async fn draft(staff: &Client, changes: &[(&str, &str)]) -> String {
    let fields: Vec<_> = with(changes).into_iter().chain([("act", "save")]).collect();
    let saved = staff.post("/console/exams/new", &fields).await;
    saved.goes_to("/console/exams/");
    saved.location().rsplit('/').next().expect("a reference").to_owned()
}

/// Saves and publishes an exam.
pub(crate) async fn published(staff: &Client, changes: &[(&str, &str)]) -> String {
    let exam = draft(staff, changes).await;
    staff.post(&format!("/console/exams/{exam}/publish"), &[]).await.goes_to(&format!("/console/exams/{exam}"));
    exam
}

/// Saves the form of an exam as its page has it now, with some fields replaced.
pub(crate) async fn edit(staff: &Client, exam: &str, changes: &[(&str, &str)]) -> Page {
    let page = staff.get(&format!("/console/exams/{exam}/edit")).await;
    page.expect(200);
    let fields: Vec<_> = changes.iter().copied().chain([("act", "save")]).collect();
    let answer = staff.submit(&page, "/edit", &fields).await;
    // What it means for those who are registered was read.
    if answer.status == 200 && answer.words().contains("确认并保存") {
        staff.submit(&answer, "/edit", &[("act", "save")]).await
    } else {
        answer
    }
}

both! {
    async fn no_two_exams_give_out_the_same_ticket_numbers(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let first = published(&staff, &[]).await;
        let second = draft(&staff, &[("title", "另一场考试")]).await;
        let publish = |exam: &str| format!("/console/exams/{exam}/publish");
        staff.post(&publish(&second), &[]).await.expect(422).says("与“2026年下半年学士学位外语考试”相同，准考证号会重复");
        edit(&staff, &second, &[("ticket_prefix", "262")]).await.goes_to("/console/exams/");
        staff.post(&publish(&second), &[]).await.goes_to("/console/exams/");
        edit(&staff, &second, &[("ticket_prefix", "261")]).await.expect(422).says("准考证号会重复");
        // Another code makes other numbers; and who is put away is in nobody's way.
        edit(&staff, &second, &[("ticket_prefix", "261"), ("subject_code", "02")]).await.goes_to("/console/exams/");
        staff.post(&format!("/console/exams/{first}/close"), &[("reason", "x")]).await.expect(303);
        edit(&staff, &second, &[("subject_code", "01")]).await.expect(422).says("准考证号会重复");
        staff.post(&format!("/console/exams/{first}/archive"), &[]).await.expect(303);
        edit(&staff, &second, &[("subject_code", "01")]).await.goes_to("/console/exams/");
        staff.post(&format!("/console/exams/{first}/restore"), &[]).await.expect(422);
        staff.post(&format!("/console/exams/{second}/close"), &[("reason", "x")]).await.expect(303);
        edit(&staff, &second, &[("ticket_prefix", "263")]).await.goes_to("/console/exams/");
        staff.post(&format!("/console/exams/{first}/restore"), &[]).await.expect(303);
        edit(&staff, &second, &[("ticket_prefix", "261")]).await.expect(422).says("准考证号会重复");
    }

    async fn an_exam_goes_from_the_empty_form_to_the_home_page(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        staff.get("/console/exams").await.expect(200).says("还没有考试").says("先新建一场考试");
        let form = staff.get("/console/exams/new").await;
        form.expect(200);
        assert_eq!(form.form_value("fee_name").as_deref(), Some("成人高等教育学士学位外语水平考试费"));

        // A row more, a row less: nothing is saved and nothing typed is lost.
        let typed = [("title", "学位外语考试"), ("subject_code", "01"), ("subject_name", "英语"), ("act", "add")];
        let two = staff.submit(&form, "/console/exams/new", &typed).await;
        two.expect(200);
        assert_eq!(two.form_value("title").as_deref(), Some("学位外语考试"));
        assert_eq!(two.form("/console/exams/new").fields.iter().filter(|(name, _)| name == "subject_code").count(), 2);
        let one = staff.submit(&two, "/console/exams/new", &[("act", "remove-0")]).await;
        assert_eq!(one.form_value("subject_name").as_deref(), Some(""));
        staff.submit(&form, "/console/exams/new", &[("notice", "**重要** <b>x</b>"), ("act", "preview")]).await.expect(200).says("重要 <b>x</b>");
        assert_eq!(app.number("select count(*) from exams").await, 0);

        // What is wrong is said under its field, and stays typed.
        let wrong = staff.submit(&form, "/console/exams/new", &[("title", ""), ("fee", "八十"), ("closes_at", "x"), ("act", "save")]).await;
        wrong.expect(422).says("请填写考试名称。").says("请填写金额，例如 80 或 80.00。").says("请填写日期和时间");
        assert_eq!(wrong.form_value("fee").as_deref(), Some("八十"));

        // A draft may be unfinished, but candidates do not see it, and it is not published so.
        let saved = staff.submit(&form, "/console/exams/new", &[("title", "学位外语考试"), ("act", "save")]).await;
        saved.goes_to("/console/exams/");
        let home = saved.location().to_owned();
        let reference = home.rsplit('/').next().expect("a reference").to_owned();
        let refused = staff.post(&format!("{home}/publish"), &[]).await;
        refused.expect(422);
        for missing in [
            "请填写报考须知。",
            "请至少添加一个考试科目。",
            "请填写报名开始时间。",
            "请填写报名截止时间。",
            "请填写报名费金额",
            "请填写缴费网址，或上传缴费二维码图片。",
            "请填写准考证号前缀。",
        ] {
            refused.says(missing);
        }
        app.client().get(&format!("/exams/{reference}")).await.expect(404);
        app.client().get("/").await.expect(200).says("现在没有可以报名的考试");

        edit(&staff, &reference, &COMPLETE).await.goes_to(&home);
        staff.get(&format!("{home}/preview")).await.expect(200).says("仅供预览").says("请完整阅读。").says("2026年7月12日 09:00 至 11:00");
        staff.post(&format!("{home}/publish"), &[]).await.goes_to(&home);
        staff.post(&format!("{home}/publish"), &[]).await.expect(409).says("已经发布");
        let shown = app.client().get("/").await;
        shown.expect(200).says("2026年下半年学士学位外语考试").says("¥80.00").says("还剩 10 天 8 小时").says("报名中");
        app.client().get(&format!("/exams/{reference}")).await.expect(200).says("成人高等教育学士学位外语水平考试费").says("英语");
        for action in ["exam.create", "exam.edit", "exam.publish"] {
            assert_eq!(app.number(&format!("select count(*) from audit where action = '{action}' and actor_kind = 'staff'")).await, 1, "{action}");
        }
    }

    async fn rows_of_subjects_are_checked_one_by_one(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let two = [("subject_code", "01"), ("subject_name", "日语"), ("subject_starts_at", ""), ("subject_ends_at", "2026-07-12T08:00"), ("subject_capacity", "很多")];
        let fields: Vec<_> = COMPLETE.into_iter().chain([("subject_capacity", "")]).chain(two).chain([("act", "save")]).collect();
        let page = staff.post("/console/exams/new", &fields).await;
        page.expect(422).says("第 2 行：科目代码与前面的科目相同。").says("第 2 行：请填写开考时间").says("第 2 行：名额请填写整数");
        assert_eq!(app.number("select count(*) from exams").await, 0);
        let late = draft(&staff, &[("subject_starts_at", "2026-06-30T17:00")]).await;
        let refused = staff.post(&format!("/console/exams/{late}/publish"), &[]).await;
        refused.expect(422).says("科目“英语”的开考时间要晚于报名、修改和缴费的截止时间。");
    }

    async fn only_those_with_the_permission_work_on_exams(app: TestApp) {
        let registrar = app.a_staff_member(&[Role::Registrar]).await;
        let exam = draft(&registrar, &[]).await;
        let home = format!("/console/exams/{exam}");
        let fields: Vec<_> = COMPLETE.into_iter().chain([("act", "save"), ("seen", "0")]).collect();
        for role in [Role::Reviewer, Role::Auditor] {
            let staff = app.a_staff_member(&[role]).await;
            for path in ["/console/exams/new", &format!("{home}/edit")] {
                staff.get(path).await.expect(403).says("没有这项权限");
            }
            for path in ["/console/exams/new", &format!("{home}/edit"), &format!("{home}/publish"), &format!("{home}/close"), &format!("{home}/extend")] {
                staff.post(path, &fields).await.expect(403);
            }
            staff.upload(&format!("{home}/payment-picture"), &[], &[("picture", "a.png", b"x")]).await.expect(403);
            staff.post(&format!("{home}/payment-picture/remove"), &[]).await.expect(403);
        }
        for path in ["/console/exams", &home, &format!("{home}/preview")] {
            app.a_staff_member(&[Role::Reviewer]).await.get(path).await.expect(403).says("没有这项权限");
            app.a_staff_member(&[Role::Auditor]).await.get(path).await.expect(200).says("2026年下半年学士学位外语考试");
        }
        let looked = app.a_staff_member(&[Role::Auditor]).await.get(&home).await;
        assert!(!looked.has_form(&home), "an auditor changes nothing");
        app.client().get(&home).await.goes_to("/console/login");
        assert_eq!(app.text("select state from exams").await, "draft");
    }

    async fn a_changed_notice_is_a_new_version_that_must_be_read_again(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = published(&staff, &[]).await;
        let person = app.a_candidate("王喆", "会计学").await;
        person.client.post(&format!("/exams/{exam}/start"), &[]).await.goes_to("/registrations/");
        let registration = app.text("select ref from registrations").await;
        let notice = format!("/registrations/{registration}/notice");
        let page = person.client.get(&notice).await;
        app.clock.advance(6_000);
        person.client.submit(&page, "/notice", &[]).await.goes_to(&format!("/registrations/{registration}/face"));

        // Another field changes nothing for the candidate.
        edit(&staff, &exam, &[("title", "改了名称")]).await.goes_to("/console/exams/");
        person.client.get(&format!("/registrations/{registration}/next")).await.goes_to(&format!("/registrations/{registration}/face"));
        edit(&staff, &exam, &[("notice", "# 新的须知")]).await.goes_to("/console/exams/");
        person.client.get(&format!("/registrations/{registration}/next")).await.goes_to(&notice);
        person.client.get(&notice).await.expect(200).says("新的须知").says_not("请完整阅读");
        // The old page is of the old version; the new one has not been shown long enough.
        person.client.submit(&page, "/notice", &[]).await.expect(409).says("报考须知有更新，请重新阅读。").says("新的须知");
        let page = person.client.get(&notice).await;
        person.client.submit(&page, "/notice", &[]).await.expect(409).says("至少阅读 5 秒");
        app.clock.advance(5_000);
        person.client.submit(&page, "/notice", &[]).await.goes_to(&format!("/registrations/{registration}/face"));
        assert_eq!(app.number("select count(*) from exam_notices").await, 2);
        assert_eq!(app.text("select markdown from exam_notices where version = 1").await, "# 报考须知\n\n请**完整**阅读。");
    }

    async fn of_two_who_edit_at_once_the_second_is_told(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = draft(&staff, &[]).await;
        let page = staff.get(&format!("/console/exams/{exam}/edit")).await;
        staff.submit(&page, "/edit", &[("title", "第一个人"), ("act", "save")]).await.goes_to("/console/exams/");
        let overtaken = staff.submit(&page, "/edit", &[("title", "第二个人"), ("act", "save")]).await;
        overtaken.expect(409).says("刚刚被其他人修改");
        assert_eq!(app.text("select title from exams").await, "第一个人");
        // What was typed is still there, and goes over the other's when it is saved again.
        assert_eq!(overtaken.form_value("title").as_deref(), Some("第二个人"));
        staff.submit(&overtaken, "/edit", &[("act", "save")]).await.goes_to("/console/exams/");
        assert_eq!(app.text("select title from exams").await, "第二个人");
    }

    async fn a_subject_with_candidates_neither_goes_nor_shrinks_below_them(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = published(&staff, &[("subject_capacity", "2")]).await;
        app.client().get("/").await.says("英语 余 2");
        app.tamper("update subjects set taken = 2").await;
        app.client().get("/").await.says("英语 已满");
        edit(&staff, &exam, &[("subject_capacity", "1")]).await.expect(422).says("已报名的人数超过这个名额");
        edit(&staff, &exam, &[("subject_id", ""), ("subject_code", "02")]).await.expect(422).says("科目“英语”已有 2 人报名，不能删除。");
        assert_eq!(app.text("select code from subjects").await, "01");
        edit(&staff, &exam, &[("subject_capacity", "3"), ("subject_name", "英语（学士学位）")]).await.goes_to("/console/exams/");
        app.client().get("/").await.says("英语（学士学位） 余 1");
        // An exam that candidates see stays complete.
        edit(&staff, &exam, &[("payment_url", "")]).await.expect(422).says("请填写缴费网址，或上传缴费二维码图片。");
    }

    async fn an_exam_is_extended_closed_and_opened_again(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = published(&staff, &[]).await;
        let home = format!("/console/exams/{exam}");
        let page = staff.get(&home).await;
        let early = staff.submit(&page, "/extend", &[("closes_at", "2026-05-01T00:00")]).await;
        early.expect(422).says("报名截止时间要晚于开始时间。");
        assert_eq!(early.form_value("closes_at").as_deref(), Some("2026-05-01T00:00"));
        let unpaid = [("closes_at", "2026-07-05T18:00"), ("pay_until", "2026-07-05T17:00")];
        staff.submit(&page, "/extend", &unpaid).await.expect(422).says("缴费截止时间不能早于报名截止时间。");
        // What was left empty moves along.
        let after = [("closes_at", "2026-07-20T00:00")];
        staff.submit(&page, "/extend", &after).await.expect(422).says("开考时间要晚于报名、修改和缴费的截止时间");
        let later = [("closes_at", "2026-07-05T18:00"), ("edit_until", "2026-07-05T18:00"), ("pay_until", "2026-07-06T18:00")];
        staff.submit(&page, "/extend", &later).await.goes_to(&home);
        app.client().get(&format!("/exams/{exam}")).await.says("2026年7月5日 18:00").says("2026年7月6日 18:00");

        staff.post(&format!("{home}/close"), &[("reason", " ")]).await.expect(422).says("请填写关闭原因");
        staff.post(&format!("{home}/close"), &[("reason", "考务调整")]).await.goes_to(&home);
        app.client().get(&format!("/exams/{exam}")).await.expect(200).says("报名已截止");
        let person = app.a_candidate("王喆", "会计学").await;
        person.client.post(&format!("/exams/{exam}/start"), &[]).await.expect(409).says("学校已提前关闭这次报名");
        staff.post(&format!("{home}/publish"), &[]).await.goes_to(&home);
        person.client.post(&format!("/exams/{exam}/start"), &[]).await.goes_to("/registrations/");
        assert_eq!(app.number("select count(*) from audit where action in ('exam.extend', 'exam.close')").await, 2);
    }

    async fn last_terms_exam_is_copied_and_then_put_away(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = published(&staff, &[("subject_capacity", "2")]).await;
        let home = format!("/console/exams/{exam}");
        let picture = baokao_paper::qr::png("https://pay.school.example/fee", 8).expect("a code");
        staff.upload(&format!("{home}/payment-picture"), &[], &[("picture", "a.png", &picture)]).await.goes_to(&home);
        staff.get(&home).await.says("下面的图片没有使用");
        app.tamper("update subjects set taken = 1").await;

        let copied = staff.submit(&staff.get(&home).await, "/copy", &[]).await;
        copied.goes_to("/console/exams/");
        let form = staff.get(copied.location()).await;
        form.expect(200).says("已复制为新的草稿");
        let draft = copied.location().trim_end_matches("/edit").to_owned();
        for (field, kept) in [("title", "2026年下半年学士学位外语考试（副本）"), ("fee", "80.00"), ("subject_name", "英语"), ("subject_capacity", "2"), ("subject_starts_at", ""), ("closes_at", ""), ("ticket_prefix", "")] {
            assert_eq!(form.form_value(field).as_deref(), Some(kept), "{field}");
        }
        staff.get(&draft).await.expect(200).says("未填写").says_not("1970").says("请填写报名开始时间。");
        assert_eq!(staff.get(&format!("{draft}/payment-picture")).await.expect(200).bytes, picture);
        assert_eq!(app.number("select sum(taken) from subjects").await, 1, "places are not copied");

        // Who is in the middle of it keeps it; over or closed, it can be put away.
        staff.post(&format!("{home}/archive"), &[]).await.expect(409).says("还对考生开放");
        staff.post(&format!("{home}/close"), &[("reason", "本期结束")]).await.goes_to(&home);
        staff.post(&format!("{home}/archive"), &[]).await.goes_to(&home);
        app.client().get("/").await.expect(200).says_not("2026年下半年学士学位外语考试");
        let listed = |page: &Page, address: &str| page.body().contains(&format!("{address}\""));
        let (used, kept) = (staff.get("/console/exams").await, staff.get("/console/exams?show=archived").await);
        assert_eq!([listed(&used, &home), listed(&used, &draft), listed(&kept, &home), listed(&kept, &draft)], [false, true, true, false]);
        edit(&staff, &exam, &[("title", "改名")]).await.expect(409).says("请先取消归档");
        staff.post(&format!("{home}/restore"), &[]).await.goes_to(&home);
        assert_eq!(app.text("select state from exams where notice_version = 1 and ticket_prefix <> ''").await, "closed");
        // A draft that nobody saw comes back as one.
        staff.post(&format!("{draft}/archive"), &[]).await.goes_to(&draft);
        staff.post(&format!("{draft}/restore"), &[]).await.goes_to(&draft);
        assert_eq!(app.number("select count(*) from exams where state = 'draft'").await, 1);
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        for act in ["copy", "archive", "restore"] {
            reviewer.post(&format!("{home}/{act}"), &[]).await.expect(403);
        }
        for action in ["exam.copy", "exam.archive", "exam.restore"] {
            assert!(app.number(&format!("select count(*) from audit where action = '{action}'")).await > 0, "{action}");
        }
    }

    async fn the_payment_picture_is_kept_shown_and_not_taken_from_under_candidates(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar]).await;
        let exam = draft(&staff, &[("payment_url", "")]).await;
        let home = format!("/console/exams/{exam}");
        let address = format!("{home}/payment-picture");
        staff.upload(&address, &[], &[("picture", "a.png", b"not a picture")]).await.expect(422).says("不是可用的照片");
        staff.upload(&address, &[], &[]).await.expect(422).says("请选择缴费二维码图片。");
        let plain = |width, height| encode::png(&baokao_specimen::RgbImage::from_pixel(width, height, image::Rgb([9, 9, 9])));
        staff.upload(&address, &[], &[("picture", "a.png", &plain(24, 320))]).await.expect(422).says("图片太小，考生扫不出来");
        let doubtful = staff.upload(&address, &[], &[("picture", "a.png", &plain(240, 320))]).await;
        staff.follow(doubtful).await.says("没有在图片中认出二维码");
        let picture = baokao_paper::qr::png("https://pay.school.example/fee", 8).expect("a code");
        let kept = staff.upload(&address, &[], &[("picture", "a.png", &picture)]).await;
        staff.follow(kept).await.says("缴费二维码图片已保存。").says_not("没有在图片中认出二维码").says("考生看到的就是这张图片");
        assert_eq!(staff.get(&address).await.expect(200).bytes, picture);
        staff.post(&format!("{home}/publish"), &[]).await.goes_to(&home);
        assert!(!staff.get(&home).await.has_form(&format!("{address}/remove")), "what would be refused is not offered");
        staff.post(&format!("{address}/remove"), &[]).await.expect(409).says("考生正在用这张二维码缴费");
        // A second picture takes the first one's place.
        staff.upload(&address, &[], &[("picture", "b.png", &picture)]).await.goes_to(&home);
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from pictures where deleted_at is null").await, 1);
        edit(&staff, &exam, &[("payment_url", "https://pay.school.example/fee")]).await.goes_to(&home);
        staff.post(&format!("{address}/remove"), &[]).await.goes_to(&home);
        staff.get(&address).await.expect(404);
    }
}
