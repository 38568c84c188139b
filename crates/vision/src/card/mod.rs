//! The resident identity card: what its two sides say, and what is wrong with the pictures of them.

mod back;
mod both;
mod edges;
mod find;
mod front;
mod laid;
mod layout;
mod name;
mod pattern;
mod quality;
mod rows;
mod screen;
mod sheet;
mod text;

use image::RgbImage;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub(crate) use both::read;

use crate::geometry::{Beyond, Point, resample};
use crate::ocr::Line;
use crate::projective::Projective;

/// Sides in pixels up to which the portrait's surroundings keep the picture's own.
const PORTRAIT_HEIGHT: f32 = 1280.0;

/// What stands in the margins of our specimens.
const MARK: &str = "样本SPECIMEN";

/// Which fields to read. What is not read is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fields {
    /// Those that decide: name, number, birth, sex, validity.
    Deciding,
    /// Ethnicity, address and authority too.
    All,
}

/// What both sides of a card say. Serialises to the stable JSON of `baokao card read`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CardReading {
    /// The side with the portrait; `None` when it was not given or could not be read.
    pub front: Option<FrontReading>,
    /// The side with the national emblem; `None` when it was not given or could not be read.
    pub back: Option<BackReading>,
    /// Everything wrong with either side, in the order it was found, each once.
    pub problems: Vec<CardProblem>,
    /// The problems of the front picture alone.
    #[serde(skip)]
    pub front_problems: Vec<CardProblem>,
    /// The problems of the back picture alone.
    #[serde(skip)]
    pub back_problems: Vec<CardProblem>,
    /// How the name was read, character by character, for comparing it with a declared name.
    #[serde(skip)]
    pub name_detail: Option<NameDetail>,
    /// 性别 as printed and nothing else: `front.sex` is the number's where the print was not read.
    #[serde(skip)]
    pub printed_sex: Option<Sex>,
    /// 出生 as printed and nothing else: `front.birth` is the number's where the print was not read.
    #[serde(skip)]
    pub printed_birth: Option<Date>,
    /// Lines cut out of the pictures, for a person to compare; of a card whose place was found.
    #[serde(skip)]
    pub lines: CardLines,
    /// The lowest character confidence of 有效期限, 0–1; `None` where it was not read.
    #[serde(skip)]
    pub validity_confidence: Option<f32>,
    /// One side or the other carries the mark of the specimens that this project draws.
    #[serde(skip)]
    pub is_specimen: bool,
    /// Where the front's portrait lies in its picture, with its surroundings: for [`crate::Vision::card_portrait`].
    #[serde(skip)]
    pub portrait_field: Option<Quadrilateral>,
}

/// Four corners in a picture, in pixels: upper left, upper right, lower right, lower left of what is seen there upright.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quadrilateral(pub(crate) [Point; 4]);

impl Quadrilateral {
    /// Cut out upright, with the pixels that the picture has, up to [`PORTRAIT_HEIGHT`].
    pub(crate) fn cut(&self, picture: &RgbImage) -> Option<RgbImage> {
        let [a, b, c, d] = self.0;
        let across = f32::midpoint(a.distance(b), d.distance(c)).max(1.0);
        let down = f32::midpoint(a.distance(d), b.distance(c)).max(1.0);
        let shrink = (PORTRAIT_HEIGHT / across.max(down)).min(1.0);
        let (width, height) = ((across * shrink).round().max(1.0), (down * shrink).round().max(1.0));
        let corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
        let map = Projective::through(std::array::from_fn(|i| (Point::new(corners[i].0, corners[i].1), self.0[i])))?;
        Some(resample(picture, |p| map.apply(p), 1.0 / shrink, width as u32, height as u32, Beyond::Edge))
    }
}

/// The fields of the front. A field that could not be read is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FrontReading {
    /// 姓名 as read; recognition prefers a common glyph to a rare one, so it judges a declared name and never types one.
    pub name: Option<String>,
    /// 性别.
    pub sex: Option<Sex>,
    /// 民族, without 族.
    pub ethnicity: Option<String>,
    /// 出生 as printed; where only the number was readable, the date inside a valid number.
    pub birth: Option<Date>,
    /// 住址, its lines joined.
    pub address: Option<String>,
    /// 公民身份号码, 18 characters with an upper-case X; its check digit is right unless `number_invalid` is reported.
    pub number: Option<String>,
    /// How sure the recognition was, 0–1.
    pub confidence: Confidence,
}

/// The lowest character confidence of a field, 0–1; `None` where the field was not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Confidence {
    /// Of the name.
    pub name: Option<f32>,
    /// Of the number.
    pub number: Option<f32>,
}

/// The fields of the back. A field that could not be read is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BackReading {
    /// 签发机关.
    pub authority: Option<String>,
    /// The first day of 有效期限.
    pub valid_from: Option<Date>,
    /// The last day of 有效期限, or 长期.
    pub valid_until: Option<ValidUntil>,
}

/// 性别 as printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sex {
    /// 男.
    #[serde(rename = "男")]
    Male,
    /// 女.
    #[serde(rename = "女")]
    Female,
}

/// The end of a card's validity. Serialises as `"2036-03-01"` or `"长期"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ValidUntil {
    /// The last day on which the card is valid.
    Day(Date),
    /// 长期: no end.
    LongTerm,
}

impl From<ValidUntil> for String {
    fn from(value: ValidUntil) -> Self {
        match value {
            ValidUntil::Day(day) => day.to_string(),
            ValidUntil::LongTerm => "长期".to_owned(),
        }
    }
}

impl TryFrom<String> for ValidUntil {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "长期" {
            return Ok(Self::LongTerm);
        }
        text.parse().map(Self::Day)
    }
}

/// Lines of a card as they stand in its pictures, [`NameDetail::crop`] beside them.
#[derive(Debug, Clone, Default)]
pub struct CardLines {
    /// 公民身份号码
    pub number: Option<RgbImage>,
    /// 有效期限
    pub validity: Option<RgbImage>,
}

/// The name line in detail.
#[derive(Debug, Clone)]
pub struct NameDetail {
    /// The characters read, in order, each with its confidence, 0–1.
    pub characters: Vec<(char, f32)>,
    /// For each of them what else it may be, likeliest first, with the probability of each; empty where that is not known.
    pub others: Vec<Vec<(char, f32)>>,
    /// The name line cut out of the picture, for a person to compare.
    pub crop: RgbImage,
}

/// What is wrong with a picture of a card, or with what it says. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardProblem {
    /// The card has too few pixels to be read.
    TooSmall,
    /// Out of focus or moved.
    Blurred,
    /// Too little light.
    Dark,
    /// A reflection or overexposure covers part of it.
    Glare,
    /// A part of the card lies outside the picture.
    CutOff,
    /// No identity card is seen.
    NotACard,
    /// The two sides were given the wrong way round, or this one picture shows the other side.
    SidesSwapped,
    /// Both pictures show the same side.
    SameSide,
    /// A picture without colour: a photocopy.
    Copy,
    /// Photographed from a screen.
    Screen,
    /// The number is not 18 characters with a right check digit and an existing birth date.
    NumberInvalid,
    /// The printed birth date differs from the one inside the number.
    BirthMismatch,
    /// The printed sex differs from the one inside the number.
    SexMismatch,
    /// The validity period could not be read or ends before it starts.
    ValidityUnreadable,
    /// No portrait was found where the front has it. Never among the problems of a reading: it is for who asks for
    /// [`crate::Vision::card_portrait`] and gets none.
    PortraitUnreadable,
    /// It is a card, but a field that decides could not be read.
    Unreadable,
}

impl CardProblem {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::TooSmall,
        Self::Blurred,
        Self::Dark,
        Self::Glare,
        Self::CutOff,
        Self::NotACard,
        Self::SidesSwapped,
        Self::SameSide,
        Self::Copy,
        Self::Screen,
        Self::NumberInvalid,
        Self::BirthMismatch,
        Self::SexMismatch,
        Self::ValidityUnreadable,
        Self::PortraitUnreadable,
        Self::Unreadable,
    ];

    /// The stable code, as in the JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooSmall => "too_small",
            Self::Blurred => "blurred",
            Self::Dark => "dark",
            Self::Glare => "glare",
            Self::CutOff => "cut_off",
            Self::NotACard => "not_a_card",
            Self::SidesSwapped => "sides_swapped",
            Self::SameSide => "same_side",
            Self::Copy => "copy",
            Self::Screen => "screen",
            Self::NumberInvalid => "number_invalid",
            Self::BirthMismatch => "birth_mismatch",
            Self::SexMismatch => "sex_mismatch",
            Self::ValidityUnreadable => "validity_unreadable",
            Self::PortraitUnreadable => "portrait_unreadable",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What lines say as a front.
#[cfg(fuzzing)]
pub(crate) fn front_of(lines: &[Line]) -> FrontReading {
    front::likeness(lines);
    front::Front::parse(lines).reading
}

/// What lines say as a back.
#[cfg(fuzzing)]
pub(crate) fn back_of(lines: &[Line]) -> BackReading {
    back::likeness(lines);
    back::Back::parse(lines).reading
}

/// Whether a line is the mark of our specimens, 样本 SPECIMEN. It is small: a few letters may be misread.
pub(crate) fn is_specimen_mark(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    text.chars().count() <= MARK.chars().count() + 4 && rows::resembles(&text, MARK, 0.6)
}

/// Where the middle of a label lies in the picture, if it was read.
fn label_place(lines: &[Line], label: &str) -> Option<Point> {
    let wanted: Vec<char> = label.chars().collect();
    let enough = if wanted.len() <= 2 { wanted.len() } else { wanted.len() - 1 };
    lines.iter().find_map(|line| {
        let glyphs: Vec<_> = line.glyphs.iter().filter(|glyph| !glyph.character.is_whitespace()).collect();
        glyphs.windows(wanted.len()).find_map(|part| {
            let hits = part.iter().zip(&wanted).filter(|(glyph, character)| glyph.character == **character).count();
            let (first, last) = (part.first()?, part.last()?);
            (hits >= enough).then(|| line.place.at(f32::midpoint(first.at, last.at), 0.5))
        })
    })
}
