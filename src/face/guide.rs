//! Live guidance: one frame in, one sentence out; nothing is stored. It must never slow the rest of the site: few frames are looked at at once, and each
//! candidate's only a few times a second. What does not fit is answered at once, and the next frame comes anyway.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use baokao_vision::{DecodeLimits, VisionError, decode};
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::frames::MAX_FRAME_BYTES;
use super::words;
use crate::app::App;
use crate::error::{Error, Result};
use crate::types::UnixMs;

const FRAME_LIMITS: DecodeLimits = DecodeLimits { max_bytes: MAX_FRAME_BYTES, max_side_px: 2_048, max_pixels: 4_000_000, scale_to_px: 640 };
/// How long a frame waits for its turn before it is answered unseen.
const PATIENCE: Duration = Duration::from_millis(200);
/// The page sends a frame every 400 ms; four times as many are a script.
const MIN_INTERVAL_MS: i64 = 100;
/// Candidates remembered at once; beyond it the list starts anew.
const MAX_REMEMBERED: usize = 10_000;

/// What the page shows on the oval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Guidance {
    /// One sentence.
    pub message: &'static str,
    /// Whether this frame is good.
    pub ok: bool,
}

impl Guidance {
    const BUSY: Self = Self { message: "请稍候", ok: false };

    fn of(code: &str) -> Self {
        Self { message: words::live(code), ok: false }
    }

    fn good() -> Self {
        Self { message: "很好，请保持不动", ok: true }
    }
}

/// Who looks at frames, and how many at once.
#[derive(Debug)]
pub struct Guides {
    slots: Semaphore,
    last: Mutex<HashMap<i64, UnixMs>>,
}

impl Guides {
    /// So many frames are looked at at once.
    pub fn new(at_once: usize) -> Self {
        Self { slots: Semaphore::new(at_once), last: Mutex::default() }
    }

    /// Looks at one frame of a candidate. Without models every frame counts as good, because a person will look in the end.
    pub async fn look(&self, app: &App, account: i64, frame: Vec<u8>) -> Result<Guidance> {
        if frame.len() > MAX_FRAME_BYTES {
            return Err(Error::TooLarge("画面太大，请换手机自带的浏览器再试一次。".into()));
        }
        if self.is_too_soon(account, app.clock.now()) {
            return Ok(Guidance::BUSY);
        }
        let Ok(Ok(_slot)) = timeout(PATIENCE, self.slots.acquire()).await else { return Ok(Guidance::BUSY) };
        let app = app.clone();
        tokio::task::spawn_blocking(move || {
            let Ok(picture) = decode(&frame, &FRAME_LIMITS) else { return Ok(Guidance::of("unreadable")) };
            match app.vision.check_face(&picture) {
                Ok(check) => Ok(check.problems.first().map_or_else(Guidance::good, |problem| Guidance::of(problem.code()))),
                Err(VisionError::Missing(_)) => Ok(Guidance::good()),
                Err(error) => Err(Error::internal(error)),
            }
        })
        .await?
    }

    fn is_too_soon(&self, account: i64, now: UnixMs) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() >= MAX_REMEMBERED {
            last.clear();
        }
        let before = last.get(&account).copied();
        let is_too_soon = before.is_some_and(|at| (0..MIN_INTERVAL_MS).contains(&(now.0 - at.0)));
        if !is_too_soon {
            last.insert(account, now);
        }
        is_too_soon
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_candidate_has_an_interval_of_their_own() {
        let guides = Guides::new(1);
        assert!(!guides.is_too_soon(1, UnixMs(0)));
        assert!(guides.is_too_soon(1, UnixMs(99)));
        assert!(!guides.is_too_soon(2, UnixMs(99)));
        assert!(!guides.is_too_soon(1, UnixMs(100)));
    }
}
