//! What stands under one supervisor, by name.
use crate::{reaper::Tree, report::Report, values::Values};
use hashbrown::{DefaultHashBuilder, HashTable};
use regrow_core::{Incarnation, Life, Name, RuntimeName};
use std::{
    any::{Any, TypeId},
    fmt,
    hash::BuildHasher,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use tokio::time::Instant;

/// Where the lives of one supervisor report to, and where it is told to stop.
pub trait Sink: Any + Send + Sync {
    /// A life has something to tell.
    fn report(&self, life: Life, report: Report);

    /// The supervisor is known to be up.
    fn confirm(&self);

    /// The life of this child is to end at once, as a crash. The child is named with its order, so
    /// that another one that has taken its name is not hit.
    fn kill(&self, child: &Name, order: u64);

    /// This life of the supervisor is to stop: by `deadline` all below is killed; as a `crash` its
    /// end is abnormal.
    fn stop(&self, life: Incarnation, deadline: Option<Instant>, crash: bool);

    /// The sink itself, for who knows its type.
    fn as_any(&self) -> &dyn Any;
}

/// What stands under one supervisor, by name: it outlives the supervisor's restarts. What stands
/// there are the entries of its children, and `E` is no other type than theirs: see
/// [`Directory`](crate::Directory).
///
/// Written when a child comes or goes, by the driver alone; a restart writes nothing.
pub struct Register<E> {
    runtime_name: Option<RuntimeName>,
    above: Option<Arc<Self>>,
    tree: Arc<Tree>,
    sink: Box<dyn Sink>,
    entries: RwLock<HashTable<Arc<E>>>,
    hasher: DefaultHashBuilder,
    values: RwLock<Values>,
    counters: Mutex<Counters>,
    /// Held while a child changes its state, or while all are looked at.
    changes: Mutex<()>,
}

#[derive(Debug)]
struct Counters {
    order: u64,
    ordinal: u64,
    incarnation: Incarnation,
}

/// While it is held, no child of this directory changes its state.
pub struct Hold<'a> {
    _changes: MutexGuard<'a, ()>,
}

impl fmt::Debug for Hold<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hold")
    }
}

impl<E: AsRef<Name>> Register<E> {
    /// The directory of a whole tree, whose one child is the root.
    pub fn top(tree: Arc<Tree>, sink: Box<dyn Sink>) -> Self {
        Self::make(None, None, tree, sink)
    }

    /// The directory of a supervisor `name` that stands in `above`.
    pub fn below(above: &Arc<Self>, name: &Name, sink: Box<dyn Sink>) -> Self {
        let runtime_name = above.runtime_name_of(name);
        let tree = above.tree.clone();
        Self::make(Some(runtime_name), Some(above.clone()), tree, sink)
    }

    fn make(
        runtime_name: Option<RuntimeName>,
        above: Option<Arc<Self>>,
        tree: Arc<Tree>,
        sink: Box<dyn Sink>,
    ) -> Self {
        Self {
            runtime_name,
            above,
            tree,
            sink,
            entries: RwLock::default(),
            hasher: DefaultHashBuilder::default(),
            values: RwLock::default(),
            counters: Mutex::new(Counters {
                order: 0,
                ordinal: 0,
                incarnation: Incarnation::new(1),
            }),
            changes: Mutex::new(()),
        }
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The runtime name of its supervisor; none at the top.
    pub const fn runtime_name(&self) -> Option<&RuntimeName> {
        self.runtime_name.as_ref()
    }

    /// The runtime name of a child.
    pub fn runtime_name_of(&self, name: &Name) -> RuntimeName {
        match &self.runtime_name {
            None => RuntimeName::join([name]),
            Some(above) => above.child(name),
        }
    }

    /// Lends these values to all below, in the place of earlier ones.
    pub fn lend(&self, values: Values) {
        let mut lent = self.values.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *lent, values);
        drop(lent);
        drop(before);
    }

    /// What the nearest supervisor lends of this type, from here up.
    pub(crate) fn lent(&self, of: TypeId) -> Option<Arc<dyn Any + Send + Sync>> {
        let mut at = Some(self);
        while let Some(directory) = at {
            let values = directory.values.read();
            let found = values.unwrap_or_else(PoisonError::into_inner).get(of);
            if found.is_some() {
                return found;
            }
            at = directory.above.as_deref();
        }
        None
    }

    /// The directory that its supervisor stands in.
    pub const fn above(&self) -> Option<&Arc<Self>> {
        self.above.as_ref()
    }

    /// What is one for the whole tree.
    pub const fn tree(&self) -> &Arc<Tree> {
        &self.tree
    }

    /// Where its lives report to.
    pub fn sink(&self) -> &dyn Sink {
        &*self.sink
    }

    fn read(&self) -> RwLockReadGuard<'_, HashTable<Arc<E>>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashTable<Arc<E>>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn hash(&self, name: &str) -> u64 {
        self.hasher.hash_one(name)
    }

    /// The child of this name.
    pub fn get(&self, name: &str) -> Option<Arc<E>> {
        let hash = self.hash(name);
        let entries = self.read();
        let found = entries.find(hash, |entry| name_of(&**entry) == name);
        found.cloned()
    }

    /// All that is there, in no order.
    pub(crate) fn unordered(&self) -> Vec<Arc<E>> {
        self.read().iter().cloned().collect()
    }

    /// How many children there are.
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether there is no child.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keeps every child in its state until the guard is dropped.
    pub fn hold(&self) -> Hold<'_> {
        let changes = self.changes.lock();
        Hold {
            _changes: changes.unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Puts a child in, whose name is free.
    pub fn insert(&self, entry: Arc<E>) {
        let hash = self.hash(name_of(&*entry));
        let rehash = |entry: &Arc<E>| self.hash(name_of(&**entry));
        self.write().insert_unique(hash, entry, rehash);
    }

    /// Takes a child out.
    pub fn remove(&self, name: &Name) {
        let hash = self.hash(name.as_str());
        let removed = {
            let mut entries = self.write();
            let found = entries.find_entry(hash, |entry| name_of(&**entry) == name.as_str());
            found.ok().map(|found| found.remove().0)
        };
        drop(removed);
    }

    /// Takes all children out.
    pub(crate) fn take_all(&self) -> Vec<Arc<E>> {
        std::mem::take(&mut *self.write()).into_iter().collect()
    }

    pub(crate) fn next_order(&self) -> u64 {
        let mut counters = self.counters();
        counters.order += 1;
        counters.order
    }

    /// A name that no child has had, out of a count that outlives the supervisor's restarts.
    pub fn next_ordinal(&self) -> Name {
        let mut counters = self.counters();
        loop {
            counters.ordinal += 1;
            let name = Name::ordinal(counters.ordinal);
            if self.get(name.as_str()).is_none() {
                return name;
            }
        }
    }

    /// The number of the next life.
    pub fn next_incarnation(&self) -> Incarnation {
        self.counters().incarnation
    }

    /// Lives are numbered from here when the supervisor is started again.
    pub fn set_next_incarnation(&self, next: Incarnation) {
        self.counters().incarnation = next;
    }
}

fn name_of<E: AsRef<Name>>(entry: &E) -> &str {
    entry.as_ref().as_str()
}

impl<E: AsRef<Name>> fmt::Debug for Register<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Register")
            .field("runtime_name", &self.runtime_name)
            .field("children", &self.len())
            .finish_non_exhaustive()
    }
}
