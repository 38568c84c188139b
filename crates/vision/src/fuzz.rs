//! The parsers behind the models, for `fuzz/`: lines of text in, readings out. Only there under `--cfg fuzzing`.

use jiff::civil::Date;

use crate::geometry::{Point, Slanted};
use crate::ocr::{Area, Glyph, Line};
use crate::receipt::TextLine;
use crate::{BackReading, DocumentReading, DocumentType, FrontReading, card, document};

fn line(given: &TextLine) -> Line {
    let count = given.text.chars().count().max(1) as f32;
    // Sureness that differs from glyph to glyph and can be told from the text alone.
    let sure = |character: char| 1.0 - (u32::from(character) % 8) as f32 / 10.0;
    let glyph = |(i, character): (usize, char)| Glyph { character, sure: sure(character), at: (i as f32 + 0.5) / count };
    let (width, height) = (given.right - given.left, given.bottom - given.top);
    let centre = Point::new(given.left + width / 2.0, given.top + height / 2.0);
    Line {
        place: Slanted { centre, width, height, angle: 0.0 },
        area: Area { left: given.left, top: given.top, right: given.right, bottom: given.bottom },
        slope: 0.0,
        glyphs: given.text.chars().enumerate().map(glyph).collect(),
    }
}

/// The front of an identity card.
pub fn card_front(lines: &[TextLine]) -> FrontReading {
    card::front_of(&lines.iter().map(line).collect::<Vec<_>>())
}

/// The back of an identity card.
pub fn card_back(lines: &[TextLine]) -> BackReading {
    card::back_of(&lines.iter().map(line).collect::<Vec<_>>())
}

/// The same lines as both sides of another document.
pub fn document(kind: DocumentType, lines: &[TextLine], today: Date) -> DocumentReading {
    document::of_lines(kind, lines.iter().map(line).collect(), today)
}
