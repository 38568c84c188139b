//! Schema versions: numbered files, applied once each in a transaction, the same numbers and meaning on both databases.

use sqlx::Executor;

use super::{Db, Engine};
use crate::error::Result;

type Migration = (i64, &'static str, &'static str, &'static str);

/// Number, name, SQLite text, PostgreSQL text.
const MIGRATIONS: &[Migration] = &[
    (
        1,
        "foundation",
        include_str!("../../migrations/sqlite/0001_foundation.sql"),
        include_str!("../../migrations/postgres/0001_foundation.sql"),
    ),
    (2, "prints", include_str!("../../migrations/sqlite/0002_prints.sql"), include_str!("../../migrations/postgres/0002_prints.sql")),
    (3, "holders", include_str!("../../migrations/sqlite/0003_holders.sql"), include_str!("../../migrations/postgres/0003_holders.sql")),
    (4, "faces", include_str!("../../migrations/sqlite/0004_faces.sql"), include_str!("../../migrations/postgres/0004_faces.sql")),
    (5, "staff", include_str!("../../migrations/sqlite/0005_staff.sql"), include_str!("../../migrations/postgres/0005_staff.sql")),
    (
        6,
        "registration_lists",
        include_str!("../../migrations/sqlite/0006_registration_lists.sql"),
        include_str!("../../migrations/postgres/0006_registration_lists.sql"),
    ),
    (7, "messages", include_str!("../../migrations/sqlite/0007_messages.sql"), include_str!("../../migrations/postgres/0007_messages.sql")),
    (
        10,
        "passkeys",
        include_str!("../../migrations/sqlite/0010_passkeys.sql"),
        include_str!("../../migrations/postgres/0010_passkeys.sql"),
    ),
    (
        11,
        "questions",
        include_str!("../../migrations/sqlite/0011_questions.sql"),
        include_str!("../../migrations/postgres/0011_questions.sql"),
    ),
    (12, "rosters", include_str!("../../migrations/sqlite/0012_rosters.sql"), include_str!("../../migrations/postgres/0012_rosters.sql")),
    (
        13,
        "eligibility",
        include_str!("../../migrations/sqlite/0013_eligibility.sql"),
        include_str!("../../migrations/postgres/0013_eligibility.sql"),
    ),
    (
        14,
        "registration_views",
        include_str!("../../migrations/sqlite/0014_registration_views.sql"),
        include_str!("../../migrations/postgres/0014_registration_views.sql"),
    ),
    (15, "by_two", include_str!("../../migrations/sqlite/0015_by_two.sql"), include_str!("../../migrations/postgres/0015_by_two.sql")),
    (
        16,
        "bulk_reviews",
        include_str!("../../migrations/sqlite/0016_bulk_reviews.sql"),
        include_str!("../../migrations/postgres/0016_bulk_reviews.sql"),
    ),
    (17, "checks", include_str!("../../migrations/sqlite/0017_checks.sql"), include_str!("../../migrations/postgres/0017_checks.sql")),
    (
        18,
        "message_filters",
        include_str!("../../migrations/sqlite/0018_message_filters.sql"),
        include_str!("../../migrations/postgres/0018_message_filters.sql"),
    ),
    (19, "notes", include_str!("../../migrations/sqlite/0019_notes.sql"), include_str!("../../migrations/postgres/0019_notes.sql")),
    (20, "fees", include_str!("../../migrations/sqlite/0020_fees.sql"), include_str!("../../migrations/postgres/0020_fees.sql")),
    (
        21,
        "retention",
        include_str!("../../migrations/sqlite/0021_retention.sql"),
        include_str!("../../migrations/postgres/0021_retention.sql"),
    ),
];

/// Any constant: whoever holds it migrates, the others wait and then find nothing left to do.
const ADVISORY_LOCK: &str = "select pg_advisory_xact_lock(7201458623)";

pub(super) async fn run(db: &Db) -> Result<()> {
    let mut tx = db.begin().await?;
    if db.engine() == Engine::Postgres {
        tx.execute(ADVISORY_LOCK).await?;
    }
    tx.execute("create table if not exists schema_versions (version bigint primary key, name text not null)").await?;
    let (done,): (i64,) =
        sqlx::query_as("select cast(coalesce(max(version), 0) as bigint) from schema_versions").fetch_one(&mut *tx).await?;
    for (version, name, sqlite, postgres) in MIGRATIONS.iter().filter(|m| m.0 > done) {
        let text = match db.engine() {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        };
        sqlx::raw_sql(*text).execute(&mut *tx).await?;
        sqlx::query("insert into schema_versions (version, name) values ($1, $2)").bind(*version).bind(*name).execute(&mut *tx).await?;
        tracing::info!(version, name, "schema migrated");
    }
    tx.commit().await?;
    Ok(())
}
