//! A tree that runs, and its one owner.
use crate::{
    bus::Subscription, error::StartError, event::Change, exit::RootExit, hub::Hub, inbox::Inbox,
    listener::Listener, reference::SupervisorRef, spec::ChildSpec, ward::Want,
};
use regrow_core::{ChildKind, Incarnation, Life, Name, Slot};
use regrow_tasks::{Abandoned, ChildState, Directory, Entry, LifeHandle, Report, Sink, shielded};
use std::{
    any::Any,
    fmt,
    ops::Deref,
    pin::pin,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{Instant, sleep},
};

/// What only a root can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RootOptions {
    pub(crate) event_capacity: usize,
    pub(crate) report_all: bool,
    pub(crate) allow_panic_abort: bool,
}

impl Default for RootOptions {
    fn default() -> Self {
        Self {
            event_capacity: 1024,
            report_all: false,
            allow_panic_abort: false,
        }
    }
}

/// A tree that runs: its one owner.
///
/// It is a [`SupervisorRef`] of the root, and more. Dropping it asks the tree to stop, in order
/// and in the background; [`detach`](Self::detach) leaves it running. If the runtime is dropped,
/// lives are dropped in no order.
#[must_use = "dropping a tree stops it: keep it, or `detach` it"]
pub struct Tree {
    root: SupervisorRef,
    shared: Arc<Shared>,
    is_detached: bool,
}

/// The first and only life of a root.
const LIFE: Incarnation = Incarnation::new(1);

/// What the owner and the root's life share.
struct Shared {
    entry: OnceLock<Weak<Entry>>,
    is_up: OnceLock<()>,
    exit: OnceLock<RootExit>,
    changed: Notify,
}

impl Tree {
    /// Begins the root's life, on the runtime that this code runs in.
    pub(crate) fn begin(
        spec: &ChildSpec,
        options: &RootOptions,
        listeners: Vec<Listener>,
        observe: impl FnOnce(Subscription),
    ) -> Result<Self, StartError> {
        if cfg!(panic = "abort") && !options.allow_panic_abort {
            return Err(StartError::PanicAbort);
        }
        let runtime = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        // The runtime does not say whether it has a clock driver; it panics when there is none.
        shielded(|| drop(sleep(Duration::ZERO))).ok_or(StartError::NoTimer)?;
        let hub = Hub::new(options.event_capacity, options.report_all, runtime);
        let tree = Arc::new(regrow_tasks::Tree::new(Box::new(hub)));
        let shared = Arc::new(Shared {
            entry: OnceLock::new(),
            is_up: OnceLock::new(),
            exit: OnceLock::new(),
            changed: Notify::new(),
        });
        let sink = RootSink(shared.clone());
        let top = Arc::new(Directory::top(tree, Box::new(sink)));
        let name = spec.name().clone();
        let inbox = Inbox::new(top.runtime_name_of(&name), false);
        let below = Arc::new(Directory::below(&top, &name, Box::new(inbox)));
        let entry = Entry::new(name, Slot::FIRST, top.clone(), Some(below.clone()));
        let entry = Arc::new(entry);
        top.insert(entry.clone());
        let _ = shared.entry.set(Arc::downgrade(&entry));
        for listener in listeners {
            Hub::of(&below).listen(listener);
        }
        observe(Subscription::new(&Hub::of(&below).bus, &below));
        tell(&entry, &Change::Starting, ChildState::Starting);
        LifeHandle::spawn(entry, LIFE, spec.start().clone());
        Ok(Self {
            root: SupervisorRef::new(below),
            shared,
            is_detached: false,
        })
    }

    /// Resolves when the whole tree is up, or has ended before.
    pub(crate) async fn up(&self) -> Result<(), StartError> {
        let decided = |shared: &Shared| shared.is_up.get().is_some() || shared.exit.get().is_some();
        self.shared.until(decided).await;
        match (self.shared.is_up.get(), self.shared.exit.get()) {
            (None, Some(exit)) => {
                self.drained().await;
                Err(exit.start_error())
            }
            _ => Ok(()),
        }
    }

    /// Asks the tree to stop, in order, and waits for its end.
    ///
    /// # Cancel safety
    ///
    /// Dropping it does not take the stop back.
    pub async fn shutdown(self) -> RootExit {
        self.root.shutdown();
        self.wait().await
    }

    /// Asks the tree to stop, in order, and kills what lives when `span` has passed. It ends at
    /// most a kill wait later, whatever its depth (semantics 10).
    ///
    /// # Cancel safety
    ///
    /// Dropping it does not take the stop back.
    pub async fn shutdown_within(self, span: Duration) -> RootExit {
        self.stop_within(span);
        self.wait().await
    }

    /// Asks the tree to stop; a span that is too long for the clock sets no deadline.
    pub(crate) fn stop_within(&self, span: Duration) {
        let sink = self.root.directory().sink();
        sink.stop(LIFE, Instant::now().checked_add(span), false);
    }

    /// Resolves when the tree has ended, whatever for, and its listeners have been told, or their
    /// times for that have passed (semantics 34). Any number may wait; all get the same.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait(&self) -> RootExit {
        self.shared
            .until(|shared| shared.exit.get().is_some())
            .await;
        self.drained().await;
        self.shared.exit.get().expect("it was there").clone()
    }

    /// Resolves when the listeners have been told, or their times for that have passed.
    async fn drained(&self) {
        Hub::of(self.root.directory()).drained().await;
    }

    /// Leaves the tree running without an owner: until its own end, that of the runtime, or a
    /// [`SupervisorRef::shutdown`] of its root.
    pub fn detach(mut self) {
        self.is_detached = true;
    }

    /// The root, as others reach it.
    pub const fn root(&self) -> &SupervisorRef {
        &self.root
    }

    /// The lives that were killed and have not ended.
    pub fn abandoned(&self) -> Vec<Abandoned> {
        self.root.directory().tree().reaper().all()
    }
}

impl Deref for Tree {
    type Target = SupervisorRef;

    fn deref(&self) -> &SupervisorRef {
        &self.root
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if !self.is_detached {
            self.root.shutdown();
        }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("root", &self.root.runtime_name())
            .field("exit", &self.shared.exit.get())
            .finish()
    }
}

impl Shared {
    async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let mut changed = pin!(self.changed.notified());
        loop {
            changed.as_mut().enable();
            if is_so(self) {
                return;
            }
            changed.as_mut().await;
            changed.set(self.changed.notified());
        }
    }
}

/// Where the root's life reports to: it has no supervisor.
struct RootSink(Arc<Shared>);

impl Sink for RootSink {
    fn report(&self, _: Life, report: Report) {
        let Some(entry) = self.0.entry.get().and_then(Weak::upgrade) else {
            return;
        };
        match report {
            Report::Started => {
                tell(&entry, &Change::Started, ChildState::Up);
                if let Some(below) = entry.below() {
                    below.sink().confirm();
                }
                let _ = self.0.is_up.set(());
            }
            Report::Exited(ended) => {
                let exit = RootExit::new(&entry, ended);
                tell(&entry, &exit.change(), ChildState::Down);
                Hub::of(entry.directory()).bus.close();
                entry.directory().clear();
                let _ = self.0.exit.set(exit);
            }
            Report::Ignored | Report::StartFailed(_) => {}
        }
        self.0.changed.notify_waiters();
    }

    fn confirm(&self) {}

    /// The root has no supervisor that could kill it: it is told itself.
    fn kill(&self, _: &Name, _: u64) {
        let root = self.0.entry.get().and_then(Weak::upgrade);
        if let Some(below) = root.as_ref().and_then(|root| root.below()) {
            below.sink().stop(LIFE, Some(Instant::now()), true);
        }
    }

    fn stop(&self, _: Incarnation, _: Option<Instant>, _: bool) {}

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Writes how the root stands, then tells the world.
fn tell(root: &Arc<Entry>, change: &Change, state: ChildState) {
    let name = || root.runtime_name();
    let hub = Hub::of(root.directory());
    let (watchers, gone) = {
        let _hold = root.directory().hold();
        let watchers = root.write(|facts| {
            facts.state = state;
            facts.incarnation = Some(LIFE);
            facts.since = (state == ChildState::Up).then(Instant::now);
        });
        let discharged = hub.ward.note(root, state, change, Want::Keep);
        let forgotten = hub.publish(name, ChildKind::Supervisor, Some(LIFE), change);
        hub.ward.wake();
        (watchers, (discharged, forgotten))
    };
    watchers.wake();
    drop(gone);
    hub.log(name, change);
}
