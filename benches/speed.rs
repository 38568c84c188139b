//! How fast: `make bench`. Every figure is one thread's median in this run; compare figures of one run only, machines differ and are noisy.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on says so by ending")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::response::Response;
use axum::routing::get;
use baokao::accounts::RealName;
use baokao::accounts::actions::real_name_changed;
use baokao::accounts::actions::register::{NewAccount, Person, create};
use baokao::app::App;
use baokao::audit::Actor;
use baokao::clock::Clock;
use baokao::config::Config;
use baokao::registrations::actions::reports::{self, FaceOutcome};
use baokao::types::{DocumentKind, DocumentNumber, PersonName, Phone, Region, UnixMs};
use baokao::web::client::Client;
use baokao::web::session::{self, Kind};
use baokao::{demo, registrations, router};
use baokao_specimen::{card, encode, number};
use baokao_vision::{DecodeLimits, Vision};
use jiff::civil::date;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

/// Noon of a June day in China.
const NOW: UnixMs = UnixMs(1_781_928_000_000);
const LOAD: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 8;
const REGISTRATIONS: usize = 100;

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fetched")
}

/// Median of `runs` in milliseconds, after one run that is not counted.
fn median(runs: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn print(what: &str, value: f64, unit: &str) {
    println!("{what:<58} {value:>10.1} {unit}");
}

fn pictures() {
    let fonts = baokao_specimen::Fonts::open(&assets().join("fonts")).expect("run `make assets`");
    let face = |name: &str| {
        let bytes = std::fs::read(assets().join("faces").join(name)).expect("run `make faces`");
        baokao_vision::decode(&bytes, &DecodeLimits::default()).expect("a photograph")
    };
    let birth = date(1990, 3, 7);
    let front = card::Front {
        name: "王喆".into(),
        sex: "男".into(),
        ethnicity: "汉".into(),
        birth,
        address: "湖南省长沙市样本区示例路一号学府花园二栋三单元".into(),
        number: number::resident(number::NOWHERE, birth, 15),
        portrait: Some(face("obama2.jpg")),
    };
    let jpeg = encode::jpeg(&card::front(&fonts, &front), 90);
    let vision = Vision::open(&assets().join("models"));
    let decode = |bytes: &[u8]| baokao_vision::decode(bytes, &DecodeLimits::default()).expect("a picture");
    let read = median(7, || {
        let reading = vision.read_card(Some(&decode(&jpeg)), None).expect("models");
        assert_eq!(reading.front.and_then(|front| front.name).as_deref(), Some("王喆"));
    });
    print("card front, from JPEG to all fields", read, "ms");
    let (a, b) = (face("obama.jpg"), face("obama2.jpg"));
    print("two faces compared", median(7, || drop(vision.compare_faces(&a, &b).expect("models"))), "ms");
    let paper = baokao_paper::Fonts::open(&assets().join("fonts")).expect("run `make assets`");
    let ticket = baokao_paper::ticket::Ticket {
        school: "示范大学继续教育学院".into(),
        exam_title: "学士学位外语考试".into(),
        name: "阿依古丽·买买提".into(),
        document_type: "居民身份证".into(),
        document_number: front.number.clone(),
        ticket_number: "261010100101".into(),
        subject: "英语".into(),
        room: "第 1 考场".into(),
        seat: "01".into(),
        rules: vec!["考生凭准考证和身份证原件进入考场。".into(); 4],
        photo: Some(baokao_paper::Photo::Rgb(b.clone())),
        qr_payload: "BK1.".to_owned() + &"x".repeat(200),
        ..baokao_paper::ticket::Ticket::default()
    };
    print("ticket PDF with photo", median(21, || drop(baokao_paper::ticket::render(&paper, &ticket).expect("a ticket"))), "ms");
}

/// Requests per second over kept connections, for `LOAD`.
async fn load(address: std::net::SocketAddr, path: &str, cookie: &str) -> f64 {
    let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n\r\n");
    let until = Instant::now() + LOAD;
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let request = request.clone();
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            let (mut count, mut buffer) = (0u64, vec![0; 256 * 1024]);
            while Instant::now() < until {
                stream.write_all(request.as_bytes()).await.expect("sent");
                answer(&mut stream, &mut buffer).await;
                count += 1;
            }
            count
        });
    }
    let mut total = 0;
    while let Some(count) = clients.join_next().await {
        total += count.expect("a client");
    }
    total as f64 / LOAD.as_secs_f64()
}

/// Reads one answer with a content length.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.expect("read");
        assert!(read > 0, "the server hung up");
        filled += read;
        let text = &buffer[..filled];
        let Some(head) = text.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let lines = String::from_utf8_lossy(&text[..head]).to_lowercase();
        assert!(lines.starts_with("http/1.1 200"), "{lines}");
        let length: usize = lines.lines().find_map(|l| l.strip_prefix("content-length: ")).expect("a length").parse().expect("a number");
        if filled >= head + 4 + length {
            return;
        }
    }
}

async fn listen(service: Router) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

async fn candidate(app: &App, at: usize) -> (i64, String) {
    let birth = date(1990, 3, 7);
    let document = number::resident(number::NOWHERE, birth, u16::try_from(at % 999 + 1).expect("small"));
    let person = Person {
        name: PersonName::parse("王喆").expect("a name"),
        region: Region::Mainland,
        number: DocumentNumber::parse(DocumentKind::ResidentCard, &document, NOW.date()).expect("a number"),
        candidate_type: "专升本".into(),
        major: "会计学".into(),
        consent: 1,
    };
    let phone = Phone::parse(&format!("138{:08}", at)).expect("a phone");
    let account = create(app, NewAccount { person, phone, password: "kaoshi2026".into() }).await.expect("an account").expect("a new one");
    let mut tx = app.db.begin().await.expect("a transaction");
    real_name_changed(&mut tx, account, RealName::Verified, Some(NOW), None).await.expect("verified");
    let client = Client { address: "127.0.0.1".into(), https: false, user_agent: "bench".into(), wants_json: false, flash: None };
    let cookie = session::open(app, &mut tx, Kind::Candidate, account, &client).await.expect("a session");
    tx.commit().await.expect("committed");
    (account, format!("{}={}", cookie.name(), cookie.value()))
}

#[tokio::main]
async fn web(folder: &Path) {
    let read = |name: &str| match name {
        "BAOKAO_DATA" => Some(folder.display().to_string()),
        "BAOKAO_ASSETS" => Some(assets().display().to_string()),
        _ => None,
    };
    let mut config = Config::read(read).expect("settings");
    config.demo = true;
    let clock = Clock::fixed(NOW);
    let app = App::open(config, clock.clone()).await.expect("an app");
    demo::actions::seed(&app).await.expect("an exam");
    let (_, cookie) = candidate(&app, 0).await;
    let bare = load(listen(Router::new().route("/", get(|| async { "ok" }))).await, "/", "").await;
    let site = listen(router::router(app.clone())).await;
    let home = load(site, "/", "").await;
    let me = load(site, "/me", &cookie).await;
    print("bare axum handler", bare, "requests/s");
    print("home page", home, "requests/s");
    println!("{:<58} {:>10.2} of the bare handler", "", home / bare);
    print("personal centre, signed in", me, "requests/s");
    println!("{:<58} {:>10.2} of the bare handler", "", me / bare);
    registrations_in_a_row(&app).await;
    app.db.close().await;
}

/// One request as a browser sends it; what comes back is not looked at but for its status.
async fn ask(site: &Router, method: Method, path: &str, cookie: &str, form: &str) -> Response {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "bench")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .expect("a request");
    let answer = site.clone().oneshot(request).await.expect("an answer");
    assert!(answer.status().as_u16() < 400, "{path} answered {}", answer.status());
    answer
}

/// Registrations through their pages, with every check, the history and the audit, on SQLite with synchronous=FULL: begin, read the notice and
/// accept it, the machine's word on the face, the information, paying at the school.
async fn registrations_in_a_row(app: &App) {
    let exam = baokao::exams::store::visible(&mut app.db.read().await.expect("a connection"), 1).await.expect("exams").remove(0);
    let mut tx = app.db.begin().await.expect("a transaction");
    sqlx::query("update exams set payment_way = 'offline'").execute(&mut *tx).await.expect("paid at the school");
    tx.commit().await.expect("committed");
    let site = router::router(app.clone());
    let mut accounts = Vec::new();
    for at in 1..=REGISTRATIONS {
        accounts.push(candidate(app, at).await);
    }
    let (get, post) = (Method::GET, Method::POST);
    let start = Instant::now();
    for (account, cookie) in &accounts {
        let begun = ask(&site, post.clone(), &format!("/exams/{}/start", exam.public_ref), cookie, "").await;
        let place = begun.headers().get("location").and_then(|place| place.to_str().ok()).expect("a way on");
        let reference = place.split('/').nth(2).expect("a reference");
        let base = format!("/registrations/{reference}");
        ask(&site, get.clone(), &format!("{base}/notice"), cookie, "").await;
        app.clock.advance(5_000);
        ask(&site, post.clone(), &format!("{base}/notice"), cookie, &format!("version={}", exam.notice_version)).await;
        let row = registrations::store::find_by_ref(&mut app.db.read().await.expect("a connection"), reference).await.expect("a row");
        let mut tx = app.db.begin().await.expect("a transaction");
        let actor = Actor::Candidate { id: *account, address: String::new() };
        reports::face(app, &mut tx, row.id, FaceOutcome::Passed, None, &actor, "").await.expect("seen");
        tx.commit().await.expect("committed");
        ask(&site, post.clone(), &format!("{base}/information"), cookie, "subject=01&study_status=enrolled").await;
        ask(&site, post.clone(), &format!("{base}/payment"), cookie, "").await;
    }
    let each = start.elapsed().as_secs_f64() * 1000.0 / accounts.len() as f64;
    let handed_in: (i64,) = sqlx::query_as("select count(*) from registrations where state = 'submitted'")
        .fetch_one(&mut *app.db.read().await.expect("a connection"))
        .await
        .expect("counted");
    assert_eq!(usize::try_from(handed_in.0).expect("few"), REGISTRATIONS);
    print("one registration, all requests and transactions", each, "ms");
}

fn main() {
    println!("Baokao, {} cores, profile dev\n", std::thread::available_parallelism().map_or(0, usize::from));
    pictures();
    let folder = std::env::temp_dir().join(format!("baokao-bench-{}", std::process::id()));
    web(&folder);
    std::fs::remove_dir_all(&folder).ok();
}
