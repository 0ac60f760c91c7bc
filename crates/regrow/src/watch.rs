//! What can be seen of a tree while it runs, beside its events and snapshots: who is not well, when
//! it is at rest, and listeners that it calls.
//!
//! | you want | you ask |
//! |---|---|
//! | the answer of a readiness probe | [`SupervisorRef::health`](crate::SupervisorRef::health) |
//! | to be told when that changes | [`SupervisorRef::watch_health`](crate::SupervisorRef::watch_health) |
//! | to be called with what happens | [`Supervisor::listener`](crate::Supervisor::listener), [`SupervisorRef::listen`](crate::SupervisorRef::listen) |
//! | to know why it ended | [`RootExit::explain`](crate::RootExit::explain) |
//! | to wait until nothing starts or stops | [`SupervisorRef::settled`](crate::SupervisorRef::settled) |

pub use regrow_supervisor::{
    Cause, DegradedChild, Delivery, Explanation, Health, HealthWatch, ListenError, Listener,
    ListenerInfo, ListenerRef, SettleError,
};
