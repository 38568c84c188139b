//! Lines as both sides of an identity card.
#![no_main]

use baokao_fuzz::lines;
use baokao_vision::{fuzz, number};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let lines = lines(data);
    let front = fuzz::card_front(&lines);
    // A number that is sure passed its check; a name is never without a character.
    assert!(front.number.is_none_or(|text| text.len() == 18 || number::check(&text).is_err()));
    assert!(front.name.is_none_or(|name| !name.is_empty()));
    fuzz::card_back(&lines);
});
