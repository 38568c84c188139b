//! Where lines of text are: the detector's map of text, cut into slanted rectangles ("differentiable binarisation",
//! Liao et al. 2020; the constants are those of the model's makers).

use image::RgbImage;
use image::imageops::{FilterType, resize};

use super::planes;
use crate::engine::{Engine, Tensor};
use crate::geometry::{Slanted, smallest_rectangle};

/// Share above which a pixel counts as text.
const TEXT_AT: f32 = 0.3;
/// Mean share of a rectangle below which it is no line.
const BOX_AT: f32 = 0.5;
/// How far a rectangle grows: the model marks only the core of a line.
const GROW: f32 = 1.6;
/// Smallest side of a core, in pixels of the detector's picture.
const MIN_CORE: f32 = 3.0;
/// Smallest side of a grown rectangle, in pixels of the detector's picture.
const MIN_SIDE: f32 = 5.0;
/// No picture that we read has more lines.
const MAX_LINES: usize = 200;

/// Finds lines with the picture's longer side at most `longest` pixels.
pub(crate) fn detect(engine: &dyn Engine, picture: &RgbImage, longest: u32) -> Result<Vec<Slanted>, String> {
    let (width, height) = picture.dimensions();
    let factor = (longest as f32 / width.max(height) as f32).min(1.0);
    let to = |side: u32| ((side as f32 * factor / 32.0).round() as u32 * 32).max(32);
    let (to_width, to_height) = (to(width), to(height));
    let small = if factor < 0.5 {
        // A box average first keeps thin strokes and costs little; the rest is a small step.
        let half = image::imageops::thumbnail(picture, (to_width * 3).div_ceil(2), (to_height * 3).div_ceil(2));
        resize(&half, to_width, to_height, FilterType::Triangle)
    } else {
        resize(picture, to_width, to_height, FilterType::Triangle)
    };
    let outputs = engine.run([1, 3, to_height as usize, to_width as usize], planes(&small))?;
    let map = outputs.into_iter().next().ok_or("the detector gave nothing")?;
    if map.data.len() != (to_width * to_height) as usize {
        return Err(format!("the detector gave a map of shape {:?}", map.shape));
    }
    let scale = (width as f32 / to_width as f32, height as f32 / to_height as f32);
    let boxes = rectangles(&map, to_width as usize, to_height as usize);
    Ok(boxes.into_iter().map(|r| stretched(&r, scale)).collect())
}

/// A rectangle of the detector's picture in the original, whose sides were rounded by slightly different factors.
fn stretched(r: &Slanted, scale: (f32, f32)) -> Slanted {
    let (sin, cos) = r.angle.sin_cos();
    let (along, across) = ((scale.0 * cos).hypot(scale.1 * sin), (scale.0 * sin).hypot(scale.1 * cos));
    Slanted {
        centre: crate::geometry::Point::new(r.centre.x * scale.0, r.centre.y * scale.1),
        width: r.width * along,
        height: r.height * across,
        angle: (scale.1 * sin).atan2(scale.0 * cos),
    }
}

fn rectangles(map: &Tensor, width: usize, height: usize) -> Vec<Slanted> {
    let text = dilated(&map.data, width, height);
    let mut seen = vec![false; text.len()];
    let mut out = Vec::new();
    let mut stack = Vec::new();
    for start in 0..text.len() {
        if !text[start] || seen[start] || out.len() >= MAX_LINES {
            continue;
        }
        seen[start] = true;
        stack.push(start);
        let mut outline: Vec<(i32, i32)> = Vec::new();
        while let Some(at) = stack.pop() {
            let (x, y) = (at % width, at / width);
            let mut inside = true;
            for ny in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                    let next = ny * width + nx;
                    if !text[next] {
                        inside = false;
                    } else if !seen[next] {
                        seen[next] = true;
                        stack.push(next);
                    }
                }
            }
            if !inside || x == 0 || y == 0 || x + 1 == width || y + 1 == height {
                outline.push((x as i32, y as i32));
            }
        }
        let Some(core) = smallest_rectangle(&mut outline) else { continue };
        if core.width.min(core.height) < MIN_CORE || mean(&map.data, width, height, &core) < BOX_AT {
            continue;
        }
        let grow = core.width * core.height * GROW / (core.width + core.height);
        let grown = Slanted { width: core.width + grow, height: core.height + grow, ..core };
        if grown.width.min(grown.height) >= MIN_SIDE {
            out.push(grown);
        }
    }
    out
}

/// Text pixels, each also marking its right, lower and lower right neighbour.
fn dilated(map: &[f32], width: usize, height: usize) -> Vec<bool> {
    let mut out = vec![false; map.len()];
    for y in 0..height {
        for x in 0..width {
            if map[y * width + x] > TEXT_AT {
                for ny in y..=(y + 1).min(height - 1) {
                    for nx in x..=(x + 1).min(width - 1) {
                        out[ny * width + nx] = true;
                    }
                }
            }
        }
    }
    out
}

/// Mean of the map over a rectangle.
fn mean(map: &[f32], width: usize, height: usize, r: &Slanted) -> f32 {
    let corners = r.corners();
    let bound = |pick: fn(&crate::geometry::Point) -> f32, limit: usize| {
        let low = corners.iter().map(pick).fold(f32::MAX, f32::min).floor().max(0.0) as usize;
        let high = corners.iter().map(pick).fold(f32::MIN, f32::max).ceil().max(0.0) as usize;
        (low.min(limit - 1), high.min(limit - 1))
    };
    let ((left, right), (top, bottom)) = (bound(|p| p.x, width), bound(|p| p.y, height));
    let (sin, cos) = r.angle.sin_cos();
    let (mut sum, mut count) = (0.0, 0u32);
    for y in top..=bottom {
        for x in left..=right {
            let (dx, dy) = (x as f32 - r.centre.x, y as f32 - r.centre.y);
            if (dx * cos + dy * sin).abs() <= r.width / 2.0 && (dy * cos - dx * sin).abs() <= r.height / 2.0 {
                sum += map[y * width + x];
                count += 1;
            }
        }
    }
    if count == 0 { 0.0 } else { sum / count as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_becomes_one_grown_rectangle() {
        let (width, height) = (96, 64);
        let data = (0..width * height)
            .map(|i| if (20..60).contains(&(i % width)) && (30..36).contains(&(i / width)) { 0.9 } else { 0.0 })
            .collect();
        let found = rectangles(&Tensor { shape: vec![1, 1, height, width], data }, width, height);
        assert_eq!(found.len(), 1);
        // 40×6, one more each way by the dilation and one less for lying between pixel centres, then grown.
        let grow = 40.0 * 6.0 * GROW / 46.0;
        assert!((found[0].width - 40.0 - grow).abs() < 0.1, "{found:?}");
        assert!((found[0].height - 6.0 - grow).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn weak_and_tiny_marks_are_no_lines() {
        let (width, height) = (64, 64);
        let weak = (0..width * height)
            .map(|i| if (20..50).contains(&(i % width)) && (20..30).contains(&(i / width)) { 0.4 } else { 0.0 })
            .collect();
        assert!(rectangles(&Tensor { shape: vec![], data: weak }, width, height).is_empty());
        let mut tiny = vec![0.0; width * height];
        tiny[100] = 1.0;
        assert!(rectangles(&Tensor { shape: vec![], data: tiny }, width, height).is_empty());
    }
}
