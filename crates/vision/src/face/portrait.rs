//! The portrait cut out of a card's front.

use image::RgbImage;
use image::imageops::{rotate90, rotate180, rotate270};

use super::detect::{Face, find};
use crate::engine::Engine;
use crate::geometry::{Beyond, Point, Slanted, warp};

/// Width and height of the printed portrait beside the width of the face in it: 26 × 32 mm around a face of some 13 mm.
const WIDE: f32 = 2.0;
const HIGH: f32 = WIDE * 32.0 / 26.0;
/// Where the middle of the face lies in the portrait, from its top.
const FACE_AT: f32 = 0.45;
/// The cut-out keeps the picture's own pixels up to this width.
const MAX_WIDTH: f32 = 480.0;

/// Score of an upright face from which the card is taken to lie upright: faces on their heads or their sides, and what
/// looks a little like a face, score less.
const SURE: f32 = 0.8;
/// The longer sides that the detector sees of a portrait's surroundings, which a face fills to a third.
const FIELD_LOOKS: [u32; 2] = [320, 480];
/// The longer sides that the detector sees, one after the other.
const LOOKS: [u32; 2] = [480, 960];

/// How much of the printed portrait's width and height a cut-out of its surroundings has on every side of it.
pub(crate) const PORTRAIT_MARGIN: f32 = 0.2;

/// Cuts the portrait out of its surroundings on a card, which are upright and have [`PORTRAIT_MARGIN`] on every side. `None`:
/// no face has its middle where the portrait is printed, or more than one has. A face elsewhere in the photograph is
/// never taken, however large it is.
pub(crate) fn cut_printed(detector: &dyn Engine, around: &RgbImage) -> Result<Option<RgbImage>, String> {
    let (width, height) = (around.width() as f32, around.height() as f32);
    let edge = PORTRAIT_MARGIN / (1.0 + 2.0 * PORTRAIT_MARGIN);
    let is_inside = |at: f32, side: f32| (edge * side..(1.0 - edge) * side).contains(&at);
    for longest in FIELD_LOOKS {
        let mut faces = find(detector, around, longest)?;
        faces.retain(|face| {
            let b = &face.bounds;
            let level = face.roll().abs() < std::f32::consts::FRAC_PI_4;
            level && is_inside(b.x + b.width / 2.0, width) && is_inside(b.y + b.height / 2.0, height)
        });
        // Beside a sure face, what only looks a little like one is none: a pattern behind the head.
        if faces.iter().any(|face| face.score >= SURE) {
            faces.retain(|face| face.score >= SURE);
        }
        match &faces[..] {
            [] => {}
            [face] => return Ok(Some(cut(around, face))),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Cuts the portrait out, upright, whichever way the document lies in the picture. `None`: no face was found on it, or more
/// than one, of which any may be a bystander's.
pub(crate) fn cut_portrait(detector: &dyn Engine, front: &RgbImage) -> Result<Option<RgbImage>, String> {
    for longest in LOOKS {
        let Ok(upright) = printed(&find(detector, front, longest)?) else { return Ok(None) };
        if let Some(face) = upright.filter(|face| face.score >= SURE) {
            return Ok(Some(cut(front, &face)));
        }
        let mut best = upright.map(|face| (face, front.clone()));
        for turned in [rotate180(front), rotate90(front), rotate270(front)] {
            let face = match printed(&find(detector, &turned, longest)?) {
                Ok(Some(face)) => face,
                Ok(None) => continue,
                Err(SeveralFaces) => return Ok(None),
            };
            if best.as_ref().is_none_or(|(other, _)| face.score > other.score) {
                best = Some((face, turned));
            }
        }
        if let Some((face, turned)) = best {
            return Ok(Some(cut(&turned, &face)));
        }
    }
    Ok(None)
}

/// More than one face could be the portrait.
struct SeveralFaces;

/// The face that is the portrait: the only one whose eyes are about level.
fn printed(faces: &[Face]) -> Result<Option<Face>, SeveralFaces> {
    let mut level = faces.iter().filter(|face| face.roll().abs() < std::f32::consts::FRAC_PI_4);
    match (level.next(), level.next()) {
        (face, None) => Ok(face.copied()),
        _ => Err(SeveralFaces),
    }
}

fn cut(picture: &RgbImage, face: &Face) -> RgbImage {
    let b = &face.bounds;
    let roll = face.roll();
    let (width, height) = (b.width * WIDE, b.width * HIGH);
    // From the middle of the face to the middle of the portrait, along the face's own downward direction.
    let down = (0.5 - FACE_AT) * height;
    let middle = Point::new(b.x + b.width / 2.0 - roll.sin() * down, b.y + b.height / 2.0 + roll.cos() * down);
    let place = Slanted { centre: middle, width, height, angle: roll };
    let factor = (MAX_WIDTH / width).min(1.0);
    let (to_width, to_height) = (((width * factor).round() as u32).max(1), ((height * factor).round() as u32).max(1));
    warp(picture, &place.map(to_width, to_height), to_width, to_height, Beyond::Edge)
}
