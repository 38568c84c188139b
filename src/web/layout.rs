//! What the page layouts need to know, apart from the page itself.
//!
//! `web/pages/candidate.html` expects a field `page: Page` in the template's struct,
//! `web/pages/console.html` a field `page: ConsolePage`. Both are plain data: whoever
//! renders a page fills them; nothing here reads the database.

use std::fmt;

pub use super::console::{ConsolePage, QueueCounts, Section};

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
