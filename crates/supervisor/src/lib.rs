//! Supervisors on tokio: they drive the engine of `regrow-core` with the lives of `regrow-tasks`.
//!
//! A driver is a loop that feeds one engine: what its lives report, what users wish, what the
//! clock says; and that does what the engine commands. It decides nothing. A supervisor below
//! another is a life like any other, whose body is such a loop.
//!
//! ```text
//!  lives --Report--> Inbox --Event--> Engine --Command--> Driver --spawn, ask, kill--> lives
//!  users --Wish---->                                         |
//!  parent -stop--->                                          +--> Directory, events, log
//! ```
//!
//! # Invariants
//!
//! 1. Reports come before deadlines, and those before wishes: an exit that is queued wins over a
//!    deadline of the same moment.
//! 2. An entry is written before its event is published, and that before anybody is woken.
//! 3. No code of a user runs on a driver.
//! 4. A driver always waits for its inbox too: it never goes deaf.

mod alarm;
mod audience;
mod branch;
mod build;
mod build_error;
mod bus;
mod cause;
mod child;
mod children;
mod cleanup;
mod component;
mod crew;
mod decide;
mod desk;
mod drained;
mod driver;
mod dynamic;
mod ending;
mod error;
mod event;
mod exit;
mod explain;
mod failure;
mod filter;
mod flags;
mod handle;
mod health;
mod hub;
mod inbox;
mod listen;
mod listener;
mod listener_ref;
mod log;
mod lookup;
mod memory;
mod overlap;
mod overrides;
mod own;
mod plan;
mod post;
mod reference;
mod replies;
mod report;
mod rules;
mod settled;
mod snapshot;
mod spec;
mod stops;
mod supervisor;
mod tree;
mod up_error;
mod walk;
mod ward;
mod wish;
mod worker;

#[cfg(feature = "run")]
mod beat;
#[cfg(feature = "run")]
mod first;
#[cfg(feature = "run")]
mod making;
#[cfg(feature = "run")]
mod root;
#[cfg(feature = "run")]
mod run;
#[cfg(feature = "serde")]
mod serial;
#[cfg(feature = "run")]
mod signals;

pub use self::{
    branch::{Branch, BranchContext},
    build_error::BuildError,
    bus::{Missed, Subscription},
    cause::Cause,
    child::{ChildInfo, ChildRef, Counts},
    children::{Built, Children},
    cleanup::CleanupError,
    component::Component,
    dynamic::DynamicSupervisor,
    error::{
        BranchError, DeleteChildError, LookupError, ResetError, RestartChildError, StartChildError,
        StartError, TerminateChildError,
    },
    event::{Change, TreeEvent, Warning},
    exit::RootExit,
    explain::Explanation,
    failure::{GaveUp, SupervisorFailure, UncapturedPanic},
    filter::Filter,
    health::{DegradedChild, Health, HealthWatch},
    listen::ListenError,
    listener::{Delivery, Listener, ListenerInfo},
    listener_ref::ListenerRef,
    overrides::{Override, OverrideError},
    reference::{DynamicRef, SupervisorRef},
    report::{ShutdownReport, StoppedLife},
    settled::SettleError,
    snapshot::Snapshot,
    spec::{ChildSpec, IntoChildSpec, SpecError},
    supervisor::Supervisor,
    tree::Tree,
    up_error::UpError,
    worker::Worker,
};

#[cfg(feature = "run")]
pub use self::{
    root::IntoRoot,
    run::{Runner, run},
};
