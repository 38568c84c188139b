//! Whether a live picture of a face is good enough. The detector itself refuses nothing, however dark or blurred, so what
//! it finds is measured here.

use image::imageops::crop_imm;
use image::{GrayImage, RgbImage};

use super::detect::{Face, counted};
use super::embed::align;
use super::{FaceCheck, FaceProblem, FaceSettings};
use crate::light::{luma, mean, sharpness};

/// Mean luma of the whole picture from which a dark face is dark because the light is behind it.
const BRIGHT_AROUND: f32 = 105.0;
/// Left, top, width and height in the aligned cut-out.
type Area = (u32, u32, u32, u32);
/// Brows to chin.
const FEATURES: Area = (28, 38, 56, 64);
const EYES: [Area; 2] = [(28, 46, 20, 12), (64, 46, 20, 12)];
const EYE_BAND: Area = (28, 40, 56, 22);
const BROWS: Area = (50, 44, 12, 14);
const CHEEKS: [Area; 2] = [(28, 66, 12, 10), (72, 66, 12, 10)];
const MOUTH: Area = (36, 84, 40, 18);
/// Brightness of the eyes beside the cheeks: open eyes 0.59 to 1.4, behind drawn dark glasses 0.11 to 0.2.
const EYES_COVERED_BELOW: f32 = 0.4;
/// How much less red the mouth is than the skin between the eyes: without a mask at most 0.03, with a drawn one 0.09 to 0.19.
const MOUTH_COVERED_FROM: f32 = 0.06;
/// Edges of the mouth beside those of the eyes: without a mask 0.14 and more, with a drawn one 0.004 at most.
const MOUTH_SMOOTH_BELOW: f32 = 0.1;
/// How far from the picture's middle the face's middle may lie, as shares of its width and height: people hold themselves high.
const OFF_CENTRE_FROM: (f32, f32) = (0.25, 0.36);

/// Measures the faces of a picture, the largest first.
pub(crate) fn check(picture: &RgbImage, faces: &[Face], settings: &FaceSettings) -> FaceCheck {
    let Some(face) = faces.first() else {
        return FaceCheck { problems: vec![FaceProblem::NoFace], ..FaceCheck::default() };
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
    let cut = align(picture, face);
    problems.extend(surface_problem(picture, &cut, settings));
    FaceCheck { problems, bounds: Some(face.bounds), yaw: Some(face.yaw()), sharpness: sharpness(&luma(&cut)) }
}

/// What is wrong with the light on a face (`cut` out of the picture and upright), with its sharpness, or before it.
pub(crate) fn surface_problem(picture: &RgbImage, cut: &RgbImage, settings: &FaceSettings) -> Option<FaceProblem> {
    let grey = luma(cut);
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
    if sharpness(&grey) < settings.min_sharpness {
        return Some(FaceProblem::Blurred);
    }
    cover(cut)
}

/// What covers the face, as far as that shows: dark glasses make both eyes far darker than the cheeks; a mask takes the colour of skin and every edge from the
/// mouth, which a beard does not. A picture without colour shows no mask.
pub(crate) fn cover(cut: &RgbImage) -> Option<FaceProblem> {
    let grey = luma(cut);
    // The brighter fifth of an eye is its skin and its white.
    let eye = |area| bright(&grey, area, 0.8);
    let cheek = bright(&grey, CHEEKS[0], 0.5).max(bright(&grey, CHEEKS[1], 0.5));
    if EYES.into_iter().all(|area| eye(area) < EYES_COVERED_BELOW * cheek) {
        return Some(FaceProblem::EyesCovered);
    }
    let edges = |area| sharpness(&part(&grey, area));
    let paler = red(cut, BROWS) - red(cut, MOUTH) >= MOUTH_COVERED_FROM;
    (paler && edges(MOUTH) < MOUTH_SMOOTH_BELOW * edges(EYE_BAND)).then_some(FaceProblem::MouthCovered)
}

/// The brightness that this share of an area does not reach.
fn bright(grey: &GrayImage, area: Area, share: f32) -> f32 {
    let mut values = part(grey, area).into_raw();
    values.sort_unstable();
    values.get((values.len() as f32 * share) as usize).copied().map_or(0.0, f32::from)
}

/// The share of red in an area's light: of skin 0.37 to 0.49, of what has no colour a third.
fn red(picture: &RgbImage, (x, y, width, height): Area) -> f32 {
    let mut sums = [0u32; 3];
    for pixel in crop_imm(picture, x, y, width, height).to_image().pixels() {
        sums.iter_mut().zip(pixel.0).for_each(|(sum, value)| *sum += u32::from(value));
    }
    sums[0] as f32 / sums.iter().sum::<u32>().max(1) as f32
}

fn part(grey: &GrayImage, (x, y, width, height): Area) -> GrayImage {
    crop_imm(grey, x, y, width, height).to_image()
}
