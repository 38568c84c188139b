//! The last day: two hundred people send their cards at once, the program is killed in the middle, others go on reading pages. A measurement
//! (`make bench`), so its times are printed, not asserted; that nobody is lost is.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use baokao::clock::Clock;
use baokao_specimen::number;
use jiff::civil::date;

use crate::identity_cards::Card;
use crate::support::TestApp;
use crate::support::server::Server;

const UPLOADS: u16 = 200;
const READERS: usize = 4;
/// A reader looks at a page so often.
const EVERY: Duration = Duration::from_millis(25);
const PATIENCE: Duration = Duration::from_secs(1200);

fn percentile(times: &mut [f64], part: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times[((times.len() - 1) as f64 * part).round() as usize]
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Reads pages until it is told to stop; keeps how long each took, in ms.
fn read_pages(server: &Server, cookie: &str, stop: &AtomicBool, took: &Mutex<Vec<f64>>) {
    for path in ["/", "/me", "/me/identity"].iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let began = Instant::now();
        assert!(server.get(path, cookie).status < 400, "{path}");
        took.lock().expect("no reader failed").push(ms(began));
        std::thread::sleep(EVERY);
    }
}

/// Runs readers of pages until `until` says so.
async fn while_others_read(server: &Server, cookie: &str, took: &Mutex<Vec<f64>>, until: impl AsyncFn() -> bool) {
    let stop = AtomicBool::new(false);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| read_pages(server, cookie, &stop, took));
        }
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                while !until().await {
                    assert!(began.elapsed() < PATIENCE, "the cards are not read");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        });
        stop.store(true, Ordering::Relaxed);
    });
}

#[ignore = "a measurement: make bench"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_cards_at_once() {
    let app = TestApp::sqlite().await;
    app.clock.set(Clock::system().now());
    let mut cookies = Vec::new();
    for nth in 0..UPLOADS {
        let person = app.candidate("张三", &number::resident(number::NOWHERE, date(1990, 1, 1), nth)).await;
        cookies.push(person.client.cookie_line());
    }
    let reader = app.candidate("李四", &number::resident(number::NOWHERE, date(1991, 1, 1), 1)).await.client.cookie_line();
    let (front, back) = Card::of("张三").pictures();
    let unread = async || app.number("select count(*) from identity_checks where state = 'reading'").await;
    let (mut answers, others) = (Vec::new(), Mutex::new(Vec::new()));

    let server = Server::start(&app);
    let began = Instant::now();
    std::thread::scope(|scope| {
        let upload = |cookie: &String| {
            let (server, front, back, cookie) = (&server, &front, &back, cookie.clone());
            scope.spawn(move || {
                let sent = Instant::now();
                let answer = server.upload("/me/identity/upload", &cookie, &[("consent", "yes")], &[("front", front), ("back", back)]);
                assert_eq!(answer.status, 303, "{}", answer.body);
                ms(sent)
            })
        };
        let sent: Vec<_> = cookies.iter().map(upload).collect();
        answers.extend(sent.into_iter().map(|thread| thread.join().expect("accepted")));
    });
    let accepted = began.elapsed();
    while_others_read(&server, &reader, &others, async || unread().await < i64::from(UPLOADS) / 2).await;
    server.kill();
    assert!(unread().await > 0, "killed in the middle");
    let again = Server::start(&app);
    while_others_read(&again, &reader, &others, async || unread().await == 0).await;
    let read = began.elapsed();

    assert_eq!(app.number("select count(*) from identity_checks where state <> 'reading'").await, i64::from(UPLOADS), "all were read");
    let others = &mut others.into_inner().expect("no reader failed");
    println!("{UPLOADS} cards uploaded at once, killed half-way, all read");
    println!(
        "  all answered within            {:>8.1} s (the slowest {:.1} s)",
        accepted.as_secs_f64(),
        percentile(&mut answers, 1.0) / 1000.0
    );
    println!("  all read within                {:>8.1} s ({:.2} s a card)", read.as_secs_f64(), read.as_secs_f64() / f64::from(UPLOADS));
    println!("  other pages meanwhile, median  {:>8.1} ms", percentile(others, 0.5));
    println!("  other pages meanwhile, p95     {:>8.1} ms of {} pages", percentile(others, 0.95), others.len());
}
