//! SQL on `roster_entries` and `roster_problems`.

use crate::app::App;
use crate::db::{Conn, Tx};
use crate::error::{Error, Result};
use crate::rosters::check::Person;
use crate::rosters::{Entry, Problem};
use crate::sql;
use crate::types::{DocumentKind, DocumentNumber};

/// The context that numbers are sealed with.
const DOCUMENT: &str = "roster_entries.document";

impl Entry {
    /// The number in full.
    pub fn document(&self, app: &App) -> Result<DocumentNumber> {
        let kind = DocumentKind::parse(&self.document_kind).map_err(Error::internal)?;
        Ok(DocumentNumber::stored(kind, app.keys.open_text(DOCUMENT, &self.document_enc)?))
    }
}

/// What finds an entry by its number; a renewed permit finds the one of before.
fn hash(app: &App, number: &DocumentNumber) -> Vec<u8> {
    app.keys.lookup(DOCUMENT, &number.account_key())
}

/// A row as it is kept.
#[derive(Debug)]
pub struct Sealed {
    person: Person,
    hash: Vec<u8>,
    number: Vec<u8>,
}

impl Sealed {
    /// Line of the file.
    pub fn line(&self) -> i64 {
        self.person.line
    }

    /// Seals the number.
    pub fn new(app: &App, person: Person) -> Result<Self> {
        let number = app.keys.seal_text(DOCUMENT, person.number.text())?;
        Ok(Self { hash: hash(app, &person.number), number, person })
    }
}

/// Writes an entry; `false` where the number stands in the import already.
pub async fn insert(tx: &mut Tx, import: i64, row: &Sealed) -> Result<bool> {
    let done = sqlx::query(sql!(
        "insert into roster_entries (import, line, document_kind, document_hash, document_enc, name, student_no, candidate_type, major)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (import, document_hash) do nothing"
    ))
    .bind(import)
    .bind(row.person.line)
    .bind(row.person.number.kind().code())
    .bind(&row.hash)
    .bind(&row.number)
    .bind(row.person.name.as_str())
    .bind(&row.person.student_no)
    .bind(&row.person.candidate_type)
    .bind(&row.person.major)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The line of an import where a number stands.
pub async fn line_of(conn: &mut Conn, import: i64, row: &Sealed) -> Result<i64> {
    let (line,): (i64,) = sqlx::query_as(sql!("select line from roster_entries where import = $1 and document_hash = $2"))
        .bind(import)
        .bind(&row.hash)
        .fetch_one(conn)
        .await?;
    Ok(line)
}

/// Writes a problem.
pub async fn insert_problem(tx: &mut Tx, import: i64, problem: &Problem) -> Result<()> {
    sqlx::query(sql!("insert into roster_problems (import, line, place, why) values ($1, $2, $3, $4) on conflict do nothing"))
        .bind(import)
        .bind(problem.line)
        .bind(problem.place)
        .bind(&problem.why)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The problems of an import, by their places.
pub async fn problems(conn: &mut Conn, import: i64, limit: i64) -> Result<Vec<Problem>> {
    Ok(sqlx::query_as(sql!("select line, place, why from roster_problems where import = $1 order by line, place limit $2"))
        .bind(import)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// Entries of an import after a line.
pub async fn page(conn: &mut Conn, import: i64, after: i64, limit: i64) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as(sql!(
        "select line, document_kind, document_enc, name, student_no, candidate_type, major from roster_entries
         where import = $1 and line > $2 order by line limit $3"
    ))
    .bind(import)
    .bind(after)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Entries of this very name or student number.
pub async fn called(conn: &mut Conn, import: i64, text: &str, limit: i64) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as(sql!(
        "select line, document_kind, document_enc, name, student_no, candidate_type, major from roster_entries
         where import = $1 and name = $2
         union select line, document_kind, document_enc, name, student_no, candidate_type, major from roster_entries
         where import = $1 and student_no = $2 order by line limit $3"
    ))
    .bind(import)
    .bind(text)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// The entry of a number.
pub async fn of_number(app: &App, conn: &mut Conn, import: i64, number: &DocumentNumber) -> Result<Option<Entry>> {
    Ok(sqlx::query_as(sql!(
        "select line, document_kind, document_enc, name, student_no, candidate_type, major from roster_entries where import = $1 and document_hash = $2"
    ))
    .bind(import)
    .bind(hash(app, number))
    .fetch_optional(conn)
    .await?)
}

/// How many entries of `import` are not in `base`, and how many say something else there.
pub async fn compare(conn: &mut Conn, import: i64, base: i64) -> Result<(i64, i64)> {
    Ok(sqlx::query_as(sql!(
        "select cast(coalesce(sum(case when b.import is null then 1 else 0 end), 0) as bigint),
                cast(coalesce(sum(case when b.name <> a.name or b.student_no <> a.student_no or b.candidate_type <> a.candidate_type
                                         or b.major <> a.major or b.document_kind <> a.document_kind then 1 else 0 end), 0) as bigint)
         from roster_entries a left join roster_entries b on b.import = $2 and b.document_hash = a.document_hash where a.import = $1"
    ))
    .bind(import)
    .bind(base)
    .fetch_one(conn)
    .await?)
}

/// Entries of `import` of whom `base` knows nothing, by line: who comes anew, or, the other way round, who goes.
pub async fn missing_from(conn: &mut Conn, import: i64, base: i64, limit: i64) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as(sql!(
        "select a.line, a.document_kind, a.document_enc, a.name, a.student_no, a.candidate_type, a.major from roster_entries a
         where a.import = $1 and not exists (select 1 from roster_entries b where b.import = $2 and b.document_hash = a.document_hash)
         order by a.line limit $3"
    ))
    .bind(import)
    .bind(base)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Removes entries up to a line of the import, in passes, so that nobody waits for long; whether there are more.
pub async fn remove_some(tx: &mut Tx, import: i64, limit: i64) -> Result<bool> {
    let done = sqlx::query(sql!(
        "delete from roster_entries where import = $1 and line in (select line from roster_entries where import = $1 order by line limit $2)"
    ))
    .bind(import)
    .bind(limit)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() > 0 {
        return Ok(true);
    }
    sqlx::query(sql!("delete from roster_problems where import = $1")).bind(import).execute(&mut **tx).await?;
    Ok(false)
}
