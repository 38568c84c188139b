//! Staff: who works at the console, and what each may do.

pub mod actions;
pub mod audit_page;
pub mod console;
pub mod guard;
pub mod store;
mod words;

pub use guard::Staff;
pub use words::{action_word, subject_word};

/// What a staff member may do. Checked in actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Create, edit and publish exams.
    Exams,
    /// Decide identity and face cases.
    ReviewIdentity,
    /// Decide payment cases.
    ReviewPayment,
    /// Rooms, arrangement, release of tickets.
    Seating,
    /// See candidates and their registrations in full.
    Candidates,
    /// Correct an ID number; staff accounts.
    Administer,
    /// Read the audit.
    Audit,
    /// Look at what others work on, and change nothing.
    Look,
}

/// A named set of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// 教务
    Registrar,
    /// 审核
    Reviewer,
    /// 技术管理员
    Administrator,
    /// 审计
    Auditor,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Registrar, Self::Reviewer, Self::Administrator, Self::Auditor];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Reviewer => "reviewer",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Registrar => "教务",
            Self::Reviewer => "审核",
            Self::Administrator => "技术管理员",
            Self::Auditor => "审计",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// What it may do.
    pub fn may(self, permission: Permission) -> bool {
        use Permission::{Administer, Audit, Candidates, Exams, Look, ReviewIdentity, ReviewPayment, Seating};
        match self {
            Self::Registrar => matches!(permission, Exams | ReviewIdentity | ReviewPayment | Seating | Candidates),
            Self::Reviewer => matches!(permission, ReviewIdentity | ReviewPayment | Candidates),
            Self::Administrator => matches!(permission, Administer | Audit | Candidates | Exams | Seating),
            Self::Auditor => matches!(permission, Audit | Candidates | Look),
        }
    }
}
