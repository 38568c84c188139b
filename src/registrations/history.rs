//! The history of a registration in words, for the candidate and for staff.

use serde_json::Value;

use super::store::HistoryLine;
use super::{State, Step};
use crate::types::UnixMs;

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: String,
    /// What happened.
    pub what: &'static str,
    /// By whom.
    pub who: String,
    /// The reason and what was stated; "" for none.
    pub note: String,
    /// Code of the state after it, where it changed; else "".
    pub state_code: &'static str,
    /// Its word.
    pub state_word: &'static str,
}

impl Event {
    /// As the candidate reads it: staff are the school.
    pub fn for_candidate(line: &HistoryLine) -> Self {
        let who = match line.actor_kind.as_str() {
            "candidate" => "本人",
            "staff" | "command" => "学校",
            _ => "系统",
        };
        Self::of(line, who.to_owned())
    }

    /// As staff read it: by name.
    pub fn for_staff(line: &HistoryLine) -> Self {
        Self::of(line, line.actor_name.clone())
    }

    fn of(line: &HistoryLine, who: String) -> Self {
        let to = State::stored(&line.to_state);
        let (state_code, state_word) = if line.from_state == line.to_state { ("", "") } else { (to.code(), to.word()) };
        Self { at: UnixMs(line.at).words(), what: Step::words(&line.step), who, note: note(line), state_code, state_word }
    }
}

/// The reason first, then what the line's detail says.
fn note(line: &HistoryLine) -> String {
    let detail: Value = serde_json::from_str(&line.detail).unwrap_or_default();
    let text = |field: &str| detail[field].as_str().unwrap_or_default().to_owned();
    let stated = match line.step.as_str() {
        "face" => match text("face").as_str() {
            "passed" => "已通过".to_owned(),
            "person" => "等待人工审核".to_owned(),
            "none" => "需要重新进行".to_owned(),
            _ => String::new(),
        },
        "information" => {
            let grade = text("thesis_grade");
            let grade = if grade.is_empty() { grade } else { format!("论文等级 {grade}") };
            let answered = text("answered");
            let answered = if answered.is_empty() { answered } else { format!("填写了{answered}") };
            [text("subject"), text("study_status"), grade, answered]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("，")
        }
        "file" => text("file"),
        _ => String::new(),
    };
    [line.why.clone(), stated].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(actor_kind: &str, step: &str, from: &str, to: &str, why: &str, detail: &str) -> HistoryLine {
        let [actor_kind, step, from_state, to_state, why, detail] = [actor_kind, step, from, to, why, detail].map(str::to_owned);
        HistoryLine { at: 0, actor_kind, actor_name: "李老师".into(), from_state, to_state, step, why, detail }
    }

    #[test]
    fn a_return_tells_the_reason_and_hides_the_name_from_the_candidate() {
        let returned = line("staff", "return", "submitted", "returned", "截图不清楚。", "{}");
        let seen = Event::for_candidate(&returned);
        assert_eq!((seen.who.as_str(), seen.what, seen.note.as_str(), seen.state_word), ("学校", "审核退回", "截图不清楚。", "已退回"));
        assert_eq!(Event::for_staff(&returned).who, "李老师");
    }

    #[test]
    fn information_is_told_and_a_detail_that_is_not_json_does_no_harm() {
        let detail = r#"{"subject":"英语","study_status":"已毕业","thesis_grade":"良"}"#;
        assert_eq!(
            Event::for_candidate(&line("candidate", "information", "drafting", "awaiting_payment", "", detail)).note,
            "英语，已毕业，论文等级 良"
        );
        assert_eq!(Event::for_candidate(&line("candidate", "information", "drafting", "drafting", "", "?")).note, "");
    }
}
