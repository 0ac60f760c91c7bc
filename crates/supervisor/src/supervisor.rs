//! Supervisors whose children have an order.
use crate::{
    build::Build,
    bus::Subscription,
    children::Built,
    error::StartError,
    flags::{GivenFlags, flags_methods},
    listener::Listener,
    overrides::Amend,
    plan::Plan,
    rules::{Rules, rules_methods},
    spec::{ChildSpec, IntoChildSpec, SpecError},
    tree::{RootOptions, Tree},
};
use regrow_core::{AutoShutdown, Name, StartOrder, Strategy};
use regrow_tasks::Context;
use std::sync::Arc;

/// A supervisor, on the way to be a [`ChildSpec`], or the root of a [`Tree`].
///
/// Its children start one after another in the order in which they are given, each when the one
/// before is up, and stop in reverse. Children that are started while it runs come last. For
/// children that come and go by the thousand, and have no order, use
/// [`DynamicSupervisor`](crate::DynamicSupervisor).
///
/// ```
/// use regrow_supervisor::{Supervisor, Worker};
/// use regrow_core::Strategy;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let idle = |name| Worker::new(name, |ctx| async move { ctx.stopped().await });
/// let tree = Supervisor::new("root")
///     .strategy(Strategy::RestForOne)
///     .child(idle("db"))
///     .child(Supervisor::new("web").child(idle("acceptor")))
///     .start()
///     .await
///     .unwrap();
/// assert_eq!(tree.children()[1].runtime_name().as_str(), "root/web");
/// let exit = tree.shutdown().await;
/// assert!(exit.is_orderly());
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a supervisor is nothing until it is started or given to another"]
pub struct Supervisor {
    name: String,
    strategy: Strategy,
    flags: GivenFlags,
    children: Vec<Arc<ChildSpec>>,
    build: Option<Build>,
    amend: Option<Amend>,
    wrong: Option<SpecError>,
    rules: Rules,
    root: RootOptions,
    listeners: Vec<Listener>,
}

impl Supervisor {
    /// A supervisor without children, one-for-one.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            strategy: Strategy::OneForOne,
            flags: GivenFlags::default(),
            children: Vec::new(),
            build: None,
            amend: None,
            wrong: None,
            rules: Rules::default(),
            root: RootOptions::default(),
            listeners: Vec::new(),
        }
    }

    /// Who is restarted when one child must be. Without it: that child alone.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// From which end its children are started. Without it: from the left (semantics 5).
    pub fn start_order(mut self, start_order: StartOrder) -> Self {
        self.flags.start_order = start_order;
        self
    }

    /// Whether it shuts itself down when its significant children have ended. Without it: never,
    /// and a supervisor without live children stays up (semantics 19).
    ///
    /// It then ends as if it had been told to stop: orderly at the root, and not started again
    /// when it is a transient or a temporary child.
    ///
    /// ```
    /// use regrow_supervisor::{Supervisor, Worker};
    /// use regrow_core::{AutoShutdown, Restart};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// // A program that ends with its one job, and takes what served it along.
    /// let tree = Supervisor::new("root")
    ///     .auto_shutdown(AutoShutdown::AnySignificant)
    ///     .child(Worker::new("cache", |ctx| async move { ctx.stopped().await }))
    ///     .child(Worker::new("job", |_| async {}).restart(Restart::Transient).significant())
    ///     .start()
    ///     .await
    ///     .unwrap();
    /// assert!(tree.wait().await.is_orderly());
    /// # }
    /// ```
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.flags.auto_shutdown = auto_shutdown;
        self
    }

    flags_methods!();

    /// Adds a child at the end.
    pub fn child(mut self, child: impl IntoChildSpec) -> Self {
        match child.into_child_spec() {
            Ok(spec) => self.children.push(spec),
            Err(error) => {
                self.wrong.get_or_insert(error);
            }
        }
        self
    }

    /// Adds children at the end.
    pub fn children(self, children: impl IntoIterator<Item = impl IntoChildSpec>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// Has `build` called at each start of this supervisor, before any child starts: it makes the
    /// children that come after those that were added here, with new values each time, and says
    /// what is to be done when they are gone ([`Children`](crate::Children)). Another function is
    /// replaced.
    ///
    /// It may be async or not, and it may fail: then nobody is started, and the start of the
    /// supervisor has failed with a [`BuildError`](crate::BuildError); so it has when two of the
    /// children have the same name. It runs on the task of the supervisor's life, and is given the
    /// supervisor's own [`Context`]. A stop, or the end of the supervisor's start time-out, drops
    /// it where it waits. Until it is done, what is asked of the supervisor for its children
    /// is refused as not running (semantics 4).
    ///
    /// ```
    /// use regrow_supervisor::{Children, Supervisor, Worker};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let shards = || 3; // asked anew at each start
    /// let store = Supervisor::new("store").build_with(move |_| {
    ///     let shard = |at| Worker::new(format!("shard-{at}"), |ctx| async move { ctx.stopped().await });
    ///     Children::new().children((1..=shards()).map(shard))
    /// });
    /// let tree = Supervisor::new("root").child(store).start().await.unwrap();
    /// assert!(tree.child("store/shard-3").is_ok());
    /// # }
    /// ```
    pub fn build_with<F, R, How>(mut self, build: F) -> Self
    where
        F: Fn(Context) -> R + Send + Sync + 'static,
        R: Built<How>,
    {
        self.build = Some(Build::new(build));
        self
    }

    rules_methods!();

    /// How many events a listener may lag behind before it loses the oldest. Without it: 1024.
    /// Of the root alone.
    pub fn event_capacity(mut self, events: usize) -> Self {
        self.root.event_capacity = events;
        self
    }

    /// Gives the tree a listener, which is called with its events from the very first on. Of the root
    /// alone; a tree that runs is given one with [`SupervisorRef::listen`](crate::SupervisorRef::listen).
    pub fn listener(mut self, listener: Listener) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Makes shutdown reports hold each life, not only the slowest and the troubled. Of the root
    /// alone.
    pub fn report_all(mut self) -> Self {
        self.root.report_all = true;
        self
    }

    /// Lets the tree start although the program is compiled with `panic = "abort"`, under which a
    /// panic of any child ends the process (semantics 25). Of the root alone.
    pub fn allow_panic_abort(mut self) -> Self {
        self.root.allow_panic_abort = true;
        self
    }

    /// The spec of this supervisor as a child of another.
    ///
    /// # Errors
    ///
    /// [`SpecError`] when a name or a setting is none, here or in a child, or two children have
    /// the same name.
    pub fn build(self) -> Result<ChildSpec, SpecError> {
        if self.root != RootOptions::default() || !self.listeners.is_empty() {
            let supervisor = Name::new(self.name)?;
            return Err(SpecError::NotTheRoot { supervisor });
        }
        self.spec()
    }

    fn spec(self) -> Result<ChildSpec, SpecError> {
        let rules = self.rules.clone();
        let plan = self.into_plan()?;
        plan.check(&[])?;
        rules.apply(ChildSpec::supervisor(plan.name.clone(), plan.start()))
    }

    fn into_plan(self) -> Result<Plan, SpecError> {
        let name = Name::new(self.name)?;
        if let Some(error) = self.wrong {
            return Err(error);
        }
        Ok(Plan {
            name,
            strategy: self.strategy,
            flags: self.flags,
            children: self.children,
            build: self.build,
            amend: self.amend,
        })
    }

    /// What it is on the way to be, if that is sound.
    pub(crate) fn plan(&self) -> Option<Plan> {
        self.clone().into_plan().ok()
    }

    /// The same with the numbers of this plan, which was made from it.
    pub(crate) fn with_numbers_of(self, plan: Plan) -> Self {
        Self {
            flags: plan.flags,
            children: plan.children,
            amend: plan.amend,
            ..self
        }
    }

    /// Starts this supervisor as the root of a tree. Resolves when the whole tree is up.
    ///
    /// # Errors
    ///
    /// [`StartError`] names the child that did not start and why; those that had started have been
    /// stopped in reverse.
    ///
    /// # Cancel safety
    ///
    /// Dropping it stops, in order and in the background, what was started.
    pub async fn start(self) -> Result<Tree, StartError> {
        self.start_observed(drop).await
    }

    /// As [`start`](Self::start). `observe` is given the events of the tree from the very first on,
    /// before anything starts; so they are seen also when the start fails.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    ///
    /// # Cancel safety
    ///
    /// As [`start`](Self::start).
    pub async fn start_observed(
        self,
        observe: impl FnOnce(Subscription),
    ) -> Result<Tree, StartError> {
        let tree = self.begin(observe)?;
        tree.up().await?;
        Ok(tree)
    }

    /// Begins the tree, without waiting for it to be up.
    pub(crate) fn begin(self, observe: impl FnOnce(Subscription)) -> Result<Tree, StartError> {
        let root = self.root.clone();
        let listeners = self.listeners.clone();
        Tree::begin(&self.spec()?, &root, listeners, observe)
    }
}

impl IntoChildSpec for Supervisor {
    fn into_child_spec(self) -> Result<Arc<ChildSpec>, SpecError> {
        self.build().map(Arc::new)
    }
}
