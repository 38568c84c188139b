//! The values on documents: names, dates and numbers as they are printed. Pure.

use jiff::civil::Date;

use super::DocumentType;
use super::pieces::{solid, text};
use crate::card::{Sex, ValidUntil};
use crate::number;
use crate::ocr::Glyph;

/// Longest name that is taken as one, in characters.
const LONGEST_NAME: usize = 40;
/// Longest authority.
const LONGEST_AUTHORITY: usize = 40;

/// A name in Han characters, dots of all kinds made one.
pub(super) fn han_name(glyphs: &[Glyph]) -> Option<Vec<Glyph>> {
    let name: Vec<Glyph> = solid(glyphs)
        .iter()
        .map(|glyph| match glyph.character {
            '•' | '・' | '．' | '.' | '‧' | '∙' => Glyph { character: '·', ..*glyph },
            _ => *glyph,
        })
        .collect();
    let is_one = (1..=LONGEST_NAME).contains(&name.len()) && name.iter().all(|glyph| glyph.character == '·' || is_han(glyph.character));
    (is_one && is_han(name[0].character)).then_some(name)
}

/// A name in Latin letters: capitals with a comma between surname and given names, as these documents print it.
pub(super) fn latin_name(glyphs: &[Glyph]) -> Option<Vec<Glyph>> {
    let name: Vec<Glyph> = glyphs
        .iter()
        .map(|glyph| match glyph.character {
            '，' | '、' => Glyph { character: ',', ..*glyph },
            '’' | '‘' => Glyph { character: '\'', ..*glyph },
            _ => *glyph,
        })
        .collect();
    let letters = name.iter().filter(|glyph| glyph.character.is_ascii_uppercase()).count();
    let only = name.iter().all(|glyph| glyph.character.is_ascii_uppercase() || matches!(glyph.character, ',' | '-' | '\'' | '.' | ' '));
    (only && letters >= 2 && name.len() <= 2 * LONGEST_NAME).then_some(name)
}

/// 男 or 女, or M or F alone.
pub(super) fn sex(glyphs: &[Glyph]) -> Option<Sex> {
    let written = text(&solid(glyphs));
    match (written.contains('男') || written == "M", written.contains('女') || written == "F") {
        (true, false) => Some(Sex::Male),
        (false, true) => Some(Sex::Female),
        _ => None,
    }
}

/// `1998.03.08`, `1998年3月8日` or `08 MAR 1998`, where it is the only date.
pub(super) fn date(glyphs: &[Glyph]) -> Option<Date> {
    match dates(&text(&solid(glyphs)))[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// `2021.05.01-2031.04.30`, or a first day and 长期.
pub(super) fn term(glyphs: &[Glyph]) -> Option<(Date, ValidUntil)> {
    let written = text(&solid(glyphs));
    match dates(&written)[..] {
        [from, until] if from < until => Some((from, ValidUntil::Day(until))),
        [from] if written.contains('长') || written.ends_with('期') => Some((from, ValidUntil::LongTerm)),
        _ => None,
    }
}

/// The months as passports print them.
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// The dates in a text, whatever parts their numbers; `2021050120310430` are two.
fn dates(written: &str) -> Vec<Date> {
    let upper = written.to_ascii_uppercase();
    if let Some((month, at)) = MONTHS.iter().enumerate().find_map(|(month, name)| Some((month, upper.find(name)?))) {
        let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
        let (day, rest) = (digits(&upper[..at]), digits(&upper[at..]));
        // Chinese passports repeat the month in Chinese: `08 MAR/3月 1998`.
        let year = rest.len().checked_sub(4).and_then(|from| rest.get(from..)).and_then(|year| year.parse().ok());
        let day = day.parse().ok().zip(year).and_then(|(day, year)| Date::new(year, month as i8 + 1, day).ok());
        return day.filter(is_printed).into_iter().collect();
    }
    let mut groups: Vec<String> = Vec::new();
    let mut running = false;
    for character in written.chars().take(80) {
        if character.is_ascii_digit() {
            match groups.last_mut() {
                Some(group) if running => group.push(character),
                _ => groups.push(character.to_string()),
            }
        }
        running = character.is_ascii_digit();
    }
    let parted: Vec<Date> = groups
        .windows(3)
        .filter(|part| part[0].len() == 4 && part[1].len() <= 2 && part[2].len() <= 2)
        .filter_map(|part| Date::new(part[0].parse().ok()?, part[1].parse().ok()?, part[2].parse().ok()?).ok())
        .filter(is_printed)
        .collect();
    if !parted.is_empty() {
        return parted;
    }
    // Marks that were lost run the numbers together.
    let all: String = groups.concat();
    if !matches!(all.len(), 8 | 16) {
        return Vec::new();
    }
    let whole = |part: &str| Date::new(part[..4].parse().ok()?, part[4..6].parse().ok()?, part[6..].parse().ok()?).ok();
    let found: Vec<Date> = [all.get(..8), all.get(8..16)].into_iter().flatten().filter_map(whole).filter(is_printed).collect();
    if found.len() * 8 == all.len() { found } else { Vec::new() }
}

/// No document has a date before 1900 or after 2199.
fn is_printed(date: &Date) -> bool {
    (1900..2200).contains(&date.year())
}

/// The number that a kind has, with the glyphs it was read from. Only letters and digits count; `O` is read as 0 and so on where
/// the kind has digits.
pub(super) fn document_number(kind: DocumentType, glyphs: &[Glyph]) -> Option<Vec<Glyph>> {
    let all: Vec<Glyph> = glyphs.iter().copied().filter(|glyph| glyph.character.is_ascii_alphanumeric()).collect();
    let upper = |glyph: &Glyph| Glyph { character: glyph.character.to_ascii_uppercase(), ..*glyph };
    let all: Vec<Glyph> = all.iter().map(upper).collect();
    match kind {
        DocumentType::HkMacauPermit => {
            let letters = if all.get(1).is_some_and(|glyph| glyph.character == 'A') { 2 } else { 1 };
            let is_first = matches!(all.first().map(|glyph| glyph.character), Some('H' | 'M'));
            let rest = digits(all.get(letters..)?)?;
            (is_first && (all.len() == 9 || all.len() == 11)).then(|| [&all[..letters], &rest].concat())
        }
        DocumentType::TaiwanPermit => digits(&all).filter(|number| number.len() == 8),
        DocumentType::Passport => {
            let has_digits = all.iter().filter(|glyph| glyph.character.is_ascii_digit()).count() >= 5;
            (has_digits && (6..=9).contains(&all.len())).then_some(all)
        }
        DocumentType::ResidencePermit | DocumentType::ForeignPermanent => {
            let is_old = all.len() == 15 && all[..3].iter().all(|glyph| glyph.character.is_ascii_uppercase());
            if is_old {
                return digits(&all[3..]).map(|rest| [&all[..3], &rest].concat());
            }
            let number = digits(&all)?;
            (number.len() == 18).then_some(number)
        }
    }
}

/// Whether a number of this kind has a check character of its own, and it is right.
pub(super) fn is_checked(number: &str) -> bool {
    number::check(number).is_ok()
}

/// Glyphs as digits, an X at the end allowed.
fn digits(glyphs: &[Glyph]) -> Option<Vec<Glyph>> {
    let glyphs = solid(glyphs);
    let last = glyphs.len().checked_sub(1)?;
    let digit = |(at, glyph): (usize, &Glyph)| {
        let character = match glyph.character {
            '0'..='9' => glyph.character,
            'X' if at == last => 'X',
            'O' | 'Q' | 'D' => '0',
            'I' | 'L' => '1',
            'Z' => '2',
            'S' => '5',
            'B' => '8',
            _ => return None,
        };
        Some(Glyph { character, ..*glyph })
    };
    glyphs.iter().enumerate().map(digit).collect()
}

/// 01 to 99.
pub(super) fn count(glyphs: &[Glyph]) -> Option<u8> {
    let written = text(&digits(glyphs)?);
    (written.len() <= 2).then(|| written.parse().ok()).flatten()
}

/// 签发机关: Chinese, three characters or more; what is left of an English label before it is dropped.
pub(super) fn authority(glyphs: &[Glyph]) -> Option<String> {
    let characters = glyphs.iter().map(|glyph| glyph.character).skip_while(|c| !is_han(*c));
    let written: String = characters.filter(|c| c.is_alphanumeric()).collect();
    let han = written.chars().filter(|c| is_han(*c)).count();
    (han >= 3 && written.chars().count() <= LONGEST_AUTHORITY).then_some(written)
}

/// Whether a character is Han, in any of its blocks, or the zero of names.
pub(super) fn is_han(character: char) -> bool {
    matches!(u32::from(character), 0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::super::pieces::piece;
    use super::*;

    fn glyphs(written: &str) -> Vec<Glyph> {
        piece(written, 0.0, 0.0, 100.0, 20.0).glyphs
    }

    fn number(kind: DocumentType, written: &str) -> Option<String> {
        document_number(kind, &glyphs(written)).map(|glyphs| text(&glyphs))
    }

    #[test]
    fn dates_however_they_are_printed() {
        for written in ["1998.03.08", "1998年3月8日", "08 MAR 1998", "08 MAR/3月 1998", "19980308"] {
            assert_eq!(date(&glyphs(written)), Some(day(1998, 3, 8)), "{written}");
        }
        for written in ["1998.13.08", "1898.03.08", "", "2021.05.01-2031.04.30", "998.03.08"] {
            assert_eq!(date(&glyphs(written)), None, "{written}");
        }
        let until = ValidUntil::Day(day(2031, 4, 30));
        for written in ["2021.05.01-2031.04.30", "2021.05.012031.04.30", "2021.05.01一2031.04.30", "2021050120310430"] {
            assert_eq!(term(&glyphs(written)).map(|(_, until)| until).or(None), Some(until), "{written}");
        }
        assert_eq!(term(&glyphs("2031.04.30-2021.05.01")), None);
    }

    #[test]
    fn numbers_of_each_kind() {
        use DocumentType::{ForeignPermanent, HkMacauPermit, Passport, ResidencePermit, TaiwanPermit};
        assert_eq!(number(HkMacauPermit, "H1234 56O8").as_deref(), Some("H12345608"));
        assert_eq!(number(HkMacauPermit, "HA1234567").as_deref(), Some("HA1234567"));
        assert_eq!(number(HkMacauPermit, "H1234567801").as_deref(), Some("H1234567801"));
        assert_eq!(number(HkMacauPermit, "X12345678"), None);
        assert_eq!(number(TaiwanPermit, "12345678").as_deref(), Some("12345678"));
        assert_eq!(number(TaiwanPermit, "1998.03.08"), Some("19980308".into()));
        assert_eq!(number(Passport, "E12345678").as_deref(), Some("E12345678"));
        assert_eq!(number(Passport, "ENTRY"), None);
        assert_eq!(number(ResidencePermit, "81000019981002001X").as_deref(), Some("81000019981002001X"));
        assert_eq!(number(ForeignPermanent, "CAN110081O80310").as_deref(), Some("CAN110081080310"));
        assert!(is_checked("11010519491231002X") && !is_checked("110105194912310021"));
    }

    #[test]
    fn names() {
        assert!(han_name(&glyphs("陈大文")).is_some() && han_name(&glyphs("阿依古丽.买买提")).is_some());
        assert!(han_name(&glyphs("陈A文")).is_none() && han_name(&[]).is_none());
        assert_eq!(latin_name(&glyphs("CHAN， TAI MAN")).map(|g| text(&g)).as_deref(), Some("CHAN, TAI MAN"));
        assert!(latin_name(&glyphs("Chan Tai Man")).is_none() && latin_name(&glyphs("H12")).is_none());
    }

    proptest::proptest! {
        #[test]
        fn never_panics(written in "\\PC{0,80}") {
            let read = glyphs(&written);
            let _ = (han_name(&read), latin_name(&read), sex(&read), date(&read), term(&read), count(&read), authority(&read));
            for kind in DocumentType::ALL {
                let _ = document_number(kind, &read);
            }
        }
    }
}
