//! The model files: which there are, and their loading when they are first needed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{Engine, Rewrite, RtenModel, Threads};
use crate::ocr::Alphabet;

/// A model file that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model {} is missing: run make assets", file.display())]
pub struct Missing {
    /// Its path.
    pub file: PathBuf,
}

/// Why a picture could not be looked at, whatever it shows.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VisionError {
    /// A model is not installed: a person has to look.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// A model failed to load or to run.
    #[error("the model {model} failed: {cause}")]
    Engine {
        /// Its file name.
        model: &'static str,
        /// What the engine said.
        cause: String,
    },
}

/// A model as a file.
struct File {
    name: &'static str,
    rewrite: Rewrite,
}

const DETECTOR: File = File { name: "PP-OCRv6_det_small.onnx", rewrite: Rewrite::Nothing };
const RECOGNISER: File = File { name: "PP-OCRv6_rec_small.onnx", rewrite: Rewrite::Head };
const ANGLE: File = File { name: "ch_ppocr_mobile_v2.0_cls_mobile.onnx", rewrite: Rewrite::Nothing };
const FACES: File = File { name: "face_detection_yunet_2023mar_int8bq.onnx", rewrite: Rewrite::Blocks };
const EMBEDDER: File = File { name: "face_recognition_sface_2021dec_int8bq.onnx", rewrite: Rewrite::Blocks };

/// A model that is loaded when it is first asked for.
struct Lazy {
    file: &'static File,
    loaded: Mutex<Option<Arc<dyn Engine>>>,
}

impl Lazy {
    const fn new(file: &'static File) -> Self {
        Self { file, loaded: Mutex::new(None) }
    }

    /// Loads under the lock, so that two readings that start together load once.
    fn get(&self, folder: &Path, threads: &Arc<Threads>) -> Result<Arc<dyn Engine>, VisionError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = loaded.as_ref() {
            return Ok(Arc::clone(model));
        }
        let path = folder.join(self.file.name);
        if !path.is_file() {
            return Err(Missing { file: path }.into());
        }
        let model = RtenModel::load(&path, self.file.rewrite, Arc::clone(threads))
            .map_err(|cause| VisionError::Engine { model: self.file.name, cause })?;
        let model: Arc<dyn Engine> = Arc::new(model);
        *loaded = Some(Arc::clone(&model));
        Ok(model)
    }

    fn unload(&self) {
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// All models of a folder.
pub(crate) struct Models {
    folder: PathBuf,
    threads: Arc<Threads>,
    detector: Lazy,
    recogniser: Lazy,
    angle: Lazy,
    faces: Lazy,
    embedder: Lazy,
    alphabet: Mutex<Option<Arc<Alphabet>>>,
}

/// The models that read text, held for one reading.
pub(crate) struct TextModels {
    detector: Arc<dyn Engine>,
    recogniser: Arc<dyn Engine>,
    angle: Arc<dyn Engine>,
    alphabet: Arc<Alphabet>,
}

impl TextModels {
    pub(crate) fn reader(&self) -> crate::ocr::Reader<'_> {
        crate::ocr::Reader { detector: &*self.detector, recogniser: &*self.recogniser, angle: &*self.angle, alphabet: &self.alphabet }
    }
}

/// What a failure of the text models is called.
pub(crate) fn text_failure(cause: String) -> VisionError {
    VisionError::Engine { model: "PP-OCRv6", cause }
}

/// What a failure of the face models is called.
pub(crate) fn face_failure(cause: String) -> VisionError {
    VisionError::Engine { model: "YuNet and SFace", cause }
}

impl Models {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            threads: Arc::default(),
            detector: Lazy::new(&DETECTOR),
            recogniser: Lazy::new(&RECOGNISER),
            angle: Lazy::new(&ANGLE),
            faces: Lazy::new(&FACES),
            embedder: Lazy::new(&EMBEDDER),
            alphabet: Mutex::new(None),
        }
    }

    /// The first model file that is not there.
    pub(crate) fn available(&self) -> Result<(), Missing> {
        for file in [&DETECTOR, &RECOGNISER, &ANGLE, &FACES, &EMBEDDER] {
            let path = self.folder.join(file.name);
            if !path.is_file() {
                return Err(Missing { file: path });
            }
        }
        Ok(())
    }

    pub(crate) fn text(&self) -> Result<TextModels, VisionError> {
        let recogniser = self.recogniser.get(&self.folder, &self.threads)?;
        let mut known = self.alphabet.lock().unwrap_or_else(PoisonError::into_inner);
        let alphabet = match known.as_ref() {
            Some(alphabet) => Arc::clone(alphabet),
            None => {
                let list = recogniser.metadata("character").ok_or_else(|| VisionError::Engine {
                    model: RECOGNISER.name,
                    cause: "the file has no list of characters".to_owned(),
                })?;
                Arc::clone(known.insert(Arc::new(Alphabet::new(list))))
            }
        };
        drop(known);
        Ok(TextModels {
            detector: self.detector.get(&self.folder, &self.threads)?,
            angle: self.angle.get(&self.folder, &self.threads)?,
            recogniser,
            alphabet,
        })
    }

    pub(crate) fn faces(&self) -> Result<Arc<dyn Engine>, VisionError> {
        self.faces.get(&self.folder, &self.threads)
    }

    pub(crate) fn embedder(&self) -> Result<Arc<dyn Engine>, VisionError> {
        self.embedder.get(&self.folder, &self.threads)
    }

    /// Gives the memory of every model back; they are loaded again when they are needed.
    pub(crate) fn unload(&self) {
        for model in [&self.detector, &self.recogniser, &self.angle, &self.faces, &self.embedder] {
            model.unload();
        }
        *self.alphabet.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_model_is_named_and_says_what_to_do() {
        let models = Models::new(Path::new("/nowhere"));
        let missing = models.available().unwrap_err();
        assert!(missing.file.ends_with("PP-OCRv6_det_small.onnx"));
        assert!(missing.to_string().ends_with("run make assets"));
        assert!(matches!(models.faces(), Err(VisionError::Missing(_))));
    }
}
