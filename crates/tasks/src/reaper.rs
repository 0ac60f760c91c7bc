//! Lives that were killed and do not end.
use crate::custom::CustomEvent;
use regrow_core::{ChildKind, Incarnation, RuntimeName};
use std::{
    any::Any,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A life that was killed, and did not end within the kill wait.
#[derive(Clone, Debug)]
pub struct Abandoned {
    /// The runtime name that it reserves until it ends.
    pub runtime_name: RuntimeName,
    /// Which of the child's lives it is.
    pub incarnation: Incarnation,
    /// When it was abandoned.
    pub since: Instant,
}

impl Abandoned {
    pub(crate) fn new(runtime_name: RuntimeName, incarnation: Incarnation) -> Self {
        Self {
            runtime_name,
            incarnation,
            since: Instant::now(),
        }
    }

    /// How long ago it was abandoned.
    pub fn age(&self) -> Duration {
        self.since.elapsed()
    }
}

impl fmt::Display for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} (abandoned)", self.runtime_name, self.incarnation)
    }
}

/// The abandoned lives of a tree: each reserves its runtime name until it ends.
#[derive(Debug, Default)]
pub struct Reaper(Mutex<Vec<Abandoned>>);

impl Reaper {
    fn held(&self) -> MutexGuard<'_, Vec<Abandoned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> Vec<Abandoned> {
        self.held().clone()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.held().is_empty()
    }

    /// The abandoned life that reserves this name, or one above it.
    pub fn reserves(&self, name: &RuntimeName) -> Option<Abandoned> {
        let held = self.held();
        held.iter()
            .find(|life| name.is_within(&life.runtime_name))
            .cloned()
    }
}

/// What is told of the tree's lives by no supervisor.
pub trait TreeListener: Any + Send + Sync {
    /// An abandoned life has ended.
    fn abandoned_ended(&self, life: &Abandoned, kind: ChildKind);

    /// A life tells something of its own.
    fn emitted(
        &self,
        name: RuntimeName,
        kind: ChildKind,
        incarnation: Incarnation,
        event: CustomEvent,
    );

    /// The listener itself, for who knows its type.
    fn as_any(&self) -> &dyn Any;
}

/// What is one for a whole tree.
pub struct Tree {
    reaper: Reaper,
    listener: Box<dyn TreeListener>,
}

impl Tree {
    /// A tree without lives.
    pub fn new(listener: Box<dyn TreeListener>) -> Self {
        Self {
            reaper: Reaper::default(),
            listener,
        }
    }

    /// Its abandoned lives.
    pub const fn reaper(&self) -> &Reaper {
        &self.reaper
    }

    /// Who is told.
    pub fn listener(&self) -> &dyn TreeListener {
        &*self.listener
    }

    pub(crate) fn hold(&self, life: Abandoned) {
        self.reaper.held().push(life);
    }

    pub(crate) fn ended(&self, name: &RuntimeName, kind: ChildKind, incarnation: Incarnation) {
        let ended = {
            let mut held = self.reaper.held();
            let at = held
                .iter()
                .position(|life| life.runtime_name == *name && life.incarnation == incarnation);
            at.map(|at| held.remove(at))
        };
        if let Some(life) = ended {
            self.listener.abandoned_ended(&life, kind);
        }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("reaper", &self.reaper)
            .finish_non_exhaustive()
    }
}
