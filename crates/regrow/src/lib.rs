//! OTP-style supervision trees for Rust on tokio.
//!
//! A program declares its tree of supervisors and workers in application code; what fails is
//! restarted by rule and in order; what must stop stops in order, to the last task; supervisors
//! nest as children; anyone can ask the running tree for its children's runtime names.
//!
//! | you have | you take |
//! |---|---|
//! | work that goes on for as long as the program | [`Worker`] |
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
//! | a program that is a tree | [`run()`] |
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
//! use regrow::{Change, Context, Supervisor, Worker};
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
//! let mut events = None;
//! let tree = Supervisor::new("root")
//!     .child(Worker::new("fragile", fragile))
//!     .child(Worker::new("calm", |ctx| async move { ctx.stopped().await }))
//!     .start_observed(|from_the_start| events = Some(from_the_start))
//!     .await?;
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
pub use regrow_supervisor::{Runner, run};

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
