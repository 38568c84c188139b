//! What an exam asks beside subject and status: the school's own questions, and what counts as an answer.

pub mod actions;
pub mod console;
pub mod store;

use jiff::civil::Date;

/// Questions of one exam.
pub const MAX_QUESTIONS: usize = 20;
/// Of a question.
pub(super) const MAX_LABEL_CHARS: usize = 40;
pub(super) const MAX_HINT_CHARS: usize = 100;
/// Of a choice.
pub(super) const MAX_OPTIONS: usize = 50;
pub(super) const MAX_OPTION_CHARS: usize = 40;
/// Of an answer.
const MAX_ANSWER_CHARS: usize = 200;
/// More choices than this stand in a list that opens.
const MOST_RADIOS: usize = 6;

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionKind {
    /// One line.
    Text,
    /// A decimal number.
    Number,
    /// One of the options.
    Choice,
    /// A day.
    Date,
    /// A picture that is uploaded.
    File,
}

impl QuestionKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Text, Self::Number, Self::Choice, Self::Date, Self::File];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Choice => "choice",
            Self::Date => "date",
            Self::File => "file",
        }
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "文字",
            Self::Number => "数字",
            Self::Choice => "单选",
            Self::Date => "日期",
            Self::File => "上传图片",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Question {
    pub id: i64,
    pub public_ref: String,
    pub exam: i64,
    pub place: i64,
    pub kind: String,
    pub label: String,
    pub hint: String,
    pub options: String,
    pub required: i64,
}

impl Question {
    /// What an answer is.
    pub fn kind(&self) -> QuestionKind {
        QuestionKind::parse(&self.kind).unwrap_or(QuestionKind::Text)
    }

    /// Whether it must be answered.
    pub fn is_required(&self) -> bool {
        self.required != 0
    }

    /// Whether a picture is asked for.
    pub fn is_file(&self) -> bool {
        self.kind() == QuestionKind::File
    }

    /// Of a choice.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.options.lines()
    }

    /// The name of its field.
    pub fn field(&self) -> String {
        format!("q-{}", self.public_ref)
    }

    /// Whether its options stand beside one another, and not in a list that opens.
    pub fn is_short(&self) -> bool {
        self.options().count() <= MOST_RADIOS
    }

    /// An answer as it is kept; "" for none. Of a picture, `typed` is what says that it is there, which nobody types. The error is the sentence for the candidate.
    pub fn read(&self, typed: &str) -> Result<String, String> {
        let typed = typed.trim();
        if typed.is_empty() {
            let todo = if self.is_file() { "请上传" } else { "请填写" };
            return if self.is_required() { Err(format!("{todo}“{}”。", self.label)) } else { Ok(String::new()) };
        }
        match self.kind() {
            QuestionKind::Text if typed.chars().count() > MAX_ANSWER_CHARS => {
                Err(format!("“{}”不能超过 {MAX_ANSWER_CHARS} 个字。", self.label))
            }
            QuestionKind::Text if typed.chars().any(char::is_control) => Err(format!("“{}”里有看不见的字符，请重新输入。", self.label)),
            QuestionKind::Text | QuestionKind::File => Ok(typed.to_owned()),
            QuestionKind::Number => number(typed).ok_or_else(|| format!("“{}”请填写数字。", self.label)),
            QuestionKind::Choice if self.options().any(|option| option == typed) => Ok(typed.to_owned()),
            QuestionKind::Choice => Err(format!("请从选项中选择“{}”。", self.label)),
            QuestionKind::Date => match typed.parse::<Date>() {
                Ok(date) if (1900..=2999).contains(&date.year()) => Ok(date.to_string()),
                _ => Err(format!("“{}”请填写日期，例如 2026-06-25。", self.label)),
            },
        }
    }
}

/// A number as people type it, also with full-width digits: at most 15 digits, 4 of them behind the point.
fn number(typed: &str) -> Option<String> {
    let plain: String = typed
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
            '．' => '.',
            '－' => '-',
            other => other,
        })
        .collect();
    let digits = plain.strip_prefix('-').unwrap_or(&plain);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    (is_digits(whole, 11) && is_digits(part, 4)).then_some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn question(kind: QuestionKind, required: bool) -> Question {
        Question {
            id: 1,
            public_ref: "ABC".into(),
            exam: 1,
            place: 1,
            kind: kind.code().into(),
            label: "考点".into(),
            hint: String::new(),
            options: "长沙\n湘潭".into(),
            required: required.into(),
        }
    }

    #[test]
    fn an_answer_is_what_the_question_asks_for() {
        let read = |kind, typed: &str| question(kind, true).read(typed);
        assert_eq!(read(QuestionKind::Text, "  某某公司 ").as_deref(), Ok("某某公司"));
        assert_eq!(read(QuestionKind::Choice, "湘潭").as_deref(), Ok("湘潭"));
        assert_eq!(read(QuestionKind::Choice, "株洲"), Err("请从选项中选择“考点”。".into()));
        assert_eq!(read(QuestionKind::Number, "１２．５").as_deref(), Ok("12.5"));
        for bad in ["一", "1.", ".5", "1e5", "1.23456", "123456789012", "--1"] {
            assert_eq!(read(QuestionKind::Number, bad), Err("“考点”请填写数字。".into()), "{bad}");
        }
        assert_eq!(read(QuestionKind::Date, "2026-06-25").as_deref(), Ok("2026-06-25"));
        for bad in ["2026-02-30", "26-06-25", "0001-01-01", "六月"] {
            assert!(read(QuestionKind::Date, bad).is_err(), "{bad}");
        }
        assert_eq!(read(QuestionKind::File, ""), Err("请上传“考点”。".into()));
        for kind in QuestionKind::ALL {
            assert!(read(kind, " ").is_err());
            assert_eq!(question(kind, false).read(" ").as_deref(), Ok(""), "what may be left out");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_the_same_again(typed in ".{0,30}", kind in 0usize..5) {
            let question = question(QuestionKind::ALL[kind], false);
            if let Ok(kept) = question.read(&typed) {
                prop_assert_eq!(question.read(&kept), Ok(kept));
            }
        }
    }
}
