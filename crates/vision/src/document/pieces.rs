//! Pieces of text on a page, and the value that belongs to a label: the rest of the label's own piece, what stands to its right, or
//! what stands below it. Pure.

use crate::ocr::{Area, Glyph, Line};

/// A box of text as it was read.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) area: Area,
}

impl Piece {
    pub(super) fn of(line: &Line) -> Self {
        Self { glyphs: line.glyphs.clone(), area: line.area }
    }
}

pub(super) fn text(glyphs: &[Glyph]) -> String {
    glyphs.iter().map(|glyph| glyph.character).collect()
}

/// The lowest sureness of glyphs.
pub(super) fn lowest(glyphs: &[Glyph]) -> Option<f32> {
    glyphs.iter().map(|glyph| glyph.sure).reduce(f32::min)
}

/// A label in Chinese, and in English where cards have both.
pub(super) type Label = (&'static str, &'static str);

/// Glyphs without blanks.
pub(super) fn solid(glyphs: &[Glyph]) -> Vec<Glyph> {
    glyphs.iter().copied().filter(|glyph| !glyph.character.is_whitespace()).collect()
}

/// What follows the label that glyphs begin with: at most one character of the Chinese one misread, where it has three or more.
fn after_label(all: &[Glyph], label: Label) -> Option<&[Glyph]> {
    let at: Vec<usize> = (0..all.len()).filter(|at| !all[*at].character.is_whitespace()).collect();
    let length = label_length(&solid(all), label)?;
    Some(at.get(length).map_or(&[], |from| &all[*from..]))
}

/// How many of the glyphs are the label.
fn label_length(glyphs: &[Glyph], label: Label) -> Option<usize> {
    let wanted: Vec<char> = label.0.chars().collect();
    let hits = glyphs.iter().zip(&wanted).filter(|(glyph, character)| glyph.character == **character).count();
    let enough = if wanted.len() >= 3 { wanted.len() - 1 } else { wanted.len() };
    if glyphs.len() < wanted.len() || hits < enough {
        return None;
    }
    let mut length = wanted.len();
    let separators =
        |at: usize| glyphs[at..].iter().take_while(|glyph| matches!(glyph.character, '/' | ':' | '：' | '|' | '.' | '／')).count();
    length += separators(length);
    let english: Vec<char> = label.1.chars().filter(|c| !c.is_whitespace()).collect();
    let follows = |(glyph, character): (&Glyph, &char)| glyph.character.eq_ignore_ascii_case(character);
    let same = glyphs[length..].iter().zip(&english).take_while(|pair| follows(*pair)).count();
    if !english.is_empty() && same * 2 > english.len() {
        length += same;
        length += separators(length);
    }
    Some(length)
}

/// Whether a piece is nothing but a label, or begins with one.
pub(super) fn is_labelled(piece: &Piece, labels: &[Label]) -> bool {
    labels.iter().any(|label| after_label(&piece.glyphs, *label).is_some())
}

/// What may be the value of a label, likeliest first. `labels` are all that the page may have: none of them is a value.
pub(super) fn values(pieces: &[Piece], label: Label, labels: &[Label]) -> Vec<Vec<Glyph>> {
    let mut out = Vec::new();
    for own in pieces {
        let Some(rest) = after_label(&own.glyphs, label) else { continue };
        if !rest.is_empty() {
            out.push(rest.to_vec());
            continue;
        }
        let others = || pieces.iter().filter(|piece| !std::ptr::eq(*piece, own) && !is_labelled(piece, labels));
        let height = |piece: &Piece| own.area.height().max(piece.area.height());
        let beside = others().filter(|piece| {
            (piece.area.middle() - own.area.middle()).abs() < 0.5 * height(piece)
                && piece.area.left > own.area.right - 0.5 * own.area.height()
        });
        let below = others().filter(|piece| {
            let step = piece.area.middle() - own.area.middle();
            let overlaps = piece.area.left < own.area.right && piece.area.right > own.area.left;
            step > 0.4 * height(piece) && step < 2.2 * height(piece) && overlaps
        });
        let right = beside.min_by(|a, b| a.area.left.total_cmp(&b.area.left));
        let down = below.min_by(|a, b| a.area.top.total_cmp(&b.area.top));
        out.extend([right, down].into_iter().flatten().map(|piece| piece.glyphs.clone()));
    }
    out
}

/// The first value of a label that can be read as what it has to be.
pub(super) fn find<T>(pieces: &[Piece], label: Label, labels: &[Label], parse: impl Fn(&[Glyph]) -> Option<T>) -> Option<T> {
    values(pieces, label, labels).iter().find_map(|value| parse(value))
}

#[cfg(test)]
pub(super) fn piece(written: &str, left: f32, top: f32, width: f32, height: f32) -> Piece {
    let count = written.chars().count().max(1) as f32;
    let glyphs = written.chars().enumerate().map(|(i, character)| Glyph { character, sure: 0.99, at: (i as f32 + 0.5) / count });
    Piece { glyphs: glyphs.collect(), area: Area { left, top, right: left + width, bottom: top + height } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEX: Label = ("性别", "Sex");
    const BIRTH: Label = ("出生日期", "Date of birth");
    const ALL: [Label; 2] = [SEX, BIRTH];

    fn read(pieces: &[Piece], label: Label) -> Vec<String> {
        values(pieces, label, &ALL).iter().map(|glyphs| text(glyphs)).collect()
    }

    #[test]
    fn a_value_stands_in_the_piece_beside_it_or_below_it() {
        assert_eq!(read(&[piece("性别/Sex 女/F", 0.0, 0.0, 200.0, 40.0)], SEX), ["女/F"]);
        assert_eq!(read(&[piece("性别", 0.0, 0.0, 80.0, 40.0), piece("女", 120.0, 2.0, 40.0, 40.0)], SEX), ["女"]);
        let above = [
            piece("出生日期", 0.0, 0.0, 160.0, 40.0),
            piece("性别", 300.0, 0.0, 80.0, 40.0),
            piece("1998.03.08", 0.0, 44.0, 220.0, 50.0),
            piece("男", 300.0, 44.0, 50.0, 50.0),
        ];
        assert_eq!(read(&above, BIRTH), ["1998.03.08"]);
        assert_eq!(read(&above, SEX), ["男"]);
    }

    #[test]
    fn one_character_of_a_long_label_may_be_misread() {
        assert_eq!(read(&[piece("出生曰期/Date ofbirth 1998.03.08", 0.0, 0.0, 300.0, 40.0)], BIRTH), ["1998.03.08"]);
        assert!(read(&[piece("出牛曰期 1998.03.08", 0.0, 0.0, 300.0, 40.0)], BIRTH).is_empty());
    }
}
