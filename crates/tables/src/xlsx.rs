//! A workbook (ECMA-376, SpreadsheetML) written forward only: sheets first, what names them last.
//!
//! Invariant: every cell is text in a format of text, so that it is neither computed nor shortened, not even when somebody types in it.

use std::io::{Error, Result, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Its media type.
pub const CONTENT_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Rows of one sheet; more begin another.
const MAX_ROWS: usize = 1_048_576;
/// A cell of Excel holds so many.
const MAX_CELL_CHARS: usize = 32_767;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Formats of cells: places in `cellXfs` of [`Book::styles`]. 49 is the format "text".
const PLAIN: usize = 1;
const BOLD: usize = 2;
const MARKED: usize = 3;

/// What was written and not taken yet.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// A workbook under way.
#[allow(missing_debug_implementations, reason = "nothing of it says anything")]
pub struct Book {
    sink: Sink,
    zip: ZipWriter<StreamWriter<Sink>>,
    heads: Vec<String>,
    sheets: usize,
    /// In the sheet that is open.
    rows: usize,
    line: String,
}

impl Book {
    /// Begins one whose sheets have these heads.
    pub fn new(heads: Vec<String>) -> Result<Self> {
        let sink = Sink::default();
        let zip = ZipWriter::new_stream(sink.clone());
        let mut book = Self { sink, zip, heads, sheets: 0, rows: 0, line: String::new() };
        book.begin_sheet()?;
        Ok(book)
    }

    /// Writes a row.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<()> {
        self.marked_row(cells, |_| false)
    }

    /// Writes a row in which some cells, by their places, stand out.
    pub fn marked_row<T: AsRef<str>>(&mut self, cells: &[T], is_marked: impl Fn(usize) -> bool) -> Result<()> {
        if self.rows == MAX_ROWS {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        self.cells(cells, |place| if is_marked(place) { MARKED } else { PLAIN })
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        mem::take(&mut *self.sink.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends the workbook; the rest of its bytes.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        self.end_sheet()?;
        let each = |part: &dyn Fn(usize) -> String| (1..=self.sheets).map(part).collect::<String>();
        let types = each(&|n| {
            format!(
                "<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            )
        });
        let names = each(&|n| format!("<sheet name=\"Sheet{n}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>"));
        let relations = each(&|n| format!("<Relationship Id=\"rId{n}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"));
        let styles = self.sheets + 1;
        let parts = [
            ("xl/styles.xml", Self::styles()),
            ("xl/workbook.xml", format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{names}</sheets></workbook>")),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{RELATIONS}\">{relations}<Relationship Id=\"rId{styles}\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"
                ),
            ),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "[Content_Types].xml",
                format!(
                    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
                     <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                     <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
                     <Override PartName=\"/xl/workbook.xml\" ContentType=\"{CONTENT_TYPE}.main+xml\"/>\
                     <Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>{types}</Types>"
                ),
            ),
        ];
        for (name, xml) in parts {
            self.begin_part(name)?;
            self.write(&xml)?;
        }
        let sink = self.sink;
        self.zip.finish().map_err(broken)?;
        Ok(mem::take(&mut *sink.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// [`PLAIN`], [`BOLD`] and [`MARKED`], all of them text.
    fn styles() -> String {
        let format = |font: u8, fill: u8| {
            format!(
                "<xf numFmtId=\"49\" fontId=\"{font}\" fillId=\"{fill}\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\"/>"
            )
        };
        format!(
            "<styleSheet xmlns=\"{MAIN}\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"等线\"/></font><font><b/><sz val=\"11\"/><name val=\"等线\"/></font></fonts>\
             <fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>\
             <fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFFFC7CE\"/></patternFill></fill></fills>\
             <borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs>\
             <cellXfs count=\"4\"><xf xfId=\"0\"/>{}{}{}</cellXfs></styleSheet>",
            format(0, 0),
            format(1, 0),
            format(0, 2)
        )
    }

    fn begin_sheet(&mut self) -> Result<()> {
        self.sheets += 1;
        self.rows = 0;
        self.begin_part(&format!("xl/worksheets/sheet{}.xml", self.sheets))?;
        let columns: String = (1..=self.heads.len())
            .zip(&self.heads)
            // A number of 18 digits must be seen whole; columns that people type into are text as far down as they go.
            .map(|(n, head)| {
                let width = if head.contains("号码") { 24 } else { 16 };
                format!("<col min=\"{n}\" max=\"{n}\" width=\"{width}\" style=\"{PLAIN}\" customWidth=\"1\"/>")
            })
            .collect();
        self.write(&format!(
            "<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
             <cols>{columns}</cols><sheetData>"
        ))?;
        let heads = mem::take(&mut self.heads);
        self.cells(&heads, |_| BOLD)?;
        self.heads = heads;
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<()> {
        self.zip.write_all(b"</sheetData></worksheet>")?;
        Ok(())
    }

    fn cells<T: AsRef<str>>(&mut self, cells: &[T], format: impl Fn(usize) -> usize) -> Result<()> {
        self.rows += 1;
        self.line.clear();
        self.line.push_str("<row>");
        for (place, cell) in cells.iter().enumerate() {
            // A cell without a place of its own follows the one before.
            self.line.push_str(&format!("<c s=\"{}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", format(place)));
            push_text(&mut self.line, cell.as_ref());
            self.line.push_str("</t></is></c>");
        }
        self.line.push_str("</row>");
        self.zip.write_all(self.line.as_bytes())?;
        Ok(())
    }

    fn begin_part(&mut self, name: &str) -> Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.zip.start_file(name, options).map_err(broken)?;
        self.zip.write_all(HEAD.as_bytes())?;
        Ok(())
    }

    fn write(&mut self, xml: &str) -> Result<()> {
        self.zip.write_all(xml.as_bytes())?;
        Ok(())
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn broken(error: zip::result::ZipError) -> Error {
    Error::other(error)
}

/// Text as XML 1.0 lets it stand; what that cannot hold is left out. `_x0041_` would be read as the character of that number.
fn push_text(line: &mut String, text: &str) {
    for (at, c) in text.char_indices().take(MAX_CELL_CHARS) {
        match c {
            '&' => line.push_str("&amp;"),
            '<' => line.push_str("&lt;"),
            '>' => line.push_str("&gt;"),
            '_' if text[at..].starts_with("_x") => line.push_str("_x005F_"),
            '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'.. => line.push(c),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use calamine::{Reader as _, Xlsx};

    use super::*;

    fn read(bytes: Vec<u8>) -> Vec<Vec<String>> {
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).expect("a workbook");
        let sheet = book.worksheet_range_at(0).expect("a sheet").expect("its cells");
        sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    }

    #[test]
    fn what_was_written_is_read() {
        let row = ["张\"三\" <&>", "430102199001010012", "=1+1", "_x0041_ a\u{0}\u{8}b", "𫍯", " 前后 "].map(str::to_owned);
        let mut book = Book::new((1..=6).map(|n| format!("列{n}")).collect()).expect("a book");
        let mut bytes = book.take();
        book.row(&row).expect("written");
        book.marked_row(&row, |place| place == 1).expect("written");
        bytes.extend(book.finish().expect("ended"));
        let rows = read(bytes);
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0][5], "列6");
        assert_eq!(rows[1], ["张\"三\" <&>", "430102199001010012", "=1+1", "_x0041_ ab", "𫍯", " 前后 "]);
        assert_eq!(rows[1], rows[2]);
    }
}
