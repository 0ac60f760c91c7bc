//! The server: what outlives the lives of the tree, made before it and lent to each life.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use regrow::{Context, SupervisorRef};

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
    was_up: AtomicBool,
    failure: OnceLock<String>,
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
            was_up: AtomicBool::new(false),
            failure: OnceLock::new(),
        })
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
