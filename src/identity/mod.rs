//! Real-name verification (实名认证): the card's two sides, read here, judged field by field, decided by the machine only where it is sure.
//!
//! Invariants: an upload is stored before it is answered; a check counts only for the name it was made for (`name_version`); an account has at most one
//! check that is not decided; whatever the machine cannot do goes to a person, never into nothing.

pub mod actions;
pub mod console;
mod holders;
pub mod jobs;
mod judge;
mod names;
pub mod store;
pub mod web;
mod words;

use baokao_vision::{BackReading, CardProblem, FrontReading};
use serde::{Deserialize, Serialize};

use crate::types::DocumentKind;
pub use judge::{Declared, judge, judge_document};
pub use words::problem_sentences;

/// After so many tries that the machine refused, the candidate may ask for a person.
pub const FAILURES_BEFORE_A_PERSON: i64 = 3;

/// How far a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// A job reads it.
    Reading,
    /// The machine was sure.
    Passed,
    /// The machine says what to mend.
    Failed,
    /// Waits for a reviewer.
    Person,
    /// A reviewer passed it.
    Approved,
    /// A reviewer sent it back.
    Returned,
    /// The name changed before it was decided: it counts for nothing.
    Superseded,
}

impl CheckState {
    const ALL: [Self; 7] = [Self::Reading, Self::Passed, Self::Failed, Self::Person, Self::Approved, Self::Returned, Self::Superseded];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Person => "person",
            Self::Approved => "approved",
            Self::Returned => "returned",
            Self::Superseded => "superseded",
        }
    }

    /// Reads a code of our own store; an unknown one counts for nothing.
    pub fn stored(code: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.code() == code).unwrap_or(Self::Superseded)
    }

    /// The word for reviewers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reading => "识别中",
            Self::Passed => "自动通过",
            Self::Failed => "未通过",
            Self::Person => "待审核",
            Self::Approved => "已通过",
            Self::Returned => "已退回",
            Self::Superseded => "已作废",
        }
    }
}

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// 人像面.
    Front,
    /// 国徽面.
    Back,
}

impl Side {
    /// Stable code; also the name of the form's field.
    pub fn code(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Back => "back",
        }
    }
}

/// Why the machine refuses. Each has one sentence in `words.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The file ends early or contradicts itself.
    Damaged,
    /// More pixels than are decoded.
    TooManyPixels,
    /// The name on the card is clearly another one.
    NameDiffers,
    /// The number on the card is clearly another one.
    NumberDiffers,
    /// The card's last day is over.
    Expired,
    /// What the reader says.
    #[serde(untagged)]
    Card(CardProblem),
}

impl Problem {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::TooManyPixels => "too_many_pixels",
            Self::NameDiffers => "name_differs",
            Self::NumberDiffers => "number_differs",
            Self::Expired => "expired",
            Self::Card(problem) => problem.code(),
        }
    }
}

/// A problem and the picture that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub problem: Problem,
    /// Where, when it concerns one picture.
    pub side: Option<Side>,
}

impl Finding {
    /// `blurred:front`, `sides_swapped`.
    pub fn code(self) -> String {
        match self.side {
            Some(side) => format!("{}:{}", self.problem.code(), side.code()),
            None => self.problem.code().to_owned(),
        }
    }
}

/// Why a person has to look. Each has one sentence in `words.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// A character of the name was read without certainty.
    NameUncertain,
    /// The name has a rare character, which recognition may not know.
    NameRare,
    /// Two characters that look alike.
    NameLookAlike,
    /// The number was read as another one, without certainty.
    NumberUncertain,
    /// The printed birth date is not the number's.
    BirthMismatch,
    /// The printed sex is not the number's.
    SexMismatch,
    /// The printed sex or birth date was not read.
    PrintUnread,
    /// The card's first day is still to come.
    NotYetValid,
    /// The machine-readable zone was not found, or its check digits are wrong.
    ZoneUnread,
    /// A name in Latin letters that is not clearly the registered one.
    LatinName,
    /// The last day of validity was not read, or without certainty, or not the same twice, or the term is one that no card has.
    ValidityUncertain,
    /// No face, or more than one, is on the picture of a document whose layout is not known.
    PortraitUncertain,
    /// It carries the mark of the specimens that this program draws.
    Specimen,
    /// A document that is not read by machine, by design.
    OtherDocument,
    /// The models are not installed.
    NoModels,
    /// The reader failed at every try.
    ReaderFailed,
    /// The candidate asked for it after several failures.
    Asked,
    /// Another account has a document of the same holder.
    SameHolder,
}

impl Doubt {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::NameUncertain,
        Self::NameRare,
        Self::NameLookAlike,
        Self::NumberUncertain,
        Self::BirthMismatch,
        Self::SexMismatch,
        Self::PrintUnread,
        Self::NotYetValid,
        Self::ZoneUnread,
        Self::LatinName,
        Self::ValidityUncertain,
        Self::PortraitUncertain,
        Self::Specimen,
        Self::OtherDocument,
        Self::NoModels,
        Self::ReaderFailed,
        Self::Asked,
        Self::SameHolder,
    ];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NameUncertain => "name_uncertain",
            Self::NameRare => "name_rare",
            Self::NameLookAlike => "name_look_alike",
            Self::NumberUncertain => "number_uncertain",
            Self::BirthMismatch => "birth_mismatch",
            Self::SexMismatch => "sex_mismatch",
            Self::PrintUnread => "print_unread",
            Self::NotYetValid => "not_yet_valid",
            Self::ZoneUnread => "zone_unread",
            Self::LatinName => "latin_name",
            Self::ValidityUncertain => "validity_uncertain",
            Self::PortraitUncertain => "portrait_uncertain",
            Self::Specimen => "specimen",
            Self::OtherDocument => "other_document",
            Self::NoModels => "no_models",
            Self::ReaderFailed => "reader_failed",
            Self::Asked => "asked",
            Self::SameHolder => "same_holder",
        }
    }
}

/// A field that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 姓名
    Name,
    /// 公民身份号码
    Number,
    /// 性别
    Sex,
    /// 出生
    Birth,
    /// 有效期限
    Validity,
}

impl Field {
    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "姓名",
            Self::Number => "证件号码",
            Self::Sex => "性别",
            Self::Birth => "出生日期",
            Self::Validity => "有效期限",
        }
    }
}

/// What the comparison of one field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// As registered.
    Agrees,
    /// Clearly not as registered.
    Differs,
    /// Not clear enough to say.
    Doubtful,
}

/// A field as read beside the same field as registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldVerdict {
    /// Which.
    pub field: Field,
    /// As read; empty when it could not be read.
    pub read: String,
    /// As registered, or as the registered number says; empty where nothing is registered.
    pub registered: String,
    /// The verdict.
    pub agreement: Agreement,
}

/// What the machine makes of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Everything agrees and is clear.
    Passed,
    /// The candidate has something to mend.
    Failed,
    /// A person decides.
    Person,
}

/// What was read and what it means. Stored sealed: it holds personal data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which document was read; none is the resident identity card.
    #[serde(default)]
    pub kind: Option<DocumentKind>,
    /// The front as read.
    pub front: Option<FrontReading>,
    /// The back as read.
    pub back: Option<BackReading>,
    /// The fields that decide, in the order of the pages.
    pub fields: Vec<FieldVerdict>,
    /// What is wrong, worst first.
    pub findings: Vec<Finding>,
    /// Why a person has to look.
    pub doubts: Vec<Doubt>,
    /// The line of the name cut out of the front: JPEG, base64.
    pub name_line: Option<String>,
    /// Lines of other fields likewise.
    #[serde(default)]
    pub lines: Vec<(Field, String)>,
}

impl Outcome {
    /// Something to mend goes before doubt: a reviewer could only say the same.
    pub fn decision(&self) -> Decision {
        if !self.findings.is_empty() {
            Decision::Failed
        } else if !self.doubts.is_empty() || self.fields.is_empty() {
            Decision::Person
        } else {
            Decision::Passed
        }
    }

    /// Every code, comma-separated: the column `problems`.
    pub fn codes(&self) -> String {
        let findings = self.findings.iter().map(|finding| finding.code());
        findings.chain(self.doubts.iter().map(|doubt| doubt.code().to_owned())).collect::<Vec<_>>().join(",")
    }

    /// The sentences for the candidate, one for each finding.
    pub fn sentences(&self) -> Vec<String> {
        self.findings.iter().map(|finding| words::sentence(*finding, self)).collect()
    }

    /// A field as it was compared.
    pub fn field(&self, field: Field) -> Option<&FieldVerdict> {
        self.fields.iter().find(|verdict| verdict.field == field)
    }
}
