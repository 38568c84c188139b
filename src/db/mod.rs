//! The database: SQLite in one folder, or PostgreSQL, by the same statements.
//!
//! Invariant: every statement is a literal in [`sql!`](crate::sql), in a `store.rs` (or a lower module that owns a table), so that one test can prepare them all on both databases.
//! Columns are BIGINT (ids, booleans, fen, Unix milliseconds), TEXT and BLOB/BYTEA.

pub mod installation;
mod migrate;

use std::path::Path;
use std::time::Duration;

use sqlx::AnyConnection;
use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool, Executor, Transaction};

use crate::error::{Error, Result};

/// Marks a statement: a literal, in portable SQL (`$1`, `ON CONFLICT`, `RETURNING`). A test finds each and prepares it on both databases.
#[macro_export]
macro_rules! sql {
    ($statement:literal) => {
        $statement
    };
}

/// A connection that statements run on; a [`Tx`] dereferences to it.
pub type Conn = AnyConnection;

/// A write transaction. On SQLite it holds the one writer from its first moment.
pub type Tx = Transaction<'static, Any>;

/// Which engine is behind the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, one process, one writer.
    Sqlite,
    /// As many processes as wanted.
    Postgres,
}

/// The pools. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    engine: Engine,
    reader: AnyPool,
    writer: AnyPool,
}

const READERS: u32 = 8;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`. A SQLite file is created where missing.
    pub async fn open(url: &str) -> Result<Self> {
        sqlx::any::install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]).ok();
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = AnyPoolOptions::new().max_connections(READERS).acquire_timeout(ACQUIRE_TIMEOUT).connect(url).await?;
            return Ok(Self { engine: Engine::Postgres, reader: pool.clone(), writer: pool });
        }
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Err(Error::internal("the database address must begin with sqlite: or postgres:"));
        };
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder)?;
        }
        let address = format!("sqlite:{path}?mode=rwc");
        // The writer opens first: it creates the file and switches it to WAL, which readers then inherit.
        let writer = sqlite_pool(1).connect(&address).await?;
        let reader = sqlite_pool(READERS).connect(&address).await?;
        Ok(Self { engine: Engine::Sqlite, reader, writer })
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<PoolConnection<Any>> {
        Ok(self.reader.acquire().await?)
    }

    /// Begins a write transaction; dropping it rolls back.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self.engine {
            Engine::Sqlite => self.writer.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.writer.begin().await?,
        })
    }

    /// Brings the schema to the newest version; safe to call from several processes at once.
    pub async fn migrate(&self) -> Result<()> {
        migrate::run(self).await
    }

    /// Counts anew how large tables have become, so that the right index is chosen. PostgreSQL does so by itself.
    pub async fn count_anew(&self) -> Result<()> {
        if self.engine == Engine::Sqlite {
            self.writer.acquire().await?.execute("PRAGMA analysis_limit = 1000; PRAGMA optimize = 0x10002;").await?;
        }
        Ok(())
    }

    /// Closes the pools, waiting for connections in use.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

fn sqlite_pool(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT).after_connect(|conn, _| {
        Box::pin(async move {
            // FULL: what was acknowledged survives the plug being pulled.
            conn.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA cache_size = -16000;").await?;
            Ok(())
        })
    })
}

/// Whether an error is a broken unique constraint: somebody was faster.
pub fn is_unique_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|e| e.is_unique_violation())
}
