//! The resident identity number, GB 11643: 6 digits of area, 8 of birth, 3 of sequence, 1 check character.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::card::Sex;

/// The weights of the first seventeen digits (GB 11643-1999, 4.2; ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character by remainder.
const CHECKS: [u8; 11] = *b"10X98765432";

/// What a valid number says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberFacts {
    /// The number in its one form: 18 characters, upper-case X.
    pub number: String,
    /// The six digits of the area; there is no list to hold them against, areas come and go.
    pub area: String,
    /// The day of birth.
    pub birth: Date,
    /// From the 17th digit: odd is male.
    pub sex: Sex,
}

/// Why a number is not valid. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NumberProblem {
    /// Not 18 characters.
    #[error("not 18 characters")]
    Length,
    /// Something other than 17 digits and a digit or X.
    #[error("not 17 digits and a digit or X")]
    Characters,
    /// The birth date does not exist or lies before 1900.
    #[error("the birth date does not exist")]
    Birth,
    /// The last character does not fit the others.
    #[error("the check character is wrong")]
    Check,
}

/// Checks a number: its form, its birth date and its check character. Surrounding blanks and a lower-case x are accepted.
/// Whether the birth date lies ahead is for the caller to say, who has the clock.
pub fn check(text: &str) -> Result<NumberFacts, NumberProblem> {
    let number = text.trim().to_ascii_uppercase();
    if number.chars().count() != 18 {
        return Err(NumberProblem::Length);
    }
    let bytes = number.as_bytes();
    let (Some(head), Some(&last)) = (bytes.get(..17), bytes.get(17)) else {
        return Err(NumberProblem::Characters);
    };
    if bytes.len() != 18 || !head.iter().all(u8::is_ascii_digit) || !(last.is_ascii_digit() || last == b'X') {
        return Err(NumberProblem::Characters);
    }
    let birth = birth_of(&number).ok_or(NumberProblem::Birth)?;
    if check_character(head) != Some(last) {
        return Err(NumberProblem::Check);
    }
    let sex = if (head[16] - b'0') % 2 == 1 { Sex::Male } else { Sex::Female };
    Ok(NumberFacts { area: number[..6].to_owned(), number, birth, sex })
}

/// The check character of the first seventeen digits; `None` unless there are exactly seventeen ASCII digits.
pub fn check_character(head: &[u8]) -> Option<u8> {
    if head.len() != 17 || !head.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = head.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    CHECKS.get(sum as usize % 11).copied()
}

fn birth_of(number: &str) -> Option<Date> {
    let year: i16 = number.get(6..10)?.parse().ok()?;
    let month: i8 = number.get(10..12)?.parse().ok()?;
    let day: i8 = number.get(12..14)?.parse().ok()?;
    if year < 1900 {
        return None;
    }
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_example_of_the_standard() {
        let facts = check(" 11010519491231002x ").unwrap();
        assert_eq!(facts.number, "11010519491231002X");
        assert_eq!(facts.area, "110105");
        assert_eq!(facts.birth, jiff::civil::date(1949, 12, 31));
        assert_eq!(facts.sex, Sex::Female);
    }

    #[test]
    fn names_what_is_wrong() {
        assert_eq!(check("1101051949123100"), Err(NumberProblem::Length));
        assert_eq!(check("11010519491231002XX"), Err(NumberProblem::Length));
        assert_eq!(check("1101051949123100a1"), Err(NumberProblem::Characters));
        assert_eq!(check("X10105194912310021"), Err(NumberProblem::Characters));
        assert_eq!(check("１１０１０５１９４９１２３１００２X"), Err(NumberProblem::Characters));
        assert_eq!(check("110105194902300028"), Err(NumberProblem::Birth));
        assert_eq!(check("110105189912310028"), Err(NumberProblem::Birth));
        assert_eq!(check("110105194912310021"), Err(NumberProblem::Check));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = check(&text);
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(serial in 0u32..1000, day in 1i8..=28, month in 1i8..=12, year in 1900i16..=2020, at in 0usize..18, by in 1u8..10) {
            let head = format!("440582{year}{month:02}{day:02}{serial:03}");
            let last = check_character(head.as_bytes()).unwrap();
            let good = format!("{head}{}", char::from(last));
            proptest::prop_assert!(check(&good).is_ok());
            let mut bad = good.into_bytes();
            let digit = if bad[at] == b'X' { 10 } else { bad[at] - b'0' };
            bad[at] = b'0' + (digit + by) % 10;
            proptest::prop_assert!(check(std::str::from_utf8(&bad).unwrap()).is_err());
        }
    }
}
