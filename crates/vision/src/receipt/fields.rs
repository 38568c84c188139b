//! The values on an order screenshot: amounts, times and numbers as they are printed.

use jiff::civil::{Date, DateTime, Time};

/// No fee is larger than this, in fen: a million yuan.
const MAX_AMOUNT_FEN: i64 = 100_000_000;
/// Longest number that is taken as one.
const MAX_NUMBER: usize = 64;

/// An amount such as `-80.00`, `¥1,280.00` or `80.00元`: fen, and whether money came in. Amounts in another currency are none.
pub(super) fn amount(text: &str) -> Option<(i64, bool)> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let unsigned = compact.trim_start_matches(['-', '−', '—', '–', '一', '－']);
    let incoming = unsigned.starts_with('+');
    let unsigned = unsigned.trim_start_matches('+');
    let bare = ["CNY", "RMB", "¥", "￥", "Y"].iter().find_map(|sign| unsigned.strip_prefix(sign)).unwrap_or(unsigned);
    let bare = bare.trim_end_matches('元');
    let (yuan, fen) = bare.split_once(['.', '．'])?;
    let yuan: String = yuan.chars().filter(|c| !matches!(c, ',' | '，')).collect();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&yuan) || !digits(fen) || fen.len() != 2 || yuan.len() > 9 {
        return None;
    }
    let total = yuan.parse::<i64>().ok()? * 100 + fen.parse::<i64>().ok()?;
    (1..=MAX_AMOUNT_FEN).contains(&total).then_some((total, incoming))
}

/// The amount in brackets of a status such as `已退款(￥30.00)`.
pub(super) fn amount_within(text: &str) -> Option<i64> {
    let inside = text.split_once(['(', '（']).map_or(text, |(_, rest)| rest).trim_end_matches([')', '）']);
    amount(inside).map(|(fen, _)| fen)
}

/// A time such as `2026年6月25日 18:13:24`, `2026-06-25 18:13:24`, `Jun 25, 2026 18:13:24` or `25 June 2026 6:13:24 PM`; blanks may be lost. An order of day and month
/// that cannot be told is no time.
pub(super) fn time(text: &str) -> Option<DateTime> {
    let lower = text.to_lowercase();
    let groups = groups(&lower);
    let (date, clock) = match month_name(&lower) {
        Some(month) => named(&groups, month)?,
        None => (0..groups.len()).find_map(|start| numbered(&groups[start..]))?,
    };
    let number = |at: usize| clock.get(at).filter(|group| group.len() <= 2)?.parse::<i8>().ok();
    // Both applications print seconds: without them a part of the time was not read.
    let second = number(2).filter(|_| clock[2].len() == 2)?;
    let is_late = ["pm", "下午", "晚上"].iter().any(|sign| lower.contains(sign));
    let is_early = ["am", "上午", "凌晨"].iter().any(|sign| lower.contains(sign));
    let hour = match number(0)? {
        hour @ 1..=11 if is_late => hour + 12,
        12 if is_early => 0,
        hour => hour,
    };
    Some(date.to_datetime(Time::new(hour, number(1)?, second, 0).ok()?))
}

/// The groups of digits, those that ran together parted: `2518` into the day and the hour, `202618` into the year and the hour.
fn groups(text: &str) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    let mut running = false;
    for character in text.chars() {
        if character.is_ascii_digit() {
            match groups.last_mut() {
                Some(group) if running => group.push(character),
                _ => groups.push(character.to_string()),
            }
        }
        running = character.is_ascii_digit();
    }
    if let Some(at) = groups.iter().skip(2).position(|group| group.len() == 4).map(|at| at + 2) {
        let hour = groups[at].split_off(2);
        groups.insert(at + 1, hour);
    }
    if let Some(at) = groups.iter().position(|group| matches!(group.len(), 5 | 6) && group.starts_with("20")) {
        let hour = groups[at].split_off(4);
        groups.insert(at + 1, hour);
    }
    groups
}

/// Year, month, day, and what follows.
fn numbered(groups: &[String]) -> Option<(Date, &[String])> {
    let number = |at: usize| groups.get(at).filter(|group| group.len() <= 2)?.parse::<i8>().ok();
    let date = date(year(groups.first()?)?, number(1)?, number(2)?)?;
    Some((date, groups.get(3..).filter(|rest| rest.len() >= 2)?))
}

/// Day and year, whose month is a word, and what follows.
fn named(groups: &[String], month: i8) -> Option<(Date, &[String])> {
    let day = groups.first().filter(|group| group.len() <= 2)?.parse().ok()?;
    Some((date(year(groups.get(1)?)?, month, day)?, groups.get(2..)?))
}

fn year(group: &str) -> Option<i16> {
    group.parse().ok().filter(|_| group.len() == 4)
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok().filter(|_| (2011..2100).contains(&year))
}

/// The month that a text names in English, by the three letters with which it begins.
fn month_name(lower: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    (1..).zip(MONTHS).find(|(_, name)| lower.contains(name)).map(|(month, _)| month)
}
/// A transaction number: digits only.
pub(super) fn transaction(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let fits = (16..=MAX_NUMBER).contains(&compact.len()) && compact.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(compact)
}

/// A merchant's own order number: letters, digits and the few signs that occur in them.
pub(super) fn order(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'|' | b'*' | b'@' | b'.');
    let fits = (6..=MAX_NUMBER).contains(&compact.len()) && compact.bytes().all(allowed);
    (fits && compact.bytes().any(|byte| byte.is_ascii_digit())).then_some(compact)
}

/// The eight digits of a number from a place on, as a date.
pub(super) fn date_in(number: &str, at: usize) -> Option<Date> {
    let part = number.get(at..at + 8).filter(|part| part.is_ascii())?;
    Date::new(part[..4].parse().ok()?, part[4..6].parse().ok()?, part[6..].parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        for (text, fen) in [("-80.00", 8000), ("—80.00", 8000), ("¥1,280.05", 128_005), ("80.00元", 8000), ("- 0.01", 1)] {
            assert_eq!(amount(text), Some((fen, false)), "{text}");
        }
        assert_eq!(amount("+80.00"), Some((8000, true)));
        assert_eq!(amount("CNY 80.00"), Some((8000, false)));
        assert_eq!(amount_within("已退款(￥30.00)"), Some(3000));
        assert_eq!(amount_within("已全额退款"), None);
        for text in ["HK$80.00", "$80.00", "80", "80.0", "18:16", "0.00", "80.000", "99999999999.00", "8a.00", "", "2026.06.25"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn times() {
        let expected = jiff::civil::date(2026, 6, 25).at(18, 13, 24, 0);
        for text in [
            "2026年6月25日 18:13:24",
            "2026年6月25日18:13:24",
            "2026-06-25 18:13:24",
            "2026-06-2518:13:24",
            "2026/06/25 18:13:24",
            "2026年06月25日18：13：24",
            "2026年6月25日下午6:13:24",
            "Jun 25, 2026 18:13:24",
            "Jun25,202618:13:24",
            "June 25, 2026 6:13:24 PM",
            "25 June 2026 18:13:24",
        ] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        assert_eq!(time("Jan 1, 2026 12:00:00 AM"), Some(jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0)));
        for text in [
            "",
            "18:13:24",
            "2026年6月25日",
            "2026年13月25日 18:13:24",
            "2026年6月25日 25:13:24",
            "1026-06-25 18:13:24",
            "06/25/2026 18:13:24",
            "2026年6月25日 18:13",
            "2026年6月25日 18:13:2",
            "Jun 31, 2026 18:13:24",
            "Jun 2026 18:13",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(transaction("4200002901 202606251234567890").as_deref(), Some("4200002901202606251234567890"));
        assert_eq!(transaction("可在支持的商户扫码退款"), None);
        assert_eq!(order("BK20260625181324000017").as_deref(), Some("BK20260625181324000017"));
        assert_eq!(order("可在支持的商户扫码退款"), None);
        assert_eq!(order("ABCDEFGH"), None);
        assert_eq!(date_in("4200002901202606251234567890", 10), Some(jiff::civil::date(2026, 6, 25)));
        assert_eq!(date_in("42", 10), None);
    }

    proptest::proptest! {
        #[test]
        fn any_amount_is_read_back(fen in 1i64..=MAX_AMOUNT_FEN) {
            proptest::prop_assert_eq!(amount(&format!("-{}.{:02}", fen / 100, fen % 100)), Some((fen, false)));
        }

        #[test]
        fn never_panics(text in "\\PC{0,60}") {
            let _ = (amount(&text), time(&text), transaction(&text), order(&text), date_in(&text, 3));
        }
    }
}
