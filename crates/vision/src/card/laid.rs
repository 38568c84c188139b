//! Reading a card whose place is known: every line is cut out where the layout has it, and put right by the print that is
//! seen there. No detector of text is needed.

use image::RgbImage;

use super::back::Back;
use super::both::Side;
use super::find::{Found, find};
use super::front::{self, Front};
use super::layout::{AUTHORITY_VALUE, BACK_MARKS, FRONT_MARKS, Field, NUMBER_ENDS, PORTRAIT, VALIDITY_VALUE};
use super::name::Name;
use super::sheet::{Sheet, Strip, on_card, samples};
use super::{Quadrilateral, is_specimen_mark};
use crate::face::PORTRAIT_MARGIN;
use crate::geometry::Point;
use crate::number;
use crate::ocr::{Glyph, LINE_HEIGHT, Reader, read_strip};

/// How many places are tried of the wanted side, and of others, before the whole picture is searched for text.
const PLACES: usize = 2;
/// How well a place of the wanted side fits, as a share of the best fit, to be tried first.
const LIKELY: f32 = 0.6;
/// Digits of a number from which a place is taken for the card's.
const DIGITS: usize = 15;
/// Around the number, as far as nothing else is printed.
const NUMBER_BAND: Field = (278.0, 420.0, 788.0, 496.0);
/// Height of the number's strip, and how it is varied when the check character is wrong: height and width.
const NUMBER_CUTS: [(f32, f32); 5] = [(62.0, 0.62), (62.0, 0.75), (52.0, 0.85), (62.0, 1.0), (74.0, 1.0)];
/// A number with a digit below that is looked at once more.
const SURE: f32 = 0.95;
/// The middles of rows.
const BIRTH_ROW: f32 = 202.0;
const NUMBER_ROW: f32 = 458.0;
/// Sex and birth without their labels.
const SEX_VALUE: Field = (142.0, 118.0, 194.0, 164.0);
const BIRTH_VALUE: Field = (146.0, 178.0, 440.0, 226.0);
/// How much narrower than natural digits are read: they bear it, and time goes with width.
const NARROW: f32 = 0.62;
/// How narrow they are read where that was not enough.
const WIDER: f32 = 0.85;
/// A gap in print that ends a name.
pub(super) const NAME_GAP: f32 = 60.0;
/// Rows, in samples, that a line of print has at least.
const SHORTEST: usize = 7;
/// Rows, in samples, that a line of print has at most; and rows between its strokes.
const LONGEST: usize = 15;
const WITHIN: usize = 3;
/// How far the rows may lie off their places.
pub(super) const OFF: f32 = 16.0;

/// A card that was found, and what was read of it first.
pub(super) struct Laid<'a> {
    pub(super) sheet: Sheet<'a>,
    pub(super) front: bool,
    /// Digits of the number, or the glyphs of the validity.
    pub(super) first: Vec<Glyph>,
    /// Where they were read.
    pub(super) strip: Strip,
    /// From the layout's columns to the card's own: shift and scale.
    across: (f32, f32),
}

/// From the layout's rows to the card's own: edges are found to a millimetre, print is where it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    shift: f32,
    scale: f32,
}

impl Rows {
    /// Through two rows, each where it should be and where it is.
    fn through(upper: (f32, f32), lower: (f32, f32)) -> Self {
        let scale = ((lower.1 - upper.1) / (lower.0 - upper.0)).clamp(0.9, 1.1);
        Self { shift: upper.1 - scale * upper.0, scale }
    }

    pub(super) fn at(&self, row: f32) -> f32 {
        self.shift + self.scale * row
    }

    pub(super) fn field(&self, (left, top, right, bottom): Field) -> Field {
        (left, self.at(top), right, self.at(bottom))
    }
}

impl<'a> Laid<'a> {
    /// Finds a card and reads the line that tells whether it is one. Where both sides lie in one picture, the wanted one is taken. `None`: it has
    /// to be looked for by its text.
    pub(super) fn at(reader: Reader, picture: &'a RgbImage, wanted: Side) -> Result<Option<Self>, String> {
        let places = find(picture);
        let likely = LIKELY * places.iter().map(|place| place.seen.score).fold(0.0, f32::max);
        let is_wanted = |place: &&Found| place.seen.front == (wanted == Side::Front) && place.seen.score >= likely;
        let others = places.iter().filter(|place| !is_wanted(place)).take(PLACES);
        for place in places.iter().filter(is_wanted).take(PLACES).chain(others) {
            let sheet = Sheet { picture, map: place.map };
            let laid = if place.seen.front { Self::front(reader, sheet)? } else { Self::back(reader, sheet)? };
            if laid.is_some() {
                return Ok(laid);
            }
        }
        Ok(None)
    }

    fn front(reader: Reader, sheet: Sheet<'a>) -> Result<Option<Self>, String> {
        let row = row(&sheet, NUMBER_BAND, NUMBER_ROW);
        type Looked = (Vec<Glyph>, Strip);
        let (mut best, mut sure_of): (Option<Looked>, Option<Looked>) = (None, None);
        for (height, stretch) in NUMBER_CUTS {
            let strip = Strip { left: NUMBER_BAND.0, right: NUMBER_BAND.2, middle: row, height };
            let digits = front::digits(&read_strip(reader.recogniser, reader.alphabet, &sheet.cut(&strip, LINE_HEIGHT, stretch))?);
            let text: String = digits.iter().map(|glyph| glyph.character).collect();
            let valid = number::check(&text).is_ok();
            if let Some((known, _)) = &mut sure_of {
                // A second, wider look at a number that was read unsurely: the same digits are as sure as the better look.
                if digits.len() == known.len() && digits.iter().zip(known.iter()).all(|(a, b)| a.character == b.character) {
                    known.iter_mut().zip(&digits).for_each(|(glyph, again)| glyph.sure = glyph.sure.max(again.sure));
                }
                break;
            }
            if valid && digits.iter().any(|glyph| glyph.sure < SURE) {
                sure_of = Some((digits, strip));
                continue;
            }
            if valid || best.as_ref().is_none_or(|(known, _)| digits.len().abs_diff(18) < known.len().abs_diff(18)) {
                best = Some((digits, strip));
            }
            if valid || best.as_ref().is_some_and(|(known, _)| known.len() < DIGITS) {
                break;
            }
        }
        let Some((first, strip)) = sure_of.or(best).filter(|(digits, _)| digits.len() >= DIGITS) else { return Ok(None) };
        let across = columns(&first, &strip);
        Ok(Some(Self { sheet, front: true, first, strip, across }))
    }

    fn back(reader: Reader, sheet: Sheet<'a>) -> Result<Option<Self>, String> {
        let strip = Strip { middle: row(&sheet, VALIDITY_VALUE, 480.0), height: 46.0, ..Strip::of(VALIDITY_VALUE) };
        let first = read_strip(reader.recogniser, reader.alphabet, &sheet.cut(&strip, LINE_HEIGHT, 1.0))?;
        let digits = first.iter().filter(|glyph| glyph.character.is_ascii_digit()).count();
        Ok((digits >= 7).then_some(Self { sheet, front: false, first, strip, across: (0.0, 1.0) }))
    }

    /// A column of the layout on this card.
    fn x(&self, column: f32) -> f32 {
        self.across.0 + self.across.1 * column
    }

    pub(super) fn field(&self, (left, top, right, bottom): Field) -> Field {
        (self.x(left), top, self.x(right), bottom)
    }

    fn read(&self, reader: Reader, strip: &Strip, stretch: f32) -> Result<Vec<Glyph>, String> {
        read_strip(reader.recogniser, reader.alphabet, &self.sheet.cut(strip, LINE_HEIGHT, stretch))
    }

    /// Reads name, birth and sex; and whether the mark of specimens is one, where something is printed in its first place.
    pub(super) fn decide(&self, reader: Reader, front: &mut Front) -> Result<(Name, Option<bool>), String> {
        front.take_number(&self.first);
        let field = self.field(BIRTH_VALUE);
        let middle = row(&self.sheet, field, BIRTH_ROW);
        let birth = Strip { middle, height: 48.0, ..Strip::of(field) };
        // Two rows whose places are seen tell where the others are.
        let rows = Rows::through((BIRTH_ROW, f32::midpoint(middle.0, middle.1)), (NUMBER_ROW, self.number_row()));
        let name = self.name(reader, &rows)?;
        front.set_name(name.characters.iter().map(|close| close.glyph).collect());
        let sex = Strip::of(rows.field(self.field(SEX_VALUE)));
        // One run reads all: every run costs as much as fifty more pixels.
        let mut pieces = vec![self.sheet.cut(&sex, LINE_HEIGHT, NARROW), self.sheet.cut(&birth, LINE_HEIGHT, NARROW)];
        let fields_end: u32 = pieces.iter().map(RgbImage::width).sum();
        let mark = FRONT_MARKS.iter().find(|mark| self.is_printed(**mark));
        // Our specimens' marks are red, and nothing on a card is red there: where the light leaves them red, they need not be read.
        let is_red = mark.is_some_and(|mark| self.is_red(*mark));
        pieces.extend(mark.filter(|_| !is_red).map(|mark| self.sheet.cut(&Strip::of(self.field(*mark)), LINE_HEIGHT, NARROW_MARK)));
        let strip = side_by_side(&pieces);
        let glyphs = read_strip(reader.recogniser, reader.alphabet, &strip)?;
        let end = fields_end as f32 / strip.width() as f32;
        let (fields, marks): (Vec<Glyph>, Vec<Glyph>) = glyphs.into_iter().partition(|glyph| glyph.at < end);
        front.take_sex(&fields);
        front.take_birth(&fields);
        if !front.is_sex_clear() || !front.is_birth_clear() {
            let pieces = [self.sheet.cut(&sex, LINE_HEIGHT, WIDER), self.sheet.cut(&birth, LINE_HEIGHT, WIDER)];
            let glyphs = read_strip(reader.recogniser, reader.alphabet, &side_by_side(&pieces))?;
            front.take_sex(&glyphs);
            front.take_birth(&glyphs);
        }
        let marked = is_red || is_specimen_mark(&marks.iter().map(|glyph| glyph.character).collect::<String>());
        Ok((name, mark.is_some().then_some(marked)))
    }

    /// The middle of the number's row, under the fields.
    fn number_row(&self) -> f32 {
        let share = (BIRTH_VALUE.0 - self.strip.left) / (self.strip.right - self.strip.left);
        self.strip.middle.0 + share * (self.strip.middle.1 - self.strip.middle.0)
    }

    /// Reads what does not decide: ethnicity and address.
    pub(super) fn rest(&self, reader: Reader, front: &mut Front) -> Result<(), String> {
        let middle = row(&self.sheet, self.field(BIRTH_VALUE), BIRTH_ROW);
        let rows = Rows::through((BIRTH_ROW, f32::midpoint(middle.0, middle.1)), (NUMBER_ROW, self.number_row()));
        let field = rows.field(self.field((332.0, 116.0, 530.0, 166.0)));
        if let Some((_, to)) = self.sheet.print(field).columns(samples(NAME_GAP)) {
            let right = (on_card(field.0, to as f32) + 8.0).min(field.2);
            front.take_ethnicity(&self.read(reader, &Strip { right, ..Strip::of(field) }, 1.0)?);
        }
        let field = rows.field(self.field((144.0, 244.0, 530.0, 412.0)));
        let print = self.sheet.print(field);
        let Some((from, to)) = print.columns(samples(NAME_GAP)) else { return Ok(()) };
        let mut address = Vec::new();
        for (top, bottom) in lines_of(&print.rows(from, to), WITHIN) {
            let (top, bottom) = (on_card(field.1, top as f32), on_card(field.1, bottom as f32));
            let (middle, height) = (f32::midpoint(top, bottom), (bottom - top).max(24.0) * 1.35);
            let line = Strip { left: field.0, right: field.2, middle: (middle, middle), height };
            let row = self.sheet.print((line.left, middle - height / 2.0, line.right, middle + height / 2.0));
            let Some((_, to)) = row.columns(samples(NAME_GAP)) else { continue };
            let line = Strip { right: (on_card(field.0, to as f32) + 8.0).min(field.2), ..line };
            address.extend(self.read(reader, &line, 1.0)?);
        }
        front.set_address(&address);
        Ok(())
    }

    /// Reads validity, and the authority where it is wanted.
    pub(super) fn term(&self, reader: Reader, back: &mut Back, all: bool) -> Result<(), String> {
        back.take_validity(&self.first);
        if back.reading.valid_until.is_none() {
            let wider = Strip { height: self.strip.height * 1.25, ..self.strip };
            back.take_validity(&self.read(reader, &wider, 1.0)?);
        }
        if all {
            let middle = row(&self.sheet, AUTHORITY_VALUE, 418.0);
            let strip = Strip { middle, height: 46.0, ..Strip::of(AUTHORITY_VALUE) };
            if let Some((_, to)) = self.sheet.print(AUTHORITY_VALUE).columns(samples(NAME_GAP)) {
                let right = (on_card(AUTHORITY_VALUE.0, to as f32) + 8.0).min(AUTHORITY_VALUE.2);
                let share = (right - strip.left) / (strip.right - strip.left);
                let end = middle.0 + share * (middle.1 - middle.0);
                let read = self.read(reader, &Strip { right, middle: (middle.0, end), ..strip }, 1.0)?;
                back.take_authority(&read.iter().map(|glyph| glyph.character).collect::<String>());
            }
        }
        Ok(())
    }
}

/// Pictures of one height in a row.
fn side_by_side(pieces: &[RgbImage]) -> RgbImage {
    let width = pieces.iter().map(RgbImage::width).sum();
    let height = pieces.iter().map(RgbImage::height).max().unwrap_or(0);
    let mut out = RgbImage::new(width, height);
    let mut left = 0;
    for piece in pieces {
        image::imageops::replace(&mut out, piece, i64::from(left), 0);
        left += piece.width();
    }
    out
}

/// The middle of a row of print at the left and right end of its field; the layout's where no print is seen.
fn row(sheet: &Sheet, field: Field, expected: f32) -> (f32, f32) {
    let print = sheet.print(field);
    let Some((from, to)) = print.columns(usize::MAX / 2) else { return (expected, expected) };
    let middle = |from: usize, to: usize| print.middle(from, to).map(|middle| on_card(field.1, middle));
    let half = usize::midpoint(from, to);
    let (Some(all), Some(left), Some(right)) = (middle(from, to), middle(from, half), middle(half, to)) else {
        return (expected, expected);
    };
    if (all - expected).abs() > OFF {
        return (expected, expected);
    }
    // Halves that do not fit are disturbed by something else.
    let slope = if (left - right).abs() < 12.0 { (right - left) / (half - from).max(1) as f32 } else { 0.0 };
    let centre = half as f32;
    (all - slope * centre, all + slope * (print.width as f32 - centre))
}

/// By how much red exceeds the other colours of a red stroke; and the share of a line of print that its strokes take at least.
const RED: i32 = 48;
const RED_SHARE: f32 = 0.06;
/// How much narrower than natural the mark of a specimen is read.
const NARROW_MARK: f32 = 0.45;

impl Laid<'_> {
    /// Whether a field has print over half of its width or more.
    fn is_printed(&self, field: Field) -> bool {
        let field = self.field(field);
        self.sheet.print(field).columns(usize::MAX / 2).is_some_and(|(from, to)| (to - from) * 2 > samples(field.2 - field.0))
    }

    /// Whether the print in a field is red.
    fn is_red(&self, field: Field) -> bool {
        let strip = self.sheet.cut(&Strip::of(self.field(field)), LINE_HEIGHT / 2, NARROW_MARK);
        let red = strip.pixels().filter(|pixel| i32::from(pixel[0]) - i32::from(pixel[1].max(pixel[2])) > RED).count();
        red as f32 > RED_SHARE * (strip.width() * strip.height()) as f32
    }

    /// Whether the mark of our specimens stands in one of its places. Where nothing is printed, as on every genuine card, this
    /// reads nothing.
    pub(super) fn is_specimen(&self, reader: Reader) -> Result<bool, String> {
        let marks: &[Field] = if self.front { &FRONT_MARKS } else { &BACK_MARKS };
        for mark in marks {
            if self.is_printed(*mark) {
                let glyphs = self.read(reader, &Strip::of(self.field(*mark)), NARROW_MARK)?;
                if is_specimen_mark(&glyphs.iter().map(|glyph| glyph.character).collect::<String>()) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Where the portrait lies, with its surroundings.
    pub(super) fn portrait_field(&self) -> Quadrilateral {
        let (left, top, right, bottom) = PORTRAIT;
        let (more, higher) = (PORTRAIT_MARGIN * (right - left), PORTRAIT_MARGIN * (bottom - top));
        let corners =
            [(left - more, top - higher), (right + more, top - higher), (right + more, bottom + higher), (left - more, bottom + higher)];
        Quadrilateral(corners.map(|(x, y)| self.sheet.map.apply(Point::new(self.x(x), y))))
    }
}

/// From the layout's columns to the card's own, by the places of the number's digits: shift and scale.
fn columns(digits: &[Glyph], strip: &Strip) -> (f32, f32) {
    if digits.len() != 18 {
        return (0.0, 1.0);
    }
    let step = (NUMBER_ENDS.1.x - NUMBER_ENDS.0.x) / 17.0;
    let pairs: Vec<(f32, f32)> = digits
        .iter()
        .enumerate()
        .map(|(i, glyph)| (NUMBER_ENDS.0.x + step * i as f32, strip.left + glyph.at * (strip.right - strip.left)))
        .collect();
    let mean = |pick: fn(&(f32, f32)) -> f32| pairs.iter().map(pick).sum::<f32>() / pairs.len() as f32;
    let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
    let (xy, xx) = pairs.iter().fold((0.0, 0.0), |(xy, xx), p| (xy + (p.0 - mx) * (p.1 - my), xx + (p.0 - mx) * (p.0 - mx)));
    let scale = (xy / xx).clamp(0.94, 1.06);
    let shift = my - scale * mx;
    (shift, scale)
}

/// Runs of rows with print, first and one past the last. A run that is no longer than a line goes on over `within` rows with next to no print: a last line
/// of a single 号 has hardly any between its strokes.
pub(super) fn lines_of(rows: &[usize], within: usize) -> Vec<(usize, usize)> {
    let most = rows.iter().copied().max().unwrap_or(0);
    // A last line may be one character, far less than a full one.
    let floor = (most / 12).clamp(1, 3);
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (y, count) in rows.iter().enumerate() {
        if *count <= floor {
            continue;
        }
        match out.last_mut() {
            Some((top, end)) if y <= *end + 1 || (y <= *end + within && y - *top < LONGEST) => *end = y + 1,
            _ => out.push((y, y + 1)),
        }
    }
    out.retain(|(top, bottom)| bottom - top >= SHORTEST);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_of_one_character_is_a_line() {
        let full = [9, 42, 48, 79, 58, 61, 68, 60, 63, 47, 65, 52, 42, 64, 11];
        let one = [10, 2, 2, 10, 0, 11, 14, 2, 9, 2, 2, 1, 5, 3];
        let rows: Vec<usize> = [&[0; 3][..], &full, &[0; 6], &one, &[0; 40]].concat();
        assert_eq!(lines_of(&rows, WITHIN), [(3, 18), (24, 37)]);
        // Lines that all but touch stay apart.
        let close: Vec<usize> = [&full[..], &[0, 0, 0], &full].concat();
        assert_eq!(lines_of(&close, WITHIN), [(0, 15), (18, 33)]);
        // Specks are none.
        assert_eq!(lines_of(&[&[0; 3][..], &full, &[0; 6], &[5, 5, 0, 0, 0, 0, 5]].concat(), WITHIN), [(3, 18)]);
    }
}
