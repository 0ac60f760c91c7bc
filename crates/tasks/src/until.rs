//! A future that ends early.
use pin_project::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{self, Poll},
};

/// Runs `work` until `stopped` resolves, and gives what that says. The stop is looked at first, so that a loop over work
/// that is always ready ends too.
#[pin_project]
pub(crate) struct Until<S, F> {
    #[pin]
    stopped: S,
    #[pin]
    work: F,
}

impl<S, F> Until<S, F> {
    pub(crate) const fn new(stopped: S, work: F) -> Self {
        Self { stopped, work }
    }
}

impl<S: Future, F: Future> Future for Until<S, F> {
    type Output = Result<F::Output, S::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(why) = this.stopped.poll(cx) {
            return Poll::Ready(Err(why));
        }
        this.work.poll(cx).map(Ok)
    }
}
