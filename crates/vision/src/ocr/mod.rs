//! Lines of text in a picture: where they are, and what they say.

mod detect;
mod page;
mod recognise;

use image::RgbImage;

pub(crate) use detect::detect;
pub(crate) use page::{Area, Page, Reader};
pub(crate) use recognise::{Alphabet, Close, read_closely, read_line, read_strip, stands_on_its_head};

use crate::geometry::Slanted;

/// A character as read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) character: char,
    /// How sure the reading is, 0–1.
    pub(crate) sure: f32,
    /// Where along its line it is, 0–1.
    pub(crate) at: f32,
}

/// A line of text.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Where it is in the picture, along the direction of reading.
    pub(crate) place: Slanted,
    /// Where it is on the straightened page.
    pub(crate) area: Area,
    /// How much the line falls to the right on the straightened page: the picture may be taken at an angle.
    pub(crate) slope: f32,
    /// What it says, character by character.
    pub(crate) glyphs: Vec<Glyph>,
}

impl Line {
    pub(crate) fn text(&self) -> String {
        self.glyphs.iter().map(|glyph| glyph.character).collect()
    }
}

/// Height at which lines are recognised.
pub(crate) const LINE_HEIGHT: u32 = 48;
/// Longest line that is recognised at once, in pixels at [`LINE_HEIGHT`]: some 60 characters.
const MAX_LINE_WIDTH: u32 = 2400;

/// The line cut out, upright, at a height.
pub(crate) fn cut(picture: &RgbImage, place: &Slanted, height: u32, longest: u32) -> RgbImage {
    let width = (place.width / place.height.max(1.0) * height as f32).round() as u32;
    let width = width.clamp(8, longest);
    crate::geometry::warp(picture, &place.map(width, height), width, height, crate::geometry::Beyond::Edge)
}

/// The picture as the text models want it: planes of blue, green and red, −1 to 1.
fn planes(picture: &RgbImage) -> Vec<f32> {
    let count = (picture.width() * picture.height()) as usize;
    let mut out = vec![0.0; count * 3];
    let (blue, rest) = out.split_at_mut(count);
    let (green, red) = rest.split_at_mut(count);
    for (index, pixel) in picture.pixels().enumerate() {
        let [r, g, b] = pixel.0.map(|value| f32::from(value) / 127.5 - 1.0);
        (blue[index], green[index], red[index]) = (b, g, r);
    }
    out
}
