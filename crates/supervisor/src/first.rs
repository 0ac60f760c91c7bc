//! Which of two futures is the first.
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

pub(crate) enum Either<A, B> {
    One(A),
    Other(B),
}

impl<A, B> Either<A, B> {
    pub(crate) const fn is_other(&self) -> bool {
        matches!(self, Self::Other(_))
    }
}

/// The first of two futures that resolves; the first one wins when both have.
pub(crate) async fn first<A: Future + Unpin, B: Future>(
    mut one: A,
    other: B,
) -> Either<A::Output, B::Output> {
    let mut other = pin!(other);
    poll_fn(|cx| {
        if let Poll::Ready(value) = Pin::new(&mut one).poll(cx) {
            return Poll::Ready(Either::One(value));
        }
        other.as_mut().poll(cx).map(Either::Other)
    })
    .await
}
