//! What the targets share: how bytes become lines of text on a page, and the program's own types without the program around them.

use baokao_vision::receipt::TextLine;

pub mod exif;

/// The types that candidates' input is parsed into. They need nothing of the program but this one name, so that a target does not have to build
/// the database and the web.
#[path = "../../src/types/mod.rs"]
pub mod types;

/// See [`types`].
pub mod error {
    /// As in the program.
    pub type Result<T, E> = std::result::Result<T, E>;
}

/// More lines than any page has.
const MAX_LINES: usize = 80;
/// Pixels for one step of a place.
const STEP: f32 = 8.0;

/// Lines of text with their places: each line of `data` is four bytes (left, top, width and height, from the space upwards, in steps of eight pixels) and what it says.
pub fn lines(data: &[u8]) -> Vec<TextLine> {
    let at = |line: &[u8], index: usize| f32::from(line.get(index).copied().unwrap_or(b'(').saturating_sub(b' ')) * STEP;
    let line = |line: &[u8]| {
        let (left, top) = (at(line, 0), at(line, 1));
        let text = String::from_utf8_lossy(line.get(4..).unwrap_or_default()).into_owned();
        TextLine { text, left, top, right: left + at(line, 2), bottom: top + at(line, 3) }
    };
    data.split(|byte| *byte == b'\n').take(MAX_LINES).map(line).collect()
}

/// The day on which everything is read.
pub fn today() -> jiff::civil::Date {
    jiff::civil::date(2026, 6, 20)
}
