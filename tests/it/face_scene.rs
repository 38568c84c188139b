//! A candidate in front of the face step, staff beside, and the frames of a live check.

use baokao::accounts::store as accounts;
use baokao::pictures::{self, Owner, PictureKind};
use baokao::staff::Role;
use baokao::types::UnixMs;
use baokao::web::client::Client as Asker;
use baokao::web::session::{self, Kind};

use crate::face_poses::{self as poses, jpeg};
use crate::support::{Client, Page, TestApp};

/// A candidate who has accepted the notice of an exam.
pub(crate) struct Person {
    pub(crate) client: Client,
    pub(crate) account: i64,
    /// `/registrations/{ref}`
    pub(crate) base: String,
    pub(crate) registration: i64,
}

fn asker() -> Asker {
    Asker { address: "127.0.0.1".into(), https: false, user_agent: "test".into(), wants_json: false, flash: None }
}

async fn session(app: &TestApp, kind: Kind, owner: i64) -> String {
    let mut tx = app.db.begin().await.expect("a transaction");
    let cookie = session::open(app, &mut tx, kind, owner, &asker()).await.expect("a session");
    tx.commit().await.expect("committed");
    cookie.value().to_owned()
}

/// An exam that is open for a week.
async fn exam(app: &TestApp) -> i64 {
    let found = app.number("select count(*) from exams").await;
    if found > 0 {
        return app.number("select min(id) from exams").await;
    }
    let now = app.clock.now();
    let end = now.plus_s(7 * 86_400).0;
    app.tamper(&format!(
        "insert into exams (id, ref, title, state, opens_at, closes_at, edit_until, pay_until, notice, notice_version, fee_name, fee_fen, payment_way,
                            payment_url, payee, thesis_floor, ticket_rules, ticket_prefix, created_at, updated_at)
         values (1, 'exam', '学位外语考试', 'published', {}, {end}, {end}, {end}, '须知', 1, '考试费', 8000, 'page', 'https://pay.example/1', '', 'fair', '', '261', 1, 1)",
        now.0 - 1000
    ))
    .await;
    1
}

/// Somebody with this portrait on their card. `name` is also what tells people apart.
pub(crate) async fn person(app: &TestApp, name: &str, portrait: Option<Vec<u8>>) -> Person {
    let exam = exam(app).await;
    let now = app.clock.now();
    let account = app.ids.make(now);
    let document = app.keys.seal_text(accounts::DOCUMENT, "11010519491231002X").expect("sealed");
    let phone = app.keys.seal_text(accounts::PHONE, "13812345678").expect("sealed");
    let mut tx = app.db.begin().await.expect("a transaction");
    sqlx::query(
        "insert into accounts (id, ref, region, document_kind, document_enc, document_hash, name, name_version, phone_enc, phone_hash, password, candidate_type, major,
                               real_name_state, created_at)
         values ($1, $2, 'mainland', 'resident_card', $3, $4, $2, 1, $5, $6, '', '专升本', '英语', 'verified', $7)",
    )
    .bind(account)
    .bind(name.to_owned())
    .bind(document)
    .bind(app.keys.lookup(accounts::DOCUMENT, name))
    .bind(phone)
    .bind(app.keys.lookup(accounts::PHONE, name))
    .bind(now.0)
    .execute(&mut *tx)
    .await
    .expect("an account");
    tx.commit().await.expect("committed");
    if let Some(portrait) = portrait {
        let stored = pictures::put(app, &portrait).await.expect("stored");
        let mut tx = app.db.begin().await.expect("a transaction");
        let picture = pictures::record(app, &mut tx, Owner::Candidate(account), PictureKind::Portrait, stored).await.expect("recorded");
        tx.commit().await.expect("committed");
        app.tamper(&format!("update accounts set portrait_picture = {picture} where id = {account}")).await;
    }
    let registration = app.ids.make(now);
    let reference = format!("R{registration}");
    app.tamper(&format!(
        "insert into registrations (id, ref, account, exam, state, version, notice_version, notice_accepted_at, notice_address, face_state, study_status, thesis_grade,
                                    reason, created_at, updated_at)
         values ({registration}, '{reference}', {account}, {exam}, 'drafting', 1, 1, {at}, '', 'none', '', '', '', {at}, {at})",
        at = now.0
    ))
    .await;
    let client = app.client();
    client.set_cookie(Kind::Candidate.cookie(), &session(app, Kind::Candidate, account).await);
    Person { client, account, base: format!("/registrations/{reference}"), registration }
}

/// The candidate of the pictures, with their own portrait.
pub(crate) async fn candidate(app: &TestApp) -> Person {
    person(app, "考生甲", Some(poses::portrait())).await
}

/// A staff member with one role, signed in.
pub(crate) async fn staff(app: &TestApp, login: &str, role: Role) -> Client {
    baokao::staff::actions::create(app, login, login, "a long password", &[role]).await.expect("a staff member");
    let id = app.number(&format!("select id from staff where login = '{login}'")).await;
    let client = app.client();
    client.set_cookie(Kind::Staff.cookie(), &session(app, Kind::Staff, id).await);
    client
}

impl Person {
    /// An address of the face step.
    pub(crate) fn at(&self, rest: &str) -> String {
        format!("{}/face{rest}", self.base)
    }

    /// Agrees to face recognition, as on the page.
    pub(crate) async fn agree(&self) {
        let page = self.client.open(&self.at("")).await;
        self.client.submit(&page, "/face/consent", &[("agree", "yes")]).await.goes_to(&self.at("/live"));
    }

    /// How the registration's face stands.
    pub(crate) async fn face(&self, app: &TestApp) -> String {
        app.text(&format!("select face_state from registrations where id = {}", self.registration)).await
    }

    /// The state of the newest check.
    pub(crate) async fn check(&self, app: &TestApp) -> String {
        app.text(&format!("select state from face_checks where registration = {} order by id desc limit 1", self.registration)).await
    }

    /// Its reference.
    pub(crate) async fn check_ref(&self, app: &TestApp) -> String {
        app.text(&format!("select ref from face_checks where registration = {} order by id desc limit 1", self.registration)).await
    }

    /// Starts a live check.
    pub(crate) async fn start(&self) -> Challenge {
        let answer = self.client.clone().as_script().post(&self.at("/start"), &[]).await;
        answer.expect(200);
        let json = answer.json();
        let turns = json["turns"].as_array().expect("turns").iter().map(|turn| turn.as_str().expect("a side").to_owned()).collect();
        Challenge { nonce: json["nonce"].as_str().expect("a nonce").to_owned(), turns }
    }

    /// Sends frames; the clock moves by the time that they took.
    pub(crate) async fn submit(&self, app: &TestApp, nonce: &str, frames: &[Frame]) -> Page {
        app.clock.advance(8_000);
        self.submit_now(nonce, frames).await
    }

    /// Sends frames at once.
    pub(crate) async fn submit_now(&self, nonce: &str, frames: &[Frame]) -> Page {
        let meta: Vec<_> = frames.iter().map(|(step, at, _)| serde_json::json!({ "step": step, "at_ms": at })).collect();
        let meta = serde_json::Value::from(meta).to_string();
        let files: Vec<(&str, &str, &[u8])> = frames.iter().map(|(_, _, bytes)| ("frame", "frame.jpg", bytes.as_slice())).collect();
        self.client.clone().as_script().upload(&self.at("/submit"), &[("nonce", nonce), ("meta", &meta)], &files).await
    }

    /// A whole live check by the candidate of the pictures, following the turns.
    pub(crate) async fn pass_live(&self, app: &TestApp) {
        let challenge = self.start().await;
        self.submit(app, &challenge.nonce, &challenge.followed()).await.goes_to(&self.at("/wait/"));
        app.run_jobs().await;
    }
}

/// A frame: its step, its time, its JPEG.
pub(crate) type Frame = (&'static str, i64, Vec<u8>);

/// What the page was told.
pub(crate) struct Challenge {
    pub(crate) nonce: String,
    pub(crate) turns: Vec<String>,
}

const STEPS: [&str; 2] = ["turn1", "turn2"];

impl Challenge {
    /// Frames of the candidate who turns by what `angle` makes of each asked side.
    pub(crate) fn frames(&self, angle: impl Fn(&str) -> f32) -> Vec<Frame> {
        let straight = jpeg(poses::candidate());
        let mut frames = vec![("baseline", 0, straight.clone()), ("baseline", 400, straight.clone())];
        for (i, side) in self.turns.iter().enumerate() {
            let began = 1_000 + 3_000 * i as i64;
            let full = angle(side);
            frames.push((STEPS[i], began, jpeg(&poses::turned(full / 2.0))));
            frames.push((STEPS[i], began + 1_500, jpeg(&poses::turned(full))));
        }
        frames.push(("end", 7_000, straight));
        frames
    }

    /// As asked.
    pub(crate) fn followed(&self) -> Vec<Frame> {
        self.frames(|side| if side == "left" { 36.0 } else { -36.0 })
    }
}

/// How many objects lie in the store.
pub(crate) fn objects(app: &TestApp) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        entries.flatten().map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
    }
    count(&app.folder().join("objects"))
}

/// The moment that ends every test's exam.
pub(crate) fn after_the_window(app: &TestApp) -> UnixMs {
    app.clock.now().plus_s(7 * 86_400)
}
