//! Reading a card by its text, where its edges could not be found: find the lines in the whole picture, tell the side, make
//! fields of them, look again where something is missing, and say what is wrong with the picture where that did not help.

use image::RgbImage;

use super::back::{self, Back};
use super::both::{CROP_HEIGHT, Side, complaints};
use super::front::{self, Front, name_glyph};
use super::layout::{AUTHORITY, BACK_MARKS, BIRTH, ETHNICITY, FRONT_MARKS, Field, Layout, NAME, NUMBER, SEX, VALIDITY};
use super::quality::{LINE, MEASURED, Quality, are_smeared};
use super::rows::after_label;
use super::{CardProblem, CardReading, NameDetail, Quadrilateral, is_specimen_mark};
use crate::geometry::{Beyond, Slanted, warp};
use crate::ocr::{Close, Glyph, LINE_HEIGHT, Line, Page, Reader, cut, read_closely};

/// Longer side of what the detector sees at first: enough for a card that fills a good part of the picture.
const FIRST_LOOK: u32 = 512;
/// Longer side of what the detector sees of the card alone, where the first look left something open.
const CLOSER_LOOK: u32 = 704;
/// A card whose text takes less than this share of the picture's longer side is looked at closer in any case.
const SMALL_SHARE: f32 = 0.4;
/// A picture with sides below this cannot show a readable card.
const MIN_PICTURE: (u32, u32) = (320, 200);
/// Likeness from which a side is recognised.
const LIKE: usize = 2;
/// Luma that the brightest twentieth of a picture reaches, or no card can be read on it: print and ground would be a few
/// grey levels apart.
const NIGHT: u8 = 35;
/// A card has some fifteen lines; of a page of a book, this many are read before it is refused.
const MAX_LINES: usize = 30;
/// Pixels of a line, [`LINE`] pixels high, on which sharpness is measured.
const LONGEST_LINE: u32 = 800;

/// One picture, looked at.
pub(super) struct Look<'a> {
    picture: &'a RgbImage,
    page: Page,
    lines: Vec<Line>,
    pub(super) side: Option<Side>,
}

/// Whether a picture cannot show a readable card.
pub(super) fn is_too_small(picture: &RgbImage) -> bool {
    picture.width() < MIN_PICTURE.0 || picture.height() < MIN_PICTURE.1
}

/// Whether a picture is too dark to show a readable card.
pub(super) fn is_night(picture: &RgbImage) -> bool {
    // Every so many pixels are enough.
    let step = (picture.len() / 3 / 4096).max(1);
    let mut values: Vec<u8> = picture
        .pixels()
        .step_by(step)
        .map(|p| ((299 * u32::from(p[0]) + 587 * u32::from(p[1]) + 114 * u32::from(p[2])) / 1000) as u8)
        .collect();
    let at = values.len() * 19 / 20;
    values.is_empty() || *values.select_nth_unstable(at).1 < NIGHT
}

impl<'a> Look<'a> {
    /// Finds and reads the lines, and tells the side. Where that leaves something open, it looks again: from the other
    /// end, and closer.
    pub(super) fn at(reader: Reader, picture: &'a RgbImage) -> Result<Self, String> {
        if is_too_small(picture) || is_night(picture) {
            return Ok(Self { picture, page: Page::default(), lines: Vec::new(), side: None });
        }
        let mut best = Self::of(reader, picture, Page::find(reader, picture, FIRST_LOOK)?)?;
        if best.side.is_none() && !best.page.places.is_empty() {
            let upended = Self::of(reader, picture, best.page.upended())?;
            best = best.or(upended);
        }
        let open = best.side.is_some() && (!best.is_complete() || best.share() < SMALL_SHARE);
        if open || best.side.is_none() {
            let page = if best.page.places.is_empty() {
                Page::find(reader, picture, CLOSER_LOOK)?
            } else {
                Page::find_around(reader, picture, &best.page, CLOSER_LOOK)?
            };
            best = best.or(Self::of(reader, picture, page)?);
        }
        Ok(best)
    }

    /// Reads the lines of a page. The number is tried first, for it tells which other lines are fields at all.
    fn of(reader: Reader, picture: &'a RgbImage, page: Page) -> Result<Self, String> {
        let mut places = page.places.clone();
        places.sort_by(|a, b| (b.width / b.height.max(1.0)).total_cmp(&(a.width / a.height.max(1.0))));
        let mut lines: Vec<Line> = Vec::new();
        for place in places.into_iter().take(MAX_LINES) {
            let number = lines.iter().find(|line| front::is_number(line));
            if number.is_some_and(|number| !front::is_field_at(&page.area(&place), number)) {
                continue;
            }
            lines.push(page.read(reader, picture, place)?);
        }
        let (front, back) = (front::likeness(&lines), back::likeness(&lines));
        let side = match (front, back) {
            (front, back) if front.max(back) < LIKE => None,
            (front, back) if front >= back => Some(Side::Front),
            _ => Some(Side::Back),
        };
        Ok(Self { picture, page, lines, side })
    }

    /// This look, or the other where it shows more.
    fn or(self, other: Self) -> Self {
        let worth = |look: &Self| (look.is_complete(), front::likeness(&look.lines).max(back::likeness(&look.lines)));
        if worth(&other) > worth(&self) { other } else { self }
    }

    /// Whether the fields that decide are read.
    pub(super) fn is_complete(&self) -> bool {
        match self.side {
            Some(Side::Front) => Front::parse(&self.lines).is_complete(),
            Some(Side::Back) => Back::parse(&self.lines).is_complete(),
            None => false,
        }
    }

    /// How much of the picture's longer side the lines take.
    fn share(&self) -> f32 {
        let bounds = self.page.bounds();
        bounds.width().max(bounds.height()) / self.picture.width().max(self.picture.height()) as f32
    }

    /// Why no side was recognised.
    pub(super) fn refusal(&self) -> Vec<CardProblem> {
        if is_too_small(self.picture) {
            return vec![CardProblem::TooSmall];
        }
        if is_night(self.picture) {
            return vec![CardProblem::Dark];
        }
        if are_smeared(&self.longest_lines()) {
            return vec![CardProblem::Blurred];
        }
        vec![CardProblem::NotACard]
    }

    /// Reads a place of the card once more, by where it has to be.
    fn again(&self, reader: Reader, layout: Option<&Layout>, field: Field) -> Result<Vec<Glyph>, String> {
        let Some(layout) = layout else { return Ok(Vec::new()) };
        Ok(self.page.read(reader, self.picture, layout.place(field))?.glyphs)
    }

    fn quality(&self, layout: Option<&Layout>) -> Quality {
        let card = layout.map_or_else(|| self.page.place(&self.page.bounds()), Layout::card);
        let card = warp(self.picture, &card.map(MEASURED.0, MEASURED.1), MEASURED.0, MEASURED.1, Beyond::Edge);
        let mut heights: Vec<f32> = self.page.places.iter().map(|line| line.height).collect();
        heights.sort_by(f32::total_cmp);
        Quality::measure(&card, &self.longest_lines(), heights.get(heights.len() / 2).copied().unwrap_or(0.0))
    }

    /// The lines on which sharpness is measured.
    fn longest_lines(&self) -> Vec<RgbImage> {
        let mut longest: Vec<&Slanted> = self.page.places.iter().collect();
        longest.sort_by(|a, b| b.width.total_cmp(&a.width));
        longest.iter().take(5).map(|place| cut(self.picture, place, LINE, LONGEST_LINE)).collect()
    }

    fn complaints(&self, layout: Option<&Layout>, complete: bool, missing: bool) -> Vec<CardProblem> {
        complaints(&self.quality(layout), layout.map_or(0.0, |layout| layout.beyond(self.picture)), complete, missing)
    }

    pub(super) fn front(&self, reader: Reader, reading: &mut CardReading) -> Result<(), String> {
        let mut front = Front::parse(&self.lines);
        let layout = Layout::fit(&front.anchors);
        if front.facts.is_none() {
            self.number_again(reader, layout.as_ref(), &mut front)?;
        }
        if front.reading.name.is_none() {
            let glyphs = self.again(reader, layout.as_ref(), NAME)?;
            front.set_name(glyphs.iter().filter_map(name_glyph).collect());
        }
        if !front.is_sex_clear() {
            front.take_sex(&self.again(reader, layout.as_ref(), SEX)?);
        }
        if front.reading.ethnicity.is_none() {
            front.take_ethnicity(&self.again(reader, layout.as_ref(), ETHNICITY)?);
        }
        if !front.is_birth_clear() {
            front.take_birth(&self.again(reader, layout.as_ref(), BIRTH)?);
        }
        let missing = front.reading.name.is_none() || front.reading.number.is_none();
        reading.front_problems.extend(self.complaints(layout.as_ref(), front.is_complete(), missing));
        reading.front_problems.extend(front.contradictions());
        reading.name_detail = self.name_detail(reader, &front, layout.as_ref())?;
        reading.portrait_field = layout.as_ref().map(|layout| Quadrilateral(layout.around_portrait().corners()));
        reading.printed_sex = front.printed_sex();
        reading.printed_birth = front.printed_birth();
        reading.is_specimen |= self.is_specimen(reader, layout.as_ref(), &FRONT_MARKS)?;
        reading.front = Some(front.reading);
        Ok(())
    }

    /// Whether the mark of our specimens stands on the card: among the lines that were read, among those that were passed over
    /// because no field is there, or where the detector saw nothing, in one of its places.
    fn is_specimen(&self, reader: Reader, layout: Option<&Layout>, marks: &[Field]) -> Result<bool, String> {
        if self.lines.iter().any(|line| is_specimen_mark(&line.text())) {
            return Ok(true);
        }
        let passed_over = self.page.places.iter().filter(|place| self.lines.iter().all(|line| line.place != **place));
        let known = marks.iter().filter_map(|mark| Some(layout?.place(*mark)));
        for place in passed_over.copied().take(MAX_LINES).chain(known) {
            if is_specimen_mark(&self.page.read(reader, self.picture, place)?.text()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The number, cut a little differently: a digit at the edge of its box is often the one that was misread.
    fn number_again(&self, reader: Reader, layout: Option<&Layout>, front: &mut Front) -> Result<(), String> {
        let likeliest = self.lines.iter().max_by_key(|line| front::digits(&line.glyphs).len());
        let mut places: Vec<Slanted> = Vec::new();
        if let Some(place) = likeliest.filter(|line| front::digits(&line.glyphs).len() >= 12).map(|line| line.place) {
            let grown =
                |across: f32, down: f32| Slanted { width: place.width + across * place.height, height: place.height * down, ..place };
            places.extend([grown(0.6, 1.15), grown(0.2, 0.85), grown(1.2, 1.4)]);
        }
        places.extend(layout.map(|layout| layout.place(NUMBER)));
        for place in places {
            if front.facts.is_none() {
                let line = self.page.read(reader, self.picture, place)?;
                front.take_number(&front::digits(&line.glyphs));
            }
        }
        Ok(())
    }

    fn name_detail(&self, reader: Reader, front: &Front, layout: Option<&Layout>) -> Result<Option<NameDetail>, String> {
        if front.name.is_empty() {
            return Ok(None);
        }
        let characters: Vec<(char, f32)> = front.name.iter().map(|glyph| (glyph.character, glyph.sure)).collect();
        let place = match (&front.name_lines[..], layout) {
            ([], None) => return Ok(None),
            ([], Some(layout)) => layout.place(NAME),
            (lines, _) => self.page.place(&lines.iter().skip(1).fold(lines[0].area, |sum, line| sum.with(&line.area))),
        };
        let crop = cut(self.picture, &place, CROP_HEIGHT, CROP_HEIGHT * 12);
        let mut close: Vec<Close> = Vec::new();
        for line in &front.name_lines {
            let strip = cut(self.picture, &line.place, LINE_HEIGHT, CROP_HEIGHT * 12);
            close.extend(
                read_closely(reader.recogniser, reader.alphabet, &strip)?.into_iter().filter(|close| name_glyph(&close.glyph).is_some()),
            );
        }
        // The line may begin with the label.
        let close = close.split_off(close.len().saturating_sub(characters.len()));
        let others = close.into_iter().map(|close| close.others).collect();
        Ok(Some(NameDetail { characters, others, crop }))
    }

    pub(super) fn back(&self, reader: Reader, reading: &mut CardReading) -> Result<(), String> {
        let mut back = Back::parse(&self.lines);
        let layout = Layout::fit(&back.anchors);
        let text = |glyphs: Vec<Glyph>| glyphs.into_iter().map(|glyph| glyph.character).collect::<String>();
        if back.reading.valid_until.is_none() {
            let again = self.again(reader, layout.as_ref(), VALIDITY)?;
            back.take_validity(after_label(&again, "有效期限", true));
        }
        if back.reading.authority.is_none() {
            let again = text(self.again(reader, layout.as_ref(), AUTHORITY)?);
            back.take_authority(again.strip_prefix("签发机关").unwrap_or(&again));
        }
        reading.validity_confidence = back.validity_confidence;
        reading.is_specimen |= self.is_specimen(reader, layout.as_ref(), &BACK_MARKS)?;
        let complete = back.is_complete();
        reading.back_problems.extend(self.complaints(layout.as_ref(), complete, false));
        if !complete {
            reading.back_problems.push(CardProblem::ValidityUnreadable);
        }
        reading.back = Some(back.reading);
        Ok(())
    }
}
