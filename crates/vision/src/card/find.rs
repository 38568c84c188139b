//! Finding the card: four straight edges that enclose something of a card's shape, laid out as a card is.

use image::RgbImage;

use super::edges::{EdgeLine, lines, turned};
use super::layout::CARD;
use super::pattern::{Pattern, Seen};
use crate::geometry::Point;
use crate::picture::shrunk;
use crate::projective::Projective;

/// Longer side of the picture in which edges are looked for.
const LOOK: u32 = 400;
/// Width to height of the quadrilateral a card makes: 1.585 seen from above, less or more at an angle.
const SHAPE: std::ops::Range<f32> = 1.2..2.1;
/// Share of the picture that a card fills at least.
const SMALLEST: f32 = 0.05;
/// Share of each side that has to be an edge, and of all sides together.
const SIDE_FROM: f32 = 0.3;
const SIDES_FROM: f32 = 0.55;
/// How far opposite sides may be from parallel, and neighbours from square, in radians.
const PARALLEL: f32 = 0.45;
const SQUARE: f32 = 0.55;
/// How far a corner may lie outside the picture, as a share of its longer side.
const OUTSIDE: f32 = 0.02;
/// How many quadrilaterals are compared with the layout.
const MOST: usize = 14;
/// Two quadrilaterals whose corners are all nearer than this, in pixels, are one.
const ALIKE: f32 = 5.0;

/// A card in a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// From the card, in tenths of a millimetre, upright, to the picture.
    pub(super) map: Projective,
    /// Which side is seen, as far as its pattern tells.
    pub(super) seen: Seen,
}

/// Corners in order, the first two ends of a long side.
type Quad = [Point; 4];

/// The places where a card may lie, the likeliest first; empty where none is likely.
pub(super) fn find(picture: &RgbImage) -> Vec<Found> {
    let (width, height) = picture.dimensions();
    // What is left over at the right and lower edge is less than one pixel of the small picture.
    let times = width.max(height).div_ceil(LOOK).max(1);
    let small = shrunk(picture, times);
    let pattern = Pattern::of(&small);
    let mut found: Vec<(f32, Found)> = Vec::new();
    for (support, quad) in quads(&small) {
        let Some(map) = card_to(&quad) else { continue };
        let Some(seen) = pattern.look(&map) else { continue };
        let upright: Quad = if seen.upended { [quad[2], quad[3], quad[0], quad[1]] } else { quad };
        let Some(map) = card_to(&upright.map(|p| Point::new(p.x * times as f32, p.y * times as f32))) else { continue };
        found.push((seen.score + 0.3 * support, Found { map, seen }));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, found)| found).collect()
}

fn card_to(quad: &Quad) -> Option<Projective> {
    let corners = [(0.0, 0.0), (CARD.0, 0.0), CARD, (0.0, CARD.1)];
    Projective::through(std::array::from_fn(|i| (Point::new(corners[i].0, corners[i].1), quad[i])))
}

/// Quadrilaterals of a card's shape with edges along their sides, the best first, and the whole picture where it has that shape.
fn quads(picture: &RgbImage) -> Vec<(f32, Quad)> {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let lines = lines(picture);
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for a in 0..lines.len() {
        for b in a + 1..lines.len() {
            let middle = Point::new(width / 2.0, height / 2.0);
            let flipped = if (lines[a].angle - lines[b].angle).cos() < 0.0 { -1.0 } else { 1.0 };
            let apart = (lines[a].off(middle) - flipped * lines[b].off(middle)).abs();
            if turned(lines[a].angle, lines[b].angle) < PARALLEL && apart > 0.12 * width.min(height) {
                pairs.push((a, b));
            }
        }
    }
    let mut out: Vec<(f32, Quad)> = Vec::new();
    for (index, &(a, b)) in pairs.iter().enumerate() {
        for &(c, d) in &pairs[index + 1..] {
            if let Some(found) = enclosed([&lines[a], &lines[c], &lines[b], &lines[d]], (width, height)) {
                out.push(found);
            }
        }
    }
    out.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut best: Vec<(f32, Quad)> = Vec::new();
    for (support, quad) in out {
        if !best.iter().any(|(_, other)| alike(other, &quad)) {
            best.push((support, quad));
            if best.len() >= MOST {
                break;
            }
        }
    }
    if SHAPE.contains(&(width / height)) || SHAPE.contains(&(height / width)) {
        let whole = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)].map(|(x, y)| Point::new(x, y));
        best.push((0.0, lengthwise(whole)));
    }
    best
}

fn alike(a: &Quad, b: &Quad) -> bool {
    (0..4).any(|turn| (0..4).all(|i| a[i].distance(b[(i + turn) % 4]) < ALIKE))
}

/// The quadrilateral between four lines, each meeting the next, with how much of its sides are edges.
fn enclosed(lines: [&EdgeLine; 4], (width, height): (f32, f32)) -> Option<(f32, Quad)> {
    if turned(lines[0].angle, lines[1].angle) < std::f32::consts::FRAC_PI_2 - SQUARE {
        return None;
    }
    let mut corners = [Point::new(0.0, 0.0); 4];
    let out = OUTSIDE * width.max(height);
    for i in 0..4 {
        let p = lines[(i + 3) % 4].meet(lines[i])?;
        if p.x < -out || p.y < -out || p.x > width + out || p.y > height + out {
            return None;
        }
        corners[i] = p;
    }
    // Side i runs from corner i to the next one, along line i.
    let side = |i: usize| corners[i].distance(corners[(i + 1) % 4]);
    let area = 0.5 * (0..4).map(|i| corners[i].x * corners[(i + 1) % 4].y - corners[(i + 1) % 4].x * corners[i].y).sum::<f32>();
    if area.abs() < SMALLEST * width * height {
        return None;
    }
    let shape = (side(0) + side(2)) / (side(1) + side(3)).max(1.0);
    if !SHAPE.contains(&shape) && !SHAPE.contains(&(1.0 / shape)) {
        return None;
    }
    let mut sum = 0.0;
    for i in 0..4 {
        // The corners are round.
        let (from, to) = (corners[i], corners[(i + 1) % 4]);
        let between = |share: f32| Point::new(from.x + share * (to.x - from.x), from.y + share * (to.y - from.y));
        let support = lines[i].support(between(0.05), between(0.95));
        if support < SIDE_FROM {
            return None;
        }
        sum += support / 4.0;
    }
    if sum < SIDES_FROM {
        return None;
    }
    let clockwise = if area > 0.0 { corners } else { [corners[0], corners[3], corners[2], corners[1]] };
    Some((sum, lengthwise(clockwise)))
}

/// The corners beginning with an end of a long side, clockwise on the screen.
fn lengthwise(quad: Quad) -> Quad {
    let side = |i: usize| quad[i].distance(quad[(i + 1) % 4]);
    if side(0) + side(2) >= side(1) + side(3) { quad } else { [quad[1], quad[2], quad[3], quad[0]] }
}
