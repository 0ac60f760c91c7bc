//! Waiting for a condition, never for a time.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long anything may take. Nothing here takes a tenth of it unless something is wrong.
pub(crate) const BOUND: Duration = Duration::from_secs(30);

/// Asks again and again until there is something, and gives it.
///
/// # Panics
///
/// When there is nothing within the bound.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < BOUND, "{what}: not within {BOUND:?}");
        thread::sleep(Duration::from_millis(5));
    }
}
