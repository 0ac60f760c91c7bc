//! Listeners that a tree calls with its events.
use crate::{event::TreeEvent, filter::Filter};
use regrow_tasks::bury;
use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

pub(crate) type Calling = Pin<Box<dyn Future<Output = ()> + Send>>;
type Called = Arc<dyn Fn(Delivery) -> Calling + Send + Sync>;

/// A function that a tree calls with its events, one after another, each when the call before is
/// over (semantics 34; capataz: the reliable notifier).
///
/// To look at events in a loop of your own, take a [`Subscription`](crate::Subscription); take a
/// listener for what shall be told, whoever looks: metrics, an audit log.
///
/// Its calls run on a task of its own, one a listener, which belongs to the tree. Supervision never
/// waits for it: events wait in a queue of its own, and when that is full the oldest is lost,
/// counted, and told with the next delivery. A call that panics or takes too long is cut off,
/// counted and, the first time, logged as a warning; the next event is a call again. When the tree
/// has ended, [`Tree::wait`](crate::Tree::wait) and what is like it resolve when the queue is empty
/// and the last call is over, or the listener's time for that has passed.
///
/// A call that blocks its thread cannot be cut off, and holds up what runs on that thread: use
/// `spawn_blocking` for it. A call that waits for the end of its own tree waits in vain: for as
/// long as its time-out.
///
/// ```
/// use regrow_supervisor::{Filter, Listener, Supervisor, Worker};
/// use std::sync::{Arc, atomic::{AtomicUsize, Ordering::SeqCst}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let failures = Arc::new(AtomicUsize::new(0));
/// let counter = failures.clone();
/// let listener = Listener::new(move |delivery| {
///     counter.fetch_add(1 + delivery.missed as usize, SeqCst);
///     async {}
/// });
/// let tree = Supervisor::new("root")
///     .listener(listener.named("failures").filter(Filter::failures()))
///     .child(Worker::new("fragile", |ctx| async move {
///         match ctx.incarnation().number() {
///             1 => Err("out of luck"),
///             _ => Ok(ctx.stopped().await),
///         }
///     }))
///     .start()
///     .await
///     .unwrap();
/// tree.settled().await.unwrap();
/// tree.shutdown().await;
/// assert_eq!(failures.load(SeqCst), 1);
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a listener hears nothing until a tree is given it"]
pub struct Listener {
    pub(crate) name: String,
    pub(crate) filter: Filter,
    pub(crate) capacity: usize,
    pub(crate) timeout: Duration,
    pub(crate) drain: Duration,
    caller: Caller,
}

/// The function, which is dropped where a panic of its destructor harms nobody.
#[derive(Clone)]
pub(crate) struct Caller(Option<Called>);

impl Drop for Caller {
    fn drop(&mut self) {
        if let Some(called) = self.0.take() {
            bury(called);
        }
    }
}

/// An event, as a listener is called with it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The event.
    pub event: TreeEvent,
    /// How many events that it wanted were lost since the delivery before, because its queue was
    /// full.
    pub missed: u64,
}

impl Listener {
    /// A listener of all events.
    pub fn new<F, R>(call: F) -> Self
    where
        F: Fn(Delivery) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self {
            name: "listener".into(),
            filter: Filter::all(),
            capacity: 1024,
            timeout: Duration::from_secs(5),
            drain: Duration::from_secs(1),
            caller: Caller(Some(Arc::new(move |delivery| Box::pin(call(delivery))))),
        }
    }

    /// What it is called in the log. Without it: `listener`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Which events it wants; of a filter that is given later, those that both want. Without it:
    /// all.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// How many events may wait for it, at least 1. Without it: 1024.
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = events.max(1);
        self
    }

    /// How long a call may take. Without it: 5 s.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.timeout = span;
        self
    }

    /// How long it has, when the tree has ended, to be called with what waits. What is left then is
    /// lost, and counted. Without it: 1 s.
    pub fn drain_within(mut self, span: Duration) -> Self {
        self.drain = span;
        self
    }

    /// The function; what is left are the settings. Whoever holds those may hold the tree that the
    /// function asks, and would keep it for ever.
    pub(crate) fn take_caller(&mut self) -> Caller {
        std::mem::replace(&mut self.caller, Caller(None))
    }
}

impl Caller {
    pub(crate) fn call(&self, delivery: Delivery) -> Calling {
        let called = self.0.as_ref();
        called.expect("taken only when it is dropped")(delivery)
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("name", &self.name)
            .field("filter", &format_args!("{}", self.filter))
            .field("capacity", &self.capacity)
            .field("timeout", &self.timeout)
            .field("drain_within", &self.drain)
            .finish_non_exhaustive()
    }
}

/// What became of a listener's calls, up to a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerInfo {
    /// What it is called.
    pub name: String,
    /// How many calls are over, those that panicked or took too long included.
    pub delivered: u64,
    /// How many events that it wanted were lost.
    pub missed: u64,
    /// How many calls panicked.
    pub panicked: u64,
    /// How many calls took too long.
    pub timed_out: u64,
    /// How many events wait for it.
    pub waiting: usize,
}
