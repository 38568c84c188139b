//! How a number looks, as a few bits: the same number in another copy of the picture (saved again, made smaller, its edges cut off) gives nearly the same
//! bits, another number gives others.
//!
//! A hash of the whole screenshot would not do: the pages of two people who paid the same fee differ in a few digits only. So the hash is of the digits that differ,
//! the number's end. They are found by reading, so that it does not matter what was cut off around them, and their own edges are the frame. Difference hash: whether each cell of a grid is
//! darker than the one to its left.

use image::{GrayImage, RgbImage};

use crate::light::luma;

/// Bytes of a print.
pub const PRINT_BYTES: usize = 32;
const COLUMNS: usize = 32;
const ROWS: usize = 8;
/// The part of a number, from its end, that is looked at: about the last ten digits of 28. What stands before them is the same in all numbers of a day.
const TAIL: f32 = 0.375;
/// A cell is darker only from this difference on, as a share of full ink: plain ground is even.
const DARKER: f32 = 0.04;
/// Ink weaker than this, in grey levels, is no text.
const FAINTEST: u8 = 40;

/// How a number looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberPrint([u8; PRINT_BYTES]);

impl NumberPrint {
    /// Two prints at most this far apart show the same number.
    pub const SAME: u32 = 30;
    /// How many bands a print has.
    pub const BANDS: usize = 16;

    /// The print of a number from its lines, cut out upright.
    pub(crate) fn of(lines: &[RgbImage]) -> Option<Self> {
        let inks: Vec<Ink> = lines.iter().map(Ink::of).collect::<Option<_>>()?;
        if inks.is_empty() {
            return None;
        }
        // Lines at one height, one after the other.
        let total: f32 = inks.iter().map(Ink::aspect).sum();
        let mut bits = [0u8; PRINT_BYTES];
        for row in 0..ROWS {
            let mut before = None;
            for column in 0..=COLUMNS {
                let edge = |column: usize| (1.0 - TAIL + TAIL * column as f32 / (COLUMNS + 1) as f32) * total;
                let cell = along(&inks, edge(column), edge(column + 1), row as f32 / ROWS as f32, (row + 1) as f32 / ROWS as f32);
                if let Some(before) = before.replace(cell) {
                    let at = row * COLUMNS + column - 1;
                    bits[at / 8] |= u8::from(cell > before + DARKER) << (at % 8);
                }
            }
        }
        Some(Self(bits))
    }

    /// The bits.
    pub fn bytes(&self) -> &[u8; PRINT_BYTES] {
        &self.0
    }

    /// A print from its bits; `None` where there are not as many.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// In how many bits two prints differ.
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// The print in bands of 16 bits. Prints that differ in fewer bits than there are bands have a band in common, and of those a little further apart nearly all have:
    /// near ones are found by looking up each band.
    pub fn bands(&self) -> [u16; Self::BANDS] {
        std::array::from_fn(|at| u16::from_le_bytes([self.0[2 * at], self.0[2 * at + 1]]))
    }
}

/// The ink of a line, within its own edges.
struct Ink {
    /// Difference from the ground.
    grey: GrayImage,
    left: f32,
    top: f32,
    width: f32,
    height: f32,
    full: f32,
}

impl Ink {
    fn of(line: &RgbImage) -> Option<Self> {
        let mut grey = luma(line);
        let ground = median(&grey);
        for pixel in grey.pixels_mut() {
            pixel[0] = pixel[0].abs_diff(ground);
        }
        let full = grey.as_raw().iter().copied().max()?;
        if full < FAINTEST {
            return None;
        }
        let written = |x: u32, y: u32| grey.get_pixel(x, y)[0] > full / 2;
        let (width, height) = grey.dimensions();
        let columns = |x: &u32| (0..height).any(|y| written(*x, y));
        // A row counts with a handful of strokes: a speck at the edge is none.
        let rows = |y: &u32| (0..width).filter(|x| written(*x, *y)).count() * 25 > width as usize;
        let (left, right) = ((0..width).find(columns)?, (0..width).rev().find(columns)?);
        let (top, bottom) = ((0..height).find(rows)?, (0..height).rev().find(rows)?);
        let (wide, high) = ((right - left + 1) as f32, (bottom - top + 1) as f32);
        Some(Self { grey, left: left as f32, top: top as f32, width: wide, height: high, full: f32::from(full) })
    }

    fn aspect(&self) -> f32 {
        self.width / self.height
    }

    /// Mean ink of a part: across in heights, down in shares; every pixel counts with the share of it that lies inside.
    fn mean(&self, from: f32, to: f32, above: f32, below: f32) -> f32 {
        let (left, right) = (self.left + from * self.height, self.left + to * self.height);
        let (top, bottom) = (self.top + above * self.height, self.top + below * self.height);
        let (mut sum, mut area) = (0.0, 0.0);
        for y in top as u32..(bottom.ceil() as u32).min(self.grey.height()) {
            let down = (bottom.min(y as f32 + 1.0) - top.max(y as f32)).max(0.0);
            for x in left as u32..(right.ceil() as u32).min(self.grey.width()) {
                let share = down * (right.min(x as f32 + 1.0) - left.max(x as f32)).max(0.0);
                sum += share * f32::from(self.grey.get_pixel(x, y)[0]);
                area += share;
            }
        }
        if area > 0.0 { sum / area / self.full } else { 0.0 }
    }
}

/// Mean ink of a part of several lines that stand one after the other.
fn along(inks: &[Ink], from: f32, to: f32, above: f32, below: f32) -> f32 {
    let mut start = 0.0;
    let (mut sum, mut length) = (0.0, 0.0);
    for ink in inks {
        let (a, b) = ((from - start).max(0.0), (to - start).min(ink.aspect()));
        if b > a {
            sum += ink.mean(a, b, above, below) * (b - a);
            length += b - a;
        }
        start += ink.aspect();
    }
    if length > 0.0 { sum / length } else { 0.0 }
}

fn median(grey: &GrayImage) -> u8 {
    let mut counts = [0usize; 256];
    for level in grey.as_raw() {
        counts[usize::from(*level)] += 1;
    }
    let mut passed = 0;
    let half = grey.as_raw().len() / 2;
    (0..=255u8)
        .find(|level| {
            passed += counts[usize::from(*level)];
            passed > half
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars whose places follow from the text, as digits' strokes would.
    fn strip(text: &str, unit: u32, margin: u32) -> RgbImage {
        let height = 12 * unit + 2 * margin;
        RgbImage::from_fn(text.len() as u32 * 8 * unit + 2 * margin, height, |x, y| {
            let inside = x >= margin && y >= margin && y < height - margin;
            let (column, row) = (x.saturating_sub(margin) / unit, y.saturating_sub(margin) / unit);
            let digit = text.as_bytes().get(column as usize / 8).map_or(0, |byte| u32::from(byte - b'0'));
            let stroke = column % 8 < 6 && (digit * 7 + column % 8 * 3 + row / 4 * 5) % 11 < 5;
            image::Rgb([if inside && stroke && column < text.len() as u32 * 8 { 20 } else { 240 }; 3])
        })
    }

    #[test]
    fn a_larger_copy_with_other_margins_has_nearly_the_same_print() {
        let number = "4200002901202606251234567890";
        let one = NumberPrint::of(&[strip(number, 3, 6)]).unwrap();
        let two = NumberPrint::of(&[strip(number, 4, 3)]).unwrap();
        assert!(one.distance(&two) <= 12, "{}", one.distance(&two));
        assert!(one.bands().iter().zip(two.bands()).any(|(a, b)| *a == b));
        let other = NumberPrint::of(&[strip("4200002901202606259876543210", 3, 6)]).unwrap();
        assert!(one.distance(&other) > NumberPrint::SAME, "{}", one.distance(&other));
    }

    #[test]
    fn a_dark_page_gives_the_print_of_a_light_one_and_nothing_gives_none() {
        let light = strip("12345678901234567890", 3, 6);
        let mut dark = light.clone();
        image::imageops::invert(&mut dark);
        assert_eq!(NumberPrint::of(&[light]), NumberPrint::of(&[dark]));
        assert_eq!(NumberPrint::of(&[]), None);
        assert_eq!(NumberPrint::of(&[RgbImage::from_pixel(90, 48, image::Rgb([200; 3]))]), None);
        assert_eq!(NumberPrint::of(&[RgbImage::new(0, 0)]), None);
    }

    #[test]
    fn bits_come_back() {
        let print = NumberPrint::of(&[strip("98765432109876543210", 3, 6)]).unwrap();
        assert_eq!(NumberPrint::from_bytes(print.bytes()), Some(print));
        assert_eq!(NumberPrint::from_bytes(&[0; 31]), None);
    }
}
