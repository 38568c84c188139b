//! Reading a card: find the lines, tell the side, make fields of them, look again where something is missing, and say
//! what is wrong with the picture where that did not help.

use image::RgbImage;

use super::back::{self, Back};
use super::front::{self, Front, name_glyph};
use super::layout::{AUTHORITY, BIRTH, Field, Layout, NAME, NUMBER, SEX, VALIDITY};
use super::quality::{Quality, line_sharpness};
use super::{CardProblem, CardReading, NameDetail};
use crate::geometry::Slanted;
use crate::light::{luma, mean};
use crate::ocr::{Glyph, Line, Page, Reader, cut};

/// Longer side of what the detector sees: more brings nothing on a card that fills the picture.
const LONGEST: u32 = 640;
/// A card whose text takes less than this share of the picture's longer side is looked at again, alone.
const SMALL_SHARE: f32 = 0.5;
/// A picture with sides below this cannot show a readable card.
const MIN_PICTURE: (u32, u32) = (320, 200);
/// Likeness from which a side is recognised.
const LIKE: usize = 2;
/// How far a card may seem to reach beyond the picture: the seeming is rough where it is seen at an angle.
const BEYOND: f32 = 0.06;
/// Mean luma of the whole picture below which no card can be seen on it.
const NIGHT: f32 = 35.0;
/// Sharpness of lines below which text that says nothing is called blurred.
const SMEARED: f32 = 0.02;
/// Height of the name's crop in pixels.
const CROP_HEIGHT: u32 = 64;

/// The sides of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Front,
    Back,
}

/// One picture, looked at.
struct Look<'a> {
    picture: &'a RgbImage,
    page: Page,
    lines: Vec<Line>,
    side: Option<Side>,
}

/// Reads the sides that are given.
pub(crate) fn read(reader: Reader, front: Option<&RgbImage>, back: Option<&RgbImage>) -> Result<CardReading, String> {
    let mut reading = CardReading::default();
    let front = front.map(|picture| Look::at(reader, picture)).transpose()?;
    let back = back.map(|picture| Look::at(reader, picture)).transpose()?;
    let sides = (front.as_ref().and_then(|look| look.side), back.as_ref().and_then(|look| look.side));
    match sides {
        (Some(Side::Back), Some(Side::Back)) => reading.front_problems.push(CardProblem::SameSide),
        (Some(Side::Front), Some(Side::Front)) => reading.back_problems.push(CardProblem::SameSide),
        _ => {
            if sides.0 == Some(Side::Back) {
                reading.front_problems.push(CardProblem::SidesSwapped);
            }
            if sides.1 == Some(Side::Front) {
                reading.back_problems.push(CardProblem::SidesSwapped);
            }
        }
    }
    match front {
        Some(look) if look.side == Some(Side::Front) => look.front(reader, &mut reading)?,
        Some(look) if look.side.is_none() => reading.front_problems.extend(look.refusal()),
        _ => {}
    }
    match back {
        Some(look) if look.side == Some(Side::Back) => look.back(reader, &mut reading)?,
        Some(look) if look.side.is_none() => reading.back_problems.extend(look.refusal()),
        _ => {}
    }
    for problem in reading.front_problems.iter().chain(&reading.back_problems) {
        if !reading.problems.contains(problem) {
            reading.problems.push(*problem);
        }
    }
    Ok(reading)
}

impl<'a> Look<'a> {
    /// Finds and reads the lines, and tells the side. A card that is small in the picture is looked at twice.
    fn at(reader: Reader, picture: &'a RgbImage) -> Result<Self, String> {
        if picture.width() < MIN_PICTURE.0 || picture.height() < MIN_PICTURE.1 {
            return Ok(Self { picture, page: Page::default(), lines: Vec::new(), side: None });
        }
        let page = Page::find(reader, picture, LONGEST)?;
        let first = Self::of(reader, picture, page)?;
        if first.share() >= SMALL_SHARE || first.page.places.is_empty() {
            return Ok(first);
        }
        let closer = Page::find_around(reader, picture, &first.page, LONGEST)?;
        let second = Self::of(reader, picture, closer)?;
        Ok(if second.likeness() >= first.likeness() { second } else { first })
    }

    fn of(reader: Reader, picture: &'a RgbImage, page: Page) -> Result<Self, String> {
        let lines = page.places.iter().map(|place| page.read(reader, picture, *place)).collect::<Result<Vec<_>, _>>()?;
        let (front, back) = (front::likeness(&lines), back::likeness(&lines));
        let side = match (front, back) {
            (front, back) if front.max(back) < LIKE => None,
            (front, back) if front >= back => Some(Side::Front),
            _ => Some(Side::Back),
        };
        Ok(Self { picture, page, lines, side })
    }

    fn likeness(&self) -> usize {
        front::likeness(&self.lines).max(back::likeness(&self.lines))
    }

    /// How much of the picture's longer side the lines take.
    fn share(&self) -> f32 {
        let bounds = self.page.bounds();
        bounds.width().max(bounds.height()) / self.picture.width().max(self.picture.height()) as f32
    }

    /// Why no side was recognised.
    fn refusal(&self) -> Vec<CardProblem> {
        if self.picture.width() < MIN_PICTURE.0 || self.picture.height() < MIN_PICTURE.1 {
            return vec![CardProblem::TooSmall];
        }
        if mean(&luma(&image::imageops::thumbnail(self.picture, 64, 64))) < NIGHT {
            return vec![CardProblem::Dark];
        }
        let several = self.page.places.len() >= 4;
        if several && line_sharpness(self.picture, &self.page.places) < SMEARED {
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
        Quality::measure(self.picture, &card, &self.page.places)
    }

    /// What is wrong with the picture: always when a part is missing or it is a copy, and otherwise only where it kept
    /// something from being read.
    fn complaints(&self, layout: Option<&Layout>, complete: bool) -> Vec<CardProblem> {
        let quality = self.quality(layout);
        let mut out = Vec::new();
        if layout.is_some_and(|layout| layout.beyond(self.picture) > BEYOND) {
            out.push(CardProblem::CutOff);
        }
        if !complete {
            out.extend(quality.reasons());
            if out.is_empty() {
                out.push(CardProblem::Unreadable);
            }
        }
        if quality.is_colourless() {
            out.push(CardProblem::Copy);
        }
        out
    }

    fn front(&self, reader: Reader, reading: &mut CardReading) -> Result<(), String> {
        let mut front = Front::parse(&self.lines);
        let layout = Layout::fit(&front.anchors);
        if front.facts.is_none() {
            self.number_again(reader, layout.as_ref(), &mut front)?;
        }
        if front.reading.name.is_none() {
            let glyphs = self.again(reader, layout.as_ref(), NAME)?;
            front.set_name(glyphs.iter().filter_map(name_glyph).collect());
        }
        if !front.has_printed_sex() {
            front.take_sex(&self.again(reader, layout.as_ref(), SEX)?);
        }
        if !front.has_printed_birth() {
            front.take_birth(&self.again(reader, layout.as_ref(), BIRTH)?);
        }
        let complete = front.reading.name.is_some() && front.facts.is_some();
        reading.front_problems.extend(self.complaints(layout.as_ref(), complete || front.reading.number.is_some() && front.reading.name.is_some()));
        reading.front_problems.extend(front.contradictions());
        reading.name_detail = self.name_detail(&front, layout.as_ref());
        reading.front = Some(front.reading);
        Ok(())
    }

    /// The number, cut a little differently: a digit at the edge of its box is often the one that was misread.
    fn number_again(&self, reader: Reader, layout: Option<&Layout>, front: &mut Front) -> Result<(), String> {
        let likeliest = self.lines.iter().max_by_key(|line| front::digits(&line.glyphs).len());
        let mut places: Vec<Slanted> = Vec::new();
        if let Some(place) = likeliest.filter(|line| front::digits(&line.glyphs).len() >= 12).map(|line| line.place) {
            let grown = |across: f32, down: f32| Slanted { width: place.width + across * place.height, height: place.height * down, ..place };
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

    fn name_detail(&self, front: &Front, layout: Option<&Layout>) -> Option<NameDetail> {
        if front.name.is_empty() {
            return None;
        }
        let characters = front.name.iter().map(|glyph| (glyph.character, glyph.sure)).collect();
        let place = match &front.name_lines[..] {
            [] => layout?.place(NAME),
            lines => self.page.place(&lines.iter().skip(1).fold(lines.first()?.area, |sum, line| sum.with(&line.area))),
        };
        Some(NameDetail { characters, crop: cut(self.picture, &place, CROP_HEIGHT, CROP_HEIGHT * 12) })
    }

    fn back(&self, reader: Reader, reading: &mut CardReading) -> Result<(), String> {
        let mut back = Back::parse(&self.lines);
        let layout = Layout::fit(&back.anchors);
        let text = |glyphs: Vec<Glyph>| glyphs.into_iter().map(|glyph| glyph.character).collect::<String>();
        if back.reading.valid_until.is_none() {
            let again = text(self.again(reader, layout.as_ref(), VALIDITY)?);
            back.take_validity(again.strip_prefix("有效期限").unwrap_or(&again));
        }
        if back.reading.authority.is_none() {
            let again = text(self.again(reader, layout.as_ref(), AUTHORITY)?);
            back.take_authority(again.strip_prefix("签发机关").unwrap_or(&again));
        }
        let readable = back.reading.valid_from.is_some() && back.reading.valid_until.is_some();
        reading.back_problems.extend(self.complaints(layout.as_ref(), readable || back.reading.authority.is_some()));
        if !readable {
            reading.back_problems.push(CardProblem::ValidityUnreadable);
        }
        reading.back = Some(back.reading);
        Ok(())
    }
}
