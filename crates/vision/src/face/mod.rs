//! Faces: whether a picture is good enough, whether two show one person, and whether a head turned as asked.

mod compare;
mod detect;
mod embed;
mod gates;
pub mod index;
mod portrait;
pub mod turns;

pub(crate) use compare::{FIRST_LOOK, compare, look, measure};
pub(crate) use detect::find;
pub(crate) use embed::{align, embed};
pub(crate) use gates::check;
pub(crate) use portrait::{PORTRAIT_MARGIN, cut_portrait, cut_printed};

use serde::{Deserialize, Serialize};

/// What is wrong with a picture of a face. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaceProblem {
    /// No face was found.
    NoFace,
    /// More than one face was found.
    MoreThanOneFace,
    /// The face is too small: the person should come closer.
    MoveCloser,
    /// The face fills too much of the picture.
    TooClose,
    /// The face is not inside the picture, or not near its middle.
    OffCentre,
    /// Too little light on the face.
    TooDark,
    /// Too much light on the face.
    TooBright,
    /// The light comes from behind the person.
    Backlit,
    /// Out of focus or moved.
    Blurred,
    /// Dark glasses.
    EyesCovered,
    /// A mask.
    MouthCovered,
    /// The portrait on the card has fewer pixels than the comparison needs.
    PortraitTooSmall,
}

impl FaceProblem {
    /// The stable code, as in the JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoFace => "no_face",
            Self::MoreThanOneFace => "more_than_one_face",
            Self::MoveCloser => "move_closer",
            Self::TooClose => "too_close",
            Self::OffCentre => "off_centre",
            Self::TooDark => "too_dark",
            Self::TooBright => "too_bright",
            Self::Backlit => "backlit",
            Self::Blurred => "blurred",
            Self::EyesCovered => "eyes_covered",
            Self::MouthCovered => "mouth_covered",
            Self::PortraitTooSmall => "portrait_too_small",
        }
    }
}

/// Where the face is, in pixels of the given picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FaceBox {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// Whether a picture of a face is good enough to be compared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FaceCheck {
    /// What is wrong, worst first; empty when the picture is good.
    pub problems: Vec<FaceProblem>,
    /// The largest face, if any.
    #[serde(rename = "box")]
    pub bounds: Option<FaceBox>,
    /// How far the head is turned, in units of about 115 degrees: positive when the nose points to the right edge of an
    /// unmirrored picture, which is the person's own left.
    pub yaw: Option<f32>,
    /// How sharp the face is, as the variance of its Laplacian: to choose among good pictures.
    #[serde(skip)]
    pub sharpness: f32,
}

impl FaceCheck {
    /// True when the picture can be compared.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What a comparison of two faces says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// One person.
    Same,
    /// A person should decide.
    Unsure,
    /// Two persons.
    Different,
}

/// The comparison of two faces. Serialises to the stable JSON of `baokao face compare`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaceComparison {
    /// Cosine of the two embeddings, −1 to 1; `None` when a face was missing.
    pub similarity: Option<f32>,
    /// What the similarity means under the given settings; `unsure` when there is none.
    pub verdict: Verdict,
    /// Why the comparison was not made or is not to be relied on.
    pub problems: Vec<FaceProblem>,
}

/// A face as 128 numbers of unit length. Biometric data: keep it only as long as the decision takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Embedding(pub(crate) Vec<f32>);

impl Embedding {
    /// Cosine similarity, −1 to 1.
    pub fn similarity(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

/// Thresholds of the gates and the comparison. The defaults are measured on some forty faces; they are meant to be set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FaceSettings {
    /// Cosine at and above which two faces are one person.
    pub same_at: f32,
    /// Cosine below which two faces are two persons; between the two a person decides.
    pub different_below: f32,
    /// The smallest face in a live picture, as the longer side of its box in pixels.
    pub min_face_px: f32,
    /// The largest part of the picture's shorter side that the face may fill.
    pub max_face_share: f32,
    /// Mean luma of the face, 0–255, below which it is too dark.
    pub min_luma: f32,
    /// Mean luma of the face, 0–255, above which it is too bright.
    pub max_luma: f32,
    /// Variance of the Laplacian of the aligned face below which a live picture is blurred.
    pub min_sharpness: f32,
    /// The smallest portrait that is compared without a person, width in pixels.
    pub min_portrait_width: u32,
    /// The smallest portrait that is compared without a person, height in pixels.
    pub min_portrait_height: u32,
}

impl Default for FaceSettings {
    fn default() -> Self {
        Self {
            same_at: 0.45,
            different_below: 0.363,
            min_face_px: 112.0,
            max_face_share: 0.9,
            min_luma: 60.0,
            max_luma: 220.0,
            min_sharpness: 100.0,
            min_portrait_width: 110,
            min_portrait_height: 140,
        }
    }
}

impl FaceSettings {
    /// What a similarity means.
    pub fn verdict(&self, similarity: f32) -> Verdict {
        if similarity >= self.same_at {
            Verdict::Same
        } else if similarity >= self.different_below {
            Verdict::Unsure
        } else {
            Verdict::Different
        }
    }
}
