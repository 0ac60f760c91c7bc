//! The rewriter: makes a new base of the log when that has become long, or could not be flushed.
//!
//! It touches only files that nobody writes. It may end at any moment: what it has not finished is removed, and nobody misses it.
//! Trouble with the disk is expected here, and waited out; it is no reason to fail.

use std::{sync::Arc, time::Duration};

use regrow::{BoxError, Context};
use tokio::{task, time};

use crate::{
    crash::Exposed,
    log::{LogError, Rewrite, Status},
    queue::Refused,
    server::Server,
    settings::Fsync,
};

/// How long it waits after a rewrite that failed, and after the next, and so on: it may be much work to be done in vain.
const FIRST_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(640);

/// How long it rests after a rewrite, whatever comes of it.
const PAUSE: Duration = Duration::from_millis(100);

/// A life of the rewriter.
pub(crate) async fn serve(context: Context, server: Arc<Server>) -> Result<(), BoxError> {
    let mut exposed = server.faults.expose(context);
    let mut wait = FIRST_WAIT;
    loop {
        exposed.rest(server.status.rewrite_due()).await?;
        let Err(trouble) = rewrite(&mut exposed, &server).await? else {
            wait = FIRST_WAIT;
            exposed.rest(time::sleep(PAUSE)).await?;
            continue;
        };
        tell(&trouble);
        // Who asks again does not wait, and while changes are refused nobody should wait for long.
        let is_urgent = server.status.facts().is_suspect();
        let patience = time::sleep(if is_urgent { FIRST_WAIT } else { wait });
        let asked = server.status.rewrite_wanted();
        exposed
            .rest(async {
                tokio::select! {
                    () = patience => {}
                    () = asked => {}
                }
            })
            .await?;
        wait = LONGEST_WAIT.min(2 * wait);
    }
}

/// Why there is no new base.
enum Trouble {
    /// The disk has no room, or does not work.
    Disk(String),
    /// What is to be rewritten cannot be read.
    Log(LogError),
}

fn tell(trouble: &Trouble) {
    match trouble {
        Trouble::Disk(error) => {
            tracing::warn!(error, "the log cannot be rewritten; it goes on as it is");
        }
        Trouble::Log(error) if error.is_final() => {
            let place = error.place();
            tracing::error!(
                place,
                "the log on the disk is damaged, the data in memory are not: save them, the next start will refuse this log"
            );
        }
        Trouble::Log(error) => {
            tracing::warn!(%error, "the log cannot be rewritten; it goes on as it is");
        }
    }
}

/// Rewrites the log.
async fn rewrite(exposed: &mut Exposed, server: &Server) -> Result<Result<(), Trouble>, BoxError> {
    let _running = Running::new(&server.status);
    if let Err(trouble) = flush(exposed, server).await? {
        return Ok(Err(trouble));
    }
    let finished = match exposed.rest(server.queue.roll()).await?? {
        Ok(finished) => finished,
        Err(Refused(error)) => return Ok(Err(Trouble::Disk(error))),
    };
    let made = make(finished, exposed, server).await?;
    Ok(made.map_err(Trouble::Log))
}

/// Writes to the disk what the store will flush when it finishes the log: here nobody waits for it.
async fn flush(exposed: &mut Exposed, server: &Server) -> Result<Result<(), Trouble>, BoxError> {
    let (Some(log), _) = server.status.written() else {
        return Ok(Ok(()));
    };
    if server.settings.fsync == Fsync::Always {
        return Ok(Ok(()));
    }
    let status = Arc::clone(&server.status);
    let synced = task::spawn_blocking(move || status.sync(&log));
    let synced = exposed.rest(synced).await??;
    Ok(synced.map_err(|error| Trouble::Disk(error.to_string())))
}

/// Makes the base of all up to that log. After each piece it lets others run, and itself be ended.
async fn make(
    finished: u64,
    exposed: &mut Exposed,
    server: &Server,
) -> Result<Result<(), LogError>, BoxError> {
    let alone = exposed.rest(server.directory.alone()).await?;
    let mut rewrite = match Rewrite::up_to(finished, &server.directory, alone) {
        Ok(rewrite) => rewrite,
        Err(error) => return Ok(Err(error)),
    };
    loop {
        match rewrite.step() {
            Ok(true) => exposed.rest(task::yield_now()).await?,
            Ok(false) => break,
            Err(error) => return Ok(Err(error)),
        }
    }
    exposed
        .rest(rewrite.finish(Arc::clone(&server.status)))
        .await
}

/// Says for as long as it lives that a rewrite is under way.
struct Running<'a>(&'a Status);

impl<'a> Running<'a> {
    fn new(status: &'a Status) -> Self {
        status.rewrite_begins();
        Self(status)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.rewrite_ends();
    }
}
