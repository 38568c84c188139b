//! The one seam to the inference engine: a tensor in, tensors out. Everything else in the crate is plain arithmetic, so
//! another engine means another implementation of [`Engine`] and nothing more.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rten::{Model, ModelOptions, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use crate::onnx;

/// Numbers with a shape, row by row.
#[derive(Debug, Clone)]
pub(crate) struct Tensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<f32>,
}

/// A loaded model.
pub(crate) trait Engine: Send + Sync {
    /// Runs the model on one batch of pictures, `[n, channel, row, column]`; gives every output in the model's order.
    fn run(&self, shape: [usize; 4], data: Vec<f32>) -> Result<Vec<Tensor>, String>;
    /// A value of the model's metadata.
    fn metadata(&self, key: &str) -> Option<&str>;
}

/// Pools of one thread each, one per reading that runs at the same time: a reading keeps to one core, and two readings
/// do not wait for each other.
#[derive(Default)]
pub(crate) struct Threads {
    idle: Mutex<Vec<Arc<ThreadPool>>>,
}

impl Threads {
    fn with<R>(&self, work: impl FnOnce(Arc<ThreadPool>) -> R) -> R {
        let taken = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let pool = taken.unwrap_or_else(|| Arc::new(ThreadPool::with_num_threads(1)));
        let result = work(Arc::clone(&pool));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(pool);
        result
    }
}

/// What has to be changed in a model's file before the engine takes it; see [`onnx`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rewrite {
    Nothing,
    /// Its weights are 8-bit blocks.
    Blocks,
    /// Its last layer is wide.
    Head,
}

/// A model run by rten.
pub(crate) struct RtenModel {
    model: Model,
    threads: Arc<Threads>,
}

impl RtenModel {
    /// Loads an ONNX file, rewriting it first where it needs that. Weights are packed for the processor once, here, and not
    /// at every run: a tenth to a quarter of the time of the text models.
    pub(crate) fn load(file: &Path, rewrite: Rewrite, threads: Arc<Threads>) -> Result<Self, String> {
        let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
        let bytes = match rewrite {
            Rewrite::Nothing => bytes,
            Rewrite::Blocks => onnx::expand(&bytes).map_err(|error| error.to_string())?,
            Rewrite::Head => onnx::part_head(&bytes).map_err(|error| error.to_string())?,
        };
        let model = ModelOptions::with_all_ops().prepack_weights(true).load(bytes).map_err(|error| error.to_string())?;
        Ok(Self { model, threads })
    }
}

impl Engine for RtenModel {
    fn run(&self, shape: [usize; 4], data: Vec<f32>) -> Result<Vec<Tensor>, String> {
        let input = *self.model.input_ids().first().ok_or("the model has no input")?;
        let picture = NdTensor::try_from_data(shape, data).map_err(|error| error.to_string())?;
        let outputs = self.threads.with(|pool| {
            let options = RunOptions::default().with_thread_pool(Some(pool));
            self.model.run(vec![(input, picture.into())], self.model.output_ids(), Some(options))
        });
        outputs
            .map_err(|error| error.to_string())?
            .into_iter()
            .map(|value| {
                let tensor = value.into_tensor::<f32>().ok_or("the model gave something other than floats")?;
                Ok(Tensor { shape: tensor.shape().to_vec(), data: tensor.into_data() })
            })
            .collect()
    }

    fn metadata(&self, key: &str) -> Option<&str> {
        self.model.metadata().get(key)
    }
}
