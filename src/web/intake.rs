//! How much of uploads is in memory at once: so many of one sender, so many bytes of all.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use crate::app::App;
use crate::error::{Error, Result};

/// Of one sender, so that nobody fills the memory alone: a slow phone that sends again after a broken connection needs two.
const OF_ONE_SENDER: u8 = 2;
/// Of all, in KiB.
const IN_ALL_KIB: usize = 192 * 1024;

/// Who sends: put into a request's extensions by the guard that knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sender(pub i64);

/// What is in memory now.
#[derive(Debug)]
pub struct Intake {
    free_kib: Semaphore,
    senders: Mutex<HashMap<Sender, u8>>,
}

impl Default for Intake {
    fn default() -> Self {
        Self { free_kib: Semaphore::new(IN_ALL_KIB), senders: Mutex::default() }
    }
}

impl Intake {
    fn senders(&self) -> MutexGuard<'_, HashMap<Sender, u8>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One upload's share; given back when it is dropped.
pub struct Share {
    app: App,
    sender: Option<Sender>,
    bytes: usize,
    kib: usize,
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Share({} KiB)", self.kib)
    }
}

impl Share {
    /// Begins an upload, or refuses it where its sender has enough under way.
    pub fn begin(app: &App, sender: Option<Sender>) -> Result<Self> {
        if let Some(sender) = sender {
            let mut senders = app.intake.senders();
            let under_way = senders.entry(sender).or_default();
            if *under_way >= OF_ONE_SENDER {
                return Err(Error::TooMany { retry_after_s: 10, message: "您有照片正在上传，请等它传完再试。".into() });
            }
            *under_way += 1;
        }
        Ok(Self { app: app.clone(), sender, bytes: 0, kib: 0 })
    }

    /// Takes room for the next bytes; waits while others use all of it.
    pub async fn take(&mut self, bytes: usize) -> Result<()> {
        self.bytes += bytes;
        let more = self.bytes.div_ceil(1024) - self.kib;
        let permits = u32::try_from(more).map_err(Error::internal)?;
        self.app.intake.free_kib.acquire_many(permits).await.map_err(Error::internal)?.forget();
        self.kib += more;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.app.intake.free_kib.add_permits(self.kib);
        let Some(sender) = self.sender else { return };
        let mut senders = self.app.intake.senders();
        match senders.get_mut(&sender) {
            Some(under_way) if *under_way > 1 => *under_way -= 1,
            _ => drop(senders.remove(&sender)),
        }
    }
}
