//! Bodies that stay on one thread, because their futures cannot be sent to another.
use crate::{
    context::Context,
    outcome::{Ended, Outcome},
    place::PlaceError,
    reason::{ExitReason, SharedError},
    report::Report,
    start::{Room, Start},
    thread::OnThread,
    until::Until,
};
use std::{
    future::{Future, poll_fn},
    pin::pin,
};
use tokio::{runtime::Builder, task::LocalSet};
use tokio_util::sync::CancellationToken;

impl Start {
    /// A body that is not `Send`, on a thread of its own with a runtime of its own.
    pub fn local<F, R>(start: F) -> Self
    where
        F: Fn(Context) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + 'static,
    {
        let work = move |context: Context, kill: &CancellationToken| run(&start, context, kill);
        Self::new(OnThread::new(Room::Own, work))
    }
}

/// Runs a body to its end, or until it is killed. What it spawned on its thread is dropped with it.
fn run<R>(start: impl Fn(Context) -> R, context: Context, kill: &CancellationToken) -> Ended
where
    R: Future<Output: Outcome> + 'static,
{
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(source) => {
            let child = context.runtime_name();
            let error = SharedError::new(PlaceError::NoRuntime { child, source });
            return Ended::new(ExitReason::Failed(error));
        }
    };
    let mut up = Some(Up(context.clone()));
    let set = LocalSet::new();
    let body = async {
        let mut body = pin!(start(context));
        let polled = poll_fn(move |cx| {
            let polled = body.as_mut().poll(cx);
            drop(up.take());
            polled
        });
        Until::new(kill.cancelled(), polled).await
    };
    match set.block_on(&runtime, body) {
        Ok(outcome) => Ended::new(outcome.into_reason()),
        Err(_) => Ended::new(ExitReason::Killed),
    }
}

/// Reports that the body was polled once, however that ended.
struct Up(Context);

impl Drop for Up {
    fn drop(&mut self) {
        self.0.report(Report::Started);
    }
}
