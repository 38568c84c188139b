//! What the program may take of the machine: little when idle, and bounded while cards are read and more wait.

use std::time::{Duration, Instant};

use baokao::clock::Clock;
use baokao::demo::actions::{LOGIN, PASSWORD};
use baokao::demo::fill::fill;
use baokao_specimen::encode;
use image::imageops::{self, FilterType};

use crate::identity_cards::Card;
use crate::support::TestApp;
use crate::support::server::Server;

const MEBIBYTE: u64 = 1 << 20;
/// Idle, before a model was needed.
const IDLE: u64 = 150 * MEBIBYTE;
/// While cards are read and [`UPLOADS`] requests were sent at once.
const READING: u64 = 600 * MEBIBYTE;
const UPLOADS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(600);

/// Twelve megapixels, as phones take them, within the limit of an upload.
fn as_a_phone_takes_it(picture: &[u8]) -> Vec<u8> {
    let small = image::load_from_memory(picture).expect("a picture").to_rgb8();
    let large = imageops::resize(&small, 4000, 3000, FilterType::Triangle);
    let bytes = encode::jpeg(&large, 85);
    assert!(bytes.len() < baokao::pictures::MAX_PICTURE_BYTES, "{} bytes", bytes.len());
    bytes
}

#[tokio::test]
async fn twenty_cards_at_once_stay_within_their_memory() {
    let app = TestApp::sqlite().await;
    app.clock.set(Clock::system().now());
    let mut cookies = Vec::new();
    for nth in 0..UPLOADS {
        let number = baokao_specimen::number::resident(110_101, jiff::civil::date(1990, 1, 1), u16::try_from(nth).expect("small") * 2 + 1);
        let person = app.candidate("张三", &number).await;
        cookies.push(person.client.cookie_line());
    }
    let (front, back) = Card::of("张三").pictures();
    let (front, back) = (as_a_phone_takes_it(&front), as_a_phone_takes_it(&back));

    let server = Server::start(&app);
    assert_eq!(server.get("/", "").status, 200);
    let idle = server.memory().now;
    assert!(idle < IDLE, "idle: {} MiB", idle / MEBIBYTE);

    std::thread::scope(|scope| {
        for cookie in &cookies {
            scope.spawn(|| {
                let answer = server.upload("/me/identity/upload", cookie, &[("consent", "1")], &[("front", &front), ("back", &back)]);
                assert_eq!(answer.status, 303, "{}", answer.body);
            });
        }
    });
    let began = Instant::now();
    while app.number("select count(*) from identity_checks where state = 'reading'").await > 0 {
        assert!(began.elapsed() < PATIENCE, "the cards are not read");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(app.number("select count(*) from jobs where kind = 'identity.read' and state = 'done'").await, 20);
    let peak = server.memory().peak;
    println!("idle {} MiB, at its peak {} MiB", idle / MEBIBYTE, peak / MEBIBYTE);
    assert!(peak < READING, "at its peak: {} MiB", peak / MEBIBYTE);
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_exported_within_their_memory() {
    const ROWS: u32 = 100_000;
    let app = TestApp::sqlite().await;
    app.clock.set(Clock::system().now());
    fill(&app, ROWS, |_| ()).await.expect("filled");
    app.tamper("update installation set is_demo = 0").await;
    let staff = app.client();
    staff.post("/console/login", &[("login", LOGIN), ("password", PASSWORD)]).await.goes_to("/console");
    let exam = app.text("select e.ref from exams e join subjects s on s.exam = e.id where s.taken > 0 limit 1").await;
    let server = Server::start(&app);
    assert_eq!(server.get("/console", &staff.cookie_line()).status, 200);
    let idle = server.memory().peak;
    for format in ["csv", "xlsx"] {
        let began = Instant::now();
        let answer = server.get(&format!("/console/registrations/export/{format}?exam={exam}"), &staff.cookie_line());
        assert_eq!(answer.status, 200);
        let above = server.memory().peak - idle;
        println!("{format}: {} bytes in {} s, {} MiB above idle", answer.body.len(), began.elapsed().as_secs(), above / MEBIBYTE);
        assert!(above < 100 * MEBIBYTE, "{format}: {} MiB above idle", above / MEBIBYTE);
    }
}
