//! Tells systemd how a tree stands, by the protocol of `sd_notify`: `READY=1` when the tree is up, `STATUS=` with the counts of its
//! children, `STOPPING=1` when it stops, and `WATCHDOG=1` for as long as its root answers.
//!
//! A [`Notifier`] knows where to tell it, and [`Notifier::worker`] makes a `Worker` of it, which is put *first* into the root: it is
//! then up before all others and the last to stop, so it can tell of all that lies in between. It is a worker, and not a part of
//! `run`, because it then works in every tree, is seen in drawings and events, and is itself restarted when it fails.
//!
//! ```text
//!  root    one-for-one
//!  ├─ systemd   events of the tree ---> STATUS, READY, STOPPING ---> $NOTIFY_SOCKET
//!  ├─ store     an answer of the root -----> WATCHDOG
//!  └─ web
//! ```
//!
//! ```ini
//! [Service]
//! Type=notify
//! ExecStart=/usr/bin/shop
//! WatchdogSec=10
//! Restart=on-failure
//! ```
//!
//! # Example
//!
//! What systemd is told, with a socket in its place:
//!
//! ```
//! use regrow_supervisor::{Supervisor, Worker};
//! use regrow_systemd::Notifier;
//! use std::os::unix::net::UnixDatagram;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let path = std::env::temp_dir().join(format!("regrow-systemd-{}", std::process::id()));
//! let systemd = UnixDatagram::bind(&path)?;
//!
//! // In a program: `Notifier::from_env()`.
//! let tree = Supervisor::new("root")
//!     .child(Notifier::to(&path).worker("systemd"))
//!     .child(Worker::new("store", |ctx| async move { ctx.stopped().await }))
//!     .start()
//!     .await?;
//! tree.shutdown().await;
//!
//! let mut told = String::new();
//! let mut datagram = [0; 1024];
//! while !told.contains("STOPPING=1") {
//!     let length = systemd.recv(&mut datagram)?;
//!     told.push_str(std::str::from_utf8(&datagram[..length])?);
//! }
//! assert!(told.contains("READY=1\nSTATUS=up: 2 of 2 children up\n"));
//! # std::fs::remove_file(&path)?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it never does
//!
//! It never fails its tree: what cannot be sent is logged. It tells nothing of `RELOADING`, which is the program's to say. It keeps the
//! variables in the environment: a process child that knows `NOTIFY_SOCKET` itself may have to be spawned without it.

#[cfg(not(unix))]
compile_error!("regrow's feature `systemd` is for Unix: it speaks through a Unix socket");

#[cfg(unix)]
mod body;
#[cfg(unix)]
mod notifier;
#[cfg(unix)]
mod socket;
#[cfg(unix)]
mod status;

#[cfg(unix)]
pub use self::notifier::Notifier;
