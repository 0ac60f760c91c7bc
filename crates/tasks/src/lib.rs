//! One life on tokio: the one door of regrow to the spawner.
//!
//! A [`LifeHandle`] is a task that calls a start function, runs the body that comes out of it,
//! catches its panic, and tells its supervisor exactly once that it is over, when its body has
//! been dropped. A [`Context`] is what the body is given; an [`Entry`] is what the world knows of
//! the child; a [`Directory`] holds the entries of one supervisor by name. This crate decides
//! nothing: when a life begins, stops or dies is its caller's word.
//!
//! ```text
//!   supervisor's driver --spawn--> life's task --Report--> Sink (the driver's inbox)
//!          |                           |
//!          +------- Directory: name -> Entry (state, stop signal, directory below)
//! ```
//!
//! # Invariants
//!
//! 1. User code runs on the task of a life, never on that of a driver; where a value of a user is
//!    dropped or printed elsewhere, it is behind [`bury`] or [`shielded`].
//! 2. A life reports `Exited` once, after its body has been dropped, however it ended.
//! 3. An entry outlives the lives of its child; what an old life says bears its incarnation.
//! 4. An abandoned life is held by the [`Reaper`] of its tree until it ends.

mod adopted;
mod aside;
mod beside;
mod block;
mod catch;
mod context;
mod custom;
mod drain;
mod emit;
mod entry;
mod guarded;
mod hooks;
mod life;
mod local;
mod nested;
mod notify;
mod outcome;
mod panics;
mod place;
mod reaper;
mod reason;
mod register;
mod report;
mod returned;
mod span;
mod start;
mod stopped;
mod thread;
mod thread_context;
mod until;
mod values;
mod watch;
mod words;

pub use self::{
    aside::{Aside, Call},
    beside::beside,
    catch::{bury, shielded},
    context::Context,
    custom::CustomEvent,
    drain::Drain,
    entry::{ChildState, Directory, Entry, Facts},
    hooks::Hooks,
    life::LifeHandle,
    nested::{Cancelled, NestedContext},
    notify::NotifyStart,
    outcome::{Ended, Never, Outcome, Returns},
    panics::PanicReport,
    place::PlaceError,
    reaper::{Abandoned, Reaper, Tree, TreeListener},
    reason::{BoxError, ExitReason, Hook, HookFailure, SharedError, StartFailure},
    register::{Hold, Register, Sink},
    report::Report,
    returned::{NothingReturned, ReturnHandle},
    start::Start,
    stopped::Stopped,
    thread_context::ThreadContext,
    values::Values,
    watch::Watchers,
    words::{DoneError, RestartMe},
};
