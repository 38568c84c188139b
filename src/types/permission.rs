//! What staff may do: permissions, sets of them, and the exams that they hold for. Roles are in `staff`.

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
    /// Check tickets at the door.
    ExamDay,
    /// Correct an ID number; staff accounts and roles.
    Administer,
    /// Read the audit.
    Audit,
    /// Look at what others work on, and change nothing.
    Look,
}

impl Permission {
    /// Every permission with its stable code and its words on pages.
    const ALL: [(Self, &'static str, &'static str); 9] = [
        (Self::Exams, "exams", "考试的建立、修改和发布"),
        (Self::ReviewIdentity, "review_identity", "实名和人脸审核"),
        (Self::ReviewPayment, "review_payment", "缴费审核"),
        (Self::Seating, "seating", "考场编排和准考证发布"),
        (Self::Candidates, "candidates", "查看考生和报名"),
        (Self::ExamDay, "exam_day", "核验准考证"),
        (Self::Administer, "administer", "工作人员管理和考生证件更正"),
        (Self::Audit, "audit", "查看操作日志"),
        (Self::Look, "look", "只读查看各项工作"),
    ];

    /// All of them, in the order of the form.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().map(|(permission, _, _)| permission)
    }

    fn named(self) -> (&'static str, &'static str) {
        Self::ALL.into_iter().find(|(permission, _, _)| *permission == self).map_or(("", ""), |(_, code, word)| (code, word))
    }

    /// Stable code.
    pub fn code(self) -> &'static str {
        self.named().0
    }

    /// The words on pages.
    pub fn word(self) -> &'static str {
        self.named().1
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::all().find(|permission| permission.code() == code)
    }

    /// This one, or the one to look at everything: for pages that show work and change nothing.
    pub const fn or_look(self) -> Permissions {
        Permissions(self.bit() | Self::Look.bit())
    }

    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

/// A set of permissions. Where one is asked for, any of the set will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u64);

impl Permissions {
    /// Every permission.
    pub const EVERY: Self = Self(u64::MAX);

    /// The set of these.
    pub const fn of(list: &[Permission]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < list.len() {
            bits |= list[at].bit();
            at += 1;
        }
        Self(bits)
    }

    /// Whether one of `any` is in it.
    pub fn has(self, any: impl Into<Self>) -> bool {
        self.0 & any.into().0 != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether everything in it is in `other` too.
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Those in it, in the order of the form.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::all().filter(move |permission| self.has(*permission))
    }

    /// Comma-separated codes, as stored.
    pub fn codes(self) -> String {
        self.iter().map(Permission::code).collect::<Vec<_>>().join(",")
    }

    /// Reads comma-separated codes; one that this version does not know gives nothing.
    pub fn parse(codes: &str) -> Self {
        codes.split(',').filter_map(Permission::parse).fold(Self::default(), |all, one| all.with(one.into()))
    }
}

impl From<Permission> for Permissions {
    fn from(one: Permission) -> Self {
        Self(one.bit())
    }
}

impl<const N: usize> From<[Permission; N]> for Permissions {
    fn from(list: [Permission; N]) -> Self {
        Self::of(&list)
    }
}

/// The exams for which somebody holds a permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every exam, and what belongs to none.
    All,
    /// These row ids.
    Exams(Vec<i64>),
}

impl Scope {
    /// Whether this exam is in it.
    pub fn has(&self, exam: i64) -> bool {
        match self {
            Self::All => true,
            Self::Exams(ids) => ids.contains(&exam),
        }
    }

    /// For a statement: `($1 = '*' or $1 like '%,' || cast(exam as text) || ',%')`, which both databases understand.
    pub fn text(&self) -> String {
        match self {
            Self::All => "*".into(),
            Self::Exams(ids) => ids.iter().fold(",".to_owned(), |text, id| format!("{text}{id},")),
        }
    }
}

/// Who may use a route; declared beside its path (`web::routes`), held by the action, compared by a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// A candidate who is signed in; whose things these are is asked in the action.
    Candidate,
    /// Every staff member who is signed in.
    Staff,
    /// Staff with one of these for every exam: what belongs to no exam.
    Everywhere(Permissions),
    /// Staff with one of these for at least one exam: the page shows what belongs to theirs.
    Somewhere(Permissions),
    /// Staff with one of these for the exam that the object belongs to.
    Exam(Permissions),
}

impl Access {
    /// [`Access::Everywhere`].
    pub fn everywhere(any: impl Into<Permissions>) -> Self {
        Self::Everywhere(any.into())
    }

    /// [`Access::Somewhere`].
    pub fn somewhere(any: impl Into<Permissions>) -> Self {
        Self::Somewhere(any.into())
    }

    /// [`Access::Exam`].
    pub fn exam(any: impl Into<Permissions>) -> Self {
        Self::Exam(any.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_a_code_and_a_place_of_its_own() {
        let all: Vec<_> = Permission::all().collect();
        for (at, one) in all.iter().enumerate() {
            assert_eq!(Permission::parse(one.code()), Some(*one));
            assert!(!one.word().is_empty());
            assert!(all[..at].iter().all(|other| other.bit() != one.bit() && other.code() != one.code()));
        }
        let some = Permissions::from([Permission::Exams, Permission::Look]);
        assert_eq!(Permissions::parse(&some.codes()), some);
        assert_eq!(Permissions::parse("exams,of_tomorrow"), Permission::Exams.into());
        assert!(some.has(Permission::Seating.or_look()) && !some.has(Permission::Seating));
    }

    #[test]
    fn a_scope_of_no_exam_has_none() {
        assert_eq!(Scope::Exams(vec![7, 12]).text(), ",7,12,");
        assert_eq!(Scope::Exams(Vec::new()).text(), ",");
        assert!(Scope::All.has(7) && Scope::Exams(vec![7]).has(7) && !Scope::Exams(vec![7]).has(8));
    }
}
