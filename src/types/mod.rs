//! Values that are parsed once, at the edge, into types that cannot be wrong. A parser's error is the sentence that the person reads.

mod document;
mod name;
mod permission;
mod phone;

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

pub use document::{DocumentKind, DocumentNumber, Region, normalise as normalise_number};
pub use name::{PersonName, same_name};
pub use permission::{Access, Permission, Permissions, Scope};
pub use phone::Phone;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMs(pub i64);

/// China's one time zone, without summer time. All dates that people read and type are in it.
const ZONE: jiff::tz::Offset = jiff::tz::Offset::constant(8);

impl UnixMs {
    /// This moment and so many milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0 + ms)
    }

    /// This moment and so many seconds.
    #[must_use]
    pub fn plus_s(self, seconds: i64) -> Self {
        self.plus_ms(seconds * 1000)
    }

    /// Wall time in China.
    pub fn local(self) -> jiff::civil::DateTime {
        ZONE.to_datetime(jiff::Timestamp::from_millisecond(self.0).unwrap_or_default())
    }

    /// `2026年11月23日 18:30`, as pages show it.
    pub fn words(self) -> String {
        self.local().strftime("%Y年%-m月%-d日 %H:%M").to_string()
    }

    /// `2026年11月23日`.
    pub fn day_words(self) -> String {
        self.local().strftime("%Y年%-m月%-d日").to_string()
    }

    /// `2026-11-23T18:30`: the value of a `datetime-local` field.
    pub fn field(self) -> String {
        self.local().strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// Reads a `datetime-local` field's value.
    pub fn parse_field(text: &str) -> Result<Self, &'static str> {
        let wrong = "请填写日期和时间，例如 2026-11-23 18:30。";
        let at: jiff::civil::DateTime = text.trim().replace(' ', "T").parse().map_err(|_| wrong)?;
        // The parser takes years that no field can show again.
        if !(1900..=2999).contains(&at.year()) {
            return Err(wrong);
        }
        Ok(Self(ZONE.to_timestamp(at).map_err(|_| wrong)?.as_millisecond()))
    }

    /// Its date in China.
    pub fn date(self) -> jiff::civil::Date {
        self.local().date()
    }
}

/// `还剩 2 天 3 小时`; under an hour in minutes; `已截止` when nothing is left.
pub fn left_words(now: UnixMs, until: UnixMs) -> String {
    let minutes = (until.0 - now.0) / 60_000;
    if until.0 <= now.0 {
        "已截止".to_owned()
    } else if minutes >= 1440 {
        format!("还剩 {} 天 {} 小时", minutes / 1440, minutes % 1440 / 60)
    } else if minutes >= 60 {
        format!("还剩 {} 小时 {} 分钟", minutes / 60, minutes % 60)
    } else {
        format!("还剩 {} 分钟", minutes.max(1))
    }
}

/// An amount of money in fen (1/100 yuan).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub i64);

impl Fen {
    /// No fee is larger than this: 100,000 yuan.
    pub const MAX: Self = Self(10_000_000);

    /// Reads yuan as people type them: `80`, `80.5`, `¥80.00`.
    pub fn parse_yuan(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "请填写金额，例如 80 或 80.00。";
        let text = text.trim().trim_start_matches(['¥', '￥']).trim_end_matches('元');
        let (yuan, fen) = text.split_once('.').unwrap_or((text, ""));
        if yuan.is_empty() || yuan.len() > 6 || fen.len() > 2 || !yuan.bytes().chain(fen.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(WRONG);
        }
        let digits: i64 = format!("{yuan}{fen:0<2}").parse().map_err(|_| WRONG)?;
        if digits <= Self::MAX.0 { Ok(Self(digits)) } else { Err("金额不能超过 100000 元。") }
    }

    /// `80.00`, for a field.
    pub fn yuan(self) -> String {
        format!("{}{}.{:02}", if self.0 < 0 { "-" } else { "" }, self.0.abs() / 100, self.0.abs() % 100)
    }
}

impl fmt::Display for Fen {
    /// `¥80.00`, as pages show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "¥{}", self.yuan())
    }
}

/// Makes row ids: time-ordered 63-bit numbers, 41 bits of milliseconds since 2025 and 22 bits that start at random and count up within the process.
/// They never stand alone in a URL.
#[derive(Debug)]
pub struct Ids {
    next: AtomicI64,
}

const ID_EPOCH_MS: i64 = 1_735_689_600_000;
const ID_LOW_BITS: u32 = 22;
/// The moments of ids end here, in 2094.
const ID_LAST_MS: i64 = (1 << 41) - 1;

impl Ids {
    /// `seed` is random: two processes that make an id in the same millisecond are then unlikely to make the same one, and the primary key refuses it if they do.
    pub fn new(seed: u32) -> Self {
        Self { next: AtomicI64::new(i64::from(seed)) }
    }

    /// No id made before this moment is as large, none made from it on is smaller.
    pub fn first_of(moment: UnixMs) -> i64 {
        (moment.0 - ID_EPOCH_MS).clamp(0, ID_LAST_MS) << ID_LOW_BITS
    }

    /// A new id at this moment.
    pub fn make(&self, now: UnixMs) -> i64 {
        let low = self.next.fetch_add(1, Ordering::Relaxed) & ((1 << ID_LOW_BITS) - 1);
        Self::first_of(now) | low
    }
}

/// Checks a text of a form: trimmed, not empty, no control characters, at most `max` characters.
pub fn line(text: &str, max: usize, missing: &'static str, too_long: &'static str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(missing);
    }
    if text.chars().count() > max { Err(too_long) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_read_back_as_written() {
        let at = UnixMs::parse_field("2026-06-25T18:13").expect("a date");
        assert_eq!(at.field(), "2026-06-25T18:13");
        assert_eq!(at.words(), "2026年6月25日 18:13");
        assert_eq!(at.0, 1_782_382_380_000);
        assert!(UnixMs::parse_field("2026-13-01T00:00").is_err());
        for year in ["-0090190101", "1899-12-31T23:59", "3000-01-01T00:00"] {
            assert!(UnixMs::parse_field(year).is_err(), "{year}");
        }
    }

    #[test]
    fn deadlines_are_said_in_the_largest_useful_unit() {
        let now = UnixMs(0);
        assert_eq!(left_words(now, UnixMs(51 * 3_600_000)), "还剩 2 天 3 小时");
        assert_eq!(left_words(now, UnixMs(5_400_000)), "还剩 1 小时 30 分钟");
        assert_eq!(left_words(now, UnixMs(1)), "还剩 1 分钟");
        assert_eq!(left_words(now, now), "已截止");
    }

    proptest! {
        #[test]
        fn yuan_and_fen_agree(fen in 0i64..=10_000_000) {
            prop_assert_eq!(Fen::parse_yuan(&Fen(fen).yuan()), Ok(Fen(fen)));
        }

        #[test]
        fn no_text_makes_the_money_parser_panic(text in "\\PC{0,12}") {
            let _ = Fen::parse_yuan(&text);
        }
    }
}
