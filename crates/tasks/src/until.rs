//! A future that ends early when its life is asked to stop.
use crate::stopped::Stopped;
use pin_project::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{self, Poll},
};

/// Runs `work` until `stopped` resolves. The stop is looked at first, so that a loop over work
/// that is always ready ends too.
#[pin_project]
pub(crate) struct UntilStopped<S, F> {
    #[pin]
    stopped: S,
    #[pin]
    work: F,
}

impl<S, F> UntilStopped<S, F> {
    pub(crate) const fn new(stopped: S, work: F) -> Self {
        Self { stopped, work }
    }
}

impl<S: Future<Output = ()>, F: Future> Future for UntilStopped<S, F> {
    type Output = Result<F::Output, Stopped>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if this.stopped.poll(cx).is_ready() {
            return Poll::Ready(Err(Stopped));
        }
        this.work.poll(cx).map(Ok)
    }
}
