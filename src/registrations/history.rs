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

/// The history in words, newest first as it is given; what changed between two statements of the information is told with the later one.
pub fn events(lines: &[HistoryLine], read: impl Fn(&HistoryLine) -> Event) -> Vec<Event> {
    let is_statement = |line: &&HistoryLine| line.step == Step::Information.code();
    let event = |(at, line): (usize, &HistoryLine)| {
        let mut event = read(line);
        if let Some(earlier) = lines[at + 1..].iter().find(is_statement).filter(|_| is_statement(&line)) {
            event.note = [event.note, changes(earlier, line)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("；");
        }
        event
    };
    lines.iter().enumerate().map(event).collect()
}

fn changes(earlier: &HistoryLine, later: &HistoryLine) -> String {
    let [was, is] = [earlier, later].map(|line| serde_json::from_str::<Value>(&line.detail).unwrap_or_default());
    let fields = [("科目", "subject"), ("在籍状态", "study_status"), ("论文等级", "thesis_grade")];
    let text = |detail: &Value, field: &str| match detail[field].as_str() {
        None | Some("") => "无".to_owned(),
        Some(text) => text.to_owned(),
    };
    let changed = fields.into_iter().filter(|(_, field)| text(&was, field) != text(&is, field));
    changed.map(|(word, field)| format!("{word}由“{}”改为“{}”", text(&was, field), text(&is, field))).collect::<Vec<_>>().join("，")
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
        step @ ("file" | "first") => text(step),
        _ => String::new(),
    };
    match (line.why.as_str(), stated.as_str()) {
        ("", one) | (one, "") => one.to_owned(),
        (why, stated) if why.ends_with(['。', '！', '？']) => format!("{why}{stated}。"),
        (why, stated) => format!("{why}；{stated}"),
    }
}

/// Whether the face that was shown last was sent back by a person, and not shown again since; `lines` are newest first.
pub fn is_face_returned(lines: &[HistoryLine]) -> bool {
    let mut since = lines.iter().take_while(|line| line.step != Step::Reopen.code());
    since.find(|line| line.step == Step::Face.code()).is_some_and(|line| {
        let detail: Value = serde_json::from_str(&line.detail).unwrap_or_default();
        line.actor_kind == "staff" && detail["face"] == "none"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(actor_kind: &str, step: &str, from: &str, to: &str, why: &str, detail: &str) -> HistoryLine {
        let [actor_kind, step, from_state, to_state, why, detail] = [actor_kind, step, from, to, why, detail].map(str::to_owned);
        HistoryLine { at: 0, actor_kind, actor_name: "李老师".into(), from_state, to_state, step, why, detail }
    }

    #[test]
    fn what_changed_between_two_statements_is_told_with_the_later() {
        let stated = |subject: &str, grade: &str| {
            let detail = format!(r#"{{"subject":"{subject}","study_status":"已毕业","thesis_grade":"{grade}"}}"#);
            line("candidate", "information", "drafting", "awaiting_payment", "", &detail)
        };
        let change = line("candidate", "change", "submitted", "awaiting_payment", "", "{}");
        let seen = events(&[stated("日语", "良"), change, stated("英语", "")], Event::for_staff);
        assert_eq!(seen[0].note, "日语，已毕业，论文等级 良；科目由“英语”改为“日语”，论文等级由“无”改为“良”");
        assert_eq!(seen[2].note, "英语，已毕业", "the first says nothing of changes");
        let same = events(&[stated("英语", "良"), stated("英语", "良")], Event::for_candidate);
        assert_eq!(same[0].note, "英语，已毕业，论文等级 良");
    }

    #[test]
    fn a_return_tells_the_reason_and_hides_the_name_from_the_candidate() {
        let returned = line("staff", "return", "submitted", "returned", "截图不清楚。", "{}");
        let seen = Event::for_candidate(&returned);
        assert_eq!((seen.who.as_str(), seen.what, seen.note.as_str(), seen.state_word), ("学校", "审核退回", "截图不清楚。", "已退回"));
        assert_eq!(Event::for_staff(&returned).who, "李老师");
    }

    #[test]
    fn what_is_told_of_a_face_stands_in_sentences_and_a_return_is_known_until_the_next_one() {
        let returned = line("staff", "face", "submitted", "submitted", "请重新拍摄。", r#"{"face":"none"}"#);
        let shown = line("candidate", "face", "submitted", "submitted", "选择人工审核", r#"{"face":"person"}"#);
        assert_eq!(Event::for_staff(&returned).note, "请重新拍摄。需要重新进行。");
        assert_eq!(Event::for_staff(&shown).note, "选择人工审核；等待人工审核");
        let withdrawn = line("system", "face", "submitted", "submitted", "撤回同意", r#"{"face":"none"}"#);
        let again = line("candidate", "reopen", "withdrawn", "drafting", "", "{}");
        assert!(is_face_returned(&[returned.clone(), shown.clone()]));
        for newer in [shown, withdrawn, again] {
            assert!(!is_face_returned(&[newer, returned.clone()]));
        }
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
