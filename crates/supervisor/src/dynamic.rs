//! Supervisors of children that come and go.
use crate::{
    driver::Driver,
    flags::{GivenFlags, flags_methods},
    rules::{Rules, rules_methods},
    spec::{ChildSpec, IntoChildSpec, SpecError},
};
use regrow_core::{Name, engine::DynamicEngine};
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
        let plan = DynamicPlan {
            most: self.most,
            flags: self.flags,
        };
        let start = plan.start();
        self.rules.apply(ChildSpec::supervisor(name, start))
    }
}

/// All that the lives of a dynamic supervisor have in common.
#[derive(Clone, Debug)]
pub(crate) struct DynamicPlan {
    pub(crate) most: usize,
    pub(crate) flags: GivenFlags,
}

impl DynamicPlan {
    pub(crate) fn start(self) -> Start {
        let plan = Arc::new(self);
        let kept = plan.clone();
        let start = Start::dynamic_supervisor(move |own, notify| {
            let plan = plan.clone();
            async move {
                let Self { most, flags } = &*plan;
                flags.lend(&own);
                let driver = Driver::new(own, notify, flags.tolerance, |first| {
                    DynamicEngine::new(flags.flags(first), *most)
                });
                driver.run().await
            }
        });
        start.with_plan(kept)
    }
}

impl IntoChildSpec for DynamicSupervisor {
    fn into_child_spec(self) -> Result<Arc<ChildSpec>, SpecError> {
        self.build().map(Arc::new)
    }
}
