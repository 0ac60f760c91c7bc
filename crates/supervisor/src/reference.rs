//! Supervisors, as others reach them.
use crate::{
    bus::Subscription,
    child::{ChildInfo, ChildRef, Counts},
    error::{
        DeleteChildError, LookupError, ResetError, RestartChildError, StartChildError,
        TerminateChildError,
    },
    handle::Handle,
    hub::Hub,
    lookup,
    snapshot::Snapshot,
    spec::IntoChildSpec,
};
use regrow_core::RuntimeName;
use regrow_tasks::{Context, Directory};
use std::sync::Arc;

/// A supervisor that runs, or may: it stays valid over the supervisor's restarts.
///
/// It is weak: it keeps no tree going. While the supervisor has no life, look-ups find nothing and
/// requests fail with `NotRunning`.
#[derive(Clone, Debug)]
pub struct SupervisorRef(Handle);

impl SupervisorRef {
    pub(crate) const fn new(directory: Arc<Directory>) -> Self {
        Self(Handle::new(directory))
    }

    /// The supervisor of the life that this is the context of.
    ///
    /// From the context of the root itself, this is the root; from that of the body of a branch,
    /// the supervisor of the branch.
    pub fn parent_of(context: &Context) -> Self {
        let entry = context.entry();
        let directory = match entry.directory().above() {
            Some(above) if entry.is_body() => above,
            Some(_) => entry.directory(),
            None => entry.below().unwrap_or(entry.directory()),
        };
        Self::new(directory.clone())
    }

    /// The root of the tree that this is the context of a life in.
    pub fn root_of(context: &Context) -> Self {
        let mut root = Self::parent_of(context).directory().clone();
        while let Some(above) = root.above().filter(|above| above.above().is_some()) {
            root = above.clone();
        }
        Self::new(root)
    }

    /// Its full name.
    pub fn runtime_name(&self) -> RuntimeName {
        self.0.runtime_name()
    }

    /// Its children, in start order (OTP: `which_children`, which has the newest first).
    pub fn children(&self) -> Vec<ChildInfo> {
        self.0.children()
    }

    /// How many children there are (OTP: `count_children`).
    pub fn count(&self) -> Counts {
        self.0.count()
    }

    /// The child, or a child of a child, at this path: `web/acceptor`. At the root a full runtime
    /// name is accepted too.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends.
    pub fn child(&self, path: &str) -> Result<ChildRef, LookupError> {
        self.0.child(path)
    }

    /// The ordinary supervisor at this path.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends, or what else is there.
    pub fn supervisor(&self, path: &str) -> Result<Self, LookupError> {
        lookup::supervisor(self.directory(), path, false).map(Self::new)
    }

    /// The dynamic supervisor at this path.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends, or what else is there.
    pub fn dynamic(&self, path: &str) -> Result<DynamicRef, LookupError> {
        let directory = lookup::supervisor(self.directory(), path, true)?;
        Ok(DynamicRef(Handle::new(directory)))
    }

    /// Starts a child, which comes last in start order. Returns when it is up, or had nothing to
    /// do; while its group is being restarted it joins the end of that. So a child of that group
    /// that waits for it before it is itself up waits for its own start time-out.
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
        self.0.start(child.into_child_spec(), false).await
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
        self.0.terminate(name).await
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
        self.0.restart(name).await
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
        self.0.delete(name).await
    }

    /// Forgets the restarts that count against this supervisor's tolerance.
    ///
    /// # Errors
    ///
    /// [`ResetError`]: the supervisor has no life, or is stopping.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, all is forgotten.
    pub async fn reset_tolerance(&self) -> Result<(), ResetError> {
        self.0.reset(None).await
    }

    /// Forgets the failures of a child from which its backoff grows, and the restarts that count
    /// against a tolerance of its own. A wait that has begun goes on.
    ///
    /// # Errors
    ///
    /// [`ResetError`]: there is no such child, or the supervisor has no life or is stopping.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, all is forgotten.
    pub async fn reset_child(&self, name: &str) -> Result<(), ResetError> {
        self.0.reset(Some(name)).await
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
        self.0.shutdown();
    }

    /// Asks its driver whether it answers: resolves with `true` when it does, and pends for as long as it is held up, by a thread that
    /// blocks, say. `false` when it has no life. For watchdogs: bound it by a time of your own.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: it changes nothing.
    pub async fn answers(&self) -> bool {
        self.0.answers().await
    }

    /// What it and all below it look like.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.directory(), &mut |_| {})
    }

    /// What it and all below it look like, and the events of the whole tree from there on.
    pub fn subscribe(&self) -> Subscription {
        Subscription::new(&Hub::of(self.directory()).bus, self.directory())
    }

    pub(crate) const fn directory(&self) -> &Arc<Directory> {
        self.0.directory()
    }
}

/// A dynamic supervisor that runs, or may: it stays valid over the supervisor's restarts.
///
/// It is weak: it keeps no tree going.
#[derive(Clone, Debug)]
pub struct DynamicRef(Handle);

impl DynamicRef {
    /// Starts a child under the name in its spec. Returns when it is up, or had nothing to do.
    ///
    /// # Errors
    ///
    /// [`StartChildError`]; nothing is kept of a child that did not come up.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, the start goes on.
    pub async fn start_child(
        &self,
        child: impl IntoChildSpec,
    ) -> Result<ChildRef, StartChildError> {
        self.0.start(child.into_child_spec(), false).await
    }

    /// Starts a child under a number: `root/connections/17`. Numbers are never given twice, not
    /// even over the supervisor's restarts. The name in its spec is not looked at, so that many
    /// children can share an `Arc<ChildSpec>`.
    ///
    /// # Errors
    ///
    /// [`StartChildError`]; nothing is kept of a child that did not come up.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, the start goes on.
    pub async fn start_numbered(
        &self,
        child: impl IntoChildSpec,
    ) -> Result<ChildRef, StartChildError> {
        self.0.start(child.into_child_spec(), true).await
    }

    /// Forgets the restarts that count against this supervisor's tolerance.
    ///
    /// # Errors
    ///
    /// [`ResetError`]: the supervisor has no life, or is stopping.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, all is forgotten.
    pub async fn reset_tolerance(&self) -> Result<(), ResetError> {
        self.0.reset(None).await
    }

    /// Forgets the failures of a child from which its backoff grows, and the restarts that count
    /// against a tolerance of its own. A wait that has begun goes on.
    ///
    /// # Errors
    ///
    /// [`ResetError`]: there is no such child, or the supervisor has no life or is stopping.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, all is forgotten.
    pub async fn reset_child(&self, name: &str) -> Result<(), ResetError> {
        self.0.reset(Some(name)).await
    }

    /// Brings a child down, and forgets it. Asked from within that child, it returns at once.
    ///
    /// # Errors
    ///
    /// [`TerminateChildError`]: it is not there, or did not stop cleanly.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the supervisor took it, it did not happen; after, the child goes down.
    pub async fn terminate_child(&self, name: &str) -> Result<(), TerminateChildError> {
        self.0.terminate(name).await
    }

    /// Its full name.
    pub fn runtime_name(&self) -> RuntimeName {
        self.0.runtime_name()
    }

    /// Its children, in the order in which they were started first.
    pub fn children(&self) -> Vec<ChildInfo> {
        self.0.children()
    }

    /// How many children there are.
    pub fn count(&self) -> Counts {
        self.0.count()
    }

    /// The child, or a child of a child, at this path.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends.
    pub fn child(&self, path: &str) -> Result<ChildRef, LookupError> {
        self.0.child(path)
    }

    /// Ends the life of the child at this path at once, as a crash.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends.
    pub fn kill(&self, path: &str) -> Result<(), LookupError> {
        self.child(path)?.kill();
        Ok(())
    }

    pub(crate) const fn directory(&self) -> &Arc<Directory> {
        self.0.directory()
    }
}
