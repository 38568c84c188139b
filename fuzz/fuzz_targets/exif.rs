//! Bytes as the EXIF block of a sound picture, in each of the formats: whatever they say, the picture opens, and only turned.
#![no_main]

use std::sync::OnceLock;

use baokao_fuzz::exif;
use baokao_vision::{DecodeLimits, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    static PLAIN: OnceLock<[Vec<u8>; 3]> = OnceLock::new();
    let [jpeg, png, webp] = PLAIN.get_or_init(exif::plain);
    for bytes in [exif::in_jpeg(jpeg, data), exif::in_png(png, data), exif::in_webp(webp, data)] {
        let picture = decode(&bytes, &DecodeLimits::default()).expect("a broken block hides no picture");
        assert!([(16, 8), (8, 16)].contains(&picture.dimensions()));
    }
});
