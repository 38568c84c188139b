//! What uploads and their jobs may cost: memory is bounded, and a job that kills the program is not begun for ever.

use std::time::Duration;

use baokao::jobs::{self, Queue};
use baokao::web::intake::{Sender, Share};

use crate::identity::{NUMBER, blank, send};
use crate::support::TestApp;

#[tokio::test]
async fn two_uploads_of_one_person_at_once_are_enough() {
    let app = TestApp::sqlite().await;
    let person = app.candidate("张三", NUMBER).await;
    let share = || Share::begin(app.app(), Some(Sender(person.id)));
    let (first, second) = (share().expect("one"), share().expect("two"));
    send(&person, &blank(), &blank()).await.expect(429).says("您有照片正在上传，请等它传完再试。");
    assert!(Share::begin(app.app(), Some(Sender(person.id + 1))).is_ok(), "others are not concerned");
    drop(first);
    send(&person, &blank(), &blank()).await.expect(303);
    drop(second);
}

#[tokio::test]
async fn uploads_wait_while_others_use_all_the_memory_there_is() {
    let app = TestApp::sqlite().await;
    let mut all = Share::begin(app.app(), None).expect("one");
    all.take(192 << 20).await.expect("all of it");
    let mut next = Share::begin(app.app(), None).expect("another");
    assert!(tokio::time::timeout(Duration::from_millis(50), next.take(1)).await.is_err(), "there is no room");
    drop(all);
    next.take(1).await.expect("room again");
    // Many small pieces cost what they are, not a kibibyte each.
    let mut small = Share::begin(app.app(), None).expect("a third");
    for _ in 0..1000 {
        small.take(1).await.expect("room");
    }
    let mut rest = Share::begin(app.app(), None).expect("a fourth");
    assert!(tokio::time::timeout(Duration::from_millis(50), rest.take(191 << 20)).await.is_ok());
}

both! {
    async fn a_job_whose_last_try_never_ended_is_not_begun_again(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        send(&person, &blank(), &blank()).await.expect(303);
        // As a program leaves it that died at the last try: in hand, its lease over.
        app.tamper("update jobs set state = 'running', attempts = 8, lease_until = 0").await;
        assert!(jobs::run_one(app.app(), Queue::Vision).await.expect("run"));
        assert_eq!(app.text("select state from jobs").await, "failed");
        assert_eq!(app.text("select last_error from jobs").await, "internal: the last try did not end");
        assert!(!jobs::run_one(app.app(), Queue::Vision).await.expect("run"), "nothing is left to do");
        // Whoever waits for it sets it going again, and then the reader has another eight tries.
        assert_eq!(app.text("select state from identity_checks").await, "reading");
    }

    async fn at_the_last_try_the_reader_is_not_asked_and_a_person_looks(app: TestApp) {
        let person = app.candidate("张三", NUMBER).await;
        send(&person, &blank(), &blank()).await.expect(303);
        app.tamper("update jobs set attempts = 7").await;
        app.run_jobs().await;
        // The reader would have refused these blank pictures.
        assert_eq!(app.text("select state from identity_checks").await, "person");
        assert_eq!(app.text("select problems from identity_checks").await, "reader_failed");
    }
}
