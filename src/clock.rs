//! Where time comes from. Code asks its [`Clock`], never the wall, so that a test can stand at any second of a registration window.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::types::UnixMs;

/// A source of the current time; cheap to clone, clones share the same hands.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still at `at` until it is moved: for tests.
    pub fn fixed(at: UnixMs) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.0))))
    }

    /// Now, in Unix milliseconds.
    pub fn now(&self) -> UnixMs {
        match &self.0 {
            Some(ms) => UnixMs(ms.load(Ordering::SeqCst)),
            None => UnixMs(jiff::Timestamp::now().as_millisecond()),
        }
    }

    /// Moves a fixed clock by `ms` (may be negative); does nothing to the system clock.
    pub fn advance(&self, ms: i64) {
        if let Some(at) = &self.0 {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Sets a fixed clock; does nothing to the system clock.
    pub fn set(&self, to: UnixMs) {
        if let Some(at) = &self.0 {
            at.store(to.0, Ordering::SeqCst);
        }
    }
}
