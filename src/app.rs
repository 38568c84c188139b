//! The parts, and the only place where they are wired.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use baokao_vision::Vision;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::accounts::ConsentKind;
use crate::audit::{self, Actor};
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::{Hashing, Keys, same};
use crate::db::{Conn, Db, Tx, installation};
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::ports::http::Http;
use crate::ports::objects::Objects;
use crate::settings::{self, Settings};
use crate::staff::Staff;
use crate::staff::held::{Decision, Desk, NOBODY};
use crate::types::{Ids, Scope, UnixMs};
use crate::web::intake::Intake;
use crate::web::{session, throttle};

/// Longer than any window of a limit.
const THROTTLES_KEPT_S: i64 = 2 * 86_400;
/// Exams to which a role can be limited, the newest ones.
const EXAMS_TO_CHOOSE: i64 = 30;
/// A case that came back from a decision stays so long with its reviewer.
const HANDED_BACK_S: i64 = 300;
/// How long a job that is done can be looked up.
const JOBS_KEPT_S: i64 = 7 * 86_400;

/// Everything a handler needs. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts behind [`App`].
pub struct Parts {
    /// Settings.
    pub config: Config,
    /// Database pools.
    pub db: Db,
    /// Where time comes from.
    pub clock: Clock,
    /// Row ids.
    pub ids: Ids,
    /// Encryption, look-ups, tokens.
    pub keys: Keys,
    /// Encrypted pictures.
    pub objects: Objects,
    /// Cards, faces, receipts; models load on first use.
    pub vision: Vision,
    fonts: OnceLock<Arc<baokao_paper::Fonts>>,
    woken: Notify,
    /// What of uploads is in memory.
    pub intake: Intake,
    /// Where passwords wait for their hash.
    pub hashing: Hashing,
    /// How other servers are asked.
    pub http: Http,
    pub(crate) settings: settings::Cache,
    /// Stored faces, as far as this process has read them.
    pub faces: crate::face::stored::Faces,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens the database, brings its schema up to date, and wires the parts.
    pub async fn open(config: Config, clock: Clock) -> Result<Self> {
        let db = Db::open(&config.database_url).await?;
        db.migrate().await?;
        let keys = open_keys(&db, &config.data.join("keys/master.key")).await?;
        let mut seed = [0; 4];
        SystemRandom::new().fill(&mut seed).map_err(|_| Error::internal("no randomness"))?;
        Ok(Self(Arc::new(Parts {
            objects: Objects::in_folder(&config.data.join("objects"))?,
            vision: Vision::open(&config.assets.join("models")),
            fonts: OnceLock::new(),
            woken: Notify::new(),
            intake: Intake::default(),
            hashing: Hashing::default(),
            http: Http::new()?,
            settings: settings::Cache::open(&db, &keys, &config).await?,
            faces: crate::face::stored::Faces::default(),
            ids: Ids::new(u32::from_ne_bytes(seed)),
            keys,
            db,
            clock,
            config,
        })))
    }

    /// What staff set at the console, as this process knows it.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.get()
    }

    /// Notices what another process set; asks once a second at most.
    pub async fn refresh_settings(&self) -> Result<()> {
        settings::cache::refresh(self).await
    }

    /// The fonts for papers, opened on first use.
    pub fn fonts(&self) -> Result<Arc<baokao_paper::Fonts>> {
        if let Some(fonts) = self.fonts.get() {
            return Ok(fonts.clone());
        }
        let opened = Arc::new(baokao_paper::Fonts::open(&self.config.assets.join("fonts")).map_err(Error::internal)?);
        Ok(self.fonts.get_or_init(|| opened).clone())
    }

    /// Tells idle workers that a job was committed. Losing this costs a second, never a job.
    pub fn wake(&self) {
        self.woken.notify_waiters();
    }

    pub(crate) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// Hashes a password on a blocking thread, few at a time.
    pub async fn hash_password(&self, password: String) -> Result<String> {
        let salt = self.keys.random::<16>()?;
        self.hashing.run(move || crate::crypto::hash_password(salt, &password)).await?
    }

    /// Checks a password on a blocking thread, few at a time.
    pub async fn verify_password(&self, hash: String, password: String) -> Result<bool> {
        self.hashing.run(move || crate::crypto::verify_password(&hash, &password)).await
    }

    /// The title of an exam under way that keeps an account from being closed.
    pub async fn account_bound_by(&self, conn: &mut Conn, account: i64) -> Result<Option<String>> {
        crate::registrations::actions::own::bound_by(self, conn, account).await
    }

    /// Row id, public reference and title of the newest exams and of `also`: what a role may be limited to.
    pub async fn exams_to_choose(&self, conn: &mut Conn, also: &[i64]) -> Result<Vec<(i64, String, String)>> {
        let mut exams = crate::exams::store::list(conn, &Scope::All, false, i64::MAX, EXAMS_TO_CHOOSE).await?;
        for id in also {
            if !exams.iter().any(|exam| exam.id == *id) {
                exams.push(crate::exams::store::find(conn, *id).await?);
            }
        }
        Ok(exams.into_iter().map(|exam| (exam.id, exam.public_ref, exam.title)).collect())
    }

    /// The row id of an exam; `None` where there is none.
    pub async fn exam_of_ref(&self, conn: &mut Conn, reference: &str) -> Result<Option<i64>> {
        match crate::exams::store::find_by_ref(conn, reference).await {
            Ok(exam) => Ok(Some(exam.id)),
            Err(Error::NotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The public reference of an exam.
    pub async fn ref_of_exam(&self, conn: &mut Conn, exam: i64) -> Result<String> {
        Ok(crate::exams::store::find(conn, exam).await?.public_ref)
    }

    /// The exams that a candidate has registered for: who may work on one of them may see the candidate.
    pub async fn exams_of(&self, conn: &mut Conn, account: i64) -> Result<Vec<i64>> {
        Ok(crate::registrations::store::of_account(conn, account).await?.into_iter().map(|row| row.exam).collect())
    }

    /// Whether an exam under way, whose title is returned, keeps the account's name as it was approved.
    pub async fn name_bound_by(&self, conn: &mut Conn, account: i64) -> Result<Option<String>> {
        crate::registrations::actions::own::name_bound_by(self, conn, account).await
    }

    /// What the features after the accounts keep about a candidate, for the export of one's own data: one entry each.
    pub async fn own_data(&self, conn: &mut Conn, account: i64) -> Result<Map<String, Value>> {
        let mut data = Map::new();
        data.insert("报名".into(), crate::registrations::actions::own::own_data(conn, account).await?);
        data.insert("实名认证记录".into(), crate::identity::actions::own_data(self, conn, account).await?);
        data.insert("人脸识别记录".into(), crate::face::actions::own_data(conn, account).await?);
        data.insert("订单截图记录".into(), crate::payments::actions::own_data(conn, account).await?);
        Ok(data)
    }

    /// Removes what no page, limit or worker looks at any more, so that no table grows for ever. Once an hour is enough.
    pub async fn purge(&self) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        session::purge(&mut tx, now).await?;
        throttle::purge(&mut tx, now.plus_s(-THROTTLES_KEPT_S)).await?;
        crate::jobs::purge(&mut tx, now.plus_s(-JOBS_KEPT_S)).await?;
        crate::accounts::actions::codes::purge(&mut tx, now).await?;
        crate::face::stored::purge(self, &mut tx).await?;
        audit::chain::purge(&self.keys, &mut tx, now, now.plus_s(-self.config.audit_days * 86_400)).await?;
        audit::chain::seal(&self.keys, &mut tx, now).await?;
        tx.commit().await?;
        self.db.count_anew().await?;
        crate::rosters::jobs::tick(self).await?;
        crate::retention::jobs::tick(self).await?;
        Ok(())
    }

    /// Asks for what is to be done from time to time. Once a minute is right.
    pub async fn tick(&self) -> Result<()> {
        crate::overview::jobs::tick(self).await
    }

    /// The title of an exam that only people of a roster may register for.
    pub async fn exam_of_roster(&self, conn: &mut Conn, roster: i64) -> Result<Option<String>> {
        crate::exams::eligibility::store::of_roster(conn, roster).await
    }

    /// Whether somebody has a seat in an exam.
    pub async fn exam_is_seated(&self, conn: &mut Conn, exam: i64) -> Result<bool> {
        Ok(!crate::seating::store::seated(conn, exam, 0, 1).await?.is_empty())
    }

    /// An exam asks for no face any more.
    pub async fn faces_not_asked(&self, tx: &mut Tx, exam: i64, actor: &Actor) -> Result<()> {
        crate::registrations::actions::reports::faces_not_asked(self, tx, exam, actor).await
    }

    /// How many are registered for an exam, those who withdrew left out, and how many of them are still filling in.
    pub async fn registered(&self, conn: &mut Conn, exam: i64) -> Result<(i64, i64)> {
        use crate::registrations::{State, store};
        let counts = store::counts(conn, exam).await?;
        let sum = |wanted: &dyn Fn(&str) -> bool| counts.iter().filter(|(state, _)| wanted(state)).map(|(_, count)| count).sum();
        Ok((sum(&|state| state != State::Withdrawn.code()), sum(&|state| state == State::Drafting.code())))
    }

    /// The exam for which a picture was handed in as an answer.
    pub async fn exam_of_attachment(&self, conn: &mut Conn, picture: &str) -> Result<Option<i64>> {
        crate::registrations::store::answers::exam_of(conn, picture).await
    }

    /// The registrations with this ticket number.
    pub async fn registrations_of_ticket(&self, conn: &mut Conn, number: &str) -> Result<Vec<i64>> {
        match number.get(..3).filter(|_| number.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(prefix) => crate::seating::store::with_ticket(conn, prefix, number).await,
            None => Ok(Vec::new()),
        }
    }

    /// Where a registration sits, with its ticket number, in words; "" for nowhere.
    pub async fn seat_words(&self, conn: &mut Conn, registration: i64) -> Result<String> {
        let seat = crate::seating::store::seat_of(conn, registration).await?;
        Ok(seat.map_or_else(String::new, |s| {
            format!("{} {}，第 {} 考场，座位 {}，准考证号 {}", s.site, s.name, s.number, s.seat, s.ticket_number)
        }))
    }

    /// The different answers that candidates gave to a question of an exam.
    pub async fn answers_to(&self, conn: &mut Conn, question: i64) -> Result<Vec<String>> {
        crate::registrations::store::answers::to_question(conn, question).await
    }

    /// What would be deleted within the hour if pictures were kept so many days: titles of exams, people, whether some are registered for none.
    pub async fn pictures_due(&self, conn: &mut Conn, days: i64) -> Result<(Vec<String>, i64, bool)> {
        crate::retention::jobs::forecast(self, conn, days).await
    }

    /// Tells the features after the accounts what somebody studies now.
    pub async fn studies_changed(&self, tx: &mut Tx, account: i64, candidate_type: &str, major: &str) -> Result<()> {
        crate::registrations::store::set_studies(tx, account, candidate_type, major).await
    }

    /// Removes what the features after the accounts keep about the person behind an account that is closed.
    pub async fn forget_person(&self, tx: &mut Tx, account: i64) -> Result<()> {
        crate::registrations::store::answers::forget(tx, account).await?;
        crate::registrations::store::notes::forget(tx, account).await?;
        crate::registrations::store::set_studies(tx, account, "", "").await?;
        crate::identity::store::forget(tx, account, self.clock.now()).await
    }

    /// Gives a reviewer's decision its effect. What cannot be done any more (withdrawn meanwhile, decided by another way) is not.
    pub async fn settle(&self, decision: &Decision) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.hand_back(&mut tx, decision).await?;
        tx.commit().await?;
        let Some(staff) = Staff::of(self, decision.staff, &decision.address).await? else { return Ok(()) };
        let done = match decision.desk {
            Desk::Identity => crate::identity::actions::review::settle(self, &staff, decision).await,
            Desk::Face => crate::face::actions::staff::settle(self, &staff, decision).await,
            Desk::Payment => crate::payments::actions::review::settle(self, &staff, decision).await,
        };
        match done {
            Err(Error::Refused { code, .. }) => {
                tracing::info!(code, "a decision was not possible any more");
                Ok(())
            }
            Err(Error::NotFound | Error::Forbidden) => Ok(()),
            other => other,
        }
    }

    /// Leases the case of a decision to [`NOBODY`] until then; refuses where the reviewer does not have it.
    pub async fn set_aside(&self, tx: &mut Tx, staff: &Staff, decision: &Decision, until: UnixMs) -> Result<()> {
        let now = self.clock.now();
        let (reference, staff) = (decision.reference.as_str(), staff.id);
        let is_ours = match decision.desk {
            Desk::Identity => crate::identity::store::pass_on(tx, reference, [staff, NOBODY], now, until).await?,
            Desk::Face => crate::face::store::pass_on(tx, reference, [staff, NOBODY], now, until).await?,
            Desk::Payment => crate::payments::store::pass_on(tx, reference, [staff, NOBODY], now, until).await?,
        };
        if is_ours { Ok(()) } else { Err(Error::refused("held", "这一件刚刚已由您或别的老师处理，请处理下一件。")) }
    }

    /// Gives back a case that a reviewer took at this moment or before: taken again since, such as by loading its page anew, it stays theirs.
    pub async fn give_back(&self, tx: &mut Tx, staff: &Staff, desk: Desk, reference: &str, taken: UnixMs) -> Result<()> {
        let until = taken.plus_s(HANDED_BACK_S);
        match desk {
            Desk::Identity => crate::identity::store::give_back(tx, reference, staff.id, until).await,
            Desk::Face => crate::face::store::give_back(tx, reference, staff.id, until).await,
            Desk::Payment => crate::payments::store::give_back(tx, reference, staff.id, until).await,
        }
    }

    /// Leases the case of a decision to its reviewer again.
    pub async fn hand_back(&self, tx: &mut Tx, decision: &Decision) -> Result<()> {
        let now = self.clock.now();
        let (reference, until) = (decision.reference.as_str(), now.plus_s(HANDED_BACK_S));
        match decision.desk {
            Desk::Identity => crate::identity::store::pass_on(tx, reference, [NOBODY, decision.staff], now, until).await?,
            Desk::Face => crate::face::store::pass_on(tx, reference, [NOBODY, decision.staff], now, until).await?,
            Desk::Payment => crate::payments::store::pass_on(tx, reference, [NOBODY, decision.staff], now, until).await?,
        };
        Ok(())
    }

    /// Runs a job's handler. Every kind of job is named here and nowhere else.
    pub async fn run_job(&self, job: &Job) -> Result<()> {
        match job.kind.as_str() {
            "pictures.purge" => crate::pictures::purge(self, job.id_in("picture")?).await,
            "messages.deliver" => crate::accounts::jobs::deliver(self, job).await,
            "sms.send" => crate::accounts::actions::sending::run(self, job).await,
            "messages.batch" => crate::messages::jobs::run(self, job).await,
            "review.settle" => self.settle(&serde_json::from_str(&job.payload)?).await,
            "rosters.check" => crate::rosters::jobs::check(self, job).await,
            "rosters.clean" => crate::rosters::jobs::clean(self, job.id_in("roster")?).await,
            "retention.exam" => crate::retention::jobs::run(self, job).await,
            "retention.accounts" => crate::retention::jobs::sweep(self, job).await,
            "overview.count" => crate::overview::jobs::count(self).await,
            "identity.read" => crate::identity::jobs::read(self, job).await,
            "consents.withdrawn" => match crate::accounts::consents::withdrawn_kind(job)? {
                ConsentKind::Identity => crate::identity::jobs::consent_withdrawn(self, job).await,
                kind @ (ConsentKind::Face | ConsentKind::FacePhoto) => crate::face::jobs::consent_withdrawn(self, job, kind).await,
                // It goes with the account.
                ConsentKind::Privacy => Ok(()),
            },
            "exams.changed" => crate::registrations::jobs::exam_changed(self, job).await,
            "face.check" => crate::face::jobs::check(self, job).await,
            "face.store" => crate::face::jobs::store_face(self, job).await,
            "face.purge" => crate::face::jobs::purge(self, job).await,
            "payments.bulk" => crate::payments::bulk::jobs::run(self, job).await,
            "payments.read" => crate::payments::jobs::read(self, job).await,
            unknown => Err(Error::internal(format!("no handler for a job of kind {unknown}"))),
        }
    }
}

/// The master key that this database was written with; at the first start, a new one. Any other would make every number, phone and picture unreadable, and
/// what it wrote itself lost as soon as the right one is back.
async fn open_keys(db: &Db, file: &Path) -> Result<Keys> {
    let expected = installation::key_check(&mut *db.read().await?).await?;
    let refuse = |what: &str| Error::internal(format!("{} {what}. Put the master key's backup there and start again.", file.display()));
    let keys = match (Keys::read(file)?, &expected) {
        (Some(keys), _) => keys,
        (None, Some(_)) => return Err(refuse("is missing, and this database was written with it")),
        (None, None) => Keys::make(file)?,
    };
    let expected = match expected {
        Some(expected) => expected,
        None => {
            let mut tx = db.begin().await?;
            installation::begin(&mut tx, &keys.check()).await?;
            // Another process may have begun at the same moment.
            let written = installation::key_check(&mut tx).await?.unwrap_or_default();
            tx.commit().await?;
            written
        }
    };
    if !same(&expected, &keys.check()) {
        return Err(refuse("is not the key that this database was written with"));
    }
    Ok(keys)
}
