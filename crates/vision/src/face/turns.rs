//! The random head-turn challenge: pure judgement over measured frames.
//!
//! The server chooses the turns, the person performs them in front of the camera, and each frame comes labelled with
//! what was asked when it was taken. A photograph that is turned in the hand changes its yaw by at most 0.056; a head
//! changes it by far more. This stops a photograph and a recorded video; it does not stop a virtual camera.

use serde::{Deserialize, Serialize};

use super::{Embedding, FaceProblem};

/// A turn as asked of the person, in the person's own terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Towards the person's own left: to the right edge of an unmirrored picture.
    Left,
    /// Towards the person's own right.
    Right,
}

impl Turn {
    /// The sign that the change of yaw has.
    fn sign(self) -> f32 {
        match self {
            Self::Left => 1.0,
            Self::Right => -1.0,
        }
    }
}

/// A frame as measured.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredFrame {
    /// Yaw as in [`super::FaceCheck::yaw`].
    pub yaw: f32,
    /// Whose face it is.
    pub embedding: Embedding,
    /// What is not as it should be for a comparison: a turned head is often unevenly lit or out of place.
    pub problems: Vec<FaceProblem>,
    /// How sharp the face is; see [`super::FaceCheck::sharpness`].
    pub sharpness: f32,
}

/// What a frame shows: its measure, or why it cannot be measured.
pub type Seen = Result<MeasuredFrame, FaceProblem>;

/// One turn that was asked for, and the frames taken while it was.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedTurn {
    /// What was asked.
    pub turn: Turn,
    /// What was seen.
    pub frames: Vec<MeasuredFrame>,
}

/// Why a challenge failed. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnFailure {
    /// No usable frame of the head held straight.
    NoBaseline,
    /// The head was not held still for the baseline.
    UnsteadyBaseline,
    /// No turn was asked for, or no usable frame shows one of them.
    MissingTurn,
    /// The head did not turn far enough.
    NotTurned,
    /// The head turned the other way.
    WrongWay,
    /// Another face appeared.
    AnotherFace,
}

impl TurnFailure {
    /// The stable code, as in the JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoBaseline => "no_baseline",
            Self::UnsteadyBaseline => "unsteady_baseline",
            Self::MissingTurn => "missing_turn",
            Self::NotTurned => "not_turned",
            Self::WrongWay => "wrong_way",
            Self::AnotherFace => "another_face",
        }
    }
}

/// Limits of the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TurnSettings {
    /// The smallest change of yaw that counts as a turn.
    pub min_change: f32,
    /// The largest spread of yaw among the baseline frames.
    pub max_baseline_spread: f32,
    /// The smallest cosine between the first frame and another in which the head is straight, or not turned far enough to count.
    pub min_similarity: f32,
    /// The smallest cosine between a turned head and the baseline: a profile looks less like the front.
    pub min_turned_similarity: f32,
}

impl Default for TurnSettings {
    fn default() -> Self {
        Self { min_change: 0.15, max_baseline_spread: 0.1, min_similarity: 0.45, min_turned_similarity: 0.3 }
    }
}

/// What a challenge showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnJudgement {
    /// Why it failed, each reason once; empty when it was passed.
    pub failures: Vec<TurnFailure>,
    /// For each asked turn the change of yaw in its direction, of the second-best frame where there are three or more; or in
    /// the other direction where that is larger.
    pub changes: Vec<f32>,
}

impl TurnJudgement {
    /// Whether every turn was made, by one person.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// Judges a challenge: `baseline` are frames of the head held straight, `asked` the turns in their order, `end` frames from after them. Every frame has to show
/// the face of the first.
pub fn judge(baseline: &[MeasuredFrame], asked: &[AskedTurn], end: &[MeasuredFrame], settings: &TurnSettings) -> TurnJudgement {
    let mut judgement = TurnJudgement { failures: Vec::new(), changes: Vec::new() };
    let mut fail = |failure| {
        if !judgement.failures.contains(&failure) {
            judgement.failures.push(failure);
        }
    };
    let Some(first) = baseline.first() else {
        fail(TurnFailure::NoBaseline);
        return judgement;
    };
    let (low, high) = baseline.iter().fold((f32::MAX, f32::MIN), |(low, high), f| (low.min(f.yaw), high.max(f.yaw)));
    if high - low > settings.max_baseline_spread || baseline.iter().any(|frame| frame.yaw.is_nan()) {
        fail(TurnFailure::UnsteadyBaseline);
    }
    if asked.is_empty() || asked.iter().any(|turn| turn.frames.is_empty()) {
        fail(TurnFailure::MissingTurn);
    }
    let straight = middle(baseline);
    let is_first = |frame: &MeasuredFrame| {
        let is_turned = (frame.yaw - straight).abs() >= settings.min_change;
        frame.embedding.similarity(&first.embedding) >= if is_turned { settings.min_turned_similarity } else { settings.min_similarity }
    };
    if !baseline.iter().chain(asked.iter().flat_map(|turn| &turn.frames)).chain(end).all(is_first) {
        fail(TurnFailure::AnotherFace);
    }
    for turn in asked.iter().filter(|turn| !turn.frames.is_empty()) {
        let mut changes: Vec<f32> = turn.frames.iter().map(|frame| (frame.yaw - straight) * turn.turn.sign()).collect();
        changes.sort_by(f32::total_cmp);
        // Of three and more frames a single one does not make a turn: its measure may be an outlier.
        let skip = usize::from(changes.len() >= 3);
        let along = changes.iter().rev().nth(skip).copied().unwrap_or(0.0).max(0.0);
        let against = changes.get(skip).copied().unwrap_or(0.0).min(0.0);
        if along >= settings.min_change {
            judgement.changes.push(along);
        } else {
            judgement.changes.push(if along > -against { along } else { against });
            fail(if -against >= settings.min_change { TurnFailure::WrongWay } else { TurnFailure::NotTurned });
        }
    }
    judgement
}

/// The middle yaw.
fn middle(frames: &[MeasuredFrame]) -> f32 {
    let mut yaws: Vec<f32> = frames.iter().map(|frame| frame.yaw).collect();
    yaws.sort_by(f32::total_cmp);
    yaws.get(yaws.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(yaw: f32, who: usize) -> MeasuredFrame {
        let mut numbers = vec![0.0; 4];
        numbers[who] = 1.0;
        MeasuredFrame { yaw, embedding: Embedding(numbers), problems: Vec::new(), sharpness: 0.0 }
    }

    fn asked(turn: Turn, yaws: &[f32]) -> AskedTurn {
        AskedTurn { turn, frames: yaws.iter().map(|yaw| frame(*yaw, 0)).collect() }
    }

    fn judged(asked: &[AskedTurn]) -> Vec<TurnFailure> {
        judge(&[frame(0.02, 0), frame(0.0, 0), frame(0.01, 0)], asked, &[], &TurnSettings::default()).failures
    }

    #[test]
    fn turns_in_the_asked_direction_pass() {
        assert!(judged(&[asked(Turn::Left, &[0.0, 0.2]), asked(Turn::Right, &[0.1, -0.3])]).is_empty());
    }

    #[test]
    fn what_is_not_a_turn_is_named() {
        assert_eq!(judged(&[asked(Turn::Left, &[0.05, 0.056])]), [TurnFailure::NotTurned], "a photograph turned in the hand");
        assert_eq!(judged(&[asked(Turn::Left, &[-0.3])]), [TurnFailure::WrongWay]);
        assert_eq!(judged(&[asked(Turn::Left, &[])]), [TurnFailure::MissingTurn]);
        assert_eq!(judged(&[]), [TurnFailure::MissingTurn]);
        let other = AskedTurn { turn: Turn::Left, frames: vec![frame(0.3, 1)] };
        assert_eq!(judged(&[other]), [TurnFailure::AnotherFace]);
    }

    #[test]
    fn every_frame_shows_the_face_of_the_first() {
        // Cosine 0.4 with the first: enough for a profile, too little for a head that is straight.
        let like = |yaw| MeasuredFrame { embedding: Embedding(vec![0.4, 0.84f32.sqrt(), 0.0, 0.0]), ..frame(yaw, 0) };
        let judged = |turning: MeasuredFrame, end: &[MeasuredFrame]| {
            let asked = [AskedTurn { turn: Turn::Left, frames: vec![turning, frame(0.3, 0)] }];
            judge(&[frame(0.0, 0)], &asked, end, &TurnSettings::default()).failures
        };
        assert_eq!(judged(like(0.2), &[frame(0.0, 0)]), []);
        assert_eq!(judged(like(0.1), &[]), [TurnFailure::AnotherFace]);
        assert_eq!(judged(frame(0.1, 0), &[like(0.0)]), [TurnFailure::AnotherFace]);
        assert_eq!(judged(frame(0.1, 0), &[frame(0.0, 2)]), [TurnFailure::AnotherFace]);
    }

    #[test]
    fn one_outlier_among_frames_is_no_turn() {
        assert_eq!(judged(&[asked(Turn::Left, &[0.0, 0.01, 0.4, 0.02])]), [TurnFailure::NotTurned]);
        assert!(judged(&[asked(Turn::Left, &[0.0, 0.2, 0.4, 0.02])]).is_empty());
    }

    #[test]
    fn the_baseline_has_to_be_there_and_steady_and_one_person() {
        let settings = TurnSettings::default();
        let turn = [asked(Turn::Left, &[0.4])];
        assert_eq!(judge(&[], &turn, &[], &settings).failures, [TurnFailure::NoBaseline]);
        assert_eq!(judge(&[frame(0.0, 0), frame(0.12, 0)], &turn, &[], &settings).failures, [TurnFailure::UnsteadyBaseline]);
        assert_eq!(judge(&[frame(0.0, 0), frame(0.0, 2)], &turn, &[], &settings).failures, [TurnFailure::AnotherFace]);
        assert!(!judge(&[frame(f32::NAN, 0)], &turn, &[], &settings).passed());
    }

    proptest::proptest! {
        #[test]
        fn a_still_head_never_passes(yaws in proptest::collection::vec(-0.07f32..0.07, 1..20), left in proptest::bool::ANY) {
            let turn = if left { Turn::Left } else { Turn::Right };
            proptest::prop_assert!(!judged(&[asked(turn, &yaws)]).is_empty());
        }

        #[test]
        fn a_change_is_reported_for_every_turn(yaws in proptest::collection::vec(-1.0f32..1.0, 1..20)) {
            let judgement = judge(&[frame(0.0, 0)], &[asked(Turn::Left, &yaws), asked(Turn::Right, &yaws)], &[], &TurnSettings::default());
            proptest::prop_assert_eq!(judgement.changes.len(), 2);
        }
    }
}
