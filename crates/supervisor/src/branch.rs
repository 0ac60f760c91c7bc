//! Branches: children that start children of their own while they run.
use crate::{
    child::ChildRef,
    driver::Driver,
    error::BranchError,
    flags::{GivenFlags, flags_methods},
    inbox::Inbox,
    reference::SupervisorRef,
    rules::{Rules, rules_methods},
    spec::{ChildSpec, IntoChildSpec, SpecError},
    wish::{Wish, WishKind},
    worker::START_TIMEOUT,
};
use regrow_core::{Incarnation, Moment, Name, Shutdown, engine::BranchEngine};
use regrow_tasks::{Context, Directory, NotifyStart, Outcome, Start, shielded};
use std::{fmt, future::Future, ops::Deref, sync::Arc};
use tokio::sync::oneshot;
use tracing::Span;

/// A child with a body that starts children of its own, on the way to be a [`ChildSpec`]
/// (Monogon: runnable).
///
/// Use it where a part of the tree is known only at run time: a session that needs a reader and a
/// writer, a mount that needs its watchers. Where it is known before, declare a
/// [`Supervisor`](crate::Supervisor).
///
/// What the body starts lives and dies with this life of it: when the body ends, or the branch is
/// asked to stop, all below is asked at once, and the branch has ended when all below has. So it is
/// started again only then, and its body starts its children anew. A body that says that it is
/// [done](Context::done) and returns leaves its children behind: the branch ends with the last of
/// them.
///
/// ```
/// use regrow_supervisor::{Branch, BranchContext, BranchError, Supervisor, Worker};
///
/// async fn session(ctx: BranchContext) -> Result<(), BranchError> {
///     let idle = |name| Worker::new(name, |ctx| async move { ctx.stopped().await });
///     // one fails: both are started again
///     ctx.run_group([idle("reader"), idle("writer")]).await?;
///     ctx.stopped().await;
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tree = Supervisor::new("root").child(Branch::new("session", session)).start().await.unwrap();
/// # while tree.child("session/writer").is_err() { tokio::task::yield_now().await; }
/// tree.child("session/reader").unwrap().kill();
/// assert!(tree.shutdown().await.is_orderly());
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a branch is nothing until it is given to a supervisor"]
pub struct Branch {
    name: String,
    body: Start,
    body_shutdown: Option<Shutdown>,
    flags: GivenFlags,
    rules: Rules,
}

impl Branch {
    /// A branch that is up when its body has been polled for the first time.
    pub fn new<F, R>(name: impl Into<String>, body: F) -> Self
    where
        F: Fn(BranchContext) -> R + Send + Sync + 'static, // called for each life: clone what it captures
        R: Future<Output: Outcome> + Send + 'static, // an `async fn` makes one, or `async move { … }`
    {
        let body = Start::plain(move |context| body(BranchContext { context }));
        Self::make(name, body)
    }

    /// A branch that is up when its body says so, and has 30 s for it.
    pub fn with_notify_start<F, R>(name: impl Into<String>, body: F) -> Self
    where
        F: Fn(BranchContext, NotifyStart) -> R + Send + Sync + 'static, // called for each life: clone what it captures
        R: Future<Output: Outcome> + Send + 'static, // an `async fn` makes one, or `async move { … }`
    {
        let body = Start::notifying(move |context, notify| body(BranchContext { context }, notify));
        Self::make(name, body)
    }

    fn make(name: impl Into<String>, body: Start) -> Self {
        Self {
            name: name.into(),
            body,
            body_shutdown: None,
            flags: GivenFlags::default(),
            rules: Rules::default(),
        }
    }

    flags_methods!();

    rules_methods!();

    /// How the body is brought down; the [shutdown](Self::shutdown) of the branch bounds it as it
    /// bounds every child. Without it: 5 s.
    pub fn body_shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.body_shutdown = Some(shutdown.into());
        self
    }

    /// The spec of this branch as a child.
    ///
    /// # Errors
    ///
    /// [`SpecError`] when a name or a setting is none.
    pub fn build(self) -> Result<ChildSpec, SpecError> {
        let name = Name::new(self.name)?;
        self.flags.check(&name)?;
        let limit = self.body.notifies().then_some(START_TIMEOUT);
        let mut body = ChildSpec::worker(name.clone(), self.body);
        body = body.with_capture_panic(!self.rules.lets_panics_out);
        if let Some(shutdown) = self.body_shutdown {
            body = body.with_shutdown(shutdown);
        }
        let plan = BranchPlan {
            flags: self.flags,
            body,
        };
        let spec = ChildSpec::supervisor(name, plan.start()).with_start_timeout(limit);
        self.rules.apply(spec)
    }
}

/// All that the lives of a branch have in common.
#[derive(Clone, Debug)]
pub(crate) struct BranchPlan {
    pub(crate) flags: GivenFlags,
    body: ChildSpec,
}

impl BranchPlan {
    pub(crate) fn start(self) -> Start {
        let plan = Arc::new(self);
        let kept = plan.clone();
        let start = Start::supervisor(move |own, notify| {
            let plan = plan.clone();
            async move {
                let Self { flags, body } = &*plan;
                flags.lend(&own);
                let life = own.incarnation();
                let driver = Driver::new(own, notify, flags.tolerance, |first| {
                    let flags = flags.flags(first);
                    BranchEngine::new(flags, body.clone(), life, Moment::default())
                });
                driver.run().await
            }
        });
        start.with_plan(kept)
    }
}

impl IntoChildSpec for Branch {
    fn into_child_spec(self) -> Result<Arc<ChildSpec>, SpecError> {
        self.build().map(Arc::new)
    }
}

/// What the body of a branch is given: its [`Context`], and the way to have children.
///
/// It belongs to one incarnation: when that is over, what it is asked for fails with
/// [`BranchError::Stale`], also while another life of the branch runs.
#[derive(Clone)]
pub struct BranchContext {
    context: Context,
}

impl BranchContext {
    /// Starts a child of this life. Returns when it is there, and not only when it is up; to wait for
    /// that, ask the [branch](Self::branch) to start it, which keeps nothing of one that fails.
    ///
    /// It is kept as its spec says from the very first: a start that fails is counted, and tried
    /// again after its backoff.
    ///
    /// # Errors
    ///
    /// [`BranchError`]; nothing was started.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the branch took it, it did not happen; after, the child is started.
    pub async fn run(&self, child: impl IntoChildSpec) -> Result<ChildRef, BranchError> {
        let mut children = self.start(vec![child.into_child_spec()?]).await?;
        Ok(children.remove(0))
    }

    /// Starts children that fail and restart together: when one must be restarted, all are asked
    /// to stop at once, and when all have ended and its backoff has passed they start, in the order
    /// in which they stand here. They do not wait for each other to be up. An empty group is none.
    ///
    /// # Errors
    ///
    /// [`BranchError`]; nobody was started.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the branch took it, it did not happen; after, the children are started.
    pub async fn run_group(
        &self,
        children: impl IntoIterator<Item = impl IntoChildSpec>,
    ) -> Result<Vec<ChildRef>, BranchError> {
        let specs = children.into_iter().map(IntoChildSpec::into_child_spec);
        let specs = specs.collect::<Result<Vec<_>, _>>()?;
        if specs.is_empty() {
            return Ok(Vec::new());
        }
        self.start(specs).await
    }

    async fn start(&self, specs: Vec<Arc<ChildSpec>>) -> Result<Vec<ChildRef>, BranchError> {
        let life = self.incarnation();
        self.ask(|answer| WishKind::Run {
            life,
            specs,
            answer,
        })
        .await
    }

    /// A `tracing` span for a part of the body's work that is no child: `root/foo/dut` for the
    /// name `dut`. No child of this life can have the name from here on. Asked for again, it is
    /// given again.
    ///
    /// # Errors
    ///
    /// [`BranchError`], above all when a child has the name.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the branch took it, it did not happen; after, the name is reserved.
    pub async fn span(&self, name: &str) -> Result<Span, BranchError> {
        let name = Name::new(name).map_err(SpecError::from)?;
        let (life, reserved) = (self.incarnation(), name.clone());
        self.ask(|answer| WishKind::Reserve {
            life,
            name: reserved,
            answer,
        })
        .await?;
        let path = self.directory().runtime_name_of(&name);
        let span = shielded(
            || tracing::info_span!(target: "regrow", "child", name = %path, incarnation = life.number()),
        );
        Ok(span.unwrap_or_else(Span::none))
    }

    async fn ask<T>(
        &self,
        wish: impl FnOnce(oneshot::Sender<Result<T, BranchError>>) -> WishKind,
    ) -> Result<T, BranchError> {
        let (answer, answered) = oneshot::channel();
        let stale = || BranchError::stale(self.runtime_name(), self.incarnation());
        let Some(inbox) = Inbox::of(self.directory()) else {
            return Err(stale());
        };
        inbox.wish(Wish::answered(wish(answer)));
        answered.await.unwrap_or_else(|_| Err(stale()))
    }

    /// The branch itself, as others reach it: to look at its children, to bring one down, to end one.
    /// It is no more of this life alone.
    pub fn branch(&self) -> SupervisorRef {
        SupervisorRef::new(self.directory().clone())
    }

    /// Which of the branch's lives this is.
    pub const fn incarnation(&self) -> Incarnation {
        self.context.incarnation()
    }

    fn directory(&self) -> &Arc<Directory> {
        self.context.entry().directory()
    }
}

impl Deref for BranchContext {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

impl fmt::Debug for BranchContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BranchContext").field(&self.context).finish()
    }
}
