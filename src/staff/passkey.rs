//! What a browser answers for a passkey (W3C Web Authentication, Level 3), read and checked. Pure: no clock, no database.
//!
//! No attestation is asked for, so that the key comes from the browser as SubjectPublicKeyInfo (`getPublicKey()`), and no CBOR has to be read.

use ring::signature::{ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm};
use serde::Deserialize;

use crate::crypto::{same, sha256};

/// Of a credential's name (5.8.3 lets it be up to 1,023 bytes).
pub(super) const MAX_CREDENTIAL_BYTES: usize = 1023;
/// Longer than the key of any algorithm that is asked for.
pub(super) const MAX_KEY_BYTES: usize = 1100;
/// Bytes of the authenticator's data before what is attached: hash, flags, counter (6.1).
const HEAD: usize = 37;
/// The person was there (bit 0), and was recognised by finger, face or code (bit 2).
const PRESENT_AND_VERIFIED: u8 = 0b101;
/// A new credential is attached (bit 6).
const ATTACHED: u8 = 0b100_0000;

/// Where passkeys of this installation work: they are bound to its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// Scheme, host and port.
    pub(super) origin: String,
    /// The host.
    pub(super) id: String,
}

impl Site {
    /// Of a public address; `None` where browsers offer no passkeys: an address of numbers, or one without encryption other than this machine itself.
    pub(super) fn of(public_url: &str) -> Option<Self> {
        let (scheme, rest) = public_url.split_once("://")?;
        let authority = rest.split('/').next()?.to_lowercase();
        let id = authority.rsplit_once(':').map_or(authority.as_str(), |(host, _)| host).to_owned();
        let is_name = id.split('.').next_back()?.starts_with(|c: char| c.is_ascii_alphabetic());
        (is_name && (scheme == "https" || id == "localhost")).then(|| Self { origin: format!("{scheme}://{authority}"), id })
    }
}

/// What for a browser was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    /// To make a passkey.
    Create,
    /// To sign in with one.
    Get,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// The challenge that was answered, base64url; `None` unless it was answered on this site and for this.
pub(super) fn challenge(client_data: &[u8], ceremony: Ceremony, site: &Site) -> Option<String> {
    let data: ClientData = serde_json::from_slice(client_data).ok()?;
    let kind = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    (data.r#type == kind && data.origin == site.origin && !data.cross_origin).then_some(data.challenge)
}

/// The signature counter in the authenticator's data; `None` unless it speaks for this site and recognised the person.
pub(super) fn counter(data: &[u8], site: &Site) -> Option<u32> {
    let (hash, rest) = data.split_at_checked(32)?;
    let (&flags, rest) = rest.split_first()?;
    let (counter, _) = rest.split_first_chunk::<4>()?;
    let speaks = same(hash, &sha256(site.id.as_bytes())) && flags & PRESENT_AND_VERIFIED == PRESENT_AND_VERIFIED;
    speaks.then(|| u32::from_be_bytes(*counter))
}

/// The name of the credential that is attached to the data (6.5.1): after 16 bytes for the kind of authenticator, its length and itself.
pub(super) fn attached(data: &[u8]) -> Option<&[u8]> {
    let flags = *data.get(32)?;
    let (length, rest) = data.get(HEAD + 16..)?.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let credential = rest.get(..length)?;
    (flags & ATTACHED != 0 && (1..=MAX_CREDENTIAL_BYTES).contains(&length)).then_some(credential)
}

/// Whether the key can be used: one of those that are asked for.
pub(super) fn is_known_key(public_key: &[u8]) -> bool {
    key(public_key).is_some()
}

/// Whether the key signed what the browser and the authenticator say.
pub(super) fn is_signed(public_key: &[u8], data: &[u8], client_data: &[u8], signature: &[u8]) -> bool {
    let Some((algorithm, bits)) = key(public_key) else { return false };
    let signed = [data, &sha256(client_data)].concat();
    UnparsedPublicKey::new(algorithm, bits).verify(&signed, signature).is_ok()
}

/// P-256, whose public key always begins so; a point follows.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
    0x07, 0x03, 0x42, 0x00,
];
/// Ed25519; 32 bytes follow.
const ED: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// rsaEncryption without parameters: what stands between the first length and the length of the bits.
const RSA: [u8; 15] = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// The algorithm of a SubjectPublicKeyInfo and its bits.
fn key(spki: &[u8]) -> Option<(&'static dyn VerificationAlgorithm, &[u8])> {
    if let Some(point) = spki.strip_prefix(&P256) {
        return (point.len() == 65).then_some((&ECDSA_P256_SHA256_ASN1 as _, point));
    }
    if let Some(bits) = spki.strip_prefix(&ED) {
        return (bits.len() == 32).then_some((&ED25519 as _, bits));
    }
    // From 2,048 bits on both lengths take two bytes.
    let (outer, rest) = spki.strip_prefix(&[0x30, 0x82])?.split_first_chunk::<2>()?;
    if rest.len() != usize::from(u16::from_be_bytes(*outer)) {
        return None;
    }
    let (inner, rest) = rest.strip_prefix(&RSA)?.strip_prefix(&[0x03, 0x82])?.split_first_chunk::<2>()?;
    let (&0, bits) = rest.split_first()? else { return None };
    (bits.len() + 1 == usize::from(u16::from_be_bytes(*inner))).then_some((&RSA_PKCS1_2048_8192_SHA256 as _, bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site::of("https://exam.school.example").expect("a site")
    }

    #[test]
    fn a_site_needs_a_name_and_encryption() {
        let with_port = Site::of("https://Exam.school.example:8443/").expect("a site");
        assert_eq!((with_port.origin.as_str(), with_port.id.as_str()), ("https://exam.school.example:8443", "exam.school.example"));
        assert_eq!(Site::of("http://localhost:8080").expect("this machine").id, "localhost");
        for none in ["http://127.0.0.1:8080", "https://192.168.1.5", "https://[::1]:8080", "http://exam.school.example", "nonsense"] {
            assert_eq!(Site::of(none), None, "{none}");
        }
    }

    #[test]
    fn a_challenge_counts_where_and_for_what_it_was_given() {
        let said = |kind: &str, origin: &str, more: &str| format!(r#"{{"type":"{kind}","challenge":"YWJj","origin":"{origin}"{more}}}"#);
        let here = "https://exam.school.example";
        let read = |text: String| challenge(text.as_bytes(), Ceremony::Get, &site());
        assert_eq!(read(said("webauthn.get", here, r#","crossOrigin":false,"other":1"#)).as_deref(), Some("YWJj"));
        for wrong in [
            said("webauthn.create", here, ""),
            said("webauthn.get", "https://exam.school.example.evil.example", ""),
            said("webauthn.get", "http://exam.school.example", ""),
            said("webauthn.get", here, r#","crossOrigin":true"#),
            "{}".to_owned(),
        ] {
            assert_eq!(read(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn the_person_must_have_been_recognised_for_this_site() {
        let data = |site: &str, flags: u8| [sha256(site.as_bytes()), vec![flags, 0, 0, 1, 2]].concat();
        assert_eq!(counter(&data("exam.school.example", 0b101), &site()), Some(258));
        assert_eq!(counter(&data("other.example", 0b101), &site()), None);
        assert_eq!(counter(&data("exam.school.example", 0b001), &site()), None, "only present");
        assert_eq!(counter(&data("exam.school.example", 0b101)[..36], &site()), None, "cut off");
    }

    #[test]
    fn an_attached_credential_is_as_long_as_it_says() {
        let mut data = [sha256(b"exam.school.example"), vec![0b100_0101, 0, 0, 0, 0], vec![7; 16], vec![0, 3, 1, 2, 3, 9, 9]].concat();
        assert_eq!(attached(&data), Some(&[1, 2, 3][..]));
        data[HEAD + 17] = 60;
        assert_eq!(attached(&data), None);
        data[32] = 0b101;
        data[HEAD + 17] = 3;
        assert_eq!(attached(&data), None, "nothing is attached");
    }

    #[test]
    fn nothing_makes_the_reading_of_keys_stumble() {
        for start in [&P256[..], &ED, &[0x30, 0x82, 0x00, 0x20], &[0x30, 0x82, 0xff, 0xff], &[]] {
            for more in 0..80 {
                let spki = [start, &vec![1; more]].concat();
                assert!(!is_signed(&spki, b"data", b"client", b"signature"));
            }
        }
    }
}
