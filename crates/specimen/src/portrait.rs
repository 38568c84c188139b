//! The portrait on a card: a given photograph cut to the card's shape, or a neutral silhouette.

use image::RgbImage;
use image::imageops::{self, FilterType};
use tiny_skia::{Path, PathBuilder, Rect};

use crate::canvas::{Canvas, Rgb};

const GROUND: Rgb = [236, 240, 243];
const SHAPE: Rgb = [168, 180, 190];

/// Cuts the photograph to the shape, keeping its middle and rather its top than its bottom, and scales it.
pub(crate) fn fitted(photo: &RgbImage, width: u32, height: u32) -> RgbImage {
    if photo.width() == 0 || photo.height() == 0 {
        return silhouette(width, height);
    }
    let (have, want) = (f64::from(photo.width()) / f64::from(photo.height()), f64::from(width) / f64::from(height));
    let (wide, high) = if have > want {
        (((f64::from(photo.height()) * want) as u32).max(1), photo.height())
    } else {
        (photo.width(), ((f64::from(photo.width()) / want) as u32).max(1))
    };
    let (left, top) = ((photo.width() - wide.min(photo.width())) / 2, (photo.height() - high.min(photo.height())) / 4);
    let cut = imageops::crop_imm(photo, left, top, wide, high).to_image();
    imageops::resize(&cut, width, height, FilterType::CatmullRom)
}

/// Head and shoulders of nobody.
pub(crate) fn silhouette(width: u32, height: u32) -> RgbImage {
    let unit = width as f32 / 260.0;
    let mut canvas = Canvas::new(260.0, height as f32 / unit, unit, GROUND);
    if let Some(head) = Rect::from_xywh(78.0, 58.0, 104.0, 132.0).and_then(PathBuilder::from_oval) {
        canvas.fill(&head, SHAPE, 255);
    }
    if let Some(body) = shoulders() {
        canvas.fill(&body, SHAPE, 255);
    }
    canvas.finish()
}

fn shoulders() -> Option<Path> {
    let mut builder = PathBuilder::new();
    builder.move_to(108.0, 172.0);
    builder.line_to(152.0, 172.0);
    builder.line_to(154.0, 206.0);
    builder.cubic_to(210.0, 220.0, 240.0, 238.0, 246.0, 330.0);
    builder.line_to(14.0, 330.0);
    builder.cubic_to(20.0, 238.0, 50.0, 220.0, 106.0, 206.0);
    builder.close();
    builder.finish()
}
