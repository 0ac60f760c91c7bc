//! A body whose panic is its end, also where somebody goes on after it.
use crate::{catch::caught, outcome::Ended, panics::PanicReport, reason::ExitReason, start::Body};
use std::{
    future::Future,
    pin::Pin,
    task::{self, Poll},
};

/// Resolves when the body has ended and has been dropped, whichever way.
pub(crate) struct Guarded(Option<Result<Body, PanicReport>>);

impl Guarded {
    /// Of what a start function made, or of its panic.
    pub(crate) const fn of(begun: Result<Body, PanicReport>) -> Self {
        Self(Some(begun))
    }
}

impl Future for Guarded {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Ended> {
        let polled = match &mut self.0 {
            Some(Ok(body)) => caught(|| body.as_mut().poll(cx)),
            Some(Err(panic)) => Err(panic.clone()),
            None => unreachable!("it is not polled when it is over"),
        };
        let ended = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(ended)) => ended,
            Err(panic) => Ended::new(ExitReason::Panicked(panic)),
        };
        let body = self.0.take();
        Poll::Ready(ended.after_drop(caught(move || drop(body))))
    }
}
