//! What light, hand and sensor do to a picture.

use std::f32::consts::{PI, TAU};

use image::RgbImage;

use super::{Scene, within};
use crate::noise::Chance;

/// A soft white spot on the card.
pub(super) struct Glare {
    strength: f32,
    x: f32,
    y: f32,
    wide: f32,
    high: f32,
}

impl Glare {
    pub(super) fn new(strength: f32, chance: &mut Chance) -> Self {
        Self {
            strength: within(strength, 0.0, 1.0),
            x: chance.between(0.15, 0.85),
            y: chance.between(0.1, 0.5),
            wide: chance.between(0.12, 0.26),
            high: chance.between(0.06, 0.12),
        }
    }

    pub(super) fn at(&self, u: f32, v: f32) -> f32 {
        let (x, y) = ((u - self.x) / self.wide, (v - self.y) / self.high);
        self.strength * (-(x * x + y * y)).exp()
    }
}

/// Brightness, falling off from the lamp's side to the other; nowhere brighter than the light, so that a white card keeps
/// its tones.
pub(super) fn expose(picture: &mut RgbImage, scene: &Scene, chance: &mut Chance) {
    let angle = chance.between(0.0, TAU);
    let fall = chance.between(0.1, 0.3);
    let light = within(scene.light, 0.0, 3.0);
    let shadow = within(scene.shadow, 0.0, 1.0);
    let shade = (shadow > 0.0).then(|| Shade::new(shadow, scene.seed));
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    for (column, row, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (column as f32 / width - 0.5, row as f32 / height - 0.5);
        let away = (0.5 + 0.7 * (x * angle.cos() + y * angle.sin())).clamp(0.0, 1.0);
        let factor = light * (1.0 - fall * away);
        let factor = factor * shade.as_ref().map_or(1.0, |shade| shade.at(x, y));
        pixel.0 = pixel.0.map(|level| (f32::from(level) * factor).min(255.0) as u8);
    }
}

/// A shadow with a soft edge across the picture.
struct Shade {
    depth: f32,
    angle: f32,
    edge: f32,
}

impl Shade {
    fn new(depth: f32, seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x5AAD);
        Self { depth: 0.6 * depth, angle: chance.between(0.0, TAU), edge: chance.between(-0.25, 0.25) }
    }

    /// What it leaves of the light, at a place given from the picture's middle.
    fn at(&self, x: f32, y: f32) -> f32 {
        let beyond = ((x * self.angle.cos() + y * self.angle.sin() - self.edge) / 0.06 + 0.5).clamp(0.0, 1.0);
        1.0 - self.depth * beyond * beyond * (3.0 - 2.0 * beyond)
    }
}

/// Noise of the sensor: mostly in brightness, a little in colour.
pub(super) fn grain(picture: &mut RgbImage, deviation: f32, chance: &mut Chance) {
    if deviation <= 0.0 {
        return;
    }
    for pixel in picture.pixels_mut() {
        let grey = chance.normal() * deviation;
        for level in &mut pixel.0 {
            *level = (f32::from(*level) + grey + chance.normal() * deviation * 0.35).clamp(0.0, 255.0) as u8;
        }
    }
}

/// The hand moved while the shutter was open: every pixel becomes the mean along a short straight way.
pub(super) fn moved(picture: &RgbImage, length: f32, seed: u64) -> RgbImage {
    let (sin, cos) = Chance::new(seed ^ 0x3073).between(0.0, PI).sin_cos();
    let steps = (length.ceil() as usize).max(2);
    let (right, bottom) = (picture.width() as i32 - 1, picture.height() as i32 - 1);
    let ways: Vec<(f32, f32)> =
        (0..=steps).map(|step| (step as f32 / steps as f32 - 0.5) * length).map(|along| (along * cos, along * sin)).collect();
    // Between pixels: four neighbours with their weights for every step of the way.
    let taps: Vec<(i32, i32, f32)> = ways
        .iter()
        .flat_map(|(dx, dy)| {
            let (x, y) = (dx.floor(), dy.floor());
            let (fx, fy) = (dx - x, dy - y);
            let (x, y) = (x as i32, y as i32);
            [(x, y, (1.0 - fx) * (1.0 - fy)), (x + 1, y, fx * (1.0 - fy)), (x, y + 1, (1.0 - fx) * fy), (x + 1, y + 1, fx * fy)]
        })
        .filter(|(.., weight)| *weight > 0.0)
        .collect();
    RgbImage::from_fn(picture.width(), picture.height(), |column, row| {
        let mut sums = [0.0f32; 3];
        for (dx, dy, weight) in &taps {
            let (x, y) = ((column as i32 + dx).clamp(0, right), (row as i32 + dy).clamp(0, bottom));
            let pixel = picture.get_pixel(x as u32, y as u32);
            sums.iter_mut().zip(pixel.0).for_each(|(sum, level)| *sum += weight * f32::from(level));
        }
        image::Rgb(sums.map(|sum| (sum / ways.len() as f32 + 0.5).clamp(0.0, 255.0) as u8))
    })
}

/// Shown on a screen and photographed from it. The screen's points are stripes of red, green and blue; the sensor sees each
/// colour through a grid of its own (Bayer's), twice as coarse as its pixels for red and blue; where the two grids nearly
/// agree, bands of colour appear.
pub(super) fn screen(picture: &mut RgbImage, strength: f32, seed: u64) {
    let mut chance = Chance::new(seed ^ 0x5C8E_E470);
    // Points of the screen to a pixel of the picture; more would be seen as grey, fewer as single points.
    let pitch = chance.between(0.4, 0.6);
    let (sin, cos) = chance.between(-0.12, 0.12).sin_cos();
    let bend = chance.between(-0.08, 0.08);
    // What lens and pixel leave of stripes so fine.
    let left = 0.75 * (PI * pitch).sin() / (PI * pitch);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut seen = vec![0.0f32; width * height];
    for (at, value) in seen.iter_mut().enumerate() {
        let (x, y) = ((at % width) as f32, (at / width) as f32);
        let across = (x * cos + y * sin) * (1.0 + bend * y / height as f32);
        let down = (y * cos - x * sin) * (1.0 + bend * x / width as f32);
        let colour = colour_at(at % width, at / width) as f32;
        let stripes = 1.0 + left * (TAU * (pitch * across - colour / 3.0)).cos();
        let rows = 1.0 + 0.4 * left * (TAU * pitch * down).cos();
        *value = stripes * rows;
    }
    for (column, row, pixel) in picture.enumerate_pixels_mut() {
        let mut sums = [(0.0f32, 0.0f32); 3];
        for dy in -1..=1i32 {
            for dx in -1..=1i32 {
                let (x, y) = (column as i32 + dx, row as i32 + dy);
                if x < 0 || y < 0 || x >= width as i32 || y >= height as i32 {
                    continue;
                }
                let (x, y) = (x as usize, y as usize);
                let weight = (2 - dx.abs()) as f32 * (2 - dy.abs()) as f32;
                let sum = &mut sums[colour_at(x, y)];
                *sum = (sum.0 + weight * seen[y * width + x], sum.1 + weight);
            }
        }
        for (level, (sum, weight)) in pixel.0.iter_mut().zip(sums) {
            let factor = 1.0 + strength * (sum / weight.max(1e-6) - 1.0);
            *level = (f32::from(*level) * factor).clamp(0.0, 255.0) as u8;
        }
    }
}

/// Which colour the sensor sees at a pixel: red, green, green, blue.
fn colour_at(x: usize, y: usize) -> usize {
    x % 2 + y % 2
}
