//! What the back of a card says, from its lines of text. Pure: the lines may come from anywhere.

use jiff::civil::Date;

use super::layout::BACK_LABELS;
use super::rows::{after_label, resembles, rows};
use super::{BackReading, ValidUntil};
use crate::geometry::Point;
use crate::ocr::{Glyph, Line};

/// What was made of the lines of a back.
#[derive(Debug, Clone, Default)]
pub(super) struct Back {
    pub(super) reading: BackReading,
    /// The lowest confidence of the term's digits, or of 长期.
    pub(super) validity_confidence: Option<f32>,
    /// Points of the card and where they are in the picture.
    pub(super) anchors: Vec<(Point, Point)>,
}

/// How much lines look like a back: two for each title, one for each label.
pub(super) fn likeness(lines: &[Line]) -> usize {
    let has = |label: &str| usize::from(lines.iter().any(|line| resembles(&line.text(), label, 0.6)));
    let [title, kind, authority, validity] = BACK_LABELS.map(|(label, _)| has(label));
    2 * title + 2 * kind + authority + validity
}

impl Back {
    /// Makes fields of lines.
    pub(super) fn parse(lines: &[Line]) -> Self {
        let mut back = Self::default();
        let rows = rows(lines.iter());
        for row in &rows {
            let text = row.text();
            let glyphs = row.glyphs();
            // Before a label there may be something else, a reflection or a pattern.
            let from = |label: &str| text.char_indices().position(|(at, _)| resembles(&prefix(&text[at..], label), label, 0.75));
            if back.reading.authority.is_none()
                && let Some(at) = from("签发机关")
            {
                let rest = after_label(&glyphs[at..], "签发机关", true);
                back.take_authority(&rest.iter().map(|glyph| glyph.character).collect::<String>());
            }
            if back.reading.valid_from.is_none() {
                let rest = from("有效期限").map_or(&glyphs[..], |at| after_label(&glyphs[at..], "有效期限", true));
                back.take_validity(rest);
            }
        }
        back.anchors = BACK_LABELS.iter().filter_map(|(label, place)| Some((*place, super::label_place(lines, label)?))).collect();
        back
    }

    /// Whether the field that decides was read.
    pub(super) fn is_complete(&self) -> bool {
        self.reading.valid_from.is_some() && self.reading.valid_until.is_some()
    }

    /// Takes the authority as printed.
    pub(super) fn take_authority(&mut self, text: &str) {
        let text: String = text.chars().filter(|character| character.is_alphanumeric()).collect();
        if text.chars().count() >= 3 {
            self.reading.authority = Some(text);
        }
    }

    /// Takes a term such as `2016.03.01-2036.03.01` or `2016.03.01-长期`, wherever the marks between were lost.
    pub(super) fn take_validity(&mut self, glyphs: &[Glyph]) {
        let is_digit = |glyph: &&Glyph| glyph.character.is_ascii_digit();
        let digits: Vec<u8> = glyphs.iter().filter(is_digit).filter_map(|glyph| u8::try_from(glyph.character).ok()).collect();
        let Some(from) = digits.get(..8).and_then(date) else { return };
        let last_digit = glyphs.iter().rposition(|glyph| glyph.character.is_ascii_digit()).unwrap_or(0);
        let ending: Vec<&Glyph> = glyphs[last_digit..].iter().filter(|glyph| matches!(glyph.character, '长' | '期')).collect();
        let until = match digits.len() {
            8 if !ending.is_empty() => Some(ValidUntil::LongTerm),
            16 => digits.get(8..).and_then(date).filter(|until| *until > from).map(ValidUntil::Day),
            _ => None,
        };
        self.reading.valid_from = Some(from);
        self.reading.valid_until = until;
        // One of the two characters is enough to tell 长期 from a date.
        let sure_of_end = ending.iter().map(|glyph| glyph.sure).reduce(f32::max).filter(|_| until == Some(ValidUntil::LongTerm));
        self.validity_confidence = glyphs.iter().filter(is_digit).map(|glyph| glyph.sure).chain(sure_of_end).reduce(f32::min);
    }
}

/// As many of the first characters as the label has.
fn prefix(text: &str, label: &str) -> String {
    text.chars().take(label.chars().count()).collect()
}

fn date(digits: impl AsRef<[u8]>) -> Option<Date> {
    let digits = digits.as_ref();
    let number = |part: &[u8]| part.iter().fold(0i16, |sum, digit| sum * 10 + i16::from(digit - b'0'));
    let (year, month, day) = (number(digits.get(..4)?), number(digits.get(4..6)?), number(digits.get(6..8)?));
    // The first cards of this kind were issued in 2004.
    let issued = (2004..2200).contains(&year);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().filter(|_| issued)
}

#[cfg(test)]
mod tests {
    use super::super::rows::line;
    use super::*;

    fn parsed(validity: &str) -> BackReading {
        let lines = [
            line("中华人民共和国", 365.0, 99.0, 800.0, 98.0),
            line("居民身份证", 363.0, 225.0, 810.0, 137.0),
            line("签发机关 虚构市公安局样本分局", 288.0, 599.0, 670.0, 54.0),
            line(validity, 288.0, 692.0, 550.0, 55.0),
            line("样本 SPECIMEN", 995.0, 754.0, 230.0, 38.0),
        ];
        assert!(likeness(&lines) >= 5);
        Back::parse(&lines).reading
    }

    #[test]
    fn a_term_of_twenty_years() {
        let back = parsed("有效期限2016.03.01-2036.03.01");
        assert_eq!(back.authority.as_deref(), Some("虚构市公安局样本分局"));
        assert_eq!(back.valid_from, Some(jiff::civil::date(2016, 3, 1)));
        assert_eq!(back.valid_until, Some(ValidUntil::Day(jiff::civil::date(2036, 3, 1))));
    }

    #[test]
    fn a_term_is_as_sure_as_its_least_sure_digit() {
        let confidence = |text: &str, at: usize| {
            let mut glyphs = line(text, 0.0, 0.0, 500.0, 50.0).glyphs;
            glyphs[at].sure = 0.5;
            let mut back = Back::default();
            back.take_validity(&glyphs);
            back.validity_confidence
        };
        assert_eq!(confidence("2016.03.01-2036.03.01", 13), Some(0.5));
        assert_eq!(confidence("2016.03.01-2036.03.01", 10), Some(0.99), "the dash is no digit");
        assert_eq!(confidence("2016.03.01-长", 11), Some(0.5));
        assert_eq!(Back::default().validity_confidence, None);
    }

    #[test]
    fn a_term_without_end() {
        for text in ["有效期限 2016.03.01-长期", "有效期限2016.03.01长期", "有效期眼2016.0301一长期"] {
            assert_eq!(parsed(text).valid_until, Some(ValidUntil::LongTerm), "{text}");
        }
    }

    #[test]
    fn what_is_no_term_is_not_read_as_one() {
        for text in ["有效期限", "有效期限2016.13.01-2036.03.01", "有效期限1816.03.01-2036.03.01", "有效期限 长期"] {
            assert_eq!(parsed(text).valid_from, None, "{text}");
        }
        for text in ["有效期限2016.03.01-2036.03", "有效期限2036.03.01-2016.03.01", "有效期限2016.03.01-2036.02.30", "有效期限2016.03.01"]
        {
            assert_eq!(parsed(text).valid_until, None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_term_is_read_back(from in 0i32..9000, years in proptest::sample::select(vec![5i32, 10, 20])) {
            let from = jiff::civil::date(2004, 1, 1).checked_add(jiff::Span::new().days(from)).unwrap();
            let until = from.checked_add(jiff::Span::new().years(years)).unwrap();
            let day = |d: Date| format!("{:04}.{:02}.{:02}", d.year(), d.month(), d.day());
            let back = parsed(&format!("有效期限{}-{}", day(from), day(until)));
            proptest::prop_assert_eq!(back.valid_from, Some(from));
            proptest::prop_assert_eq!(back.valid_until, Some(ValidUntil::Day(until)));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = parsed(&text);
            let mut back = Back::default();
            back.take_validity(&line(&text, 0.0, 0.0, 100.0, 20.0).glyphs);
        }
    }
}
