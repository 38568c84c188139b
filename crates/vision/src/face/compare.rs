//! Whether two pictures show one person.

use image::RgbImage;
use image::imageops::crop_imm;

use super::detect::{Face, counted, find};
use super::gates::surface_problem;
use super::turns::{MeasuredFrame, Seen};
use super::{FaceComparison, FaceProblem, FaceSettings, Verdict, align, check, embed};
use crate::engine::Engine;

/// The detector's first look: enough for a face that fills a good part of the picture.
pub(crate) const FIRST_LOOK: u32 = 320;
/// Sizes for further opinions on the same face.
const CLOSE_LOOKS: [u32; 2] = [192, 256];
/// The second look, when the first finds nothing.
const SECOND_LOOK: u32 = 640;
/// The look at a portrait that was cut out of a card, which its face fills to a half: a third of the first look's time.
const PORTRAIT_LOOK: u32 = 192;
/// A face that is so wide in what the detector sees has its points where they are.
const SURE_PX: f32 = 48.0;

/// The faces of a picture, looking closer when the first look finds none.
pub(crate) fn look(detector: &dyn Engine, picture: &RgbImage) -> Result<Vec<Face>, String> {
    let found = find(detector, picture, FIRST_LOOK)?;
    if found.is_empty() { find(detector, picture, SECOND_LOOK) } else { Ok(found) }
}

/// The faces of a portrait: a small look where the face is large, else as in any picture.
fn look_at_portrait(detector: &dyn Engine, portrait: &RgbImage) -> Result<Vec<Face>, String> {
    let found = find(detector, portrait, PORTRAIT_LOOK)?;
    let factor = PORTRAIT_LOOK as f32 / portrait.width().max(portrait.height()) as f32;
    match found.first() {
        Some(face) if face.bounds.width * factor.min(1.0) >= SURE_PX => Ok(found),
        _ => look(detector, portrait),
    }
}

/// Compares a live picture with a portrait.
///
/// A problem never turns two persons into one: a bad picture can only make the verdict `unsure`.
pub(crate) fn compare(
    detector: &dyn Engine,
    embedder: &dyn Engine,
    live: &RgbImage,
    portrait: &RgbImage,
    settings: &FaceSettings,
) -> Result<FaceComparison, String> {
    let (faces, others) = (look(detector, live)?, look_at_portrait(detector, portrait)?);
    let (Some(face), Some(other)) = (faces.first(), others.first()) else {
        return Ok(FaceComparison { similarity: None, verdict: Verdict::Unsure, problems: vec![FaceProblem::NoFace] });
    };
    let mut problems = Vec::new();
    if counted(&faces) > 1 {
        problems.push(FaceProblem::MoreThanOneFace);
    }
    let cut = align(live, face);
    problems.extend(surface_problem(live, &cut, settings));
    if portrait.width() < settings.min_portrait_width || portrait.height() < settings.min_portrait_height {
        problems.push(FaceProblem::PortraitTooSmall);
    }
    let one = embed(embedder, &cut)?;
    let two = embed(embedder, &align(portrait, other))?;
    let similarity = one.similarity(&two);
    Ok(FaceComparison { similarity: Some(similarity), verdict: judged(similarity, &problems, settings), problems })
}

/// The verdict under what is wrong with the pictures: light and blur lower a similarity, so that a high one still holds;
/// with a second face, a covered one or too small a portrait not even a high one does.
fn judged(similarity: f32, problems: &[FaceProblem], settings: &FaceSettings) -> Verdict {
    let doubtful = [FaceProblem::MoreThanOneFace, FaceProblem::PortraitTooSmall, FaceProblem::EyesCovered, FaceProblem::MouthCovered];
    match settings.verdict(similarity) {
        Verdict::Same if problems.iter().any(|problem| doubtful.contains(problem)) => Verdict::Unsure,
        Verdict::Different if !problems.is_empty() => Verdict::Unsure,
        verdict => verdict,
    }
}

/// Measures a frame of a head-turn challenge.
pub(crate) fn measure(detector: &dyn Engine, embedder: &dyn Engine, frame: &RgbImage, settings: &FaceSettings) -> Result<Seen, String> {
    let faces = find(detector, frame, FIRST_LOOK)?;
    let gate = check(frame, &faces, settings);
    // A turned head moves and is lit unevenly: only what makes the measure meaningless counts here.
    let fatal = [FaceProblem::NoFace, FaceProblem::MoreThanOneFace, FaceProblem::MoveCloser, FaceProblem::TooDark];
    if let Some(problem) = gate.problems.iter().find(|problem| fatal.contains(problem)) {
        return Ok(Err(*problem));
    }
    let Some(face) = faces.first() else { return Ok(Err(FaceProblem::NoFace)) };
    let yaw = steady_yaw(detector, frame, face)?;
    let embedding = embed(embedder, &align(frame, face))?;
    Ok(Ok(MeasuredFrame { yaw, embedding, problems: gate.problems, sharpness: gate.sharpness }))
}

/// The mean yaw of several looks at one frame: from one look to another the points of a face move by a few hundredths,
/// which is too much beside the size of a turn. In the mirror the sign changes and the error does not. The later looks see only the surroundings of the face.
fn steady_yaw(detector: &dyn Engine, frame: &RgbImage, face: &Face) -> Result<f32, String> {
    let near = surroundings(frame, face);
    let mirrored = image::imageops::flip_horizontal(&near);
    let mut yaws = vec![face.yaw()];
    for (picture, longest, sign) in [(&mirrored, CLOSE_LOOKS[0], -1.0), (&near, CLOSE_LOOKS[1], 1.0), (&mirrored, CLOSE_LOOKS[1], -1.0)] {
        yaws.extend(find(detector, picture, longest)?.first().map(|face| sign * face.yaw()));
    }
    Ok(yaws.iter().sum::<f32>() / yaws.len() as f32)
}

/// A square around the face, twice as wide, as far as the picture reaches.
fn surroundings(picture: &RgbImage, face: &Face) -> RgbImage {
    let b = &face.bounds;
    let side = 2.0 * b.width.max(b.height);
    let from = |middle: f32| (middle - side / 2.0).max(0.0) as u32;
    crop_imm(picture, from(b.x + b.width / 2.0), from(b.y + b.height / 2.0), side as u32, side as u32).to_image()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_only_ever_makes_the_verdict_less_sure() {
        let settings = FaceSettings::default();
        assert_eq!(judged(0.7, &[], &settings), Verdict::Same);
        assert_eq!(judged(0.7, &[FaceProblem::Blurred], &settings), Verdict::Same);
        assert_eq!(judged(0.7, &[FaceProblem::PortraitTooSmall], &settings), Verdict::Unsure);
        assert_eq!(judged(0.4, &[], &settings), Verdict::Unsure);
        assert_eq!(judged(0.1, &[], &settings), Verdict::Different);
        assert_eq!(judged(0.1, &[FaceProblem::TooDark], &settings), Verdict::Unsure);
    }
}
