//! The last day: two hundred people send their cards at once, the program is killed in the middle, others go on reading pages. A measurement
//! (`make bench`), so its times are printed, not asserted; that nobody is lost is.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use baokao::clock::Clock;
use baokao::staff::Role;
use baokao_specimen::number;
use baokao_tables::xlsx::Book;
use jiff::civil::date;

use crate::identity_cards::Card;
use crate::rosters;
use crate::support::server::Server;
use crate::support::{TestApp, source};

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
    let (mut answers, mut pages, others) = (Vec::new(), Vec::new(), Mutex::new(Vec::new()));

    let server = Server::start(&app);
    let began = Instant::now();
    std::thread::scope(|scope| {
        let upload = |cookie: &String| {
            let (server, front, back, cookie) = (&server, &front, &back, cookie.clone());
            scope.spawn(move || {
                let sent = Instant::now();
                let answer = server.upload("/me/identity/upload", &cookie, &[("consent", "1")], &[("front", front), ("back", back)]);
                assert_eq!(answer.status, 303, "{}", answer.body);
                (ms(sent), answer.location)
            })
        };
        let sent: Vec<_> = cookies.iter().map(upload).collect();
        for (thread, cookie) in sent.into_iter().zip(&cookies) {
            let (took, page) = thread.join().expect("accepted");
            answers.push(took);
            pages.push((page, cookie.clone()));
        }
    });
    let accepted = began.elapsed();
    while_others_read(&server, &reader, &others, async || unread().await < i64::from(UPLOADS) / 2).await;
    // What the waiting pages of some say now, in milliseconds from now.
    let mut said = Vec::new();
    for (page, cookie) in pages.iter().step_by(11) {
        let told = server.get(page, cookie).body;
        let told =
            told.split("大约还需 ").nth(1).and_then(|rest| rest.split_once(' ')).and_then(|(n, unit)| Some((n.parse::<i64>().ok()?, unit)));
        if let Some((number, unit)) = told {
            said.push((
                page.rsplit('/').next().unwrap_or_default().to_owned(),
                number * if unit.starts_with("分钟") { 60_000 } else { 1_000 },
            ));
        }
    }
    let asked = Clock::system().now().0;
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
    let mut true_ones = 0;
    for (check, told) in &said {
        let done = format!(
            "select j.done_at from jobs j join identity_checks c on j.unique_key = 'identity.read:' || c.id where c.ref = '{check}'"
        );
        let took = app.number(&done).await - asked;
        true_ones += usize::from(*told <= 2 * took.max(1_000) && took <= 2 * told);
        println!("  a waiting page said {:>5.0} s, it took {:>5.0} s", *told as f64 / 1000.0, took as f64 / 1000.0);
    }
    println!("  came true within a factor of two: {true_ones} of {}", said.len());
    println!("  other pages meanwhile, p95     {:>8.1} ms of {} pages", percentile(others, 0.95), others.len());
}

/// A roster of 100,000 people as a workbook: read by openpyxl, then imported; read by us in the same run is the first part of that.
#[ignore = "a measurement: make bench"]
#[tokio::test]
async fn a_roster_of_a_hundred_thousand_sqlite() {
    import_roster(TestApp::sqlite().await).await;
}

#[ignore = "a measurement: make bench"]
#[tokio::test]
async fn a_roster_of_a_hundred_thousand_postgres() {
    import_roster(TestApp::postgres().await).await;
}

async fn import_roster(app: TestApp) {
    const PEOPLE: usize = 100_000;
    app.clock.set(Clock::system().now());
    let staff = app.a_staff_member(&[Role::Registrar]).await;
    let roster = staff.post("/console/rosters", &[("name", "2026 年春季学籍")]).await.next_address().expect("a roster");
    let heads = ["姓名", "证件号码", "学号", "考生类型", "专业"].map(str::to_owned).to_vec();
    let mut book = Book::new(heads).expect("a book");
    for n in 0..PEOPLE {
        book.row(&["欧阳晓明".to_owned(), rosters::number(n), format!("2026{n:08}"), "专升本".into(), "会计学".into()]).expect("a row");
    }
    let bytes = book.finish().expect("a book");
    let file = std::env::temp_dir().join(format!("baokao-roster-{}.xlsx", std::process::id()));
    std::fs::write(&file, &bytes).expect("written");
    let script = source::root().join("scripts/openpyxl_rows.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(&file)
        .env("PYTHONPATH", source::root().join("assets/fetched/openpyxl"))
        .output()
        .expect("python3");
    std::fs::remove_file(&file).ok();
    println!("{:?}, {PEOPLE} people, {} bytes", app.db.engine(), bytes.len());
    println!("openpyxl, rows read and dropped: {}", String::from_utf8_lossy(&output.stdout).trim());
    let began = Instant::now();
    let mut rows = 0;
    baokao_tables::sheet::read(&bytes, &mut |_| {
        rows += 1;
        std::ops::ControlFlow::Continue(())
    })
    .expect("a table");
    println!("{rows} rows read and dropped: {:.0} ms", ms(began));

    let server = Server::start(&app);
    let cookie = staff.cookie_line();
    assert_eq!(server.get(&roster, &cookie).status, 200);
    let idle = server.memory().peak;
    let began = Instant::now();
    let import = server.upload(&format!("{roster}/import"), &cookie, &[], &[("file", &bytes)]).location;
    println!("uploaded, its columns guessed: {:.0} ms", ms(began));
    staff.submit(&staff.get(&import).await, "/columns", &[]).await.goes_to(&import);
    let began = Instant::now();
    while app.text("select state from roster_imports").await == "checking" {
        assert!(began.elapsed() < PATIENCE, "the rows are not checked");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("checked and laid aside: {:.0} ms", ms(began));
    let began = Instant::now();
    staff.post(&format!("{import}/apply"), &[]).await.goes_to(&roster);
    println!("applied: {:.0} ms; {} MiB above idle at most", ms(began), (server.memory().peak - idle) >> 20);
    assert_eq!(app.number("select good from roster_imports").await, PEOPLE as i64);
}
