//! Pictures for the face tests: frames of a head that turns by a known angle, made from one photograph, and what goes wrong in front of a camera.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use baokao_specimen::selfie::{self, Head};
use image::imageops::{FilterType, crop_imm, resize};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;

fn photo(name: &str) -> RgbImage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fetched/faces").join(name);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run scripts/fetch-faces.sh", path.display()));
    image::load_from_memory(&bytes).expect("a photograph").into_rgb8()
}

pub(super) fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture.clone()).write_to(&mut out, ImageFormat::Jpeg).expect("a JPEG");
    out.into_inner()
}

/// The candidate, straight ahead, as the camera sees them.
pub(super) fn candidate() -> &'static RgbImage {
    static MADE: OnceLock<RgbImage> = OnceLock::new();
    MADE.get_or_init(|| {
        let view = crop_imm(&photo("obama.jpg"), 136, 0, 711, 533).to_image();
        resize(&view, WIDTH, HEIGHT, FilterType::Triangle)
    })
}

/// The candidate on another day: what is printed on the card.
pub(super) fn portrait() -> Vec<u8> {
    jpeg(&crop_imm(&photo("obama2.jpg"), 195, 170, 360, 460).to_image())
}

/// Somebody else in front of the same camera.
pub(super) fn stranger() -> RgbImage {
    crop_imm(&photo("biden.jpg"), 236, 100, WIDTH, HEIGHT).to_image()
}

/// Both of them.
pub(super) fn two_people() -> RgbImage {
    let mut both = RgbImage::new(WIDTH, HEIGHT);
    let half = |picture: &RgbImage, x| crop_imm(picture, x, 0, WIDTH / 2, HEIGHT).to_image();
    image::imageops::replace(&mut both, &half(candidate(), 150), 0, 0);
    image::imageops::replace(&mut both, &half(&stranger(), 160), i64::from(WIDTH / 2), 0);
    both
}

/// A wall.
pub(super) fn nobody() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb([150 + ((x / 40 + y / 40) % 2 * 30) as u8, 140, 120]))
}

/// The candidate with so little light.
pub(super) fn in_the_dark() -> RgbImage {
    let mut dark = candidate().clone();
    for pixel in dark.pixels_mut() {
        pixel.0 = pixel.0.map(|value| value / 8);
    }
    dark
}

/// The candidate's head turned, in degrees; positive is their own left.
pub(super) fn turned(degrees: f32) -> RgbImage {
    // In pixels of the camera's picture.
    const HEAD: Head = Head { centre: (318.6, 213.3), half_axes: (137.7, 185.4), nose: (324.9, 235.8) };
    selfie::turned(candidate(), &HEAD, degrees)
}

/// As the camera sends a frame: no two are the same, however still everything is.
pub(super) fn frame(picture: &RgbImage) -> Vec<u8> {
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    jpeg(&selfie::worn(picture, 1, TAKEN.fetch_add(1, Ordering::Relaxed)))
}
