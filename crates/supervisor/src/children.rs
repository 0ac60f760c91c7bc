//! What build functions give.
use crate::{
    cleanup::Cleanup,
    spec::{ChildSpec, IntoChildSpec, SpecError},
};
use regrow_tasks::{BoxError, Outcome};
use std::{
    fmt,
    future::{Future, Ready, ready},
    sync::Arc,
    time::Duration,
};

/// The children of one life of a supervisor, and what is to be done when the last of them is gone:
/// what the function of [`Supervisor::build_with`](crate::Supervisor::build_with) gives.
///
/// ```
/// use regrow_supervisor::{Children, Supervisor, Worker};
/// use regrow_tasks::{BoxError, Context};
///
/// async fn build(ctx: Context) -> Result<Children, BoxError> {
///     let name = ctx.runtime_name().as_str().replace('/', "-");
///     let scratch = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
///     std::fs::create_dir_all(&scratch)?;
///     let dir = scratch.clone();
///     let unpack = Worker::new("unpack", move |ctx| {
///         let dir = dir.clone();
///         async move {
///             std::fs::write(dir.join("part"), "all of it")?;
///             ctx.stopped().await;
///             Ok::<(), std::io::Error>(())
///         }
///     });
///     Ok(Children::new()
///         .child(unpack)
///         .on_cleanup(move || async move { std::fs::remove_dir_all(scratch) }))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tree = Supervisor::new("root").build_with(build).start().await.unwrap();
/// assert!(tree.child("unpack").is_ok());
/// assert!(tree.shutdown().await.report().is_clean());
/// # }
/// ```
#[must_use = "children are nothing until a build function returns them"]
pub struct Children {
    pub(crate) specs: Vec<Arc<ChildSpec>>,
    pub(crate) wrong: Option<SpecError>,
    pub(crate) cleanup: Cleanup,
    pub(crate) is_ignored: bool,
}

impl Children {
    /// None yet. A supervisor without children is one that can be given some while it runs.
    pub fn new() -> Self {
        Self {
            specs: Vec::new(),
            wrong: None,
            cleanup: Cleanup::default(),
            is_ignored: false,
        }
    }

    /// There is nothing to do: the start of the supervisor succeeds without a life, as that of a
    /// worker with [`NotifyStart::ignore`](regrow_tasks::NotifyStart::ignore) does (OTP: `ignore`).
    /// Nobody is started, those that were declared on the supervisor included. A root that has
    /// nothing to do does not start: [`StartError::Ignored`](crate::StartError::Ignored).
    pub fn ignore() -> Self {
        Self {
            is_ignored: true,
            ..Self::new()
        }
    }

    /// Adds a child at the end. What is wrong with its spec is told by the start.
    pub fn child(mut self, child: impl IntoChildSpec) -> Self {
        match child.into_child_spec() {
            Ok(spec) => self.specs.push(spec),
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

    /// Has `call` called once, when the last child of this life is gone, whatever for: a stop, a
    /// failure, a start that failed, a child that had a wrong spec. An earlier call is replaced.
    ///
    /// It runs on the task of the supervisor's life, which ends with it, and has
    /// [`cleanup_timeout`](Self::cleanup_timeout); then it is dropped where it waits, so what must
    /// happen belongs before the first wait. An error, a panic and too much time are each a
    /// [`CleanupError`](crate::CleanupError), and the supervisor ends with a stop failure whose
    /// report has it, under the supervisor's own runtime name (semantics 4). When the runtime is
    /// dropped it is not called.
    pub fn on_cleanup<R>(mut self, call: impl FnOnce() -> R + Send + 'static) -> Self
    where
        R: Future<Output: Outcome> + Send + 'static,
    {
        self.cleanup.set(call);
        self
    }

    /// How long the clean-up may take. Without it: 5 s. A deadline of a supervisor above cuts it.
    pub const fn cleanup_timeout(mut self, span: Duration) -> Self {
        self.cleanup.limit = span;
        self
    }
}

impl Default for Children {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Children {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Children")
            .field("specs", &self.specs)
            .field("wrong", &self.wrong)
            .field("is_ignored", &self.is_ignored)
            .finish_non_exhaustive()
    }
}

/// What a build function may return: [`Children`], a `Result` of them with any error that can be
/// boxed, or a future of one of these. `How` tells these apart, and is found by the compiler.
#[diagnostic::on_unimplemented(
    message = "a build function cannot return `{Self}`",
    label = "returns `{Self}`",
    note = "a build function returns `Children`, `Result<Children, E>` where `E: Into<Box<dyn Error + Send + Sync>>`, or a future of one of these"
)]
pub trait Built<How = ()>: Send + 'static {
    /// The children, when they are there.
    fn built(self) -> impl Future<Output = Result<Children, BoxError>> + Send + 'static;
}

impl Built for Children {
    fn built(self) -> impl Future<Output = Result<Self, BoxError>> + Send + 'static {
        ready(Ok(self))
    }
}

impl<E: Into<BoxError> + Send + 'static> Built for Result<Children, E> {
    fn built(self) -> impl Future<Output = Result<Children, BoxError>> + Send + 'static {
        ready(self.map_err(Into::into))
    }
}

impl<F, T> Built<Ready<T>> for F
where
    F: Future<Output = T> + Send + 'static,
    T: Built,
{
    async fn built(self) -> Result<Children, BoxError> {
        self.await.built().await
    }
}
