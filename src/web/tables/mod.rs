//! Tables for spreadsheets, written while they are sent: a hundred thousand rows cost no more memory than a batch.

pub mod csv;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use baokao_tables::xlsx;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};

use crate::error::{Error, Result};

/// Rows of a table, a batch at a time.
pub type Rows = Vec<Vec<String>>;

/// What the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, UTF-8.
    Csv,
    /// A workbook of Excel and WPS: every cell is text, so that no number loses digits.
    Xlsx,
}

impl Format {
    /// Reads the end of a file's name.
    pub fn parse(end: &str) -> Result<Self> {
        match end {
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Xlsx),
            _ => Err(Error::NotFound),
        }
    }

    fn end(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => xlsx::CONTENT_TYPE,
        }
    }
}

enum Writer {
    Csv,
    Xlsx(Box<xlsx::Book>),
}

impl Writer {
    /// Begins a table; with its first bytes.
    fn begin(format: Format, heads: Vec<String>) -> Result<(Self, Bytes)> {
        Ok(match format {
            Format::Csv => (Self::Csv, (csv::BOM.to_owned() + &csv::line(&heads)).into()),
            Format::Xlsx => {
                let mut book = xlsx::Book::new(heads)?;
                let first = book.take().into();
                (Self::Xlsx(Box::new(book)), first)
            }
        })
    }

    fn rows(&mut self, rows: &Rows) -> Result<Bytes> {
        match self {
            Self::Csv => Ok(rows.iter().map(|row| csv::line(row)).collect::<String>().into()),
            Self::Xlsx(book) => {
                for row in rows {
                    book.row(row)?;
                }
                Ok(book.take().into())
            }
        }
    }

    fn end(self) -> Result<Bytes> {
        match self {
            Self::Csv => Ok(Bytes::new()),
            Self::Xlsx(book) => Ok(book.finish()?.into()),
        }
    }
}

/// The answer: a file called `name` (ASCII, without its end) of these heads and rows.
pub fn answer(
    name: &str,
    format: Format,
    heads: Vec<String>,
    batches: impl Stream<Item = Result<Rows>> + Send + 'static,
) -> Result<Response> {
    let (writer, first) = Writer::begin(format, heads)?;
    // Fused: a layer that compresses asks once more after the end.
    let rest = stream::unfold((Box::pin(batches), Some(writer)), |(mut batches, writer)| async {
        let mut writer = writer?;
        match batches.next().await {
            None => Some((writer.end(), (batches, None))),
            Some(rows) => match rows.and_then(|rows| writer.rows(&rows)) {
                Ok(bytes) => Some((Ok(bytes), (batches, Some(writer)))),
                Err(error) => Some((Err(error), (batches, None))),
            },
        }
    })
    .fuse();
    Ok(file(name, format, Body::from_stream(stream::once(async { Ok(first) }).chain(rest))))
}

/// The answer: a whole file.
pub fn file(name: &str, format: Format, body: impl Into<Body>) -> Response {
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.end());
    ([(header::CONTENT_TYPE, format.content_type().to_owned()), (header::CONTENT_DISPOSITION, disposition)], body.into()).into_response()
}
