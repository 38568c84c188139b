//! One picture of a document: its pieces of text and its zone. Whoever finds and straightens the document first can hand the
//! straightened picture to [`Look::at`]: nothing here depends on where in the picture the document lies.

use image::RgbImage;
use jiff::civil::Date;

use super::pieces::{Label, Piece, is_labelled, solid, text};
use crate::card::CardProblem;
use crate::light::{luma, mean};
use crate::mrz::{self, MrzReading};
use crate::ocr::{Line, Page, Reader};

/// Longer side of what the detector sees at first.
const FIRST_LOOK: u32 = 640;
/// Longer side of what it sees of the text alone, where the first look found nothing.
const CLOSER_LOOK: u32 = 960;
/// A picture with sides below this cannot show a readable document.
const MIN_PICTURE: (u32, u32) = (320, 200);
/// Mean luma of the whole picture below which nothing can be seen on it.
const NIGHT: f32 = 35.0;
/// No page of these documents has more lines.
const MAX_LINES: usize = 40;
/// A row of a zone is longer than this many of its heights.
const ZONE_RATIO: f32 = 12.0;
/// Two lines are in one row where their middles differ by less than this share of the taller one's height.
const SAME_ROW: f32 = 0.5;

/// Likeness from which a side is recognised.
pub(super) const LIKE: usize = 2;

/// Words of the titles of all documents.
const TITLES: &[&str] = &["来往内地通行证", "来往大陆通行证", "永久居留身份证", "居民居住证", "护照", "PASSPORT"];

/// What a side of a document looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signs {
    /// Labels of the side.
    pub(super) labels: &'static [Label],
    /// Words of its title, any of which tells it.
    pub(super) titles: &'static [&'static str],
    /// Whether it has the zone.
    pub(super) has_zone: bool,
}

/// A picture, looked at.
pub(super) struct Look {
    pub(super) pieces: Vec<Piece>,
    pub(super) lines: Vec<Line>,
    pub(super) page: Page,
    pub(super) zone: Option<MrzReading>,
    refusal: CardProblem,
}

impl Look {
    /// Reads a picture; where it shows too few of the signs, from its other end, and then closer.
    pub(super) fn at(reader: Reader, picture: &RgbImage, signs: &[Signs], today: Date) -> Result<Self, String> {
        if picture.width() < MIN_PICTURE.0 || picture.height() < MIN_PICTURE.1 {
            return Ok(Self::nothing(CardProblem::TooSmall));
        }
        let page = Page::find(reader, picture, FIRST_LOOK)?;
        if page.places.is_empty() {
            let is_night = mean(&luma(&image::imageops::thumbnail(picture, 64, 64))) < NIGHT;
            return Ok(Self::nothing(if is_night { CardProblem::Dark } else { CardProblem::NotACard }));
        }
        let shows = |look: &Self| signs.iter().map(|signs| look.likeness(signs)).max().unwrap_or(0);
        let mut best = Self::of(reader, picture, page, today)?;
        if shows(&best) < LIKE {
            let upended = Self::of(reader, picture, best.page.upended(), today)?;
            best = if shows(&upended) > shows(&best) { upended } else { best };
        }
        if shows(&best) < LIKE {
            let closer = Page::find_around(reader, picture, &best.page, CLOSER_LOOK)?;
            let closer = Self::of(reader, picture, closer, today)?;
            best = if shows(&closer) > shows(&best) { closer } else { best };
        }
        Ok(best)
    }

    fn nothing(refusal: CardProblem) -> Self {
        Self { pieces: Vec::new(), lines: Vec::new(), page: Page::default(), zone: None, refusal }
    }

    /// Reads the lines of a page, the long ones first: where they are a card's zone whose check digits are right, the rest of the
    /// side is small print.
    fn of(reader: Reader, picture: &RgbImage, page: Page, today: Date) -> Result<Self, String> {
        let mut places = page.places.clone();
        places.sort_by(|a, b| (b.width / b.height.max(1.0)).total_cmp(&(a.width / a.height.max(1.0))));
        let mut look = Self { page, ..Self::nothing(CardProblem::NotACard) };
        for place in places.into_iter().take(MAX_LINES) {
            let is_long = place.width > ZONE_RATIO * place.height;
            if !is_long && look.zone.is_none() {
                look.zone = look.find_zone(today);
            }
            let is_settled = look.zone.as_ref().is_some_and(|zone| zone.format == mrz::MrzFormat::Td1 && zone.is_verified());
            if !is_long && is_settled {
                break;
            }
            look.lines.push(look.page.read(reader, picture, place)?);
        }
        if look.zone.is_none() {
            look.zone = look.find_zone(today);
        }
        look.pieces = look.lines.iter().map(Piece::of).filter(|piece| !solid(&piece.glyphs).is_empty()).collect();
        Ok(look)
    }

    /// Lines as if they had been read in a picture.
    #[cfg(fuzzing)]
    pub(super) fn of_lines(lines: Vec<Line>, today: Date) -> Self {
        let mut look = Self { lines, ..Self::nothing(CardProblem::NotACard) };
        look.zone = look.find_zone(today);
        look.pieces = look.lines.iter().map(Piece::of).filter(|piece| !solid(&piece.glyphs).is_empty()).collect();
        look
    }

    fn find_zone(&self, today: Date) -> Option<MrzReading> {
        let rows = self.rows();
        mrz::read(&rows.iter().map(String::as_str).collect::<Vec<_>>(), today)
    }

    /// The page's rows from top to bottom, pieces beside each other joined.
    fn rows(&self) -> Vec<String> {
        let mut lines: Vec<&Line> = self.lines.iter().collect();
        lines.sort_by(|a, b| a.area.middle().total_cmp(&b.area.middle()));
        let mut rows: Vec<Vec<&Line>> = Vec::new();
        for line in lines {
            let level =
                |last: &Line| (last.area.middle() - line.area.middle()).abs() < SAME_ROW * last.area.height().max(line.area.height());
            match rows.last_mut() {
                Some(row) if row.last().is_some_and(|last| level(last)) => row.push(line),
                _ => rows.push(vec![line]),
            }
        }
        rows.into_iter()
            .map(|mut row| {
                row.sort_by(|a, b| a.area.left.total_cmp(&b.area.left));
                row.iter().map(|line| line.text()).collect()
            })
            .collect()
    }

    /// How much a picture looks like a side: one for each label, three for its title or its zone; not at all where it has another
    /// document's title, for many have the same labels.
    pub(super) fn likeness(&self, signs: &Signs) -> usize {
        let labels = signs.labels.iter().filter(|label| self.pieces.iter().any(|piece| is_labelled(piece, &[**label]))).count();
        let written: Vec<String> = self.pieces.iter().map(|piece| text(&solid(&piece.glyphs))).collect();
        let has = |titles: &[&str]| titles.iter().any(|title| written.iter().any(|text| text.contains(title)));
        let has_title = has(signs.titles);
        if !has_title && has(TITLES) {
            return 0;
        }
        labels + 3 * usize::from(has_title) + 3 * usize::from(signs.has_zone && self.zone.is_some())
    }

    /// Why nothing was recognised.
    pub(super) fn refusal(&self) -> CardProblem {
        self.refusal
    }
}
