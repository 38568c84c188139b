//! What stands before the button that sends an SMS: a little work for a browser (a hash with leading zeros), or a sum in words for a person whose
//! browser runs no scripts. Pure: the signature and the single use are the action's.

use crate::crypto::sha256;

/// Leading zero bits of the hash: 65,000 tries on average, well under a second on a phone, and a real cost for whoever wants thousands of SMS.
pub const BITS: u32 = 16;
/// A page may stand open this long before its button asks for a fresh challenge.
pub const LASTS_S: i64 = 3600;
/// Longer ones are nobody's.
const MAX_NONCE_CHARS: usize = 20;

/// Whether `nonce` does the work: SHA-256(challenge + ":" + nonce) begins with [`BITS`] zero bits. The other half is `web/static/pow.js`.
pub fn is_solved(challenge: &str, nonce: &str) -> bool {
    if nonce.is_empty() || nonce.len() > MAX_NONCE_CHARS {
        return false;
    }
    let mut zeros = 0;
    for byte in sha256(format!("{challenge}:{nonce}").as_bytes()) {
        zeros += byte.leading_zeros();
        if byte != 0 {
            break;
        }
    }
    zeros >= BITS
}

const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// The two numbers of the sum, from a keyed hash of the challenge, so that the page does not carry them.
fn operands(hash: &[u8]) -> (usize, usize) {
    let digit = |at: usize| 1 + usize::from(hash.get(at).copied().unwrap_or_default()) % 9;
    (digit(0), digit(1))
}

/// The question in words.
pub fn question(hash: &[u8]) -> String {
    let (a, b) = operands(hash);
    format!("{}加{}等于多少？", DIGITS[a], DIGITS[b])
}

/// Whether the answer is right, in digits of any width or in words.
pub fn is_answered(hash: &[u8], typed: &str) -> bool {
    let (a, b) = operands(hash);
    let sum = a + b;
    let typed: String = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .take(8)
        .map(|c| match c {
            '０'..='９' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .collect();
    typed == sum.to_string() || typed == words(sum)
}

/// A number below 20 in words.
fn words(n: usize) -> String {
    match n {
        0..=9 => DIGITS[n].to_owned(),
        10 => "十".to_owned(),
        _ => format!("十{}", DIGITS[n % 10]),
    }
}

/// Does the work as a browser would: for tests.
pub fn solve(challenge: &str) -> String {
    (0u64..).map(|n| n.to_string()).find(|nonce| is_solved(challenge, nonce)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_needed_and_bound_to_its_challenge() {
        let nonce = solve("one");
        assert!(is_solved("one", &nonce));
        assert!(!is_solved("two", &nonce));
        assert!(!is_solved("one", ""));
        assert!(!is_solved("one", &"1".repeat(21)));
    }

    #[test]
    fn the_sum_is_read_in_digits_and_words() {
        let hash = [6, 7];
        assert_eq!(question(&hash), "七加八等于多少？");
        for right in ["15", " 1 5 ", "１５", "十五"] {
            assert!(is_answered(&hash, right), "{right}");
        }
        for wrong in ["", "14", "015", "十六"] {
            assert!(!is_answered(&hash, wrong), "{wrong}");
        }
        assert!(is_answered(&[0, 8], "十") && is_answered(&[0, 0], "二"));
    }
}
