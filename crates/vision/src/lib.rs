//! Pictures in, facts out: identity cards, order screenshots and faces.
//!
//! The crate knows no database and no web. It takes decoded pictures and returns plain, serialisable readings whose
//! problems are stable codes; what a code means to a candidate, and what to do about it, is said elsewhere.
//!
//! - [`decode`] turns untrusted bytes into a bounded picture, upright.
//! - [`Vision`] holds the models, loaded when first needed, and reads cards, other documents, receipts and faces.
//! - [`number`], [`mrz`], [`receipt::parse`] and [`face::turns`] are pure: they need no model.

pub mod card;
pub mod document;
mod engine;
pub mod face;
#[cfg(fuzzing)]
pub mod fuzz;
mod geometry;
mod light;
mod models;
pub mod mrz;
pub mod number;
mod ocr;
mod onnx;
mod picture;
mod projective;
mod protobuf;
pub mod receipt;
mod vision;

pub use card::{BackReading, CardLines, CardProblem, CardReading, Confidence, FrontReading, NameDetail, Sex, ValidUntil};
pub use document::{DocumentReading, DocumentType};
pub use face::{FaceCheck, FaceComparison, FaceProblem, FaceSettings, Verdict};
pub use models::{Missing, VisionError};
pub use picture::{DecodeLimits, PictureProblem, decode, measure};
pub use receipt::{Channel, NumberPrint, ReceiptKind, ReceiptLook, ReceiptProblem, ReceiptReading, Sign, SignKind};
pub use vision::Vision;

/// Pictures are 8-bit RGB throughout.
pub use image::RgbImage;
