//! A face as 128 numbers (SFace, Zhong et al. 2021): cut out upright at a fixed place, then the model.

use image::RgbImage;

use super::Embedding;
use super::detect::Face;
use crate::engine::Engine;
use crate::geometry::{Affine, Beyond, Point, warp};

/// Side of the cut-out in pixels.
pub(crate) const SIDE: u32 = 112;
/// Where the five points of a face lie in the cut-out the model was trained on; pixel centres at whole numbers.
const TEMPLATE: [(f32, f32); 5] =
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)];

/// The face, upright, with its points where the model expects them.
pub(crate) fn align(picture: &RgbImage, face: &Face) -> RgbImage {
    warp(picture, &placement(&face.points), SIDE, SIDE, Beyond::Black)
}

/// The map from the cut-out to the picture: the similarity that brings the points nearest to the template, inverted. As
/// complex numbers a similarity is one factor and one shift.
fn placement(points: &[Point; 5]) -> Affine {
    let mean = |pick: &dyn Fn(usize) -> f32| (0..5).map(pick).sum::<f32>() / 5.0;
    let (px, py) = (mean(&|i| points[i].x), mean(&|i| points[i].y));
    let (tx, ty) = (mean(&|i| TEMPLATE[i].0), mean(&|i| TEMPLATE[i].1));
    let (mut re, mut im, mut spread) = (0.0, 0.0, 0.0);
    for (p, t) in points.iter().zip(TEMPLATE) {
        let (x, y, u, v) = (p.x - px, p.y - py, t.0 - tx, t.1 - ty);
        re += x * u + y * v;
        im += x * v - y * u;
        spread += x * x + y * y;
    }
    // factor = (re + i·im) / spread; its inverse is spread · (re − i·im) / |…|².
    let size = (re * re + im * im).max(f32::MIN_POSITIVE);
    let (a, b) = (spread * re / size, -spread * im / size);
    // Both lattices have their pixel centres at whole numbers here, and at halves in `warp`.
    let (cx, cy) = (tx + 0.5, ty + 0.5);
    Affine { a, b: -b, c: px + 0.5 - a * cx + b * cy, d: b, e: a, f: py + 0.5 - b * cx - a * cy }
}

/// The embedding of an aligned face.
pub(crate) fn embed(engine: &dyn Engine, aligned: &RgbImage) -> Result<Embedding, String> {
    let count = (SIDE * SIDE) as usize;
    let mut data = vec![0.0; count * 3];
    for (index, pixel) in aligned.pixels().enumerate().take(count) {
        for (channel, value) in pixel.0.into_iter().enumerate() {
            data[channel * count + index] = f32::from(value);
        }
    }
    let outputs = engine.run([1, 3, SIDE as usize, SIDE as usize], data)?;
    let numbers = outputs.into_iter().next().ok_or("the embedder gave nothing")?.data;
    let length = numbers.iter().map(|v| v * v).sum::<f32>().sqrt();
    if !length.is_normal() {
        return Err("the embedder gave no direction".to_owned());
    }
    Ok(Embedding(numbers.into_iter().map(|v| v / length).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_that_is_the_template_turned_and_enlarged_is_brought_back() {
        let (sin, cos) = 0.3f32.sin_cos();
        let points = TEMPLATE.map(|(x, y)| Point::new(2.0 * (x * cos - y * sin) + 40.0, 2.0 * (x * sin + y * cos) - 10.0));
        let map = placement(&points);
        for (p, (x, y)) in points.iter().zip(TEMPLATE) {
            let found = map.apply(Point::new(x + 0.5, y + 0.5));
            assert!(found.distance(Point::new(p.x + 0.5, p.y + 0.5)) < 1e-2, "{found:?} {p:?}");
        }
    }
}
