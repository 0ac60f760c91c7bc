//! Start functions, of whatever shape, as one type.
use crate::{
    catch::bury,
    context::Context,
    notify::NotifyStart,
    outcome::{Ended, Outcome},
    reason::{ExitReason, SharedError},
};
use std::{
    any::Any,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// A body, boxed.
pub(crate) type Body = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// What a life is, and so how it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A task, which is aborted.
    Task,
    /// A task that looks after something that runs elsewhere: it is not aborted but told, and ends
    /// that first.
    Warden,
    /// A thread, which cannot be ended: it is told, and ends by itself or is abandoned.
    Thread(Room),
}

/// Whose a thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// The life's own.
    Own,
    /// One of the runtime's pool for blocking work.
    Pool,
}

/// How a child is started. It is called on the task of the life itself, once a life.
///
/// Dropping it drops what it captured, where a panic of that harms nobody.
#[derive(Clone)]
pub struct Start(Option<Arc<dyn Begin>>);

/// A start function.
pub(crate) trait Begin: Send + Sync {
    /// Where its lives are. Those on threads [run](Self::run), the others [begin](Self::begin).
    fn place(&self) -> Place {
        Place::Task
    }

    /// Makes the body of a life. A warden is told of its kill.
    fn begin(&self, _context: Context, _kill: Option<CancellationToken>) -> Body {
        unreachable!("a life on a thread runs")
    }

    /// Is the body of a life.
    fn run(&self, _context: Context, _kill: &CancellationToken) -> Ended {
        unreachable!("a life on a task begins")
    }

    /// Whether the body says itself when it is up.
    fn notifies(&self) -> bool {
        false
    }

    /// Whether it is a supervisor of children that come and go.
    fn is_dynamic(&self) -> bool {
        false
    }

    /// The runtime that its lives run on, when it is not that of their supervisor.
    fn runtime(&self) -> Option<&Handle> {
        None
    }

    /// What it was made from, when that can be asked.
    fn plan(&self) -> Option<&dyn Plan> {
        None
    }

    /// Adds what it is to what is printed.
    fn print(&self, _printed: &mut fmt::DebugStruct<'_, '_>) {}
}

/// What a start function was made from, for who knows its type, or prints it.
pub(crate) trait Plan: fmt::Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
}

impl<T: Any + fmt::Debug + Send + Sync> Plan for T {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Start {
    /// A body that is up when it is first polled.
    pub fn plain<F, R>(start: F) -> Self
    where
        F: Fn(Context) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        Self::new(Plain(move |context| body(start(context))))
    }

    /// A body that is up when it says so.
    pub fn notifying<F, R>(start: F) -> Self
    where
        F: Fn(Context, NotifyStart) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        Self::new(Notifying(move |context: Context| {
            let notify = NotifyStart::new(context.clone());
            body(start(context, notify))
        }))
    }

    /// A body that can run but once. A second start of it fails.
    pub fn once<F, R>(start: F) -> Self
    where
        F: FnOnce(Context) -> R + Send + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        let start = Once::new(start);
        Self::new(Plain(move |context| match start.take() {
            Some(start) => body(start(context)),
            None => Box::pin(async { Ended::new(used_up()) }),
        }))
    }

    /// A body that makes its end itself: a supervisor.
    pub fn supervisor<F, R>(start: F) -> Self
    where
        F: Fn(Context, NotifyStart) -> R + Send + Sync + 'static,
        R: Future<Output = Ended> + Send + 'static,
    {
        Self::new(Notifying(move |context: Context| {
            let notify = NotifyStart::new(context.clone());
            let body: Body = Box::pin(start(context, notify));
            body
        }))
    }

    /// A body that makes its end itself: a dynamic supervisor.
    pub fn dynamic_supervisor<F, R>(start: F) -> Self
    where
        F: Fn(Context, NotifyStart) -> R + Send + Sync + 'static,
        R: Future<Output = Ended> + Send + 'static,
    {
        Self::new(Dynamic(Self::supervisor(start)))
    }

    /// The same start, which can be asked for the plan that it was made from.
    #[must_use]
    pub fn with_plan(self, plan: Arc<impl Any + fmt::Debug + Send + Sync>) -> Self {
        Self::new(Planned(self, plan))
    }

    /// The plan that it was made from, when it has one of this type.
    pub fn plan<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.get().plan()?.as_any().downcast_ref()
    }

    /// The same start, whose lives run on this runtime.
    #[must_use]
    pub fn on(self, runtime: Handle) -> Self {
        Self::new(On(self, runtime))
    }

    /// Whether it is a supervisor of children that come and go.
    pub fn is_dynamic(&self) -> bool {
        self.get().is_dynamic()
    }

    pub(crate) fn new(begin: impl Begin + 'static) -> Self {
        Self(Some(Arc::new(begin)))
    }

    fn get(&self) -> &dyn Begin {
        self.0.as_deref().expect("taken only when it is dropped")
    }

    /// Whether the body says itself when it is up.
    pub fn notifies(&self) -> bool {
        self.get().notifies()
    }

    pub(crate) fn place(&self) -> Place {
        self.get().place()
    }

    pub(crate) fn print(&self, printed: &mut fmt::DebugStruct<'_, '_>) {
        self.get().print(printed);
    }

    pub(crate) fn begin(&self, context: Context, kill: Option<CancellationToken>) -> Body {
        self.get().begin(context, kill)
    }

    pub(crate) fn run(&self, context: Context, kill: &CancellationToken) -> Ended {
        self.get().run(context, kill)
    }

    pub(crate) fn runtime(&self) -> Option<&Handle> {
        self.get().runtime()
    }

    /// The start of one life of a warden, which is told of its kill by this token.
    pub(crate) fn armed(self, kill: CancellationToken) -> Self {
        Self::new(Armed(self, kill))
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        if let Some(start) = self.0.take() {
            bury(start);
        }
    }
}

/// What can be known of it: a function cannot be printed, the plan of a supervisor can, with all below it.
impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printed = f.debug_struct("Start");
        printed
            .field("place", &self.place())
            .field("notifies", &self.notifies());
        self.print(&mut printed);
        printed.finish()
    }
}

/// A body that is up when it is first polled.
pub(crate) struct Plain<F>(pub(crate) F);

impl<F: Fn(Context) -> Body + Send + Sync> Begin for Plain<F> {
    fn begin(&self, context: Context, _: Option<CancellationToken>) -> Body {
        (self.0)(context)
    }
}

/// A body that is up when it says so.
struct Notifying<F>(F);

impl<F: Fn(Context) -> Body + Send + Sync> Begin for Notifying<F> {
    fn begin(&self, context: Context, _: Option<CancellationToken>) -> Body {
        (self.0)(context)
    }

    fn notifies(&self) -> bool {
        true
    }
}

struct Dynamic(Start);

impl Begin for Dynamic {
    fn begin(&self, context: Context, kill: Option<CancellationToken>) -> Body {
        self.0.begin(context, kill)
    }

    fn notifies(&self) -> bool {
        true
    }

    fn is_dynamic(&self) -> bool {
        true
    }
}

/// A start that knows what it was made from.
struct Planned(Start, Arc<dyn Plan>);

impl Begin for Planned {
    fn place(&self) -> Place {
        self.0.place()
    }

    fn run(&self, context: Context, kill: &CancellationToken) -> Ended {
        self.0.run(context, kill)
    }

    fn runtime(&self) -> Option<&Handle> {
        self.0.runtime()
    }

    fn begin(&self, context: Context, kill: Option<CancellationToken>) -> Body {
        self.0.begin(context, kill)
    }

    fn notifies(&self) -> bool {
        self.0.notifies()
    }

    fn is_dynamic(&self) -> bool {
        self.0.is_dynamic()
    }

    fn plan(&self) -> Option<&dyn Plan> {
        Some(&*self.1)
    }

    fn print(&self, printed: &mut fmt::DebugStruct<'_, '_>) {
        self.0.print(printed);
        printed.field("plan", &self.1);
    }
}

/// A start whose lives run on a runtime of its own choice.
struct On(Start, Handle);

impl Begin for On {
    fn place(&self) -> Place {
        self.0.place()
    }

    fn begin(&self, context: Context, kill: Option<CancellationToken>) -> Body {
        self.0.begin(context, kill)
    }

    fn run(&self, context: Context, kill: &CancellationToken) -> Ended {
        self.0.run(context, kill)
    }

    fn notifies(&self) -> bool {
        self.0.notifies()
    }

    fn is_dynamic(&self) -> bool {
        self.0.is_dynamic()
    }

    fn runtime(&self) -> Option<&Handle> {
        Some(&self.1)
    }

    fn print(&self, printed: &mut fmt::DebugStruct<'_, '_>) {
        self.0.print(printed);
        printed.field("runtime", &format_args!("its own"));
    }
}

/// A start of one life, which is told of its kill.
struct Armed(Start, CancellationToken);

impl Begin for Armed {
    fn begin(&self, context: Context, _: Option<CancellationToken>) -> Body {
        self.0.begin(context, Some(self.1.clone()))
    }

    fn notifies(&self) -> bool {
        self.0.notifies()
    }
}

/// What can be taken out but once.
pub(crate) struct Once<T>(Mutex<Option<T>>);

impl<T> Once<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(Some(value)))
    }

    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn body<R: Future<Output: Outcome> + Send + 'static>(future: R) -> Body {
    Box::pin(async move { Ended::new(future.await.into_reason()) })
}

pub(crate) fn used_up() -> ExitReason {
    ExitReason::Failed(SharedError::new(
        "the start function of this child runs but once: use `Worker::new` for one that can be started again",
    ))
}
