//! Supervisors, as others reach them.
use crate::{
    ChildSpec,
    bus::Subscription,
    child::{ChildInfo, ChildRef, Counts},
    dynamic::DynamicRef,
    error::{
        DeleteChildError, LookupError, RestartChildError, StartChildError, TerminateChildError,
    },
    hub::Hub,
    inbox::Inbox,
    lookup,
    snapshot::Snapshot,
    spec::{IntoChildSpec, SpecError},
    wish::{Wish, WishKind},
};
use regrow_core::{ChildKind, RuntimeName};
use regrow_tasks::{ChildState, Context, Directory, Entry};
use std::{fmt, iter, sync::Arc};
use tokio::sync::oneshot;

/// A supervisor that runs, or may: it stays valid over the supervisor's restarts.
///
/// It is weak: it keeps no tree going. While the supervisor has no life, look-ups find nothing and
/// requests fail with `NotRunning`.
#[derive(Clone)]
pub struct SupervisorRef {
    directory: Arc<Directory>,
}

impl SupervisorRef {
    pub(crate) const fn new(directory: Arc<Directory>) -> Self {
        Self { directory }
    }

    /// The supervisor of the life that this is the context of.
    ///
    /// From the context of the root itself, this is the root.
    pub fn parent_of(context: &Context) -> Self {
        let entry = context.entry();
        let directory = match entry.directory().above() {
            Some(_) => entry.directory(),
            None => entry.below().unwrap_or(entry.directory()),
        };
        Self::new(directory.clone())
    }

    /// The root of the tree that this is the context of a life in.
    pub fn root_of(context: &Context) -> Self {
        let mut root = Self::parent_of(context).directory;
        while let Some(above) = root.above().filter(|above| above.above().is_some()) {
            root = above.clone();
        }
        Self::new(root)
    }

    /// Its full name.
    pub fn runtime_name(&self) -> RuntimeName {
        let name = self.directory.runtime_name();
        name.expect("a supervisor has a runtime name").clone()
    }

    /// Its children, in start order (OTP: `which_children`, which has the newest first).
    pub fn children(&self) -> Vec<ChildInfo> {
        let _hold = self.directory.hold();
        let entries = self.directory.all();
        entries.iter().map(|entry| ChildInfo::new(entry)).collect()
    }

    /// How many children there are (OTP: `count_children`).
    pub fn count(&self) -> Counts {
        let _hold = self.directory.hold();
        let mut counts = Counts::default();
        for entry in self.directory.all() {
            let state = entry.facts().state;
            let has_life = !matches!(state, ChildState::Down | ChildState::Restarting);
            counts.specs += 1;
            counts.active += usize::from(has_life);
            match entry.kind() {
                ChildKind::Worker => counts.workers += 1,
                ChildKind::Supervisor => counts.supervisors += 1,
            }
        }
        counts
    }

    /// The child, or a child of a child, at this path: `web/acceptor`. At the root a full runtime
    /// name is accepted too.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends.
    pub fn child(&self, path: &str) -> Result<ChildRef, LookupError> {
        lookup::find(&self.directory, path).map(ChildRef::new)
    }

    /// The ordinary supervisor at this path.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends, or what else is there.
    pub fn supervisor(&self, path: &str) -> Result<Self, LookupError> {
        lookup::supervisor(&self.directory, path, false).map(Self::new)
    }

    /// The dynamic supervisor at this path.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends, or what else is there.
    pub fn dynamic(&self, path: &str) -> Result<DynamicRef, LookupError> {
        let directory = lookup::supervisor(&self.directory, path, true)?;
        Ok(DynamicRef::new(Self::new(directory)))
    }

    /// Starts a child, which comes last in start order. Returns when it is up, or had nothing to
    /// do; while its group is being restarted it joins the end of that.
    ///
    /// # Errors
    ///
    /// [`StartChildError`]; nothing is kept of a child that did not come up.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, the start goes on, and
    /// asking again gives `AlreadyStarted`.
    pub async fn start_child(
        &self,
        child: impl IntoChildSpec,
    ) -> Result<ChildRef, StartChildError> {
        self.start(child.into_child_spec(), false).await
    }

    pub(crate) async fn start(
        &self,
        spec: Result<Arc<ChildSpec>, SpecError>,
        numbered: bool,
    ) -> Result<ChildRef, StartChildError> {
        let spec = spec?;
        let (answer, answered) = oneshot::channel();
        self.wish(Wish::answered(WishKind::Start {
            spec,
            numbered,
            answer,
        }));
        answered.await.unwrap_or_else(|_| {
            let supervisor = self.runtime_name();
            Err(StartChildError::NotRunning { supervisor })
        })
    }

    /// Brings a child down as its shutdown says, and keeps it so: it is started again only by
    /// [`restart_child`](Self::restart_child). A temporary child is forgotten. A child that is
    /// down already is left so.
    ///
    /// Asked from within a life that must end for it, it returns at once (semantics 23).
    ///
    /// # Errors
    ///
    /// [`TerminateChildError`]: it is not there, or is down and did not stop cleanly.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, the child goes down.
    pub async fn terminate_child(&self, name: &str) -> Result<(), TerminateChildError> {
        let (answer, answered) = oneshot::channel();
        let name = name.to_owned();
        let must_end = self
            .directory
            .get(&name)
            .is_some_and(|entry| runs_in(&entry));
        let kind = WishKind::Terminate { name, answer };
        if must_end {
            self.wish(Wish::unanswered(kind));
            return Ok(());
        }
        self.wish(Wish::answered(kind));
        answered.await.unwrap_or_else(|_| {
            let supervisor = self.runtime_name();
            Err(TerminateChildError::NotRunning { supervisor })
        })
    }

    /// Starts a child that is down. Returns when it is up, or had nothing to do.
    ///
    /// # Errors
    ///
    /// [`RestartChildError`]; the child stays, down, when it did not come up.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, the start goes on.
    pub async fn restart_child(&self, name: &str) -> Result<ChildRef, RestartChildError> {
        let (answer, answered) = oneshot::channel();
        let name = name.to_owned();
        self.wish(Wish::answered(WishKind::Restart { name, answer }));
        answered.await.unwrap_or_else(|_| {
            let supervisor = self.runtime_name();
            Err(RestartChildError::NotRunning { supervisor })
        })
    }

    /// Forgets a child that is down.
    ///
    /// # Errors
    ///
    /// [`DeleteChildError`]: it is not there, or not down.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, the child is forgotten.
    pub async fn delete_child(&self, name: &str) -> Result<(), DeleteChildError> {
        let (answer, answered) = oneshot::channel();
        let name = name.to_owned();
        self.wish(Wish::answered(WishKind::Delete { name, answer }));
        answered.await.unwrap_or_else(|_| {
            let supervisor = self.runtime_name();
            Err(DeleteChildError::NotRunning { supervisor })
        })
    }

    /// Ends the life of the child at this path at once, as a crash; see [`ChildRef::kill`].
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends.
    pub fn kill(&self, path: &str) -> Result<(), LookupError> {
        self.child(path)?.kill();
        Ok(())
    }

    /// Asks this supervisor to stop: the root, and with it the tree; another one as its own
    /// supervisor's `terminate_child` does. Returns at once.
    pub fn shutdown(&self) {
        let name = self.runtime_name();
        let Some(above) = self.directory.above() else {
            return;
        };
        let Some(inbox) = Inbox::of(above) else {
            if let Some(life) = above
                .get(name.name())
                .and_then(|root| root.facts().incarnation)
            {
                self.directory.sink().stop(life, None, false);
            }
            return;
        };
        let (answer, _) = oneshot::channel();
        let name = name.name().to_owned();
        inbox.wish(Wish::unanswered(WishKind::Terminate { name, answer }));
    }

    /// What it and all below it look like.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.directory, &mut |_| {})
    }

    /// What it and all below it look like, and the events of the whole tree from there on.
    pub fn subscribe(&self) -> Subscription {
        Subscription::new(&Hub::of(&self.directory).bus, &self.directory)
    }

    pub(crate) const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    fn wish(&self, wish: Wish) {
        match Inbox::of(&self.directory) {
            Some(inbox) => inbox.wish(wish),
            None => wish.kind.refuse(self.runtime_name()),
        }
    }
}

impl fmt::Debug for SupervisorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SupervisorRef")
            .field(&self.runtime_name())
            .finish()
    }
}

/// Whether this code runs in a life of this child, or in one below it.
fn runs_in(entry: &Arc<Entry>) -> bool {
    let Some(here) = Context::current() else {
        return false;
    };
    let first = Some(here.entry().directory().clone());
    let mut above = iter::successors(first, |directory| directory.above().cloned());
    let below = entry.below();
    Arc::ptr_eq(here.entry(), entry)
        || above.any(|directory| below.is_some_and(|below| Arc::ptr_eq(below, &directory)))
}
