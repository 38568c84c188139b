//! The models, loaded when first needed and shared by every thread.

use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::card::CardReading;
use crate::face::{Embedding, FaceCheck, FaceComparison, FaceSettings};
use crate::receipt::ReceiptReading;

/// Reads cards, receipts and faces. Cheap to open; put it into an `Arc` and share it.
#[derive(Debug)]
pub struct Vision {
    models_dir: PathBuf,
    settings: FaceSettings,
}

/// A model file that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model {} is missing: run make assets", file.display())]
pub struct Missing {
    /// Its path.
    pub file: PathBuf,
}

/// Why a picture could not be looked at, whatever it shows.
#[derive(Debug, thiserror::Error)]
pub enum VisionError {
    /// A model is not installed: a person has to look.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// A model failed to load or to run.
    #[error("the model {model} failed: {cause}")]
    Engine {
        /// Which one.
        model: &'static str,
        /// What the engine said.
        cause: String,
    },
}

impl Vision {
    /// Opens the folder of the models. Never fails: a missing model is reported when it is needed, or by
    /// [`Self::available`].
    pub fn open(models_dir: &Path) -> Self {
        Self { models_dir: models_dir.to_owned(), settings: FaceSettings::default() }
    }

    /// The same with other thresholds for faces.
    #[must_use]
    pub fn with_face_settings(mut self, settings: FaceSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Whether every model file is there; looks at the files only.
    pub fn available(&self) -> Result<(), Missing> {
        Err(Missing { file: self.models_dir.clone() })
    }

    /// Reads the sides that are given.
    pub fn read_card(&self, front: Option<&RgbImage>, back: Option<&RgbImage>) -> Result<CardReading, VisionError> {
        let _ = (front, back);
        self.available()?;
        Ok(CardReading::default())
    }

    /// Cuts the portrait out of a card's front; at least 110×140 pixels where the picture has them.
    pub fn portrait(&self, front: &RgbImage) -> Result<Option<RgbImage>, VisionError> {
        let _ = front;
        self.available()?;
        Ok(None)
    }

    /// Whether a live picture of a face is good enough.
    pub fn check_face(&self, picture: &RgbImage) -> Result<FaceCheck, VisionError> {
        let _ = picture;
        self.available()?;
        Ok(FaceCheck::default())
    }

    /// Compares a live picture with another picture, usually the portrait on the card.
    pub fn compare_faces(&self, live: &RgbImage, portrait: &RgbImage) -> Result<FaceComparison, VisionError> {
        let _ = (live, portrait);
        self.available()?;
        Ok(FaceComparison { similarity: None, verdict: self.settings.verdict(0.0), problems: Vec::new() })
    }

    /// The embedding of the largest face.
    pub fn embedding(&self, picture: &RgbImage) -> Result<Option<Embedding>, VisionError> {
        let _ = picture;
        self.available()?;
        Ok(None)
    }

    /// Reads an order screenshot.
    pub fn read_receipt(&self, picture: &RgbImage) -> Result<ReceiptReading, VisionError> {
        let _ = picture;
        self.available()?;
        Ok(ReceiptReading::default())
    }
}
