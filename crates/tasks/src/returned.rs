//! What a child returns, handed to who started it.
use crate::{
    catch::caught,
    context::Context,
    outcome::{Ended, Outcome},
    reason::{BoxError, ExitReason},
    start::{Body, Once, Plain, Start, used_up},
};
use regrow_core::RuntimeName;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{self, Poll},
};
use tokio::sync::oneshot;

/// Resolves to what a child returned, or to how it ended instead.
///
/// Dropping it leaves the child as it is; what that returns is then dropped.
///
/// # Cancel safety
///
/// It can be awaited by `&mut`, and loses nothing when that is dropped. Once it has resolved it is
/// not to be awaited again.
#[must_use = "what the child returns is lost when nobody waits for it"]
pub struct ReturnHandle<T>(oneshot::Receiver<Result<T, NothingReturned>>);

/// Why a child returned nothing.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NothingReturned {
    /// The child ended without.
    #[error("{child} returned nothing: {reason}")]
    Ended {
        /// The full name of the child.
        child: RuntimeName,
        /// How it ended.
        reason: ExitReason,
    },
    /// The child never had a life.
    #[error(
        "the child was never started: give its spec to a supervisor, and keep that until it has"
    )]
    NeverStarted,
}

impl<T> Future for ReturnHandle<T> {
    type Output = Result<T, NothingReturned>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let received = Pin::new(&mut self.0).poll(cx);
        received.map(|sent| sent.unwrap_or(Err(NothingReturned::NeverStarted)))
    }
}

impl<T> fmt::Debug for ReturnHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnHandle")
    }
}

impl Start {
    /// A body that can run but once, and returns something. A second start of it fails.
    pub fn returning<F, R, T, E>(start: F) -> (Self, ReturnHandle<T>)
    where
        F: FnOnce(Context) -> R + Send + 'static,
        R: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let start = Once::new((start, sender));
        let start = Self::new(Plain(move |context: Context| -> Body {
            let Some((start, sender)) = start.take() else {
                return Box::pin(async { Ended::new(used_up()) });
            };
            let teller = Teller {
                child: context.runtime_name(),
                sender: Some(sender),
            };
            Box::pin(Giving {
                body: Some(Box::pin(async move { start(context).await })),
                teller,
            })
        }));
        (start, ReturnHandle(receiver))
    }
}

/// A body that returns something. Its fields are dropped in this order.
struct Giving<R, T> {
    body: Option<Pin<Box<R>>>,
    teller: Teller<T>,
}

impl<R, T, E> Future for Giving<R, T>
where
    R: Future<Output = Result<T, E>>,
    E: Into<BoxError> + Send + 'static,
{
    type Output = Ended;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Ended> {
        let this = self.get_mut();
        let polled = caught(|| {
            let Some(body) = &mut this.body else {
                unreachable!("a body that has ended is not polled");
            };
            let result = std::task::ready!(body.as_mut().poll(cx));
            this.body = None;
            Poll::Ready(result)
        });
        let reason = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(returned))) => {
                this.teller.tell(Ok(returned));
                ExitReason::Completed
            }
            Ok(Poll::Ready(Err(error))) => Err::<(), _>(error).into_reason(),
            Err(panic) => ExitReason::Panicked(panic),
        };
        this.teller.nothing(reason.clone());
        Poll::Ready(Ended::new(reason))
    }
}

/// Tells who waits, once.
struct Teller<T> {
    child: RuntimeName,
    sender: Option<oneshot::Sender<Result<T, NothingReturned>>>,
}

impl<T> Teller<T> {
    fn tell(&mut self, result: Result<T, NothingReturned>) {
        if let Some(sender) = self.sender.take() {
            // Nobody waits: what was returned is dropped here, on the life that made it.
            let _ = sender.send(result);
        }
    }

    fn nothing(&mut self, reason: ExitReason) {
        let child = self.child.clone();
        self.tell(Err(NothingReturned::Ended { child, reason }));
    }
}

impl<T> Drop for Teller<T> {
    /// The body was dropped before its end.
    fn drop(&mut self) {
        self.nothing(ExitReason::Killed);
    }
}
