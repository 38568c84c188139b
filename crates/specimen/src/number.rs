//! Resident numbers that are valid and belong to nobody.

use jiff::civil::Date;

/// An area code that was never given out: 1101 is Beijing's urban part, whose districts are numbered upwards from 01 and
/// have reached 19; the numbers above 80 are for county-level cities, of which Beijing has none. Numbers with it
/// pass every check of form and can be nobody's.
pub const NOWHERE: u32 = 110_199;

/// Weights of the first 17 digits (GB 11643-1999).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check characters by the weighted sum modulo 11 (GB 11643-1999).
const CHECKS: &[u8; 11] = b"10X98765432";

/// The 18 characters of a resident number (GB 11643): area, birth date, sequence (odd for men, even for women), check
/// character. Of `area` the last six digits count and of `sequence` the last three. Use [`NOWHERE`] as area unless a
/// test needs another one.
#[must_use]
pub fn resident(area: u32, birth: Date, sequence: u16) -> String {
    let year = birth.year().unsigned_abs();
    let mut number = format!("{:06}{year:04}{:02}{:02}{:03}", area % 1_000_000, birth.month(), birth.day(), sequence % 1000);
    let sum: u32 = number.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    number.push(char::from(CHECKS[(sum % 11) as usize]));
    number
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn check_digits_are_those_of_the_standard() {
        // The example of GB 11643 itself, and one more from its annex.
        assert_eq!(resident(110_105, date(1949, 12, 31), 2), "11010519491231002X");
        assert_eq!(resident(440_524, date(1880, 1, 1), 1), "440524188001010014");
    }

    #[test]
    fn every_sequence_gives_18_characters() {
        for sequence in 0..1000 {
            let number = resident(NOWHERE, date(2001, 2, 28), sequence);
            assert_eq!(number.len(), 18);
            assert_eq!(&number[14..17], &format!("{sequence:03}"));
        }
    }
}
