//! The portrait cut out of a card's front.

use image::RgbImage;
use image::imageops::{rotate90, rotate180, rotate270};

use super::compare::{FIRST_LOOK, SECOND_LOOK};
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

/// Cuts the portrait out, upright, whichever way the card lies in the picture. `None`: no face was found on it.
pub(crate) fn cut_portrait(detector: &dyn Engine, front: &RgbImage) -> Result<Option<RgbImage>, String> {
    for longest in [FIRST_LOOK * 3 / 2, SECOND_LOOK * 3 / 2] {
        if let Some(face) = printed(find(detector, front, longest)?) {
            return Ok(Some(cut(front, &face)));
        }
        for turned in [rotate180(front), rotate90(front), rotate270(front)] {
            if let Some(face) = printed(find(detector, &turned, longest)?) {
                return Ok(Some(cut(&turned, &face)));
            }
        }
    }
    Ok(None)
}

/// The face that is the portrait: the surest one whose eyes are about level. The detector also finds faces that lie on
/// their side, and those belong to a card that has to be turned first.
fn printed(faces: Vec<Face>) -> Option<Face> {
    let level = faces.into_iter().filter(|face| face.roll().abs() < std::f32::consts::FRAC_PI_4);
    level.max_by(|a, b| a.score.total_cmp(&b.score))
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
