//! What the card lies on.

use image::{Rgb, RgbImage};

use super::Background;
use crate::guilloche::blend;
use crate::noise::smooth;

/// A surface that fills the picture.
pub(super) fn draw(width: u32, height: u32, background: Background, seed: u64) -> RgbImage {
    // Features keep their size relative to the picture.
    let unit = 1600.0 / width as f32;
    RgbImage::from_fn(width, height, |column, row| {
        let (x, y) = (column as f32 * unit, row as f32 * unit);
        Rgb(match background {
            Background::Dark => {
                let weave = 0.5 + 0.5 * ((x * 0.9).sin() * (y * 0.9).sin());
                let tone = 0.55 * smooth(seed, x / 260.0, y / 260.0) + 0.2 * weave + 0.25 * smooth(seed, x / 9.0, y / 9.0);
                blend([30, 32, 36], [66, 68, 74], tone)
            }
            Background::Wood => {
                let bend = smooth(seed, x / 700.0, y / 160.0) * 9.0 + smooth(seed ^ 1, x / 220.0, y / 40.0) * 2.0;
                let ring = 0.5 + 0.5 * (y / 34.0 + bend).sin();
                let fibre = smooth(seed ^ 2, x / 90.0, y / 2.5);
                blend([112, 74, 44], [176, 128, 84], 0.6 * ring + 0.4 * fibre)
            }
            Background::Light => {
                let speck = smooth(seed, (x + y) / 5.0, (x - y) / 5.0);
                let tone = 0.85 * smooth(seed, x / 420.0, y / 420.0) + 0.15 * speck;
                blend([206, 204, 198], [236, 234, 230], tone)
            }
        })
    })
}
