//! What the page layouts need to know, apart from the page itself.
//!
//! `web/pages/candidate.html` expects a field `page: Page` in the template's struct,
//! `web/pages/console.html` a field `page: ConsolePage`. Both are plain data: whoever
//! renders a page fills them; nothing here reads the database.

use std::fmt;

use crate::types::{Permission, Permissions};

/// Which of the two tabs at the bottom of a candidate's page is lit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// No tab bar: every page but the two below.
    #[default]
    None,
    /// 首页, the list of exams.
    Home,
    /// 我的, the personal centre.
    Me,
}

/// The frame of a candidate's page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The school's name, in the document title and on the home page.
    pub school: String,
    /// Whom to call when stuck; empty where the school gave no number.
    pub help_phone: String,
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// The lit tab.
    pub tab: Tab,
    /// One sentence about what has just happened, shown once.
    pub flash: Option<String>,
    /// Whether this is the demo, which says so on every page.
    pub demo: bool,
    /// Messages not read yet, shown at the tab 我的.
    pub unread: i64,
    /// The address of the school's own colours, or "".
    pub brand: String,
    /// The address of its logo, or "".
    pub logo: String,
}

impl Page {
    /// A page without tabs for somebody who is not signed in.
    pub fn new(school: impl Into<String>, help_phone: impl Into<String>) -> Self {
        Self {
            school: school.into(),
            help_phone: help_phone.into(),
            signed_in: false,
            tab: Tab::None,
            flash: None,
            demo: false,
            unread: 0,
            brand: String::new(),
            logo: String::new(),
        }
    }

    /// The school's own colours and logo: addresses, or "".
    pub fn looks(mut self, brand: String, logo: String) -> Self {
        (self.brand, self.logo) = (brand, logo);
        self
    }

    /// Says whether somebody is signed in.
    pub fn signed_in(mut self, signed_in: bool) -> Self {
        self.signed_in = signed_in;
        self
    }

    /// Shows the tab bar with `tab` lit.
    pub fn tab(mut self, tab: Tab) -> Self {
        self.tab = tab;
        self
    }

    /// Shows a sentence at the top, once.
    pub fn flash(mut self, flash: Option<String>) -> Self {
        self.flash = flash;
        self
    }

    /// Marks the page as the demo's.
    pub fn demo(mut self, demo: bool) -> Self {
        self.demo = demo;
        self
    }

    /// The number of unread messages.
    pub fn unread(mut self, unread: i64) -> Self {
        self.unread = unread;
        self
    }

    /// Whether the tab bar is shown.
    pub fn has_tabs(&self) -> bool {
        self.tab != Tab::None
    }

    /// Whether 首页 is lit.
    pub fn at_home(&self) -> bool {
        self.tab == Tab::Home
    }

    /// Whether 我的 is lit.
    pub fn at_me(&self) -> bool {
        self.tab == Tab::Me
    }

    /// The unread messages as the badge shows them: at most two digits.
    pub fn unread_label(&self) -> Count {
        Count(self.unread)
    }
}

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

/// A number in a small badge: nothing at zero, `99+` above 99.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub i64);

impl Count {
    /// Whether there is anything to show.
    pub fn is_some(&self) -> bool {
        self.0 > 0
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ..=0 => Ok(()),
            1..=99 => write!(f, "{}", self.0),
            _ => f.write_str("99+"),
        }
    }
}

/// One of the steps of signing up, as the macro `steps` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// Its word in the bar.
    pub word: &'static str,
    /// The last part of its address below the registration.
    pub slug: &'static str,
    /// The step of this page.
    pub now: bool,
    /// Done, though not the step of this page.
    pub done: bool,
    /// May be gone to: done, or the furthest one that is open.
    pub open: bool,
}

/// The bar of the steps `all` (slug and word, in their order) on the page of `current`, where `reached` is the furthest one open so far; what is not among them
/// comes after the last.
pub fn steps(current: &str, reached: &str, all: &[(&'static str, &'static str)]) -> Vec<Step> {
    let index = |of: &str| all.iter().position(|(slug, _)| *slug == of).unwrap_or(all.len());
    let (current, reached) = (index(current), index(current).max(index(reached)));
    let step = |(at, (slug, word)): (usize, &(&'static str, &'static str))| {
        let now = at == current;
        Step { number: at + 1, word, slug, now, done: !now && at < reached, open: !now && at <= reached }
    };
    all.iter().enumerate().map(step).collect()
}

/// One line of a `select_field` or `radio_group` (macros in `web/pages/forms.html`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the page shows.
    pub word: String,
    /// A second, smaller line; empty for none (radio groups only).
    pub hint: String,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

impl Choice {
    /// Choices from `(value, word)` pairs; the one whose value is `current` is chosen.
    pub fn list<V: AsRef<str>, W: AsRef<str>>(pairs: &[(V, W)], current: &str) -> Vec<Self> {
        pairs
            .iter()
            .map(|(value, word)| Self {
                value: value.as_ref().to_owned(),
                word: word.as_ref().to_owned(),
                hint: String::new(),
                chosen: value.as_ref() == current,
            })
            .collect()
    }

    /// Adds the second line.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_is_empty_at_zero_and_never_longer_than_three_signs() {
        let shown = [-1, 0, 1, 99, 100, i64::MAX].map(|n| Count(n).to_string());
        assert_eq!(shown, ["", "", "1", "99", "99+", "99+"]);
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

    #[test]
    fn a_step_looked_at_again_leaves_the_later_ones_open() {
        let all = [("a", "甲"), ("b", "乙"), ("c", "丙"), ("d", "丁"), ("e", "戊")];
        let shown = |current, reached| steps(current, reached, &all).iter().map(|s| (s.now, s.done, s.open)).collect::<Vec<_>>();
        let (done, none) = ((false, true, true), (false, false, false));
        assert_eq!(shown("b", "d"), [done, (true, false, false), done, (false, false, true), none]);
        assert_eq!(shown("a", "a"), [(true, false, false), none, none, none, none]);
        assert_eq!(shown("e", "over"), [done, done, done, done, (true, false, false)]);
    }

    #[test]
    fn a_list_marks_the_current_value() {
        let list = Choice::list(&[("a", "甲"), ("b", "乙")], "b");
        assert_eq!(list.iter().map(|c| c.chosen).collect::<Vec<_>>(), [false, true]);
    }
}
