//! Workers: children that do the work of the program.
use crate::{
    drained::Drained,
    rules::{Rules, rules_methods},
    spec::{ChildSpec, IntoChildSpec, SpecError},
};
use regrow_core::{Name, Restart};
use regrow_tasks::{
    BoxError, Context, ExitReason, Hook, Hooks, NotifyStart, Outcome, ReturnHandle, Start,
    ThreadContext,
};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{runtime::Handle, task::JoinHandle};

/// The start time-out of a worker that notifies its start.
pub(crate) const START_TIMEOUT: Duration = Duration::from_secs(30);

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
///
/// | what there is | what makes a worker of it |
/// |---|---|
/// | an async function | [`new`](Self::new), [`with_notify_start`](Self::with_notify_start) |
/// | one that owns what it uses up | [`once`](Self::once) |
/// | one that returns something to who started it | [`returning`](Self::returning) |
/// | one whose future is not `Send` | [`local`](Self::local) |
/// | a type that says itself how it runs | [`of`](Self::of) |
/// | a function that blocks, and stays | [`thread`](Self::thread), [`thread_with_notify_start`](Self::thread_with_notify_start) |
/// | a function that blocks for a while | [`blocking`](Self::blocking) |
/// | a future | [`future`](Self::future) |
/// | a task that runs | [`from_join_handle`](Self::from_join_handle) |
/// | code that spawns a task itself | [`joining`](Self::joining) |
#[derive(Clone, Debug)]
#[must_use = "a worker is nothing until it is given to a supervisor"]
pub struct Worker {
    name: String,
    start: Start,
    once: bool,
    hooks: Hooks,
    drain: Duration,
    rules: Rules,
}

impl Worker {
    /// A worker that is up when it has been polled for the first time.
    ///
    /// It may return `()`, a `Result` of any error that can be boxed, or never.
    pub fn new<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(Context) -> R + Send + Sync + 'static, // called for each life: clone what it captures, or use `once`
        R: Future<Output: Outcome> + Send + 'static, // an `async fn` makes one, or `async move { … }`
    {
        Self::make(name, Start::plain(start))
    }

    /// A worker that is up when it says so, and has 30 s for it.
    ///
    /// The next sibling starts when it has called [`NotifyStart::ready`].
    pub fn with_notify_start<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(Context, NotifyStart) -> R + Send + Sync + 'static, // called for each life: clone what it captures
        R: Future<Output: Outcome> + Send + 'static, // an `async fn` makes one, or `async move { … }`
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
        Self::make_once(name, Start::once(start))
    }

    /// A worker that blocks, on an OS thread of its own for each life: for foreign code that never
    /// awaits, a loop over a file or a device, a computation that takes long.
    ///
    /// It is up when the closure has begun. The thread has the runtime name of the child, of which
    /// the system shows what it bears (15 bytes on Linux). [`Context::current`] finds the life on
    /// it, and the tree's runtime is entered there, so that a `Handle` of it can be had.
    ///
    /// A thread cannot be killed: it is asked, through its [`ThreadContext`]. When it does not end
    /// within its shutdown and the kill wait it is abandoned, and keeps its runtime name until it
    /// does (semantics 9). With [`Shutdown::Kill`](regrow_core::Shutdown::Kill) it is asked too, and
    /// has the kill wait to end. Neither the end of the tree nor that of the runtime waits for it.
    ///
    /// ```
    /// use regrow_supervisor::{Supervisor, Worker};
    /// use regrow_tasks::{BoxError, ThreadContext};
    /// use std::time::Duration;
    ///
    /// fn indexer(ctx: ThreadContext) -> Result<(), BoxError> {
    ///     if ctx.incarnation().number() == 1 {
    ///         return Err("the index is damaged".into());
    ///     }
    ///     loop {
    ///         // Index something, then look whether that was all.
    ///         ctx.sleep(Duration::from_secs(1))?;
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// let tree = Supervisor::new("root")
    ///     .child(Worker::thread("indexer", indexer))
    ///     .start()
    ///     .await?;
    /// // The first life fails, and the child regrows on a new thread.
    /// let mut events = tree.subscribe();
    /// while tree.child("indexer")?.restarts() == 0 {
    ///     events.next().await;
    /// }
    /// assert!(tree.shutdown().await.is_orderly());
    /// # Ok(())
    /// # }
    /// ```
    pub fn thread<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(ThreadContext) -> R + Send + Sync + 'static, // called for each life: clone what it captures
        R: Outcome,
    {
        Self::make(name, Start::thread(start))
    }

    /// As [`thread`](Self::thread), but up when it says so; it has 30 s for it.
    ///
    /// That the body has dropped the notifier without a report is seen when it next uses its
    /// [`ThreadContext`], or returns.
    pub fn thread_with_notify_start<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(ThreadContext, NotifyStart) -> R + Send + Sync + 'static, // called for each life: clone what it captures
        R: Outcome,
    {
        Self::make(name, Start::notifying_thread(start))
    }

    /// A worker that blocks for a while, on a thread of the runtime's pool: as
    /// [`thread`](Self::thread) in all else.
    ///
    /// A thread of the pool costs less to begin. But the pool has an end (512 threads, unless the
    /// runtime was built with others), which all that use it share, tokio's own files among them: a
    /// life that finds no thread waits for one, and is up only then. And the drop of the runtime
    /// waits for lives that run there, where it does not for threads of their own. So take this for
    /// children that come and go and block for moments, and [`thread`](Self::thread) for one that
    /// stays, or may be stuck.
    ///
    /// ```
    /// use regrow_core::Restart;
    /// use regrow_supervisor::Worker;
    ///
    /// let copy = Worker::blocking("copy", |_| std::fs::copy("a", "b").map(drop))
    ///     .restart(Restart::Transient)
    ///     .build();
    /// assert!(copy.is_ok());
    /// ```
    pub fn blocking<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(ThreadContext) -> R + Send + Sync + 'static, // called for each life: clone what it captures
        R: Outcome,
    {
        Self::make(name, Start::blocking(start))
    }

    /// A worker whose future is not [`Send`] (it holds an `Rc`, or a handle of a browser engine):
    /// each life has an OS thread of its own, with a runtime of its own and a
    /// [`LocalSet`](tokio::task::LocalSet), so that it may use `spawn_local`.
    ///
    /// It is up when it has been polled for the first time, and it is killed at its next wait, as
    /// any worker; what it has spawned on its thread is dropped before its end is told. A body that
    /// never waits is as stuck as a [`thread`](Self::thread). Its clock is always the real one.
    ///
    /// ```
    /// use regrow_supervisor::Worker;
    /// use std::{cell::Cell, rc::Rc};
    ///
    /// let spec = Worker::local("counter", |ctx| async move {
    ///     let counted = Rc::new(Cell::new(0));
    ///     let also = counted.clone();
    ///     let counting = tokio::task::spawn_local(async move { also.set(also.get() + 1) });
    ///     counting.await.expect("it does not panic");
    ///     ctx.stopped().await;
    ///     assert_eq!(counted.get(), 1);
    /// })
    /// .build();
    /// assert!(spec.is_ok());
    /// ```
    ///
    /// The other workers say at compile time that they cannot have such a future:
    ///
    /// ```compile_fail,E0277
    /// # use regrow_supervisor::Worker;
    /// Worker::new("counter", |ctx: regrow_tasks::Context| async move {
    ///     let counted = std::rc::Rc::new(0);
    ///     ctx.stopped().await;
    ///     drop(counted);
    /// });
    /// ```
    pub fn local<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(Context) -> R + Send + Sync + 'static, // called for each life: clone what it captures
        R: Future<Output: Outcome> + 'static, // an `async fn` makes one, or `async move { … }`
    {
        Self::make(name, Start::local(start))
    }

    /// A temporary worker out of a future that is there already: a server, for instance.
    ///
    /// It cannot be asked to stop: then it is dropped where it waits, which is a clean end. One
    /// that can be told otherwise is made with [`once`](Self::once), whose closure is given a
    /// context.
    ///
    /// ```
    /// use regrow_supervisor::Worker;
    ///
    /// let (send, mut receive) = tokio::sync::mpsc::unbounded_channel::<u32>();
    /// let server = async move { while receive.recv().await.is_some() {} };
    /// assert!(Worker::future("server", server).build().is_ok());
    /// # drop(send);
    /// ```
    pub fn future<F>(name: impl Into<String>, future: F) -> Self
    where
        F: Future<Output: Outcome> + Send + 'static,
    {
        let start = move |ctx: Context| async move { ctx.until_stopped(future).await };
        Self::once(name, start)
    }

    /// A temporary worker out of a task that runs already. From here on the worker owns it: dropped
    /// without a life, it aborts the task.
    ///
    /// The task cannot be asked: when its life is asked to stop it is aborted, which is a clean end.
    /// It is aborted too when its life is killed. Either way the life is over when the task is, so
    /// that one which does not yield is abandoned, as any life. That somebody else aborts it is a
    /// kill. Of its panic the message is known, but not the location.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use regrow_supervisor::Worker;
    ///
    /// let running = tokio::spawn(async { Err::<(), _>("told by the child's end") });
    /// assert!(Worker::from_join_handle("running", running).build().is_ok());
    /// # }
    /// ```
    pub fn from_join_handle<R: Outcome>(name: impl Into<String>, task: JoinHandle<R>) -> Self {
        Self::make_once(name, Start::join_handle(task))
    }

    /// A worker each of whose lives begins a task by means of its own, and looks after that: a
    /// library that spawns by itself, a task on a `LocalSet` (OTP: `supervisor_bridge`).
    ///
    /// The closure is given the life's context, so that it can hand
    /// [`token`](Context::token) to what it begins; but the task is aborted when the life is asked
    /// to stop. In all else it is as with [`from_join_handle`](Self::from_join_handle).
    ///
    /// ```
    /// use regrow_supervisor::Worker;
    ///
    /// let spec = Worker::joining("bridge", |_| tokio::spawn(async { Err::<(), _>("no luck") })).build();
    /// assert!(spec.is_ok());
    /// ```
    pub fn joining<F, R>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(Context) -> JoinHandle<R> + Send + Sync + 'static, // called for each life: clone what it captures
        R: Outcome,
    {
        Self::make(name, Start::joining(start))
    }

    /// A temporary worker that returns something, and where that can be had.
    ///
    /// A hook that fails after that makes the child fail, but takes nothing back.
    ///
    /// ```
    /// use regrow_supervisor::{Supervisor, Worker};
    /// use regrow_tasks::BoxError;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// let tree = Supervisor::new("root").start().await?;
    /// let (worker, sum) = Worker::returning("sum", |_| async { Ok::<_, BoxError>(1 + 1) });
    /// tree.start_child(worker).await?;
    /// assert_eq!(sum.await?, 2);
    ///
    /// // One that fails is not restarted; the handle says how it ended.
    /// let (worker, sum) = Worker::returning("fails", |_| async { Err::<u32, _>("no number") });
    /// tree.start_child(worker).await?;
    /// let error = sum.await.unwrap_err();
    /// assert_eq!(error.to_string(), "root/fails returned nothing: failed: no number");
    /// # tree.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn returning<F, R, T, E>(name: impl Into<String>, start: F) -> (Self, ReturnHandle<T>)
    where
        F: FnOnce(Context) -> R + Send + 'static,
        R: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        let (start, returned) = Start::returning(start);
        (Self::make_once(name, start), returned)
    }

    /// Its lives run on this runtime, and not on that of their supervisor: apart from others, or on
    /// more threads. A worker on a [`thread`](Self::thread) enters it there.
    ///
    /// A runtime that is shut down kills the lives that it has, and the next start fails with a
    /// [`PlaceError`](regrow_tasks::PlaceError).
    pub fn on(mut self, runtime: Handle) -> Self {
        self.start = self.start.on(runtime);
        self
    }

    fn make_once(name: impl Into<String>, start: Start) -> Self {
        let mut worker = Self::make(name, start).restart(Restart::Temporary);
        worker.once = true;
        worker
    }

    fn make(name: impl Into<String>, start: Start) -> Self {
        Self {
            name: name.into(),
            start,
            once: false,
            hooks: Hooks::default(),
            drain: Duration::ZERO,
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

    /// Lets a life that is up drain for `span` before it is asked to stop. Without it: not at all.
    ///
    /// [`Context::draining`] resolves at once when the supervisor stops the child, so that it can
    /// say that it is not ready any more, and goes on serving; [`Context::stopped`] resolves when
    /// `span` has passed. The time of the shutdown counts from there, so the spec's shutdown is
    /// that much longer. A deadline of a supervisor above cuts the drain short, so that the stop has its
    /// own time; a body that ends while it drains has stopped (semantics 7.8). One that cannot be told, since it
    /// has no context ([`future`](Self::future), [`joining`](Self::joining),
    /// [`from_join_handle`](Self::from_join_handle)), goes on for all of `span`. A body on a thread
    /// cannot drain.
    ///
    /// ```
    /// use regrow_supervisor::Worker;
    /// use std::time::Duration;
    ///
    /// let server = Worker::new("server", |ctx| async move {
    ///     // Accept, and answer health checks with "ready".
    ///     ctx.draining().await;
    ///     // Accept, and answer health checks with "not ready": balancers go elsewhere.
    ///     ctx.stopped().await;
    ///     // Accept no more, finish what was begun, and return.
    /// })
    /// .drain(Duration::from_secs(10));
    /// # let _ = server.build().unwrap();
    /// ```
    pub fn drain(mut self, span: Duration) -> Self {
        self.drain = span;
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
        let spec = ChildSpec::worker(Name::new(self.name)?, self.start).with_start_timeout(limit);
        let spec = self.rules.apply(spec)?;
        let spec = if self.drain.is_zero() {
            let start = self.hooks.on(spec.start().clone());
            spec.with_start(start)
        } else {
            Drained::new(&spec, self.drain, self.hooks).on(spec)?
        };
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
