//! A candidate in front of the face step, and the frames of a live check.

use baokao::face::frames::{self, FrameLabel};
use baokao::pictures::{self, Owner, PictureKind};

use super::poses::{self, frame};
use crate::support::{Client, Page, TestApp};

/// A candidate who has accepted the notice of an exam.
pub(super) struct Person {
    pub(super) client: Client,
    /// `/registrations/{ref}`
    pub(super) base: String,
    /// The registration's number.
    pub(super) registration: String,
}

/// Somebody with this portrait on their card.
pub(super) async fn person(app: &TestApp, name: &str, portrait: Option<Vec<u8>>) -> Person {
    let exam = app.an_exam("page").await;
    let someone = app.a_candidate(name, "英语").await;
    if let Some(portrait) = portrait {
        let stored = pictures::put(app, &portrait).await.expect("stored");
        let mut tx = app.db.begin().await.expect("a transaction");
        let picture = pictures::record(app, &mut tx, Owner::Candidate(someone.id), PictureKind::Portrait, stored).await.expect("recorded");
        tx.commit().await.expect("committed");
        app.tamper(&format!("update accounts set portrait_picture = {picture} where id = {}", someone.id)).await;
    }
    let registration = app.a_registration(&someone, &exam, "drafting").await;
    app.tamper(&format!("update registrations set face_state = 'none', subject = null, info_at = null where ref = '{registration}'")).await;
    Person { client: someone.client, base: format!("/registrations/{registration}"), registration }
}

/// The candidate of the pictures, with their own portrait.
pub(super) async fn candidate(app: &TestApp) -> Person {
    person(app, "考生甲", Some(poses::portrait())).await
}

impl Person {
    /// An address of the face step.
    pub(super) fn at(&self, rest: &str) -> String {
        format!("{}/face{rest}", self.base)
    }

    /// Agrees to face recognition, as on the page.
    pub(super) async fn agree(&self) {
        let page = self.client.open(&self.at("")).await;
        self.client.submit(&page, "/face/consent", &[("agree", "yes")]).await.goes_to(&self.at("/live"));
    }

    /// How the registration's face stands.
    pub(super) async fn face(&self, app: &TestApp) -> String {
        app.text(&format!("select face_state from registrations where ref = '{}'", self.registration)).await
    }

    /// The state of the newest check.
    pub(super) async fn check(&self, app: &TestApp) -> String {
        app.text(&format!(
            "select c.state from face_checks c join registrations r on r.id = c.registration where r.ref = '{}' order by c.id desc limit 1",
            self.registration
        ))
        .await
    }

    /// Its reference.
    pub(super) async fn check_ref(&self, app: &TestApp) -> String {
        app.text(&format!(
            "select c.ref from face_checks c join registrations r on r.id = c.registration where r.ref = '{}' order by c.id desc limit 1",
            self.registration
        ))
        .await
    }

    /// Starts a live check.
    pub(super) async fn start(&self) -> Challenge {
        let answer = self.client.clone().as_script().post(&self.at("/start"), &[]).await;
        answer.expect(200);
        let json = answer.json();
        let turns = json["turns"].as_array().expect("turns").iter().map(|turn| turn.as_str().expect("a side").to_owned()).collect();
        Challenge { nonce: json["nonce"].as_str().expect("a nonce").to_owned(), turns }
    }

    /// Sends frames; the clock moves by the time that they took.
    pub(super) async fn submit(&self, app: &TestApp, nonce: &str, frames: &[Frame]) -> Page {
        app.clock.advance(8_000);
        self.submit_now(nonce, frames).await
    }

    /// Sends frames at once.
    pub(super) async fn submit_now(&self, nonce: &str, frames: &[Frame]) -> Page {
        self.submit_sealed(nonce, frames, &sealed(nonce, frames)).await
    }

    /// Sends frames with seals made elsewhere.
    pub(super) async fn submit_sealed(&self, nonce: &str, frames: &[Frame], seals: &[String]) -> Page {
        let label = |((step, at, _), seal): (&Frame, &String)| serde_json::json!({ "step": step, "at_ms": at, "seal": seal });
        let meta = serde_json::Value::from(frames.iter().zip(seals).map(label).collect::<Vec<_>>()).to_string();
        let files: Vec<(&str, &str, &[u8])> = frames.iter().map(|(_, _, bytes)| ("frame", "frame.jpg", bytes.as_slice())).collect();
        self.client.clone().as_script().upload(&self.at("/submit"), &[("nonce", nonce), ("meta", &meta)], &files).await
    }

    /// A whole live check by the candidate of the pictures, following the turns.
    pub(super) async fn pass_live(&self, app: &TestApp) {
        let challenge = self.start().await;
        self.submit(app, &challenge.nonce, &challenge.followed()).await.goes_to(&self.at("/wait/"));
        app.run_jobs().await;
    }
}

/// A frame: its step, its time, its JPEG.
pub(super) type Frame = (&'static str, i64, Vec<u8>);

/// The seals that the page makes of frames.
pub(super) fn sealed(nonce: &str, frames: &[Frame]) -> Vec<String> {
    let mut before = String::new();
    let seal = |(step, at_ms, bytes): &Frame| {
        before = frames::seal(nonce, &before, &FrameLabel { step: (*step).to_owned(), at_ms: *at_ms }, bytes);
        before.clone()
    };
    frames.iter().map(seal).collect()
}

/// What the page was told.
pub(super) struct Challenge {
    pub(super) nonce: String,
    pub(super) turns: Vec<String>,
}

const STEPS: [&str; 2] = ["turn1", "turn2"];

impl Challenge {
    /// Frames of the candidate who turns by what `angle` makes of each asked side.
    pub(super) fn frames(&self, angle: impl Fn(&str) -> f32) -> Vec<Frame> {
        let straight = || frame(poses::candidate());
        let mut frames = vec![("baseline", 0, straight()), ("baseline", 400, straight())];
        for (i, side) in self.turns.iter().enumerate() {
            let began = 1_000 + 3_000 * i as i64;
            let full = angle(side);
            frames.push((STEPS[i], began, frame(&poses::turned(full / 2.0))));
            frames.push((STEPS[i], began + 1_500, frame(&poses::turned(full))));
        }
        frames.push(("end", 7_000, straight()));
        frames
    }

    /// As asked.
    pub(super) fn followed(&self) -> Vec<Frame> {
        self.frames(|side| if side == "left" { 36.0 } else { -36.0 })
    }
}
