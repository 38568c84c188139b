//! Bytes as an upload: nothing but a bounded picture or a named problem comes out.
#![no_main]

use baokao_vision::{DecodeLimits, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = DecodeLimits { max_side_px: 2_048, max_pixels: 1 << 20, scale_to_px: 512, ..DecodeLimits::default() };
    if let Ok(picture) = decode(data, &limits) {
        assert!(picture.width().max(picture.height()) <= limits.scale_to_px && picture.width().min(picture.height()) > 0);
    }
});
