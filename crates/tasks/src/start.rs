//! Start functions, of whatever shape, as one type.
use crate::{
    catch::bury,
    context::Context,
    notify::NotifyStart,
    outcome::{Ended, Outcome},
    reason::{ExitReason, SharedError},
};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// A body, boxed.
pub(crate) type Body = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// How a child is started. It is called on the task of the life itself, once a life.
///
/// Dropping it drops what it captured, where a panic of that harms nobody.
#[derive(Clone)]
pub struct Start(Option<Arc<dyn Begin>>);

pub(crate) trait Begin: Send + Sync {
    fn begin(&self, context: Context) -> Body;

    /// Whether the body says itself when it is up.
    fn notifies(&self) -> bool;

    /// Whether it is a supervisor of children that come and go.
    fn is_dynamic(&self) -> bool {
        false
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
        Self::new(Notifying(move |context, notify| {
            body(start(context, notify))
        }))
    }

    /// A body that can run but once. A second start of it fails.
    pub fn once<F, R>(start: F) -> Self
    where
        F: FnOnce(Context) -> R + Send + 'static,
        R: Future<Output: Outcome> + Send + 'static,
    {
        let start = Mutex::new(Some(start));
        Self::new(Plain(move |context| {
            let start = start.lock().unwrap_or_else(PoisonError::into_inner).take();
            match start {
                Some(start) => body(start(context)),
                None => Box::pin(async { Ended::new(used_up()) }),
            }
        }))
    }

    /// A body that makes its end itself: a supervisor.
    pub fn supervisor<F, R>(start: F) -> Self
    where
        F: Fn(Context, NotifyStart) -> R + Send + Sync + 'static,
        R: Future<Output = Ended> + Send + 'static,
    {
        Self::new(Notifying(move |context, notify| {
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

    pub(crate) fn begin(&self, context: Context) -> Body {
        self.get().begin(context)
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        if let Some(start) = self.0.take() {
            bury(start);
        }
    }
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Start")
    }
}

struct Plain<F>(F);

impl<F: Fn(Context) -> Body + Send + Sync> Begin for Plain<F> {
    fn begin(&self, context: Context) -> Body {
        (self.0)(context)
    }

    fn notifies(&self) -> bool {
        false
    }
}

struct Notifying<F>(F);

impl<F: Fn(Context, NotifyStart) -> Body + Send + Sync> Begin for Notifying<F> {
    fn begin(&self, context: Context) -> Body {
        let notify = NotifyStart::new(context.clone());
        (self.0)(context, notify)
    }

    fn notifies(&self) -> bool {
        true
    }
}

struct Dynamic(Start);

impl Begin for Dynamic {
    fn begin(&self, context: Context) -> Body {
        self.0.begin(context)
    }

    fn notifies(&self) -> bool {
        true
    }

    fn is_dynamic(&self) -> bool {
        true
    }
}

fn body<R: Future<Output: Outcome> + Send + 'static>(future: R) -> Body {
    Box::pin(async move { Ended::new(future.await.into_reason()) })
}

fn used_up() -> ExitReason {
    ExitReason::Failed(SharedError::new(
        "the start function of this child runs but once: use `Worker::new` for one that can be started again",
    ))
}
