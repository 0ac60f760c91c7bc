//! The server: what outlives the lives of the tree, made before it and lent to each life.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use regrow::{Context, NotifyStart, SupervisorRef};

use crate::{
    crash::Faults,
    log::{Directory, Status},
    queue::Queue,
    settings::Settings,
};

/// What the parts of the server share.
pub(crate) struct Server {
    pub(crate) settings: Settings,
    pub(crate) directory: Directory,
    pub(crate) status: Arc<Status>,
    pub(crate) queue: Queue,
    pub(crate) faults: Faults,
    pub(crate) begun: Instant,
    pub(crate) traffic: Traffic,
    was_up: AtomicBool,
    failure: OnceLock<String>,
}

/// How much there was to do.
#[derive(Default)]
pub(crate) struct Traffic {
    connections: AtomicU64,
    commands: AtomicU64,
}

impl Traffic {
    /// One more client.
    pub(crate) fn connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// So many more requests.
    pub(crate) fn commands(&self, count: u64) {
        self.commands.fetch_add(count, Ordering::Relaxed);
    }

    /// How many clients there were, and how many requests.
    pub(crate) fn total(&self) -> (u64, u64) {
        let [connections, commands] =
            [&self.connections, &self.commands].map(|count| count.load(Ordering::Relaxed));
        (connections, commands)
    }
}

impl Server {
    pub(crate) fn new(settings: Settings, directory: Directory) -> Arc<Self> {
        Arc::new(Self {
            status: Arc::new(Status::new(settings.rewrite_size)),
            settings,
            directory,
            queue: Queue::new(),
            faults: Faults::default(),
            begun: Instant::now(),
            traffic: Traffic::default(),
            was_up: AtomicBool::new(false),
            failure: OnceLock::new(),
        })
    }

    /// A start function: to each life that it begins the server is lent.
    pub(crate) fn lent_to<L, F>(self: &Arc<Self>, life: L) -> impl Fn(Context) -> F + use<L, F>
    where
        L: Fn(Context, Arc<Self>) -> F,
    {
        let server = Arc::clone(self);
        move |context| life(context, Arc::clone(&server))
    }

    /// The same for a worker that says itself when it is up.
    pub(crate) fn lent_to_notifying<L, F>(
        self: &Arc<Self>,
        life: L,
    ) -> impl Fn(Context, NotifyStart) -> F + use<L, F>
    where
        L: Fn(Context, NotifyStart, Arc<Self>) -> F,
    {
        let server = Arc::clone(self);
        move |context, up| life(context, up, Arc::clone(&server))
    }

    /// The store is up.
    pub(crate) fn is_up(&self) {
        self.was_up.store(true, Ordering::Release);
    }

    /// Whether the store was ever up.
    pub(crate) fn was_up(&self) -> bool {
        self.was_up.load(Ordering::Acquire)
    }

    /// Stops the tree for what no restart would mend; the process is then to end as failed.
    pub(crate) fn fail(&self, context: &Context, why: String) {
        let _ = self.failure.set(why);
        SupervisorRef::root_of(context).shutdown();
    }

    /// Why it failed, if it did.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }
}
