//! Programs as children of a tree: each life is a process, in a process group of its own.
//!
//! A [`Process`] says what to run, and [`Process::worker`] makes a `Worker` of it: a child like any other, with a restart type, a
//! shutdown, a backoff and a start time-out.
//!
//! ```text
//!              life's body                                     process group
//!  stop  -----> signal ------------------------------------->  program, and what it spawned
//!  kill  -----> (dropped) SIGKILL -------------------------->
//!  events <---- Ok, ProcessExit <------- status -------------  program
//!  log    <---- lines <---- stdout, stderr ------------------
//! ```
//!
//! # Example
//!
//! The program fails in its first life; the second one waits until it is stopped.
//!
//! ```
//! use regrow_process::{Process, ProcessExit};
//! use regrow_supervisor::{Change, Supervisor};
//! use regrow_tasks::ExitReason;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let mark = std::env::temp_dir().join(format!("regrow-process-{}", std::process::id()));
//! let script = r#"rm "$MARK" 2>/dev/null && { echo "out of luck" >&2; exit 7; }; exec sleep 1000"#;
//! std::fs::write(&mark, "")?;
//! let fragile = Process::new("sh").args(["-c", script]).env("MARK", &mark);
//!
//! let mut events = None;
//! let tree = Supervisor::new("root")
//!     .child(fragile.worker("fragile"))
//!     .start_observed(|from_the_start| events = Some(from_the_start))
//!     .await?;
//! let mut events = events.expect("it is called");
//! let mut failure = None;
//! while let Some(event) = events.next().await {
//!     match event?.change {
//!         Change::Failed(ExitReason::Failed(error)) => failure = Some(error),
//!         Change::Started if failure.is_some() => break,
//!         _ => {}
//!     }
//! }
//! let failure = failure.expect("the first life failed");
//! let exit = failure.find::<ProcessExit>().expect("it is the end of a process");
//! assert_eq!(exit.code(), Some(7));
//! assert_eq!(exit.last_lines(), ["out of luck"]);
//! assert!(tree.shutdown().await.report().is_clean());
//! # Ok(())
//! # }
//! ```
//!
//! # What outlives what
//!
//! When a life is over nothing of its process group is left: what the program spawned and left behind is killed with SIGKILL. What has
//! left the group (`setsid`, a daemon that detaches) is not reached. If the program that holds the tree is itself killed with SIGKILL,
//! nobody is there to kill: its process children go on without it. Linux has a remedy for that (`PR_SET_PDEATHSIG`), which needs
//! `unsafe` code between fork and exec and is not used here; run under something that ends a whole service, such as systemd's
//! control groups or a container, where that matters.
//!
//! A process child needs a runtime with its I/O and time drivers on (`enable_all`), and makes tokio install its handler for SIGCHLD.
//!
//! # Invariants
//!
//! 1. A signal is sent only to a process that was not reaped: its number cannot be another's.
//! 2. A body that is dropped, wherever it stands, kills its group; tokio reaps the process.
//! 3. A life begins only when the process of the life before, which was killed, is gone.
//! 4. Both pipes are read for as long as the life goes on, whoever listens.

#[cfg(not(unix))]
compile_error!(
    "regrow's feature `process` is for Unix: process groups and signals are not known elsewhere"
);

#[cfg(unix)]
mod body;
#[cfg(unix)]
mod death;
#[cfg(unix)]
mod error;
#[cfg(unix)]
mod exit;
#[cfg(unix)]
mod group;
#[cfg(unix)]
mod lines;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod plan;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod ready;
#[cfg(unix)]
mod roster;
#[cfg(unix)]
mod signal;
#[cfg(unix)]
mod stdin;

#[cfg(unix)]
pub use self::{
    error::ProcessStartError,
    exit::ProcessExit,
    process::Process,
    ready::{Line, Ready},
    roster::Signals,
    signal::Signal,
    stdin::Stdin,
};
