//! The rewriter: makes a new base of the log when that has become long.
//!
//! It touches only files that nobody writes. It may end at any moment: what it has not finished is removed, and nobody misses it.

use std::{sync::Arc, time::Duration};

use regrow::{BoxError, Context, Worker};
use tokio::{task, time};

use crate::{
    crash::Exposed,
    log::{LogError, Rewrite, Status},
    names,
    queue::Refused,
    server::Server,
};

/// How long it waits when there was no room: a rewrite is much work to be done in vain.
const PATIENCE: Duration = Duration::from_secs(10);

/// The rewriter as a child.
pub(crate) fn worker(server: &Arc<Server>) -> Worker {
    let server = Arc::clone(server);
    Worker::new(names::REWRITER, move |context| {
        serve(context, Arc::clone(&server))
    })
}

async fn serve(context: Context, server: Arc<Server>) -> Result<(), BoxError> {
    let mut exposed = server.faults.expose(context);
    loop {
        let due = server.status.rewrite_due(server.settings.rewrite_size);
        exposed.rest(due).await?;
        if let Err(error) = rewrite(&mut exposed, &server).await? {
            tracing::warn!(error, "the log cannot be rewritten; it goes on as it is");
            exposed.rest(time::sleep(PATIENCE)).await?;
        }
    }
}

/// Rewrites the log. What the disk refuses is told as text; what else goes wrong, a damaged log before all, ends this life.
async fn rewrite(exposed: &mut Exposed, server: &Server) -> Result<Result<(), String>, BoxError> {
    let _running = Running::new(&server.status);
    // The store will wait until what it finishes is on the disk: most of it is written here first, where nobody waits.
    if let (Some(file), _) = server.status.written() {
        let synced = task::spawn_blocking(move || file.sync_data());
        exposed.rest(synced).await???;
    }
    let finished = match exposed.rest(server.queue.roll()).await?? {
        Ok(finished) => finished,
        Err(Refused(error)) => return Ok(Err(error)),
    };
    let made = make(finished, exposed, server).await?;
    Ok(match made {
        Ok(length) => {
            server.status.rewritten(length);
            Ok(())
        }
        Err(error @ LogError::Io { .. }) => Err(error.to_string()),
        Err(error) => return Err(error.into()),
    })
}

/// Makes the base of all up to that log. After each piece it lets others run, and itself be ended.
async fn make(
    finished: u64,
    exposed: &mut Exposed,
    server: &Server,
) -> Result<Result<u64, LogError>, BoxError> {
    let mut rewrite = match Rewrite::up_to(finished, &server.directory) {
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
    exposed.rest(rewrite.finish()).await
}

/// Says for as long as it lives that a rewrite is under way.
struct Running<'a>(&'a Status);

impl<'a> Running<'a> {
    fn new(status: &'a Status) -> Self {
        status.rewriting(true);
        Self(status)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.rewriting(false);
    }
}
