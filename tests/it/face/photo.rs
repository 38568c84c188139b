//! The face step without a camera: consent, the person way, photographs, and what reviewers do.

use baokao::staff::Role;

use super::poses::{self as poses, jpeg};
use super::scene::{candidate, person};
use crate::support::TestApp;

both! {
    async fn both_ways_stand_on_one_page_and_only_the_machine_asks_for_consent(app: TestApp) {
        let one = candidate(&app).await;
        let page = one.client.open(&one.at("")).await;
        page.expect(200).says("刷脸核验").says("人工审核").says("现场核验").says("从不保存").says("处理目的").says("保存期限").says("您的权利");
        // Each way is a link as a whole; what the machine does is read about first.
        assert_eq!([page.link("刷脸核验"), page.link("人工审核"), page.link("现场核验")], ["#form".to_owned(), one.at("/holding"), one.at("/code")]);
        one.client.get(&one.at("/live")).await.goes_to(&one.at(""));
        one.client.post(&one.at("/start"), &[]).await.expect(409).says("请先阅读并同意人脸识别的说明，或选择人工审核。");
        one.client.upload(&one.at("/file"), &[], &[("photo", "me.jpg", &jpeg(poses::candidate()))]).await.expect(409).says("请先阅读并同意");
        one.client.upload(&one.at("/guide"), &[], &[("frame", "f.jpg", &jpeg(poses::candidate()))]).await.expect(409);
        one.client.submit(&page, "/face/consent", &[]).await.expect(422).says("请先勾选同意，再开始刷脸核验；不同意可以选择人工审核。");
        one.client.post(&one.at("/consent"), &[("agree", "yes"), ("edition", "2-180")]).await.expect(422).says("说明有更新");
        assert_eq!(app.number("select count(*) from consents").await, 0);

        one.agree().await;
        one.client.open(&one.at("/live")).await.expect(200).says("打开摄像头").says("拍照上传");
        assert_eq!(app.number("select count(*) from consents where kind = 'face' and version = 2 and withdrawn_at is null").await, 1);
        let page = one.client.open(&one.at("")).await;
        assert_eq!(page.says("撤回同意").link("刷脸核验"), one.at("/live"));
        one.client.post(&one.at("/withdraw"), &[]).await.goes_to(&one.at(""));
        one.client.post(&one.at("/start"), &[]).await.expect(409);
        assert_eq!(app.number("select count(*) from audit where action = 'consent.withdraw'").await, 1);
    }

    async fn a_person_decides_about_a_photograph_with_the_card_in_the_hand(app: TestApp) {
        let one = candidate(&app).await;
        let page = one.client.open(&one.at("/holding")).await;
        page.expect(200).says("手持身份证照片");
        let photo = jpeg(poses::candidate());
        one.client.submit(&page, "/holding", &[("agree", "yes")]).await.expect(422).says("请先拍一张手持身份证的照片。");
        let files: [(&str, &str, &[u8]); 1] = [("photo", "me.jpg", &photo)];
        one.client.submit_files(&page, "/holding", &[], &files).await.expect(422).says("请勾选同意保存这张照片");
        let text: [(&str, &str, &[u8]); 1] = [("photo", "me.txt", b"hello")];
        one.client.submit_files(&page, "/holding", &[("agree", "yes")], &text).await.expect(422).says("这个文件不是可用的照片");

        let sent = one.client.submit_files(&page, "/holding", &[("agree", "yes")], &files).await;
        let result = one.client.follow(sent).await;
        result.expect(200).says("已提交，等待人工核对");
        // No machine looked: no job, no numbers, and a consent for the photograph only.
        assert_eq!(app.number("select count(*) from jobs where kind = 'face.check'").await, 0);
        assert_eq!(app.number("select count(*) from face_checks where similarity is not null").await, 0);
        assert_eq!(app.number("select count(*) from consents where kind = 'face'").await, 0);
        assert_eq!(app.number("select count(*) from consents where kind = 'face_photo'").await, 1);
        assert_eq!(one.face(&app).await, "person");
        // The candidate goes on meanwhile.
        assert_eq!(result.link("下一步"), format!("{}/information", one.base));

        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        let queue = reviewer.open("/console/review/face").await;
        queue.says("考生甲").says("手持证件照");
        let case = reviewer.submit(&queue, "/face/next", &[]).await;
        let case = reviewer.follow(case).await;
        case.expect(200).says("证件人像").says("手持证件照");
        assert_eq!(app.number("select count(*) from audit where action = 'face.open'").await, 1);
        let done = reviewer.submit(&case, "/approve", &[]).await;
        reviewer.follow(done).await.says("没有等待处理的人脸审核");
        assert_eq!(one.face(&app).await, "passed");
        assert_eq!(app.number("select count(*) from audit where action = 'face.approve'").await, 1);
        // The card's own portrait goes on the ticket, not a photograph with a card in it.
        let same = "select count(*) from registrations r join accounts a on a.id = r.account and r.face_picture = a.portrait_picture";
        assert_eq!(app.number(same).await, 1);
        one.client.open(&one.at("")).await.says("人脸识别已通过");
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &files).await.expect(409).says("人脸识别已经通过，不需要再做。");
    }

    async fn a_case_is_sent_back_with_a_reason_that_the_candidate_reads(app: TestApp) {
        let one = candidate(&app).await;
        let photo = jpeg(poses::candidate());
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
        let before = app.objects();
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        let check = one.check_ref(&app).await;
        let case = reviewer.open(&format!("/console/review/face/{check}")).await;
        reviewer.submit(&case, "/return", &[]).await.expect(422).says("请选择或填写退回原因，考生会看到这句话。");
        reviewer.submit(&case, "/return", &[("reason", "照片不清晰，请到光线均匀的地方重新拍摄。")]).await.expect(303);
        app.run_jobs().await;
        assert_eq!((one.face(&app).await.as_str(), one.check(&app).await.as_str()), ("none", "returned"));
        one.client.open(&one.at("")).await.says("照片不清晰，请到光线均匀的地方重新拍摄。");
        assert_eq!(app.number("select count(*) from messages where title like '人脸审核没有通过%'").await, 1);
        assert_eq!(app.objects(), before - 1, "a photograph of no use is deleted");
        // Once more.
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
        assert_eq!(one.face(&app).await, "person");
        // What was decided is decided.
        reviewer.post(&format!("/console/review/face/{check}/approve"), &[]).await.expect(409).says("这一件已经处理过了，请看下一件。");
    }

    async fn a_return_is_told_to_staff_until_the_next_photograph_and_is_nobodys_while_it_can_be_taken_back(app: TestApp) {
        let mut app = app;
        app.undo_for(10).await;
        let one = candidate(&app).await;
        let photo = jpeg(poses::candidate());
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        let desk = format!("/console/registrations/{}", one.registration);
        reviewer.open(&desk).await.says("未进行");
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
        reviewer.open(&desk).await.says("选择人工审核；等待人工审核");
        let case = reviewer.open(&format!("/console/review/face/{}", one.check_ref(&app).await)).await;
        let done = reviewer.submit(&case, "/return", &[("reason", "照片不清晰，请到光线均匀的地方重新拍摄。")]).await;
        reviewer.follow(done).await.expect(200).says("刚刚决定，尚未生效").says_not("他人处理中");
        app.clock.advance(10_000);
        app.run_jobs().await;
        reviewer.open(&desk).await.says("已退回，等待重新拍摄").says("请到光线均匀的地方重新拍摄。需要重新进行。").says_not("未进行");
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
        reviewer.open(&desk).await.says("等待人工审核").says_not("已退回，等待重新拍摄");
    }

    async fn a_submitted_registration_stands_again_when_its_face_is_done_again(app: TestApp) {
        let one = candidate(&app).await;
        let photo = jpeg(poses::candidate());
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        let registration = &one.registration;
        let state = || app.text("select state || ' ' || face_state || ' ' || reason from registrations");
        for (before, after) in [("submitted", "submitted"), ("approved", "submitted"), ("awaiting_payment", "awaiting_payment")] {
            app.tamper(&format!("update registrations set state = '{before}', face_state = 'none', submitted_at = 1 where ref = '{registration}'")).await;
            one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
            assert_eq!(state().await, format!("{before} person "));
            let check = format!("/console/review/face/{}", one.check_ref(&app).await);
            reviewer.open(&check).await.expect(200);
            reviewer.post(&format!("{check}/return"), &[("words", "请摘下口罩。")]).await.expect(303);
            let returned = if before == "awaiting_payment" { before } else { "returned" };
            assert_eq!(state().await, format!("{returned} none 请摘下口罩。"));
            one.client.get(&format!("{}/next", one.base)).await.goes_to(&one.at(""));
            one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
            assert_eq!(state().await, format!("{after} person "), "the reason is gone with what it was about");
        }
        // A payment that was sent back is not mended by a face.
        app.tamper(&format!("update registrations set state = 'returned', face_state = 'none' where ref = '{registration}'")).await;
        app.tamper(
            "insert into registration_history (id, registration, at, actor_kind, actor_id, actor_name, from_state, to_state, step, why, detail)
             select 9000000000000000000, id, 1, 'staff', 1, '', 'submitted', 'returned', 'return', '截图看不清。', '{}' from registrations",
        ).await;
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
        assert_eq!(state().await, "returned person 截图看不清。");
    }

    async fn only_reviewers_see_faces_and_no_two_the_same(app: TestApp) {
        let one = candidate(&app).await;
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &jpeg(poses::candidate()))]).await.expect(303);
        let case = format!("/console/review/face/{}", one.check_ref(&app).await);
        for role in [Role::Auditor, Role::Administrator] {
            let other = app.a_staff_member(&[role]).await;
            other.get("/console/review/face").await.expect(403);
            other.get(&case).await.expect(403);
            other.post("/console/review/face/next", &[]).await.expect(403);
            other.post(&format!("{case}/approve"), &[]).await.expect(403).says("您的账号没有这项权限");
            other.post(&format!("{case}/return"), &[("reason", "不行。")]).await.expect(403);
        }
        app.client().get(&case).await.goes_to("/console/login");
        one.client.get(&case).await.goes_to("/console/login");

        let (a, b) = (app.a_staff_member(&[Role::Reviewer]).await, app.a_staff_member(&[Role::Reviewer]).await);
        a.post("/console/review/face/next", &[]).await.goes_to(&case);
        b.post("/console/review/face/next", &[]).await.goes_to("/console/review/face");
        b.open(&case).await.says("另一位审核人员正在处理这一件");
        b.post(&format!("{case}/approve"), &[]).await.expect(409).says("这一件正由另一位审核人员处理，请看下一件。");
        assert_eq!(one.face(&app).await, "person");
        // A reviewer who went home does not keep it.
        app.clock.advance(301_000);
        b.post("/console/review/face/next", &[]).await.goes_to(&case);
        b.post(&format!("{case}/approve"), &[]).await.expect(303);
        assert_eq!(one.face(&app).await, "passed");
    }

    async fn a_photograph_is_compared_and_goes_to_a_person(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let page = one.client.open(&one.at("/live")).await;
        one.client.submit(&page, "/face/file", &[]).await.expect(422).says("请先拍一张您的正脸照片。");
        let photo = jpeg(poses::candidate());
        let sent = one.client.submit_files(&page, "/face/file", &[], &[("photo", "me.jpg", &photo)]).await;
        let waiting = one.client.follow(sent).await;
        waiting.expect(200).says("正在核验，请稍候").says("可以关闭本页");
        one.client.upload(&one.at("/file"), &[], &[("photo", "me.jpg", &photo)]).await.expect(409).says("上一次的照片正在核验");
        let polled = one.client.clone().as_script().get(&waiting.path).await;
        assert_eq!(polled.json()["done"], false);
        app.run_jobs().await;
        // A still picture never passes by itself, however like.
        assert_eq!((one.check(&app).await.as_str(), one.face(&app).await.as_str()), ("person", "person"));
        assert!(app.number("select similarity from face_checks").await >= 4_500);
        assert_eq!(one.client.clone().as_script().get(&waiting.path).await.json()["done"], true);
        one.client.open(&waiting.path).await.says("等待人工核对").says("下一步");
        let reviewer = app.a_staff_member(&[Role::Reviewer]).await;
        let case = reviewer.open(&format!("/console/review/face/{}", one.check_ref(&app).await)).await;
        case.says("相似度").says("静态照片，未做活体检测");
        reviewer.submit(&case, "/approve", &[]).await.expect(303);
        assert_eq!(app.number("select count(*) from registrations r join face_checks c on c.picture = r.face_picture").await, 1);
    }

    async fn photographs_that_cannot_be_the_candidate_are_refused_with_a_sentence(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let cases = [
            (poses::nobody(), "照片里没有找到人脸"),
            (poses::two_people(), "画面里不止一个人"),
            (poses::in_the_dark(), "照片太暗，请到亮一点的地方再拍一次。"),
            (poses::stranger(), "与身份证照片不是同一人，请本人重试，或选择人工审核。"),
        ];
        for (tries_left, (picture, sentence)) in (1..5).rev().zip(cases) {
            let sent = one.client.upload(&one.at("/file"), &[], &[("photo", "me.jpg", &jpeg(&picture))]).await;
            app.run_jobs().await;
            let result = one.client.follow(sent).await;
            result.expect(200).says("这次没有通过").says(sentence).says(&format!("还可以再试 {tries_left} 次")).says("人工审核");
            assert_eq!((one.check(&app).await.as_str(), one.face(&app).await.as_str()), ("failed", "none"), "{sentence}");
        }
        // Nothing of them is kept: only the portrait is in the store.
        assert_eq!(app.objects(), 1);
    }

    async fn without_a_portrait_a_person_decides(app: TestApp) {
        let one = person(&app, "考生乙", None).await;
        one.agree().await;
        one.client.upload(&one.at("/file"), &[], &[("photo", "me.jpg", &jpeg(poses::candidate()))]).await.expect(303);
        app.run_jobs().await;
        assert_eq!(app.text("select state || ' ' || problems from face_checks").await, "person no_portrait");
    }

    async fn with_a_portrait_that_was_deleted_a_person_decides(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        // Retention has deleted it since the last exam.
        app.tamper("update pictures set deleted_at = 1 where kind = 'portrait'").await;
        one.client.upload(&one.at("/file"), &[], &[("photo", "me.jpg", &jpeg(poses::candidate()))]).await.expect(303);
        app.run_jobs().await;
        assert_eq!(app.text("select state || ' ' || problems from face_checks").await, "person no_portrait");
    }

    async fn the_window_and_the_notice_are_checked_in_the_action(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        app.tamper("update registrations set notice_version = null").await;
        one.client.post(&one.at("/start"), &[]).await.expect(409).says("请先阅读并同意报考须知");
        app.tamper("update registrations set notice_version = 1").await;
        let closes = app.number("select closes_at from exams").await;
        app.clock.set(baokao::types::UnixMs(closes));
        let photo = jpeg(poses::candidate());
        for address in ["/start", "/consent"] {
            one.client.post(&one.at(address), &[("agree", "yes"), ("edition", "2-0")]).await.expect(409).says("截止");
        }
        for address in ["/file", "/holding"] {
            one.client.upload(&one.at(address), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(409).says("截止");
        }
        one.client.upload(&one.at("/guide"), &[], &[("frame", "f.jpg", &photo)]).await.expect(409).says("截止");
        app.clock.set(baokao::types::UnixMs(closes - 1));
        one.client.upload(&one.at("/guide"), &[], &[("frame", "f.jpg", &photo)]).await.expect(200);
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
    }

    async fn a_strangers_registration_is_not_found(app: TestApp) {
        let one = candidate(&app).await;
        let other = person(&app, "考生乙", None).await;
        other.agree().await;
        let photo = jpeg(poses::candidate());
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
        let check = one.check_ref(&app).await;
        for address in ["", "/live", "/holding", &format!("/wait/{check}"), &format!("/result/{check}")] {
            other.client.get(&one.at(address)).await.expect(404);
        }
        // Nor through one's own registration.
        other.client.get(&other.at(&format!("/result/{check}"))).await.expect(404);
        other.client.get(&other.at(&format!("/wait/{check}"))).await.expect(404);
        for address in ["/start", "/consent", "/withdraw"] {
            other.client.post(&one.at(address), &[("agree", "yes"), ("edition", "2-0")]).await.expect(404);
        }
        for address in ["/file", "/holding", "/guide", "/submit"] {
            let files: [(&str, &str, &[u8]); 2] = [("photo", "me.jpg", &photo), ("frame", "f.jpg", &photo)];
            other.client.upload(&one.at(address), &[("agree", "yes")], &files).await.expect(404);
        }
        app.client().get(&one.at("")).await.goes_to("/login");
    }

    async fn withdrawing_the_consent_ends_what_waits_for_the_machine(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let kept = app.objects();
        one.client.upload(&one.at("/file"), &[], &[("photo", "me.jpg", &jpeg(poses::candidate()))]).await.expect(303);
        one.client.post(&one.at("/withdraw"), &[]).await.expect(303);
        app.run_jobs().await;
        assert_eq!((one.check(&app).await.as_str(), one.face(&app).await.as_str()), ("expired", "none"));
        assert_eq!(app.objects(), kept);
        assert_eq!(app.number("select count(*) from face_checks where similarity is not null or picture is not null").await, 0);
    }
}
