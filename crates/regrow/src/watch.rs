//! What can be seen of a tree while it runs, beside its events and snapshots: who is not well, and
//! when it is at rest.
//!
//! | you want | you ask |
//! |---|---|
//! | the answer of a readiness probe | [`SupervisorRef::health`](crate::SupervisorRef::health) |
//! | to be told when that changes | [`SupervisorRef::watch_health`](crate::SupervisorRef::watch_health) |
//! | to wait until nothing starts or stops | [`SupervisorRef::settled`](crate::SupervisorRef::settled) |

pub use regrow_supervisor::{Cause, DegradedChild, Health, HealthWatch, SettleError};
