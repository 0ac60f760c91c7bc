//! The one place where panics are caught.
use crate::panics::{self, PanicReport, Watch};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`; a panic comes back as what is known of it.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, PanicReport> {
    let _watch = Watch::new();
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => Ok(value),
        Err(payload) => {
            let report = panics::claim(&*payload);
            forget_payload(payload);
            Err(report)
        }
    }
}

/// Drops a value of a user where a panic of its destructor harms nobody.
///
/// The panic is reported by the panic hook, and nowhere else.
pub fn bury<T>(value: T) {
    let _ = caught(move || drop(value));
}

/// Runs foreign code (a `Debug`, a log subscriber) where a panic of it harms nobody. `None` when
/// it panicked.
pub fn shielded<T>(work: impl FnOnce() -> T) -> Option<T> {
    caught(work).ok()
}

/// A payload is a value of a user too, whose destructor may panic again, with a payload again.
fn forget_payload(payload: Box<dyn std::any::Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
        std::mem::forget(second);
    }
}
