//! Tests of your own trees: what a tree told, faults by runtime name, and seeds that can be replayed.
//!
//! Test a tree as it is in production: start the same root, let children fail that you name, and say
//! what must be told. A [`Recorder`] keeps the events of a tree and compares them with a short
//! notation; [`Faults`] make lives fail, panic, hang or die in their destructors; a [`Seed`] is
//! printed when the test fails that drew from it.
//!
//! # A test
//!
//! On a paused clock of tokio (`start_paused = true`, feature `test-util`) a wait of an hour passes
//! at once when nothing else is to be done, backoffs and time-outs last exactly as long as they
//! say, and a test has one outcome. Nothing in it sleeps in order to wait for a tree: it waits for
//! what the tree tells.
//!
//! ```
//! use regrow_supervisor::{Supervisor, Worker};
//! use regrow_tasks::Context;
//! use regrow_testing::{Faults, Recorder, Times};
//!
//! /// The tree of the program; the one thing that a test adds is the faults.
//! fn tree(faults: &Faults) -> Supervisor {
//!     let serve = |ctx: Context| async move { ctx.stopped().await };
//!     Supervisor::new("root")
//!         .child(Worker::new("db", faults.on(serve)))
//!         .child(Supervisor::new("web").child(Worker::new("acceptor", faults.on(serve))))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let faults = Faults::new().fail("root/web/acceptor", Times::Nth(1));
//! let (tree, mut told) = Recorder::start(tree(&faults)).await;
//! let tree = tree.unwrap();
//! // Its first life fails when the tree is up, and it grows again.
//! told.told("+db +web/acceptor +web +. !web/acceptor +web/acceptor").await;
//! assert!(tree.shutdown().await.is_orderly());
//! told.told_last("-web/acceptor -web -db -.").await;
//! # }
//! ```
//!
//! # The notation
//!
//! One sign for each event that has one, of a child by its path below the root; `.` is the root:
//!
//! | sign | what is told |
//! |---|---|
//! | `+a` | a is up |
//! | `-a` | it stopped when it was asked to |
//! | `~a` | it completed by itself |
//! | `!a` | it failed, by itself or when it was asked to stop |
//! | `xa` | its start failed |
//! | `?a` | it was killed, did not end, and was abandoned |
//! | `{-a -b}` | both, in any order |
//!
//! What has no sign (a life begins, is asked to stop, is about to be restarted, is forgotten) is kept
//! all the same: [`Recorder::wait_for`] finds it, [`Recorder::events`] has it.
//!
//! When something else is told, the test fails with what was told and what was expected, one above
//! the other, and with all events in words.

mod bounded;
mod faults;
mod notation;
mod recorder;
mod seed;

pub use self::{
    bounded::bounded,
    faults::{Faults, Injected, Times},
    recorder::Recorder,
    seed::Seed,
};
