//! A school in the middle of its work, written straight into the database: for tests of later features, which must not depend on the pages of earlier ones.

use std::sync::atomic::{AtomicI64, Ordering};

use baokao::accounts::store::{DOCUMENT, PHONE};
use baokao::staff::Role;
use baokao::types::{DocumentKind, DocumentNumber, UnixMs};
use baokao::web::client::Client as Asker;
use baokao::web::session::{self, Kind};

use super::{Client, TestApp};

/// An exam: open from 1 June to 30 June 2026, 80 yuan on the school's page, tickets not released.
#[derive(Clone, Debug)]
pub(crate) struct Exam {
    pub(crate) id: i64,
    pub(crate) reference: String,
    /// 03 英语, 12 July, 09:00–11:00.
    pub(crate) subject: i64,
}

/// A candidate with a browser that is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) client: Client,
}

/// The payee on the exam.
pub(crate) const PAYEE: &str = "湘江大学";

fn number() -> i64 {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn at(moment: &str) -> i64 {
    UnixMs::parse_field(moment).expect("a moment").0
}

/// A resident card's number that nobody else in this test binary has.
fn document(n: i64) -> DocumentNumber {
    const WEIGHTS: [i64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let head = format!("999999{:04}0102{:03}", 1950 + n / 1000 % 50, n % 1000);
    let sum: i64 = head.bytes().zip(WEIGHTS).map(|(digit, weight)| i64::from(digit - b'0') * weight).sum();
    let check = char::from(b"10X98765432"[(sum % 11) as usize]);
    DocumentNumber::parse(DocumentKind::ResidentCard, &format!("{head}{check}"), jiff::civil::date(2026, 6, 20)).expect("a number")
}

impl TestApp {
    /// An exam of this payment way: `page`, `offline` or `free`.
    pub(crate) async fn an_exam(&self, way: &str) -> Exam {
        let n = number();
        let (id, reference) = (self.ids.make(self.clock.now()), format!("EXAM{n}"));
        let url = if way == "page" { "https://pay.school.example/exam" } else { "" };
        self.tamper(&format!(
            "insert into exams (id, ref, title, state, opens_at, closes_at, edit_until, pay_until, notice, notice_version, fee_name, fee_fen, payment_way,
                                payment_url, payee, thesis_floor, ticket_rules, ticket_prefix, created_at, updated_at)
             values ({id}, '{reference}', '2026年上半年学位外语考试', 'published', {}, {}, {}, {}, '须知', 1, '成人高等教育学士学位外语水平考试费', 8000,
                     '{way}', '{url}', '{PAYEE}', 'fair', '请携带身份证原件。', '261', 0, 0)",
            at("2026-06-01T08:00"),
            at("2026-06-30T18:00"),
            at("2026-06-30T18:00"),
            at("2026-06-30T18:00"),
        ))
        .await;
        let subject = self.a_subject(id, "03", "英语", "2026-07-12T09:00", "2026-07-12T11:00").await;
        Exam { id, reference, subject }
    }

    /// A subject of an exam.
    pub(crate) async fn a_subject(&self, exam: i64, code: &str, name: &str, starts: &str, ends: &str) -> i64 {
        let id = self.ids.make(self.clock.now());
        self.tamper(&format!(
            "insert into subjects (id, exam, code, name, starts_at, ends_at) values ({id}, {exam}, '{code}', '{name}', {}, {})",
            at(starts),
            at(ends)
        ))
        .await;
        id
    }

    /// A verified candidate, signed in.
    pub(crate) async fn a_candidate(&self, name: &str, major: &str) -> Person {
        let n = number();
        let now = self.clock.now();
        let id = self.ids.make(now);
        let document = document(n);
        let phone = format!("138{n:08}");
        let mut tx = self.db.begin().await.expect("a transaction");
        sqlx::query(
            "insert into accounts (id, ref, region, document_kind, document_enc, document_hash, name, name_version, phone_enc, phone_hash, password,
                                   candidate_type, major, real_name_state, verified_at, created_at)
             values ($1, $2, 'mainland', 'resident_card', $3, $4, $5, 1, $6, $7, '', '在校生', $8, 'verified', $9, $9)",
        )
        .bind(id)
        .bind(format!("ACCOUNT{n}"))
        .bind(self.keys.seal_text(DOCUMENT, document.text()).expect("sealed"))
        .bind(self.keys.lookup(DOCUMENT, &document.account_key()))
        .bind(name)
        .bind(self.keys.seal_text(PHONE, &phone).expect("sealed"))
        .bind(self.keys.lookup(PHONE, &phone))
        .bind(major)
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .expect("an account");
        let asker = Asker { address: "127.0.0.1".into(), https: false, user_agent: String::new(), wants_json: false, flash: None };
        let cookie = session::open(self, &mut tx, Kind::Candidate, id, &asker).await.expect("a session");
        tx.commit().await.expect("committed");
        let client = self.client();
        client.set_cookie(Kind::Candidate.cookie(), cookie.value());
        Person { id, client }
    }

    /// A registration in this state, its face passed; returns its number.
    pub(crate) async fn a_registration(&self, person: &Person, exam: &Exam, state: &str) -> String {
        self.a_registration_for(person, exam, exam.subject, state).await
    }

    /// [`TestApp::a_registration`] for a subject of one's own choice.
    pub(crate) async fn a_registration_for(&self, person: &Person, exam: &Exam, subject: i64, state: &str) -> String {
        let reference = format!("REG{:07}", number());
        let now = self.clock.now();
        let submitted = if matches!(state, "drafting" | "awaiting_payment") { "null".to_owned() } else { now.0.to_string() };
        self.tamper(&format!(
            "insert into registrations (id, ref, account, exam, state, version, notice_version, notice_accepted_at, notice_address, face_state, subject,
                                        study_status, thesis_grade, info_at, submitted_at, reason, candidate_type, major, created_at, updated_at)
             select {}, '{reference}', id, {}, '{state}', 1, 1, {now}, '', 'passed', {subject}, 'enrolled', '', {now}, {submitted}, '', candidate_type, major, {now}, {now}
             from accounts where id = {}",
            self.ids.make(now),
            exam.id,
            person.id,
            now = now.0,
        ))
        .await;
        reference
    }

    /// A staff member's browser, signed in.
    pub(crate) async fn a_staff_member(&self, roles: &[Role]) -> Client {
        let login = format!("staff{}", number());
        baokao::staff::actions::create(self, &login, &format!("{login}老师"), "staff-password-1", roles).await.expect("a staff member");
        let client = self.client();
        client.post("/console/login", &[("login", &login), ("password", "staff-password-1")]).await.goes_to("/console");
        client
    }
}
