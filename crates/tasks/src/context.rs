//! What a life is given, and how code inside it knows where it runs.
use crate::{
    entry::Entry,
    report::Report,
    stopped::Stopped,
    until::Until,
    words::{DoneError, Word},
};
use regrow_core::{Incarnation, RuntimeName};
use std::{
    any::{Any, TypeId},
    cell::RefCell,
    fmt,
    future::Future,
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// What a life is given: who it is, and when it must stop.
///
/// A context belongs to one incarnation: that of a life which is over stays asked to stop, also
/// when its child lives again. It is cheap to clone and keeps nothing alive.
///
/// Code inside a life that was not handed one finds it with [`Context::current`].
#[derive(Clone)]
pub struct Context {
    entry: Arc<Entry>,
    incarnation: Incarnation,
}

impl Context {
    pub(crate) const fn new(entry: Arc<Entry>, incarnation: Incarnation) -> Self {
        Self { entry, incarnation }
    }

    /// The context of the life that this code runs in.
    ///
    /// It follows the task of the life: inside a bare `tokio::spawn` or `spawn_blocking` there is
    /// none.
    pub fn current() -> Option<Self> {
        CURRENT
            .try_with(|current| current.borrow().as_ref().map(|here| here.context.clone()))
            .ok()
            .flatten()
    }

    /// The full name of the child: `root/web/acceptor`.
    pub fn runtime_name(&self) -> RuntimeName {
        self.entry.runtime_name()
    }

    /// Which of the child's lives this is.
    pub const fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// Whether this life was asked to stop, or is over.
    pub fn is_stopping(&self) -> bool {
        self.entry.is_asked(self.incarnation)
    }

    /// Says that the work of this life is done: when its body returns `Ok` after this, the child is
    /// not started again by itself, whatever its restart type. An error or a panic is what it is
    /// without this. The restart of its group revives it (semantics 17).
    ///
    /// # Errors
    ///
    /// [`DoneError`]: it is not up, has said so before, or is over.
    pub fn done(&self) -> Result<(), DoneError> {
        let runtime_name = || self.runtime_name();
        match self.entry.done(self.incarnation) {
            Some(Word::Up) => Ok(()),
            Some(Word::Done) => Err(DoneError::Twice {
                runtime_name: runtime_name(),
            }),
            Some(Word::Nothing) => Err(DoneError::NotUp {
                runtime_name: runtime_name(),
            }),
            None => Err(DoneError::Stale {
                runtime_name: runtime_name(),
                incarnation: self.incarnation,
            }),
        }
    }

    /// Resolves when this life is asked to stop; at once when it was.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: dropping it loses nothing.
    pub async fn stopped(&self) {
        self.entry.asked(self.incarnation).await;
    }

    /// Runs `work` until it is done or this life is asked to stop, whichever comes first.
    ///
    /// ```no_run
    /// # async fn work(ctx: regrow_tasks::Context) -> Result<(), regrow_tasks::Stopped> {
    /// loop {
    ///     ctx.until_stopped(tokio::time::sleep(std::time::Duration::from_secs(60))).await?;
    ///     // once a minute
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Stopped`] when the life was asked to stop; `work` is dropped where it stood. A body that
    /// returns this error has ended cleanly.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops `work`; nothing else is lost.
    pub fn until_stopped<F: Future>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<F::Output, Stopped>> {
        let stopped = async {
            self.stopped().await;
            Stopped
        };
        Until::new(stopped, work)
    }

    /// A token that is cancelled when this life is asked to stop, and at the latest when it is
    /// over. Made on first use.
    pub fn token(&self) -> CancellationToken {
        self.entry.token(self.incarnation)
    }

    /// The value of this type that the nearest supervisor above provides; none when none does, or
    /// when the tree has ended.
    ///
    /// ```no_run
    /// # struct Settings;
    /// # async fn work(ctx: regrow_tasks::Context) -> Result<(), &'static str> {
    /// let settings = ctx.value::<Settings>().ok_or("no settings are provided")?;
    /// # drop(settings);
    /// # Ok(())
    /// # }
    /// ```
    pub fn value<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let found = self.entry.directory().lent(TypeId::of::<T>())?;
        found.downcast().ok()
    }

    /// What the world knows of the child: for the crates beside this one.
    #[doc(hidden)]
    pub const fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("runtime_name", &self.runtime_name())
            .field("incarnation", &self.incarnation)
            .field("is_stopping", &self.is_stopping())
            .finish()
    }
}

/// Who runs: moved into the thread while a life is polled.
#[derive(Debug)]
pub(crate) struct Here {
    pub(crate) context: Context,
    /// Whether the notifier was dropped without a report while this life ran.
    pub(crate) notifier_dropped: bool,
}

impl Here {
    fn is_of(&self, context: &Context) -> bool {
        Arc::ptr_eq(&self.context.entry, &context.entry)
            && self.context.incarnation == context.incarnation
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Here>> = const { RefCell::new(None) };
}

/// Puts `here` into the thread until the guard is dropped.
pub(crate) struct Entered<'a> {
    here: &'a mut Option<Here>,
}

impl<'a> Entered<'a> {
    pub(crate) fn new(here: &'a mut Option<Here>) -> Self {
        swap(here);
        Self { here }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        swap(self.here);
    }
}

fn swap(here: &mut Option<Here>) {
    // A thread that is going down has no place for it: then nobody asks either.
    let _ = CURRENT.try_with(|current| std::mem::swap(&mut *current.borrow_mut(), here));
}

/// The life that runs here will tell by its end how its notifier went.
pub(crate) fn forget_dropped_notifier() {
    let _ = CURRENT.try_with(|current| {
        if let Some(here) = &mut *current.borrow_mut() {
            here.notifier_dropped = false;
        }
    });
}

impl Context {
    /// Tells the supervisor something of this life.
    pub(crate) fn report(&self, report: Report) {
        self.entry.report(self.incarnation, report);
    }

    /// Whether the notifier of this life was dropped without a report, on this thread. Told once.
    pub(crate) fn take_dropped_notifier(&self) -> bool {
        CURRENT
            .try_with(|current| match &mut *current.borrow_mut() {
                Some(here) if here.is_of(self) => std::mem::take(&mut here.notifier_dropped),
                _ => false,
            })
            .unwrap_or(false)
    }
}

/// Takes note that the notifier of `context` is gone; `false` when another code runs here.
pub(crate) fn note_dropped_notifier(context: &Context) -> bool {
    CURRENT
        .try_with(|current| match &mut *current.borrow_mut() {
            Some(here) if here.is_of(context) => {
                here.notifier_dropped = true;
                true
            }
            _ => false,
        })
        .unwrap_or(false)
}
