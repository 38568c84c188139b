//! The frame of a console page: the navigation, as far as somebody may go, and what stands above every page.

use super::layout::Count;
use crate::types::{Permission, Permissions};

/// How many cases wait in each review queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// 实名审核.
    pub identity: i64,
    /// 人脸审核.
    pub face: i64,
    /// 缴费审核.
    pub payment: i64,
}

/// The frame of a console page.
#[derive(Clone, Debug)]
pub struct ConsolePage {
    /// The school's name, above the navigation.
    pub school: String,
    /// Who is signed in.
    pub staff_name: String,
    /// The section that is lit: the `key` of one of the sections.
    pub section: &'static str,
    /// What the person may do for at least one exam: the navigation shows no more.
    pub may: Permissions,
    /// What they may do for every exam.
    pub may_everywhere: Permissions,
    /// What waits in the queues, shown in the navigation.
    pub counts: QueueCounts,
    /// One sentence about what has just happened, shown once.
    pub flash: Option<String>,
    /// A decision that can still be taken back: what it was, and for how many seconds.
    pub held: Option<(&'static str, i64)>,
    /// Whether this is the demo.
    pub demo: bool,
    /// Whether candidates see the page of the maintenance mode.
    pub is_closed: bool,
    /// The address of the school's own colours, or "".
    pub brand: String,
    /// The address of its logo, or "".
    pub logo: String,
}

/// A line of the console's navigation.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// What `ConsolePage::section` says where this one is lit.
    pub key: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Its Chinese name.
    pub word: &'static str,
    /// The group it starts, as a small heading above it; empty within a group.
    pub group: &'static str,
    /// How many cases wait in it.
    pub waiting: Count,
    /// Whether it is the lit one.
    pub lit: bool,
}

/// Asked of what belongs to no exam; else one exam is enough.
const EVERYWHERE: bool = true;
const SOMEWHERE: bool = !EVERYWHERE;

/// `(key, href, word, group, who, where)` of every section, in the order of the navigation; `who` and where as its first page asks (`overview`: everybody).
const SECTIONS: [(&str, &str, &str, &str, Permissions, bool); 15] = [
    ("overview", "/console", "概览", "", Permissions::EVERY, SOMEWHERE),
    ("exams", "/console/exams", "考试", "报考", Permission::Exams.or_look(), SOMEWHERE),
    ("rosters", "/console/rosters", "学籍库", "报考", Permissions::of(&[Permission::Exams]), EVERYWHERE),
    ("registrations", "/console/registrations", "报名", "报考", Permissions::of(&[Permission::Candidates]), SOMEWHERE),
    ("identity", "/console/review/identity", "实名审核", "审核", Permissions::of(&[Permission::ReviewIdentity]), EVERYWHERE),
    ("face", "/console/review/face", "人脸审核", "审核", Permissions::of(&[Permission::ReviewIdentity]), SOMEWHERE),
    ("payment", "/console/review/payment", "缴费审核", "审核", Permission::ReviewPayment.or_look(), SOMEWHERE),
    ("seating", "/console/seating", "考场编排", "考务", Permission::Seating.or_look(), SOMEWHERE),
    ("verify", "/console/tickets/verify", "核验准考证", "考务", Permissions::of(&[Permission::Candidates, Permission::ExamDay]), SOMEWHERE),
    ("accounts", "/console/accounts", "考生", "管理", Permissions::of(&[Permission::Candidates]), EVERYWHERE),
    ("messages", "/console/messages", "消息", "管理", Permission::Exams.or_look(), EVERYWHERE),
    ("staff", "/console/staff", "工作人员", "管理", Permissions::of(&[Permission::Administer, Permission::Audit]), EVERYWHERE),
    ("audit", "/console/audit", "操作日志", "管理", Permissions::of(&[Permission::Audit]), EVERYWHERE),
    ("health", "/console/health", "系统状态", "管理", Permission::Administer.or_look(), EVERYWHERE),
    ("settings", "/console/settings", "设置", "管理", Permissions::of(&[Permission::Administer]), EVERYWHERE),
];

impl ConsolePage {
    /// A page of the section with this key (see [`ConsolePage::sections`]).
    pub fn new(school: impl Into<String>, staff_name: impl Into<String>, section: &'static str) -> Self {
        Self {
            school: school.into(),
            staff_name: staff_name.into(),
            section,
            may: Permissions::EVERY,
            may_everywhere: Permissions::EVERY,
            counts: QueueCounts::default(),
            flash: None,
            held: None,
            demo: false,
            is_closed: false,
            brand: String::new(),
            logo: String::new(),
        }
    }

    /// The school's own colours and logo: addresses, or "".
    pub fn looks(mut self, brand: String, logo: String) -> Self {
        (self.brand, self.logo) = (brand, logo);
        self
    }

    /// What the person may do: for at least one exam, and for every one.
    pub fn may(mut self, somewhere: Permissions, everywhere: Permissions) -> Self {
        (self.may, self.may_everywhere) = (somewhere, everywhere);
        self
    }

    /// Whether registrations can be searched.
    pub fn may_search(&self) -> bool {
        self.may.has(Permission::Candidates)
    }

    /// What waits in the queues.
    pub fn counts(mut self, counts: QueueCounts) -> Self {
        self.counts = counts;
        self
    }

    /// Shows a sentence at the top, once.
    pub fn flash(mut self, flash: Option<String>) -> Self {
        self.flash = flash;
        self
    }

    /// Offers to take a decision back.
    pub fn held(mut self, held: Option<(&'static str, i64)>) -> Self {
        self.held = held;
        self
    }

    /// Marks the page as the demo's.
    pub fn demo(mut self, demo: bool) -> Self {
        self.demo = demo;
        self
    }

    /// Says that candidates are kept out.
    pub fn closed(mut self, is_closed: bool) -> Self {
        self.is_closed = is_closed;
        self
    }

    /// Whether this person can end the maintenance mode.
    pub fn may_open(&self) -> bool {
        self.may_everywhere.has(Permission::Administer)
    }

    /// The key of the section that an address belongs to, or "".
    pub fn section_of(path: &str) -> &'static str {
        let begins = |href: &str| path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
        SECTIONS.iter().filter(|(key, href, ..)| *key != "overview" && begins(href)).map(|(key, ..)| *key).next().unwrap_or_default()
    }

    /// The navigation, as far as this person may go.
    pub fn sections(&self) -> Vec<Section> {
        let mut last = "";
        SECTIONS
            .iter()
            .filter(|&&(key, .., who, place)| {
                key == "overview" || if place == EVERYWHERE { self.may_everywhere } else { self.may }.has(who)
            })
            .map(|&(key, href, word, group, ..)| Section {
                key,
                href,
                word,
                group: if std::mem::replace(&mut last, group) == group { "" } else { group },
                waiting: Count(match key {
                    "identity" => self.counts.identity,
                    "face" => self.counts.face,
                    "payment" => self.counts.payment,
                    _ => 0,
                }),
                lit: key == self.section,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_section_above_it() {
        let sections = ["/console/review/face/X1/approve", "/console/exams", "/console/examsx", "/console", "/console/me"]
            .map(ConsolePage::section_of);
        assert_eq!(sections, ["face", "exams", "", "", ""]);
    }

    #[test]
    fn exactly_one_section_is_lit_and_queues_carry_their_counts() {
        let counts = QueueCounts { identity: 3, face: 0, payment: 120 };
        let page = ConsolePage::new("某校", "张老师", "identity").counts(counts);
        let sections = page.sections();
        assert_eq!(sections.iter().filter(|s| s.lit).count(), 1);
        let badges: Vec<String> = sections.iter().map(|s| s.waiting.to_string()).collect();
        assert_eq!(badges, ["", "", "", "", "3", "", "99+", "", "", "", "", "", "", "", ""]);
    }
}
