//! Points, slanted rectangles and resampling.

use image::{Rgb, RgbImage};

/// A point in pixels; pixel centres lie at halves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Point {
    pub(crate) fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    pub(crate) fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// A rectangle that may be tilted: what runs along its width is a line of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slanted {
    pub(crate) centre: Point,
    /// Along the direction `angle`.
    pub(crate) width: f32,
    /// Across it.
    pub(crate) height: f32,
    /// Radians, clockwise on the screen, 0 for an upright line.
    pub(crate) angle: f32,
}

impl Slanted {
    /// A point given as shares of width and height from the upper left corner.
    pub(crate) fn at(&self, across: f32, down: f32) -> Point {
        let (sin, cos) = self.angle.sin_cos();
        let (u, v) = ((across - 0.5) * self.width, (down - 0.5) * self.height);
        Point::new(self.centre.x + u * cos - v * sin, self.centre.y + u * sin + v * cos)
    }

    /// Upper left, upper right, lower right, lower left.
    pub(crate) fn corners(&self) -> [Point; 4] {
        [self.at(0.0, 0.0), self.at(1.0, 0.0), self.at(1.0, 1.0), self.at(0.0, 1.0)]
    }

    /// The same rectangle read along its other side, turned a quarter counter-clockwise.
    pub(crate) fn turned(&self) -> Self {
        Self { width: self.height, height: self.width, angle: self.angle - std::f32::consts::FRAC_PI_2, ..*self }
    }

    /// The map from pixels of a `width`×`height` cut-out to the picture.
    pub(crate) fn map(&self, width: u32, height: u32) -> Affine {
        let (sin, cos) = self.angle.sin_cos();
        let (sx, sy) = (self.width / width as f32, self.height / height as f32);
        let origin = self.at(0.0, 0.0);
        Affine { a: sx * cos, b: -sy * sin, c: origin.x, d: sx * sin, e: sy * cos, f: origin.y }
    }
}

/// `x' = a·x + b·y + c`, `y' = d·x + e·y + f`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Affine {
    pub(crate) a: f32,
    pub(crate) b: f32,
    pub(crate) c: f32,
    pub(crate) d: f32,
    pub(crate) e: f32,
    pub(crate) f: f32,
}

impl Affine {
    pub(crate) fn apply(&self, p: Point) -> Point {
        Point::new(self.a * p.x + self.b * p.y + self.c, self.d * p.x + self.e * p.y + self.f)
    }

    /// How many source pixels one step covers, in the direction that covers most.
    fn step(&self) -> f32 {
        self.a.hypot(self.d).max(self.b.hypot(self.e))
    }
}

/// The similarity (turn, scale, shift) that brings `from` nearest to `to`; `None` where `from` is one point.
pub(crate) fn similarity(pairs: &[(Point, Point)]) -> Option<Affine> {
    let count = pairs.len() as f32;
    let mean = |pick: fn(&(Point, Point)) -> f32| pairs.iter().map(pick).sum::<f32>() / count;
    let (fx, fy, tx, ty) = (mean(|p| p.0.x), mean(|p| p.0.y), mean(|p| p.1.x), mean(|p| p.1.y));
    // As complex numbers: the factor is Σ conj(from)·to / Σ |from|².
    let (mut re, mut im, mut spread) = (0.0, 0.0, 0.0);
    for (from, to) in pairs {
        let (x, y, u, v) = (from.x - fx, from.y - fy, to.x - tx, to.y - ty);
        re += x * u + y * v;
        im += x * v - y * u;
        spread += x * x + y * y;
    }
    if spread.is_nan() || spread <= 1e-6 {
        return None;
    }
    let (a, b) = (re / spread, im / spread);
    Some(Affine { a, b: -b, c: tx - a * fx + b * fy, d: b, e: a, f: ty - b * fx - a * fy })
}

/// The affine map that brings `from` nearest to `to`; `None` where `from` lies on one line.
pub(crate) fn affine(pairs: &[(Point, Point)]) -> Option<Affine> {
    let count = pairs.len() as f32;
    let mean = |pick: fn(&(Point, Point)) -> f32| pairs.iter().map(pick).sum::<f32>() / count;
    let (fx, fy, tx, ty) = (mean(|p| p.0.x), mean(|p| p.0.y), mean(|p| p.1.x), mean(|p| p.1.y));
    let [mut xx, mut xy, mut yy, mut xu, mut yu, mut xv, mut yv] = [0.0f32; 7];
    for (from, to) in pairs {
        let (x, y, u, v) = (from.x - fx, from.y - fy, to.x - tx, to.y - ty);
        (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
        (xu, yu, xv, yv) = (xu + x * u, yu + y * u, xv + x * v, yv + y * v);
    }
    let determinant = xx * yy - xy * xy;
    if determinant.is_nan() || determinant <= 1e-3 * xx * yy {
        return None;
    }
    let solve = |p: f32, q: f32| ((p * yy - q * xy) / determinant, (q * xx - p * xy) / determinant);
    let ((a, b), (d, e)) = (solve(xu, yu), solve(xv, yv));
    Some(Affine { a, b, c: tx - a * fx - b * fy, d, e, f: ty - d * fx - e * fy })
}

/// What lies beyond the edges of a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Beyond {
    /// The nearest pixel of the edge.
    Edge,
    /// Black.
    Black,
}

/// Resamples a `width`×`height` cut-out. Where the source is finer than the result, several samples are averaged, so that
/// thin strokes do not fall between them; where it is coarser, a cubic curve runs through the pixels.
pub(crate) fn warp(source: &RgbImage, map: &Affine, width: u32, height: u32, beyond: Beyond) -> RgbImage {
    resample(source, |p| map.apply(p), map.step(), width, height, beyond)
}

/// The same with any map; `step` is how many source pixels one pixel of the result covers.
pub(crate) fn resample(source: &RgbImage, map: impl Fn(Point) -> Point, step: f32, width: u32, height: u32, beyond: Beyond) -> RgbImage {
    if step < 1.2 && matches!(beyond, Beyond::Edge) {
        return RgbImage::from_fn(width, height, |x, y| Rgb(cubic(source, map(Point::new(x as f32 + 0.5, y as f32 + 0.5)))));
    }
    let samples = (step.round() as u32).clamp(1, 8);
    let share = 1.0 / samples as f32;
    RgbImage::from_fn(width, height, |x, y| {
        let mut sum = [0.0f32; 3];
        for row in 0..samples {
            for column in 0..samples {
                let at = Point::new(x as f32 + (column as f32 + 0.5) * share, y as f32 + (row as f32 + 0.5) * share);
                let value = linear(source, map(at), beyond);
                sum.iter_mut().zip(value).for_each(|(s, v)| *s += v);
            }
        }
        Rgb(sum.map(|s| (s * share * share + 0.5).clamp(0.0, 255.0) as u8))
    })
}

/// The four pixels around a point, blended by distance.
fn linear(source: &RgbImage, p: Point, beyond: Beyond) -> [f32; 3] {
    let ((left, fx), (top, fy)) = (parted(p.x - 0.5), parted(p.y - 0.5));
    let weights = [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy];
    let blend = |pixels: [[u8; 3]; 4]| std::array::from_fn(|channel| (0..4).map(|at| weights[at] * f32::from(pixels[at][channel])).sum());
    if let Some([[a, b, c, d, e, f], [g, h, i, j, k, l]]) =
        rows::<2>(source, left, top).map(|rows| rows.map(|row| std::array::from_fn(|at| row[at])))
    {
        return blend([[a, b, c], [d, e, f], [g, h, i], [j, k, l]]);
    }
    blend([0, 1, 2, 3].map(|at| pixel(source, left + (at & 1), top + (at >> 1), beyond)))
}

/// The whole number below a value, and how far above that it is.
fn parted(value: f32) -> (i32, f32) {
    // `floor` is a call of its own where the processor's newer instructions are not taken for granted.
    let value = value.clamp(-1e6, 1e6);
    let whole = value as i32 - i32::from(value < 0.0);
    (whole, value - whole as f32)
}

/// `N` pixels of each of `N` rows from a place on; `None` where they are not all within the picture.
fn rows<const N: usize>(source: &RgbImage, left: i32, top: i32) -> Option<[&[u8]; N]> {
    let (left, top) = (usize::try_from(left).ok()?, usize::try_from(top).ok()?);
    let (width, height) = (source.width() as usize, source.height() as usize);
    if left + N > width || top + N > height {
        return None;
    }
    let raw = source.as_raw();
    Some(std::array::from_fn(|row| {
        let start = ((top + row) * width + left) * 3;
        &raw[start..start + 3 * N]
    }))
}

fn pixel(source: &RgbImage, x: i32, y: i32, beyond: Beyond) -> [u8; 3] {
    let (width, height) = (source.width() as i32, source.height() as i32);
    let inside = (0..width).contains(&x) && (0..height).contains(&y);
    if !inside && matches!(beyond, Beyond::Black) || width == 0 || height == 0 {
        return [0; 3];
    }
    source.get_pixel(x.clamp(0, width - 1) as u32, y.clamp(0, height - 1) as u32).0
}

/// Catmull–Rom weights for a point `t` between the second and the third of four pixels.
fn weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [0.5 * (2.0 * t2 - t3 - t), 0.5 * (3.0 * t3 - 5.0 * t2 + 2.0), 0.5 * (4.0 * t2 - 3.0 * t3 + t), 0.5 * (t3 - t2)]
}

fn cubic(source: &RgbImage, p: Point) -> [u8; 3] {
    let ((left, fx), (top, fy)) = (parted(p.x - 0.5), parted(p.y - 0.5));
    let (across, down) = (weights(fx), weights(fy));
    let mut out = [0.0f32; 3];
    let mut add = |pixel: &[u8], weight: f32| out.iter_mut().zip(pixel).for_each(|(o, v)| *o += weight * f32::from(*v));
    match rows::<4>(source, left - 1, top - 1) {
        Some(rows) => {
            for (row, wy) in rows.into_iter().zip(down) {
                row.chunks_exact(3).zip(across).for_each(|(pixel, wx)| add(pixel, wx * wy));
            }
        }
        None => {
            for (row, wy) in (-1..).zip(down) {
                (-1..).zip(across).for_each(|(column, wx)| add(&pixel(source, left + column, top + row, Beyond::Edge), wx * wy));
            }
        }
    }
    out.map(|v| (v + 0.5).clamp(0.0, 255.0) as u8)
}

/// The convex hull, counter-clockwise in a right-handed system (Andrew's monotone chain).
fn hull(points: &mut [(i32, i32)]) -> Vec<(i32, i32)> {
    points.sort_unstable();
    let cross = |o: (i32, i32), a: (i32, i32), b: (i32, i32)| {
        i64::from(a.0 - o.0) * i64::from(b.1 - o.1) - i64::from(a.1 - o.1) * i64::from(b.0 - o.0)
    };
    let chain = |points: &mut dyn Iterator<Item = (i32, i32)>| {
        let mut out: Vec<(i32, i32)> = Vec::new();
        for p in points {
            while let [.., a, b] = out[..] {
                if cross(a, b, p) > 0 {
                    break;
                }
                out.pop();
            }
            if out.last() != Some(&p) {
                out.push(p);
            }
        }
        out
    };
    let mut lower = chain(&mut points.iter().copied());
    let mut upper = chain(&mut points.iter().rev().copied());
    lower.pop();
    upper.pop();
    lower.append(&mut upper);
    lower
}

/// The smallest rectangle around points, its width along the side that is nearer to horizontal.
pub(crate) fn smallest_rectangle(points: &mut [(i32, i32)]) -> Option<Slanted> {
    let hull = hull(points);
    if hull.len() < 3 {
        return None;
    }
    let mut best: Option<(f32, Slanted)> = None;
    for (index, a) in hull.iter().enumerate() {
        let b = hull[(index + 1) % hull.len()];
        let angle = (b.1 as f32 - a.1 as f32).atan2(b.0 as f32 - a.0 as f32);
        let (sin, cos) = angle.sin_cos();
        let mut bounds = [f32::MAX, f32::MIN, f32::MAX, f32::MIN];
        for p in &hull {
            let (x, y) = (p.0 as f32, p.1 as f32);
            let (u, v) = (x * cos + y * sin, y * cos - x * sin);
            bounds = [bounds[0].min(u), bounds[1].max(u), bounds[2].min(v), bounds[3].max(v)];
        }
        let (width, height) = (bounds[1] - bounds[0], bounds[3] - bounds[2]);
        if best.is_none_or(|(area, _)| width * height < area) {
            let (u, v) = (f32::midpoint(bounds[0], bounds[1]), f32::midpoint(bounds[2], bounds[3]));
            let centre = Point::new(u * cos - v * sin, u * sin + v * cos);
            best = Some((width * height, level(Slanted { centre, width, height, angle })));
        }
    }
    best.map(|(_, rectangle)| rectangle)
}

/// The same rectangle described so that its angle lies within an eighth of a turn.
fn level(mut r: Slanted) -> Slanted {
    use std::f32::consts::{FRAC_PI_2, FRAC_PI_4};
    while r.angle > FRAC_PI_4 {
        r.angle -= FRAC_PI_2;
        std::mem::swap(&mut r.width, &mut r.height);
    }
    while r.angle <= -FRAC_PI_4 {
        r.angle += FRAC_PI_2;
        std::mem::swap(&mut r.width, &mut r.height);
    }
    r
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-2
    }

    #[test]
    fn the_smallest_rectangle_follows_the_tilt() {
        let truth = Slanted { centre: Point::new(200.0, 100.0), width: 120.0, height: 30.0, angle: 0.2 };
        let mut points: Vec<(i32, i32)> = Vec::new();
        for i in 0..=200 {
            for j in 0..=40 {
                let p = truth.at(i as f32 / 200.0, j as f32 / 40.0);
                points.push((p.x.round() as i32, p.y.round() as i32));
            }
        }
        let found = smallest_rectangle(&mut points).unwrap();
        assert!((found.angle - 0.2).abs() < 0.02, "{found:?}");
        assert!((found.width - 120.0).abs() < 2.5 && (found.height - 30.0).abs() < 2.5, "{found:?}");
    }

    #[test]
    fn points_on_a_line_have_no_rectangle() {
        assert_eq!(smallest_rectangle(&mut [(0, 0), (1, 1), (2, 2)]), None);
        assert_eq!(smallest_rectangle(&mut []), None);
    }

    #[test]
    fn a_cut_out_of_the_whole_picture_is_the_picture() {
        let picture = RgbImage::from_fn(9, 7, |x, y| Rgb([(x * 20) as u8, (y * 30) as u8, 7]));
        let whole = Slanted { centre: Point::new(4.5, 3.5), width: 9.0, height: 7.0, angle: 0.0 };
        assert_eq!(warp(&picture, &whole.map(9, 7), 9, 7, Beyond::Edge), picture);
    }

    #[test]
    fn fitted_maps_bring_points_to_their_places() {
        let map = Affine { a: 2.0, b: -0.5, c: 7.0, d: 0.5, e: 2.0, f: -3.0 };
        let from = [(0.0, 0.0), (100.0, 0.0), (30.0, 80.0), (60.0, 10.0)].map(|(x, y)| Point::new(x, y));
        let pairs = from.map(|p| (p, map.apply(p)));
        for fitted in [similarity(&pairs).unwrap(), affine(&pairs).unwrap()] {
            assert!(fitted.apply(Point::new(50.0, 50.0)).distance(map.apply(Point::new(50.0, 50.0))) < 0.01, "{fitted:?}");
        }
        assert_eq!(affine(&pairs[..2]), None);
        assert_eq!(similarity(&pairs[..1]), None);
        assert_eq!(similarity(&[]), None);
    }

    #[test]
    fn a_quarter_turn_reads_upwards() {
        let column = Slanted { centre: Point::new(10.0, 50.0), width: 10.0, height: 80.0, angle: 0.0 };
        let start = column.turned().at(0.0, 0.0);
        assert!(near(start.x, 5.0) && near(start.y, 90.0), "{start:?}");
    }
}
