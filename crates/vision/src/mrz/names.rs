//! The names of a zone (ICAO Doc 9303-3, 4.6): the primary identifier, two fillers, the secondary one, words parted by one filler.

use super::MrzProblem;
use super::characters::{Class, FILLER, readings};

/// Names and what is wrong with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) surname: Option<String>,
    pub(super) given: Option<String>,
    pub(super) problem: Option<MrzProblem>,
}

/// Reads the names' field.
pub(super) fn parse(field: &[u8]) -> Names {
    let text: Vec<u8> = field.iter().flat_map(|character| readings(*character, Class::Letters)).collect();
    let mut parts = Vec::new();
    let mut rest = &text[..];
    while let Some(at) = rest.windows(2).position(|pair| pair == [FILLER, FILLER]) {
        parts.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    parts.push(rest);
    let words = |part: &[u8]| -> Option<String> {
        let words: Vec<String> =
            part.split(|c| *c == FILLER).filter(|word| !word.is_empty()).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    };
    let surname = parts.first().and_then(|part| words(part));
    let given = parts.get(1).and_then(|part| words(part));
    // After the second pair of fillers nothing can follow: what does was a filler, read as a letter.
    let has_more = parts.iter().skip(2).any(|part| words(part).is_some());
    let is_odd = text.iter().any(|c| !(c.is_ascii_uppercase() || *c == FILLER));
    let problem = if surname.is_none() || is_odd || has_more {
        Some(MrzProblem::Name)
    } else {
        (text.last() != Some(&FILLER)).then_some(MrzProblem::NameCut)
    };
    Names { surname, given, problem }
}
