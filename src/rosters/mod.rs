//! Rosters (学籍库): who may register, as lists that the school imports from tables.
//!
//! Invariant: the entries of an import count all together or not at all: they lie aside until `rosters.current` names their import, and an import is taken back by naming the one before.

pub mod actions;
pub mod check;
pub mod console;
pub mod jobs;
pub mod store;

/// Longest name of a roster.
pub const MAX_NAME_CHARS: usize = 40;
/// Largest file.
pub const MAX_FILE_BYTES: usize = 32 * 1024 * 1024;
/// Problems of rows that are kept; a file with more of them is mapped wrongly.
pub const MAX_PROBLEMS: i64 = 1000;

/// What a column of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// 姓名
    Name,
    /// 证件号码
    Number,
    /// 证件类型
    Kind,
    /// 学号
    StudentNo,
    /// 考生类型
    CandidateType,
    /// 专业
    Major,
}

impl Column {
    /// All, in the order of the template.
    pub const ALL: [Self; 6] = [Self::Name, Self::Number, Self::Kind, Self::StudentNo, Self::CandidateType, Self::Major];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Number => "number",
            Self::Kind => "kind",
            Self::StudentNo => "student_no",
            Self::CandidateType => "candidate_type",
            Self::Major => "major",
        }
    }

    /// Its head.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "姓名",
            Self::Number => "证件号码",
            Self::Kind => "证件类型",
            Self::StudentNo => "学号",
            Self::CandidateType => "考生类型",
            Self::Major => "专业",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.code() == code)
    }

    /// What a head of a school's own table probably means.
    pub fn guess(head: &str) -> Option<Self> {
        let head: String = head.chars().filter(|c| !c.is_whitespace() && *c != '*' && *c != '＊').collect();
        Some(match head.as_str() {
            "姓名" | "考生姓名" | "学生姓名" | "名字" => Self::Name,
            "证件号码" | "证件号" | "身份证号" | "身份证号码" | "身份证" | "考生证件号码" => Self::Number,
            "证件类型" | "证件种类" | "证件类别" => Self::Kind,
            "学号" | "学籍号" | "考籍号" => Self::StudentNo,
            "考生类型" | "层次" | "培养层次" | "学习层次" | "考生类别" => Self::CandidateType,
            "专业" | "专业名称" | "报考专业" | "所学专业" | "录取专业" => Self::Major,
            _ => return None,
        })
    }

    /// Whether a table cannot do without it.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Name | Self::Number)
    }
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// The file is stored; its columns are to be named.
    Uploaded,
    /// A job reads it.
    Checking,
    /// Every row is right.
    Ready,
    /// Rows are wrong.
    Faulty,
    /// The file itself cannot be read.
    Broken,
    /// It counts, or counted last and another one followed.
    Applied,
    /// Another one was applied after it.
    Replaced,
    /// It counted and was taken back.
    RolledBack,
    /// Staff gave it up, or it was left lying.
    Cancelled,
}

impl ImportState {
    const ALL: [Self; 9] = [
        Self::Uploaded,
        Self::Checking,
        Self::Ready,
        Self::Faulty,
        Self::Broken,
        Self::Applied,
        Self::Replaced,
        Self::RolledBack,
        Self::Cancelled,
    ];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Checking => "checking",
            Self::Ready => "ready",
            Self::Faulty => "faulty",
            Self::Broken => "broken",
            Self::Applied => "applied",
            Self::Replaced => "replaced",
            Self::RolledBack => "rolled_back",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a code of our own store.
    pub fn stored(code: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.code() == code).unwrap_or(Self::Cancelled)
    }

    /// The word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Uploaded => "待选择列",
            Self::Checking => "正在检查",
            Self::Ready => "可以导入",
            Self::Faulty => "有错误",
            Self::Broken => "无法读取",
            Self::Applied => "使用中",
            Self::Replaced => "已被替换",
            Self::RolledBack => "已撤回",
            Self::Cancelled => "已取消",
        }
    }

    /// The colour of the word: a code that the macro `badge` knows.
    pub fn badge(self) -> &'static str {
        match self {
            Self::Uploaded | Self::Checking | Self::Ready => "pending",
            Self::Faulty | Self::Broken => "failed",
            Self::Applied => "passed",
            Self::Replaced | Self::RolledBack | Self::Cancelled => "closed",
        }
    }

    /// Whether it was neither applied nor given up.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Uploaded | Self::Checking | Self::Ready | Self::Faulty)
    }
}

/// A roster.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Roster {
    pub id: i64,
    pub public_ref: String,
    pub name: String,
    pub heads: String,
    pub current: Option<i64>,
    pub created_at: i64,
}

/// One import of a file.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Import {
    pub id: i64,
    pub public_ref: String,
    pub roster: i64,
    pub file_name: String,
    pub object_key: String,
    pub state: String,
    pub columns: String,
    pub why: String,
    pub total: i64,
    pub line: i64,
    pub good: i64,
    pub bad: i64,
    pub base: Option<i64>,
    pub added: i64,
    pub changed: i64,
    pub gone: i64,
    pub created_name: String,
    pub created_at: i64,
    pub applied_at: Option<i64>,
}

impl Import {
    /// Where it stands.
    pub fn state(&self) -> ImportState {
        ImportState::stored(&self.state)
    }

    /// What each column of the file holds.
    pub fn columns(&self) -> Vec<Option<Column>> {
        self.columns.split(',').map(Column::parse).collect()
    }
}

/// A person of a roster. The number stays sealed until a caller opens it.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(missing_docs, reason = "the columns are described in the schema")]
pub struct Entry {
    pub line: i64,
    pub document_kind: String,
    pub document_enc: Vec<u8>,
    pub name: String,
    pub student_no: String,
    pub candidate_type: String,
    pub major: String,
}

/// What is wrong with a row of a file.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Problem {
    /// Line of the file, from 1.
    pub line: i64,
    /// Column of the file, from 0; -1: the whole row.
    pub place: i64,
    /// What to do, in Chinese.
    pub why: String,
}

impl Problem {
    /// `C12`, as spreadsheet programs call the cell; "第 12 行" for a whole row.
    pub fn cell(&self) -> String {
        match usize::try_from(self.place) {
            Ok(place) => format!("{}{}", letters(place), self.line),
            Err(_) => format!("第 {} 行", self.line),
        }
    }
}

/// `A`, `B`, … `Z`, `AA`: what spreadsheet programs call a column.
pub fn letters(place: usize) -> String {
    let last = char::from(b'A' + u8::try_from(place % 26).unwrap_or(0));
    if place < 26 { last.to_string() } else { letters(place / 26 - 1) + &last.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_in_a_spreadsheet() {
        for (place, word) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(place), word);
        }
    }

    #[test]
    fn the_heads_of_the_template_are_known() {
        for column in Column::ALL {
            assert_eq!(Column::guess(column.word()), Some(column));
        }
        assert_eq!(Column::guess(" *身份证号 "), Some(Column::Number));
        assert_eq!(Column::guess("备注"), None);
    }
}
