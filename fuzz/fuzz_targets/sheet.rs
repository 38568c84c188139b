//! Any bytes as a table that somebody uploads. After a `z` they are the parts of a workbook, put between a line of zeros: fuzzed bytes alone would never carry the right sums.
#![no_main]

use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;
use std::sync::Once;

use baokao_tables::sheet::{self, MAX_COLUMNS};
use libfuzzer_sys::fuzz_target;
use zip::write::{SimpleFileOptions, ZipWriter};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// The reader takes panics of its library for a damaged file; the fuzzer's hook would end the process before that. A panic that gets out of the reader ends it still.
static NO_HOOK: Once = Once::new();

fuzz_target!(|data: &[u8]| {
    NO_HOOK.call_once(|| drop(std::panic::take_hook()));
    match data.split_first() {
        Some((b'z', parts)) => read(&workbook(parts)),
        _ => read(data),
    }
});

fn read(bytes: &[u8]) {
    let mut last = 0;
    let _ = sheet::read(bytes, &mut |row| {
        assert!(row.line > last && row.cells.len() <= MAX_COLUMNS);
        last = row.line;
        ControlFlow::Continue(())
    });
}

/// Sheet, shared texts and styles as they are given, in a workbook that names them.
fn workbook(parts: &[u8]) -> Vec<u8> {
    let mut parts = parts.split(|byte| *byte == 0).map(<[u8]>::to_vec);
    let mut next = || parts.next().unwrap_or_default();
    let relations = |list: &[(&str, &str)]| {
        let one = |(n, (kind, target)): (usize, &(&str, &str))| format!("<Relationship Id=\"r{n}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>");
        format!("<Relationships xmlns=\"{PACKAGE}\">{}</Relationships>", list.iter().enumerate().map(one).collect::<String>()).into_bytes()
    };
    let book = format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r0\"/></sheets></workbook>");
    let files = [
        ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", book.into_bytes()),
        ("xl/_rels/workbook.xml.rels", relations(&[("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")])),
        ("xl/worksheets/sheet1.xml", next()),
        ("xl/sharedStrings.xml", next()),
        ("xl/styles.xml", next()),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).expect("a part");
        zip.write_all(&content).expect("written");
    }
    zip.finish().expect("a workbook").into_inner()
}
