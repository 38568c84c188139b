//! Workbooks that the program writes, read as a school's spreadsheet program would.

use std::io::Cursor;

use calamine::{Reader as _, Xlsx};

use super::Page;

/// The rows of the first sheet of an answer, the heads too.
pub(crate) fn workbook(page: &Page) -> Vec<Vec<String>> {
    assert!(page.header("content-type").ends_with("spreadsheetml.sheet"), "{} is no workbook", page.request);
    assert_eq!(page.header("content-encoding"), "", "a workbook is compressed already");
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(page.bytes.clone())).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a sheet").expect("its cells");
    sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}
