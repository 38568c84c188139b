//! Staff: who works at the console, and what each may do.

pub mod actions;
pub mod audit_page;
pub mod by_two;
pub mod console;
pub mod guard;
pub mod held;
mod own_page;
mod passkey;
mod passkey_page;
mod password;
mod roles_page;
pub mod store;
mod team_page;
mod totp;
mod values;
mod words;

pub use guard::Staff;
pub use values::code_word;
pub use words::{action_word, key_word, subject_word};

pub use crate::types::Permission;
use crate::types::Permissions;

/// A built-in role: a named set of permissions that stands in the program, so that a new permission reaches it by itself. Roles of the school's own
/// stand in the table `roles`, beside these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// 教务
    Registrar,
    /// 审核
    Reviewer,
    /// 财务
    Finance,
    /// 监考
    Invigilator,
    /// 技术管理员
    Administrator,
    /// 审计
    Auditor,
}

impl Role {
    /// All built-in roles.
    pub const ALL: [Self; 6] = [Self::Registrar, Self::Reviewer, Self::Finance, Self::Invigilator, Self::Administrator, Self::Auditor];

    /// Stable code, the key in `roles`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Reviewer => "reviewer",
            Self::Finance => "finance",
            Self::Invigilator => "invigilator",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// What it may do.
    pub fn permissions(self) -> Permissions {
        use Permission::{Administer, Audit, Candidates, ExamDay, Exams, Look, ReviewIdentity, ReviewPayment, Seating};
        match self {
            Self::Registrar => [Exams, ReviewIdentity, ReviewPayment, Seating, Candidates].into(),
            Self::Reviewer => [ReviewIdentity, ReviewPayment, Candidates].into(),
            Self::Finance => ReviewPayment.into(),
            Self::Invigilator => ExamDay.into(),
            Self::Administrator => [Administer, Audit, Candidates, Exams, Seating].into(),
            Self::Auditor => [Audit, Candidates, Look].into(),
        }
    }
}

/// One role that somebody holds, for one exam or for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What it lets them do.
    pub permissions: Permissions,
    /// For this exam only; `None`: for every exam, and for what belongs to none.
    pub exam: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_is_in_a_built_in_role() {
        for permission in Permission::all() {
            assert!(Role::ALL.iter().any(|role| role.permissions().has(permission)), "nobody may {}", permission.code());
        }
    }
}
