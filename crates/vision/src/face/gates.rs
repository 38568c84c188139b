//! Whether a live picture of a face is good enough. The detector itself refuses nothing, however dark or blurred, so what
//! it finds is measured here.

use image::RgbImage;
use image::imageops::crop_imm;

use super::detect::{Face, counted};
use super::embed::align;
use super::{FaceCheck, FaceProblem, FaceSettings};
use crate::light::{luma, mean, sharpness};

/// Mean luma of the whole picture from which a dark face is dark because the light is behind it.
const BRIGHT_AROUND: f32 = 105.0;
/// Left, top, width and height of brows to chin in the aligned cut-out.
const FEATURES: (u32, u32, u32, u32) = (28, 38, 56, 64);
/// How far from the picture's middle the face's middle may lie, as shares of its width and height: people hold themselves high.
const OFF_CENTRE_FROM: (f32, f32) = (0.25, 0.36);

/// Measures the faces of a picture, the largest first.
pub(crate) fn check(picture: &RgbImage, faces: &[Face], settings: &FaceSettings) -> FaceCheck {
    let Some(face) = faces.first() else {
        return FaceCheck { problems: vec![FaceProblem::NoFace], bounds: None, yaw: None };
    };
    let mut problems = Vec::new();
    if counted(faces) > 1 {
        problems.push(FaceProblem::MoreThanOneFace);
    }
    let (width, height) = picture.dimensions();
    let b = &face.bounds;
    let too_close = b.width > settings.max_face_share * width as f32 || b.height > settings.max_face_share * height as f32;
    if too_close {
        problems.push(FaceProblem::TooClose);
    } else if !face.is_large_enough(settings) {
        problems.push(FaceProblem::MoveCloser);
    }
    let off = |start: f32, length: f32, side: u32| (start + length / 2.0) / side as f32 - 0.5;
    let far = off(b.x, b.width, width).abs() > OFF_CENTRE_FROM.0 || off(b.y, b.height, height).abs() > OFF_CENTRE_FROM.1;
    if !too_close && (far || !face.lies_inside(width, height)) {
        problems.push(FaceProblem::OffCentre);
    }
    problems.extend(light_problems(picture, face, settings));
    FaceCheck { problems, bounds: Some(face.bounds), yaw: Some(face.yaw()) }
}

/// What is wrong with the light on a face and with its sharpness.
pub(crate) fn light_problems(picture: &RgbImage, face: &Face, settings: &FaceSettings) -> Option<FaceProblem> {
    let grey = luma(&align(picture, face));
    // The corners of the cut-out show what is behind the person.
    let (x, y, width, height) = FEATURES;
    let light = mean(&crop_imm(&grey, x, y, width, height).to_image());
    if light < settings.min_luma {
        let around = mean(&luma(&image::imageops::thumbnail(picture, 64, 64)));
        return Some(if around >= BRIGHT_AROUND { FaceProblem::Backlit } else { FaceProblem::TooDark });
    }
    if light > settings.max_luma {
        return Some(FaceProblem::TooBright);
    }
    (sharpness(&grey) < settings.min_sharpness).then_some(FaceProblem::Blurred)
}
