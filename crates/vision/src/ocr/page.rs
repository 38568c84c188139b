//! The lines of a picture in the order and direction of reading: which way is up, how far the page is tilted, and where
//! each line lies on the page once it is straight.

use std::f32::consts::PI;

use image::RgbImage;

use super::{Alphabet, Line, detect, read_line, stands_on_its_head};
use crate::engine::Engine;
use crate::geometry::{Point, Slanted};

/// A box is long, and tells a direction, from this ratio of its sides on.
const LONG: f32 = 1.5;

/// The three models that read text.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) detector: &'a dyn Engine,
    pub(crate) recogniser: &'a dyn Engine,
    pub(crate) angle: &'a dyn Engine,
    pub(crate) alphabet: &'a Alphabet,
}

/// An upright rectangle on the straightened page, in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Area {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Area {
    pub(crate) fn width(&self) -> f32 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f32 {
        self.bottom - self.top
    }

    /// The rectangle around both.
    pub(crate) fn with(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    pub(crate) fn middle(&self) -> f32 {
        f32::midpoint(self.top, self.bottom)
    }
}

/// A page: where its lines are, before they are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    /// Direction of reading in the picture, radians.
    pub(crate) tilt: f32,
    /// The lines in no particular order.
    pub(crate) places: Vec<Slanted>,
}

impl Page {
    /// Finds the lines of a picture and the way they are read. `longest` is the longer side that the detector sees.
    pub(crate) fn find(reader: Reader, picture: &RgbImage, longest: u32) -> Result<Self, String> {
        let found = detect(reader.detector, picture, longest)?;
        let (mut places, mut tilt) = aligned(found);
        if !places.is_empty() && stands_on_its_head(reader.angle, picture, &places)? {
            tilt += PI;
            for place in &mut places {
                place.angle += PI;
            }
        }
        Ok(Self { tilt, places })
    }

    /// Looks again, closer, at the part of the picture in which an earlier look found lines.
    pub(crate) fn find_around(reader: Reader, picture: &RgbImage, earlier: &Self, longest: u32) -> Result<Self, String> {
        let bounds = earlier.bounds();
        let margin = 0.35 * bounds.width().max(bounds.height());
        let around =
            Area { left: bounds.left - margin, top: bounds.top - margin, right: bounds.right + margin, bottom: bounds.bottom + margin };
        let corners = earlier.place(&around).corners();
        let clamp = |value: f32, side: u32| value.clamp(0.0, side as f32 - 1.0) as u32;
        let low = |pick: fn(&Point) -> f32, side| clamp(corners.iter().map(pick).fold(f32::MAX, f32::min), side);
        let high = |pick: fn(&Point) -> f32, side| clamp(corners.iter().map(pick).fold(f32::MIN, f32::max), side);
        let (left, right) = (low(|p| p.x, picture.width()), high(|p| p.x, picture.width()));
        let (top, bottom) = (low(|p| p.y, picture.height()), high(|p| p.y, picture.height()));
        let part = image::imageops::crop_imm(picture, left, top, (right - left).max(1), (bottom - top).max(1)).to_image();
        let mut page = Self::find(reader, &part, longest)?;
        for place in &mut page.places {
            place.centre = Point::new(place.centre.x + left as f32, place.centre.y + top as f32);
        }
        Ok(page)
    }

    /// The same page read from its other end, for when the vote over which way is up was wrong.
    pub(crate) fn upended(&self) -> Self {
        let places = self.places.iter().map(|place| Slanted { angle: place.angle + PI, ..*place }).collect();
        Self { tilt: self.tilt + PI, places }
    }

    /// The rectangle around all lines.
    pub(crate) fn bounds(&self) -> Area {
        self.places.iter().map(|place| self.area(place)).reduce(|sum, area| sum.with(&area)).unwrap_or_default()
    }

    /// Where a point of the picture lies on the straightened page.
    pub(crate) fn straight(&self, p: Point) -> Point {
        let (sin, cos) = self.tilt.sin_cos();
        Point::new(p.x * cos + p.y * sin, p.y * cos - p.x * sin)
    }

    /// Where a point of the straightened page lies in the picture.
    pub(crate) fn slanted(&self, p: Point) -> Point {
        let (sin, cos) = self.tilt.sin_cos();
        Point::new(p.x * cos - p.y * sin, p.y * cos + p.x * sin)
    }

    /// Where a place lies on the straightened page.
    pub(crate) fn area(&self, place: &Slanted) -> Area {
        let centre = self.straight(place.centre);
        // The two differ by a few degrees at most: the line's own extent is nearer to the truth than its bounding box.
        let (width, height) = (place.width / 2.0, place.height / 2.0);
        Area { left: centre.x - width, top: centre.y - height, right: centre.x + width, bottom: centre.y + height }
    }

    /// A rectangle of the straightened page as a place in the picture.
    pub(crate) fn place(&self, area: &Area) -> Slanted {
        let centre = Point::new(f32::midpoint(area.left, area.right), area.middle());
        Slanted { centre: self.slanted(centre), width: area.width(), height: area.height(), angle: self.tilt }
    }

    /// Reads one place.
    pub(crate) fn read(&self, reader: Reader, picture: &RgbImage, place: Slanted) -> Result<Line, String> {
        let glyphs = read_line(reader.recogniser, reader.alphabet, picture, &place)?;
        Ok(Line { place, area: self.area(&place), slope: (place.angle - self.tilt).tan(), glyphs })
    }
}

/// Gives all boxes the direction of the majority: boxes that run across it are turned, and boxes too short to tell their
/// own direction take the common one.
fn aligned(boxes: Vec<Slanted>) -> (Vec<Slanted>, f32) {
    let length = |upright: bool| -> f32 {
        let long = boxes.iter().filter(|b| if upright { b.height > LONG * b.width } else { b.width > LONG * b.height });
        long.map(|b| b.width.max(b.height)).sum()
    };
    let turned: Vec<Slanted> = if length(true) > length(false) { boxes.iter().map(Slanted::turned).collect() } else { boxes };
    let mut angles: Vec<(f32, f32)> = turned.iter().filter(|b| b.width > LONG * b.height).map(|b| (b.angle, b.width)).collect();
    angles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = angles.iter().map(|(_, weight)| weight).sum::<f32>() / 2.0;
    let mut passed = 0.0;
    let tilt = angles.iter().find(|(_, weight)| {
        passed += weight;
        passed >= half
    });
    let tilt = tilt.map_or(0.0, |(angle, _)| *angle);
    let places = turned.into_iter().map(|b| if b.width > LONG * b.height { b } else { squared(&b, tilt) }).collect();
    (places, tilt)
}

/// A short box re-drawn along the common direction, around the same points.
fn squared(b: &Slanted, tilt: f32) -> Slanted {
    let (sin, cos) = (b.angle - tilt).sin_cos();
    let (width, height) = (b.width * cos.abs() + b.height * sin.abs(), b.width * sin.abs() + b.height * cos.abs());
    Slanted { width, height, angle: tilt, ..*b }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(x: f32, y: f32, width: f32, height: f32, angle: f32) -> Slanted {
        Slanted { centre: Point::new(x, y), width, height, angle }
    }

    #[test]
    fn the_majority_gives_the_direction() {
        let (places, tilt) =
            aligned(vec![bar(50.0, 50.0, 20.0, 200.0, 0.05), bar(90.0, 50.0, 20.0, 150.0, 0.05), bar(10.0, 9.0, 20.0, 22.0, 0.0)]);
        assert!((tilt - (0.05 - std::f32::consts::FRAC_PI_2)).abs() < 1e-5, "{tilt}");
        assert!(places[0].width > places[0].height);
        assert!((places[2].angle - tilt).abs() < 1e-5);
    }

    #[test]
    fn straight_and_slanted_are_each_others_inverse() {
        let page = Page { tilt: 0.7, places: Vec::new() };
        let p = page.slanted(page.straight(Point::new(31.0, -7.0)));
        assert!(p.distance(Point::new(31.0, -7.0)) < 1e-3);
    }
}
