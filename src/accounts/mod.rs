//! Candidates' accounts: register, sign in, the personal centre, consents, messages; and the entrance to the site (poster, the way out of WeChat).

pub mod actions;
pub mod challenge;
pub mod consents;
pub mod console;
pub mod guard;
pub mod jobs;
pub mod password;
pub mod rare;
pub mod reports;
pub mod store;
pub mod web;

pub use consents::{Consent, ConsentKind};
pub use guard::Candidate;

/// What a candidate can be (考生类型). A school edits this list; an account keeps the word that it chose.
pub const CANDIDATE_TYPES: [&str; 4] = ["专升本", "高起本", "高起专", "其他"];

/// How far the real-name verification (实名认证) of an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RealName {
    /// Nothing uploaded, or the name changed since.
    None,
    /// Pictures are being read.
    Pending,
    /// Verified, for the present name.
    Verified,
    /// The last try failed; the reasons are with the check.
    Failed,
    /// A person looks at it.
    Person,
}

impl RealName {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::Person => "person",
        }
    }

    /// Reads a code of our own store.
    pub fn stored(code: &str) -> Self {
        [Self::Pending, Self::Verified, Self::Failed, Self::Person].into_iter().find(|s| s.code() == code).unwrap_or(Self::None)
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "未认证",
            Self::Pending => "识别中",
            Self::Verified => "已实名",
            Self::Failed => "未通过",
            Self::Person => "人工审核中",
        }
    }

    /// The colour of [`RealName::word`]: a code that the macro `badge` knows.
    pub fn badge(self) -> &'static str {
        match self {
            Self::None => "drafting",
            Self::Pending | Self::Person => "pending",
            Self::Verified => "passed",
            Self::Failed => "failed",
        }
    }
}
