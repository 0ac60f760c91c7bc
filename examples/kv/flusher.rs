//! The flusher: once a second it makes what is written outlive a loss of power.
//!
//! It has nothing to do when `--fsync` is another than `everysec`, and says so at its start. When the disk does not do what it must,
//! it says so aloud, and the store refuses changes until the log has been rewritten.

use std::{sync::Arc, time::Duration};

use regrow::{BoxError, Context, NotifyStart};
use tokio::{task, time};

use crate::{server::Server, settings::Fsync};

const PERIOD: Duration = Duration::from_secs(1);

/// A life of the flusher.
pub(crate) async fn serve(
    context: Context,
    up: NotifyStart,
    server: Arc<Server>,
) -> Result<(), BoxError> {
    if server.settings.fsync != Fsync::EverySecond {
        up.ignore();
        return Ok(());
    }
    up.ready();
    let mut exposed = server.faults.expose(context);
    // What an earlier life left is not known, so the first time is always one to flush.
    let mut flushed = None;
    loop {
        let (log, frames) = server.status.written();
        if let Some(log) = log.filter(|_| flushed != Some(frames)) {
            // A thread that is left behind by the end of this life does no harm: the status hears of a failure.
            let status = Arc::clone(&server.status);
            let synced = task::spawn_blocking(move || status.sync(&log));
            match exposed.rest(synced).await?? {
                Ok(()) => flushed = Some(frames),
                Err(error) => tracing::error!(%error, "the log cannot be flushed"),
            }
        }
        exposed.rest(time::sleep(PERIOD)).await?;
    }
}
