//! What a list of registrations is asked for and which columns it shows, as it stands in its address; and such an address under a name of somebody's own (常用筛选).

use serde::Deserialize;

use super::State;
use super::actions::lists::{Asked, Row};
use crate::exams::Subject;
use crate::web::errors::encode;

/// Views that somebody may keep.
pub const MAX_VIEWS: usize = 20;
/// Longest name of a view.
pub const MAX_NAME_CHARS: usize = 20;

/// A column that can be shown or left out; number and name always stand first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// 证件号码
    Number,
    /// 考生类型
    Type,
    /// 专业
    Major,
    /// 科目
    Subject,
    /// 在籍状态
    Study,
    /// 状态
    State,
    /// 开始报名
    Begun,
    /// 提交时间
    Submitted,
    /// 最近变动
    Updated,
}

impl Column {
    /// In the order in which they stand.
    pub const ALL: [Self; 9] =
        [Self::Number, Self::Type, Self::Major, Self::Subject, Self::Study, Self::State, Self::Begun, Self::Submitted, Self::Updated];
    /// What is shown to whom has not chosen.
    pub const USUAL: [Self; 4] = [Self::Number, Self::Subject, Self::State, Self::Updated];

    /// As it stands in the address.
    pub fn code(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Type => "type",
            Self::Major => "major",
            Self::Subject => "subject",
            Self::Study => "study",
            Self::State => "state",
            Self::Begun => "begun",
            Self::Submitted => "submitted",
            Self::Updated => "updated",
        }
    }

    /// The head of the column.
    pub fn word(self) -> &'static str {
        match self {
            Self::Number => "证件号码",
            Self::Type => "考生类型",
            Self::Major => "专业",
            Self::Subject => "科目",
            Self::Study => "在籍状态",
            Self::State => "状态",
            Self::Begun => "开始报名",
            Self::Submitted => "提交时间",
            Self::Updated => "最近变动",
        }
    }

    /// The cell of a line.
    pub fn cell(self, row: &Row) -> &str {
        match self {
            Self::Number => &row.number,
            Self::Type => &row.candidate_type,
            Self::Major => &row.major,
            Self::Subject => &row.subject,
            Self::Study => row.study,
            Self::State => row.state.word(),
            Self::Begun => &row.begun,
            Self::Submitted => &row.submitted,
            Self::Updated => &row.updated,
        }
    }

    /// Whether its cells may be broken into lines.
    pub fn is_wide(self) -> bool {
        matches!(self, Self::Subject | Self::Major)
    }
}

/// The address of a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Public reference of an exam.
    pub exam: String,
    /// Code of a state.
    pub state: String,
    /// Code of a subject.
    pub subject: String,
    /// Type of candidate.
    pub r#type: String,
    /// Major, in full.
    pub major: String,
    /// First day, `2026-06-25`.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Codes of the columns.
    pub column: Vec<String>,
    /// `new`: the newest first.
    pub order: String,
    /// The number of the registration after which the page begins.
    pub after: String,
    /// The number of the registration before which it ends; at most one of the two is given.
    pub before: String,
}

impl Query {
    /// The state that is asked for.
    pub fn state(&self) -> Option<State> {
        State::ALL.into_iter().find(|state| state.code() == self.state)
    }

    /// Whether the days of the registrations do not matter.
    pub fn is_of_any_day(&self) -> bool {
        self.from.is_empty() && self.to.is_empty()
    }

    /// Whether the newest stand first.
    pub fn is_newest_first(&self) -> bool {
        self.order == "new"
    }

    /// What is asked for of the list.
    pub fn asked(&self) -> Asked<'_> {
        Asked {
            exam: &self.exam,
            state: self.state(),
            subject: &self.subject,
            candidate_type: &self.r#type,
            major: self.major.trim(),
            from: self.from.trim(),
            to: self.to.trim(),
            newest_first: self.is_newest_first(),
            after: &self.after,
            before: &self.before,
        }
    }

    /// The columns that are shown.
    pub fn columns(&self) -> Vec<Column> {
        let chosen: Vec<Column> = Column::ALL.into_iter().filter(|column| self.column.iter().any(|code| code == column.code())).collect();
        if chosen.is_empty() { Column::USUAL.to_vec() } else { chosen }
    }

    /// The conditions beside exam and state, as the end of an address: `&subject=01`.
    pub fn conditions(&self) -> String {
        let Self { subject, r#type, major, from, to, .. } = self;
        let pairs = [("subject", subject), ("type", r#type), ("major", major), ("from", from), ("to", to)];
        pairs
            .into_iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| format!("&{name}={}", encode(value.trim())))
            .collect()
    }

    /// The columns and the order, where they are not the usual ones, as the end of an address.
    pub fn choice(&self) -> String {
        let columns = self.columns();
        let columns = if columns == Column::USUAL { Vec::new() } else { columns };
        let order = self.is_newest_first().then(|| "&order=new".to_owned());
        columns.into_iter().map(|column| format!("&column={}", column.code())).chain(order).collect()
    }

    /// Which page, as the end of an address.
    pub fn place(&self) -> String {
        let pairs = [("after", &self.after), ("before", &self.before)];
        pairs.into_iter().filter(|(_, number)| !number.is_empty()).map(|(name, number)| format!("&{name}={}", encode(number))).collect()
    }

    /// What a view keeps of it: all but the exam and the place in the list.
    pub fn kept(&self) -> String {
        let state = self.state().map_or_else(String::new, |state| format!("&state={}", state.code()));
        format!("{state}{}{}", self.conditions(), self.choice())
    }
}

/// A view that somebody keeps.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct View {
    /// Names it in addresses.
    pub public_ref: String,
    /// As its owner calls it.
    pub name: String,
    /// The end of an address, from [`Query::kept`].
    pub query: String,
}

impl View {
    /// Whether an exam with these subjects has the subject that is asked for, if one is.
    pub fn suits(&self, subjects: &[Subject]) -> bool {
        let asked = self.query.split('&').find_map(|pair| pair.strip_prefix("subject="));
        asked.is_none_or(|code| subjects.iter().any(|subject| encode(&subject.code) == code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_was_asked_for_and_nothing_else() {
        let plain = Query { exam: "E".into(), after: "R".into(), ..Query::default() };
        assert_eq!(plain.kept(), "");
        let query = Query {
            state: "submitted".into(),
            major: " 会计学&x ".into(),
            column: vec!["major".into(), "no such".into(), "number".into()],
            ..plain
        };
        assert_eq!(query.kept(), "&state=submitted&major=%E4%BC%9A%E8%AE%A1%E5%AD%A6%26x&column=number&column=major");
        let unknown = Query { state: "no such".into(), ..Query::default() };
        assert_eq!(unknown.kept(), "");
    }
}
