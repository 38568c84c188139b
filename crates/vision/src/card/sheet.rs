//! A card at its place in the picture: lines cut out of it by where they are on the card.

use image::{Rgb, RgbImage};

use super::layout::{CARD, Field};
use crate::geometry::{Beyond, Point, resample};
use crate::projective::Projective;

/// Tenths of a millimetre between two samples of print.
const SAMPLE: f32 = 2.0;
/// Share of the darkest print's contrast from which a sample counts as print.
const PRINT_FROM: f32 = 0.4;
/// Contrast of print, in grey levels, below which there is none.
const FAINTEST: f32 = 12.0;

/// Samples along a level stroke at least.
const LEVEL: usize = 5;

/// A card whose place is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sheet<'a> {
    pub(super) picture: &'a RgbImage,
    /// From the card, in tenths of a millimetre, to the picture.
    pub(super) map: Projective,
}

/// A line of print on the card, in tenths of a millimetre: it may rise or fall a little.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Strip {
    pub(super) left: f32,
    pub(super) right: f32,
    /// Its middle at the left and at the right end.
    pub(super) middle: (f32, f32),
    pub(super) height: f32,
}

impl Strip {
    pub(super) fn of((left, top, right, bottom): Field) -> Self {
        let middle = f32::midpoint(top, bottom);
        Self { left, right, middle: (middle, middle), height: bottom - top }
    }

    /// The point at shares of its width and height.
    fn at(&self, across: f32, down: f32) -> Point {
        let middle = self.middle.0 + across * (self.middle.1 - self.middle.0);
        Point::new(self.left + across * (self.right - self.left), middle + (down - 0.5) * self.height)
    }
}

/// Samples of a part of the card: how much darker each is than the ground around it, in grey levels.
pub(super) struct Print {
    pub(super) width: usize,
    height: usize,
    ink: Vec<f32>,
    /// Contrast of the darkest print.
    contrast: f32,
}

impl<'a> Sheet<'a> {
    /// A strip cut out, `height` pixels high; `stretch` is how much wider than natural it becomes.
    pub(super) fn cut(&self, strip: &Strip, height: u32, stretch: f32) -> RgbImage {
        let width = ((strip.right - strip.left) / strip.height.max(1.0) * height as f32 * stretch).round().clamp(8.0, 2400.0) as u32;
        let (across, down) = (1.0 / width as f32, 1.0 / height as f32);
        let unit = strip.height * down;
        let middle = strip.at(0.5, 0.5);
        let step = self.map.step_at(middle) * unit;
        resample(self.picture, |p| self.map.apply(strip.at(p.x * across, p.y * down)), step, width, height, Beyond::Edge)
    }

    /// The whole card at a size, every pixel the mean of nine of the picture's: for measuring, not for reading.
    pub(super) fn whole(&self, width: u32, height: u32) -> RgbImage {
        let (across, down) = (CARD.0 / width as f32, CARD.1 / height as f32);
        let (right, bottom) = (self.picture.width().saturating_sub(1) as f32, self.picture.height().saturating_sub(1) as f32);
        RgbImage::from_fn(width, height, |x, y| {
            let mut sum = [0u32; 3];
            for part in 0..9u8 {
                let (column, row) = (f32::from(part % 3) * 2.0 + 1.0, f32::from(part / 3) * 2.0 + 1.0);
                let p = self.map.apply(Point::new((x as f32 + column / 6.0) * across, (y as f32 + row / 6.0) * down));
                let pixel = self.picture.get_pixel(p.x.clamp(0.0, right) as u32, p.y.clamp(0.0, bottom) as u32);
                sum.iter_mut().zip(pixel.0).for_each(|(sum, value)| *sum += u32::from(value));
            }
            Rgb(sum.map(|sum| (sum / 9) as u8))
        })
    }

    /// Pixels of the picture to a tenth of a millimetre, in the middle of the card.
    pub(super) fn scale(&self) -> f32 {
        self.map.step_at(Point::new(CARD.0 / 2.0, CARD.1 / 2.0))
    }

    /// Samples the print within a field.
    pub(super) fn print(&self, (left, top, right, bottom): Field) -> Print {
        let (width, height) = (((right - left) / SAMPLE) as usize, ((bottom - top) / SAMPLE) as usize);
        let mut grey = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let p = self.map.apply(Point::new(left + (x as f32 + 0.5) * SAMPLE, top + (y as f32 + 0.5) * SAMPLE));
                grey.push(brightness(self.picture, p));
            }
        }
        Print::of(grey, width, height)
    }

    /// How far the card reaches beyond the picture, as a share of its width.
    pub(super) fn beyond(&self) -> f32 {
        let (width, height) = (self.picture.width() as f32, self.picture.height() as f32);
        let corners = [(0.0, 0.0), (CARD.0, 0.0), CARD, (0.0, CARD.1)].map(|(x, y)| self.map.apply(Point::new(x, y)));
        let out = corners.iter().map(|p| (-p.x).max(-p.y).max(p.x - width).max(p.y - height)).fold(0.0, f32::max);
        out / corners[0].distance(corners[1]).max(1.0)
    }
}

/// Luma between the four pixels around a point.
fn brightness(picture: &RgbImage, p: Point) -> f32 {
    let (right, bottom) = (picture.width().saturating_sub(1), picture.height().saturating_sub(1));
    let (x, y) = ((p.x - 0.5).clamp(0.0, right as f32), (p.y - 0.5).clamp(0.0, bottom as f32));
    let (left, top) = (x as u32, y as u32);
    let at = |dx: u32, dy: u32| {
        let [r, g, b] = picture.get_pixel((left + dx).min(right), (top + dy).min(bottom)).0.map(f32::from);
        0.299 * r + 0.587 * g + 0.114 * b
    };
    let (fx, fy) = (x - left as f32, y - top as f32);
    let upper = at(0, 0) + fx * (at(1, 0) - at(0, 0));
    let lower = at(0, 1) + fx * (at(1, 1) - at(0, 1));
    upper + fy * (lower - upper)
}

impl Print {
    fn of(grey: Vec<f32>, width: usize, height: usize) -> Self {
        // The ground of a column: print takes less than a quarter of the brightest part of it and its neighbours.
        let columns: Vec<f32> = (0..width).map(|x| share_of((0..height).map(|y| grey[y * width + x]).collect(), 0.75)).collect();
        let around = |x: usize| columns[x.saturating_sub(8)..(x + 9).min(width)].to_vec();
        let grounds: Vec<f32> = (0..width).map(|x| share_of(around(x), 0.6)).collect();
        let ink: Vec<f32> = grey.iter().enumerate().map(|(at, value)| (grounds[at % width.max(1)] - value).max(0.0)).collect();
        let contrast = share_of(ink.clone(), 0.985);
        Self { width, height, contrast, ink }
    }

    fn is_print(&self, x: usize, y: usize) -> bool {
        self.contrast >= FAINTEST && self.ink[y * self.width + x] >= PRINT_FROM * self.contrast
    }

    /// Where print begins and ends across, in samples, ending before a gap of `gap` samples.
    pub(super) fn columns(&self, gap: usize) -> Option<(usize, usize)> {
        let counts: Vec<usize> = (0..self.width).map(|x| (0..self.height).filter(|y| self.is_print(x, *y)).count()).collect();
        // A level stroke, as of 一, may be one sample thin, but it is long.
        let long = |x: usize| {
            (x.saturating_sub(LEVEL)..=x).any(|from| counts[from..].iter().take(LEVEL + 1).filter(|count| **count > 0).count() > LEVEL)
        };
        let printed = |x: usize| counts[x] >= 2 || counts[x] == 1 && long(x);
        let first = (0..self.width).find(|x| printed(*x))?;
        let mut last = first;
        for x in first..self.width {
            if printed(x) {
                last = x;
            } else if x - last > gap {
                break;
            }
        }
        Some((first, last + 1))
    }

    /// How many samples of print each row has, between two columns.
    pub(super) fn rows(&self, from: usize, to: usize) -> Vec<usize> {
        (0..self.height).map(|y| (from..to).filter(|x| self.is_print(*x, y)).count()).collect()
    }

    /// How many columns have print that is farther than `reach` from every one of the `centres`, in samples.
    pub(super) fn unread(&self, centres: &[f32], reach: f32) -> usize {
        let is_far = |x: usize| centres.iter().all(|centre| (x as f32 + 0.5 - centre).abs() > reach);
        (0..self.width).filter(|x| is_far(*x) && (0..self.height).filter(|y| self.is_print(*x, *y)).count() >= 3).count()
    }

    /// The middle of the print between two columns, in samples from the top.
    pub(super) fn middle(&self, from: usize, to: usize) -> Option<f32> {
        let rows = self.rows(from, to);
        let most = *rows.iter().max()?;
        let first = rows.iter().position(|count| *count * 5 >= most.max(1))?;
        let last = rows.iter().rposition(|count| *count * 5 >= most.max(1))?;
        (most >= 2).then(|| (first + last + 1) as f32 / 2.0)
    }
}

/// A field's samples as places on the card.
pub(super) fn on_card(start: f32, samples: f32) -> f32 {
    start + samples * SAMPLE
}

/// How many samples make a length on the card.
pub(super) fn samples(length: f32) -> usize {
    (length / SAMPLE) as usize
}

/// The value below which a share of all lies; 0 where there is none.
fn share_of(mut values: Vec<f32>, share: f32) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let at = ((values.len() - 1) as f32 * share) as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}
