//! Whether a candidate still studies.

/// 在籍 or 已毕业.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StudyStatus {
    /// 在籍
    Enrolled,
    /// 已毕业
    Graduated,
}

impl StudyStatus {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Enrolled, Self::Graduated];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Graduated => "graduated",
        }
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enrolled => "在籍",
            Self::Graduated => "已毕业",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}
