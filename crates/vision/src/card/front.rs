//! What the front of a card says, from its lines of text. Pure: the lines may come from anywhere.

use jiff::civil::Date;

use super::layout::{FRONT_LABELS, NUMBER_ENDS};
use super::rows::{Row, after_label, resembles, rows};
use super::{CardProblem, FrontReading, Sex};
use crate::geometry::Point;
use crate::number::{self, NumberFacts};
use crate::ocr::{Area, Glyph, Line};

/// Sureness from which a printed date or sex that contradicts the number is believed.
const BELIEVED: f32 = 0.8;
/// Where on the number's own width the fields end and the portrait begins.
const FIELDS_END: f32 = 0.5;

/// What was made of the lines of a front.
#[derive(Debug, Clone, Default)]
pub(super) struct Front {
    pub(super) reading: FrontReading,
    /// The name's characters and the places of its lines.
    pub(super) name: Vec<Glyph>,
    pub(super) name_lines: Vec<Line>,
    /// What the number says, when it is valid.
    pub(super) facts: Option<NumberFacts>,
    /// Points of the card and where they are in the picture.
    pub(super) anchors: Vec<(Point, Point)>,
    printed_birth: Option<(Date, f32)>,
    printed_sex: Option<(Sex, f32)>,
}

/// How much lines look like a front: two for a number, one for a row of digits that may be a misread one, one for each label. A longer row of digits is an order's
/// or an account's, and one of eighteen may be.
pub(super) fn likeness(lines: &[Line]) -> usize {
    let labels = FRONT_LABELS.iter().filter(|(label, _)| lines.iter().any(|line| resembles(&line.text(), label, 0.75)));
    let numbers = lines.iter().map(|line| digits(&line.glyphs)).filter(|digits| (15..=19).contains(&digits.len()));
    let worth = numbers.map(|digits| {
        let text: String = digits.iter().map(|glyph| glyph.character).collect();
        if number::check(&text).is_ok() { 2 } else { 1 }
    });
    labels.count() + worth.max().unwrap_or(0)
}

impl Front {
    /// Makes fields of lines.
    pub(super) fn parse(lines: &[Line]) -> Self {
        let mut front = Self::default();
        let number = number_line(lines);
        if let Some(line) = number {
            front.take_number(&digits(&line.glyphs));
        }
        let inside = |line: &&Line| number.is_none_or(|number| is_field_at(&line.area, number));
        let rows = rows(lines.iter().filter(inside));
        let column = label_column(&rows);
        let leads = |row: &Row| row.left() < column + 0.8 * row.height();

        let sex_row = rows.iter().position(|row| is_sex_row(&row.text()));
        let birth_row = rows.iter().position(|row| birth_of(&row.glyphs()).is_some());
        if let Some(row) = sex_row.and_then(|at| rows.get(at)) {
            front.take_sex(&row.glyphs());
            front.reading.ethnicity = ethnicity(&row.text());
        }
        if let Some(row) = birth_row.and_then(|at| rows.get(at)) {
            front.take_birth(&row.glyphs());
        }
        front.take_name(&rows, sex_row.or(birth_row), &leads);
        front.reading.address = address(&rows, birth_row.or(sex_row), &leads);
        front.anchors = anchors(lines, number);
        front.settle();
        front
    }

    /// Takes a number's characters: eighteen that pass the check wherever they stand, or exactly eighteen that do not.
    pub(super) fn take_number(&mut self, characters: &[Glyph]) {
        if self.facts.is_some() {
            return;
        }
        let text = |part: &[Glyph]| part.iter().map(|glyph| glyph.character).collect::<String>();
        let found = characters.windows(18).find_map(|part| Some((part, number::check(&text(part)).ok()?)));
        let (part, facts) = match found {
            Some((part, facts)) => (part, Some(facts)),
            None if characters.len() == 18 => (characters, None),
            None => return,
        };
        self.reading.number = Some(text(part));
        self.reading.confidence.number = lowest(part);
        self.facts = facts;
        self.settle();
    }

    /// Takes 男 or 女 from glyphs.
    pub(super) fn take_sex(&mut self, glyphs: &[Glyph]) {
        let seen = glyphs.iter().find_map(|glyph| match glyph.character {
            '男' => Some((Sex::Male, glyph.sure)),
            '女' => Some((Sex::Female, glyph.sure)),
            _ => None,
        });
        if seen.is_some_and(|(_, sure)| self.printed_sex.is_none_or(|(_, before)| sure > before)) {
            self.printed_sex = seen;
            self.settle();
        }
    }

    /// Takes a date from glyphs.
    pub(super) fn take_birth(&mut self, glyphs: &[Glyph]) {
        let seen = birth_of(glyphs);
        if seen.is_some_and(|(_, sure)| self.printed_birth.is_none_or(|(_, before)| sure > before)) {
            self.printed_birth = seen;
            self.settle();
        }
    }

    /// Takes the ethnicity from glyphs that hold nothing else.
    pub(super) fn take_ethnicity(&mut self, glyphs: &[Glyph]) {
        let text: String = glyphs.iter().map(|glyph| glyph.character).collect();
        let alone = if text.contains('族') { text } else { format!("民族{text}") };
        self.reading.ethnicity = ethnicity(&alone);
    }

    /// Takes the address from its lines' glyphs.
    pub(super) fn set_address(&mut self, glyphs: &[Glyph]) {
        let text: String = glyphs.iter().map(|glyph| glyph.character).filter(|character| !character.is_whitespace()).collect();
        self.reading.address = (!text.is_empty()).then_some(text);
    }

    /// Takes a name from the row or rows above the one with the sex.
    fn take_name(&mut self, rows: &[Row], below: Option<usize>, leads: &dyn Fn(&Row) -> bool) {
        let labelled = rows.iter().position(|row| row.text().starts_with("姓名"));
        let Some(end) = below.or(labelled.map(|at| at + 1)) else { return };
        let Some(last) = rows.get(end).or(rows.last()) else { return };
        // Rows are about 1.1 heights of a detected line apart; a name of two lines has one of them lower.
        let pitch = match rows.get(end + 1) {
            Some(next) if below.is_some() => (next.middle() - last.middle()).clamp(last.height(), 2.0 * last.height()),
            _ => 1.5 * last.height(),
        };
        let near = |row: &&Row| below.is_none() || (0.4 * pitch..1.75 * pitch).contains(&(last.middle() - row.middle()));
        let chosen: Vec<&Row> = match labelled {
            Some(at) if at < end => rows[at.saturating_sub(1)..end].iter().filter(near).collect(),
            _ => rows[..end].iter().filter(near).collect(),
        };
        let mut name = Vec::new();
        for row in chosen {
            let glyphs = row.glyphs();
            let kept: Vec<Glyph> = after_label(&glyphs, "姓名", leads(row)).iter().filter_map(name_glyph).collect();
            if kept.is_empty() {
                continue;
            }
            name.extend(kept);
            self.name_lines.extend(row.lines.iter().filter(|line| !is_label(&line.text(), "姓名")).map(|line| (*line).clone()));
        }
        self.set_name(name);
    }

    /// Takes a name as read.
    pub(super) fn set_name(&mut self, name: Vec<Glyph>) {
        if !name.is_empty() {
            self.reading.name = Some(name.iter().map(|glyph| glyph.character).collect());
            self.reading.confidence.name = lowest(&name);
            self.name = name;
        }
    }

    /// Fills birth and sex from what is printed, and from a valid number where the print was not readable.
    fn settle(&mut self) {
        let facts = self.facts.as_ref();
        self.reading.birth = match (self.printed_birth, facts) {
            (Some((date, sure)), Some(facts)) if date != facts.birth && sure < BELIEVED => Some(facts.birth),
            (Some((date, _)), _) => Some(date),
            (None, facts) => facts.map(|facts| facts.birth),
        };
        self.reading.sex = match (self.printed_sex, facts) {
            (Some((sex, sure)), Some(facts)) if sex != facts.sex && sure < BELIEVED => Some(facts.sex),
            (Some((sex, _)), _) => Some(sex),
            (None, facts) => facts.map(|facts| facts.sex),
        };
    }

    /// 性别 as printed: the reading's may be the number's.
    pub(super) fn printed_sex(&self) -> Option<Sex> {
        self.printed_sex.map(|(sex, _)| sex)
    }

    /// 出生 as printed: the reading's may be the number's.
    pub(super) fn printed_birth(&self) -> Option<Date> {
        self.printed_birth.map(|(date, _)| date)
    }

    /// Whether the printed sex was read, and is the number's where that is valid.
    pub(super) fn is_sex_clear(&self) -> bool {
        self.printed_sex().is_some_and(|sex| self.facts.as_ref().is_none_or(|facts| facts.sex == sex))
    }

    /// Whether the printed date was read, and is the number's where that is valid.
    pub(super) fn is_birth_clear(&self) -> bool {
        self.printed_birth().is_some_and(|date| self.facts.as_ref().is_none_or(|facts| facts.birth == date))
    }

    /// Whether the two fields that decide were read, the number with its check digit right.
    pub(super) fn is_complete(&self) -> bool {
        self.reading.name.is_some() && self.facts.is_some()
    }

    /// What the fields contradict.
    pub(super) fn contradictions(&self) -> Vec<CardProblem> {
        let mut problems = Vec::new();
        match (&self.facts, &self.reading.number) {
            (None, Some(_)) => problems.push(CardProblem::NumberInvalid),
            (Some(facts), _) => {
                if self.reading.birth.is_some_and(|birth| birth != facts.birth) {
                    problems.push(CardProblem::BirthMismatch);
                }
                if self.reading.sex.is_some_and(|sex| sex != facts.sex) {
                    problems.push(CardProblem::SexMismatch);
                }
            }
            (None, None) => {}
        }
        problems
    }
}

fn lowest(glyphs: &[Glyph]) -> Option<f32> {
    glyphs.iter().map(|glyph| glyph.sure).reduce(f32::min)
}

/// The characters of a number among glyphs, look-alikes read as the digit they stand for.
pub(super) fn digits(glyphs: &[Glyph]) -> Vec<Glyph> {
    let start = glyphs.iter().rposition(|glyph| "公民身份号码".contains(glyph.character)).map_or(0, |at| at + 1);
    let digit = |character: char| match character {
        '0'..='9' => Some(character),
        'X' | 'x' | '×' | 'Χ' | 'Х' => Some('X'),
        'O' | 'o' | 'D' | 'Q' => Some('0'),
        'I' | 'l' | '|' | '!' => Some('1'),
        'Z' | 'z' => Some('2'),
        'S' => Some('5'),
        'B' => Some('8'),
        _ => None,
    };
    glyphs[start..].iter().filter_map(|glyph| Some(Glyph { character: digit(glyph.character)?, ..*glyph })).collect()
}

/// The line with the number: one that passes the check, or else the one nearest to eighteen characters.
fn number_line(lines: &[Line]) -> Option<&Line> {
    let score = |line: &&Line| (is_number(line), usize::MAX - digits(&line.glyphs).len().abs_diff(18));
    lines.iter().filter(|line| digits(&line.glyphs).len() >= 12).max_by_key(score)
}

/// The number with the check digit right, if the line has one.
pub(super) fn is_number(line: &Line) -> bool {
    let text: String = digits(&line.glyphs).iter().map(|glyph| glyph.character).collect();
    text.len() >= 18 && (0..=text.len() - 18).any(|at| number::check(&text[at..at + 18]).is_ok())
}

/// Whether a place lies where the fields are: above the number and left of the portrait.
pub(super) fn is_field_at(area: &Area, number: &Line) -> bool {
    let n = &number.area;
    let shift = number.slope * (f32::midpoint(area.left, area.right) - f32::midpoint(n.left, n.right));
    area.middle() < n.middle() + shift - 0.5 * n.height() && area.left < n.left + FIELDS_END * n.width()
}

/// Where labels begin: the leftmost beginning of a row that starts with one.
fn label_column(rows: &[Row]) -> f32 {
    let labels = ["姓名", "性别", "出生", "住址"];
    let labelled = rows.iter().filter(|row| labels.iter().any(|label| row.text().starts_with(label)));
    let lefts = labelled.map(Row::left).reduce(f32::max);
    lefts.or_else(|| rows.iter().map(Row::left).reduce(f32::min)).unwrap_or(0.0)
}

fn is_label(text: &str, label: &str) -> bool {
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    text.chars().count() <= label.chars().count() && resembles(&text, label, 0.5)
}

fn is_sex_row(text: &str) -> bool {
    let sexed = text.starts_with('男') || text.starts_with('女');
    text.contains("性别") || text.contains("民族") || sexed && text.contains('族') || (text.starts_with('性') && text.contains('民'))
}

/// The ethnicity after its label.
fn ethnicity(text: &str) -> Option<String> {
    // The second character of the label is the likelier to be misread, as 旗 or 旅.
    let after = match text.split_once("民族").or_else(|| text.split_once('族')) {
        Some((_, after)) => after,
        None => text.split_once('民').and_then(|(_, after)| after.char_indices().nth(1).and_then(|(at, _)| after.get(at..)))?,
    };
    // Recognition sometimes gives the older form of a character that cards never print.
    let printed = |character: char| match character {
        '漢' => '汉',
        '滿' => '满',
        '維' => '维',
        '爾' => '尔',
        '壯' => '壮',
        '納' => '纳',
        other => other,
    };
    let name: String = after.chars().filter(|character| is_han(*character)).map(printed).collect();
    (!name.is_empty()).then_some(name)
}

/// Year, month and day in a row, and the sureness of the least sure digit.
fn birth_of(glyphs: &[Glyph]) -> Option<(Date, f32)> {
    let mut numbers: Vec<(i16, usize, f32)> = Vec::new();
    let mut running = false;
    for glyph in glyphs {
        match glyph.character.to_digit(10) {
            Some(digit) => {
                let digit = digit as i16;
                match numbers.last_mut() {
                    Some((value, count, sure)) if running && *count < 4 => {
                        (*value, *count, *sure) = (*value * 10 + digit, *count + 1, sure.min(glyph.sure));
                    }
                    _ => numbers.push((digit, 1, glyph.sure)),
                }
                running = true;
            }
            None => running = false,
        }
    }
    let date = numbers.windows(3).find_map(|part| {
        let [(year, 4, a), (month, 1..=2, b), (day, 1..=2, c)] = *part else { return None };
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        (year >= 1900).then_some((date, a.min(b).min(c)))
    });
    let has_marks = glyphs.iter().any(|glyph| matches!(glyph.character, '年' | '月' | '日' | '出' | '生'));
    date.filter(|_| has_marks)
}

/// The rows of the address, from below the birth date to above the number.
fn address(rows: &[Row], above: Option<usize>, leads: &dyn Fn(&Row) -> bool) -> Option<String> {
    let labelled = rows.iter().position(|row| row.text().starts_with("住址"));
    let start = labelled.or(above.map(|at| at + 1))?;
    let mut out = String::new();
    for row in rows.get(start..)? {
        let glyphs = row.glyphs();
        out.extend(after_label(&glyphs, "住址", leads(row)).iter().map(|glyph| glyph.character));
    }
    (!out.is_empty()).then_some(out)
}

/// Points of the card whose places in the picture are known.
fn anchors(lines: &[Line], number: Option<&Line>) -> Vec<(Point, Point)> {
    let mut out = Vec::new();
    if let Some(line) = number {
        let digits = digits(&line.glyphs);
        if let (18, Some(first), Some(last)) = (digits.len(), digits.first(), digits.last()) {
            out.push((NUMBER_ENDS.0, line.place.at(first.at, 0.5)));
            out.push((NUMBER_ENDS.1, line.place.at(last.at, 0.5)));
        }
    }
    for (label, place) in FRONT_LABELS {
        out.extend(super::label_place(lines, label).map(|found| (place, found)));
    }
    out
}

/// A glyph as a character of a name; dots of all kinds become the middle dot.
pub(super) fn name_glyph(glyph: &Glyph) -> Option<Glyph> {
    match glyph.character {
        '·' | '•' | '・' | '．' | '.' | '‧' | '∙' => Some(Glyph { character: '·', ..*glyph }),
        character if is_han(character) => Some(*glyph),
        _ => None,
    }
}

/// Whether a character is Han, in any of its blocks, or the zero of names.
fn is_han(character: char) -> bool {
    matches!(u32::from(character), 0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF)
}

#[cfg(test)]
mod tests;
