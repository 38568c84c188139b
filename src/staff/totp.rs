//! One-time codes of an authenticator app: RFC 6238 with its defaults (HMAC-SHA-1, 30 seconds, six digits), which every app understands.

use ring::hmac;

use crate::types::UnixMs;

/// Bytes of a secret: RFC 4226 asks for 160 bits.
pub(super) const SECRET_BYTES: usize = 20;
const STEP_MS: i64 = 30_000;

/// The six digits of a step.
fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // RFC 4226, 5.3: the last four bits say where the 31 bits begin.
    let at = usize::from(tag[tag.len() - 1] & 15);
    let number = tag[at..at + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// The step that a typed code belongs to: the present one, or the one before or after, for clocks that differ.
pub(super) fn step_of(secret: &[u8], typed: &str, now: UnixMs) -> Option<i64> {
    let present = now.0.div_euclid(STEP_MS);
    [present, present - 1, present + 1].into_iter().find(|step| crate::crypto::same(code(secret, *step).as_bytes(), typed.as_bytes()))
}

/// RFC 4648 base 32 without padding, as authenticator apps take it.
pub(super) fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    bytes
        .chunks(5)
        .flat_map(|chunk| {
            let bits = chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte)) << (8 * (5 - chunk.len()));
            (0..(chunk.len() * 8).div_ceil(5)).map(move |at| char::from(LETTERS[(bits >> (35 - 5 * at)) as usize & 31]))
        })
        .collect()
}

/// What the QR code says: the key URI that authenticator apps read.
pub(super) fn uri(issuer: &str, login: &str, secret: &[u8]) -> String {
    let plain = |text: &str| -> String {
        text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    format!("otpauth://totp/{0}:{1}?secret={2}&issuer={0}", plain(issuer), plain(login), base32(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1, the last six of its eight digits.
    #[test]
    fn the_vectors_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(code(secret, seconds / 30), expected);
            assert_eq!(step_of(secret, expected, UnixMs(seconds * 1000)), Some(seconds / 30));
        }
    }

    #[test]
    fn one_step_of_drift_and_no_more() {
        let now = UnixMs(1_111_111_111_000);
        let step = now.0 / STEP_MS;
        for (drift, fits) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            assert_eq!(step_of(b"12345678901234567890", &code(b"12345678901234567890", step + drift), now).is_some(), fits, "{drift}");
        }
        assert_eq!(step_of(b"12345678901234567890", "", now), None);
    }

    /// RFC 4648, section 10.
    #[test]
    fn base32_as_in_the_rfc() {
        for (plain, coded) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
    }
}
