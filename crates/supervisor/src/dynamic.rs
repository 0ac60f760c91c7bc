//! Supervisors of children that come and go.
use crate::{
    ChildSpec,
    child::{ChildInfo, ChildRef, Counts},
    driver::Driver,
    error::{LookupError, StartChildError, TerminateChildError},
    reference::SupervisorRef,
    rules::{Rules, rules_methods},
    spec::{IntoChildSpec, SpecError},
    supervisor::{GivenFlags, flags_methods},
};
use regrow_core::{ChildSpec as Spec, Name, RuntimeName, engine::DynamicEngine};
use regrow_tasks::Start;
use std::sync::Arc;

/// A supervisor of children that come and go, on the way to be a [`ChildSpec`] (Elixir:
/// `DynamicSupervisor`).
///
/// It starts empty. Its children have no order: each restarts alone, and all stop at once. One
/// that is down is forgotten. Ask the running tree for it with
/// [`SupervisorRef::dynamic`](crate::SupervisorRef::dynamic).
///
/// ```
/// use regrow_supervisor::{DynamicSupervisor, Supervisor, Worker};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tree = Supervisor::new("root")
///     .child(DynamicSupervisor::new("connections").max_children(10_000))
///     .start()
///     .await
///     .unwrap();
/// let connections = tree.dynamic("connections").unwrap();
/// let serve = Worker::once("connection", |ctx| async move { ctx.stopped().await });
/// let child = connections.start_numbered(serve).await.unwrap();
/// assert_eq!(child.runtime_name().as_str(), "root/connections/1");
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a supervisor is nothing until it is given to another"]
pub struct DynamicSupervisor {
    name: String,
    most: usize,
    flags: GivenFlags,
    rules: Rules,
}

impl DynamicSupervisor {
    /// A supervisor of as many children as memory bears.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            most: usize::MAX,
            flags: GivenFlags::default(),
            rules: Rules::default(),
        }
    }

    /// How many children there may be at a time, those that wait for a restart included.
    pub fn max_children(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    flags_methods!();

    rules_methods!();

    /// The spec of this supervisor as a child of another.
    ///
    /// # Errors
    ///
    /// [`SpecError`] when a name or a setting is none.
    pub fn build(self) -> Result<ChildSpec, SpecError> {
        let name = Name::new(self.name)?;
        self.flags.check(&name)?;
        let (most, flags) = (self.most, Arc::new(self.flags));
        let start = Start::dynamic_supervisor(move |own, notify| {
            let flags = flags.clone();
            async move {
                let driver = Driver::new(own, notify, flags.tolerance, |first| {
                    DynamicEngine::new(flags.flags(first), most)
                });
                driver.run().await
            }
        });
        self.rules.apply(Spec::supervisor(name, start))
    }
}

/// A dynamic supervisor that runs, or may: it stays valid over the supervisor's restarts.
///
/// It is weak: it keeps no tree going.
#[derive(Clone)]
pub struct DynamicRef {
    supervisor: SupervisorRef,
}

impl DynamicRef {
    pub(crate) const fn new(supervisor: SupervisorRef) -> Self {
        Self { supervisor }
    }

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
        self.supervisor.start(child.into_child_spec(), false).await
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
        self.supervisor.start(child.into_child_spec(), true).await
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
        self.supervisor.terminate_child(name).await
    }

    /// Its full name.
    pub fn runtime_name(&self) -> RuntimeName {
        self.supervisor.runtime_name()
    }

    /// Its children, in the order in which they were started first.
    pub fn children(&self) -> Vec<ChildInfo> {
        self.supervisor.children()
    }

    /// How many children there are.
    pub fn count(&self) -> Counts {
        self.supervisor.count()
    }

    /// The child, or a child of a child, at this path.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends.
    pub fn child(&self, path: &str) -> Result<ChildRef, LookupError> {
        self.supervisor.child(path)
    }

    /// Ends the life of the child at this path at once, as a crash.
    ///
    /// # Errors
    ///
    /// [`LookupError`] names where the path ends.
    pub fn kill(&self, path: &str) -> Result<(), LookupError> {
        self.supervisor.kill(path)
    }
}

impl std::fmt::Debug for DynamicRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DynamicRef")
            .field(&self.runtime_name())
            .finish()
    }
}
