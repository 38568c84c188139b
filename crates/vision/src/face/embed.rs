//! A face as 128 numbers (SFace, Zhong et al. 2021): cut out upright at a fixed place, then the model.

use image::RgbImage;

use super::Embedding;
use super::detect::Face;
use crate::engine::Engine;
use crate::geometry::{Affine, Beyond, Point, similarity, warp};

/// Side of the cut-out in pixels.
pub(crate) const SIDE: u32 = 112;
/// Where the five points of a face lie in the cut-out the model was trained on; pixel centres at whole numbers.
const TEMPLATE: [(f32, f32); 5] = [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)];

/// The face, upright, with its points where the model expects them.
pub(crate) fn align(picture: &RgbImage, face: &Face) -> RgbImage {
    match placement(&face.points) {
        Some(map) => warp(picture, &map, SIDE, SIDE, Beyond::Black),
        None => RgbImage::new(SIDE, SIDE),
    }
}

/// The map from the cut-out to the picture: the similarity that brings the points nearest to the template, inverted.
fn placement(points: &[Point; 5]) -> Option<Affine> {
    // Both lattices have their pixel centres at whole numbers here, and at halves in `warp`.
    let pair = |i: usize| {
        let (p, t) = (points[i], TEMPLATE[i]);
        (Point::new(p.x + 0.5, p.y + 0.5), Point::new(t.0 + 0.5, t.1 + 0.5))
    };
    let Affine { a, d, c, f, .. } = similarity(&[0, 1, 2, 3, 4].map(pair))?;
    let size = a * a + d * d;
    let (re, im) = (a / size, -d / size);
    size.is_normal().then_some(Affine { a: re, b: -im, c: im * f - re * c, d: im, e: re, f: -im * c - re * f })
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
        let map = placement(&points).unwrap();
        for (p, (x, y)) in points.iter().zip(TEMPLATE) {
            let found = map.apply(Point::new(x + 0.5, y + 0.5));
            assert!(found.distance(Point::new(p.x + 0.5, p.y + 0.5)) < 1e-2, "{found:?} {p:?}");
        }
    }
}
