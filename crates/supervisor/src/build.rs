//! Children that a function makes at each start of their supervisor.
use crate::{
    build_error::BuildError,
    children::{Built, Children},
    crew::Crew,
    inbox::{Inbox, Stop},
};
use regrow_tasks::{BoxError, Call, Context, Directory, Ended, ExitReason, SharedError};
use std::{
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

type Building = Pin<Box<dyn Future<Output = Result<Children, BoxError>> + Send>>;

/// A build function, of whatever shape.
#[derive(Clone)]
pub(crate) struct Build(Arc<dyn Fn(Context) -> Building + Send + Sync>);

/// Why there are no children.
pub(crate) enum NotBuilt {
    /// The supervisor was told to stop, and has ended so.
    Stopped(Ended),
    /// The function failed.
    Failed(BuildError),
}

impl Build {
    pub(crate) fn new<F, R, How>(build: F) -> Self
    where
        F: Fn(Context) -> R + Send + Sync + 'static,
        R: Built<How>,
    {
        Self(Arc::new(move |context| Box::pin(build(context).built())))
    }

    /// Builds the children of the life of `own`. When that is told to stop meanwhile, the build is
    /// dropped where it waits.
    pub(crate) async fn children(
        &self,
        own: &Context,
        directory: &Arc<Directory>,
        inbox: &Inbox,
    ) -> Result<Children, NotBuilt> {
        let life = own.incarnation();
        let stopped = |stop: Stop| {
            Crew::new(directory.clone(), None).own_stops(own, stop.crash);
            NotBuilt::Stopped(Ended::new(if stop.crash {
                ExitReason::Killed
            } else {
                ExitReason::Stopped
            }))
        };
        if let Some(stop) = inbox.take_stop(life) {
            return Err(stopped(stop));
        }
        let mut running = pin!(Call::begin(|| self.0(own.clone())));
        loop {
            let mut woken = pin!(inbox.woken());
            let built = poll_fn(|cx| {
                if woken.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(None);
                }
                running.as_mut().poll(cx).map(Some)
            });
            match (built.await, inbox.take_stop(life)) {
                (Some(Ok(Ok(children))), stop) => {
                    if let Some(stop) = stop {
                        inbox.stop_again(stop);
                    }
                    return Ok(children);
                }
                (_, Some(stop)) => return Err(stopped(stop)),
                (Some(Ok(Err(error))), None) => {
                    let error = BuildError::Failed(SharedError::new(error));
                    return Err(NotBuilt::Failed(error));
                }
                (Some(Err(panic)), None) => {
                    return Err(NotBuilt::Failed(BuildError::Panicked(panic)));
                }
                (None, None) => {}
            }
        }
    }
}

impl fmt::Debug for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Build")
    }
}
