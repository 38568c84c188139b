//! The models, loaded when first needed and shared by every thread.

use std::path::Path;

use image::RgbImage;
use jiff::civil::Date;

use crate::card::{self, CardReading, Fields};
use crate::document::{self, DocumentReading, DocumentType};
use crate::face::turns::Seen;
use crate::face::{self, Embedding, FaceCheck, FaceComparison, FaceSettings};
use crate::models::{Missing, Models, VisionError, face_failure, text_failure};
use crate::receipt::{self, ReceiptLook, ReceiptReading, TextLine};

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

    /// Reads the sides that are given, every field.
    pub fn read_card(&self, front: Option<&RgbImage>, back: Option<&RgbImage>) -> Result<CardReading, VisionError> {
        let models = self.models.text()?;
        card::read(models.reader(), front, back, Fields::All).map_err(text_failure)
    }

    /// Reads what decides about a card and no more: name, number, birth, sex, validity and problems. About half the time of
    /// [`Self::read_card`]; ethnicity, address and authority are `None` unless they came along.
    pub fn decide_card(&self, front: Option<&RgbImage>, back: Option<&RgbImage>) -> Result<CardReading, VisionError> {
        let models = self.models.text()?;
        card::read(models.reader(), front, back, Fields::Deciding).map_err(text_failure)
    }

    /// Reads a document that is no resident identity card. `today` tells the century of two-digit years in machine-readable zones.
    pub fn read_document(
        &self,
        kind: DocumentType,
        front: Option<&RgbImage>,
        back: Option<&RgbImage>,
        today: Date,
    ) -> Result<DocumentReading, VisionError> {
        let models = self.models.text()?;
        document::read(models.reader(), kind, front, back, today).map_err(text_failure)
    }

    /// Cuts the portrait out of the picture of the front that was read, upright, with the pixels that the picture has: the one face where the
    /// card has its portrait, and `None` where there is none or more than one. Compare only portraits of the settings'
    /// minimum size without a person.
    pub fn card_portrait(&self, front: &RgbImage, reading: &CardReading) -> Result<Option<RgbImage>, VisionError> {
        let Some(around) = reading.portrait_field.and_then(|field| field.cut(front)) else { return Ok(None) };
        face::cut_printed(&*self.models.faces()?, &around).map_err(face_failure)
    }

    /// Cuts the portrait out of a document whose layout is not known, upright; `None` where no face is found on the picture, or
    /// more than one.
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

    /// Reads an order screenshot.
    pub fn read_receipt(&self, picture: &RgbImage) -> Result<ReceiptReading, VisionError> {
        let models = self.models.text()?;
        receipt::look::read(models.reader(), picture).map_err(text_failure)
    }

    /// Reads an order screenshot and looks at how it is drawn: how its numbers look, to find the same picture again, and what does not fit its surroundings.
    pub fn look_at_receipt(&self, picture: &RgbImage) -> Result<ReceiptLook, VisionError> {
        let models = self.models.text()?;
        receipt::look::look(models.reader(), picture).map_err(text_failure)
    }

    /// Every line of text in a picture and where it stands on the straightened page: for tools and experiments.
    pub fn lines(&self, picture: &RgbImage) -> Result<Vec<TextLine>, VisionError> {
        let models = self.models.text()?;
        Ok(receipt::look::Screen::read(models.reader(), picture, true).map_err(text_failure)?.lines)
    }
}
