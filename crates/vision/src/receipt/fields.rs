//! The values on an order screenshot: amounts, times and numbers as they are printed.

use jiff::civil::{Date, DateTime, Time};

/// No fee is larger than this, in fen: a million yuan.
const MAX_AMOUNT_FEN: i64 = 100_000_000;
/// Longest number that is taken as one.
const MAX_NUMBER: usize = 64;

/// An amount such as `-80.00`, `¥1,280.00` or `80.00元`: fen, and whether money came in.
pub(super) fn amount(text: &str) -> Option<(i64, bool)> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let unsigned = compact.trim_start_matches(['-', '−', '—', '–', '一', '－']);
    let incoming = unsigned.starts_with('+');
    let bare = unsigned.trim_start_matches(['+', '¥', '￥', 'Y']).trim_end_matches('元');
    let (yuan, fen) = bare.split_once(['.', '．'])?;
    let yuan: String = yuan.chars().filter(|c| !matches!(c, ',' | '，')).collect();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&yuan) || !digits(fen) || fen.len() != 2 || yuan.len() > 9 {
        return None;
    }
    let total = yuan.parse::<i64>().ok()? * 100 + fen.parse::<i64>().ok()?;
    (1..=MAX_AMOUNT_FEN).contains(&total).then_some((total, incoming))
}

/// A time such as `2026年6月25日 18:13:24` or `2026-06-25 18:13:24`; the blank before the hour may be lost.
pub(super) fn time(text: &str) -> Option<DateTime> {
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
    // `25 18:13` read as `2518:13`.
    if let Some(at) = groups.iter().skip(2).position(|group| group.len() == 4).map(|at| at + 2) {
        let hour = groups[at].split_off(2);
        groups.insert(at + 1, hour);
    }
    groups.windows(5).enumerate().find_map(|(start, part)| {
        let number = |at: usize| part.get(at).filter(|group| group.len() <= 2)?.parse::<i8>().ok();
        let year = part.first().filter(|group| group.len() == 4)?.parse::<i16>().ok()?;
        let second = groups.get(start + 5).filter(|group| group.len() == 2).and_then(|group| group.parse().ok()).unwrap_or(0);
        let date = Date::new(year, number(1)?, number(2)?).ok().filter(|_| (2011..2100).contains(&year))?;
        Some(date.to_datetime(Time::new(number(3)?, number(4)?, second, 0).ok()?))
    })
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
        for text in ["80", "80.0", "18:16", "0.00", "80.000", "99999999999.00", "8a.00", "", "2026.06.25"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn times() {
        let expected = jiff::civil::date(2026, 6, 25).at(18, 13, 24, 0);
        for text in
            ["2026年6月25日 18:13:24", "2026年6月25日18:13:24", "2026-06-25 18:13:24", "2026-06-2518:13:24", "2026年06月25日18：13：24"]
        {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        for text in ["", "18:13:24", "2026年6月25日", "2026年13月25日 18:13:24", "2026年6月25日 25:13:24", "1026-06-25 18:13:24"] {
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
