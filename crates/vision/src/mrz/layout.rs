//! Where the fields of each zone stand, and the readings of rows that fit them.

use jiff::civil::Date;

use super::characters::{Class, FILLER, UNKNOWN, digit, readings, resolve};
use super::names::{self, Names};
use super::{MrzFormat, MrzProblem, MrzReading};
use crate::card::Sex;

/// How many fillers a row may have too few or too many: recognition loses count in long runs of them.
const MAX_OFF: usize = 16;
/// A row with fewer characters than this share of its length is none.
const LEAST: f32 = 0.6;
/// Validity ends at most so many years ahead; a two-digit year beyond is one of the last century.
const LONGEST_VALIDITY: i16 = 30;

/// A field: its row and its first and last column, counted from 0, the last one included.
type Place = (usize, usize, usize);

/// Where the fields of a zone stand; each checked field is followed by its check digit.
struct Layout {
    format: MrzFormat,
    rows: usize,
    length: usize,
    issuer: Option<Place>,
    number: Place,
    birth: Place,
    expiry: Place,
    sex: Option<Place>,
    nationality: Option<Place>,
    names: Option<Place>,
    /// Over which fields the last check digit goes, and where it is; none where the rule is not published.
    composite: Option<(&'static [Place], Place)>,
    /// Where a number longer than its field goes on (9303-5, 4.2.2.1).
    overflow: Option<Place>,
}

const LAYOUTS: [Layout; 4] = [
    Layout {
        format: MrzFormat::Td1,
        rows: 3,
        length: 30,
        issuer: Some((0, 2, 4)),
        number: (0, 5, 13),
        birth: (1, 0, 5),
        expiry: (1, 8, 13),
        sex: Some((1, 7, 7)),
        nationality: Some((1, 15, 17)),
        names: Some((2, 0, 29)),
        composite: Some((&[(0, 5, 29), (1, 0, 6), (1, 8, 14), (1, 18, 28)], (1, 29, 29))),
        overflow: Some((0, 15, 29)),
    },
    Layout {
        format: MrzFormat::Td2,
        rows: 2,
        length: 36,
        issuer: Some((0, 2, 4)),
        number: (1, 0, 8),
        birth: (1, 13, 18),
        expiry: (1, 21, 26),
        sex: Some((1, 20, 20)),
        nationality: Some((1, 10, 12)),
        names: Some((0, 5, 35)),
        composite: Some((&[(1, 0, 9), (1, 13, 19), (1, 21, 34)], (1, 35, 35))),
        overflow: Some((1, 28, 34)),
    },
    Layout {
        format: MrzFormat::Td3,
        rows: 2,
        length: 44,
        issuer: Some((0, 2, 4)),
        number: (1, 0, 8),
        birth: (1, 13, 18),
        expiry: (1, 21, 26),
        sex: Some((1, 20, 20)),
        nationality: Some((1, 10, 12)),
        names: Some((0, 5, 43)),
        composite: Some((&[(1, 0, 9), (1, 13, 19), (1, 21, 42)], (1, 43, 43))),
        overflow: None,
    },
    // As printed on China's exit-entry cards since 2014: code, number, expiry, birth. The rule of its last digit is not published.
    Layout {
        format: MrzFormat::Card,
        rows: 1,
        length: 30,
        issuer: None,
        number: (0, 2, 10),
        birth: (0, 21, 26),
        expiry: (0, 13, 18),
        sex: None,
        nationality: None,
        names: None,
        composite: None,
        overflow: None,
    },
];

/// Rows read by one layout.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    format: MrzFormat,
    code: Vec<u8>,
    issuer: Option<String>,
    number: Option<Vec<u8>>,
    birth: Option<Vec<u8>>,
    expiry: Option<Vec<u8>>,
    sex: Option<u8>,
    nationality: Option<String>,
    names: Option<Names>,
    composite: Option<bool>,
}

/// Every reading of the first of these rows and those after it.
pub(super) fn candidates(rows: &[Vec<u8>]) -> Vec<Candidate> {
    let mut out = Vec::new();
    for layout in &LAYOUTS {
        let Some(rows) = rows.get(..layout.rows) else { continue };
        let fitted: Vec<Vec<Vec<u8>>> =
            rows.iter().enumerate().map(|(at, row)| fitted(row, layout.length, layout.names.is_some_and(|names| names.0 == at))).collect();
        let mut zones: Vec<Vec<&[u8]>> = vec![Vec::new()];
        for row in &fitted {
            zones = zones.iter().flat_map(|zone| row.iter().map(|row| [&zone[..], &[&row[..]]].concat())).collect();
        }
        out.extend(zones.iter().map(|zone| layout.read(zone)).filter(Candidate::is_plausible));
    }
    out
}

/// The ways in which a row has the length, by making one of its runs of fillers longer or shorter; a row of names by its last one.
fn fitted(row: &[u8], length: usize, is_names: bool) -> Vec<Vec<u8>> {
    let off = row.len().abs_diff(length);
    let known = row.iter().filter(|c| **c != UNKNOWN).count();
    if off > MAX_OFF || (known as f32) < LEAST * length as f32 || known * 10 < row.len() * 9 {
        return Vec::new();
    }
    if off == 0 {
        return vec![row.to_vec()];
    }
    let is_start = |at: &usize| row[*at] == FILLER && (*at == 0 || row[*at - 1] != FILLER);
    let mut starts: Vec<usize> = (0..row.len()).filter(is_start).collect();
    if is_names {
        starts = starts.last().copied().into_iter().filter(|at| row[*at..].iter().all(|c| *c == FILLER)).collect();
    }
    let changed = |at: usize| -> Option<Vec<u8>> {
        let run = row[at..].iter().take_while(|c| **c == FILLER).count();
        let run_to = (run + length).checked_sub(row.len())?;
        Some([&row[..at], &vec![FILLER; run_to], &row[at + run..]].concat())
    };
    starts.into_iter().filter_map(changed).collect()
}

impl Layout {
    fn read(&self, zone: &[&[u8]]) -> Candidate {
        let part = |(row, first, last): Place| -> &[u8] { zone.get(row).and_then(|row| row.get(first..=last)).unwrap_or_default() };
        let after = |(row, _, last): Place| zone.get(row).and_then(|row| row.get(last + 1)).copied().unwrap_or(UNKNOWN);
        let date = |place: Place| -> Option<Vec<u8>> {
            let places: Vec<Vec<u8>> = part(place).iter().map(|c| readings(*c, Class::Digits)).collect();
            resolve(&places, after(place)).filter(|text| text.iter().all(u8::is_ascii_digit))
        };
        let letters = |place: Place| -> Option<String> {
            let text: Vec<u8> = part(place).iter().flat_map(|c| readings(*c, Class::Letters)).filter(|c| *c != FILLER).collect();
            (!text.is_empty() && text.iter().all(u8::is_ascii_uppercase)).then(|| String::from_utf8_lossy(&text).into_owned())
        };
        let code: Vec<u8> = part((0, 0, 1)).iter().flat_map(|c| readings(*c, Class::Letters)).collect();
        let number = number(&code, part(self.number), after(self.number), self.overflow.map(part));
        let (birth, expiry) = (date(self.birth), date(self.expiry));
        let composite = self.composite.map(|(fields, check)| {
            // Fields that are known stand as known; the rest of the rows may be read otherwise.
            let known = [(self.number, &number), (self.birth, &birth), (self.expiry, &expiry)];
            let mut places = Vec::new();
            for (row, first, last) in fields {
                for column in *first..=*last {
                    let settled = known.iter().find_map(|((r, f, l), text)| {
                        let inside = r == row && (*f..=*l).contains(&column);
                        text.as_ref().filter(|text| inside && text.len() == l - f + 1).map(|text| text[column - f])
                    });
                    let is_check = known.iter().any(|((r, _, l), _)| r == row && column == l + 1);
                    let read = part((*row, column, column)).first().copied().unwrap_or(UNKNOWN);
                    places.push(match settled {
                        Some(character) => vec![character],
                        None if is_check => vec![digit(read).unwrap_or(read)],
                        None => readings(read, Class::Any),
                    });
                }
            }
            resolve(&places, part(check).first().copied().unwrap_or(UNKNOWN)).is_some()
        });
        Candidate {
            format: self.format,
            code,
            issuer: self.issuer.and_then(letters),
            number,
            birth,
            expiry,
            sex: self.sex.and_then(|place| part(place).first().copied()),
            nationality: self.nationality.and_then(letters),
            names: self.names.map(|place| names::parse(part(place))),
            composite,
        }
    }
}

/// The number with its fillers; a number longer than its field has a filler for a check digit and goes on elsewhere.
fn number(code: &[u8], field: &[u8], check: u8, overflow: Option<&[u8]>) -> Option<Vec<u8>> {
    let any = |text: &[u8]| -> Vec<Vec<u8>> { text.iter().map(|c| readings(*c, Class::Any)).collect() };
    if let Some(form) = form(code) {
        let places: Vec<Vec<u8>> = field.iter().zip(form).map(|(c, class)| readings(*c, class)).collect();
        return resolve(&places, check).filter(|text| is_number(text));
    }
    if check != FILLER {
        return resolve(&any(field), check).filter(|text| is_number(text));
    }
    let rest: Vec<u8> = overflow?.iter().copied().take_while(|c| *c != FILLER).collect();
    let (last, rest) = rest.split_last()?;
    resolve(&any(&[field, rest].concat()), *last).filter(|text| is_number(text))
}

/// What stands where in the numbers of the permits that we know: 港澳居民来往内地通行证 has H or M and eight digits, or HA or MA and seven;
/// 台湾居民来往大陆通行证 has eight digits.
fn form(code: &[u8]) -> Option<[Class; 9]> {
    use Class::{Any, Digits, Filler, Letters};
    match code {
        b"CR" => Some([Letters, Any, Digits, Digits, Digits, Digits, Digits, Digits, Digits]),
        b"CT" => Some([Digits, Digits, Digits, Digits, Digits, Digits, Digits, Digits, Filler]),
        _ => None,
    }
}

/// Letters and digits, then fillers only.
fn is_number(text: &[u8]) -> bool {
    let end = text.iter().position(|c| *c == FILLER).unwrap_or(text.len());
    end >= 4 && text[..end].iter().all(u8::is_ascii_alphanumeric) && text[end..].iter().all(|c| *c == FILLER)
}

impl Candidate {
    fn checks(&self) -> usize {
        let fields = [&self.number, &self.birth, &self.expiry].into_iter().filter(|field| field.is_some()).count();
        fields + usize::from(self.composite == Some(true))
    }

    /// How well it fits: check digits first, then the codes and names that have to be letters.
    pub(super) fn rank(&self) -> usize {
        let letters = [self.issuer.is_some(), self.nationality.is_some(), self.names.as_ref().is_some_and(|names| names.problem.is_none())];
        8 * self.checks() + letters.into_iter().filter(|is| *is).count()
    }

    /// What must not differ between readings that fit equally well.
    pub(super) fn values(&self) -> [Option<&Vec<u8>>; 3] {
        [self.number.as_ref(), self.birth.as_ref(), self.expiry.as_ref()]
    }

    /// Two check digits that fit by chance are one row in a hundred; a document's code begins with a letter of the standard.
    pub(super) fn is_plausible(&self) -> bool {
        let first = match self.format {
            MrzFormat::Td3 => matches!(self.code.first(), Some(b'P')),
            MrzFormat::Card => matches!(self.code.first(), Some(b'C')),
            MrzFormat::Td1 | MrzFormat::Td2 => matches!(self.code.first(), Some(b'A' | b'C' | b'I' | b'P')),
        };
        first && self.checks() >= 2
    }

    /// The reading; one of several that fit equally well says nothing of its fields.
    pub(super) fn reading(self, today: Date, is_open: bool) -> MrzReading {
        let mut problems = Vec::new();
        let mut keep = |text: Option<Vec<u8>>, problem: MrzProblem| {
            let text = text.filter(|_| !is_open);
            if text.is_none() {
                problems.push(problem);
            }
            text
        };
        let number = keep(self.number, MrzProblem::Number);
        let birth = keep(self.birth, MrzProblem::Birth).and_then(|text| birth_of(&text, today));
        let expiry = keep(self.expiry, MrzProblem::Expiry).and_then(|text| expiry_of(&text, today));
        for (missing, problem) in [(birth.is_none(), MrzProblem::Birth), (expiry.is_none(), MrzProblem::Expiry)] {
            if missing && !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        if self.composite == Some(false) {
            problems.push(MrzProblem::Composite);
        }
        let names = self.names.unwrap_or_default();
        problems.extend(names.problem);
        let plain = |text: Vec<u8>| String::from_utf8_lossy(&text).trim_end_matches('<').to_owned();
        MrzReading {
            format: self.format,
            document_code: plain(self.code),
            issuer: self.issuer,
            number: number.map(plain),
            nationality: self.nationality,
            birth,
            sex: match self.sex {
                Some(b'M') => Some(Sex::Male),
                Some(b'F') => Some(Sex::Female),
                _ => None,
            },
            expiry,
            surname: names.surname,
            given_names: names.given,
            problems,
        }
    }
}

fn date(century: i16, text: &[u8]) -> Option<Date> {
    let two = |at: usize| text.get(at..at + 2).filter(|part| part.iter().all(u8::is_ascii_digit)).map(|p| (p[0] - b'0') * 10 + p[1] - b'0');
    Date::new(century + i16::from(two(0)?), two(2)? as i8, two(4)? as i8).ok()
}

/// The latest such day that is over.
fn birth_of(text: &[u8], today: Date) -> Option<Date> {
    let century = today.year() / 100 * 100;
    date(century, text).filter(|birth| *birth <= today).or_else(|| date(century - 100, text))
}

/// The such day nearest to now that is not further ahead than any validity.
fn expiry_of(text: &[u8], today: Date) -> Option<Date> {
    let century = today.year() / 100 * 100;
    let last = today.year() + LONGEST_VALIDITY;
    [century + 100, century, century - 100].into_iter().filter_map(|century| date(century, text)).find(|day| day.year() <= last)
}

/// What the row of a check digit has to end with, for those who draw zones.
#[cfg(test)]
pub(super) fn composite_of(format: MrzFormat, rows: &[String]) -> Option<char> {
    let layout = LAYOUTS.iter().find(|layout| layout.format == format)?;
    let (fields, _) = layout.composite?;
    let text: Vec<u8> = fields.iter().flat_map(|(row, first, last)| rows[*row].as_bytes()[*first..=*last].to_vec()).collect();
    super::check_digit(&text).map(char::from)
}
