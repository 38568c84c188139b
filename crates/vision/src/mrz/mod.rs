//! The machine-readable zone of travel documents: ICAO Doc 9303 parts 4 to 6 (TD3 passports, TD1 and TD2 cards) and the one line
//! of China's exit-entry cards. Pure: the rows may come from anywhere.
//!
//! A field with a check digit is given only where its check digit is right. What recognition confuses (O and 0, I and 1, `<` and
//! `《`) is resolved by position (a date has digits, a state has letters) and by the check digit, and only where one reading alone
//! fits; nothing is guessed. The zone's names have no check digit: compare them with what is printed above the zone.

mod characters;
mod layout;
mod names;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::card::Sex;
pub use characters::check_digit;
use layout::Candidate;

/// More rows than any page with a zone has; what follows is not looked at.
const MAX_ROWS: usize = 60;
/// Longest row that is looked at, in characters.
const MAX_ROW: usize = 64;

/// Which zone it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MrzFormat {
    /// Three rows of 30: cards, and the backs of the permits of Hong Kong, Macao and Taiwan residents.
    Td1,
    /// Two rows of 36.
    Td2,
    /// Two rows of 44: passports.
    Td3,
    /// One row of 30 with number, expiry and birth, as on China's exit-entry cards.
    Card,
}

/// What is wrong with a zone. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MrzProblem {
    /// The number's check digit is wrong, or more than one reading fits it.
    Number,
    /// The same of the birth date, or there is no such day.
    Birth,
    /// The same of the expiry date.
    Expiry,
    /// The check digit over all fields is wrong.
    Composite,
    /// The names have characters that names cannot have, or something follows their end.
    Name,
    /// The names fill their field: they may have been cut.
    NameCut,
}

/// What a zone says. A field whose check digit is wrong is `None` and named among the problems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MrzReading {
    /// Which zone.
    pub format: MrzFormat,
    /// `P`, `CR`, `CT`, without fillers.
    pub document_code: String,
    /// The issuing state, `CHN`; not part of [`MrzFormat::Card`].
    pub issuer: Option<String>,
    /// The document's number, without fillers.
    pub number: Option<String>,
    /// The holder's state.
    pub nationality: Option<String>,
    /// The day of birth.
    pub birth: Option<Date>,
    /// Male or female; `None` where the document does not say.
    pub sex: Option<Sex>,
    /// The last day of validity.
    pub expiry: Option<Date>,
    /// Latin surname, words parted by one space.
    pub surname: Option<String>,
    /// Latin given names.
    pub given_names: Option<String>,
    /// What is wrong.
    pub problems: Vec<MrzProblem>,
}

impl MrzReading {
    /// Whether every check digit that the zone has is right.
    pub fn is_verified(&self) -> bool {
        use MrzProblem::{Birth, Composite, Expiry, Number};
        ![Number, Birth, Expiry, Composite].iter().any(|problem| self.problems.contains(problem))
    }
}

/// Finds and reads a zone among rows of text, given from top to bottom; `None` where there is none. `today` tells the century of the
/// two-digit years.
pub fn read(rows: &[&str], today: Date) -> Option<MrzReading> {
    let rows: Vec<Vec<u8>> = rows.iter().take(MAX_ROWS).map(|row| characters::normalise(row, MAX_ROW)).collect();
    let found: Vec<Candidate> = (0..rows.len()).flat_map(|at| layout::candidates(&rows[at..])).collect();
    let best = found.iter().max_by_key(|candidate| candidate.rank())?;
    // Two readings that fit equally well and say different things: neither is known.
    let is_open = found.iter().any(|other| other.rank() == best.rank() && other.values() != best.values());
    Some(best.clone().reading(today, is_open))
}

#[cfg(test)]
mod tests;
