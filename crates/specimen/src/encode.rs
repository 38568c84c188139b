//! Pictures as files.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

/// The picture as PNG. Empty only for a picture without pixels, which nothing here draws.
#[must_use]
pub fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new(&mut bytes);
    match encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8) {
        Ok(()) => bytes,
        Err(_) => Vec::new(),
    }
}

/// The picture as JPEG of the quality 1–100. Empty only for a picture JPEG cannot hold (no pixels, or a side over 65,535),
/// which nothing here draws.
#[must_use]
pub fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100));
    match encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8) {
        Ok(()) => bytes,
        Err(_) => Vec::new(),
    }
}
