//! Lives that go wrong when a test says so.
use regrow_tasks::{Context, NotifyStart, Outcome};
use std::{
    collections::HashMap,
    fmt,
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tokio::task::{block_in_place, yield_now};

/// Which lives of a child a fault is for, counted from 1 over all that were begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Times {
    /// Every one.
    Always,
    /// This one alone.
    Nth(u64),
    /// As many, from the first on.
    First(u64),
}

impl Times {
    const fn holds(self, number: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(nth) => number == nth,
            Self::First(many) => number <= many,
        }
    }
}

/// Makes lives go wrong, by the runtime names of their children.
///
/// Where a worker is built, its start function is put through [`on`](Self::on), or
/// [`on_notifying`](Self::on_notifying): one word in the program. Without a fault for its name a
/// life does what it does. A clone has the same faults; those that are set later hold for lives
/// that begin later.
///
/// ```
/// use regrow_supervisor::{StartError, Supervisor, Worker};
/// use regrow_tasks::{Context, NotifyStart};
/// use regrow_testing::{Faults, Recorder, Times};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let faults = Faults::new().fail_start("root/b", Times::Always);
/// let serve = |ctx: Context, notify: NotifyStart| async move {
///     notify.ready();
///     ctx.stopped().await;
/// };
/// let children = ["a", "b"].map(|name| Worker::with_notify_start(name, faults.on_notifying(serve)));
/// let (tree, told) = Recorder::start(Supervisor::new("root").children(children)).await;
/// assert!(matches!(tree, Err(StartError::Child { .. })));
/// told.told_last("+a xb -a x.").await;
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    faults: Vec<(String, Times, Fault)>,
    begun: HashMap<String, u64>,
    gate: Gate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    FailStart,
    Fail,
    Panic,
    Hang,
    HangInStop,
    NeverYield,
    PanicInDrop,
}

/// The error of a life that a test lets fail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{child} fails, as its test says")]
pub struct Injected {
    child: String,
}

type Body<T> = Pin<Box<dyn Future<Output = Result<T, Injected>> + Send>>;

impl Faults {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn with(self, child: impl Into<String>, times: Times, fault: Fault) -> Self {
        let rule = (child.into(), times, fault);
        lock(&self.0).faults.push(rule);
        self
    }

    /// Its start fails: one that notifies reports so, a plain one panics in its start function,
    /// which is the only way in which its start can fail.
    #[must_use]
    pub fn fail_start(self, child: impl Into<String>, times: Times) -> Self {
        self.with(child, times, Fault::FailStart)
    }

    /// It returns [`Injected`] as soon as it is polled, or has reported ready.
    #[must_use]
    pub fn fail(self, child: impl Into<String>, times: Times) -> Self {
        self.with(child, times, Fault::Fail)
    }

    /// It panics as soon as it is polled, or has reported ready.
    #[must_use]
    pub fn panic(self, child: impl Into<String>, times: Times) -> Self {
        self.with(child, times, Fault::Panic)
    }

    /// It does nothing, and hears no stop: it is killed when its shutdown's time has passed.
    #[must_use]
    pub fn hang(self, child: impl Into<String>, times: Times) -> Self {
        self.with(child, times, Fault::Hang)
    }

    /// It does what it does, and hangs when it has been asked to stop and would have ended.
    #[must_use]
    pub fn hang_in_stop(self, child: impl Into<String>, times: Times) -> Self {
        self.with(child, times, Fault::HangInStop)
    }

    /// It blocks its thread when it is up, so that neither a stop nor a kill ends it: it is
    /// abandoned. It ends when [`release`](Self::release) is called, and after a minute of the real
    /// clock at the latest, so that no test hangs.
    ///
    /// The test needs a runtime of several threads (`#[tokio::test(flavor = "multi_thread")]`), and
    /// so the real clock.
    #[must_use]
    pub fn never_yield(self, child: impl Into<String>, times: Times) -> Self {
        self.with(child, times, Fault::NeverYield)
    }

    /// Lets lives that [never yield](Self::never_yield) end, now and from here on.
    pub fn release(&self) {
        lock(&self.0).gate.open();
    }

    /// It does what it does, and a destructor of what it owned panics.
    #[must_use]
    pub fn panic_in_drop(self, child: impl Into<String>, times: Times) -> Self {
        self.with(child, times, Fault::PanicInDrop)
    }

    /// The start function of a [`Worker::new`](regrow_supervisor::Worker::new), with these faults.
    pub fn on<F, R>(
        &self,
        start: F,
    ) -> impl Fn(Context) -> Body<R::Output> + Send + Sync + use<F, R>
    where
        F: Fn(Context) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        let (faults, start) = (self.clone(), Arc::new(start));
        move |ctx| {
            let life = faults.begins(&ctx);
            assert!(
                !life.has(Fault::FailStart),
                "{} fails to start, as its test says",
                life.child
            );
            let start = start.clone();
            Box::pin(life.live(ctx.clone(), move || start(ctx)))
        }
    }

    /// The start function of a
    /// [`Worker::with_notify_start`](regrow_supervisor::Worker::with_notify_start), with these
    /// faults.
    pub fn on_notifying<F, R>(
        &self,
        start: F,
    ) -> impl Fn(Context, NotifyStart) -> Body<R::Output> + Send + Sync + use<F, R>
    where
        F: Fn(Context, NotifyStart) -> R + Send + Sync + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        let (faults, start) = (self.clone(), Arc::new(start));
        move |ctx, notify| {
            let life = faults.begins(&ctx);
            let start = start.clone();
            if life.has(Fault::FailStart) {
                notify.failed(life.injected());
                return Box::pin(async move { Err(life.injected()) });
            }
            if life.is_instead() {
                notify.ready();
                return Box::pin(life.live(ctx, pending::<R::Output>));
            }
            Box::pin(life.live(ctx.clone(), move || start(ctx, notify)))
        }
    }

    fn begins(&self, ctx: &Context) -> Life {
        let child = ctx.runtime_name().to_string();
        let mut book = lock(&self.0);
        let begun = book.begun.entry(child.clone()).or_default();
        *begun += 1;
        let number = *begun;
        let here = book
            .faults
            .iter()
            .filter(|(name, times, _)| *name == child && times.holds(number));
        let faults = here.map(|(_, _, fault)| *fault).collect();
        let gate = book.gate.clone();
        Life {
            child,
            faults,
            gate,
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&lock(&self.0).faults).finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What goes wrong with one life.
struct Life {
    child: String,
    faults: Vec<Fault>,
    gate: Gate,
}

impl Life {
    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    fn injected(&self) -> Injected {
        let child = self.child.clone();
        Injected { child }
    }

    /// Whether it does something else than it would.
    fn is_instead(&self) -> bool {
        let instead = [Fault::Fail, Fault::Panic, Fault::Hang, Fault::NeverYield];
        instead.iter().any(|fault| self.has(*fault))
    }

    async fn live<R: Future>(
        self,
        ctx: Context,
        start: impl FnOnce() -> R,
    ) -> Result<R::Output, Injected> {
        let _dropped = self
            .has(Fault::PanicInDrop)
            .then(|| Bomb(self.child.clone()));
        if self.has(Fault::Fail) {
            return Err(self.injected());
        }
        assert!(
            !self.has(Fault::Panic),
            "{} panics, as its test says",
            self.child
        );
        if self.has(Fault::NeverYield) {
            // A plain body is up when it has been polled once.
            yield_now().await;
            block_in_place(|| self.gate.wait());
            return Err(self.injected());
        }
        if self.has(Fault::Hang) {
            pending::<()>().await;
        }
        let done = start().await;
        if self.has(Fault::HangInStop) && ctx.is_stopping() {
            pending::<()>().await;
        }
        Ok(done)
    }
}

/// The most that a life blocks its thread.
const LONGEST: Duration = Duration::from_secs(60);

/// What blocks threads until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *lock(&self.0.0) = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let is_open = lock(&self.0.0);
        let waited = self.0.1.wait_timeout_while(is_open, LONGEST, |open| !*open);
        drop(waited);
    }
}

/// Panics when it is dropped.
struct Bomb(String);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(
            thread::panicking(),
            "{} panics in a destructor, as its test says",
            self.0
        );
    }
}
