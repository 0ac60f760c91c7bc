//! Contexts inside that of a life, which end before it.
use crate::{context::Context, stopped::Stopped, until::Until};
use std::{
    fmt,
    future::{Future, pending},
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// A context for a part of what a life does: it can be cancelled, and may have a time-out.
///
/// It is made by [`Context::nested`] and [`Context::with_timeout`], and inside another one by its
/// own methods. It ends when its life is asked to stop, when what it was made of ends, when its
/// time is up, or when somebody [cancels](Self::cancel) it; that never ends what it was made of.
///
/// Clones are the same context. Dropping them cancels nothing: nobody is left to be told, but for
/// who has a [token](Self::token), and that ends with the life. Use
/// [`until_stopped`](Context::until_stopped) of the life's own context where nothing else is to
/// end the work.
///
/// ```
/// use regrow_tasks::{Cancelled, Context};
/// use std::time::Duration;
///
/// /// Fails, and so is restarted, when it takes too long; ends cleanly when it is asked to stop.
/// async fn warm_up(ctx: Context) -> Result<(), Cancelled> {
///     let limited = ctx.with_timeout(Duration::from_secs(2));
///     limited.until_cancelled(load("a")).await?;
///     limited.until_cancelled(load("b")).await?;
///     Ok(())
/// }
/// # async fn load(_: &str) {}
/// # let _ = warm_up;
/// ```
#[derive(Clone)]
pub struct NestedContext(Arc<Parts>);

struct Parts {
    life: Context,
    above: Option<NestedContext>,
    token: CancellationToken,
    /// When its time is up, and how long that was: the earliest of its own and of those above.
    limit: Option<(Instant, Duration)>,
    why: OnceLock<Cancelled>,
}

/// Why a [`NestedContext`] ended. The first reason that is seen stays.
///
/// Returned by a body, [`Stopped`](Self::Stopped) is a clean end, and the others are failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cancelled {
    /// The life was asked to stop, or is over.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// It, or one that it was made of, was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// Its time, or that of one that it was made of, was up.
    #[error("not done within {0:?}")]
    TimedOut(Duration),
}

impl Context {
    /// A context inside this one that can be cancelled by itself.
    pub fn nested(&self) -> NestedContext {
        NestedContext::new(self.clone(), None, None)
    }

    /// A context inside this one that ends when `span` has passed. A span that is too long for the
    /// clock sets no limit.
    pub fn with_timeout(&self, span: Duration) -> NestedContext {
        NestedContext::new(self.clone(), None, Some(span))
    }
}

impl NestedContext {
    fn new(life: Context, above: Option<Self>, span: Option<Duration>) -> Self {
        let own = span.and_then(|span| Some((Instant::now().checked_add(span)?, span)));
        let given = above.as_ref().and_then(|above| above.0.limit);
        let limit = match (given, own) {
            (Some(given), Some(own)) if own.0 < given.0 => Some(own),
            (given, own) => given.or(own),
        };
        let token = match &above {
            Some(above) => above.0.token.child_token(),
            None => life.token().child_token(),
        };
        Self(Arc::new(Parts {
            life,
            above,
            token,
            limit,
            why: OnceLock::new(),
        }))
    }

    /// A context inside this one that can be cancelled by itself.
    #[must_use]
    pub fn nested(&self) -> Self {
        Self::new(self.0.life.clone(), Some(self.clone()), None)
    }

    /// A context inside this one that ends when `span` has passed, if this one does not end before.
    #[must_use]
    pub fn with_timeout(&self, span: Duration) -> Self {
        Self::new(self.0.life.clone(), Some(self.clone()), Some(span))
    }

    /// The context of the life.
    pub fn context(&self) -> &Context {
        &self.0.life
    }

    /// Ends this context, and those made of it, if it has not ended yet.
    pub fn cancel(&self) {
        self.end(Cancelled::Cancelled);
    }

    /// The first who ends it says why.
    fn end(&self, why: Cancelled) -> Cancelled {
        let why = match self.why() {
            Some(already) => already,
            None => *self.0.why.get_or_init(|| why),
        };
        self.0.token.cancel();
        why
    }

    /// Why it ended; none while it has not.
    pub fn cancellation(&self) -> Option<Cancelled> {
        self.why().map(|why| self.end(why))
    }

    /// Whether it has ended.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation().is_some()
    }

    /// Why it is to end, as far as is known: its own word goes before that of those above, and that
    /// before the clock's.
    fn why(&self) -> Option<Cancelled> {
        let mut at = Some(self);
        while let Some(context) = at {
            if let Some(why) = context.0.why.get() {
                return Some(*self.0.why.get_or_init(|| *why));
            }
            at = context.0.above.as_ref();
        }
        let why = match self.0.limit {
            _ if self.0.life.is_stopping() => Stopped.into(),
            // Somebody outside has cancelled a token.
            _ if self.0.token.is_cancelled() => Cancelled::Cancelled,
            Some((due, span)) if due <= Instant::now() => Cancelled::TimedOut(span),
            _ => return None,
        };
        Some(*self.0.why.get_or_init(|| why))
    }

    /// Resolves when it has ended, with the reason; at once when it has.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: dropping it loses nothing.
    pub async fn cancelled(&self) -> Cancelled {
        let late = async {
            match self.0.limit {
                Some((due, _)) => sleep_until(due).await,
                None => pending().await,
            }
        };
        let _ = Until::new(self.0.token.cancelled(), late).await;
        self.end(Cancelled::Cancelled)
    }

    /// Runs `work` until it is done or this context ends, whichever comes first.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] says why it ended; `work` is dropped where it stood.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `work`; nothing else is lost.
    pub fn until_cancelled<F: Future>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<F::Output, Cancelled>> {
        Until::new(self.cancelled(), work)
    }

    /// A token for code that knows nothing of regrow: it is cancelled when this context is
    /// cancelled, and when the life is asked to stop or is over. Cancelling it cancels this
    /// context.
    ///
    /// The clock is looked at only by who waits: a time-out cancels the token when a
    /// [`cancelled`](Self::cancelled) or an [`until_cancelled`](Self::until_cancelled) of this
    /// context runs then, or when somebody asks whether it has ended.
    pub fn token(&self) -> CancellationToken {
        self.0.token.clone()
    }
}

impl fmt::Debug for NestedContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NestedContext")
            .field("runtime_name", &self.0.life.runtime_name())
            .field("limit", &self.0.limit.map(|(_, span)| span))
            .field("cancellation", &self.cancellation())
            .finish()
    }
}
