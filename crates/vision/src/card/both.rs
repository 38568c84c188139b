//! Reading a card: each side by its layout where the card can be found, and by its text where not; then what the two
//! pictures are to each other.

use image::RgbImage;

use super::back::Back;
use super::front::Front;
use super::laid::Laid;
use super::name::Name;
use super::quality::{LINE, MEASURED, Quality};
use super::screen::is_screen;
use super::sheet::Strip;
use super::text::{Look, is_night, is_too_small};
use super::{CardProblem, CardReading, Fields, NameDetail};
use crate::number;
use crate::ocr::Reader;

/// How far a card may seem to reach beyond the picture: the seeming is rough where it is seen at an angle.
const BEYOND: f32 = 0.06;
/// Height of a line of print with its margins, in tenths of a millimetre.
const LINE_ON_CARD: f32 = 40.0;
/// Height of the name's crop in pixels.
pub(super) const CROP_HEIGHT: u32 = 64;

/// The sides of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Front,
    Back,
}

/// One picture, looked at.
enum Seen<'a> {
    Laid(Laid<'a>),
    Text(Look<'a>),
}

/// Reads the sides that are given.
pub(crate) fn read(reader: Reader, front: Option<&RgbImage>, back: Option<&RgbImage>, fields: Fields) -> Result<CardReading, String> {
    let mut reading = CardReading::default();
    let front = front.map(|picture| Seen::at(reader, picture, Side::Front)).transpose()?;
    let back = back.map(|picture| Seen::at(reader, picture, Side::Back)).transpose()?;
    let sides = (front.as_ref().and_then(Seen::side), back.as_ref().and_then(Seen::side));
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
        Some(seen) if sides.0 == Some(Side::Front) => seen.front(reader, fields, &mut reading)?,
        Some(Seen::Text(look)) if sides.0.is_none() => reading.front_problems.extend(look.refusal()),
        _ => {}
    }
    match back {
        Some(seen) if sides.1 == Some(Side::Back) => seen.back(reader, fields, &mut reading)?,
        Some(Seen::Text(look)) if sides.1.is_none() => reading.back_problems.extend(look.refusal()),
        _ => {}
    }
    for problem in reading.front_problems.iter().chain(&reading.back_problems) {
        if !reading.problems.contains(problem) {
            reading.problems.push(*problem);
        }
    }
    Ok(reading)
}

impl<'a> Seen<'a> {
    fn at(reader: Reader, picture: &'a RgbImage, wanted: Side) -> Result<Self, String> {
        if !is_too_small(picture)
            && !is_night(picture)
            && let Some(laid) = Laid::at(reader, picture, wanted)?
        {
            return Ok(Self::Laid(laid));
        }
        Look::at(reader, picture).map(Self::Text)
    }

    fn side(&self) -> Option<Side> {
        match self {
            Self::Laid(laid) if laid.front => Some(Side::Front),
            Self::Laid(_) => Some(Side::Back),
            Self::Text(look) => look.side,
        }
    }

    fn front(self, reader: Reader, fields: Fields, reading: &mut CardReading) -> Result<(), String> {
        let laid = match self {
            Self::Laid(laid) => laid,
            Self::Text(look) => return look.front(reader, reading),
        };
        let mut front = Front::default();
        let (name, marked) = laid.decide(reader, &mut front)?;
        if !front.is_complete() {
            // The layout may be another one than expected: the text says where it is.
            let look = Look::at(reader, laid.sheet.picture)?;
            if look.side == Some(Side::Front) && look.is_complete() {
                return look.front(reader, reading);
            }
            // A long number alone makes no card: an order has one too.
            let is_number = front.reading.number.as_deref().is_some_and(|number| number::check(number).is_ok());
            if look.side.is_none() && !is_number && front.printed_sex().is_none() && front.printed_birth().is_none() {
                reading.front_problems.extend(look.refusal());
                return Ok(());
            }
        }
        if fields == Fields::All {
            laid.rest(reader, &mut front)?;
        }
        let quality = laid.quality(&name.strips);
        let missing = front.reading.name.is_none() || front.reading.number.is_none();
        reading.front_problems.extend(complaints(&quality, laid.sheet.beyond(), front.is_complete(), missing));
        if is_screen(&laid.sheet, true) {
            reading.front_problems.push(CardProblem::Screen);
        }
        reading.front_problems.extend(front.contradictions());
        reading.name_detail = laid.name_detail(name);
        reading.lines.number = Some(laid.first_line());
        reading.portrait_field = Some(laid.portrait_field());
        reading.printed_sex = front.printed_sex();
        reading.printed_birth = front.printed_birth();
        // Where something else is printed in the mark's first place, the others are looked at too.
        reading.is_specimen |= marked == Some(true) || marked == Some(false) && laid.is_specimen(reader)?;
        reading.front = Some(front.reading);
        Ok(())
    }

    fn back(self, reader: Reader, fields: Fields, reading: &mut CardReading) -> Result<(), String> {
        let laid = match self {
            Self::Laid(laid) => laid,
            Self::Text(look) => return look.back(reader, reading),
        };
        let mut back = Back::default();
        laid.term(reader, &mut back, fields == Fields::All)?;
        if !back.is_complete() {
            let look = Look::at(reader, laid.sheet.picture)?;
            if look.side == Some(Side::Back) && look.is_complete() {
                return look.back(reader, reading);
            }
        }
        reading.validity_confidence = back.validity_confidence;
        reading.lines.validity = Some(laid.first_line());
        reading.is_specimen |= laid.is_specimen(reader)?;
        let complete = back.is_complete();
        reading.back_problems.extend(complaints(&laid.quality(&[]), laid.sheet.beyond(), complete, false));
        if is_screen(&laid.sheet, false) {
            reading.back_problems.push(CardProblem::Screen);
        }
        if !complete {
            reading.back_problems.push(CardProblem::ValidityUnreadable);
        }
        reading.back = Some(back.reading);
        Ok(())
    }
}

impl Laid<'_> {
    fn quality(&self, more: &[Strip]) -> Quality {
        let strips = more.iter().chain(std::iter::once(&self.strip));
        let lines: Vec<RgbImage> = strips.map(|strip| self.sheet.cut(&Strip { height: LINE_ON_CARD, ..*strip }, LINE, 1.0)).collect();
        Quality::measure(&self.sheet.whole(MEASURED.0, MEASURED.1), &lines, LINE_ON_CARD * self.sheet.scale())
    }

    /// The line that was read first: the number, or the term.
    fn first_line(&self) -> RgbImage {
        self.sheet.cut(&self.strip, CROP_HEIGHT, 1.0)
    }

    fn name_detail(&self, name: Name) -> Option<NameDetail> {
        let (first, last) = (name.strips.first()?, name.strips.last()?);
        let middle = |end: fn(&Strip) -> f32| f32::midpoint(end(first), end(last));
        let height = last.middle.0 - first.middle.0 + first.height;
        let around = Strip { middle: (middle(|strip| strip.middle.0), middle(|strip| strip.middle.1)), height, ..*first };
        if name.characters.is_empty() {
            return None;
        }
        Some(NameDetail {
            crop: self.sheet.cut(&around, CROP_HEIGHT, 1.0),
            characters: name.characters.iter().map(|close| (close.glyph.character, close.glyph.sure)).collect(),
            others: name.characters.into_iter().map(|close| close.others).collect(),
        })
    }
}

/// What is wrong with the picture: always when a part is missing, it is a copy or badly blurred, and otherwise only where
/// it kept something from being read. `missing` says that a field is missing altogether.
pub(super) fn complaints(quality: &Quality, beyond: f32, complete: bool, missing: bool) -> Vec<CardProblem> {
    let mut out = Vec::new();
    if beyond > BEYOND {
        out.push(CardProblem::CutOff);
    }
    if !complete {
        out.extend(quality.reasons());
    } else if quality.is_smeared() {
        out.push(CardProblem::Blurred);
    }
    if quality.is_colourless() {
        out.push(CardProblem::Copy);
    }
    if missing && out.is_empty() {
        out.push(CardProblem::Unreadable);
    }
    out
}
