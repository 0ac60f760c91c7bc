//! Workers: children that do the work of the program.
use crate::{
    rules::{Rules, rules_methods},
    spec::{ChildSpec, IntoChildSpec, SpecError},
};
use regrow_core::{Name, Restart};
use regrow_tasks::{Context, ExitReason, Hook, Hooks, NotifyStart, Outcome, Start};
use std::{future::Future, sync::Arc, time::Duration};

/// The start time-out of a worker that notifies its start.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A worker, on the way to be a [`ChildSpec`].
///
/// The start function is called on the task of each life, with that life's [`Context`]. It builds
/// all the state of the life: what it captures outlives a crash.
///
/// ```
/// use regrow_supervisor::Worker;
/// use regrow_core::Restart;
///
/// let spec = Worker::new("ticker", |ctx| async move { ctx.stopped().await })
///     .restart(Restart::Transient)
///     .build()
///     .unwrap();
/// assert_eq!(spec.name().as_str(), "ticker");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a worker is nothing until it is given to a supervisor"]
pub struct Worker {
    name: String,
    start: Start,
    once: bool,
    hooks: Hooks,
    rules: Rules,
}

impl Worker {
    /// A worker that is up when it has been polled for the first time.
    ///
    /// It may return `()`, a `Result` of any error that can be boxed, or never.
    pub fn new<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(Context) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        Self::make(name, Start::plain(start))
    }

    /// A worker that is up when it says so, and has 30 s for it.
    ///
    /// The next sibling starts when it has called [`NotifyStart::ready`].
    pub fn with_notify_start<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(Context, NotifyStart) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        Self::make(name, Start::notifying(start))
    }

    /// A temporary worker that has but one life, because its start function can be called but
    /// once: it may own a connection.
    pub fn once<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: FnOnce(Context) -> R + Send + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        let mut worker = Self::make(name, Start::once(start)).restart(Restart::Temporary);
        worker.once = true;
        worker
    }

    fn make(name: impl Into<String>, start: Start) -> Self {
        Self {
            name: name.into(),
            start,
            once: false,
            hooks: Hooks::default(),
            rules: Rules::default(),
        }
    }

    /// Has `hook` called when a body has ended by itself and cleanly, after it was dropped and
    /// before the end is told.
    ///
    /// A hook runs on the task of its life, and is given that life's context and how the body
    /// ended. An error or a panic of its own is the child's failure, as
    /// [`ExitReason::HookFailed`]. It is bounded by nothing until the life is asked to stop; then
    /// by what is left of the shutdown's time. A life that is killed calls none (semantics 27).
    ///
    /// ```
    /// use regrow_supervisor::Worker;
    ///
    /// let importer = Worker::new("importer", |_| async { Err::<(), _>("no such file") })
    ///     .on_failure(|ctx, ended| async move {
    ///         eprintln!("{} {ended}", ctx.runtime_name());
    ///     });
    /// # let _ = importer;
    /// ```
    pub fn on_completion<F, R>(self, hook: F) -> Self
    where
        F: Fn(Context, ExitReason) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        self.hook(Hook::Completion, hook)
    }

    /// Has `hook` called when a body has returned an error or panicked, asked to stop or not. For
    /// the rest see [`on_completion`](Self::on_completion).
    pub fn on_failure<F, R>(self, hook: F) -> Self
    where
        F: Fn(Context, ExitReason) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        self.hook(Hook::Failure, hook)
    }

    /// Has `hook` called when a body that was asked to stop has ended cleanly. For the rest see
    /// [`on_completion`](Self::on_completion).
    pub fn on_termination<F, R>(self, hook: F) -> Self
    where
        F: Fn(Context, ExitReason) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        self.hook(Hook::Termination, hook)
    }

    fn hook<F, R>(mut self, which: Hook, hook: F) -> Self
    where
        F: Fn(Context, ExitReason) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        self.hooks.set(which, hook);
        self
    }

    rules_methods!();

    /// The spec of this worker.
    ///
    /// # Errors
    ///
    /// [`SpecError`] when a name or a setting is none.
    pub fn build(self) -> Result<ChildSpec, SpecError> {
        let notifies = self.start.notifies();
        let limit = notifies.then_some(START_TIMEOUT);
        let spec = ChildSpec::worker(Name::new(self.name)?, self.hooks.on(self.start))
            .with_start_timeout(limit);
        let spec = self.rules.apply(spec)?;
        if spec.start_timeout().is_some() && !notifies {
            return Err(SpecError::UselessStartTimeout {
                child: spec.name().clone(),
            });
        }
        if self.once && spec.restart() != Restart::Temporary {
            return Err(SpecError::RestartsOnce {
                child: spec.name().clone(),
            });
        }
        Ok(spec)
    }
}

impl IntoChildSpec for Worker {
    fn into_child_spec(self) -> Result<Arc<ChildSpec>, SpecError> {
        self.build().map(Arc::new)
    }
}
