//! Pictures for the face tests: frames of a head that turns by a known angle, made from one photograph, and what goes wrong in front of a camera.

use std::path::Path;
use std::sync::OnceLock;

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

/// The head in `obama.jpg`: centre, half-axes and the tip of the nose, in pixels of the camera's picture.
const CENTRE: (f32, f32) = (318.6, 213.3);
const HALF_AXES: (f32, f32) = (137.7, 185.4);
const NOSE: (f32, f32) = (324.9, 235.8);

/// The candidate's head turned about its vertical axis, in degrees; positive is their own left. The head is taken as an ellipsoid with a nose, and the
/// photograph is drawn along.
pub(super) fn turned(degrees: f32) -> RgbImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let straight = candidate();
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        // Which point of the photograph arrives here: found by going back a few times.
        let mut from = x as f32;
        for _ in 0..12 {
            from = x as f32 - shift(from, y as f32, sin, cos);
        }
        let left = from.floor().clamp(0.0, (WIDTH - 2) as f32);
        let part = (from - left).clamp(0.0, 1.0);
        let (a, b) = (straight.get_pixel(left as u32, y), straight.get_pixel(left as u32 + 1, y));
        Rgb([0, 1, 2].map(|c| (f32::from(a[c]) * (1.0 - part) + f32::from(b[c]) * part) as u8))
    })
}

/// How far a point moves sideways. Nothing moves at the rim, so that the head stays joined to the picture.
fn shift(x: f32, y: f32, sin: f32, cos: f32) -> f32 {
    let (u, v) = ((x - CENTRE.0) / HALF_AXES.0, (y - CENTRE.1) / HALF_AXES.1);
    let inside = 1.0 - u * u - v * v;
    if inside <= 0.0 {
        return 0.0;
    }
    let depth = 0.7 * HALF_AXES.0;
    let (across, down) = ((x - NOSE.0) / (0.21 * HALF_AXES.0), (y - NOSE.1) / (0.25 * HALF_AXES.0));
    let nose = 0.34 * HALF_AXES.0 * (-(across * across + down * down) / 2.0).exp();
    inside * (x - CENTRE.0) * (cos - 1.0) + (inside * depth + (4.0 * inside).min(1.0) * nose) * sin
}
