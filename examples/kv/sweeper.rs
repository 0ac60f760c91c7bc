//! The sweeper: deletes keys when they have expired.
//!
//! An expired key is as good as gone at once, whether it is swept or not; this frees its memory. It sleeps while no key is to expire.

use std::{sync::Arc, time::Duration};

use regrow::{BoxError, Context};
use tokio::time;

use crate::{clock, queue::Refused, server::Server};

/// How long it waits after a sweep, so that keys that expire one by one are deleted together.
const PAUSE: Duration = Duration::from_millis(100);

/// How long it sleeps at most when a key is to expire: the wall clock may be set.
const NAP: Duration = Duration::from_secs(1);

/// A life of the sweeper.
pub(crate) async fn serve(context: Context, server: Arc<Server>) -> Result<(), BoxError> {
    let mut exposed = server.faults.expose(context);
    loop {
        exposed.rest(server.status.deadline_before(None)).await?;
        let earliest = server.status.facts().earliest;
        let Some(earliest) = earliest else { continue };
        let left = u64::try_from(earliest - clock::now()).unwrap_or(0);
        if left > 0 {
            let nap = time::sleep(Duration::from_millis(left).min(NAP));
            let sooner = server.status.deadline_before(Some(earliest));
            exposed
                .rest(async {
                    tokio::select! {
                        () = nap => {}
                        () = sooner => {}
                    }
                })
                .await?;
            continue;
        }
        match exposed.rest(server.queue.sweep()).await?? {
            Ok(true) => {}
            Ok(false) => exposed.rest(time::sleep(PAUSE)).await?,
            // A full disk is no reason to fail: it mends, and nobody sees the keys meanwhile.
            Err(Refused(error)) => {
                tracing::warn!(error, "expired keys cannot be deleted");
                exposed.rest(time::sleep(10 * NAP)).await?;
            }
        }
    }
}
