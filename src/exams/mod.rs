//! Exams: what is offered, when, for how much, under which rules.

pub mod actions;
pub mod changes;
pub mod console;
pub mod eligibility;
pub mod form;
pub mod notice;
pub mod payment_picture;
pub mod questions;
mod ready;
pub mod shelf;
pub mod store;
pub mod view;

pub use form::{ExamForm, SubjectForm};
pub use notice::notice_html;

use crate::error::Error;
use crate::types::{Fen, UnixMs};

/// Where an exam stands on its own way. What candidates see is its [`Phase`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExamState {
    /// Only staff see it.
    Draft,
    /// Candidates see it.
    Published,
    /// Closed by staff before its time, or for good.
    Closed,
    /// Put away.
    Archived,
}

impl ExamState {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Closed => "closed",
            Self::Archived => "archived",
        }
    }

    /// Reads a code of our own store.
    pub fn stored(code: &str) -> Self {
        [Self::Published, Self::Closed, Self::Archived].into_iter().find(|s| s.code() == code).unwrap_or(Self::Draft)
    }

    /// The word on console pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Published => "已发布",
            Self::Closed => "已关闭",
            Self::Archived => "已归档",
        }
    }
}

/// The default name of the fee item, as the manual has it.
pub const DEFAULT_FEE_NAME: &str = "成人高等教育学士学位外语水平考试费";

/// What candidates see of an exam now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// 未开始
    Coming,
    /// 报名中
    Open,
    /// 已截止
    Closed,
}

impl Phase {
    /// The colour's name in the style sheets.
    pub fn code(self) -> &'static str {
        match self {
            Self::Coming => "pending",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Coming => "未开始",
            Self::Open => "报名中",
            Self::Closed => "已截止",
        }
    }
}

/// How the fee is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentWay {
    /// On the school's own payment page, behind a QR code; a screenshot of the order is the proof.
    Page,
    /// Nothing to pay.
    Free,
    /// At the school; staff confirm it.
    Offline,
}

impl PaymentWay {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Page, Self::Free, Self::Offline];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Free => "free",
            Self::Offline => "offline",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Result<Self, &'static str> {
        Self::ALL.into_iter().find(|w| w.code() == code).ok_or("请选择缴费方式。")
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Page => "学校缴费页面（扫码缴费，上传订单截图）",
            Self::Free => "免费",
            Self::Offline => "到校缴费",
        }
    }
}

/// What is checked of a person before a registration can be approved. The order is the order of strictness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checks {
    /// The document number is only what the candidate typed.
    None,
    /// The document was read, or seen by a person.
    RealName,
    /// And the face was compared with the document's portrait.
    Face,
}

impl Checks {
    /// Strictest first, as on the form.
    pub const ALL: [Self; 3] = [Self::Face, Self::RealName, Self::None];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Face => "face",
            Self::RealName => "real_name",
            Self::None => "none",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Result<Self, &'static str> {
        Self::ALL.into_iter().find(|c| c.code() == code).ok_or("请选择身份核验的方式。")
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Face => "实名认证和人脸识别",
            Self::RealName => "只要实名认证",
            Self::None => "不需要",
        }
    }

    /// What it means, for whoever chooses.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Face => "先上传证件，报名时再刷脸，与证件照片比对。",
            Self::RealName => "先上传证件；准考证上印证件照片。",
            Self::None => "不核对证件；准考证上没有照片，留出位置粘贴。",
        }
    }

    /// Whether the document has to be verified.
    pub fn real_name(self) -> bool {
        self >= Self::RealName
    }

    /// Whether the face has to be.
    pub fn face(self) -> bool {
        self == Self::Face
    }
}

/// Thesis grade (论文等级). The order is the order of worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// 不及格
    Fail,
    /// 及格
    Pass,
    /// 中
    Fair,
    /// 良
    Good,
    /// 优
    Excellent,
}

impl Grade {
    /// Best first, as on the form.
    pub const ALL: [Self; 5] = [Self::Excellent, Self::Good, Self::Fair, Self::Pass, Self::Fail];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Excellent => "excellent",
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Excellent => "优",
            Self::Good => "良",
            Self::Fair => "中",
            Self::Pass => "及格",
            Self::Fail => "不及格",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.code() == code)
    }
}

/// An exam as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Exam {
    pub id: i64,
    pub public_ref: String,
    pub title: String,
    pub state: String,
    pub opens_at: i64,
    pub closes_at: i64,
    pub edit_until: i64,
    pub pay_until: i64,
    pub notice: String,
    pub notice_version: i64,
    pub fee_name: String,
    pub fee_fen: i64,
    pub payment_way: String,
    pub payment_url: String,
    pub payment_picture: Option<i64>,
    pub payee: String,
    pub thesis_floor: String,
    pub checks: String,
    pub ticket_rules: String,
    pub ticket_prefix: String,
    pub tickets_released_at: Option<i64>,
    pub updated_at: i64,
}

impl Exam {
    /// Its state.
    pub fn state(&self) -> ExamState {
        ExamState::stored(&self.state)
    }

    /// What candidates see now. The window includes its first and excludes its last moment.
    pub fn phase(&self, now: UnixMs) -> Phase {
        if self.state() != ExamState::Published || now.0 >= self.closes_at {
            Phase::Closed
        } else if now.0 < self.opens_at {
            Phase::Coming
        } else {
            Phase::Open
        }
    }

    /// What is checked of its candidates.
    pub fn checks(&self) -> Checks {
        Checks::parse(&self.checks).unwrap_or(Checks::Face)
    }

    /// The steps of signing up, slug and word: without a fee there is nothing to pay, and who pays at the school has no screenshot.
    pub fn steps(&self) -> Vec<(&'static str, &'static str)> {
        let all = [("notice", "须知"), ("face", "人脸"), ("information", "信息"), ("payment", "缴费"), ("proof", "凭证")];
        let is_there = |slug| match slug {
            "face" => self.checks().face(),
            "payment" => self.way() != PaymentWay::Free,
            "proof" => self.way() == PaymentWay::Page,
            _ => true,
        };
        all.into_iter().filter(|(slug, _)| is_there(*slug)).collect()
    }

    /// Refuses outside the registration window.
    pub fn require_open(&self, now: UnixMs) -> Result<(), Error> {
        match self.phase(now) {
            Phase::Open => Ok(()),
            Phase::Coming => {
                Err(Error::refused("window_not_open", format!("报名还没有开始，开始时间是 {}。", UnixMs(self.opens_at).words())))
            }
            Phase::Closed => {
                Err(Error::refused("window_closed", format!("{}，不能再提交。如有疑问请联系学校。", self.ended("报名", self.closes_at))))
            }
        }
    }

    /// Why `what` is over: the school closed the exam, or its time `until` came.
    pub fn ended(&self, what: &str, until: i64) -> String {
        match self.state() {
            ExamState::Closed => "学校已提前关闭这次报名".into(),
            _ => format!("{what}已于 {} 截止", UnixMs(until).words()),
        }
    }

    /// Refuses changes outside the edit window.
    pub fn require_editable(&self, now: UnixMs) -> Result<(), Error> {
        if self.state() == ExamState::Published && now.0 >= self.opens_at && now.0 < self.edit_until {
            return Ok(());
        }
        Err(Error::refused(
            "edit_closed",
            format!("{}，不能再修改。如有疑问请联系学校。", self.ended("修改报考信息的时间", self.edit_until)),
        ))
    }

    /// Refuses proofs after the payment deadline.
    pub fn require_payable(&self, now: UnixMs) -> Result<(), Error> {
        if self.state() == ExamState::Published && now.0 < self.pay_until {
            return Ok(());
        }
        Err(Error::refused("payment_closed", format!("{}，不能再提交订单截图。如有疑问请联系学校。", self.ended("缴费", self.pay_until))))
    }

    /// The fee of the subjects that have none of their own.
    pub fn fee(&self) -> Fen {
        Fen(self.fee_fen)
    }

    /// What a subject costs now.
    pub fn fee_of(&self, subject: Option<&Subject>) -> Fen {
        match self.way() {
            PaymentWay::Free => Fen(0),
            _ => subject.and_then(|subject| subject.fee_fen).map_or_else(|| self.fee(), Fen),
        }
    }

    /// How it is paid.
    pub fn way(&self) -> PaymentWay {
        PaymentWay::parse(&self.payment_way).unwrap_or(PaymentWay::Page)
    }

    /// The lowest thesis grade that may apply; the manual's is 中.
    pub fn floor(&self) -> Grade {
        Grade::parse(&self.thesis_floor).unwrap_or(Grade::Fair)
    }
}

/// A subject of an exam.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Subject {
    pub id: i64,
    pub exam: i64,
    pub code: String,
    pub name: String,
    pub starts_at: i64,
    pub ends_at: i64,
    pub capacity: Option<i64>,
    pub taken: i64,
    pub fee_fen: Option<i64>,
}

impl Subject {
    /// How many places are left; `None` where they are not limited.
    pub fn seats_left(&self) -> Option<i64> {
        self.capacity.map(|capacity| (capacity - self.taken).max(0))
    }
}
