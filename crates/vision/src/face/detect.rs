//! Finding faces and five points on each (YuNet, Wu et al. 2023).

use image::RgbImage;
use image::imageops::{FilterType, resize};

use super::{FaceBox, FaceSettings};
use crate::engine::{Engine, Tensor};
use crate::geometry::Point;

/// Score below which nothing counts as a face.
const FACE_AT: f32 = 0.6;
/// Overlap (intersection over union) from which two boxes are one face.
const SAME_BOX: f32 = 0.3;
/// The cell sizes of the model's three outputs.
const STRIDES: [usize; 3] = [8, 16, 32];
/// A second face counts when it is at least this large beside the largest: passers-by far behind do not.
const COUNTS_FROM: f32 = 0.35;

/// A face in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Face {
    pub(crate) bounds: FaceBox,
    /// The person's right eye, left eye, nose, right and left corner of the mouth.
    pub(crate) points: [Point; 5],
    pub(crate) score: f32,
}

/// Finds the faces of a picture, the largest first, with its longer side scaled to `longest` pixels; a smaller picture is
/// enlarged at most three times.
pub(crate) fn find(engine: &dyn Engine, picture: &RgbImage, longest: u32) -> Result<Vec<Face>, String> {
    let (width, height) = picture.dimensions();
    let factor = (longest as f32 / width.max(height) as f32).min(3.0);
    let to = |side: u32| ((side as f32 * factor).round() as u32).max(1);
    let (small_width, small_height) = (to(width), to(height));
    let small = if factor < 0.5 {
        image::imageops::thumbnail(picture, small_width, small_height)
    } else if small_width == width && small_height == height {
        picture.clone()
    } else {
        resize(picture, small_width, small_height, FilterType::Triangle)
    };
    let (columns, rows) = (small_width.next_multiple_of(32) as usize, small_height.next_multiple_of(32) as usize);
    let outputs = engine.run([1, 3, rows, columns], planes(&small, columns, rows))?;
    let mut found = decode(&outputs, columns, rows)?;
    for face in &mut found {
        let b = &mut face.bounds;
        (b.x, b.y, b.width, b.height) = (b.x / factor, b.y / factor, b.width / factor, b.height / factor);
        face.points = face.points.map(|p| Point::new(p.x / factor, p.y / factor));
    }
    found.sort_by(|a, b| (b.bounds.width * b.bounds.height).total_cmp(&(a.bounds.width * a.bounds.height)));
    Ok(found)
}

/// How many of the faces count beside the largest, itself included.
pub(crate) fn counted(faces: &[Face]) -> usize {
    let largest = faces.first().map_or(0.0, |face| face.bounds.width);
    faces.iter().filter(|face| face.bounds.width >= COUNTS_FROM * largest).count()
}

/// Blue, green and red as they are, 0–255, with zeros to the right and below.
fn planes(picture: &RgbImage, columns: usize, rows: usize) -> Vec<f32> {
    let mut out = vec![0.0; columns * rows * 3];
    for (x, y, pixel) in picture.enumerate_pixels() {
        let at = y as usize * columns + x as usize;
        for (plane, channel) in [2, 1, 0].into_iter().enumerate() {
            out[plane * columns * rows + at] = f32::from(pixel[channel]);
        }
    }
    out
}

fn decode(outputs: &[Tensor], columns: usize, rows: usize) -> Result<Vec<Face>, String> {
    let mut found = Vec::new();
    for (index, stride) in STRIDES.into_iter().enumerate() {
        let (wide, high) = (columns / stride, rows / stride);
        let part = |group: usize, values: usize| match outputs.get(group * 3 + index) {
            Some(tensor) if tensor.data.len() == wide * high * values => Ok(&tensor.data),
            other => Err(format!("the face detector gave {:?} for {wide}×{high} cells", other.map(|t| &t.shape))),
        };
        let (class, object, bounds, points) = (part(0, 1)?, part(1, 1)?, part(2, 4)?, part(3, 10)?);
        for cell in 0..wide * high {
            let score = (class[cell].clamp(0.0, 1.0) * object[cell].clamp(0.0, 1.0)).sqrt();
            if score < FACE_AT {
                continue;
            }
            let (column, row, step) = ((cell % wide) as f32, (cell / wide) as f32, stride as f32);
            let b = &bounds[cell * 4..cell * 4 + 4];
            let (x, y) = ((column + b[0]) * step, (row + b[1]) * step);
            let (width, height) = (b[2].exp() * step, b[3].exp() * step);
            let p = &points[cell * 10..cell * 10 + 10];
            found.push(Face {
                bounds: FaceBox { x: x - width / 2.0, y: y - height / 2.0, width, height },
                points: [0, 2, 4, 6, 8].map(|k| Point::new((p[k] + column) * step, (p[k + 1] + row) * step)),
                score,
            });
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Face> = Vec::new();
    for face in found {
        if kept.iter().all(|other| overlap(&face.bounds, &other.bounds) <= SAME_BOX) {
            kept.push(face);
        }
    }
    Ok(kept)
}

/// Intersection over union.
fn overlap(a: &FaceBox, b: &FaceBox) -> f32 {
    let wide = ((a.x + a.width).min(b.x + b.width) - a.x.max(b.x)).max(0.0);
    let high = ((a.y + a.height).min(b.y + b.height) - a.y.max(b.y)).max(0.0);
    let both = wide * high;
    both / (a.width * a.height + b.width * b.height - both).max(f32::MIN_POSITIVE)
}

impl Face {
    /// The turn of the eyes' line in the picture, radians, clockwise.
    pub(crate) fn roll(&self) -> f32 {
        let [right, left, ..] = self.points;
        (left.y - right.y).atan2(left.x - right.x)
    }

    /// How far the head is turned; see [`super::FaceCheck::yaw`].
    pub(crate) fn yaw(&self) -> f32 {
        let (sin, cos) = self.roll().sin_cos();
        let [right, left, nose, mouth_right, mouth_left] = self.points.map(|p| Point::new(p.x * cos + p.y * sin, p.y * cos - p.x * sin));
        let eyes = Point::new(f32::midpoint(right.x, left.x), f32::midpoint(right.y, left.y));
        let mouth = Point::new(f32::midpoint(mouth_right.x, mouth_left.x), f32::midpoint(mouth_right.y, mouth_left.y));
        let high = (mouth.y - eyes.y).max(1.0);
        let axis = eyes.x + (mouth.x - eyes.x) * (nose.y - eyes.y) / high;
        (nose.x - axis) / (left.x - right.x).abs().max(0.85 * high)
    }

    /// Whether the box and all points lie in the picture, the points with a margin.
    pub(crate) fn lies_inside(&self, width: u32, height: u32) -> bool {
        let (width, height) = (width as f32, height as f32);
        let b = &self.bounds;
        let slack = 0.05 * b.width;
        let boxed = b.x >= -slack && b.y >= -slack && b.x + b.width <= width + slack && b.y + b.height <= height + slack;
        let margin = 0.1 * b.width;
        boxed && self.points.iter().all(|p| (margin..width - margin).contains(&p.x) && (margin..height - margin).contains(&p.y))
    }

    /// Whether the face is large enough for a live picture.
    pub(crate) fn is_large_enough(&self, settings: &FaceSettings) -> bool {
        self.bounds.width.max(self.bounds.height) >= settings.min_face_px
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(points: [(f32, f32); 5]) -> Face {
        let bounds = FaceBox { x: 20.0, y: 20.0, width: 60.0, height: 80.0 };
        Face { bounds, points: points.map(|(x, y)| Point::new(x, y)), score: 0.9 }
    }

    #[test]
    fn yaw_grows_with_the_nose_and_ignores_roll() {
        let straight = face([(40.0, 40.0), (60.0, 40.0), (50.0, 50.0), (42.0, 62.0), (58.0, 62.0)]);
        assert!(straight.yaw().abs() < 1e-5);
        let turned = face([(40.0, 40.0), (60.0, 40.0), (54.0, 50.0), (42.0, 62.0), (58.0, 62.0)]);
        assert!((turned.yaw() - 0.2).abs() < 1e-4, "{}", turned.yaw());
        let (sin, cos) = 0.4f32.sin_cos();
        let rolled = Face { points: turned.points.map(|p| Point::new(p.x * cos - p.y * sin, p.x * sin + p.y * cos)), ..turned };
        assert!((rolled.yaw() - 0.2).abs() < 1e-4 && (rolled.roll() - 0.4).abs() < 1e-4);
    }

    #[test]
    fn boxes_that_cover_each_other_are_one_face() {
        let a = FaceBox { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };
        assert!((overlap(&a, &a) - 1.0).abs() < 1e-6);
        assert_eq!(overlap(&a, &FaceBox { x: 20.0, ..a }), 0.0);
    }

    #[test]
    fn passers_by_do_not_count() {
        let near = face([(0.0, 0.0); 5]);
        let far = Face { bounds: FaceBox { width: 15.0, ..near.bounds }, ..near };
        assert_eq!(counted(&[near, far]), 1);
        assert_eq!(counted(&[near, near, far]), 2);
        assert_eq!(counted(&[]), 0);
    }

    #[test]
    fn a_face_at_the_edge_is_not_inside() {
        let f = face([(40.0, 40.0), (60.0, 40.0), (54.0, 50.0), (42.0, 62.0), (58.0, 62.0)]);
        assert!(f.lies_inside(100, 120));
        assert!(!f.lies_inside(70, 120));
        assert!(!f.lies_inside(100, 90));
    }
}
