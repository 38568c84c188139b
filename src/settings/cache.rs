//! The snapshot that everybody reads.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::{Settings, Stored, store};
use crate::app::App;
use crate::config::Config;
use crate::crypto::Keys;
use crate::db::{Conn, Db};
use crate::error::Result;

/// What the provider's secret is sealed for.
pub(super) const SECRET: &str = "settings.sms";
/// How often a process asks whether another has changed something.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Settings as this process knows them.
#[derive(Debug)]
pub struct Cache {
    now: RwLock<Arc<Settings>>,
    asked: Mutex<Instant>,
}

impl Cache {
    /// Reads them at the start.
    pub async fn open(db: &Db, keys: &Keys, config: &Config) -> Result<Self> {
        let settings = load(&mut *db.read().await?, keys, config).await?;
        Ok(Self { now: RwLock::new(Arc::new(settings)), asked: Mutex::new(Instant::now()) })
    }

    /// As they are now.
    pub fn get(&self) -> Arc<Settings> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, settings: Settings) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever read earlier may write later.
        if settings.version >= now.version {
            *now = Arc::new(settings);
        }
    }

    /// Whether it is time to ask; whoever is told so asks.
    fn is_time(&self) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = asked.elapsed() >= ASK_EVERY;
        if is_time {
            *asked = Instant::now();
        }
        is_time
    }
}

async fn load(conn: &mut Conn, keys: &Keys, config: &Config) -> Result<Settings> {
    // The version first: a change in between is then read again.
    let version = store::version(conn).await?;
    let mut stored = Stored::default();
    for (name, value, sealed) in store::all(conn).await? {
        match name.as_str() {
            "general" => stored.general = serde_json::from_str(&value)?,
            "sms" => {
                stored.sms = serde_json::from_str(&value)?;
                if !sealed.is_empty() {
                    stored.secret = keys.open_text(SECRET, &sealed)?;
                }
            }
            "service" => stored.service = serde_json::from_str(&value)?,
            "review" => stored.review = serde_json::from_str(&value)?,
            "consents" => stored.consents = serde_json::from_str(&value)?,
            _ => {}
        }
    }
    Ok(Settings::new(version, stored, config))
}

/// Reads them again: after a change of one's own.
pub async fn reload(app: &App) -> Result<()> {
    let settings = load(&mut *app.db.read().await?, &app.keys, &app.config).await?;
    app.settings.set(settings);
    Ok(())
}

/// Once a second, asks whether another process changed them.
pub async fn refresh(app: &App) -> Result<()> {
    if !app.settings.is_time() || store::version(&mut *app.db.read().await?).await? == app.settings().version {
        return Ok(());
    }
    reload(app).await
}
