//! The server: what outlives the lives of the tree, made before it and lent to each life.

use std::{sync::Arc, time::Instant};

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
}

impl Server {
    pub(crate) fn new(settings: Settings, directory: Directory) -> Arc<Self> {
        Arc::new(Self {
            settings,
            directory,
            status: Arc::new(Status::new()),
            queue: Queue::new(),
            faults: Faults::default(),
            begun: Instant::now(),
        })
    }
}
