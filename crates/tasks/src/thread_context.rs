//! What a life on a thread is given.
use crate::{
    block::block_on, context::Context, reason::StartFailure, report::Report, stopped::Stopped,
};
use regrow_core::{Incarnation, RuntimeName};
use std::{
    fmt,
    future::{Future, pending},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// What a life on a thread is given: who it is, and when it must stop, in calls that block.
///
/// Nobody can end a thread from outside. So the body looks at [`is_stopping`](Self::is_stopping)
/// between two pieces of work, and waits with [`sleep`](Self::sleep) or
/// [`until_stopped`](Self::until_stopped), whose error ends it cleanly with a `?`:
///
/// ```no_run
/// # use std::time::Duration;
/// # fn index_some() -> bool { true }
/// fn indexer(ctx: regrow_tasks::ThreadContext) -> Result<(), regrow_tasks::Stopped> {
///     loop {
///         while index_some() {
///             ctx.check()?;
///         }
///         ctx.sleep(Duration::from_secs(1))?;
///     }
/// }
/// ```
///
/// Its waits are of the real clock, also where the runtime's is paused. It is cheap to clone, keeps
/// nothing alive, and may be handed to threads that work for this one.
#[derive(Clone)]
pub struct ThreadContext(Context);

impl ThreadContext {
    pub(crate) const fn new(context: Context) -> Self {
        Self(context)
    }

    /// The same for code that is async: what [`Context::current`] gives on this thread.
    pub const fn context(&self) -> &Context {
        &self.0
    }

    /// The full name of the child: `root/search/indexer`.
    pub fn runtime_name(&self) -> RuntimeName {
        self.0.runtime_name()
    }

    /// Which of the child's lives this is.
    pub const fn incarnation(&self) -> Incarnation {
        self.0.incarnation()
    }

    /// A token that is cancelled when this life is asked to stop. Made on first use.
    pub fn token(&self) -> CancellationToken {
        self.0.token()
    }

    /// Whether this life was asked to stop. It does not block.
    pub fn is_stopping(&self) -> bool {
        self.look();
        self.0.is_stopping()
    }

    /// For a `?` between two pieces of work. It does not block.
    ///
    /// # Errors
    ///
    /// [`Stopped`] when this life was asked to stop.
    pub fn check(&self) -> Result<(), Stopped> {
        if self.is_stopping() {
            Err(Stopped)
        } else {
            Ok(())
        }
    }

    /// Blocks until this life is asked to stop.
    pub fn stopped(&self) {
        let stopped = self.until_stopped(pending::<()>());
        debug_assert_eq!(stopped, Err(Stopped));
    }

    /// Blocks until this life is asked to stop, for at most `timeout`. Says whether it was.
    pub fn wait_stopped(&self, timeout: Duration) -> bool {
        self.look();
        block_on(self.0.stopped(), Some(timeout)).is_some()
    }

    /// Blocks for `span`.
    ///
    /// # Errors
    ///
    /// [`Stopped`], at once, when this life is asked to stop.
    pub fn sleep(&self, span: Duration) -> Result<(), Stopped> {
        if self.wait_stopped(span) {
            Err(Stopped)
        } else {
            Ok(())
        }
    }

    /// Runs a future on this thread until it is done or this life is asked to stop, whichever comes
    /// first: to receive from a channel of tokio's, for instance. Its timers and sockets are those
    /// of the tree's runtime.
    ///
    /// # Errors
    ///
    /// [`Stopped`] when the life was asked to stop; `work` is dropped where it stood.
    ///
    /// # Panics
    ///
    /// As `work` does: tokio's timers and sockets do when their runtime is shut down.
    pub fn until_stopped<F: Future>(&self, work: F) -> Result<F::Output, Stopped> {
        self.look();
        let done = block_on(self.0.until_stopped(work), None);
        done.expect("without a time-out it ends with its future")
    }

    /// A notifier that the body dropped while it goes on is a failure of its start. Nobody sees
    /// that of a thread but itself.
    fn look(&self) {
        if self.0.take_dropped_notifier() {
            let failure = Report::StartFailed(StartFailure::NotifierDropped);
            self.0.report(failure);
        }
    }
}

impl fmt::Debug for ThreadContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ThreadContext").field(&self.0).finish()
    }
}
