//! A whole program for one test.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use baokao::app::App;
use baokao::clock::Clock;
use baokao::config::Config;
use baokao::db::Db;
use baokao::jobs::{self, Queue};
use baokao::router::router;
use baokao::types::{Phone, UnixMs};
use tokio::sync::OnceCell;

use super::client::Client;
use super::postgres;

/// A program with a database, a folder and a clock of its own. Everything is removed when it is dropped.
///
/// It dereferences to [`App`]: `app.clock.advance(60_000)`, `app.db.read()`, `app.keys` are at hand.
pub(crate) struct TestApp {
    app: App,
    router: Router,
    /// On PostgreSQL: to be dropped from the cluster.
    database: Option<String>,
    folder: Folder,
}

impl TestApp {
    /// Saturday, 20 June 2026, 10:00 in China: when every test begins.
    pub(crate) const BEGINS: &'static str = "2026-06-20T10:00";

    /// On an embedded SQLite.
    pub(crate) async fn sqlite() -> Self {
        static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(migrated_sqlite).await;
        let folder = Folder::make();
        let file = folder.0.join("baokao.db");
        std::fs::write(&file, template).expect("the database file can be written");
        Self::open(folder, format!("sqlite:{}", file.display()), None).await
    }

    /// On a database of its own in the test binary's PostgreSQL.
    pub(crate) async fn postgres() -> Self {
        let (url, name) = postgres::database().await;
        Self::open(Folder::make(), url, Some(name)).await
    }

    /// On SQLite, where `make assets` was never run: no model, no font.
    pub(crate) async fn without_models() -> Self {
        let folder = Folder::make();
        let nowhere = folder.0.join("no-assets");
        let file = folder.0.join("baokao.db");
        Self::open_with(folder, format!("sqlite:{}", file.display()), None, nowhere).await
    }

    /// On SQLite, as a school runs it: no demo.
    pub(crate) async fn in_service() -> Self {
        let folder = Folder::make();
        let file = folder.0.join("baokao.db");
        Self::open_as(
            folder,
            format!("sqlite:{}", file.display()),
            None,
            Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fetched"),
            false,
        )
        .await
    }

    async fn open(folder: Folder, database_url: String, database: Option<String>) -> Self {
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fetched");
        Self::open_with(folder, database_url, database, assets).await
    }

    async fn open_with(folder: Folder, database_url: String, database: Option<String>, assets: PathBuf) -> Self {
        Self::open_as(folder, database_url, database, assets, true).await
    }

    async fn open_as(folder: Folder, database_url: String, database: Option<String>, assets: PathBuf, demo: bool) -> Self {
        let mut config = Config::read(|_| None).expect("the defaults are valid");
        config.data = folder.0.clone();
        config.database_url = database_url;
        config.assets = assets;
        config.demo = demo;
        config.vision_workers = 2;
        // Decisions have their effect at once; [`TestApp::undo_for`] lets them wait.
        config.undo_s = 0;
        // A name, as passkeys want.
        config.public_url = "http://localhost:8080".into();
        let clock = Clock::fixed(UnixMs::parse_field(Self::BEGINS).expect("a moment"));
        let app = App::open(config, clock).await.expect("the program opens");
        Self { router: router(app.clone()), app, database, folder }
    }

    /// The same program, started again so that a reviewer's decision can be taken back for so many seconds.
    pub(crate) async fn undo_for(&mut self, seconds: i64) {
        let mut config = self.app.config.clone();
        config.undo_s = seconds;
        self.app = App::open(config, self.app.clock.clone()).await.expect("the program opens");
        self.router = router(self.app.clone());
    }

    /// A new browser: no cookies, no scripts.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// The program without the test around it.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// The program's folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// How many objects lie in the store.
    pub(crate) fn objects(&self) -> usize {
        fn count(folder: &Path) -> usize {
            let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
            entries.flatten().map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
        }
        count(&self.folder.0.join("objects"))
    }

    /// Sets the clock: `app.at("2026-06-25T18:00")`, in China's time.
    pub(crate) fn at(&self, moment: &str) {
        self.app.clock.set(UnixMs::parse_field(moment).expect("a moment such as 2026-06-25T18:00"));
    }

    /// Runs jobs until none is due; a job that fails fails the test.
    #[track_caller]
    pub(crate) fn run_jobs(&self) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let failures = self.try_jobs().await;
            assert!(failures.is_empty(), "jobs failed (asked for at {caller}): {failures:#?}");
        }
    }

    /// Runs jobs until none is due, and returns `kind: error` of those that failed at their last try.
    pub(crate) async fn try_jobs(&self) -> Vec<String> {
        loop {
            let mut ran = false;
            for queue in Queue::ALL {
                while jobs::run_one(&self.app, queue).await.expect("the queue can be reached") {
                    ran = true;
                }
            }
            if !ran {
                break;
            }
        }
        let rows: Vec<(String, String)> = sqlx::query_as("select kind, last_error from jobs where last_error <> '' order by id")
            .fetch_all(&mut *self.app.db.read().await.expect("a connection"))
            .await
            .expect("the jobs can be read");
        rows.into_iter().map(|(kind, error)| format!("{kind}: {error}")).collect()
    }

    /// The newest SMS to a number, as the demo's outbox shows it.
    pub(crate) async fn last_sms(&self, phone: &str) -> Option<String> {
        let masked = Phone::parse(phone).expect("a phone number").masked();
        let outbox = baokao::accounts::actions::outbox_newest(&self.app, 200).await.expect("the outbox can be read");
        outbox.into_iter().find(|sms| sms.phone_masked == masked).map(|sms| sms.text)
    }

    /// The code in the newest SMS to a number.
    #[track_caller]
    pub(crate) fn last_code(&self, phone: &str) -> impl Future<Output = String> {
        let caller = std::panic::Location::caller();
        let phone = phone.to_owned();
        async move {
            let text = self.last_sms(&phone).await.unwrap_or_else(|| panic!("no SMS went to {phone} (asked for at {caller})"));
            let code = text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6);
            code.unwrap_or_else(|| panic!("no code of six digits in: {text}")).to_owned()
        }
    }

    /// One number out of the database: `app.number("select count(*) from jobs")`.
    pub(crate) async fn number(&self, statement: &str) -> i64 {
        let statement = format!("select cast(({statement}) as bigint)");
        let (number,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(statement.clone()))
            .fetch_one(&mut *self.app.db.read().await.expect("a connection"))
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
        number
    }

    /// One text out of the database.
    pub(crate) async fn text(&self, statement: &str) -> String {
        let (text,): (String,) = sqlx::query_as(sqlx::AssertSqlSafe(statement.to_owned()))
            .fetch_one(&mut *self.app.db.read().await.expect("a connection"))
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
        text
    }

    /// Changes the database behind the program's back, to bring about what no page can. Returns how many rows it met.
    pub(crate) async fn tamper(&self, statement: &str) -> u64 {
        let mut tx = self.app.db.begin().await.expect("a transaction");
        let done = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut *tx).await;
        let rows = done.unwrap_or_else(|error| panic!("{statement}: {error}")).rows_affected();
        tx.commit().await.expect("committed");
        rows
    }
}

impl Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(name) = self.database.take() {
            postgres::done_with(name);
        }
    }
}

/// A migrated, empty database file: migrated once, copied for every test.
async fn migrated_sqlite() -> Vec<u8> {
    let folder = Folder::make();
    let file = folder.0.join("template.db");
    let db = Db::open(&format!("sqlite:{}", file.display())).await.expect("a new database opens");
    db.migrate().await.expect("migrations run");
    // The last connection that closes brings the write-ahead log home, so that the file is whole.
    db.close().await;
    assert!(!file.with_extension("db-wal").exists(), "the write-ahead log of the template is still there");
    std::fs::read(file).expect("the template can be read")
}

/// A folder that is removed when it is dropped.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn make() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("it-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // A killed run with the same process id may have left one behind.
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
