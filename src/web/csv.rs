//! Tables for spreadsheets, written while they are sent.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::Stream;

use crate::error::Result;

/// What tells a spreadsheet that the text is UTF-8.
pub const BOM: &str = "\u{feff}";

/// A line: each cell quoted, and never the beginning of a formula.
pub fn line<T: AsRef<str>>(cells: &[T]) -> String {
    format!("{}\r\n", cells.iter().map(|text| cell(text.as_ref())).collect::<Vec<_>>().join(","))
}

fn cell(text: &str) -> String {
    let harmless = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{harmless}{}\"", text.replace('"', "\"\""))
}

/// The answer: a file of this (ASCII) name whose text comes piece by piece.
pub fn answer(name: &str, text: impl Stream<Item = Result<Bytes>> + Send + 'static) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, Body::from_stream(text)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for start in ["=1+1", "+1", "-1", "@A1", "\t=1"] {
            assert!(cell(start).starts_with("\"'"), "{start}");
        }
        assert_eq!(line(&["张\"三\"", "1"]), "\"张\"\"三\"\"\",\"1\"\r\n");
    }
}
