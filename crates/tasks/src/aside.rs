//! Code of a user that runs beside the lives of a tree.
use crate::{
    catch::{bury, caught},
    panics::PanicReport,
};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{self, Poll},
};
use tokio::{runtime::Handle, task::AbortHandle};

/// A task that belongs to a tree and is no life of it. Dropping the handle leaves it running.
#[derive(Debug)]
pub struct Aside(AbortHandle);

impl Aside {
    /// Begins it on this runtime.
    pub fn spawn(runtime: &Handle, work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(runtime.spawn(work).abort_handle())
    }

    /// Aborts it: it is dropped when it next yields.
    pub fn kill(&self) {
        self.0.abort();
    }
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One call of a function of a user: what panics in it, or in its destructors, harms nobody.
pub struct Call(Option<Result<Running, PanicReport>>);

impl Call {
    /// Calls it; a panic of that is told when the call is awaited.
    pub fn begin<R: Future<Output = ()> + Send + 'static>(call: impl FnOnce() -> R) -> Self {
        Self(Some(caught(|| {
            let running: Running = Box::pin(call());
            running
        })))
    }
}

impl Future for Call {
    type Output = Result<(), PanicReport>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let polled = match &mut self.0 {
            Some(Ok(running)) => caught(|| running.as_mut().poll(cx)),
            Some(Err(panic)) => Err(panic.clone()),
            None => unreachable!("it is not polled when it is over"),
        };
        let done = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(())) => Ok(()),
            Err(panic) => Err(panic),
        };
        let running = self.0.take();
        let dropped = caught(move || drop(running));
        Poll::Ready(done.and_then(|()| dropped.map_err(PanicReport::in_destructor)))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            bury(running);
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}
