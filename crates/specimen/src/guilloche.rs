//! The wavy ground of the cards: a pale blend of blue and pink under families of fine lines.

use crate::canvas::{Canvas, Rgb};

const PALE_BLUE: Rgb = [219, 234, 243];
const PALE_PINK: Rgb = [243, 228, 232];
const BLUE: Rgb = [96, 158, 196];
const PINK: Rgb = [216, 140, 160];

/// Fills the canvas (`width` × `height` logical units) with the ground.
pub(crate) fn draw(canvas: &mut Canvas, width: f32, height: f32) {
    canvas.shade(|across, down| {
        // Pink in a broad diagonal band, blue outside it.
        let distance = (across - 0.45 + (down - 0.5) * 0.25) / 0.34;
        let pink = (-distance * distance).exp();
        blend(PALE_BLUE, PALE_PINK, pink)
    });
    waves(canvas, width, height, Family { rgb: BLUE, gap: 9.0, swing: 16.0, length: 210.0, shift: 0.55 });
    waves(canvas, width, height, Family { rgb: PINK, gap: 11.0, swing: 22.0, length: 330.0, shift: -0.4 });
    rosette(canvas, width * 0.36, height * 0.52, height * 0.34);
}

struct Family {
    rgb: Rgb,
    /// Units between two lines.
    gap: f32,
    /// Units from the middle to the crest.
    swing: f32,
    /// Units from crest to crest.
    length: f32,
    /// Radians from a line's phase to the next one's.
    shift: f32,
}

fn waves(canvas: &mut Canvas, width: f32, height: f32, family: Family) {
    let lines = (height / family.gap) as i32 + 6;
    for line in -3..lines {
        let middle = line as f32 * family.gap;
        let phase = line as f32 * family.shift * 0.2;
        let points: Vec<(f32, f32)> = (0..=(width / 6.0) as i32 + 1)
            .map(|step| {
                let x = step as f32 * 6.0;
                let turn = x / family.length * std::f32::consts::TAU;
                (x, middle + family.swing * ((turn + phase).sin() + 0.35 * (turn * 2.3 - phase).sin()))
            })
            .collect();
        canvas.polyline(&points, family.rgb, 62, 0.8);
    }
}

/// Curves around a centre whose radius swings, each turned a little further.
fn rosette(canvas: &mut Canvas, x: f32, y: f32, radius: f32) {
    for curve in 0..10 {
        let turned = curve as f32 * 0.063;
        let points: Vec<(f32, f32)> = (0..=240)
            .map(|step| {
                let angle = step as f32 / 240.0 * std::f32::consts::TAU;
                let reach = radius * (0.72 + 0.2 * (angle * 6.0 + turned * 10.0).sin());
                (x + reach * (angle + turned).cos(), y + reach * (angle + turned).sin())
            })
            .collect();
        canvas.polyline(&points, PINK, 42, 0.8);
    }
}

pub(crate) fn blend(from: Rgb, to: Rgb, part: f32) -> Rgb {
    let part = part.clamp(0.0, 1.0);
    let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * part + 0.5) as u8;
    [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])]
}
