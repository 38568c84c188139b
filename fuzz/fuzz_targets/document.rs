//! Lines as both sides of every other document; the first byte chooses it.
#![no_main]

use baokao_fuzz::{lines, today};
use baokao_vision::{DocumentType, fuzz};
use libfuzzer_sys::fuzz_target;

const KINDS: [DocumentType; 5] = [
    DocumentType::ResidencePermit,
    DocumentType::HkMacauPermit,
    DocumentType::TaiwanPermit,
    DocumentType::ForeignPermanent,
    DocumentType::Passport,
];

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let reading = fuzz::document(KINDS[usize::from(*first) % KINDS.len()], &lines(rest), today());
    assert!(reading.name.is_none_or(|name| !name.is_empty()));
});
