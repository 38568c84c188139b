//! Two thumbs that hold the card.

use image::RgbImage;

use super::plane::Plane;
use crate::guilloche::blend;
use crate::noise::Chance;

/// Half a thumb's width in card widths: 7.5 mm of 85.6.
const HALF: f32 = 0.088;
/// How far a thumb reaches over the card's edge: no field lies there.
const OVER: f32 = 0.045;

/// Draws them at the left and right edge.
pub(super) fn draw(picture: &mut RgbImage, plane: &Plane, aspect: f32, seed: u64) {
    let mut chance = Chance::new(seed ^ 0x7482);
    let tone = chance.between(0.0, 1.0);
    let skin = blend([232, 190, 166], [176, 124, 96], tone);
    let left = (OVER - HALF, aspect * chance.between(0.62, 0.8), chance.between(-0.25, 0.25));
    let right = (1.0 - OVER + HALF, aspect * chance.between(0.3, 0.7), chance.between(-0.25, 0.25));
    for (column, row, pixel) in picture.enumerate_pixels_mut() {
        let Some((u, v)) = plane.on_card(column as f32 + 0.5, row as f32 + 0.5) else { continue };
        let nearest = distance((u, v), left, -1.0).min(distance((u, v), right, 1.0));
        let inside = ((HALF - nearest) / 0.004).clamp(0.0, 1.0);
        if inside > 0.0 {
            let round = (1.0 - (nearest / HALF).powi(2)).max(0.0).sqrt();
            let lit = blend(blend(skin, [60, 34, 24], 0.55), skin, round);
            for (level, value) in pixel.0.iter_mut().zip(lit) {
                *level = (f32::from(*level) * (1.0 - inside) + f32::from(value) * inside) as u8;
            }
        }
    }
}

/// Distance from the middle line of a thumb that begins at its tip and runs outwards.
fn distance((u, v): (f32, f32), (x, y, slope): (f32, f32, f32), outwards: f32) -> f32 {
    let along = ((u - x) * outwards).max(0.0);
    (u - x - along * outwards).hypot(v - y - slope * along)
}
