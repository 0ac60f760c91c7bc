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

type Running<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One call of a function of a user: what panics in it, or in its destructors, harms nobody.
pub struct Call<T = ()>(Option<Result<Running<T>, PanicReport>>);

impl<T> Call<T> {
    /// Calls it; a panic of that is told when the call is awaited.
    pub fn begin<R: Future<Output = T> + Send + 'static>(call: impl FnOnce() -> R) -> Self {
        Self(Some(caught(|| {
            let running: Running<T> = Box::pin(call());
            running
        })))
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T, PanicReport>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let polled = match &mut self.0 {
            Some(Ok(running)) => caught(|| running.as_mut().poll(cx)),
            Some(Err(panic)) => Err(panic.clone()),
            None => unreachable!("it is not polled when it is over"),
        };
        let done = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(value)) => Ok(value),
            Err(panic) => Err(panic),
        };
        let running = self.0.take();
        let dropped = caught(move || drop(running));
        Poll::Ready(match (done, dropped) {
            (Ok(value), Err(panic)) => {
                bury(value);
                Err(panic.in_destructor())
            }
            (done, _) => done,
        })
    }
}

impl<T> Drop for Call<T> {
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            bury(running);
        }
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}
