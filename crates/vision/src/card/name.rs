//! The name on a card whose place is known: one line of it or two, each read closely, and again where it is not clear.

use super::front;
use super::laid::{Laid, NAME_GAP, OFF, Rows, lines_of};
use super::layout::NAME;
use super::sheet::{Strip, on_card, samples};
use crate::ocr::{Close, LINE_HEIGHT, Reader, read_closely};

/// The middle of a name's row.
const NAME_ROW: f32 = 80.0;
/// Height of a name's strip on one line and on two.
const NAME_HEIGHTS: (f32, f32) = (50.0, 36.0);
/// A character of a name is clear from this sureness on; below it the name is read again, so much higher and wider.
const CLEAR: f32 = 0.97;
const NAME_AGAIN: (f32, f32) = (1.14, 1.14);
/// How far from its middle the print of a character reaches, as a share of the strip's height.
const REACH: f32 = 0.53;
/// Columns of print, in samples, that no character was read for: the recogniser does not know what stands there.
const UNREAD: usize = 5;
/// Sureness of what cannot be right as it was read.
const UNSURE: f32 = 0.3;

/// The name as it was read closely.
#[derive(Debug, Clone, Default)]
pub(super) struct Name {
    pub(super) characters: Vec<Close>,
    pub(super) strips: Vec<Strip>,
}

impl Laid<'_> {
    /// Reads the name: one line, or two where it is long.
    pub(super) fn name(&self, reader: Reader, places: &Rows) -> Result<Name, String> {
        let field = places.field(self.field((NAME.0, 44.0, NAME.2, 116.0)));
        let print = self.sheet.print(field);
        let Some((from, to)) = print.columns(samples(NAME_GAP)) else { return Ok(Name::default()) };
        let right = (on_card(field.0, to as f32) + 8.0).min(field.2);
        let rows = print.rows(from, to);
        let mut strips = Vec::new();
        match two_lines(&rows) {
            Some((first, second)) => {
                for middle in [first, second] {
                    let y = on_card(field.1, middle);
                    strips.push(Strip { left: field.0, right, middle: (y, y), height: NAME_HEIGHTS.1 });
                }
            }
            None => {
                let expected = places.at(NAME_ROW);
                let seen = print.middle(from, to).map_or(expected, |middle| on_card(field.1, middle));
                let y = seen.clamp(expected - OFF, expected + OFF);
                strips.push(Strip { left: field.0, right, middle: (y, y), height: NAME_HEIGHTS.0 });
            }
        }
        let mut characters = Vec::new();
        for strip in &strips {
            characters.extend(self.name_line(reader, strip)?);
        }
        Ok(Name { characters, strips })
    }

    /// Reads a line of a name: again, cut otherwise, where a character is not clear; and looks whether print is left over that no character
    /// was read for, as where the recogniser does not know the character at all. What is not clear in this way is not sure.
    fn name_line(&self, reader: Reader, strip: &Strip) -> Result<Vec<Close>, String> {
        let read = |strip: &Strip, stretch: f32| -> Result<Vec<Close>, String> {
            let read = read_closely(reader.recogniser, reader.alphabet, &self.sheet.cut(strip, LINE_HEIGHT, stretch))?;
            Ok(read.into_iter().filter_map(|close| Some(Close { glyph: front::name_glyph(&close.glyph)?, ..close })).collect())
        };
        let mut characters = read(strip, 1.0)?;
        if characters.iter().any(|close| close.glyph.sure < CLEAR) {
            let (height, stretch) = NAME_AGAIN;
            confirm(&mut characters, &read(&Strip { height: strip.height * height, ..*strip }, stretch)?);
        }
        let (middle, half) = (f32::midpoint(strip.middle.0, strip.middle.1), strip.height / 2.0);
        let print = self.sheet.print((strip.left, middle - half, strip.right, middle + half));
        let centres: Vec<f32> = characters.iter().map(|close| close.glyph.at * print.width as f32).collect();
        let reach = REACH * strip.height / on_card(0.0, 1.0);
        if print.unread(&centres, reach) >= UNREAD {
            characters.iter_mut().for_each(|close| close.glyph.sure = close.glyph.sure.min(UNSURE));
        }
        Ok(characters)
    }
}

/// A name read twice: what was read the same is as sure as the surer reading, the rest is not sure.
fn confirm(first: &mut [Close], again: &[Close]) {
    let is_as_long = first.len() == again.len();
    for (at, close) in first.iter_mut().enumerate() {
        match again.get(at).filter(|other| is_as_long && other.glyph.character == close.glyph.character) {
            Some(other) => close.glyph.sure = close.glyph.sure.max(other.glyph.sure),
            None => close.glyph.sure = close.glyph.sure.min(UNSURE),
        }
    }
}

/// The middles of two lines of print above each other, in samples; `None` where there is one.
fn two_lines(rows: &[usize]) -> Option<(f32, f32)> {
    match lines_of(rows, 1)[..] {
        [(a, b), (c, d)] if b - a >= 8 && d - c >= 8 && d - a >= 24 => Some(((a + b) as f32 / 2.0, (c + d) as f32 / 2.0)),
        _ => None,
    }
}
