//! Lines as an order screenshot.
#![no_main]

use baokao_fuzz::lines;
use baokao_vision::receipt;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let reading = receipt::parse(&lines(data));
    assert!(reading.amount_fen.is_none_or(|fen| fen >= 0));
});
