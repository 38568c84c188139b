//! 实名认证: the door (what is not taken, and why), the waiting page, what is safe when something breaks.

use std::io::Cursor;

use baokao::jobs::{self, NewJob, Queue};
use baokao::types::DocumentKind;
use baokao_specimen::number;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jiff::civil::date;

use crate::support::scene::Person;
use crate::support::{Page, TestApp};

/// A valid number that is nobody's.
pub(crate) const NUMBER: &str = "11010519491231002X";
/// Another one.
pub(crate) const OTHER: &str = "110199199003070156";

const MAX_PICTURE_BYTES: usize = 4 * 1024 * 1024;
const TOO_LARGE: &str = "照片大小不能超过 4M，请重新拍摄或压缩后再上传。";
const NOT_A_PICTURE: &str = "这个文件不是可用的照片，请上传 JPG、PNG 或 WebP 格式的照片。";
const TOO_MANY_PIXELS: &str = "照片的尺寸太大，请用手机直接拍摄，或缩小后再上传。";
const CONSENT: (&str, &str) = ("consent", "1");

/// A picture without anything on it.
pub(crate) fn blank() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(640, 400, Rgb([180, 190, 200])));
    picture.write_to(&mut bytes, ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

/// The head of a PNG of this size, without pixels.
pub(crate) fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = blank();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = bytes[12..29]
        .iter()
        .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 }));
    bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
    bytes
}

/// Sends both sides as the page does without scripts.
pub(crate) async fn send(person: &Person, front: &[u8], back: &[u8]) -> Page {
    let files: [(&str, &str, &[u8]); 2] = [("front", "front.jpg", front), ("back", "back.jpg", back)];
    person.client.upload("/me/identity/upload", &[CONSENT], &files).await
}

/// What `/me/identity` says after everything has run.
pub(crate) async fn result(app: &TestApp, person: &Person) -> Page {
    app.run_jobs().await;
    person.client.open("/me/identity").await
}

async fn nothing_was_kept(app: &TestApp) {
    assert_eq!(app.number("select count(*) from pictures").await, 0);
    assert_eq!(app.number("select count(*) from identity_checks").await, 0);
}

both! {
    async fn a_picture_of_four_mebibytes_and_a_byte_is_refused(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        let mut large = blank();
        large.resize(MAX_PICTURE_BYTES + 1, 0);
        // The answer is the form again, not a dead end.
        send(&person, &large, &blank()).await.expect(413).says(TOO_LARGE).says("开始认证");
        send(&person, &blank(), &large).await.expect(413).says(TOO_LARGE).says("开始认证");
        let as_script = Person { id: person.id, client: person.client.clone().as_script() };
        let answer = send(&as_script, &large, &blank()).await;
        answer.expect(413);
        assert_eq!(answer.json()["error"], TOO_LARGE);
        // Photographs as phones take them, both: read to the end, so that the browser shows the answer.
        let photograph = vec![7; 12 << 20];
        send(&person, &photograph, &photograph).await.expect(413).says(TOO_LARGE);
        nothing_was_kept(&app).await;
        // One byte less is a picture like any other.
        large.truncate(MAX_PICTURE_BYTES);
        send(&person, &large, &blank()).await.expect(303);
    }

    async fn the_waiting_page_tells_the_place_in_the_queue_and_the_time(app: TestApp) {
        // Somebody whose document no machine decides waits for nothing; a person who waits goes before.
        let unread = app.candidate_with(DocumentKind::ForeignPermanentResident, "JOHN SMITH", "CAN110012345678").await;
        send(&unread, &blank(), &blank()).await.expect(303);
        let mut waiting = Vec::new();
        for nth in 0..4 {
            let person = app.candidate("张三", &number::resident(number::NOWHERE, date(1990, 1, 1), nth)).await;
            let page = send(&person, &blank(), &blank()).await;
            waiting.push((person.client.as_script(), page.location().to_owned()));
        }
        let (client, address) = waiting.last().expect("four");
        // Two workers, three seconds each as a first guess: two run, one waits, then it is the last one's turn.
        assert_eq!(client.get(address).await.json()["detail"], "前面还有 3 个，大约还需 6 秒");
        // One was read, in half a minute: that is how long it takes today.
        app.tamper("update jobs set state = 'done', started_at = 0, done_at = 30000 where id = (select min(id) from jobs where priority = 10)").await;
        assert_eq!(client.get(address).await.json()["detail"], "前面还有 2 个，大约还需 45 秒");
        app.tamper("update jobs set state = 'done', started_at = 0, done_at = 30000 where id = (select min(id) from jobs where priority = 10 and state = 'queued')").await;
        let now = app.clock.now().0;
        app.tamper(&format!("update jobs set state = 'running', started_at = {} where id = (select max(id) from jobs)", now - 10_000)).await;
        assert_eq!(client.get(address).await.json()["detail"], "大约还需 20 秒");
        // A queue of many minutes refuses nobody.
        app.tamper("update jobs set state = 'done', started_at = 0, done_at = 30000 where priority = 10").await;
        for nth in 4..60 {
            let person = app.candidate("张三", &number::resident(number::NOWHERE, date(1990, 1, 1), nth)).await;
            let page = send(&person, &blank(), &blank()).await;
            page.expect(303);
            waiting.push((person.client.as_script(), page.location().to_owned()));
        }
        let (client, address) = waiting.last().expect("many");
        assert_eq!(client.get(address).await.json()["detail"], "前面还有 55 个，大约还需 14 分钟");
    }

    async fn who_waits_on_a_page_goes_before_a_batch(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        let mut tx = app.db.begin().await.expect("a transaction");
        for nth in 0..3 {
            let batch = NewJob {
                kind: "pictures.purge",
                queue: Queue::Vision,
                priority: jobs::PRIORITY_BATCH,
                payload: serde_json::json!({ "picture": nth }),
                unique_key: None,
                run_at: app.clock.now(),
            };
            jobs::enqueue(app.app(), &mut tx, batch).await.expect("written");
        }
        tx.commit().await.expect("committed");
        app.clock.advance(1000);
        let page = send(&person, &blank(), &blank()).await;
        assert_eq!(person.client.clone().as_script().get(page.location()).await.json()["detail"], "大约还需 3 秒", "nobody is before them");
        assert!(jobs::run_one(app.app(), Queue::Vision).await.expect("the queue can be reached"));
        assert_eq!(app.number("select count(*) from jobs where kind = 'identity.read' and state = 'queued'").await, 0);
        assert_eq!(app.number("select count(*) from jobs where priority = 50 and queue = 'vision' and state = 'queued'").await, 3);
    }

    async fn what_is_not_a_picture_is_refused(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        for file in [b"%PDF-1.7".as_slice(), b"GIF89a\x01\0\x01\0", "您好".as_bytes()] {
            send(&person, file, &blank()).await.expect(422).says(NOT_A_PICTURE);
            send(&person, &blank(), file).await.expect(422).says(NOT_A_PICTURE);
        }
        let as_script = Person { id: person.id, client: person.client.clone().as_script() };
        let answer = send(&as_script, &blank(), b"%PDF").await;
        answer.expect(422);
        assert_eq!((answer.json()["error"].as_str(), answer.json()["field"].as_str()), (Some(NOT_A_PICTURE), Some("back")));
        nothing_was_kept(&app).await;
    }

    async fn a_bomb_is_refused_by_its_head(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        send(&person, &png_claiming(30_000, 30_000), &blank()).await.expect(422).says(TOO_MANY_PIXELS);
        nothing_was_kept(&app).await;
    }

    async fn both_pictures_and_the_consent_are_asked_for(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        let page = person.client.get("/me/identity/upload").await;
        page.expect(200).says("身份证人像面").says("身份证国徽面").says("证件照片属于敏感个人信息").says("开始认证");
        let blank = blank();
        let one: [(&str, &str, &[u8]); 1] = [("front", "front.png", blank.as_slice())];
        person.client.upload("/me/identity/upload", &[CONSENT], &one).await.expect(422).says("请拍摄或选择这一面的照片。");
        let two: [(&str, &str, &[u8]); 2] = [("front", "a.png", blank.as_slice()), ("back", "b.png", blank.as_slice())];
        person.client.upload("/me/identity/upload", &[], &two).await.expect(422).says("请阅读证件信息的用途，勾选同意后再上传。");
        nothing_was_kept(&app).await;
        person.client.upload("/me/identity/upload", &[CONSENT], &two).await.expect(303);
        assert_eq!(app.number("select count(*) from consents where kind = 'identity'").await, 1);
        // The consent holds: the next time it is not asked for again.
        result(&app, &person).await.says("认证未通过");
        person.client.get("/me/identity/upload").await.says("您已同意").says_not("我已阅读");
        person.client.upload("/me/identity/upload", &[], &two).await.expect(303);
    }

    async fn an_upload_is_stored_before_it_is_answered_and_its_reading_can_be_followed(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        person.client.get("/me/identity").await.expect(200).says("请准备好您的居民身份证原件").says("认证");
        let answer = send(&person, &blank(), &blank()).await;
        answer.expect(303).goes_to("/me/identity/wait/");
        assert_eq!(app.number("select count(*) from pictures").await, 2);
        assert_eq!(app.number("select count(*) from jobs where kind = 'identity.read' and state = 'queued'").await, 1);
        assert_eq!(app.objects(), 2, "both pictures are in the store");

        let wait = person.client.follow(answer).await;
        wait.expect(200).says("正在识别证件").says("大约还需").says("您可以离开此页");
        let reference = wait.path.rsplit('/').next().expect("a reference").to_owned();
        let script = person.client.clone().as_script();
        let state = script.get(&wait.path).await.json();
        assert_eq!((state["done"].as_bool(), state["detail"].as_str()), (Some(false), Some("大约还需 3 秒")));
        // Whoever comes back while it is read is led to the waiting page.
        person.client.get("/me/identity").await.goes_to(&format!("/me/identity/wait/{reference}"));

        app.run_jobs().await;
        let state = script.get(&wait.path).await.json();
        assert_eq!((state["done"].as_bool(), state["next"].as_str()), (Some(true), Some("/me/identity")));
        person.client.open(&format!("/me/identity/wait/{reference}")).await.says("人像面照片里没有找到身份证").says("重新认证");
        assert_eq!(app.text("select real_name_state from accounts").await, "failed");
        assert_eq!(app.number("select count(*) from messages").await, 1);
    }

    async fn two_uploads_at_once_are_one_check(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        let blank = blank();
        let (a, b) = tokio::join!(send(&person, &blank, &blank), send(&person, &blank, &blank));
        assert_eq!(app.number("select count(*) from identity_checks").await, 1);
        assert_eq!(app.number("select count(*) from jobs where kind = 'identity.read'").await, 1);
        let waits = [&a, &b].iter().filter(|page| page.location().starts_with("/me/identity/wait/")).count();
        assert_eq!(waits, 1, "one of them was taken");
        assert_eq!(app.objects(), 2, "the pictures of the other one are gone");
        person.client.get("/me/identity/upload").await.goes_to("/me/identity");
        send(&person, &blank, &blank).await.goes_to("/me/identity");
    }

    async fn another_candidates_upload_and_pictures_do_not_exist(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        let stranger = app.candidate("李四", OTHER).await;
        let answer = send(&person, &blank(), &blank()).await;
        let wait = answer.location().to_owned();
        stranger.client.get(&wait).await.expect(404);
        stranger.client.clone().as_script().get(&wait).await.expect(404);
        let picture = format!("/pictures/{}", app.text("select ref from pictures order by id limit 1").await);
        let own = person.client.get(&picture).await;
        own.expect(200);
        assert_eq!(own.bytes, blank());
        assert_eq!((own.header("content-type"), own.header("cache-control")), ("image/png", "private, no-store"));
        stranger.client.get(&picture).await.expect(404).says("没有找到");
        app.client().get(&picture).await.goes_to("/login");
        app.client().get("/me/identity").await.goes_to("/login");
    }

    async fn a_name_that_changes_while_the_card_is_read_is_not_verified_by_it(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        send(&person, &blank(), &blank()).await.expect(303);
        app.tamper("update accounts set name = '王五', name_version = 2, real_name_state = 'none'").await;
        app.run_jobs().await;
        assert_eq!(app.text("select state from identity_checks").await, "superseded");
        assert_eq!(app.text("select real_name_state from accounts").await, "none");
        // And the new name can be verified.
        person.client.get("/me/identity").await.says("王五").says("认证");
        send(&person, &blank(), &blank()).await.goes_to("/me/identity/wait/");
    }

    async fn a_reading_that_never_succeeds_goes_to_a_person(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        send(&person, &blank(), &blank()).await.expect(303);
        std::fs::remove_dir_all(app.folder().join("objects")).expect("the store is gone");
        assert_eq!(app.try_jobs().await.len(), 1);
        assert_eq!(app.text("select state from identity_checks").await, "reading");
        app.tamper("update jobs set attempts = 7, run_at = 0 where kind = 'identity.read'").await;
        app.try_jobs().await;
        assert_eq!(app.text("select state || ':' || problems from identity_checks").await, "person:reader_failed");
        person.client.open("/me/identity").await.says("人工审核中");
    }

    async fn after_three_failures_a_person_can_be_asked_for(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        for _ in 0..2 {
            send(&person, &blank(), &blank()).await.expect(303);
            let page = result(&app, &person).await;
            page.says("认证未通过").says_not("申请人工审核");
            person.client.post("/me/identity/person", &[]).await.goes_to("/me/identity");
            person.client.get("/me/identity").await.says("请先按提示重新拍摄").says("认证未通过");
        }
        send(&person, &blank(), &blank()).await.expect(303);
        let page = result(&app, &person).await;
        page.says("申请人工审核");
        person.client.submit(&page, "/me/identity/person", &[]).await.goes_to("/me/identity");
        person.client.get("/me/identity").await.says("人工审核中");
        assert_eq!(app.number("select count(*) from identity_checks where state = 'person' and problems like '%asked'").await, 1);
        send(&person, &blank(), &blank()).await.goes_to("/me/identity");
        person.client.get("/me/identity").await.says("正在人工审核");
    }

    async fn a_consent_taken_back_ends_the_check_and_takes_its_pictures_along(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        send(&person, &blank(), &blank()).await.expect(303);
        person.client.post("/me/privacy/withdraw", &[("kind", "identity")]).await.goes_to("/me/privacy");
        app.run_jobs().await;
        assert_eq!(app.text("select state from identity_checks").await, "superseded");
        assert_eq!(app.text("select real_name_state from accounts").await, "none");
        assert_eq!(app.objects(), 0);
        // And it can begin again, with a consent.
        person.client.get("/me/identity/upload").await.expect(200).says("证件照片属于敏感个人信息");
        send(&person, &blank(), &blank()).await.goes_to("/me/identity/wait/");
    }

    async fn another_consent_taken_back_leaves_the_check_alone(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        send(&person, &blank(), &blank()).await.expect(303);
        result(&app, &person).await.says("认证未通过");
        app.tamper(&format!(
            "insert into consents (id, account, kind, version, text_hash, given_at, address) select 1, {}, 'face', 1, text_hash, 0, '' from consents",
            person.id
        ))
        .await;
        person.client.post("/me/privacy/withdraw", &[("kind", "face")]).await.goes_to("/me/privacy");
        app.run_jobs().await;
        assert_eq!(app.number("select count(*) from consents where kind = 'face' and withdrawn_at is not null").await, 1);
        assert_eq!(app.text("select state from identity_checks").await, "failed");
        assert_eq!(app.objects(), 2);
    }

    async fn too_many_uploads_have_to_wait(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        app.tamper(&format!(
            "insert into throttles (key, count, window_start, locked_until) values ('identity:{}', 20, {}, 0)",
            person.id,
            app.clock.now().0
        ))
        .await;
        send(&person, &blank(), &blank()).await.expect(429).says("操作太频繁");
        nothing_was_kept(&app).await;
    }
}

/// The models are files that an installation may lack.
#[tokio::test]
async fn without_models_a_person_looks_at_the_card() {
    let app = TestApp::without_models().await;
    let person = app.candidate("张三", NUMBER).await;
    send(&person, &blank(), &blank()).await.expect(303);
    app.run_jobs().await;
    assert_eq!(app.text("select state || ':' || problems from identity_checks").await, "person:no_models");
    person.client.open("/me/identity").await.says("人工审核中");
}
