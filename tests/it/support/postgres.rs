//! One throw-away PostgreSQL for the whole test binary, started when the first test asks for it.
//!
//! `scripts/test-postgres.sh` runs it for as long as its standard input is open. That pipe is ours, so the cluster ends
//! with us however we end, `kill -9` included.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use baokao::db::Db;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tokio::sync::OnceCell;

struct Cluster {
    /// Its standard input keeps the cluster alive.
    _keeper: Child,
    /// The folder of its socket.
    socket: String,
}

impl Cluster {
    fn url(&self, database: &str) -> String {
        format!("postgres://baokao@localhost/{database}?host={}", self.socket)
    }
}

/// Databases of tests that are over, to be dropped when the next one is made.
static OVER: Mutex<Vec<String>> = Mutex::new(Vec::new());

const TEMPLATE: &str = "baokao_template";

/// A new database with the schema: its address and its name.
pub(super) async fn database() -> (String, String) {
    static NEXT: tokio::sync::Mutex<u32> = tokio::sync::Mutex::const_new(0);
    static MIGRATED: OnceCell<()> = OnceCell::const_new();
    let cluster = cluster();
    // One at a time: a database is copied only while nobody is connected to its template.
    let mut next = NEXT.lock().await;
    sqlx::any::install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]).ok();
    let mut admin = AnyConnection::connect(&cluster.url("postgres")).await.expect("the test PostgreSQL answers");
    MIGRATED
        .get_or_init(|| async {
            admin.execute("create database baokao_template").await.expect("the template is made");
            let db = Db::open(&cluster.url(TEMPLATE)).await.expect("the template opens");
            db.migrate().await.expect("migrations run");
            db.close().await;
        })
        .await;
    let over = std::mem::take(&mut *OVER.lock().unwrap_or_else(PoisonError::into_inner));
    for name in over {
        let statement = format!("drop database if exists {name} with (force)");
        admin.execute(sqlx::AssertSqlSafe(statement)).await.expect("an old test database is dropped");
    }
    *next += 1;
    let name = format!("t{}", *next);
    admin.execute(sqlx::AssertSqlSafe(format!("create database {name} template {TEMPLATE}"))).await.expect("a test database is made");
    admin.close().await.ok();
    (cluster.url(&name), name)
}

/// The test that used it is over.
pub(super) fn done_with(database: String) {
    OVER.lock().unwrap_or_else(PoisonError::into_inner).push(database);
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(start)
}

fn start() -> Cluster {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/test-postgres.sh");
    let mut keeper = Command::new("sh")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("scripts/test-postgres.sh can be started");
    let mut socket = String::new();
    if let Some(out) = keeper.stdout.take() {
        BufReader::new(out).read_line(&mut socket).expect("its answer can be read");
    }
    let socket = socket.trim().to_owned();
    if socket.is_empty() {
        let mut why = String::new();
        if let Some(mut err) = keeper.stderr.take() {
            err.read_to_string(&mut why).ok();
        }
        panic!("no PostgreSQL for the tests: {}", why.trim());
    }
    Cluster { _keeper: keeper, socket }
}
