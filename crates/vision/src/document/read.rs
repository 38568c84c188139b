//! From the pictures of a document to its fields.

use image::RgbImage;
use jiff::civil::Date;

use super::look::{LIKE, Look, Signs};
use super::pieces::{Label, Piece, find, lowest, solid, text};
use super::{DocumentReading, DocumentType, fields};
use crate::card::{self, CardProblem, NameDetail, ValidUntil};
use crate::ocr::{Glyph, Reader, cut};

/// Sureness of a name of which a character may be missing.
const UNSURE: f32 = 0.3;
/// Widths of a character that may be left of a line beside its first or last one: the frame of the line, and no other character.
const UNREAD: f32 = 0.85;
/// Height of the name's crop in pixels.
const CROP_HEIGHT: u32 = 64;

const NAME: Label = ("姓名", "Name");
const HAN_NAME: Label = ("中文姓名", "");
const LATIN_NAME: Label = ("英文姓名", "Name");
const SEX: Label = ("性别", "Sex");
const BIRTH: Label = ("出生日期", "Date of Birth");
const NATIONALITY: Label = ("国籍", "Nationality");
const TERM: Label = ("有效期限", "Period of Validity");
const EXPIRY: Label = ("有效期至", "Date of expiry");
const ISSUED: Label = ("签发日期", "Date of issue");
const AUTHORITY: Label = ("签发机关", "Issuing Authority");
const PLACE: Label = ("签发地点", "");
const NUMBER: Label = ("证件号码", "ID No.");
const PASSPORT_NUMBER: Label = ("护照号码", "Passport No.");
const PERMIT_NUMBER: Label = ("通行证号码", "");
const ISSUES: Label = ("签发次数", "");
const RENEWALS: Label = ("换证次数", "");
const STATE: Label = ("国家码", "Country Code");
const KIND: Label = ("类型", "Type");

const PERMIT_LABELS: &[Label] = &[NAME, BIRTH, SEX, TERM, AUTHORITY, PLACE, NUMBER, ISSUES, RENEWALS, NATIONALITY];
const RESIDENCE_LABELS: &[Label] = &[AUTHORITY, TERM, PERMIT_NUMBER, ISSUES];
const FOREIGN_LABELS: &[Label] = &[LATIN_NAME, HAN_NAME, NAME, SEX, BIRTH, NATIONALITY, NUMBER];
const FOREIGN_BACK: &[Label] = &[AUTHORITY, TERM];
const PASSPORT_LABELS: &[Label] = &[KIND, STATE, PASSPORT_NUMBER, NAME, SEX, NATIONALITY, BIRTH, ISSUED, EXPIRY, AUTHORITY];

const PERMIT_BACK: Signs = Signs { labels: &[], titles: &[], has_zone: true };

/// What the two sides of a kind look like.
fn sides(kind: DocumentType) -> (Signs, Signs) {
    let signs = |labels, titles, has_zone| Signs { labels, titles, has_zone };
    match kind {
        // Its front is read as a card's.
        DocumentType::ResidencePermit => (signs(&[], &[], false), signs(RESIDENCE_LABELS, &["居民居住证"], false)),
        DocumentType::HkMacauPermit => (signs(PERMIT_LABELS, &["来往内地通行证", "往来内地通行证"], false), PERMIT_BACK),
        DocumentType::TaiwanPermit => (signs(PERMIT_LABELS, &["来往大陆通行证"], false), PERMIT_BACK),
        DocumentType::ForeignPermanent => (signs(FOREIGN_LABELS, &[], false), signs(FOREIGN_BACK, &["永久居留身份证"], false)),
        DocumentType::Passport => (signs(PASSPORT_LABELS, &["护照", "PASSPORT"], true), signs(&[], &[], false)),
    }
}

/// Reads the pictures that are given.
pub(crate) fn read(
    reader: Reader,
    kind: DocumentType,
    front: Option<&RgbImage>,
    back: Option<&RgbImage>,
    today: Date,
) -> Result<DocumentReading, String> {
    let mut reading = DocumentReading::new(kind);
    let (front_signs, back_signs) = sides(kind);
    let signs = [front_signs, back_signs];
    if kind == DocumentType::ResidencePermit {
        residence_front(reader, front, &mut reading)?;
    } else if let Some(picture) = front {
        let look = Look::at(reader, picture, &signs, today)?;
        reading.is_specimen |= is_specimen(&look);
        if let Some(problem) = misplaced(&look, &front_signs, &back_signs, CardProblem::SidesSwapped) {
            reading.front_problems.push(problem);
        } else {
            take_front(&look, picture, &mut reading);
        }
    }
    // A passport has one page; what else is sent is for people to look at.
    if let Some(picture) = back.filter(|_| kind != DocumentType::Passport) {
        let look = Look::at(reader, picture, &signs, today)?;
        reading.is_specimen |= is_specimen(&look);
        let same =
            if reading.front_problems.contains(&CardProblem::SidesSwapped) { CardProblem::SidesSwapped } else { CardProblem::SameSide };
        if let Some(problem) = misplaced(&look, &back_signs, &front_signs, same) {
            reading.back_problems.push(problem);
        } else {
            take_back(&look, &mut reading);
        }
    }
    settle(&mut reading, front.is_some());
    Ok(reading)
}

/// Makes fields of lines, the same for both sides.
#[cfg(fuzzing)]
pub(crate) fn of_lines(kind: DocumentType, lines: Vec<crate::ocr::Line>, today: Date) -> DocumentReading {
    let mut reading = DocumentReading::new(kind);
    let look = Look::of_lines(lines, today);
    let (front, back) = sides(kind);
    reading.front_problems.extend(misplaced(&look, &front, &back, CardProblem::SidesSwapped));
    // The picture is only cut from.
    take_front(&look, &RgbImage::new(64, 64), &mut reading);
    take_back(&look, &mut reading);
    settle(&mut reading, true);
    reading
}

fn is_specimen(look: &Look) -> bool {
    look.pieces.iter().any(|piece| card::is_specimen_mark(&text(&piece.glyphs)))
}

/// What is wrong with a picture that does not show its side.
fn misplaced(look: &Look, own: &Signs, other: &Signs, when_other: CardProblem) -> Option<CardProblem> {
    let (own, other) = (look.likeness(own), look.likeness(other));
    if own.max(other) < LIKE {
        return Some(look.refusal());
    }
    (other > own).then_some(when_other)
}

/// A residence permit's front is laid out as an identity card's.
fn residence_front(reader: Reader, front: Option<&RgbImage>, reading: &mut DocumentReading) -> Result<(), String> {
    let card = card::read(reader, front, None, card::Fields::All)?;
    reading.front_problems = card.front_problems;
    reading.name_detail = card.name_detail;
    reading.is_specimen = card.is_specimen;
    // As printed: the front's own may be the number's.
    (reading.sex, reading.birth) = (card.printed_sex, card.printed_birth);
    if let Some(front) = card.front {
        reading.confidence.name = front.confidence.name;
        reading.confidence.number = front.confidence.number;
        reading.name = front.name;
        reading.number = front.number;
        reading.address = front.address;
    }
    Ok(())
}

fn take_front(look: &Look, picture: &RgbImage, reading: &mut DocumentReading) {
    let labels = match reading.kind {
        DocumentType::ForeignPermanent => FOREIGN_LABELS,
        DocumentType::Passport => PASSPORT_LABELS,
        _ => PERMIT_LABELS,
    };
    let pieces = &look.pieces;
    reading.sex = find(pieces, SEX, labels, fields::sex);
    reading.birth = find(pieces, BIRTH, labels, fields::date);
    reading.authority = find(pieces, AUTHORITY, labels, fields::authority);
    reading.issue_count = [ISSUES, RENEWALS].iter().find_map(|label| find(pieces, *label, labels, fields::count));
    if let Some((from, until)) = find(pieces, TERM, labels, fields::term) {
        (reading.valid_from, reading.valid_until) = (Some(from), Some(until));
    }
    if reading.kind == DocumentType::Passport {
        reading.valid_from = find(pieces, ISSUED, labels, fields::date);
        reading.valid_until = find(pieces, EXPIRY, labels, fields::date).map(ValidUntil::Day);
    }
    reading.mrz = look.zone.clone();
    names(look, picture, labels, reading);
    let number = |glyphs: &[Glyph]| fields::document_number(reading.kind, glyphs);
    let label = if reading.kind == DocumentType::Passport { PASSPORT_NUMBER } else { NUMBER };
    // Where its label was not read, a number that says the same as the zone is the printed one.
    let zone = reading.mrz.as_ref().and_then(|zone| zone.number.clone());
    let as_in_zone = || pieces.iter().filter_map(|piece| number(&piece.glyphs)).find(|glyphs| zone.as_ref() == Some(&text(glyphs)));
    if let Some(glyphs) = find(pieces, label, labels, number).or_else(as_in_zone) {
        reading.confidence.number = lowest(&glyphs);
        reading.number = Some(text(&glyphs));
    }
}

fn names(look: &Look, picture: &RgbImage, labels: &[Label], reading: &mut DocumentReading) {
    let pieces = &look.pieces;
    let label = if reading.kind == DocumentType::ForeignPermanent { HAN_NAME } else { NAME };
    if let Some(mut glyphs) = find(pieces, label, labels, fields::han_name) {
        let ends_with = |piece: &&Piece| solid(&piece.glyphs).ends_with(&solid(&glyphs));
        let place = pieces.iter().find(ends_with).map(|piece| look.page.place(&piece.area));
        if place.is_some_and(|place| is_unread_beside(&glyphs, place.height / place.width.max(1.0))) {
            glyphs.iter_mut().for_each(|glyph| glyph.sure = glyph.sure.min(UNSURE));
        }
        reading.confidence.name = lowest(&glyphs);
        reading.name = Some(text(&glyphs));
        let characters = glyphs.iter().map(|glyph| (glyph.character, glyph.sure)).collect();
        reading.name_detail =
            place.map(|place| NameDetail { characters, others: Vec::new(), crop: cut(picture, &place, CROP_HEIGHT, CROP_HEIGHT * 12) });
    }
    // The Latin name stands under the other one, or has a label of its own; in both places it is the one line of capitals with a comma.
    let latin = [LATIN_NAME, NAME].iter().find_map(|label| find(pieces, *label, labels, fields::latin_name));
    let with_comma = |piece: &Piece| fields::latin_name(&piece.glyphs).filter(|name| name.iter().any(|glyph| glyph.character == ','));
    if let Some(glyphs) =
        latin.filter(|name| name.iter().any(|glyph| glyph.character == ',')).or_else(|| pieces.iter().find_map(with_comma))
    {
        reading.confidence.latin_name = lowest(&solid(&glyphs));
        reading.latin_name = Some(text(&glyphs).trim().to_owned());
    }
}

/// Whether a line begins before its first character or goes on behind its last one: one stands there that the recogniser does not know. `width` is a character's by the
/// height of its box, as a share of the line; where characters stand closer, their distance is it.
fn is_unread_beside(glyphs: &[Glyph], width: f32) -> bool {
    let (Some(first), Some(last)) = (glyphs.first(), glyphs.last()) else { return false };
    let width = if glyphs.len() > 1 { width.min((last.at - first.at) / (glyphs.len() - 1) as f32) } else { width };
    let room = (first.at - width / 2.0).max(1.0 - (last.at + width / 2.0));
    room > UNREAD * width
}

fn take_back(look: &Look, reading: &mut DocumentReading) {
    let pieces = &look.pieces;
    match reading.kind {
        DocumentType::ResidencePermit => {
            let labels = RESIDENCE_LABELS;
            let any_permit = |glyphs: &[Glyph]| {
                [DocumentType::HkMacauPermit, DocumentType::TaiwanPermit].iter().find_map(|kind| fields::document_number(*kind, glyphs))
            };
            reading.permit_number = find(pieces, PERMIT_NUMBER, labels, any_permit).map(|glyphs| text(&glyphs));
            reading.issue_count = find(pieces, ISSUES, labels, fields::count);
            take_term(pieces, labels, reading);
        }
        DocumentType::ForeignPermanent => take_term(pieces, FOREIGN_BACK, reading),
        DocumentType::HkMacauPermit | DocumentType::TaiwanPermit => reading.mrz = look.zone.clone(),
        DocumentType::Passport => {}
    }
}

fn take_term(pieces: &[Piece], labels: &[Label], reading: &mut DocumentReading) {
    reading.authority = find(pieces, AUTHORITY, labels, fields::authority);
    if let Some((from, until)) = find(pieces, TERM, labels, fields::term) {
        (reading.valid_from, reading.valid_until) = (Some(from), Some(until));
    }
}

/// What is missing, and all problems together.
fn settle(reading: &mut DocumentReading, has_front: bool) {
    let has_name = reading.name.is_some() || reading.latin_name.is_some();
    let has_number = reading.number.is_some() || reading.mrz.as_ref().is_some_and(|zone| zone.number.is_some());
    if has_front && reading.front_problems.is_empty() && !(has_name && has_number) {
        reading.front_problems.push(CardProblem::Unreadable);
    }
    let number_is_checked = matches!(reading.kind, DocumentType::ResidencePermit | DocumentType::ForeignPermanent);
    let is_wrong = |number: &String| number.len() == 18 && !fields::is_checked(number);
    if number_is_checked && reading.number.as_ref().is_some_and(is_wrong) && !reading.front_problems.contains(&CardProblem::NumberInvalid) {
        reading.front_problems.push(CardProblem::NumberInvalid);
    }
    for problem in reading.front_problems.iter().chain(&reading.back_problems) {
        if !reading.problems.contains(problem) {
            reading.problems.push(*problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_was_not_read_leaves_its_place() {
        let read = |ats: &[f32]| -> Vec<Glyph> { ats.iter().map(|at| Glyph { character: '字', sure: 0.99, at: *at }).collect() };
        // Lines as they are boxed: a sixth of a character around two characters, and three.
        assert!(!is_unread_beside(&read(&[0.28, 0.72]), 0.565));
        assert!(!is_unread_beside(&read(&[0.2, 0.5, 0.8]), 0.39));
        assert!(is_unread_beside(&read(&[0.2, 0.5]), 0.39));
        assert!(is_unread_beside(&read(&[0.5, 0.8]), 0.39));
        // 莫刚鋐 on a permit, in a box that is higher than its characters.
        assert!(is_unread_beside(&read(&[0.25, 0.536]), 0.44));
        assert!(!is_unread_beside(&[], 0.39));
    }
}
