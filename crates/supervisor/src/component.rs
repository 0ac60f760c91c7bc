//! Types that are workers.
use crate::worker::Worker;
use regrow_core::{Backoff, Restart, Shutdown};
use regrow_tasks::{BoxError, Context};
use std::{any::type_name, future::Future, time::Duration};

/// A type that says itself how it runs, and how it wants to be supervised (OTP: a module with a
/// `child_spec`).
///
/// [`Worker::of`] makes a worker of a value of it, whose builder methods win over what the type
/// says. The value is shared by all lives of the child: it is what they are made of, a path, an
/// address, a channel. What a life changes, it makes in [`run`](Self::run), so that a crash leaves
/// nothing broken behind. Where a closure will do, take [`Worker::new`].
///
/// ```
/// use regrow_core::{Incarnation, Restart};
/// use regrow_supervisor::{Component, Supervisor, Worker};
/// use regrow_tasks::{BoxError, Context};
///
/// struct Mailer {
///     server: &'static str,
/// }
///
/// impl Component for Mailer {
///     async fn run(&self, ctx: Context) -> Result<(), BoxError> {
///         if ctx.incarnation().number() < 3 {
///             return Err(format!("{} does not answer", self.server).into());
///         }
///         ctx.stopped().await;
///         Ok(())
///     }
///
///     fn restart(&self) -> Restart {
///         Restart::Transient
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// let tree = Supervisor::new("root")
///     .child(Worker::of(Mailer { server: "mail.test" }))
///     .start()
///     .await?;
/// // Two lives fail, the third is a success.
/// let mailer = tree.child("Mailer")?;
/// mailer.up_after(Incarnation::new(2)).await?;
/// # tree.shutdown().await;
/// # Ok(())
/// # }
/// ```
///
/// A type that is none is refused by the compiler, which says what there is to do:
///
/// ```compile_fail,E0277
/// # use regrow_supervisor::Worker;
/// struct Table;
/// Worker::of(Table); // `Table` is no component
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no component",
    label = "does not say how it runs",
    note = "implement `Component` for it, or give a closure to `Worker::new`"
)]
pub trait Component: Send + Sync + 'static {
    /// The body of one life. In an `impl` it is an `async fn`.
    ///
    /// # Errors
    ///
    /// What ends the life as a failure; [`Stopped`](regrow_tasks::Stopped) is a clean end.
    ///
    /// # Cancel safety
    ///
    /// It is dropped where it waits when its life is killed.
    fn run(&self, ctx: Context) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// The name of the child. Without one: the type's own name, without its path and parameters.
    fn name(&self) -> String {
        let path = type_name::<Self>().split('<').next().unwrap_or_default();
        let name = path.rsplit("::").next().unwrap_or_default();
        name.to_owned()
    }

    /// When the child is started again. Without it: always.
    fn restart(&self) -> Restart {
        Restart::Permanent
    }

    /// How the child is brought down. Without it: within 5 s.
    fn shutdown(&self) -> Shutdown {
        Shutdown::Timeout(Duration::from_secs(5))
    }

    /// How long the child waits before it is started again. Without it: not at all.
    fn backoff(&self) -> Option<Backoff> {
        None
    }
}

impl Worker {
    /// A worker out of a value whose type says how it runs: see [`Component`].
    pub fn of<C: Component>(component: C) -> Self {
        let (name, backoff) = (component.name(), component.backoff());
        let (restart, shutdown) = (component.restart(), component.shutdown());
        let component = std::sync::Arc::new(component);
        let worker = Self::new(name, move |ctx| {
            let component = component.clone();
            async move { component.run(ctx).await }
        });
        let worker = worker.restart(restart).shutdown(shutdown);
        match backoff {
            Some(backoff) => worker.backoff(backoff),
            None => worker,
        }
    }
}
