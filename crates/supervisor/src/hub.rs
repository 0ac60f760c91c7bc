//! What is one for a whole tree: its events, and its options.
use crate::{
    audience::Audience,
    bus::{Bus, Forgotten},
    event::{Change, TreeEvent},
    listener::Listener,
    listener_ref::ListenerRef,
    log::Log,
    ward::Ward,
};
use regrow_core::{ChildKind, Incarnation, RuntimeName};
use regrow_tasks::{Abandoned, CustomEvent, Directory, Tree, TreeListener};
use std::{
    any::Any,
    sync::{Mutex, PoisonError},
};
use tokio::runtime::Handle;

/// One for a tree.
pub(crate) struct Hub {
    pub(crate) bus: Bus,
    /// Who is not well, or not at rest.
    pub(crate) ward: Ward,
    audience: Audience,
    /// Whether reports hold each life.
    pub(crate) report_all: bool,
    log: Mutex<Log>,
}

impl Hub {
    pub(crate) fn new(event_capacity: usize, report_all: bool, runtime: Handle) -> Self {
        Self {
            bus: Bus::new(event_capacity),
            ward: Ward::default(),
            audience: Audience::new(runtime),
            report_all,
            log: Mutex::default(),
        }
    }

    /// The hub of the tree that this directory belongs to.
    pub(crate) fn of(directory: &Directory) -> &Self {
        Self::of_tree(directory.tree())
    }

    pub(crate) fn of_tree(tree: &Tree) -> &Self {
        let hub = tree.listener().as_any().downcast_ref();
        hub.expect("every tree is made with a hub")
    }

    /// Publishes what happened. What comes back is dropped when no lock is held: an error in it is
    /// a user's.
    #[must_use]
    pub(crate) fn publish(
        &self,
        name: impl Fn() -> RuntimeName,
        kind: ChildKind,
        incarnation: Option<Incarnation>,
        change: &Change,
    ) -> Forgotten {
        self.bus.publish(|sequence| TreeEvent {
            sequence,
            runtime_name: name(),
            kind,
            incarnation,
            change: change.clone(),
        })
    }

    /// Begins to call this listener; none when the tree has ended.
    pub(crate) fn listen(&self, listener: Listener) -> Option<ListenerRef> {
        self.audience.add(&self.bus, listener)
    }

    pub(crate) fn listeners(&self) -> Vec<ListenerRef> {
        self.audience.all()
    }

    /// Resolves when the listeners of a tree that has ended were told, or their times have passed.
    pub(crate) async fn drained(&self) {
        self.audience.drained().await;
    }

    /// Logs what happened to the root, or in no supervisor.
    pub(crate) fn log(&self, name: impl Fn() -> RuntimeName, change: &Change) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.change(name, change);
    }
}

impl TreeListener for Hub {
    fn abandoned_ended(&self, life: &Abandoned, kind: ChildKind) {
        let name = || life.runtime_name.clone();
        let change = Change::AbandonedEnded;
        let forgotten = self.publish(name, kind, Some(life.incarnation), &change);
        drop(forgotten);
        self.log(name, &change);
    }

    fn emitted(
        &self,
        name: RuntimeName,
        kind: ChildKind,
        incarnation: Incarnation,
        event: CustomEvent,
    ) {
        let change = Change::Custom(event);
        let forgotten = self.publish(|| name.clone(), kind, Some(incarnation), &change);
        drop(forgotten);
        self.log(|| name.clone(), &change);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
