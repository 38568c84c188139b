//! Straight edges of a picture: where brightness or colour changes along a line (Hough transform over thinned gradients).
//!
//! Every channel counts by itself, so that a pale card on a pale table still has edges, and the strongest changes are
//! taken however weak they are: nothing here knows what colour a card or a table has.

use image::RgbImage;

use crate::geometry::Point;

/// How many of the strongest edge pixels vote.
const MOST_PIXELS: usize = 14_000;
/// A change below this, in grey levels over two pixels, is noise.
const WEAKEST: f32 = 5.0;
/// A change above this weighs no more.
const STRONGEST: f32 = 60.0;
/// Directions that lines are sorted into, over half a turn.
const DIRECTIONS: usize = 180;
/// How far a pixel's own direction may be from that of its line, in steps of [`DIRECTIONS`].
const SPREAD: isize = 3;
/// Width of a bin of distances in pixels.
const BIN: f32 = 1.5;
/// How many lines are kept.
pub(super) const MOST_LINES: usize = 36;
/// Two lines nearer than this, in degrees and pixels, are one.
const APART: (isize, isize) = (4, 3);
/// Half the width of a line's support in pixels.
const NEAR: f32 = 2.0;

/// A pixel where the picture changes.
#[derive(Debug, Clone, Copy)]
struct Edge {
    x: f32,
    y: f32,
    /// Direction of the change, radians in 0..π.
    angle: f32,
    strength: f32,
}

/// A straight edge: the points with `x·cos + y·sin = distance`, and where along it the picture really changes.
#[derive(Debug, Clone)]
pub(super) struct EdgeLine {
    /// Direction of the line's normal, radians.
    pub(super) angle: f32,
    cos: f32,
    sin: f32,
    distance: f32,
    /// Changes from the line's start up to each pixel along it.
    sums: Vec<u16>,
    /// Where along the line `sums` begins.
    start: f32,
}

impl EdgeLine {
    /// Where two lines meet; `None` for lines that are nearly parallel.
    pub(super) fn meet(&self, other: &Self) -> Option<Point> {
        let determinant = self.cos * other.sin - self.sin * other.cos;
        (determinant.abs() > 0.2).then(|| {
            Point::new(
                (self.distance * other.sin - other.distance * self.sin) / determinant,
                (other.distance * self.cos - self.distance * other.cos) / determinant,
            )
        })
    }

    /// Distance of a point, with its sign.
    pub(super) fn off(&self, p: Point) -> f32 {
        p.x * self.cos + p.y * self.sin - self.distance
    }

    /// Share of the way between two points of the line along which the picture changes.
    pub(super) fn support(&self, from: Point, to: Point) -> f32 {
        let along = |p: Point| p.y * self.cos - p.x * self.sin - self.start;
        let (a, b) = (along(from).min(along(to)), along(from).max(along(to)));
        let at = |value: f32| (value.max(0.0) as usize).min(self.sums.len() - 1);
        let hits = self.sums[at(b)] - self.sums[at(a)];
        f32::from(hits) / (b - a).max(1.0)
    }
}

/// The straightest and longest edges of a picture, best first.
pub(super) fn lines(picture: &RgbImage) -> Vec<EdgeLine> {
    let edges = edges(picture);
    let diagonal = (picture.width() as f32).hypot(picture.height() as f32);
    let bins = (2.0 * diagonal / BIN) as usize + 3;
    let mut votes = vec![0.0f32; DIRECTIONS * bins];
    let turns: Vec<(f32, f32)> = (0..DIRECTIONS)
        .map(|step| (step as f32 * std::f32::consts::PI / DIRECTIONS as f32).sin_cos())
        .map(|(sin, cos)| (cos, sin))
        .collect();
    for edge in &edges {
        let own = (edge.angle * DIRECTIONS as f32 / std::f32::consts::PI).round() as isize;
        let weight = 0.3 + edge.strength.min(STRONGEST) / STRONGEST;
        for step in own - SPREAD..=own + SPREAD {
            let step = step.rem_euclid(DIRECTIONS as isize) as usize;
            let (cos, sin) = turns[step];
            let bin = ((edge.x * cos + edge.y * sin + diagonal) / BIN) as usize;
            votes[step * bins + bin] += weight;
        }
    }
    peaks(&votes, bins)
        .into_iter()
        .filter_map(|(step, bin)| fitted(&edges, turns[step], (bin as f32 + 0.5) * BIN - diagonal, diagonal))
        .collect()
}

/// The highest bins, none next to a higher one.
fn peaks(votes: &[f32], bins: usize) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..votes.len()).filter(|at| votes[*at] > 8.0).collect();
    order.sort_unstable_by(|a, b| votes[*b].total_cmp(&votes[*a]));
    let mut out: Vec<(usize, usize)> = Vec::new();
    for at in order {
        let (step, bin) = (at / bins, at % bins);
        let near = |&(other_step, other_bin): &(usize, usize)| {
            let turn = step as isize - other_step as isize;
            // Beyond half a turn the same line has the opposite sign.
            let (turn, bin) =
                if turn.unsigned_abs() * 2 > DIRECTIONS { (DIRECTIONS as isize - turn.abs(), bins - 1 - bin) } else { (turn, bin) };
            turn.abs() <= APART.0 && (bin as isize - other_bin as isize).abs() <= APART.1
        };
        if !out.iter().any(near) {
            out.push((step, bin));
            if out.len() >= MOST_LINES {
                break;
            }
        }
    }
    out
}

/// The line drawn through the pixels that voted for it, by least squares.
fn fitted(edges: &[Edge], (cos, sin): (f32, f32), distance: f32, diagonal: f32) -> Option<EdgeLine> {
    let (mut cos, mut sin, mut distance) = (cos, sin, distance);
    for reach in [2.5 * NEAR, NEAR] {
        let own = sin.atan2(cos);
        let near = edges.iter().filter(|e| (e.x * cos + e.y * sin - distance).abs() < reach && turned(e.angle, own) < 0.15);
        let [mut n, mut x, mut y, mut xx, mut xy, mut yy] = [0.0f32; 6];
        for e in near {
            (n, x, y, xx, xy, yy) = (n + 1.0, x + e.x, y + e.y, xx + e.x * e.x, xy + e.x * e.y, yy + e.y * e.y);
        }
        if n < 8.0 {
            return None;
        }
        let (mx, my) = (x / n, y / n);
        let (sxx, sxy, syy) = (xx / n - mx * mx, xy / n - mx * my, yy / n - my * my);
        // The normal is the direction in which the pixels spread least.
        let along = 0.5 * (2.0 * sxy).atan2(sxx - syy);
        let normal = along + std::f32::consts::FRAC_PI_2;
        (sin, cos) = normal.sin_cos();
        distance = mx * cos + my * sin;
    }
    let angle = sin.atan2(cos);
    let mut hits = vec![false; (2.0 * diagonal) as usize + 2];
    for e in edges.iter().filter(|e| (e.x * cos + e.y * sin - distance).abs() < NEAR && turned(e.angle, angle) < 0.3) {
        let at = (e.y * cos - e.x * sin + diagonal) as usize;
        for hit in hits.iter_mut().skip(at.saturating_sub(1)).take(3) {
            *hit = true;
        }
    }
    let mut sum = 0;
    let sums = hits.into_iter().map(|hit| {
        sum += u16::from(hit);
        sum
    });
    Some(EdgeLine { angle, cos, sin, distance, sums: sums.collect(), start: -diagonal })
}

/// The angle between two directions that have no sense, 0 to a quarter turn.
pub(super) fn turned(a: f32, b: f32) -> f32 {
    let turn = (a - b).rem_euclid(std::f32::consts::PI);
    turn.min(std::f32::consts::PI - turn)
}

/// The pixels where the picture changes most, thinned to the crest of each change.
fn edges(picture: &RgbImage) -> Vec<Edge> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    if width < 8 || height < 8 {
        return Vec::new();
    }
    let raw = picture.as_raw();
    let mut slopes = vec![(0.0f32, 0.0f32); width * height];
    let mut strengths = vec![0.0f32; width * height];
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let mut best = (0.0, 0.0, 0.0);
            for channel in 0..3 {
                let at = |dx: usize, dy: usize| f32::from(raw[((y + dy - 1) * width + x + dx - 1) * 3 + channel]);
                let across = (at(2, 0) - at(0, 0) + 2.0 * (at(2, 1) - at(0, 1)) + at(2, 2) - at(0, 2)) / 4.0;
                let down = (at(0, 2) - at(0, 0) + 2.0 * (at(1, 2) - at(1, 0)) + at(2, 2) - at(2, 0)) / 4.0;
                let strength = across * across + down * down;
                if strength > best.0 {
                    best = (strength, across, down);
                }
            }
            strengths[y * width + x] = best.0.sqrt();
            slopes[y * width + x] = (best.1, best.2);
        }
    }
    let mut out = Vec::new();
    for y in 2..height - 2 {
        for x in 2..width - 2 {
            let at = y * width + x;
            let (strength, (across, down)) = (strengths[at], slopes[at]);
            if strength < WEAKEST {
                continue;
            }
            // The neighbours along the change, to the nearest of eight directions.
            let (dx, dy) = ((across / strength).round() as isize, (down / strength).round() as isize);
            let step = dy * width as isize + dx;
            let (before, after) = (strengths[at.wrapping_add_signed(-step)], strengths[at.wrapping_add_signed(step)]);
            if strength >= before && strength > after {
                let angle = down.atan2(across).rem_euclid(std::f32::consts::PI);
                out.push(Edge { x: x as f32 + 0.5, y: y as f32 + 0.5, angle, strength });
            }
        }
    }
    if out.len() > MOST_PIXELS {
        out.select_nth_unstable_by(MOST_PIXELS, |a, b| b.strength.total_cmp(&a.strength));
        out.truncate(MOST_PIXELS);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn a_faint_rectangle_has_four_lines() {
        let picture = RgbImage::from_fn(200, 160, |x, y| {
            let inside = (40..160).contains(&x) && (30..106).contains(&y);
            if inside { Rgb([220, 228, 238]) } else { Rgb([220, 220, 214]) }
        });
        let lines = lines(&picture);
        for wanted in [40.0, 160.0] {
            let upright = lines.iter().find(|line| turned(line.angle, 0.0) < 0.02 && line.off(Point::new(wanted, 70.0)).abs() < 1.0);
            assert!(upright.unwrap().support(Point::new(wanted, 32.0), Point::new(wanted, 104.0)) > 0.9);
        }
        let level = lines.iter().find(|line| line.off(Point::new(100.0, 30.0)).abs() < 1.0).unwrap();
        let upright = lines.iter().find(|line| line.off(Point::new(40.0, 70.0)).abs() < 1.0).unwrap();
        assert!(level.meet(upright).unwrap().distance(Point::new(40.0, 30.0)) < 1.5);
        assert!(level.meet(level).is_none());
    }

    #[test]
    fn nothing_has_no_lines() {
        assert!(lines(&RgbImage::from_pixel(60, 60, Rgb([9; 3]))).is_empty());
        assert!(lines(&RgbImage::new(3, 3)).is_empty());
    }
}
