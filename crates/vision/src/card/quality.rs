//! What is wrong with the picture of a card: measured on the card, not on the table around it.

use image::RgbImage;

use super::CardProblem;
use crate::light::{luma, mean, sharpness};

/// Mean luma of the card, 0–255, below which it is dark.
const DARK_BELOW: f32 = 60.0;
/// Luma from which a pixel is washed out.
const WASHED_OUT: u8 = 250;
/// Share of the card that may be washed out.
const GLARE_FROM: f32 = 0.05;
/// Sharpness of lines (see [`line_sharpness`]) below which blur explains what was not read. Sharp cards have 1.3 to 2.5,
/// and at 0.09 everything is still read.
const BLURRED_BELOW: f32 = 0.12;
/// Sharpness of lines below which what was read is not to be relied on: look-alikes begin to replace each other.
const SMEARED_BELOW: f32 = 0.065;
/// Height of the name's line, in pixels, below which its strokes cannot be told apart.
const SMALL_BELOW: f32 = 18.0;
/// Mean difference between the colour channels, relative to the brightness, below which a card is a photocopy. The
/// pattern of a card is pink and blue.
const COLOURLESS_BELOW: f32 = 0.012;
/// Size at which the card is measured.
pub(super) const MEASURED: (u32, u32) = (214, 135);
/// Height at which the sharpness of a line is measured.
pub(super) const LINE: u32 = 32;

/// What was measured on a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quality {
    /// Mean luma, 0–255.
    pub(super) light: f32,
    /// Share of pixels that are washed out.
    pub(super) washed_out: f32,
    /// Spread of the colour differences relative to the brightness.
    pub(super) colour: f32,
    /// Sharpness of the lines.
    pub(super) sharpness: f32,
    /// Height of a line, in pixels.
    pub(super) line_height: f32,
}

impl Quality {
    /// Measures a card of [`MEASURED`] pixels, and its sharpness on its lines, each [`LINE`] pixels high. `line_height` is
    /// what a line has in the picture, in pixels.
    pub(super) fn measure(card: &RgbImage, lines: &[RgbImage], line_height: f32) -> Self {
        let grey = luma(card);
        let washed = grey.as_raw().iter().filter(|value| **value >= WASHED_OUT).count();
        Self {
            light: mean(&grey),
            washed_out: washed as f32 / grey.as_raw().len().max(1) as f32,
            colour: colour_spread(card) / mean(&grey).max(1.0),
            sharpness: line_sharpness(lines),
            line_height,
        }
    }

    /// What explains that something could not be read; empty where nothing does.
    pub(super) fn reasons(&self) -> Vec<CardProblem> {
        let mut out = Vec::new();
        if self.line_height < SMALL_BELOW {
            out.push(CardProblem::TooSmall);
        }
        if self.light < DARK_BELOW {
            out.push(CardProblem::Dark);
        }
        if self.sharpness < BLURRED_BELOW {
            out.push(CardProblem::Blurred);
        }
        if self.washed_out > GLARE_FROM {
            out.push(CardProblem::Glare);
        }
        out
    }

    /// Whether it is so blurred that names are misread.
    pub(super) fn is_smeared(&self) -> bool {
        self.sharpness < SMEARED_BELOW
    }

    /// Whether the card has no colour.
    pub(super) fn is_colourless(&self) -> bool {
        self.colour < COLOURLESS_BELOW
    }
}

/// Standard deviation of red minus green and of blue minus green, together: a cast of the light leaves it as it is.
fn colour_spread(picture: &RgbImage) -> f32 {
    let count = (picture.width() * picture.height()).max(1) as f32;
    let spread = |channel: usize| {
        let values = picture.pixels().map(|p| f32::from(p[channel]) - f32::from(p[1]));
        let (sum, squares) = values.fold((0.0, 0.0), |(sum, squares), v| (sum + v, squares + v * v));
        (squares / count - (sum / count).powi(2)).max(0.0)
    };
    (spread(0) + spread(2)).sqrt()
}

/// Whether lines that say nothing are too blurred to say anything.
pub(super) fn are_smeared(lines: &[RgbImage]) -> bool {
    !lines.is_empty() && line_sharpness(lines) < BLURRED_BELOW
}

/// Median over lines of the Laplacian's variance divided by the brightness's variance, at one common height: how much of a
/// line's contrast lies in its finest detail.
fn line_sharpness(lines: &[RgbImage]) -> f32 {
    let mut values: Vec<f32> = lines
        .iter()
        .map(|line| {
            let grey = luma(line);
            let middle = mean(&grey);
            let variance = grey.as_raw().iter().map(|v| (f32::from(*v) - middle).powi(2)).sum::<f32>();
            sharpness(&grey) / (variance / grey.as_raw().len().max(1) as f32).max(1.0)
        })
        .collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
