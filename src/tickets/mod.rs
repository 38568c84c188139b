//! Admission tickets (准考证) as PDF, drawn on demand and never stored; and the check of the code that is printed on them.
//!
//! The code is `BK1.` + base64url(JSON) + `.` + base64url(Ed25519 signature over everything before that dot). Whoever has the public key can check it
//! without the network; nothing in it but the numbers that stand on the ticket, and a hash that binds it to the name.

pub mod actions;
pub mod console;
pub mod web;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::crypto::{Keys, sha256};

/// What every code of this kind begins with.
const PREFIX: &str = "BK1.";
/// A scanned text is never longer.
pub const MAX_CODE_BYTES: usize = 1000;
/// Bytes of the name's hash: enough that no other name fits, few enough for a small code.
const NAME_HASH_BYTES: usize = 9;

/// What the code on a ticket says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Registration number.
    #[serde(rename = "r")]
    pub registration: String,
    /// Ticket number.
    #[serde(rename = "t")]
    pub ticket: String,
    /// The exam's reference.
    #[serde(rename = "e")]
    pub exam: String,
    /// Room number, from 1.
    #[serde(rename = "o")]
    pub room: i64,
    /// Seat, from 1.
    #[serde(rename = "s")]
    pub seat: i64,
    /// See [`name_hash`].
    #[serde(rename = "n")]
    pub name: String,
}

/// Why a scanned text is no ticket of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// It is something else: a web address, another system's code.
    NotATicket,
    /// It looks like a ticket's code, but we did not sign it, or it was changed.
    Forged,
}

impl CodeProblem {
    /// For the person at the door.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotATicket => "这不是准考证上的核验码，请重新扫描，或核对准考证号。",
            Self::Forged => "核验码的签名不对：这张准考证不是本系统发出的，或内容被改动过。请核对证件原件并联系考务负责人。",
        }
    }
}

/// Binds a code to the name printed beside it, without printing the name twice: the ticket number keeps equal names apart.
pub fn name_hash(name: &str, ticket: &str) -> String {
    let hash = sha256(format!("{ticket}\0{name}").as_bytes());
    URL_SAFE_NO_PAD.encode(&hash[..NAME_HASH_BYTES])
}

/// The text of the code.
pub fn sign(keys: &Keys, payload: &Payload) -> Result<String, serde_json::Error> {
    let signed = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(payload)?));
    let signature = URL_SAFE_NO_PAD.encode(keys.sign_ticket(signed.as_bytes()));
    Ok(format!("{signed}.{signature}"))
}

/// DER of an Ed25519 public key before its 32 bytes (RFC 8410).
const SPKI_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The public key as PEM, for a program that checks codes at a door without the network.
pub fn public_key_pem(public_key: &[u8]) -> String {
    let der = [&SPKI_HEAD, public_key].concat();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

/// Checks a scanned text against the public key.
pub fn verify(public_key: &[u8], text: &str) -> Result<Payload, CodeProblem> {
    let text = text.trim();
    if text.len() > MAX_CODE_BYTES || !text.starts_with(PREFIX) {
        return Err(CodeProblem::NotATicket);
    }
    let (signed, signature) = text.rsplit_once('.').ok_or(CodeProblem::NotATicket)?;
    let body = signed.strip_prefix(PREFIX).ok_or(CodeProblem::NotATicket)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| CodeProblem::Forged)?;
    UnparsedPublicKey::new(&ED25519, public_key).verify(signed.as_bytes(), &signature).map_err(|_| CodeProblem::Forged)?;
    let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| CodeProblem::Forged)?;
    serde_json::from_slice(&bytes).map_err(|_| CodeProblem::Forged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> Keys {
        Keys::from_master(&[7; 32]).expect("keys")
    }

    fn payload() -> Payload {
        Payload {
            registration: "R7KQ3M9XAB".into(),
            ticket: "261010200307".into(),
            exam: "2ABCDEFG".into(),
            room: 3,
            seat: 7,
            name: name_hash("𬱖", "261010200307"),
        }
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let code = sign(&keys(), &payload()).expect("a code");
        assert_eq!(verify(keys().ticket_public_key(), &format!(" {code}\n")), Ok(payload()));
        assert!(code.len() < 300, "{} bytes make a dense code", code.len());
    }

    #[test]
    fn another_school_and_another_code_are_told_apart() {
        let code = sign(&keys(), &payload()).expect("a code");
        let other = Keys::from_master(&[8; 32]).expect("keys");
        assert_eq!(verify(other.ticket_public_key(), &code), Err(CodeProblem::Forged));
        for text in ["", "https://example.com", "BK1", "BK2.abc.def"] {
            assert_eq!(verify(keys().ticket_public_key(), text), Err(CodeProblem::NotATicket), "{text}");
        }
        assert_eq!(verify(keys().ticket_public_key(), &"BK1.".repeat(300)), Err(CodeProblem::NotATicket));
    }

    #[test]
    fn the_public_key_goes_out_as_openssl_reads_it() {
        let pem = public_key_pem(keys().ticket_public_key());
        let body = pem
            .strip_prefix("-----BEGIN PUBLIC KEY-----\n")
            .and_then(|rest| rest.strip_suffix("\n-----END PUBLIC KEY-----\n"))
            .expect("PEM");
        let der = STANDARD.decode(body).expect("base64");
        // An Ed25519 key of RFC 8410, example 10.1, has this head.
        assert!(body.starts_with("MCowBQYDK2VwAyEA") && der.len() == 44);
        let code = sign(&keys(), &payload()).expect("a code");
        assert_eq!(verify(&der[12..], &code), Ok(payload()));
    }

    #[test]
    fn a_name_has_one_hash_on_one_ticket() {
        assert_ne!(name_hash("王喆", "1"), name_hash("王喆", "2"));
        assert_ne!(name_hash("王喆", "1"), name_hash("王吉吉", "1"));
    }

    proptest! {
        #[test]
        fn no_changed_character_passes(at in 4usize..200, to in "[A-Za-z0-9_.-]") {
            let code = sign(&keys(), &payload()).expect("a code");
            let at = at % code.len();
            let changed = format!("{}{to}{}", &code[..at], &code[at + 1..]);
            let verified = verify(keys().ticket_public_key(), &changed);
            // The last character of base64 has bits that carry nothing; a strict decoder refuses them, and so no text passes but the one signed.
            prop_assert_eq!(verified.is_ok(), changed == code);
        }

        #[test]
        fn no_text_makes_the_check_panic(text in "\\PC{0,80}") {
            let _ = verify(keys().ticket_public_key(), &text);
            let _ = verify(keys().ticket_public_key(), &format!("BK1.{text}"));
        }
    }
}
