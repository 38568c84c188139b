//! Machine-readable zones: rows with their check digits (ICAO Doc 9303), and how they are printed.

use jiff::civil::Date;

use super::{INK, Sheet};
use crate::canvas::{Align, Type};

/// From character to character: ten to an inch (9303-3, 4.3).
const PITCH: f32 = 25.4;
/// From row to row: four to an inch.
const ROW: f32 = 63.5;

/// What a zone says.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Document number: upper-case letters and digits, 9 at most.
    pub number: String,
    /// Latin surname and given names; other letters are dropped.
    pub names: (String, String),
    /// 男 or 女.
    pub sex: String,
    /// Date of birth.
    pub birth: Date,
    /// Last day of validity.
    pub until: Date,
    /// State of the holder, three letters.
    pub nationality: String,
}

/// The rows of a passport (TD3).
#[must_use]
pub fn passport(holder: &Holder) -> Vec<String> {
    let state = letters(&holder.nationality);
    let first = padded(&format!("P<{state:<<3}{}", names(holder)), 44);
    let body = format!("{}{state:<<3}{}{}{}{}", number(holder), birth(holder), sex(holder), until(holder), "<".repeat(15));
    let composite = check(&[&body[..10], &body[13..20], &body[21..43]].concat());
    vec![first, format!("{body}{composite}")]
}

/// The rows of a card (TD1) issued in China: `code` is `CR` or `CT` on the permits.
#[must_use]
pub fn card(code: &str, holder: &Holder) -> Vec<String> {
    let first = padded(&format!("{code:<<2}CHN{}", number(holder)), 30);
    let body = format!("{}{}{}{:<<3}{}", birth(holder), sex(holder), until(holder), letters(&holder.nationality), "<".repeat(11));
    let composite = check(&[&first[5..], &body[..7], &body[8..15], &body[18..]].concat());
    vec![first, format!("{body}{composite}"), padded(&names(holder), 30)]
}

impl Sheet<'_> {
    /// Prints rows, the last one's middle at `bottom`, every character in a cell of the same width.
    pub(super) fn zone(&mut self, rows: &[String], left: f32, bottom: f32) {
        for (row, text) in rows.iter().rev().enumerate() {
            for (column, character) in text.chars().enumerate() {
                let x = left + PITCH * (column as f32 + 0.5);
                let style = Type::new(33.0, INK);
                self.canvas.text_at(self.fonts, style, Align::Centre, x, bottom - ROW * row as f32, &character.to_string());
            }
        }
    }
}

fn padded(text: &str, length: usize) -> String {
    let text: String = text.chars().take(length).collect();
    format!("{text:<<length$}")
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_uppercase).collect()
}

fn names(holder: &Holder) -> String {
    let part = |text: &str| -> String {
        let words: Vec<String> = text.to_ascii_uppercase().split([' ', '-']).map(letters).filter(|word| !word.is_empty()).collect();
        words.join("<")
    };
    format!("{}<<{}", part(&holder.names.0), part(&holder.names.1))
}

fn number(holder: &Holder) -> String {
    let field: String = holder.number.chars().filter(char::is_ascii_alphanumeric).take(9).collect();
    checked(&format!("{field:<<9}"))
}

fn birth(holder: &Holder) -> String {
    checked(&holder.birth.strftime("%y%m%d").to_string())
}

fn until(holder: &Holder) -> String {
    checked(&holder.until.strftime("%y%m%d").to_string())
}

fn sex(holder: &Holder) -> &'static str {
    match holder.sex.as_str() {
        "男" => "M",
        "女" => "F",
        _ => "<",
    }
}

fn checked(field: &str) -> String {
    format!("{field}{}", check(field))
}

/// The check digit (9303-3, 4.9).
fn check(text: &str) -> u32 {
    let value = |character: char| character.to_digit(36).unwrap_or(0);
    text.chars().zip([7, 3, 1].into_iter().cycle()).map(|(character, weight)| value(character) * weight).sum::<u32>() % 10
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn rows_are_those_of_the_standards_example() {
        let holder = Holder {
            number: "L898902C3".into(),
            names: ("Eriksson".into(), "Anna Maria".into()),
            sex: "女".into(),
            birth: date(1974, 8, 12),
            until: date(2012, 4, 15),
            nationality: "UTO".into(),
        };
        let [first, second] = passport(&holder).try_into().unwrap();
        assert_eq!(first, "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<");
        assert_eq!(&second[..28], "L898902C36UTO7408122F1204159");
        assert!(card("CR", &holder).iter().all(|row| row.len() == 30));
    }
}
