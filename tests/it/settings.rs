//! 设置: what staff change at the console, and what candidates see of it.

use baokao::app::App;
use baokao::clock::Clock;
use baokao::staff::Role;
use baokao::types::UnixMs;

use crate::support::TestApp;

/// A PNG of one pixel.
fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(8, 8).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The page as it is saved with one field changed.
fn general<'a>(field: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("school", "湘江大学"), ("help_phone", "0731-88880000"), ("brand", "#8b1a1a"), ("brand_strong", "")];
    form.retain(|(name, _)| *name != field);
    form.push((field, value));
    form
}

both! {
    async fn the_schools_name_and_colours_are_on_every_page_at_once(app: TestApp) {
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        admin.post("/console/settings", &general("brand", "#f5a623")).await.expect(422).says("这个颜色太浅");
        admin.post("/console/settings", &general("brand", "red;}body{")).await.expect(422).says("例如 #1f5aa6");
        admin.post("/console/settings", &general("school", "湘江大学")).await.goes_to("/console/settings");
        let home = app.client().get("/login").await;
        home.says("湘江大学").says("0731-88880000");
        let sheet = home.body().split('"').find(|part| part.starts_with("/brand/")).expect("a style sheet of the school").to_owned();
        let sheet = app.client().get(&sheet).await;
        assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
        assert!(sheet.body().starts_with(":root{--brand:#8b1a1a;"), "{}", sheet.body());
        admin.get("/console").await.says("湘江大学");
        assert_eq!(app.number("select count(*) from audit where action = 'settings.change'").await, 1);
        // Nothing changes: nothing is written.
        admin.post("/console/settings", &general("school", "湘江大学")).await.goes_to("/console/settings");
        assert_eq!(app.number("select count(*) from audit where action = 'settings.change'").await, 1);
    }

    async fn another_process_notices(app: TestApp) {
        let other = App::open(app.config.clone(), Clock::fixed(UnixMs(0))).await.unwrap();
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        admin.post("/console/settings", &general("school", "岳麓学院")).await.goes_to("/console/settings");
        assert_ne!(other.settings().school(), "岳麓学院");
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        other.refresh_settings().await.unwrap();
        assert_eq!(other.settings().school(), "岳麓学院");
    }

    async fn while_the_site_is_worked_on_candidates_see_a_calm_page_and_staff_go_on(app: TestApp) {
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        let person = app.a_candidate("王喆", "会计学").await;
        let on = [("maintenance", "yes"), ("maintenance_message", "今晚 22:00 恢复。"), ("pictures_days", "180")];
        admin.post("/console/settings/service", &on).await.goes_to("/console/settings/service");
        for path in ["/", "/me", "/login"] {
            let page = person.client.get(path).await;
            page.expect(503).says("系统维护中").says("今晚 22:00 恢复。");
            assert_eq!(page.header("retry-after"), "600");
        }
        person.client.post("/login", &[("number", "x"), ("password", "y")]).await.expect(503);
        app.client().get("/console/login").await.expect(200);
        admin.get("/console").await.expect(200).says("考生现在看到的是维护页面").says("去设置");
        // A refusal stands in the console's frame, too.
        admin.get("/console/exams/NONE").await.expect(404).says("考生现在看到的是维护页面").says("学籍库").says("返回概览");
        app.client().get("/healthz").await.expect(200);
        admin.post("/console/settings/service", &[("pictures_days", "180")]).await.goes_to("/console/settings/service");
        person.client.get("/me").await.expect(200);
    }

    async fn a_secret_is_sealed_and_never_shown_again(app: TestApp) {
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        let form = [("provider", "webhook"), ("address", "https://sms.school.example/send"), ("secret", "s3cret-of-the-gateway")];
        admin.post("/console/settings/sms", &form[..2]).await.expect(422).says("请填写密钥。");
        admin.post("/console/settings/sms", &[form[0], form[2], ("address", "http://sms.school.example")]).await.expect(422).says("https://");
        admin.post("/console/settings/sms", &form).await.goes_to("/console/settings/sms");
        let page = admin.get("/console/settings/sms").await;
        page.says("发送测试短信");
        assert!(!page.body().contains("s3cret") && page.body().contains("已保存，不改请留空"));
        assert_eq!(app.number("select count(*) from settings where value like '%s3cret%'").await, 0);
        assert_eq!(app.number("select count(*) from audit where detail like '%s3cret%'").await, 0);
        // It stays when the form is saved without it, and goes with its provider.
        admin.post("/console/settings/sms", &[form[0], form[1], ("price", "0.05")]).await.goes_to("/console/settings/sms");
        assert!(app.settings().has_sms_secret);
        admin.post("/console/settings/sms", &[("provider", "aliyun"), ("key_id", "x"), ("sign", "y")]).await.expect(422).says("请填写密钥。");
    }

    async fn a_logo_is_a_picture_and_no_other_picture_is_a_logo(app: TestApp) {
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
        admin.upload("/console/settings/logo", &[], &[("logo", "a.svg", svg)]).await.expect(422);
        admin.upload("/console/settings/logo", &[], &[("logo", "a.png", &picture())]).await.goes_to("/console/settings");
        let page = app.client().get("/login").await;
        let logo = page.body().split('"').find(|part| part.starts_with("/logo/")).expect("a logo").to_owned();
        assert_eq!(app.client().get(&logo).await.expect(200).header("content-type"), "image/png");
        app.client().get("/logo/another").await.expect(404);
        admin.post("/console/settings/logo/remove", &[]).await.goes_to("/console/settings");
        app.client().get(&logo).await.expect(404);
    }

    async fn only_administrators_set_anything(app: TestApp) {
        let staff = app.a_staff_member(&[Role::Registrar, Role::Reviewer, Role::Auditor]).await;
        for path in ["/console/settings", "/console/settings/sms", "/console/settings/service", "/console/settings/review", "/console/settings/consents"] {
            staff.get(path).await.expect(403);
            staff.post(path, &general("school", "假学校")).await.expect(403);
        }
        staff.post("/console/settings/logo/remove", &[]).await.expect(403);
        staff.upload("/console/settings/logo", &[], &[("logo", "a.png", &picture())]).await.expect(403);
        assert_eq!(app.number("select version from settings_head").await, 0);
    }

    async fn the_audit_says_what_changed_in_words(app: TestApp) {
        let admin = app.a_staff_member(&[Role::Administrator]).await;
        admin.post("/console/settings", &general("school", "湘江大学")).await.goes_to("/console/settings");
        admin.post("/console/settings/service", &[("maintenance", "yes"), ("pictures_days", "365")]).await.goes_to("/console/settings/service");
        let form = [("provider", "webhook"), ("address", "https://sms.school.example/send"), ("secret", "s3cret-of-the-gateway")];
        admin.post("/console/settings/sms", &form).await.goes_to("/console/settings/sms");
        let page = admin.get("/console/audit?action=settings.change").await;
        page.expect(200).says("学校名称：空 → 湘江大学").says("维护模式：否 → 是").says("保存照片的天数：180 → 365").says("密钥：已更换");
        page.says("服务商：空 → 学校自己的短信网关").says_not("school：").says_not("pictures_days").says_not("webhook");
    }
}

/// The keys of a value that is made of fields.
fn keys<T: serde::Serialize>(value: T) -> Vec<String> {
    let value = serde_json::to_value(value).expect("a value");
    value.as_object().expect("fields").keys().cloned().collect()
}

#[test]
fn every_setting_has_its_word_in_the_audit() {
    use baokao::settings::{General, Review, Service, Sms, TemplateText};
    let groups =
        [keys(General::default()), keys(Sms::default()), keys(TemplateText::default()), keys(Service::default()), keys(Review::default())];
    for key in groups.concat() {
        assert!(baokao::staff::key_word(&key).is_some(), "{key} has no word in src/staff/words.rs");
    }
}

#[test]
fn the_audit_says_codes_with_the_words_of_the_pages() {
    use baokao::accounts::ConsentKind;
    use baokao::exams::questions::QuestionKind;
    use baokao::exams::{Grade, PaymentWay};
    use baokao::staff::code_word;
    let mut same = Vec::new();
    same.extend(baokao::face::Way::ALL.map(|way| ("way", way.code(), way.word())));
    same.extend(baokao::registrations::State::ALL.map(|state| ("states", state.code(), state.word())));
    same.extend(baokao::identity::Doubt::ALL.map(|doubt| ("problems", doubt.code(), doubt.word())));
    same.extend(Grade::ALL.map(|grade| ("thesis_floor", grade.code(), grade.word())));
    same.extend(QuestionKind::ALL.map(|kind| ("kind", kind.code(), kind.word())));
    same.extend(baokao::ports::sms::Kind::ALL.map(|kind| ("kind", kind.code(), kind.word())));
    for (field, code, word) in same {
        assert_eq!(code_word(field, code), Some(word), "{code} in src/staff/values.rs");
    }
    let mut known: Vec<(&str, &str)> = baokao::identity::problem_sentences().into_iter().map(|(code, _)| ("problems", code)).collect();
    known.extend(PaymentWay::ALL.map(|way| ("payment_way", way.code())));
    known.extend(ConsentKind::ALL.map(|kind| ("kind", kind.code())));
    known.extend(baokao::payments::flags::Flag::ALL.map(|flag| ("flags", flag.code())));
    for (field, code) in known {
        assert!(code_word(field, code).is_some(), "{code} has no word in src/staff/values.rs");
    }
}
