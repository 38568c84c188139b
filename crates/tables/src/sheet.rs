//! Reads the rows of a table that somebody uploads: a workbook (xlsx) or comma-separated values in UTF-8 or GBK.
//!
//! Invariant: whatever the bytes are, memory stays bounded: the parts of a workbook are measured before they are read.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, Xlsx};

/// Rows with people.
pub const MAX_ROWS: usize = 200_000;
/// Columns that are looked at.
pub const MAX_COLUMNS: usize = 60;
/// Characters of a cell that are kept.
const MAX_CELL_CHARS: usize = 200;
/// A workbook unpacked: ten times what 200,000 people need.
const MAX_UNPACKED: u64 = 1024 * 1024 * 1024;
/// Texts that a workbook keeps once for all cells.
const MAX_SHARED: usize = 2_000_000;
/// From here on a number of a spreadsheet has lost digits.
const EXACT_BELOW: f64 = 1e15;

/// For a file that is too large, packed or unpacked.
pub const TOO_LARGE: &str = "文件不能超过 32M。请删去不需要的列和工作表，或分成几个文件。";
const NOT_A_TABLE: &str = "这个文件不是可用的表格。请在 Excel 或 WPS 中另存为 .xlsx，或存为 CSV（逗号分隔）后再上传。";
const OLD_WORKBOOK: &str = "这是旧版的 .xls 文件。请在 Excel 或 WPS 中打开，另存为 .xlsx 后再上传。";
const LOCKED: &str = "这个文件设置了打开密码。请取消密码、另存后再上传。";
const DAMAGED: &str = "文件内容不完整，打不开。请在 Excel 或 WPS 中打开并重新保存后再上传。";
const EMPTY: &str = "表格里没有内容。第一行应是列名，从第二行起每行一个人。";
const TOO_MANY_ROWS: &str = "一个文件最多 200000 行，请分成几个文件。";

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Its text, trimmed.
    pub text: String,
    /// Whether the spreadsheet program took it for a number and dropped digits.
    pub lost_digits: bool,
}

impl Cell {
    fn text(text: &str) -> Self {
        let mut text = text.trim();
        // What keeps a spreadsheet program from taking a text for a number.
        if let Some(rest) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).or_else(|| text.strip_prefix('\'')) {
            text = rest.trim();
        }
        let lost_digits = text.contains("E+") && text.parse::<f64>().is_ok();
        let text = if text.len() <= MAX_CELL_CHARS { text.to_owned() } else { text.chars().take(MAX_CELL_CHARS).collect() };
        Self { text, lost_digits }
    }

    fn of(value: &DataRef<'_>) -> Self {
        match value {
            DataRef::String(text) => Self::text(text),
            DataRef::SharedString(text) => Self::text(text),
            DataRef::Int(number) => Self { text: number.to_string(), lost_digits: number.unsigned_abs() >= EXACT_BELOW as u64 },
            DataRef::Float(number) => Self { text: number.to_string(), lost_digits: number.abs() >= EXACT_BELOW },
            DataRef::DateTime(moment) => {
                let (year, month, day, ..) = moment.to_ymd_hms_milli();
                Self::text(&format!("{year}-{month:02}-{day:02}"))
            }
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Self::text(text),
            DataRef::Bool(value) => Self::text(if *value { "是" } else { "否" }),
            DataRef::Error(_) => Self::text("#错误"),
            DataRef::Empty => Self::default(),
        }
    }
}

/// A row that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Line of the file, from 1.
    pub line: i64,
    /// About how many lines the file has.
    pub of: i64,
    /// Its cells, at most [`MAX_COLUMNS`]; the empty ones at the end may be missing.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The text of a column, or "".
    pub fn text(&self, place: usize) -> &str {
        self.cells.get(place).map_or("", |cell| &cell.text)
    }
}

/// Gives every row that is not empty to `take`, the heads first, until it breaks. The error is a sentence in Chinese.
pub fn read(bytes: &[u8], take: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), &'static str> {
    let mut rows = 0;
    let mut count = |row: Row| {
        if row.cells.iter().all(|cell| cell.text.is_empty()) {
            return Ok(ControlFlow::Continue(()));
        }
        rows += 1;
        if rows > MAX_ROWS + 1 { Err(TOO_MANY_ROWS) } else { Ok(take(row)) }
    };
    if bytes.starts_with(b"PK\x03\x04") {
        // What a file claims makes the library panic where it counts with it (a dimension that ends before it begins).
        catch_unwind(AssertUnwindSafe(|| workbook(bytes, &mut count))).unwrap_or(Err(DAMAGED))?;
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        // The old format's container also holds workbooks with a password.
        let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|letter| [letter, 0]).collect();
        return Err(if bytes.windows(name.len()).any(|part| part == name) { LOCKED } else { OLD_WORKBOOK });
    } else {
        separated(bytes, &mut count)?;
    }
    if rows == 0 { Err(EMPTY) } else { Ok(()) }
}

type Taken = Result<ControlFlow<()>, &'static str>;

fn workbook(bytes: &[u8], take: &mut dyn FnMut(Row) -> Taken) -> Result<(), &'static str> {
    measure(bytes, MAX_UNPACKED)?;
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    let sheet = book.sheet_names().into_iter().next().ok_or(EMPTY)?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|_| DAMAGED)?;
    let of = i64::from(cells.dimensions().end.0) + 1;
    let mut row = Row { line: 0, of, cells: Vec::new() };
    while let Some(cell) = cells.next_cell().map_err(|_| DAMAGED)? {
        let (line, place) = cell.get_position();
        let line = i64::from(line) + 1;
        if line < row.line {
            return Err(DAMAGED);
        }
        if line > row.line {
            let before = std::mem::replace(&mut row, Row { line, of, cells: Vec::new() });
            if take(before)?.is_break() {
                return Ok(());
            }
        }
        let place = usize::try_from(place).unwrap_or(MAX_COLUMNS);
        if place < MAX_COLUMNS {
            if row.cells.len() <= place {
                row.cells.resize(place + 1, Cell::default());
            }
            row.cells[place] = Cell::of(cell.get_value());
        }
    }
    take(row).map(|_| ())
}

/// Unpacks every part without keeping it: a part may be a thousand times larger than it looks, and may claim any number of texts.
fn measure(bytes: &[u8], most: u64) -> Result<(), &'static str> {
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    let mut unpacked = 0;
    let mut buffer = vec![0; 64 * 1024];
    for at in 0..parts.len() {
        let mut part = parts.by_index(at).map_err(|_| DAMAGED)?;
        let is_shared = part.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"));
        let mut is_head = true;
        loop {
            let mut filled = 0;
            while filled < buffer.len() {
                match part.read(&mut buffer[filled..]).map_err(|_| DAMAGED)? {
                    0 => break,
                    read => filled += read,
                }
            }
            if is_shared && std::mem::take(&mut is_head) && claimed(&buffer[..filled]) > MAX_SHARED {
                return Err(TOO_LARGE);
            }
            unpacked += filled as u64;
            if unpacked > most {
                return Err(TOO_LARGE);
            }
            if filled < buffer.len() {
                break;
            }
        }
    }
    Ok(())
}

/// The largest number that the head of a list of texts claims to hold, anywhere in its first bytes: the reader makes room for so many at once.
fn claimed(head: &[u8]) -> usize {
    let text = String::from_utf8_lossy(head);
    let counts = text.split("uniqueCount").skip(1).map(|rest| {
        let digits = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().unwrap_or(usize::MAX)
    });
    counts.max().unwrap_or(0)
}

fn separated(bytes: &[u8], take: &mut dyn FnMut(Row) -> Taken) -> Result<(), &'static str> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(NOT_A_TABLE);
    }
    // GB 18030 holds GBK and GB 2312.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => {
            let (text, _, is_broken) = encoding_rs::GB18030.decode(bytes);
            if is_broken {
                return Err(NOT_A_TABLE);
            }
            text
        }
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // Of equals the last: a comma.
    let delimiter = [b';', b'\t', b','].into_iter().max_by_key(|one| first.bytes().filter(|byte| byte == one).count()).unwrap_or(b',');
    let mut lines = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let breaks = |text: &str| i64::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(i64::MAX);
    let of = breaks(&text);
    // Lines as a spreadsheet program counts them: a break within a cell begins none.
    let mut within = 0;
    while lines.read_record(&mut record).map_err(|_| DAMAGED)? {
        let line = record.position().map_or(1, |at| i64::try_from(at.line()).unwrap_or(i64::MAX)) - within;
        within += record.iter().map(breaks).sum::<i64>();
        let cells = record.iter().take(MAX_COLUMNS).map(Cell::text).collect();
        if take(Row { line, of, cells })?.is_break() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::xlsx::Book;

    fn rows(bytes: &[u8]) -> Result<Vec<(i64, Vec<String>)>, &'static str> {
        let mut rows = Vec::new();
        read(bytes, &mut |row| {
            rows.push((row.line, row.cells.into_iter().map(|cell| cell.text).collect()));
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    fn expected() -> Vec<(i64, Vec<String>)> {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        vec![(1, row(["姓名", "证件号码"])), (3, row(["张三", "430102199001010012"]))]
    }

    #[test]
    fn workbooks_and_values_in_both_encodings_are_the_same() {
        let mut book = Book::new(vec!["姓名".into(), "证件号码".into()]).expect("a book");
        book.row(&["", " "]).expect("a row");
        book.row(&["张三", " 430102199001010012 "]).expect("a row");
        assert_eq!(rows(&book.finish().expect("a book")), Ok(expected()));
        let text = "姓名,证件号码\r\n\"\n\",\r\n张三,\"=\"\"430102199001010012\"\"\"\r\n";
        assert_eq!(rows(text.as_bytes()), Ok(expected()));
        assert_eq!(rows(("\u{feff}".to_owned() + text).as_bytes()), Ok(expected()));
        assert_eq!(rows(text.replace("\r\n", "\r").as_bytes()), Ok(expected()));
        assert_eq!(rows(&encoding_rs::GBK.encode(&text.replace(',', "\t")).0), Ok(expected()));
    }

    #[test]
    fn what_is_no_table_gets_a_sentence() {
        assert_eq!(rows(b""), Err(EMPTY));
        assert_eq!(rows(b"\n\n,,\n"), Err(EMPTY));
        assert_eq!(rows(b"\x89PNG\r\n\x1a\n\0\0"), Err(NOT_A_TABLE));
        assert_eq!(rows(b"PK\x03\x04 and nothing"), Err(DAMAGED));
        assert_eq!(rows(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1]), Err(OLD_WORKBOOK));
        let many = "a,b\n".repeat(MAX_ROWS + 2);
        assert_eq!(rows(many.as_bytes()), Err(TOO_MANY_ROWS));
    }

    /// A small workbook, its parts changed.
    fn changed(change: impl Fn(&str, String) -> String) -> Vec<u8> {
        let mut book = Book::new(vec!["姓名".into()]).expect("a book");
        book.row(&["张三"]).expect("a row");
        let bytes = book.finish().expect("a book");
        let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
        let mut made = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for at in 0..parts.len() {
            let (mut part, mut text) = (parts.by_index(at).expect("a part"), String::new());
            part.read_to_string(&mut text).expect("text");
            let name = part.name().expect("a name").to_string();
            made.start_file(&name, zip::write::SimpleFileOptions::default()).expect("a part");
            std::io::Write::write_all(&mut made, change(&name, text).as_bytes()).expect("written");
        }
        made.finish().expect("a zip").into_inner()
    }

    #[test]
    fn a_workbook_that_lies_about_its_size_is_read_or_refused() {
        let lying = changed(|_, text| text.replace("<sheetViews>", "<dimension ref=\"C5:A1\"/><sheetViews>"));
        // Where overflows are not looked for, it is read.
        assert!(matches!(rows(&lying), Err(DAMAGED) | Ok(_)));
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_read() {
        let large = changed(|name, text| if name.ends_with("styles.xml") { " ".repeat(3_000_000) } else { text });
        assert!(large.len() < 10_000, "packed it is small: {}", large.len());
        assert_eq!(measure(&large, 3_100_000), Ok(()));
        assert_eq!(measure(&large, 2_900_000), Err(TOO_LARGE));
        // The reader would make room for as many texts as the file claims to hold, before it saw one.
        let mut claiming = zip::ZipWriter::new(Cursor::new(Vec::new()));
        claiming.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).expect("a part");
        std::io::Write::write_all(&mut claiming, b"<sst uniqueCount=\"99999999999\"><si/></sst>").expect("written");
        assert_eq!(rows(&claiming.finish().expect("a zip").into_inner()), Err(TOO_LARGE));
    }

    #[test]
    fn digits_that_a_spreadsheet_dropped_are_noticed() {
        assert!(Cell::of(&DataRef::Float(4.301_021_990_010_1e17)).lost_digits);
        assert!(Cell::text("4.30102E+17").lost_digits);
        assert_eq!(Cell::of(&DataRef::Float(20_260_001.0)), Cell { text: "20260001".into(), lost_digits: false });
        assert_eq!(Cell::text("'0012"), Cell { text: "0012".into(), lost_digits: false });
    }

    #[test]
    fn what_a_workbook_claims_is_not_believed() {
        assert_eq!(claimed(b"<sst count=\"3\" uniqueCount=\"99999999999999999999\">"), usize::MAX);
        assert_eq!(claimed(b"<sst uniqueCount='12'>"), 12);
        assert_eq!(claimed(b"<sst>"), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), is_zip in any::<bool>()) {
            let bytes = if is_zip { [b"PK\x03\x04".as_slice(), &bytes].concat() } else { bytes };
            let _ = rows(&bytes);
        }
    }
}
