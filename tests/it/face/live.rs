//! The live check: the way of the page, and every way around it.

use baokao::app::App;
use baokao::jobs::{self, Queue};
use baokao::pictures;
use baokao_specimen::selfie;
use image::RgbImage;

use super::poses::{self as poses, frame, jpeg};
use super::scene::{Frame, candidate, person, sealed};
use crate::support::TestApp;

/// Replaces the pictures of a step.
fn with(frames: Vec<Frame>, step: &str, picture: &RgbImage) -> Vec<Frame> {
    let change = |(at, ms, bytes): Frame| if at == step { (at, ms, frame(picture)) } else { (at, ms, bytes) };
    frames.into_iter().map(change).collect()
}

both! {
    async fn a_candidate_who_turns_as_asked_passes(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let challenge = one.start().await;
        assert_eq!(challenge.turns.len(), 2);
        let before = app.objects();
        let sent = one.submit(&app, &challenge.nonce, &challenge.followed()).await;
        sent.goes_to(&one.at("/wait/"));
        // What was acknowledged is stored, sealed.
        assert_eq!(app.objects(), before + challenge.followed().len());
        app.run_jobs().await;
        assert_eq!((one.check(&app).await.as_str(), one.face(&app).await.as_str()), ("passed", "passed"));
        one.client.get(&one.at(&format!("/result/{}", one.check_ref(&app).await))).await.goes_to(&format!("{}/information", one.base));
        assert_eq!(app.objects(), before + 1, "one frame is kept");
        assert_eq!(app.number("select count(*) from registrations r join pictures p on p.id = r.face_picture and p.kind = 'face'").await, 1);
        assert_eq!(app.number("select count(*) from face_checks where frames <> ''").await, 0);
        // The job once more changes nothing.
        app.tamper("update jobs set state = 'queued' where kind = 'face.check'").await;
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from registration_history where step = 'face'").await, 1);
    }

    async fn what_is_not_the_candidate_turning_fails_with_a_sentence(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        for (case, sentence) in [
            ("still", "没有看到您转头"),
            ("mirrored", "转头的方向和提示不一致"),
            ("another", "没有一直看到同一张脸"),
            ("two", "画面里不止一个人"),
        ] {
            let challenge = one.start().await;
            let right_way = challenge.followed();
            let frames = match case {
                "still" => challenge.frames(|_| 0.0),
                "mirrored" => challenge.frames(|side| if side == "left" { -36.0 } else { 36.0 }),
                "another" => with(right_way, "turn2", &poses::stranger()),
                _ => with(right_way, "end", &poses::two_people()),
            };
            let sent = one.submit(&app, &challenge.nonce, &frames).await;
            app.run_jobs().await;
            one.client.follow(sent).await.expect(200).says("这次没有通过").says(sentence);
            assert_eq!(one.check(&app).await, "failed", "{case}");
        }
        assert_eq!(one.face(&app).await, "none");
        assert_eq!(app.objects(), 1, "no frame of a failed check is kept");
    }

    async fn whoever_is_not_in_the_picture_throughout_fails_with_a_sentence(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        for (step, picture, sentence) in [
            ("baseline", poses::nobody(), "照片里没有找到人脸"),
            ("turn2", poses::nobody(), "没有看清您转头的动作"),
            ("end", poses::stranger(), "没有一直看到同一张脸"),
        ] {
            let challenge = one.start().await;
            let sent = one.submit(&app, &challenge.nonce, &with(challenge.followed(), step, &picture)).await;
            app.run_jobs().await;
            one.client.follow(sent).await.expect(200).says("这次没有通过").says(sentence);
            assert_eq!(one.check(&app).await, "failed", "{step}");
        }
        assert_eq!(one.face(&app).await, "none");
    }

    async fn somebody_else_who_turns_as_asked_fails(app: TestApp) {
        // The one on the card is the other of the two.
        let one = person(&app, "考生乙", Some(jpeg(&poses::stranger()))).await;
        one.agree().await;
        one.pass_live(&app).await;
        assert_eq!(one.check(&app).await, "failed");
        let result = one.client.open(&one.at(&format!("/result/{}", one.check_ref(&app).await))).await;
        result.says("与身份证照片不是同一人，请本人重试，或选择人工审核。");
    }

    async fn five_failures_bring_a_pause_and_ten_leave_people_only(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let challenge = one.start().await;
        one.submit(&app, &challenge.nonce, &challenge.frames(|_| 0.0)).await.goes_to(&one.at("/wait/"));
        app.run_jobs().await;
        // Four more like this one.
        let again = |from: i64, count: i64| {
            let app = &app;
            async move {
                for nth in from..from + count {
                    let copy = format!(
                        "insert into face_checks (id, ref, account, registration, way, state, challenge, expires_at, frames, problems, created_at, decided_at, reason, lease_until)
                         select id + {nth}, ref || {nth}, account, registration, way, state, challenge, expires_at, frames, problems, created_at, decided_at, reason, lease_until
                         from face_checks where id = (select min(id) from face_checks)"
                    );
                    app.tamper(&copy).await;
                }
            }
        };
        again(1, 3).await;
        one.client.open(&one.at("/live")).await.says("还可以试 1 次");
        again(4, 1).await;
        let photo = jpeg(poses::candidate());
        const PAUSED: &str = "请在 10:30 以后再试。也可以现在选择人工审核或现场核验";
        one.client.post(&one.at("/start"), &[]).await.expect(409).says(PAUSED);
        one.client.upload(&one.at("/file"), &[], &[("photo", "me.jpg", &photo)]).await.expect(409).says(PAUSED);
        one.client.get(&one.at("/live")).await.goes_to(&one.at(""));
        let page = one.client.open(&one.at("")).await;
        page.says(PAUSED).says("人工审核");
        app.at("2026-06-20T10:31");
        one.client.open(&one.at("/live")).await.says("还可以试 5 次");
        again(5, 5).await;
        const OVER: &str = "刷脸核验多次没有通过，请选择人工审核或现场核验";
        one.client.post(&one.at("/start"), &[]).await.expect(409).says(OVER);
        app.at("2026-06-21T10:31");
        one.client.open(&one.at("")).await.says(OVER);
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &photo)]).await.expect(303);
        assert_eq!(one.face(&app).await, "person");
    }

    async fn the_live_check_cannot_be_skipped_by_hand(app: TestApp) {
        let one = candidate(&app).await;
        let other = person(&app, "考生乙", Some(poses::portrait())).await;
        one.agree().await;
        other.agree().await;
        const NOT_STARTED: &str = "这次核验不是从本页面开始的，请返回重新开始刷脸核验。";

        // Without a start.
        let theirs = other.start().await;
        one.submit(&app, "made-up", &theirs.followed()).await.expect(409).says(NOT_STARTED);
        // With somebody else's challenge, whether one's own is open or not.
        one.submit_now(&theirs.nonce, &theirs.followed()).await.expect(409).says(NOT_STARTED);
        let mine = one.start().await;
        one.submit(&app, &theirs.nonce, &mine.followed()).await.expect(409).says(NOT_STARTED);
        // With one that a newer one replaced.
        let newer = one.start().await;
        one.submit(&app, &mine.nonce, &mine.followed()).await.expect(409).says(NOT_STARTED);
        // Too late.
        app.clock.advance(40_000);
        one.submit_now(&newer.nonce, &newer.followed()).await.expect(409).says("超过了时间");
        // Twice.
        let mine = one.start().await;
        one.submit(&app, &mine.nonce, &mine.followed()).await.goes_to(&one.at("/wait/"));
        one.submit_now(&mine.nonce, &mine.followed()).await.expect(409);
        app.run_jobs().await;
        assert_eq!(one.face(&app).await, "passed");
        one.submit_now(&mine.nonce, &mine.followed()).await.expect(409).says("人脸识别已经通过");
        assert_eq!(app.number("select count(*) from face_checks where state = 'passed'").await, 1);
        // Nothing that was refused lies in the store: two portraits and one frame.
        assert_eq!(app.objects(), 3);
    }

    async fn a_used_challenge_is_refused(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let mine = one.start().await;
        one.submit(&app, &mine.nonce, &mine.frames(|_| 0.0)).await.goes_to(&one.at("/wait/"));
        app.run_jobs().await;
        assert_eq!(one.check(&app).await, "failed");
        one.submit(&app, &mine.nonce, &mine.followed()).await.expect(409).says("这次核验已经提交过或已结束");
        assert_eq!(one.check(&app).await, "failed");
    }

    async fn frames_that_were_tampered_with_on_their_way_are_refused(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let earlier = one.start().await;
        let challenge = one.start().await;
        app.clock.advance(8_000);
        let good = challenge.followed();
        let seals = sealed(&challenge.nonce, &good);
        const CHANGED: &str = "画面不是这次核验拍下的，或被改动、调换过。请返回重新开始刷脸核验。";
        let mut cases: Vec<(&str, Vec<Frame>)> = vec![("of another session", good.clone())];
        let mut changed = |what: &'static str, change: &dyn Fn(&mut Vec<Frame>)| {
            let mut frames = good.clone();
            change(&mut frames);
            cases.push((what, frames));
        };
        changed("edited", &|frames| frames[3].2 = frame(&poses::stranger()));
        changed("reordered", &|frames| {
            let (a, b) = (frames[2].2.clone(), frames[3].2.clone());
            (frames[2].2, frames[3].2) = (b, a);
        });
        changed("sent again", &|frames| frames[3].2 = frames[2].2.clone());
        changed("at another time", &|frames| frames[3].1 += 1);
        changed("for another step", &|frames| frames[3].0 = "turn2");
        for (what, frames) in &cases {
            let seals = if *what == "of another session" { sealed(&earlier.nonce, frames) } else { seals.clone() };
            one.submit_sealed(&challenge.nonce, frames, &seals).await.expect(409).says(CHANGED);
        }
        one.submit_sealed(&challenge.nonce, &good, &vec![String::new(); good.len()]).await.expect(409).says(CHANGED);
        assert_eq!(app.objects(), 1, "nothing of it is stored");
        // The challenge is still open for the page itself.
        one.submit_sealed(&challenge.nonce, &good, &seals).await.goes_to(&one.at("/wait/"));
    }

    async fn a_picture_counts_once_and_in_one_session(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        // Frames of an earlier session, sealed anew by somebody who knows how.
        let first = one.start().await;
        let frames = first.frames(|_| 0.0);
        one.submit(&app, &first.nonce, &frames).await.goes_to(&one.at("/wait/"));
        app.run_jobs().await;
        for (what, packed) in [("as they were", false), ("in another file", true)] {
            let next = one.start().await;
            let mut again = next.followed();
            let mut old = frames[0].2.clone();
            if packed {
                // A comment after the first marker: other bytes, the same picture.
                old.splice(2..2, [0xff, 0xfe, 0x00, 0x04, b'h', b'i']);
            }
            again[0].2 = old;
            let sent = one.submit(&app, &next.nonce, &again).await;
            app.run_jobs().await;
            one.client.follow(sent).await.expect(200).says("这些画面以前提交过，不能再用");
            assert_eq!(one.check(&app).await, "failed", "{what}");
        }
        // One picture for two moments.
        let next = one.start().await;
        let mut twice = next.followed();
        let (first, last) = (twice[0].2.clone(), twice.len() - 1);
        twice[last].2 = first;
        let sent = one.submit(&app, &next.nonce, &twice).await;
        app.run_jobs().await;
        one.client.follow(sent).await.expect(200).says("同一个画面出现了两次");
        // A camera that stutters is no fraud.
        let next = one.start().await;
        let mut stutters = next.followed();
        stutters[1].2 = stutters[0].2.clone();
        // Also when the first turn is asked while it stutters.
        let asked = stutters.iter().position(|frame| frame.0 == "turn1").unwrap();
        stutters[asked].2 = stutters[asked - 1].2.clone();
        one.submit(&app, &next.nonce, &stutters).await.goes_to(&one.at("/wait/"));
        app.run_jobs().await;
        assert_eq!(one.check(&app).await, "passed");
    }

    async fn the_best_frame_is_compared_and_kept(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let challenge = one.start().await;
        let mut frames = challenge.followed();
        frames[0].2 = jpeg(&selfie::worn(poses::candidate(), 4, 1));
        frames.last_mut().expect("frames").2 = frame(&poses::turned(12.0));
        let best = frames[1].2.clone();
        one.submit(&app, &challenge.nonce, &frames).await.goes_to(&one.at("/wait/"));
        app.run_jobs().await;
        assert_eq!(one.check(&app).await, "passed");
        let kept = app.number("select face_picture from registrations where face_picture is not null").await;
        let picture = pictures::find(&mut app.db.read().await.expect("a connection"), kept).await.expect("a row");
        assert!(pictures::bytes(&app, &picture).await.expect("its bytes") == best);
    }

    async fn frames_that_do_not_fit_their_labels_are_refused(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let challenge = one.start().await;
        app.clock.advance(8_000);
        let good = challenge.followed();
        const INCOMPLETE: &str = "画面没有传完整，请检查网络后再试一次。";
        let without = |step: &str| good.iter().filter(|(at, ..)| *at != step).cloned().collect::<Vec<_>>();
        for frames in [Vec::new(), without("baseline"), without("turn1"), without("turn2")] {
            one.submit_now(&challenge.nonce, &frames).await.expect(422).says(INCOMPLETE);
        }
        let mut late = good.clone();
        late.last_mut().expect("frames").1 = 60_000;
        one.submit_now(&challenge.nonce, &late).await.expect(422).says(INCOMPLETE);
        let many: Vec<Frame> = (0..25).map(|i| ("baseline", i, good[0].2.clone())).collect();
        one.submit_now(&challenge.nonce, &many).await.expect(422).says(INCOMPLETE);
        let mut large = good.clone();
        large[0].2.resize(400 * 1024 + 1, 0);
        one.submit_now(&challenge.nonce, &large).await.expect(413).says("画面太大");
        let mut text = good.clone();
        text[0].2 = b"not a picture".to_vec();
        one.submit_now(&challenge.nonce, &text).await.expect(422);
        // None of them used the challenge up.
        one.submit_now(&challenge.nonce, &good).await.goes_to(&one.at("/wait/"));
    }

    async fn the_information_page_is_refused_before_the_face(app: TestApp) {
        let one = candidate(&app).await;
        let typed = [("subject", "03"), ("study_status", "enrolled")];
        one.client.post(&format!("{}/information", one.base), &typed).await.expect(409).says("请先完成前面的步骤。");
        one.client.upload(&one.at("/holding"), &[("agree", "yes")], &[("photo", "me.jpg", &jpeg(poses::candidate()))]).await.expect(303);
        one.client.post(&format!("{}/information", one.base), &typed).await.goes_to(&format!("{}/payment", one.base));
    }

    async fn guidance_says_what_to_do_now(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        for (picture, ok, words) in [
            (poses::candidate().clone(), true, "很好，请保持不动"),
            (poses::nobody(), false, "请把脸放进椭圆里"),
            (poses::two_people(), false, "画面里只能有您一个人"),
            (poses::in_the_dark(), false, "光线太暗，请到亮一点的地方"),
        ] {
            let answer = one.client.upload(&one.at("/guide"), &[], &[("frame", "f.jpg", &jpeg(&picture))]).await;
            answer.expect(200);
            assert_eq!((answer.json()["ok"].as_bool(), answer.json()["message"].as_str()), (Some(ok), Some(words)));
            app.clock.advance(400);
        }
        let frame = jpeg(poses::candidate());
        one.client.upload(&one.at("/guide"), &[], &[("frame", "f.jpg", &frame)]).await.expect(200);
        let hasty = one.client.upload(&one.at("/guide"), &[], &[("frame", "f.jpg", &frame)]).await;
        assert_eq!(hasty.json()["message"], "请稍候");
        app.clock.advance(400);
        let bytes = vec![0; 400 * 1024 + 1];
        one.client.upload(&one.at("/guide"), &[], &[("frame", "f.jpg", &bytes)]).await.expect(413);
        let broken = one.client.upload(&one.at("/guide"), &[], &[("frame", "f.jpg", b"no picture")]).await;
        assert_eq!(broken.json()["ok"], false);
        // Nothing of it is stored.
        assert_eq!(app.objects(), 1);
        assert_eq!(app.number("select count(*) from face_checks").await, 0);
    }

    async fn without_models_a_person_decides(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let challenge = one.start().await;
        one.submit(&app, &challenge.nonce, &challenge.followed()).await.goes_to(&one.at("/wait/"));
        let mut config = app.config.clone();
        config.assets = app.folder().join("nothing");
        let blind = App::open(config, app.clock.clone()).await.expect("the program opens without models");
        while jobs::run_one(&blind, Queue::Vision).await.expect("the queue can be reached") {}
        blind.db.close().await;
        assert_eq!(app.text("select state || ' ' || problems from face_checks").await, "person no_machine");
        assert_eq!(one.face(&app).await, "person");
        app.run_jobs().await;
        assert_eq!(app.objects(), 2, "a frame for the reviewer, and the portrait");
    }

    async fn a_check_that_cannot_be_looked_at_ends_with_a_person(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let challenge = one.start().await;
        one.submit(&app, &challenge.nonce, &challenge.followed()).await.goes_to(&one.at("/wait/"));
        std::fs::rename(app.folder().join("objects"), app.folder().join("lost")).expect("the store is gone");
        assert!(jobs::run_one(&app, Queue::Vision).await.expect("the queue can be reached"));
        assert_eq!(one.check(&app).await, "checking", "a fault may heal");
        app.tamper("update jobs set attempts = 7, run_at = 0 where kind = 'face.check'").await;
        assert!(jobs::run_one(&app, Queue::Vision).await.expect("the queue can be reached"));
        assert_eq!((one.check(&app).await.as_str(), one.face(&app).await.as_str()), ("person", "person"));
    }

    async fn a_registration_that_was_withdrawn_meanwhile_is_left_alone(app: TestApp) {
        let one = candidate(&app).await;
        one.agree().await;
        let challenge = one.start().await;
        one.submit(&app, &challenge.nonce, &challenge.followed()).await.goes_to(&one.at("/wait/"));
        app.tamper("update registrations set state = 'withdrawn'").await;
        app.run_jobs().await;
        assert_eq!((one.check(&app).await.as_str(), one.face(&app).await.as_str()), ("expired", "none"));
        assert_eq!(app.objects(), 1, "no frame is kept");
    }
}
