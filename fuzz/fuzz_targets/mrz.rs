//! Rows of text as a machine-readable zone.
#![no_main]

use baokao_fuzz::today;
use baokao_vision::mrz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let rows: Vec<&str> = text.lines().collect();
    if let Some(zone) = mrz::read(&rows, today()) {
        // Its JSON is stored.
        assert!(zone.number.is_none_or(|number| number.is_ascii()));
    }
});
