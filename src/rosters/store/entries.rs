//! SQL on `roster_entries` and `roster_problems`.

use std::collections::BTreeSet;

use sqlx::Arguments as _;
use sqlx::any::AnyArguments;

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

/// Rows that one statement writes: a round trip to the database costs more than a row.
const TOGETHER: usize = 20;

/// Writes entries; the lines of those that were written. The others' numbers stand in the import already.
pub async fn insert(tx: &mut Tx, import: i64, rows: &[Sealed]) -> Result<BTreeSet<i64>> {
    let mut written = BTreeSet::new();
    for together in rows.chunks(TOGETHER) {
        if together.len() < TOGETHER {
            for row in together {
                written.extend(insert_one(tx, import, row).await?);
            }
            continue;
        }
        let mut values = AnyArguments::default();
        values.add(import).map_err(Error::Internal)?;
        for row in together {
            add(&mut values, row)?;
        }
        let lines: Vec<(i64,)> = sqlx::query_as_with(
            sql!(
                "insert into roster_entries (import, line, document_kind, document_hash, document_enc, name, student_no, candidate_type, major)
             values
             ($1, $2, $3, $4, $5, $6, $7, $8, $9), ($1, $10, $11, $12, $13, $14, $15, $16, $17),
             ($1, $18, $19, $20, $21, $22, $23, $24, $25), ($1, $26, $27, $28, $29, $30, $31, $32, $33),
             ($1, $34, $35, $36, $37, $38, $39, $40, $41), ($1, $42, $43, $44, $45, $46, $47, $48, $49),
             ($1, $50, $51, $52, $53, $54, $55, $56, $57), ($1, $58, $59, $60, $61, $62, $63, $64, $65),
             ($1, $66, $67, $68, $69, $70, $71, $72, $73), ($1, $74, $75, $76, $77, $78, $79, $80, $81),
             ($1, $82, $83, $84, $85, $86, $87, $88, $89), ($1, $90, $91, $92, $93, $94, $95, $96, $97),
             ($1, $98, $99, $100, $101, $102, $103, $104, $105), ($1, $106, $107, $108, $109, $110, $111, $112, $113),
             ($1, $114, $115, $116, $117, $118, $119, $120, $121), ($1, $122, $123, $124, $125, $126, $127, $128, $129),
             ($1, $130, $131, $132, $133, $134, $135, $136, $137), ($1, $138, $139, $140, $141, $142, $143, $144, $145),
             ($1, $146, $147, $148, $149, $150, $151, $152, $153), ($1, $154, $155, $156, $157, $158, $159, $160, $161)
             on conflict (import, document_hash) do nothing returning line"
            ),
            values,
        )
        .fetch_all(&mut **tx)
        .await?;
        written.extend(lines.into_iter().map(|(line,)| line));
    }
    Ok(written)
}

async fn insert_one(tx: &mut Tx, import: i64, row: &Sealed) -> Result<Option<i64>> {
    let mut values = AnyArguments::default();
    values.add(import).map_err(Error::Internal)?;
    add(&mut values, row)?;
    let line: Option<(i64,)> = sqlx::query_as_with(
        sql!(
            "insert into roster_entries (import, line, document_kind, document_hash, document_enc, name, student_no, candidate_type, major)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (import, document_hash) do nothing returning line"
        ),
        values,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(line.map(|(line,)| line))
}

/// What of a row is written, in the order of the columns.
fn add(values: &mut AnyArguments, row: &Sealed) -> Result<()> {
    let Sealed { person, hash, number } = row;
    values
        .add(person.line)
        .and_then(|()| values.add(person.number.kind().code().to_owned()))
        .and_then(|()| values.add(hash.clone()))
        .and_then(|()| values.add(number.clone()))
        .and_then(|()| values.add(person.name.as_str().to_owned()))
        .and_then(|()| values.add(person.student_no.clone()))
        .and_then(|()| values.add(person.candidate_type.clone()))
        .and_then(|()| values.add(person.major.clone()))
        .map_err(Error::Internal)
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
