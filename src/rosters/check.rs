//! What a row of a file must hold to become an entry.

use baokao_tables::sheet::Row;
use jiff::civil::Date;

use super::{Column, Problem};
use crate::types::{DocumentKind, DocumentNumber, PersonName};

/// Longest of the texts that stand beside name and number.
const MAX_TEXT_CHARS: usize = 60;

/// A row that is right.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Person {
    pub line: i64,
    pub name: PersonName,
    pub number: DocumentNumber,
    pub student_no: String,
    pub candidate_type: String,
    pub major: String,
}

/// Which column of the file holds what.
#[derive(Clone, Debug)]
pub struct Mapping(Vec<Option<Column>>);

impl Mapping {
    /// Name and number are needed, and no column twice. The error is a sentence.
    pub fn new(columns: Vec<Option<Column>>) -> Result<Self, String> {
        for column in Column::ALL {
            match columns.iter().filter(|one| **one == Some(column)).count() {
                0 if column.is_required() => return Err(format!("请选择哪一列是“{}”。", column.word())),
                0 | 1 => {}
                _ => return Err(format!("“{}”选了不止一列，请只选一列。", column.word())),
            }
        }
        Ok(Self(columns))
    }

    /// Which column of the file holds it.
    pub fn place(&self, column: Column) -> Option<usize> {
        self.0.iter().position(|one| *one == Some(column))
    }

    /// Reads a row: a person, or everything that is wrong with it.
    pub fn read(&self, row: &Row, today: Date) -> Result<Person, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut note = |column: Column, why: String| {
            let place = self.place(column).and_then(|place| i64::try_from(place).ok()).unwrap_or(-1);
            problems.push(Problem { line: row.line, place, why });
        };
        let typed = |column: Column| self.place(column).map_or("", |place| row.text(place));
        let name = PersonName::parse(typed(Column::Name));
        if let Err(why) = &name {
            note(Column::Name, if typed(Column::Name).is_empty() { "没有姓名。".into() } else { (*why).to_owned() });
        }
        let kind = kind_of(typed(Column::Kind), typed(Column::Number));
        if kind.is_none() {
            note(Column::Kind, "证件类型无法识别。请填写“居民身份证”“港澳居民来往内地通行证”等，或留空。".into());
        }
        let lost_digits = self.place(Column::Number).and_then(|place| row.cells.get(place)).is_some_and(|cell| cell.lost_digits);
        let number = match typed(Column::Number) {
            "" => Err("没有证件号码。"),
            _ if lost_digits => Err("号码被表格当成了数字，后几位已经丢失。请把这一列设为“文本”，重新填写。"),
            typed => DocumentNumber::parse(kind.unwrap_or(DocumentKind::ResidentCard), typed, today),
        };
        if let (Err(why), true) = (&number, kind.is_some()) {
            note(Column::Number, (*why).to_owned());
        }
        let mut text = |column: Column| {
            let text = typed(column);
            if text.chars().count() > MAX_TEXT_CHARS || text.chars().any(char::is_control) {
                note(column, format!("{}不能超过 {MAX_TEXT_CHARS} 字，也不能换行。", column.word()));
            }
            text.to_owned()
        };
        let [student_no, candidate_type, major] = [Column::StudentNo, Column::CandidateType, Column::Major].map(&mut text);
        match (name, number) {
            (Ok(name), Ok(number)) if problems.is_empty() => Ok(Person { line: row.line, name, number, student_no, candidate_type, major }),
            _ => Err(problems),
        }
    }
}

/// The kind of a document: as it is called, or, where the table does not say it, as the number looks.
fn kind_of(word: &str, number: &str) -> Option<DocumentKind> {
    match word {
        "" => Some(match crate::types::normalise_number(number).as_str() {
            text if text.starts_with(['H', 'M']) && (9..=11).contains(&text.len()) => DocumentKind::HongKongMacauPermit,
            text if text.len() == 18 && ["810000", "820000", "830000"].iter().any(|area| text.starts_with(area)) => {
                DocumentKind::ResidencePermit
            }
            text if text.len() == 18 && text.starts_with('9') => DocumentKind::ForeignPermanentResident,
            text if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) => DocumentKind::TaiwanPermit,
            _ => DocumentKind::ResidentCard,
        }),
        "身份证" | "中国居民身份证" => Some(DocumentKind::ResidentCard),
        "港澳通行证" | "回乡证" | "港澳居民通行证" => Some(DocumentKind::HongKongMacauPermit),
        "台胞证" | "台湾居民通行证" => Some(DocumentKind::TaiwanPermit),
        "居住证" | "港澳台居住证" => Some(DocumentKind::ResidencePermit),
        "外国人永久居留证" => Some(DocumentKind::ForeignPermanentResident),
        other => DocumentKind::ALL.into_iter().find(|kind| kind.word() == other),
    }
}

#[cfg(test)]
mod tests {
    use baokao_tables::sheet::Cell;
    use jiff::civil::date;

    use super::*;

    const COLUMNS: [Option<Column>; 5] = [Some(Column::Name), None, Some(Column::Number), Some(Column::Kind), Some(Column::Major)];

    fn read(cells: [&str; 5]) -> Result<Person, Vec<(String, String)>> {
        let cells = cells.map(|text| Cell { text: text.into(), lost_digits: false }).to_vec();
        let mapping = Mapping::new(COLUMNS.to_vec()).expect("a mapping");
        let problems = |problems: Vec<Problem>| problems.into_iter().map(|one| (one.cell(), one.why)).collect();
        mapping.read(&Row { line: 7, of: 9, cells }, date(2026, 6, 1)).map_err(problems)
    }

    #[test]
    fn a_row_becomes_a_person() {
        let person = read(["张 三", "x", "11010519491231002x", "", "会计学"]).expect("right");
        assert_eq!((person.number.text(), person.major.as_str(), person.line), ("11010519491231002X", "会计学", 7));
        for (number, word, kind) in [
            ("H12345678", "", DocumentKind::HongKongMacauPermit),
            ("12345678", "", DocumentKind::TaiwanPermit),
            ("E12345678", "护照", DocumentKind::Passport),
            ("12345678", "台胞证", DocumentKind::TaiwanPermit),
        ] {
            assert_eq!(read(["张三", "", number, word, ""]).expect("right").number.kind(), kind, "{number}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_said_with_its_cell() {
        let wrong = read(["", "", "110105194912310021", "", &"长".repeat(61)]).expect_err("wrong");
        assert_eq!(wrong.iter().map(|(cell, _)| cell.as_str()).collect::<Vec<_>>(), ["A7", "C7", "E7"]);
        assert_eq!(read(["张三", "", "E12345678", "军官证", ""]).expect_err("wrong")[0].0, "D7");
        assert_eq!(read(["张三", "", "", "", ""]).expect_err("wrong"), [("C7".into(), "没有证件号码。".into())]);
    }

    #[test]
    fn a_mapping_has_a_name_and_a_number_once() {
        assert_eq!(Mapping::new(vec![Some(Column::Name)]).expect_err("no number"), "请选择哪一列是“证件号码”。");
        let twice = vec![Some(Column::Name), Some(Column::Number), Some(Column::Name)];
        assert_eq!(Mapping::new(twice).expect_err("twice"), "“姓名”选了不止一列，请只选一列。");
    }
}
