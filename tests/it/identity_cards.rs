//! 实名认证 on pictures of cards that are drawn here, photographed by `scene`, and read by the real models.

use std::path::Path;
use std::sync::OnceLock;

use baokao::jobs::Job;
use baokao::staff::Role;
use baokao::types::DocumentKind;
use baokao_specimen::card::{self, Back, Front};
use baokao_specimen::scene::{self, Scene};
use baokao_specimen::{Fonts, encode, number};
use image::RgbImage;
use jiff::civil::{Date, date};

use crate::identity::{NUMBER, OTHER, result, send};
use crate::support::TestApp;

fn fetched() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fetched")
}

pub(crate) fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| Fonts::open(&fetched().join("fonts")).expect("make assets"))
}

pub(crate) fn portrait() -> RgbImage {
    image::open(fetched().join("faces/obama.jpg")).expect("make assets").to_rgb8()
}

/// A card as its holder photographs it.
pub(crate) struct Card {
    front: Front,
    back: Back,
}

impl Card {
    /// Of a woman born on 1949-12-31, for [`NUMBER`].
    pub(crate) fn of(name: &str) -> Self {
        Self {
            front: Front {
                name: name.into(),
                sex: "女".into(),
                ethnicity: "汉".into(),
                birth: date(1949, 12, 31),
                address: "湖南省长沙市样本区示例路一号学府花园二栋三单元".into(),
                number: NUMBER.into(),
                portrait: Some(portrait()),
            },
            back: Back {
                authority: "长沙市公安局样本分局".into(), valid_from: date(2016, 3, 1), valid_until: Some(date(2036, 3, 1))
            },
        }
    }

    fn valid_until(mut self, until: Option<Date>) -> Self {
        self.back.valid_until = until;
        self
    }

    fn front(&self, scene: &Scene) -> Vec<u8> {
        encode::jpeg(&scene::place(&card::front(fonts(), &self.front), scene), 90)
    }

    fn back(&self, scene: &Scene) -> Vec<u8> {
        encode::jpeg(&scene::place(&card::back(fonts(), &self.back), scene), 90)
    }

    /// Both sides, lit well and held well.
    pub(crate) fn pictures(&self) -> (Vec<u8>, Vec<u8>) {
        (self.front(&Scene::grade(1, 1)), self.back(&Scene::grade(1, 2)))
    }
}

/// What a candidate named `registered` reads after uploading these pictures.
async fn judged(app: &TestApp, registered: &str, (front, back): (Vec<u8>, Vec<u8>)) -> crate::support::Page {
    let person = app.candidate(registered, NUMBER).await;
    send(&person, &front, &back).await.goes_to("/me/identity/wait/");
    let page = result(app, &person).await;
    page.expect(200);
    page
}

async fn state(app: &TestApp) -> String {
    app.text("select real_name_state from accounts").await
}

both! {
    async fn a_clear_card_verifies_the_candidate(app: TestApp) {
        judged(&app, "张三", Card::of("张三").pictures()).await.says("已实名");
        assert_eq!(state(&app).await, "verified");
        assert_eq!(app.number("select count(*) from accounts where verified_at is not null and portrait_picture is not null").await, 1);
        assert_eq!(app.number("select count(*) from pictures where kind = 'portrait'").await, 1);
        assert_eq!(app.number("select count(*) from audit where action = 'identity.passed' and actor_kind = 'system'").await, 1);
        assert_eq!(app.text("select title from messages").await, "实名认证已通过");
        // What was read stays sealed.
        assert_eq!(app.text("select problems from identity_checks").await, "");
    }

    async fn a_name_that_differs_by_one_character_is_shown_beside_the_registered_one(app: TestApp) {
        let page = judged(&app, "张叁", Card::of("张三").pictures()).await;
        page.says("姓名不一致：证件上读到“张三”，登记的是“张叁”").says("修改姓名").says("重新认证");
        assert_eq!(state(&app).await, "failed");
    }

    async fn swapped_sides_are_named(app: TestApp) {
        let (front, back) = Card::of("张三").pictures();
        judged(&app, "张三", (back, front)).await.says("正反面放反了。请在“人像面”上传有头像的一面");
        assert_eq!(app.text("select problems from identity_checks").await, "sides_swapped");
    }

    async fn the_same_side_twice_is_named(app: TestApp) {
        let (front, _) = Card::of("张三").pictures();
        judged(&app, "张三", (front.clone(), front)).await.says("两张照片是证件的同一面");
    }

    async fn an_expired_card_is_refused_and_one_without_an_end_is_not(app: TestApp) {
        // The tests begin on 20 June 2026.
        let expired = Card::of("张三").valid_until(Some(date(2026, 6, 19)));
        judged(&app, "张三", expired.pictures()).await.says("证件已过期（有效期限 2016.03.01-2026.06.19）");
        assert_eq!(state(&app).await, "failed");
    }

    async fn a_card_that_ends_before_the_exam_is_told_to_both(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        let exam = app.an_exam("page").await;
        let staff = app.a_staff_member(&[Role::Reviewer]).await;
        let owner = crate::support::scene::Person { id: person.id, client: app.client() };
        let registration = app.a_registration(&owner, &exam, "awaiting_payment").await;
        for (ends, told) in [(date(2026, 7, 11), true), (date(2026, 7, 12), false)] {
            // Verified anew: the newest card counts.
            app.tamper("update accounts set real_name_state = 'none'").await;
            let mut card = Card::of("张三").valid_until(Some(ends));
            card.back.valid_from = date(2016, 7, ends.day());
            let (front, back) = card.pictures();
            send(&person, &front, &back).await.goes_to("/me/identity/wait/");
            app.run_jobs().await;
            assert_eq!(state(&app).await, "verified");
            for page in ["", "/information"] {
                let page = person.client.get(&format!("/registrations/{registration}{page}")).await;
                assert_eq!(page.expect(200).body().contains("您的证件2026年7月11日到期，早于考试日期"), told, "{ends}");
            }
            let page = staff.get(&format!("/console/registrations/{registration}")).await;
            assert_eq!(page.expect(200).body().contains("早于考试到期"), told, "{ends}");
        }
    }

    async fn a_card_without_an_end_passes(app: TestApp) {
        judged(&app, "张三", Card::of("张三").valid_until(None).pictures()).await.says("已实名");
    }

    async fn a_job_that_runs_twice_leaves_one_portrait(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        let (front, back) = Card::of("张三").pictures();
        send(&person, &front, &back).await.goes_to("/me/identity/wait/");
        let check = app.number("select id from identity_checks").await;
        let job = Job { id: 1, kind: "identity.read".into(), payload: format!("{{\"check\":{check}}}"), attempts: 1 };
        let (a, b) = tokio::join!(baokao::identity::jobs::read(&app, &job), baokao::identity::jobs::read(&app, &job));
        a.expect("read");
        b.expect("read");
        assert_eq!(app.number("select count(*) from pictures where kind = 'portrait'").await, 1);
        assert_eq!(app.objects(), 3, "front, back and portrait");
    }

    async fn a_consent_taken_back_leaves_a_verified_candidate_the_portrait_alone(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        let (front, back) = Card::of("张三").pictures();
        send(&person, &front, &back).await.expect(303);
        result(&app, &person).await.says("已实名");
        person.client.post("/me/privacy/withdraw", &[("kind", "identity")]).await.goes_to("/me/privacy");
        app.run_jobs().await;
        assert_eq!(state(&app).await, "verified");
        assert_eq!(app.text("select kind from pictures where deleted_at is null").await, "portrait");
        assert_eq!(app.objects(), 1);
        assert_eq!(app.number("select count(*) from identity_checks where result_enc is not null").await, 0);
    }

    async fn a_document_approved_before_its_portrait_was_found_gets_it_all_the_same(app: TestApp) {
        let person = app.candidate_with(DocumentKind::ForeignPermanentResident, "张三", "CAN110012345678").await;
        let (front, back) = Card::of("张三").pictures();
        send(&person, &front, &back).await.goes_to("/me/identity");
        let reviewer = app.staff("王老师", &[Role::Reviewer]).await;
        let case = reviewer.open("/console/review/identity/next").await;
        reviewer.submit(&case, &case.path, &[("decision", "approve")]).await.goes_to("/console/review/identity/next");
        assert_eq!(app.number("select count(*) from accounts where portrait_picture is not null").await, 0);
        app.run_jobs().await;
        let same = "select count(*) from accounts a join identity_checks c on c.account = a.id and c.portrait_picture = a.portrait_picture";
        assert_eq!((state(&app).await.as_str(), app.number(same).await), ("verified", 1));
    }

    async fn another_persons_number_is_named(app: TestApp) {
        let mut card = Card::of("张三");
        card.front.number = OTHER.into();
        card.front.sex = "男".into();
        card.front.birth = date(1990, 3, 7);
        assert_eq!(number::resident(110_199, date(1990, 3, 7), 15), OTHER);
        judged(&app, "张三", card.pictures()).await.says("证件号码不一致").says(OTHER).says("联系技术管理员");
    }
}

/// The pictures that people really take; no database is needed to see what they say, so once is enough.
#[tokio::test]
async fn bad_pictures_say_how_to_mend_them() {
    let card = Card::of("张三");
    let good = Scene::grade(1, 3);
    let blurred = Scene { blur: 8.0, ..Scene::grade(1, 3) };
    let dark = Scene { light: 0.03, ..Scene::grade(1, 3) };
    for (scene, sentence) in [(blurred, "人像面照片模糊，看不清文字"), (dark, "人像面照片太暗")] {
        let app = TestApp::sqlite().await;
        let page = judged(&app, "张三", (card.front(&scene), card.back(&good))).await;
        page.says("认证未通过").says(sentence);
    }
}

/// What the demo draws for everybody is no proof on a school's own site.
#[tokio::test]
async fn a_specimen_passes_in_the_demo_only() {
    let app = TestApp::in_service().await;
    judged(&app, "张三", Card::of("张三").pictures()).await.says("人工审核中");
    assert_eq!(app.text("select problems from identity_checks").await, "specimen");
    let demo = TestApp::sqlite().await;
    judged(&demo, "张三", Card::of("张三").pictures()).await.says("已实名");
}

/// Rare names never fail by themselves: they pass where they were read, and go to a person where they were not.
#[tokio::test]
async fn rare_names_pass_or_go_to_a_person() {
    for name in ["㛃", "䶮", "𬱖", "王喆", "阿依古丽·买买提"] {
        let app = TestApp::sqlite().await;
        let page = judged(&app, name, Card::of(name).pictures()).await;
        let state = state(&app).await;
        assert!(state == "verified" || state == "person", "{name} is {state}: {}", page.words());
    }
}

/// Good and fair photographs of cards with common names pass without anybody's help.
#[tokio::test]
async fn fair_photographs_pass() {
    for (seed, name) in [(11, "李建国"), (12, "王秀英"), (13, "陈志强")] {
        let app = TestApp::sqlite().await;
        let card = Card::of(name);
        let pictures = (card.front(&Scene::grade(2, seed)), card.back(&Scene::grade(2, seed + 100)));
        judged(&app, name, pictures).await.says("已实名");
    }
}
