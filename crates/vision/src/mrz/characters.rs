//! The characters of a zone, what recognition takes for each other, and check digits (ICAO Doc 9303-3, 4.3 and 4.9).

/// The filler.
pub(super) const FILLER: u8 = b'<';
/// Stands for something that is no character of a zone.
pub(super) const UNKNOWN: u8 = b'?';
/// So many substitutions are tried at most in one field.
const MAX_SUBSTITUTIONS: usize = 3;
/// So many readings of one field are tried at most.
const MAX_READINGS: usize = 4000;

/// Weights by position, repeated (9303-3, 4.9).
const WEIGHTS: [u32; 3] = [7, 3, 1];

/// The value of a character; `None` for one that no zone has.
fn value(character: u8) -> Option<u32> {
    match character {
        b'0'..=b'9' => Some(u32::from(character - b'0')),
        b'A'..=b'Z' => Some(u32::from(character - b'A') + 10),
        FILLER => Some(0),
        _ => None,
    }
}

/// The check digit of characters of a zone, as a character; `None` where there is something else among them.
pub fn check_digit(text: &[u8]) -> Option<u8> {
    let sum = text.iter().zip(WEIGHTS.iter().cycle()).try_fold(0, |sum, (character, weight)| Some(sum + value(*character)? * weight))?;
    Some(b'0' + (sum % 10) as u8)
}

/// A row of text as characters of a zone: upper case, half width, blanks dropped, every sign that the filler is read as made one.
pub(super) fn normalise(row: &str, longest: usize) -> Vec<u8> {
    let characters = row.chars().filter(|c| !c.is_whitespace()).take(longest);
    characters
        .map(|c| match c {
            '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .map(|c| match c {
            '0'..='9' | 'A'..='Z' | '<' => c as u8,
            'a'..='z' => c.to_ascii_uppercase() as u8,
            '《' | '〈' | '«' | '‹' | '≤' | '≦' | '﹤' | '﹙' | '(' | '[' | '{' | '（' | '【' | '「' | '『' | 'く' | 'ㄑ' | '∠' | '＜' => {
                FILLER
            }
            '|' | '!' | '丨' | '｜' => b'I',
            _ => UNKNOWN,
        })
        .collect()
}

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Digits,
    Letters,
    /// Letters or digits: a letter may have been a digit, for numbers have few letters.
    Any,
    Filler,
}

/// What a character may be where the class is known, as read first.
pub(super) fn readings(character: u8, class: Class) -> Vec<u8> {
    match class {
        Class::Digits => vec![digit(character).unwrap_or(character)],
        Class::Letters => vec![letter(character).unwrap_or(character)],
        Class::Any => std::iter::once(character).chain(digit(character).filter(|other| *other != character)).collect(),
        // The letters that fillers are read as.
        Class::Filler => vec![if matches!(character, b'K' | b'C' | b'E' | b'L') { FILLER } else { character }],
    }
}

/// The digit that a letter is mistaken for.
pub(super) fn digit(character: u8) -> Option<u8> {
    Some(match character {
        b'0'..=b'9' => character,
        b'O' | b'Q' | b'D' | b'U' => b'0',
        b'I' | b'L' | b'J' => b'1',
        b'Z' => b'2',
        b'A' => b'4',
        b'S' => b'5',
        b'G' => b'6',
        b'T' => b'7',
        b'B' => b'8',
        _ => return None,
    })
}

/// The letter that a digit is mistaken for.
fn letter(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' => character,
        b'0' => b'O',
        b'1' => b'I',
        b'2' => b'Z',
        b'4' => b'A',
        b'5' => b'S',
        b'6' => b'G',
        b'8' => b'B',
        _ => return None,
    })
}

/// The one reading of a field that fits its check digit with the fewest characters read otherwise; `None` where none fits, or several
/// do. `places` lists what each character may be, as read first.
pub(super) fn resolve(places: &[Vec<u8>], check: u8) -> Option<Vec<u8>> {
    let check = digit(check)?;
    let read: Vec<u8> = places.iter().filter_map(|place| place.first().copied()).collect();
    if read.len() != places.len() {
        return None;
    }
    let mut tier = vec![(read, 0)];
    for _ in 0..=MAX_SUBSTITUTIONS {
        let mut fits = tier.iter().filter(|(text, _)| check_digit(text) == Some(check));
        if let Some((text, _)) = fits.next() {
            return fits.next().is_none().then(|| text.clone());
        }
        tier = tier.iter().flat_map(|(text, from)| substituted(text, *from, places)).take(MAX_READINGS).collect();
    }
    None
}

/// The readings with one more character, at `from` or after, read otherwise; each with the place after it.
fn substituted(text: &[u8], from: usize, places: &[Vec<u8>]) -> Vec<(Vec<u8>, usize)> {
    let mut out = Vec::new();
    for (at, place) in places.iter().enumerate().skip(from) {
        for other in place.iter().skip(1) {
            let mut changed = text.to_vec();
            changed[at] = *other;
            out.push((changed, at + 1));
        }
    }
    out
}
