//! Who may register for an exam (报名范围): people of a roster, candidate types, majors, dates of birth.

pub mod actions;
pub mod console;
pub mod store;

use jiff::civil::Date;

/// Majors that an exam may name.
pub const MAX_MAJORS: usize = 200;

/// The limits of an exam.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Eligibility {
    pub roster: Option<i64>,
    pub candidate_types: String,
    pub majors: String,
    pub born_from: String,
    pub born_until: String,
}

/// What counts of a person: the roster's word before the person's own.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Facts {
    pub candidate_type: String,
    pub major: String,
    /// `None` where the number of the document does not carry it.
    pub birth: Option<Date>,
}

impl Eligibility {
    /// Whether everybody may register.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// The candidate types that may.
    pub fn candidate_types(&self) -> impl Iterator<Item = &str> {
        self.candidate_types.lines()
    }

    /// The majors that may.
    pub fn majors(&self) -> impl Iterator<Item = &str> {
        self.majors.lines()
    }

    /// The limits in words, for everybody; empty for none.
    pub fn words(&self) -> String {
        let list = |words: Vec<&str>| words.join("、");
        let mut parts = Vec::new();
        if self.roster.is_some() {
            parts.push("学校提供的名单中的考生".to_owned());
        }
        if !self.candidate_types.is_empty() {
            parts.push(format!("考生类型为{}", list(self.candidate_types().collect())));
        }
        if !self.majors.is_empty() {
            let majors: Vec<&str> = self.majors().collect();
            parts.push(match majors.len() {
                ..=6 => format!("专业为{}", list(majors)),
                more => format!("专业为{}等 {more} 个", list(majors[..5].to_vec())),
            });
        }
        match (self.born_from.as_str(), self.born_until.as_str()) {
            ("", "") => {}
            (from, "") => parts.push(format!("{from} 及以后出生")),
            ("", until) => parts.push(format!("{until} 及以前出生")),
            (from, until) => parts.push(format!("{from} 至 {until} 出生")),
        }
        parts.join("；")
    }

    /// Why somebody may not register, as a sentence; `None` where nothing speaks against it. The roster was looked at before.
    pub fn against(&self, facts: &Facts) -> Option<String> {
        let call = "如有疑问请联系学校。";
        if !self.candidate_types.is_empty() && !self.candidate_types().any(|one| one == facts.candidate_type) {
            let types: Vec<&str> = self.candidate_types().collect();
            return Some(format!("这场考试限{}考生报名，您的考生类型是“{}”。{call}", types.join("、"), facts.candidate_type));
        }
        if !self.majors.is_empty() && !self.majors().any(|one| one == facts.major) {
            return Some(format!("这场考试限指定专业的考生报名，不包括您的专业“{}”。{call}", facts.major));
        }
        let birth = facts.birth?;
        let day = |text: &str| text.parse::<Date>().ok();
        if day(&self.born_from).is_some_and(|from| birth < from) || day(&self.born_until).is_some_and(|until| birth > until) {
            return Some(format!("这场考试对出生日期有要求，您的证件上的出生日期不在范围内。{call}"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn limits() -> Eligibility {
        Eligibility {
            roster: None,
            candidate_types: "专升本\n高起本".into(),
            majors: "会计学\n法学".into(),
            born_from: "1980-01-01".into(),
            born_until: "2005-12-31".into(),
        }
    }

    #[test]
    fn each_limit_keeps_out_with_its_own_sentence() {
        let facts = |kind: &str, major: &str, birth| Facts { candidate_type: kind.into(), major: major.into(), birth };
        let fits = date(2005, 12, 31);
        assert_eq!(limits().against(&facts("专升本", "法学", Some(fits))), None);
        assert_eq!(limits().against(&facts("高起本", "会计学", None)), None, "a passport's number has no date of birth");
        for (facts, part) in [
            (facts("高起专", "法学", Some(fits)), "您的考生类型是“高起专”"),
            (facts("专升本", "英语", Some(fits)), "您的专业“英语”"),
            (facts("专升本", "法学", Some(date(2006, 1, 1))), "出生日期"),
            (facts("专升本", "法学", Some(date(1979, 12, 31))), "出生日期"),
        ] {
            assert!(limits().against(&facts).is_some_and(|why| why.contains(part)), "{facts:?}");
        }
        assert_eq!(Eligibility::default().against(&facts("", "", None)), None);
    }

    #[test]
    fn the_limits_are_said_in_words() {
        assert_eq!(limits().words(), "考生类型为专升本、高起本；专业为会计学、法学；1980-01-01 至 2005-12-31 出生");
        assert_eq!(Eligibility::default().words(), "");
        let majors = (1..=9).map(|n| format!("专业{n}")).collect::<Vec<_>>().join("\n");
        assert_eq!(Eligibility { majors, ..Eligibility::default() }.words(), "专业为专业1、专业2、专业3、专业4、专业5等 9 个");
    }
}
