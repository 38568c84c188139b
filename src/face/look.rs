//! What the machine sees: frames and portraits in, a finding out. Blocking, and without a database: it runs on a blocking thread.

use baokao_vision::face::Embedding;
use baokao_vision::face::turns::{AskedTurn, MeasuredFrame, TurnFailure, TurnSettings, judge};
use baokao_vision::{DecodeLimits, FaceProblem, RgbImage, Verdict, Vision, VisionError, decode};

use super::Challenge;
use super::frames::{MAX_FRAME_BYTES, Moment, hex};
use crate::crypto::sha256;

/// Frames come from our own page at 640 pixels; a larger one is scaled down before anything looks at it.
const FRAME_LIMITS: DecodeLimits =
    DecodeLimits { max_bytes: MAX_FRAME_BYTES, max_side_px: 4_096, max_pixels: 12_000_000, scale_to_px: 1_024 };
/// Photographs come from any phone.
fn photo_limits() -> DecodeLimits {
    DecodeLimits { scale_to_px: 1_600, ..DecodeLimits::default() }
}

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is the candidate, alive and alone.
    Passed,
    /// It is not, or could not be seen; the candidate can try again.
    Failed,
    /// A person has to decide.
    Person,
}

/// An outcome with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it came to.
    pub outcome: Outcome,
    /// The cosine, −1 to 1, where a comparison was made.
    pub similarity: Option<f32>,
    /// Codes of `face::words`, worst first.
    pub problems: Vec<&'static str>,
    /// Which frame to keep.
    pub best: usize,
    /// The face itself as numbers, where it was seen to be the candidate's or may be.
    pub face: Option<Embedding>,
}

impl Finding {
    /// A person decides, for this reason.
    pub fn person(reason: &'static str) -> Self {
        Self { outcome: Outcome::Person, similarity: None, problems: vec![reason], best: 0, face: None }
    }

    /// The candidate can try again.
    pub fn failed(problems: Vec<&'static str>) -> Self {
        Self { outcome: Outcome::Failed, similarity: None, problems, best: 0, face: None }
    }

    /// The cosine in ten-thousandths, as it is stored.
    pub fn ten_thousandths(&self) -> Option<i64> {
        self.similarity.map(|cosine| (f64::from(cosine) * 10_000.0).round() as i64)
    }
}

/// A live check's frames with what each was taken for.
pub type Frames = Vec<(Moment, Vec<u8>)>;

/// How far a head may be turned, as yaw, in the picture that is compared.
const STRAIGHT: f32 = 0.12;

/// A live check as the machine saw it.
#[derive(Debug)]
pub struct Seen {
    /// What it came to.
    pub finding: Finding,
    /// SHA-256 of each picture's pixels in hex, whatever file held them, as far as was looked.
    pub prints: Vec<String>,
}

impl Seen {
    /// A photograph that a person decides about, or nothing that was looked at.
    pub fn without_prints(finding: Finding) -> Self {
        Self { finding, prints: Vec::new() }
    }
}

/// Looks at a live check: new pictures, exactly one face, the asked turns, one person throughout, and that person on the card.
pub fn live(vision: &Vision, frames: &Frames, challenge: &Challenge, portrait: Option<&[u8]>) -> Result<Seen, VisionError> {
    let mut prints = Vec::new();
    let finding = judge_frames(vision, frames, challenge, portrait, &mut prints)?;
    Ok(Seen { finding, prints })
}

fn judge_frames(
    vision: &Vision,
    frames: &Frames,
    challenge: &Challenge,
    portrait: Option<&[u8]>,
    prints: &mut Vec<String>,
) -> Result<Finding, VisionError> {
    // With the place of each among the frames: one of them is kept.
    let mut straight: Vec<(usize, MeasuredFrame)> = Vec::new();
    let mut baseline: Vec<MeasuredFrame> = Vec::new();
    let mut asked: Vec<AskedTurn> = challenge.turns.iter().map(|turn| AskedTurn { turn: *turn, frames: Vec::new() }).collect();
    let mut end: Vec<MeasuredFrame> = Vec::new();
    let mut straight_problem = None;
    for (index, (moment, bytes)) in frames.iter().enumerate() {
        let Ok(picture) = decode(bytes, &FRAME_LIMITS) else { return Ok(Finding::failed(vec!["unreadable"])) };
        let print = hex(&sha256(picture.as_raw()));
        match prints.iter().rposition(|other| *other == print) {
            // A camera that stutters gives one picture twice in a row, also when the next turn has been asked meanwhile; it counts once, for what it was taken first.
            Some(place) if place + 1 == prints.len() => continue,
            Some(_) => return Ok(Finding::failed(vec!["repeated"])),
            None => prints.push(print),
        }
        match vision.measure_frame(&picture)? {
            Ok(seen) => match moment {
                Moment::Baseline => {
                    straight.push((index, seen.clone()));
                    baseline.push(seen);
                }
                Moment::Turn(number) => match asked.get_mut(*number) {
                    Some(turn) => turn.frames.push(seen),
                    None => return Ok(Finding::failed(vec!["unreadable"])),
                },
                Moment::End => {
                    straight.push((index, seen.clone()));
                    end.push(seen);
                }
            },
            // Somebody beside the candidate could be the one who turns.
            Err(FaceProblem::MoreThanOneFace) => return Ok(Finding::failed(vec!["more_than_one_face"])),
            Err(problem) if *moment == Moment::Baseline => straight_problem = straight_problem.or(Some(problem)),
            Err(_) => {}
        }
    }
    let judged = judge(&baseline, &asked, &end, &TurnSettings::default());
    if !judged.passed() {
        let mut failures: Vec<&'static str> = judged.failures.into_iter().map(TurnFailure::code).collect();
        // Why nothing was seen says more than that nothing was seen.
        failures.splice(0..0, straight_problem.filter(|_| baseline.is_empty()).map(FaceProblem::code));
        return Ok(Finding::failed(failures));
    }
    let Some((best, seen)) = best_of(straight) else { return Ok(Finding::failed(vec!["no_baseline"])) };
    let picture = frames.get(best).and_then(|(_, bytes)| decode(bytes, &FRAME_LIMITS).ok());
    let Some(picture) = picture else { return Ok(Finding::failed(vec!["unreadable"])) };
    Ok(Finding { best, face: Some(seen.embedding), ..against(vision, &picture, portrait)? })
}

/// Of the frames that were to look straight ahead: least wrong, then straight, then sharpest.
fn best_of(straight: Vec<(usize, MeasuredFrame)>) -> Option<(usize, MeasuredFrame)> {
    let rank = |frame: &MeasuredFrame| (frame.problems.len(), frame.yaw.abs() > STRAIGHT);
    let better = |a: &MeasuredFrame, b: &MeasuredFrame| rank(a).cmp(&rank(b)).then(b.sharpness.total_cmp(&a.sharpness));
    straight.into_iter().min_by(|(_, a), (_, b)| better(a, b))
}

/// Looks at one photograph. It never passes by itself: a still picture shows nothing about who holds the phone. `wants_face`: the face as numbers is wanted too.
pub fn photo(vision: &Vision, photo: &[u8], portrait: Option<&[u8]>, wants_face: bool) -> Result<Finding, VisionError> {
    let Ok(picture) = decode(photo, &photo_limits()) else { return Ok(Finding::failed(vec!["unreadable"])) };
    let problems = vision.check_face(&picture)?.problems;
    if !problems.is_empty() {
        return Ok(Finding::failed(problems.into_iter().map(FaceProblem::code).collect()));
    }
    let mut finding = against(vision, &picture, portrait)?;
    if finding.outcome == Outcome::Passed {
        finding.outcome = Outcome::Person;
        finding.problems = vec!["not_live"];
    }
    if wants_face && finding.outcome == Outcome::Person {
        finding.face = vision.embedding(&picture)?;
    }
    Ok(finding)
}

/// The face in a picture that a person has approved, as numbers.
pub fn face(vision: &Vision, picture: &[u8]) -> Result<Option<Embedding>, VisionError> {
    match decode(picture, &photo_limits()) {
        Ok(picture) => vision.embedding(&picture),
        Err(_) => Ok(None),
    }
}

/// One to one with the card's portrait.
fn against(vision: &Vision, picture: &RgbImage, portrait: Option<&[u8]>) -> Result<Finding, VisionError> {
    let Some(portrait) = portrait.and_then(|bytes| decode(bytes, &photo_limits()).ok()) else { return Ok(Finding::person("no_portrait")) };
    let compared = vision.compare_faces(picture, &portrait)?;
    let mut problems: Vec<&'static str> = compared.problems.iter().map(|problem| problem.code()).collect();
    let outcome = match compared.verdict {
        Verdict::Same => Outcome::Passed,
        Verdict::Unsure => {
            problems.insert(0, "unsure");
            Outcome::Person
        }
        Verdict::Different => {
            problems.insert(0, "different_person");
            Outcome::Failed
        }
    };
    Ok(Finding { outcome, similarity: compared.similarity, problems, best: 0, face: None })
}
