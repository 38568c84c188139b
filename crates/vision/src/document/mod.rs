//! The documents besides the resident identity card: the permits of Hong Kong, Macao and Taiwan residents, their residence permit,
//! the card of foreign permanent residents, and the passport. Printed fields are found by their labels, in whatever place the
//! edition has them; what has a machine-readable zone is read twice, and the two readings are kept apart for whoever judges.

mod fields;
mod look;
mod pieces;
mod read;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

#[cfg(fuzzing)]
pub(crate) use read::of_lines;
pub(crate) use read::read;

use crate::card::{CardProblem, NameDetail, Sex, ValidUntil};
use crate::mrz::MrzReading;

/// Which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentType {
    /// 港澳台居民居住证
    ResidencePermit,
    /// 港澳居民来往内地通行证
    HkMacauPermit,
    /// 台湾居民来往大陆通行证
    TaiwanPermit,
    /// 外国人永久居留身份证
    ForeignPermanent,
    /// 护照
    Passport,
}

impl DocumentType {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::ResidencePermit, Self::HkMacauPermit, Self::TaiwanPermit, Self::ForeignPermanent, Self::Passport];

    /// The stable code, as in the JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::ResidencePermit => "residence_permit",
            Self::HkMacauPermit => "hk_macau_permit",
            Self::TaiwanPermit => "taiwan_permit",
            Self::ForeignPermanent => "foreign_permanent",
            Self::Passport => "passport",
        }
    }
}

/// What a document says. Serialises to the JSON of `baokao document read`. A field that could not be read is `None`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DocumentReading {
    /// Which document was asked for.
    pub kind: DocumentType,
    /// 姓名 in Han characters.
    pub name: Option<String>,
    /// The name in Latin letters as printed: `CHAN, TAI MAN`.
    pub latin_name: Option<String>,
    /// 性别 as printed.
    pub sex: Option<Sex>,
    /// 出生日期 as printed.
    pub birth: Option<Date>,
    /// 证件号码 or 公民身份号码 as printed, in the form that the kind has.
    pub number: Option<String>,
    /// The first day of 有效期限.
    pub valid_from: Option<Date>,
    /// The last day of 有效期限.
    pub valid_until: Option<ValidUntil>,
    /// 签发机关.
    pub authority: Option<String>,
    /// 住址, on residence permits.
    pub address: Option<String>,
    /// 通行证号码, on the back of residence permits.
    pub permit_number: Option<String>,
    /// 签发次数 or 换证次数.
    pub issue_count: Option<u8>,
    /// The machine-readable zone.
    pub mrz: Option<MrzReading>,
    /// How sure the recognition was, 0–1.
    pub confidence: DocumentConfidence,
    /// Everything wrong with either picture, each once.
    pub problems: Vec<CardProblem>,
    /// The problems of the first picture alone.
    #[serde(skip)]
    pub front_problems: Vec<CardProblem>,
    /// The problems of the second picture alone.
    #[serde(skip)]
    pub back_problems: Vec<CardProblem>,
    /// How the name was read, character by character.
    #[serde(skip)]
    pub name_detail: Option<NameDetail>,
    /// A side carries the mark of the specimens that this project draws.
    #[serde(skip)]
    pub is_specimen: bool,
}

/// The lowest character confidence of a field, 0–1; `None` where it was not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct DocumentConfidence {
    /// Of the name in Han characters.
    pub name: Option<f32>,
    /// Of the name in Latin letters.
    pub latin_name: Option<f32>,
    /// Of the number.
    pub number: Option<f32>,
}

impl DocumentReading {
    /// Nothing read.
    pub fn new(kind: DocumentType) -> Self {
        Self {
            kind,
            name: None,
            latin_name: None,
            sex: None,
            birth: None,
            number: None,
            valid_from: None,
            valid_until: None,
            authority: None,
            address: None,
            permit_number: None,
            issue_count: None,
            mrz: None,
            confidence: DocumentConfidence::default(),
            problems: Vec::new(),
            front_problems: Vec::new(),
            back_problems: Vec::new(),
            name_detail: None,
            is_specimen: false,
        }
    }
}
