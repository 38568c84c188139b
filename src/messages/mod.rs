//! Messages that staff write: to one candidate, or to all registrations of an exam in chosen states; now or at a set time; in 消息 and, where wanted, as an SMS.

pub mod actions;
pub mod console;
pub mod jobs;
pub mod sms_page;
pub mod store;

use crate::registrations::State;

/// What stands in braces, and what it becomes.
pub const FIELDS: [&str; 6] = ["姓名", "考试", "科目", "报名号", "状态", "学校"];

/// Characters of a title.
pub const MAX_TITLE_CHARS: usize = 40;
/// Characters of a text.
pub const MAX_BODY_CHARS: usize = 500;

/// What the fields become for one person. Where a person has no registration, only 姓名 and 学校 are known.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// In the order of [`FIELDS`].
    pub values: [String; 6],
}

/// Puts the values in; unknown words in braces stay, and were refused before.
pub fn fill(text: &str, values: &Values) -> String {
    FIELDS.iter().zip(&values.values).fold(text.to_owned(), |text, (field, value)| text.replace(&format!("{{{field}}}"), value))
}

/// The first thing in braces that is no field, if any. `with_registration`: whether all fields are known.
pub fn unknown_field(text: &str, with_registration: bool) -> Option<String> {
    let inside = text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(inside, _)| inside));
    let known = |field: &str| FIELDS.contains(&field) && (with_registration || matches!(field, "姓名" | "学校"));
    inside.filter(|field| !known(field)).map(|field| field.chars().take(20).collect()).next()
}

/// Where a message to many stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// Its time has not come.
    Planned,
    /// Being written to everybody.
    Running,
    /// Everybody has it.
    Done,
    /// Stopped by staff; who had it has it.
    Cancelled,
}

impl BatchState {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a code of our own store.
    pub fn stored(code: &str) -> Self {
        [Self::Planned, Self::Running, Self::Cancelled].into_iter().find(|state| state.code() == code).unwrap_or(Self::Done)
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "待发送",
            Self::Running => "发送中",
            Self::Done => "已发送",
            Self::Cancelled => "已取消",
        }
    }

    /// Its colour.
    pub fn badge(self) -> &'static str {
        match self {
            Self::Planned => "pending",
            Self::Running => "submitted",
            Self::Done => "passed",
            Self::Cancelled => "withdrawn",
        }
    }

    /// Whether there is something left to stop.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Running)
    }
}

/// The states in a stored list.
pub fn states(list: &str) -> Vec<State> {
    State::ALL.into_iter().filter(|state| list.split(',').any(|code| code == state.code())).collect()
}

/// What an SMS's state is called, and its colour.
pub fn sms_word(state: &str) -> (&'static str, &'static str) {
    match state {
        "queued" => ("等待发送", "pending"),
        "sending" => ("发送中", "submitted"),
        "sent" => ("已发出", "submitted"),
        "delivered" => ("已送达", "passed"),
        "failed" => ("失败", "failed"),
        "unknown" => ("不确定", "failed"),
        _ => ("过期未发", "withdrawn"),
    }
}

/// The states of an SMS, in their order.
pub const SMS_STATES: [&str; 7] = ["queued", "sending", "sent", "delivered", "failed", "unknown", "expired"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_filled_and_strangers_named() {
        let values = Values { values: ["王喆", "学位英语", "英语", "REG1", "待缴费", "某校"].map(str::to_owned) };
        assert_eq!(fill("{姓名}您好，{考试}（{科目}）{状态}。{学校}", &values), "王喆您好，学位英语（英语）待缴费。某校");
        assert_eq!(unknown_field("{姓名}，{座位}", true).as_deref(), Some("座位"));
        assert_eq!(unknown_field("{姓名}，{考试}", false).as_deref(), Some("考试"));
        assert_eq!(unknown_field("没有括号 } {", true), None);
    }
}
