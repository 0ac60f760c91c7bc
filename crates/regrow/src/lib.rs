//! OTP-style supervision trees for Rust on tokio.
//!
//! A program declares its tree of supervisors and workers in application code; what fails is
//! restarted by rule and in order; what must stop stops in order, to the last task; supervisors
//! nest as children; anyone can ask the running tree for its children's runtime names.
//!
//! | you have | you take |
//! |---|---|
//! | a tree that can be written down | [`supervision_tree!`] |
//! | work that goes on for as long as the program | [`Worker`] |
//! | the same, as an `async fn` whose settings stand above it | [`#[regrow::worker]`](macro@worker) |
//! | work that blocks its thread, or is there already | [`Worker::thread`], and the table of [`Worker`] |
//! | a type that says itself how it runs | [`Component`] |
//! | children that belong together, in an order | [`Supervisor`] |
//! | children that come and go: connections, sessions | [`DynamicSupervisor`] |
//! | children that are known only while their parent runs | [`Branch`] |
//! | children that are made anew at each start | [`Supervisor::build_with`] |
//! | a value that all below a supervisor need | [`Supervisor::provide`] |
//! | a program of the system that is to be a child | `process::Process`, with the feature `process` |
//! | numbers that others set, in a file | `config::Config`, with the feature `config` |
//! | a service of systemd | `systemd::Notifier`, with the feature `systemd` |
//! | a program that is a tree | [`#[regrow::main]`](macro@main), or [`run()`] |
//! | a tree inside a program of yours | [`Supervisor::start`], and the [`Tree`] that it gives |
//! | a program that ends with its one job | [`Supervisor::auto_shutdown`] |
//! | something that fails now and then | [`Restart`], [`Strategy`], [`Tolerance`], [`Backoff`]: [`manual::strategies`] |
//! | a server that must say first that it stops | [`Worker::drain`]: [`manual::stopping`] |
//! | somebody who asks how the tree stands | events, health, listeners: [`manual::watching`] and [`watch`] |
//! | a tree that is to be tested | `testing::Recorder`, with the feature `testing` |
//!
//! The [`manual`] says what to take when, with examples in which something fails and regrows.
//!
//! # Example
//!
//! A worker that fails is restarted; the one that was started after it does not notice.
//!
//! ```
//! use regrow::{Change, Context, supervision_tree};
//!
//! async fn fragile(ctx: Context) -> Result<(), &'static str> {
//!     // The first life fails at once, the second one waits to be stopped.
//!     if ctx.incarnation().number() == 1 {
//!         return Err("out of luck");
//!     }
//!     ctx.stopped().await;
//!     Ok(())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let root = supervision_tree!(Supervisor {
//!     name: "root",
//!     children: [
//!         Worker { name: "fragile", start: fragile },
//!         Worker { name: "calm", start: |ctx| async move { ctx.stopped().await } },
//!     ],
//! });
//! let mut events = None;
//! let tree = root.start_observed(|from_the_start| events = Some(from_the_start)).await?;
//! let mut events = events.expect("it is called");
//! while let Some(event) = events.next().await {
//!     if matches!(event?.change, Change::Restarting { .. }) {
//!         break;
//!     }
//! }
//! let exit = tree.shutdown().await;
//! assert!(exit.is_orderly());
//! assert!(exit.report().is_clean());
//! # Ok(())
//! # }
//! ```
//!
//! The semantics are numbered sentences in `docs/semantics.md`; the docs of items cite them as
//! "semantics 13".

#[cfg(feature = "macros")]
mod macros;
pub mod manual;
pub mod watch;

pub use regrow_core::{
    AtLimit, AutoShutdown, Backoff, ChildKind, Incarnation, InvalidName, Name, OnAbandoned,
    Restart, RuntimeName, Shutdown, StartOrder, Strategy, Tolerance,
};
pub use regrow_supervisor::{
    Branch, BranchContext, BranchError, BuildError, Built, Change, ChildInfo, ChildRef, ChildSpec,
    Children, CleanupError, Component, Counts, DeleteChildError, DynamicRef, DynamicSupervisor,
    Filter, GaveUp, IntoChildSpec, LookupError, Missed, Override, OverrideError, ResetError,
    RestartChildError, RootExit, ShutdownReport, Snapshot, SpecError, StartChildError, StartError,
    StoppedLife, Subscription, Supervisor, SupervisorFailure, SupervisorRef, TerminateChildError,
    Tree, TreeEvent, UncapturedPanic, UpError, Warning, Worker,
};
pub use regrow_tasks::{
    Abandoned, BoxError, Cancelled, ChildState, Context, CustomEvent, DoneError, ExitReason, Hook,
    HookFailure, NestedContext, Never, NothingReturned, NotifyStart, Outcome, PanicReport,
    PlaceError, RestartMe, ReturnHandle, SharedError, StartFailure, Stopped, ThreadContext,
};

#[cfg(feature = "run")]
pub use regrow_supervisor::{IntoRoot, Runner, run};

#[cfg(feature = "macros")]
#[doc(hidden)]
pub use regrow_macros::__supervision_tree;
/// Makes a program of a function that returns the root of its tree: the `main` of a program that is
/// nothing else.
///
/// ```no_run
/// use regrow::{Context, Supervisor, supervision_tree};
///
/// #[regrow::main(stop_within = 10s)]
/// fn main() -> Supervisor {
///     supervision_tree!(Supervisor {
///         name: "shop",
///         children: [Worker { name: "mailer", start: mailer }],
///     })
/// }
///
/// async fn mailer(ctx: Context) {
///     ctx.stopped().await;
/// }
/// ```
///
/// is `fn main() -> ExitCode { Runner::new(…).stop_within(…).run() }`: it owns the runtime, starts the
/// tree, stops it in order at SIGINT and SIGTERM, and makes the exit code ([`Runner`]). Any method of
/// [`Runner`] can stand in the parentheses. The function may return a `Result`, whose error is printed
/// and ends the program with 1; and it may be async ([`Runner::of_future`]):
///
/// ```no_run
/// use regrow::{Context, Supervisor, supervision_tree};
/// use std::{io, sync::Arc};
/// use tokio::net::TcpListener;
///
/// #[regrow::main]
/// async fn main() -> io::Result<Supervisor> {
///     let socket = Arc::new(TcpListener::bind("127.0.0.1:8080").await?);
///     Ok(supervision_tree!(Supervisor {
///         name: "shop",
///         children: [Worker { name: "acceptor", start: move |ctx| accept(ctx, socket.clone()) }],
///     }))
/// }
///
/// async fn accept(ctx: Context, socket: Arc<TcpListener>) -> io::Result<()> {
///     while let Ok(accepted) = ctx.until_stopped(socket.accept()).await {
///         println!("{} knocks", accepted?.1);
///     }
///     Ok(())
/// }
/// ```
///
/// Where the facade has another name, `crate = name` in the parentheses tells it.
#[cfg(all(feature = "macros", feature = "run"))]
#[doc(inline)]
pub use regrow_macros::main;

/// Makes an `async fn` a function that returns a [`Worker`], whose defaults stand in the attribute.
///
/// ```
/// use regrow::{BoxError, Context, supervision_tree};
/// use std::sync::Arc;
///
/// #[regrow::worker(restart = Transient, shutdown = 10s)]
/// async fn mailer(ctx: Context, host: Arc<str>) -> Result<(), BoxError> {
///     println!("{} mails through {host}", ctx.runtime_name());
///     ctx.stopped().await;
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// let shop = supervision_tree!(Supervisor {
///     name: "shop",
///     children: [
///         mailer("mail.example".into()),
///         mailer("spare.example".into()).named("spare"),
///     ],
/// });
/// # let tree = shop.start().await?;
/// # assert!(tree.child("spare").is_ok());
/// # tree.shutdown().await;
/// # Ok(())
/// # }
/// ```
///
/// The parameters of type `Context` and `NotifyStart` are what each life brings; with the second one
/// the worker is up when it says so ([`Worker::with_notify_start`]). All others are parameters of the
/// function that is made, captured and cloned for each life: they are owned, `Clone + Send + Sync`.
/// The child is named after the function, unless `name = "…"` says otherwise, or
/// [`Worker::named`] does later; within the attribute the parameters can be used:
/// `name = format!("shard-{number}")`. A body with a [`BranchContext`] or a [`ThreadContext`] is given to
/// [`Branch::new`] or [`Worker::thread`] without the attribute. Any method of [`Worker`] can stand in the parentheses, with durations
/// and words as in [`supervision_tree!`]; where the facade has another name, `crate = name` tells it.
///
/// By hand it is
///
/// ```
/// # use regrow::{BoxError, Context, Restart, Worker};
/// # use std::{sync::Arc, time::Duration};
/// fn mailer(host: Arc<str>) -> Worker {
///     async fn mailer(ctx: Context, host: Arc<str>) -> Result<(), BoxError> {
///         # let _ = (ctx, host);
///         // …
///         Ok(())
///     }
///     Worker::new("mailer", move |life| mailer(life, host.clone()))
///         .restart(Restart::Transient)
///         .shutdown(Duration::from_secs(10))
/// }
/// # let _ = mailer("mail.example".into());
/// ```
#[cfg(feature = "macros")]
#[doc(inline)]
pub use regrow_macros::worker;

#[cfg(feature = "config")]
#[doc(inline)]
pub use regrow_config as config;
#[cfg(feature = "process")]
#[doc(inline)]
pub use regrow_process as process;
#[cfg(feature = "systemd")]
#[doc(inline)]
pub use regrow_systemd as systemd;
#[cfg(feature = "testing")]
#[doc(inline)]
pub use regrow_testing as testing;

/// The program in the README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
