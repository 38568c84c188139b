//! Where a card has print and where it has none: tells a card from another rectangle, its front from its back, and which
//! way is up, before anything is read.

use image::{GrayImage, RgbImage};

use super::layout::Field;
use crate::geometry::Point;
use crate::light::luma;
use crate::projective::Projective;

/// Size at which the pattern is looked at: one pixel is four tenths of a millimetre.
const SIZE: (usize, usize) = (214, 135);
const UNIT: f32 = 4.0;
/// Half the side of the square whose mean is the ground of a pixel.
const GROUND: usize = 6;
/// Contrast of print against its surroundings below which a score is chance.
const LIKELY: f32 = 0.25;

/// Where the front has print: labels, the beginnings of values, the number.
const FRONT_PRINT: [Field; 11] = [
    (56.0, 64.0, 118.0, 96.0),
    (152.0, 60.0, 222.0, 100.0),
    (56.0, 126.0, 118.0, 156.0),
    (152.0, 124.0, 184.0, 158.0),
    (258.0, 126.0, 320.0, 156.0),
    (56.0, 188.0, 118.0, 216.0),
    (152.0, 188.0, 262.0, 216.0),
    (56.0, 252.0, 118.0, 280.0),
    (152.0, 250.0, 420.0, 282.0),
    (56.0, 444.0, 236.0, 472.0),
    (288.0, 442.0, 778.0, 474.0),
];
/// Where it has none.
const FRONT_BLANK: [Field; 7] = [
    (56.0, 103.0, 300.0, 121.0),
    (56.0, 163.0, 430.0, 182.0),
    (56.0, 223.0, 430.0, 244.0),
    (20.0, 60.0, 46.0, 440.0),
    (56.0, 300.0, 136.0, 430.0),
    (160.0, 405.0, 780.0, 432.0),
    (240.0, 482.0, 600.0, 500.0),
];
/// Where the back has print: the two titles, the labels, the beginnings of values.
const BACK_PRINT: [Field; 6] = [
    (248.0, 74.0, 776.0, 126.0),
    (248.0, 155.0, 776.0, 238.0),
    (196.0, 404.0, 320.0, 432.0),
    (196.0, 466.0, 320.0, 494.0),
    (336.0, 404.0, 520.0, 432.0),
    (336.0, 466.0, 500.0, 494.0),
];
/// Where it has none.
const BACK_BLANK: [Field; 5] = [
    (248.0, 132.0, 776.0, 150.0),
    (248.0, 250.0, 776.0, 290.0),
    (196.0, 340.0, 776.0, 396.0),
    (20.0, 340.0, 180.0, 500.0),
    (196.0, 438.0, 500.0, 460.0),
];

/// Which side a card shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) front: bool,
    /// Whether it stands on its head.
    pub(super) upended: bool,
    /// How well print and blank lie where they belong; 0 is chance.
    pub(super) score: f32,
    /// How much better than the next best of the four ways.
    pub(super) lead: f32,
}

/// A small picture without colour, in which cards are looked at.
pub(super) struct Pattern {
    grey: GrayImage,
}

impl Pattern {
    pub(super) fn of(picture: &RgbImage) -> Self {
        Self { grey: luma(picture) }
    }

    /// What a card at this place would show; `None` where it is no card.
    pub(super) fn look(&self, map: &Projective) -> Option<Seen> {
        let ink = self.ink(map);
        let turned: Vec<f32> = ink.iter().rev().copied().collect();
        let ways = [(true, false), (true, true), (false, false), (false, true)];
        let mut scores = ways.map(|(front, upended)| {
            let ink = if upended { &turned } else { &ink };
            let score = if front { contrast(ink, &FRONT_PRINT, &FRONT_BLANK) } else { contrast(ink, &BACK_PRINT, &BACK_BLANK) };
            (score, front, upended)
        });
        scores.sort_by(|a, b| b.0.total_cmp(&a.0));
        let [(score, front, upended), (next, ..), ..] = scores;
        (score > LIKELY).then_some(Seen { front, upended, score, lead: score - next })
    }

    /// How much darker each place of the card is than the places around it.
    fn ink(&self, map: &Projective) -> Vec<f32> {
        let (width, height) = SIZE;
        let mut seen = vec![0.0f32; width * height];
        let (right, bottom) = (self.grey.width() as f32 - 1.0, self.grey.height() as f32 - 1.0);
        for y in 0..height {
            for x in 0..width {
                let p = map.apply(Point::new((x as f32 + 0.5) * UNIT, (y as f32 + 0.5) * UNIT));
                let (px, py) = ((p.x - 0.5).clamp(0.0, right), (p.y - 0.5).clamp(0.0, bottom));
                let (left, top) = (px as u32, py as u32);
                let (fx, fy) = (px - left as f32, py - top as f32);
                let at = |dx: u32, dy: u32| f32::from(self.grey.get_pixel((left + dx).min(right as u32), (top + dy).min(bottom as u32))[0]);
                let upper = at(0, 0) + fx * (at(1, 0) - at(0, 0));
                let lower = at(0, 1) + fx * (at(1, 1) - at(0, 1));
                seen[y * width + x] = upper + fy * (lower - upper);
            }
        }
        let sums = Sums::of(&seen, width, height);
        let mut ink = vec![0.0; seen.len()];
        for y in 0..height {
            for x in 0..width {
                let ground = sums.mean(
                    x.saturating_sub(GROUND),
                    y.saturating_sub(GROUND),
                    (x + GROUND + 1).min(width),
                    (y + GROUND + 1).min(height),
                );
                // Relative to the ground: a shadow takes from print and ground alike.
                ink[y * width + x] = ((ground - seen[y * width + x]) / (ground + 10.0)).max(0.0);
            }
        }
        // A portrait is darker than any print: what is far above the ordinary counts as print does.
        let most = 4.0 * ink.iter().sum::<f32>() / ink.len() as f32;
        ink.iter_mut().for_each(|value| *value = value.min(most));
        ink
    }
}

/// Mean ink where print belongs less the mean where none does, as a share of their sum.
fn contrast(ink: &[f32], print: &[Field], blank: &[Field]) -> f32 {
    let sums = Sums::of(ink, SIZE.0, SIZE.1);
    let mean = |fields: &[Field]| {
        let each = fields.iter().map(|&(left, top, right, bottom)| {
            let at = |value: f32| (value / UNIT).round() as usize;
            sums.mean(at(left), at(top), at(right), at(bottom)).sqrt()
        });
        each.sum::<f32>() / fields.len() as f32
    };
    let (print, blank) = (mean(print), mean(blank));
    (print - blank) / (print + blank).max(1e-6)
}

/// Sums over rectangles in no time.
struct Sums {
    sums: Vec<f64>,
    width: usize,
}

impl Sums {
    fn of(values: &[f32], width: usize, height: usize) -> Self {
        let mut sums = vec![0.0; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0.0;
            for x in 0..width {
                row += f64::from(values[y * width + x]);
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
            }
        }
        Self { sums, width: width + 1 }
    }

    fn mean(&self, left: usize, top: usize, right: usize, bottom: usize) -> f32 {
        let at = |x: usize, y: usize| self.sums[y * self.width + x];
        let sum = at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top);
        (sum / ((right - left) * (bottom - top)).max(1) as f64) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::CARD;
    use super::*;

    #[test]
    fn every_place_lies_on_the_card() {
        for (left, top, right, bottom) in FRONT_PRINT.iter().chain(&FRONT_BLANK).chain(&BACK_PRINT).chain(&BACK_BLANK) {
            assert!(0.0 <= *left && left < right && *right <= CARD.0 && 0.0 <= *top && top < bottom && *bottom <= CARD.1);
        }
    }

    #[test]
    fn a_blank_rectangle_is_no_card() {
        let pattern = Pattern::of(&RgbImage::from_pixel(214, 135, image::Rgb([200; 3])));
        let corners = [(0.0, 0.0), (856.0, 0.0), (856.0, 540.0), (0.0, 540.0)].map(|(x, y)| Point::new(x, y));
        let map = Projective::through(corners.map(|p| (p, Point::new(p.x / 4.0, p.y / 4.0)))).unwrap();
        assert_eq!(pattern.look(&map), None);
    }
}
