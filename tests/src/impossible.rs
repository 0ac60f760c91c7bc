//! Cases that the types make impossible: each is told by a program that does not compile, with the error that it must fail
//! by, beside its twin that does.
//!
//! ## SUP-015
//!
//! A spec without a start function, or with a key that nobody knows.
//!
//! ```
//! use regrow::Worker;
//! Worker::new("a", |_| async {}).build().unwrap();
//! ```
//!
//! ```compile_fail,E0061
//! use regrow::Worker;
//! Worker::new("a").build().unwrap();
//! ```
//!
//! ## SUP-039
//!
//! A dynamic supervisor is asked to restart, or to delete, a child.
//!
//! ```
//! async fn ask(dynamic: regrow::DynamicRef) {
//!     let _ = dynamic.terminate_child("a").await;
//! }
//! ```
//!
//! ```compile_fail,E0599
//! async fn ask(dynamic: regrow::DynamicRef) {
//!     let _ = dynamic.restart_child("a").await;
//! }
//! ```
//!
//! ## SUP-039, the other half
//!
//! ```
//! async fn ask(supervisor: regrow::SupervisorRef) {
//!     let _ = supervisor.delete_child("a").await;
//! }
//! ```
//!
//! ```compile_fail,E0599
//! async fn ask(dynamic: regrow::DynamicRef) {
//!     let _ = dynamic.delete_child("a").await;
//! }
//! ```
//!
//! ## SUP-047
//!
//! A dynamic supervisor with templates.
//!
//! ```
//! use regrow::DynamicSupervisor;
//! let _ = DynamicSupervisor::new("a").max_children(2);
//! ```
//!
//! ```compile_fail,E0599
//! use regrow::{DynamicSupervisor, Worker};
//! let _ = DynamicSupervisor::new("a").child(Worker::new("template", |_| async {}));
//! ```
//!
//! ## SUP-052
//!
//! A supervisor with a flag that nobody knows.
//!
//! ```
//! use regrow::Supervisor;
//! let _ = Supervisor::new("a").tolerance((1, std::time::Duration::from_secs(5)));
//! ```
//!
//! ```compile_fail,E0599
//! use regrow::Supervisor;
//! let _ = Supervisor::new("a").intensity(1);
//! ```
//!
//! ## SUP-097, SUP-098
//!
//! A dynamic supervisor that shuts itself down.
//!
//! ```
//! use regrow::{AutoShutdown, Supervisor};
//! let _ = Supervisor::new("a").auto_shutdown(AutoShutdown::AnySignificant);
//! ```
//!
//! ```compile_fail,E0599
//! use regrow::{AutoShutdown, DynamicSupervisor};
//! let _ = DynamicSupervisor::new("a").auto_shutdown(AutoShutdown::AnySignificant);
//! ```
//!
//! ## DSUP-026
//!
//! A negative shutdown time-out.
//!
//! ```
//! use regrow::Worker;
//! use std::time::Duration;
//! let _ = Worker::new("a", |_| async {}).shutdown(Duration::from_secs(1));
//! ```
//!
//! ```compile_fail,E0600
//! use regrow::Worker;
//! use std::time::Duration;
//! let _ = Worker::new("a", |_| async {}).shutdown(-Duration::from_secs(1));
//! ```
//!
//! ## CAP-439, MON-16
//!
//! A life that reports its start twice.
//!
//! ```
//! use regrow::{NotifyStart, Worker};
//! let _ = Worker::with_notify_start("a", |_, notify: NotifyStart| async move {
//!     notify.ready();
//! });
//! ```
//!
//! ```compile_fail,E0382
//! use regrow::{NotifyStart, Worker};
//! let _ = Worker::with_notify_start("a", |_, notify: NotifyStart| async move {
//!     notify.ready();
//!     notify.ready();
//! });
//! ```
