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

/// A frame as measured.
#[derive(Debug, Clone)]
pub struct MeasuredFrame {
    /// Yaw as in [`super::FaceCheck::yaw`].
    pub yaw: f32,
    /// Whose face it is.
    pub embedding: Embedding,
}

/// Why a challenge failed. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnFailure {
    /// No usable frame of the head held straight.
    NoBaseline,
    /// The head was not held still and straight for the baseline.
    UnsteadyBaseline,
    /// No usable frame for one of the turns.
    MissingTurn,
    /// The head did not turn far enough.
    NotTurned,
    /// The head turned the other way.
    WrongWay,
    /// Another face appeared.
    AnotherFace,
}

/// Limits of the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TurnSettings {
    /// The smallest change of yaw that counts as a turn.
    pub min_change: f32,
    /// The largest spread of yaw among the baseline frames.
    pub max_baseline_spread: f32,
    /// The smallest cosine between any frame and the baseline.
    pub min_similarity: f32,
}

impl Default for TurnSettings {
    fn default() -> Self {
        Self { min_change: 0.15, max_baseline_spread: 0.1, min_similarity: 0.363 }
    }
}

/// A frame that was asked for and what was seen: its measure, or why it could not be measured.
pub type Seen = Result<MeasuredFrame, FaceProblem>;
