//! Waits that end.
use std::{future::Future, time::Duration};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    time::timeout,
};

/// The longest wait on threads.
const REAL: Duration = Duration::from_secs(30);

/// The longest wait on one thread, where a paused clock jumps over it when nothing else is to come.
const PAUSED: Duration = Duration::from_secs(30 * 24 * 3600);

/// Waits, and fails the test when that takes too long: 30 s on a runtime with threads, a month on
/// one without, which a paused clock passes at once when nothing else is to come.
///
/// # Panics
///
/// When the bound has passed, and outside of a runtime.
///
/// # Cancel safety
///
/// Dropping it drops `wait`.
pub async fn bounded<T>(wait: impl Future<Output = T>) -> T {
    let bound = match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => PAUSED,
        _ => REAL,
    };
    match timeout(bound, wait).await {
        Ok(done) => done,
        Err(_) => panic!("what the test waits for does not come"),
    }
}
