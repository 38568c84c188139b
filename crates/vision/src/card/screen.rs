//! A card photographed from a screen: the screen's grid of coloured points and the sensor's beat against each other, and bands of colour
//! run over the card, straight and at one distance, where the paper of a card has curves and the sensor's noise has no order at all.

use std::f32::consts::TAU;

use image::RgbImage;

use super::layout::CARD;
use super::sheet::Sheet;
use crate::geometry::Point;

/// Side of the squares that are looked at, in pixels.
const SIDE: usize = 64;
/// Their middles on the card: nothing coloured is printed there on either side, whatever stands in the fields.
const PLACES: [(f32, f32); 6] = [(96.0, 366.0), (460.0, 86.0), (486.0, 150.0), (488.0, 214.0), (250.0, 374.0), (470.0, 392.0)];
/// The same of a back.
const BACK_PLACES: [(f32, f32); 6] = [(250.0, 320.0), (400.0, 330.0), (560.0, 300.0), (700.0, 340.0), (110.0, 400.0), (730.0, 490.0)];
/// Waves longer than this share of a square are shadow or the card's own shades.
const LONGEST: usize = 3;
/// How much of all difference in colour lies in one wave.
const ALONE_FROM: f32 = 0.3;
/// How high that wave is, as a share of the brightness.
const HIGH_FROM: f32 = 0.03;
/// In how many of the squares.
const SQUARES_FROM: usize = 4;

/// Whether the card is seen on a screen.
pub(super) fn is_screen(sheet: &Sheet, front: bool) -> bool {
    waves(sheet, front).iter().filter(|(alone, high)| *alone >= ALONE_FROM && *high >= HIGH_FROM).count() >= SQUARES_FROM
}

/// Of every square that lies within the picture, its strongest wave of colour: the share of all waves, and its height.
fn waves(sheet: &Sheet, front: bool) -> Vec<(f32, f32)> {
    let places = if front { PLACES } else { BACK_PLACES };
    let inside = |(x, y): (f32, f32)| {
        let p = sheet.map.apply(Point::new(x.min(CARD.0), y.min(CARD.1)));
        let (left, top) = (p.x - SIDE as f32 / 2.0, p.y - SIDE as f32 / 2.0);
        let fits = left >= 0.0 && top >= 0.0;
        let (left, top) = (left as usize, top as usize);
        (fits && left + SIDE <= sheet.picture.width() as usize && top + SIDE <= sheet.picture.height() as usize).then_some((left, top))
    };
    places.into_iter().filter_map(inside).map(|(left, top)| strongest(sheet.picture, left, top)).collect()
}

fn strongest(picture: &RgbImage, left: usize, top: usize) -> (f32, f32) {
    let row = picture.width() as usize * 3;
    let mut brightness = 0.0;
    let [mut red, mut blue] = [(); 2].map(|()| vec![(0.0f32, 0.0f32); SIDE * SIDE]);
    for y in 0..SIDE {
        let start = (top + y) * row + left * 3;
        for (x, pixel) in picture.as_raw()[start..start + 3 * SIDE].chunks_exact(3).enumerate() {
            let [r, g, b] = [0, 1, 2].map(|channel| f32::from(pixel[channel]));
            brightness += (r + g + b) / 3.0;
            (red[y * SIDE + x].0, blue[y * SIDE + x].0) = (r - g, b - g);
        }
    }
    let brightness = brightness / (SIDE * SIDE) as f32;
    let (mut best, mut all, mut most) = ((0.0, 0.0), 0.0f32, 0.0f32);
    for signal in [&mut red, &mut blue] {
        let power = spectrum(signal);
        for (at, value) in power.iter().enumerate() {
            let (across, down) = (at % SIDE, at / SIDE);
            let long = across.min(SIDE - across) < LONGEST && down.min(SIDE - down) < LONGEST;
            if long {
                continue;
            }
            all += value;
            if *value > most {
                most = *value;
                best = (around(&power, across, down), value.sqrt());
            }
        }
    }
    // Both signals carry the wave, each twice: there and at its mirror. A Hann window leaves a quarter of its height.
    let alone = 4.0 * best.0 / all.max(1e-6);
    let high = best.1 * 2.0 * 4.0 / (SIDE * SIDE) as f32;
    (alone, high / brightness.max(8.0))
}

/// The power of a wave and of its neighbours, into which the window spreads it.
fn around(power: &[f32], across: usize, down: usize) -> f32 {
    let near = |at: usize| [at + SIDE - 1, at, at + 1].map(|at| at % SIDE);
    near(down).iter().flat_map(|y| near(across).map(|x| power[y * SIDE + x])).sum()
}

/// The power of every wave in a square, after its mean is taken away and its edges are faded out.
fn spectrum(values: &mut [(f32, f32)]) -> Vec<f32> {
    let mean = values.iter().map(|(value, _)| value).sum::<f32>() / values.len() as f32;
    let fade: Vec<f32> = (0..SIDE).map(|at| 0.5 - 0.5 * (TAU * (at as f32 + 0.5) / SIDE as f32).cos()).collect();
    for (at, value) in values.iter_mut().enumerate() {
        value.0 = (value.0 - mean) * fade[at % SIDE] * fade[at / SIDE];
    }
    let turns: Vec<(f32, f32)> = (0..SIDE / 2).map(|at| (-TAU * at as f32 / SIDE as f32).sin_cos()).map(|(sin, cos)| (cos, sin)).collect();
    values.chunks_exact_mut(SIDE).for_each(|row| transform(row, &turns));
    let mut column = [(0.0, 0.0); SIDE];
    let mut power = vec![0.0; values.len()];
    for x in 0..SIDE {
        (0..SIDE).for_each(|y| column[y] = values[y * SIDE + x]);
        transform(&mut column, &turns);
        (0..SIDE).for_each(|y| power[y * SIDE + x] = column[y].0 * column[y].0 + column[y].1 * column[y].1);
    }
    power
}

/// Fourier's transform of [`SIDE`] values, in place (Cooley and Tukey).
fn transform(values: &mut [(f32, f32)], turns: &[(f32, f32)]) {
    let bits = SIDE.trailing_zeros();
    for at in 0..SIDE {
        let other = at.reverse_bits() >> (usize::BITS - bits);
        if other > at {
            values.swap(at, other);
        }
    }
    let mut half = 1;
    while half < SIDE {
        for start in (0..SIDE).step_by(2 * half) {
            for at in 0..half {
                let (cos, sin) = turns[at * (SIDE / 2 / half)];
                let (a, b) = (values[start + at], values[start + at + half]);
                let turned = (b.0 * cos - b.1 * sin, b.0 * sin + b.1 * cos);
                values[start + at] = (a.0 + turned.0, a.1 + turned.1);
                values[start + at + half] = (a.0 - turned.0, a.1 - turned.1);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use image::Rgb;

    use super::*;

    fn square(colour: impl Fn(f32, f32) -> [f32; 3]) -> RgbImage {
        RgbImage::from_fn(SIDE as u32, SIDE as u32, |x, y| Rgb(colour(x as f32, y as f32).map(|level| level.round() as u8)))
    }

    #[test]
    fn one_wave_of_colour_stands_alone() {
        let wave = square(|x, y| {
            let by = 20.0 * (TAU * (x * 0.13 + y * 0.05)).cos();
            [200.0 + by, 200.0, 200.0 - by]
        });
        let (alone, high) = strongest(&wave, 0, 0);
        assert!(alone > 0.9, "{alone}");
        assert!((0.08..0.12).contains(&high), "{high}");
    }

    #[test]
    fn grey_print_and_curves_are_no_wave() {
        let print = square(|x, y| [if (x as u32 / 4 + y as u32 / 6).is_multiple_of(2) { 40.0 } else { 220.0 }; 3]);
        assert!(strongest(&print, 0, 0).1 < 0.001);
        let curves = square(|x, y| {
            let by = 8.0 * (0.5 * (y + 9.0 * (x / 14.0).sin())).cos();
            [210.0 + by, 215.0, 225.0]
        });
        let (alone, high) = strongest(&curves, 0, 0);
        assert!(alone < ALONE_FROM || high < HIGH_FROM, "{alone} {high}");
    }

    #[test]
    fn the_transform_is_fouriers() {
        let mut values: Vec<(f32, f32)> = (0..SIDE).map(|at| ((TAU * 5.0 * at as f32 / SIDE as f32 + PI / 3.0).cos(), 0.0)).collect();
        let turns: Vec<(f32, f32)> =
            (0..SIDE / 2).map(|at| (-TAU * at as f32 / SIDE as f32).sin_cos()).map(|(sin, cos)| (cos, sin)).collect();
        transform(&mut values, &turns);
        for (at, (re, im)) in values.iter().enumerate() {
            let expected = if at == 5 || at == SIDE - 5 { SIDE as f32 / 2.0 } else { 0.0 };
            assert!((re.hypot(*im) - expected).abs() < 1e-3, "{at}: {re} {im}");
        }
    }
}
