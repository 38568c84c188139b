//! A small picture with an EXIF block of one's own, in each format that is taken.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};

/// JPEG, PNG and WebP of 16 × 8 pixels without any block.
pub fn plain() -> [Vec<u8>; 3] {
    [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP].map(|format| {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(16, 8).write_to(&mut out, format).expect("a picture is written");
        out.into_inner()
    })
}

/// As the first segment.
pub fn in_jpeg(jpeg: &[u8], block: &[u8]) -> Vec<u8> {
    let block = &block[..block.len().min(0xFFFF - 8)];
    let length = u16::try_from(block.len() + 8).unwrap_or(u16::MAX).to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, b"Exif\0\0", block, &jpeg[2..]].concat()
}

/// After the head.
pub fn in_png(png: &[u8], block: &[u8]) -> Vec<u8> {
    let body = [b"eXIf", block].concat();
    let check = !body
        .iter()
        .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 }));
    let length = u32::try_from(block.len()).unwrap_or_default().to_be_bytes();
    [&png[..33], &length, &body, &check.to_be_bytes(), &png[33..]].concat()
}

/// In the extended form, after the pixels.
pub fn in_webp(webp: &[u8], block: &[u8]) -> Vec<u8> {
    let chunk = |name: &[u8], body: &[u8]| {
        let length = u32::try_from(body.len()).unwrap_or_default().to_le_bytes();
        let pad: &[u8] = if body.len() % 2 == 1 { &[0] } else { &[] };
        [name, &length, body, pad].concat()
    };
    // Flags (EXIF), three bytes of nothing, width and height less one.
    let head = chunk(b"VP8X", &[0x08, 0, 0, 0, 15, 0, 0, 7, 0, 0]);
    let body = [b"WEBP", head.as_slice(), &webp[12..], &chunk(b"EXIF", block)].concat();
    chunk(b"RIFF", &body)
}
