//! 现场核验: a code from staff who have seen the person.

use baokao::staff::Role;

use super::poses::{self as poses, jpeg};
use super::scene::{Person, candidate, person};
use crate::support::{Client, TestApp};

fn desk(one: &Person) -> String {
    format!("/console/registrations/{}/onsite", one.registration)
}

/// The code that staff are shown.
async fn code(reviewer: &Client, one: &Person) -> String {
    let made = reviewer.post(&desk(one), &[("seen", "yes")]).await;
    made.expect(200);
    let body = made.body();
    let at = body.find("onsite-code").expect("a code");
    body[at..].split('>').nth(1).and_then(|rest| rest.split('<').next()).expect("its digits").to_owned()
}

both! {
    async fn whoever_was_seen_by_staff_goes_on(app: TestApp) {
        let one = candidate(&app).await;
        let reviewer = app.staff("李老师", &[Role::Reviewer]).await;
        one.client.open(&one.at("")).await.says("现场核验");
        let page = reviewer.open(&format!("/console/registrations/{}", one.registration)).await;
        assert_eq!(page.says("********").link("现场核验"), desk(&one));
        // The card is compared with the whole number; whoever looks at it leaves a line.
        reviewer.open(&desk(&one)).await.says("考生甲").says("当面核对").says("999999").says_not("********");
        assert_eq!(app.number("select count(*) from audit where action = 'account.view' and actor_name = '李老师'").await, 1);
        reviewer.post(&desk(&one), &[]).await.expect(422).says("请先当面核对考生本人和证件，再勾选这一项。");
        let code = code(&reviewer, &one).await;
        assert_eq!(code.len(), 9, "two groups of four");
        // The way that the candidate is shown is there.
        assert_eq!(one.client.open(&one.base).await.link("人脸识别"), one.at(""));
        assert_eq!(app.number("select count(*) from audit where action = 'face.issue_code'").await, 1);

        let form = one.client.open(&one.at("/code")).await;
        form.says("8 位");
        one.client.submit(&form, "/code", &[("code", "")]).await.expect(422).says("请输入工作人员给您的 8 位核验码。");
        // As a phone's Chinese keyboard types it.
        let wide: String = code.chars().map(|c| if c == ' ' { c } else { char::from_u32(c as u32 + 0xFEE0).expect("a wide digit") }).collect();
        one.client.submit(&form, "/code", &[("code", &wide)]).await.goes_to(&format!("{}/information", one.base));
        assert_eq!((one.check(&app).await.as_str(), one.face(&app).await.as_str()), ("approved", "passed"));
        let same = "select count(*) from registrations r join accounts a on a.id = r.account and r.face_picture = a.portrait_picture";
        assert_eq!(app.number(same).await, 1, "the card's portrait goes on the ticket");
        assert_eq!(app.number("select count(*) from face_checks where way = 'onsite' and decided_by is not null and similarity is null").await, 1);
        assert_eq!(app.number("select count(*) from audit where action = 'face.onsite'").await, 1);
        assert_eq!(app.number("select count(*) from consents where kind = 'face'").await, 0, "no machine looked at anybody");
        // Staff read who vouched, the candidate does not; nobody needs the number any more.
        let other = app.staff("王老师", &[Role::Reviewer]).await;
        other.open(&format!("/console/registrations/{}", one.registration)).await.says("现场核验；已通过").says("李老师");
        one.client.open(&one.base).await.says("现场核验；已通过").says_not("李老师");
        other.open(&desk(&one)).await.says("********");
        assert_eq!(app.number("select count(*) from audit where action = 'account.view' and actor_name = '王老师'").await, 0);
        // Once; whoever comes again is led on.
        one.client.get(&one.at("/code")).await.goes_to(&format!("{}/information", one.base));
        for typed in ["", &code] {
            one.client.post(&one.at("/code"), &[("code", typed)]).await.goes_to(&format!("{}/information", one.base));
        }
        app.tamper("update registrations set face_state = 'none'").await;
        one.client.post(&one.at("/code"), &[("code", &code)]).await.expect(422).says("核验码已经用过");
    }

    async fn a_code_is_for_one_registration_and_a_quarter_of_an_hour(app: TestApp) {
        let one = candidate(&app).await;
        let other = person(&app, "考生乙", Some(poses::portrait())).await;
        let reviewer = app.a_staff_member(&[Role::Registrar]).await;
        let first = code(&reviewer, &one).await;
        other.client.post(&other.at("/code"), &[("code", &first)]).await.expect(422).says("还没有发放现场核验码，请到学校报名点当面核验证件后领取。");
        other.client.post(&one.at("/code"), &[("code", &first)]).await.expect(404);
        let second = code(&reviewer, &one).await;
        one.client.post(&one.at("/code"), &[("code", &first)]).await.expect(422).says("还可以试 4 次");
        app.clock.advance(15 * 60_000);
        one.client.post(&one.at("/code"), &[("code", &second)]).await.expect(422).says("核验码已经过期");
        let third = code(&reviewer, &one).await;
        app.clock.advance(15 * 60_000 - 1);
        one.client.post(&one.at("/code"), &[("code", &third)]).await.expect(303);
        reviewer.open(&desk(&one)).await.says("不需要现场核验");
        reviewer.post(&desk(&one), &[("seen", "yes")]).await.expect(409);
        app.tamper(&format!("update registrations set state = 'withdrawn', face_state = 'none' where ref = '{}'", other.registration)).await;
        reviewer.post(&desk(&other), &[("seen", "yes")]).await.expect(409);
    }

    async fn wrong_codes_end_it_and_many_lock(app: TestApp) {
        let one = candidate(&app).await;
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        let code_of = async || code(&reviewer, &one).await;
        let right = code_of().await;
        let wrong = if right.starts_with('1') { "2222 2222" } else { "1111 1111" };
        for left in (1..5).rev() {
            one.client.post(&one.at("/code"), &[("code", wrong)]).await.expect(422).says(&format!("还可以试 {left} 次"));
        }
        one.client.post(&one.at("/code"), &[("code", wrong)]).await.expect(422).says("已经失效");
        one.client.post(&one.at("/code"), &[("code", &right)]).await.expect(422).says("核验码输错次数过多，已经失效");
        for _ in 0..9 {
            one.client.post(&one.at("/code"), &[("code", wrong)]).await.expect(422);
        }
        let right = code_of().await;
        one.client.post(&one.at("/code"), &[("code", &right)]).await.expect(429);
        assert_eq!(one.face(&app).await, "none");
    }

    async fn who_may_not_review_gives_out_no_code(app: TestApp) {
        let one = candidate(&app).await;
        for role in [Role::Auditor, Role::Administrator] {
            let other = app.a_staff_member(&[role]).await;
            other.get(&desk(&one)).await.expect(403);
            other.post(&desk(&one), &[("seen", "yes")]).await.expect(403);
        }
        one.client.post(&desk(&one), &[("seen", "yes")]).await.goes_to("/console/login");
        assert_eq!(app.number("select count(*) from face_codes").await, 0);
    }

    async fn a_withdrawn_photograph_is_deleted_and_another_way_is_asked_for(app: TestApp) {
        let one = candidate(&app).await;
        let before = app.objects();
        let photo = jpeg(poses::candidate());
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
        one.client.open("/me/privacy").await.says("手持身份证的照片会删除");
        one.client.post("/me/privacy/withdraw", &[("kind", "face_photo")]).await.expect(303);
        app.run_jobs().await;
        assert_eq!((one.check(&app).await.as_str(), one.face(&app).await.as_str(), app.objects()), ("expired", "none", before));
        one.client.open(&one.at("")).await.says("现场核验");
        // One that was approved stays approved, without the photograph.
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        let case = reviewer.open(&format!("/console/review/face/{}", one.check_ref(&app).await)).await;
        reviewer.submit(&case, "/approve", &[]).await.expect(303);
        one.client.post("/me/privacy/withdraw", &[("kind", "face_photo")]).await.expect(303);
        app.run_jobs().await;
        assert_eq!((one.face(&app).await.as_str(), app.objects()), ("passed", before));
    }
}
