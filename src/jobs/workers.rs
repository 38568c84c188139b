//! The loops that take jobs until the program stops.

use std::time::Duration;

use tokio::sync::watch;

use super::{Queue, run_one};
use crate::app::App;

/// How long a worker sleeps when it finds nothing and nobody wakes it.
const POLL: Duration = Duration::from_millis(1000);

/// Runs workers until `stop` turns true.
pub async fn work(app: App, stop: watch::Receiver<bool>) {
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..app.config.vision_workers {
        workers.spawn(worker(app.clone(), Queue::Vision, stop.clone()));
    }
    for (queue, count) in Queue::WORKERS {
        for _ in 0..count {
            workers.spawn(worker(app.clone(), queue, stop.clone()));
        }
    }
    while workers.join_next().await.is_some() {}
}

async fn worker(app: App, queue: Queue, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = app.refresh_settings().await {
            tracing::warn!(%error, "the settings could not be read again");
        }
        match run_one(&app, queue).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "worker could not reach its queue"),
        }
        tokio::select! {
            () = app.woken() => {}
            () = tokio::time::sleep(POLL) => {}
            _ = stop.changed() => {}
        }
    }
}
