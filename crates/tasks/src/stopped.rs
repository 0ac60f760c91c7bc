//! The typed cancellation.
use crate::catch::shielded;
use std::{error::Error, fmt};

/// The typed cancellation: the life was asked to stop.
///
/// Returned by a body, anywhere in the chain of an error's sources, it is a clean end (OTP:
/// `shutdown`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl Stopped {
    /// Whether `error` is this, or was caused by it. An error that panics when it is asked is not.
    pub(crate) fn is_in(error: &(dyn Error + 'static)) -> bool {
        has_cause::<Self, Mark>(error)
    }
}

/// Whether an error is an `E`, or was caused by one, beneath which an `M` lies.
pub(crate) fn has_cause<E: Error + 'static, M: Error + 'static>(
    error: &(dyn Error + 'static),
) -> bool {
    let found = shielded(|| {
        let mut at = Some(error);
        while let Some(error) = at {
            if error.is::<E>() || error.is::<M>() {
                return true;
            }
            at = error.source();
        }
        false
    });
    found.unwrap_or(false)
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("asked to stop")
    }
}

impl Error for Stopped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&Mark)
    }
}

/// What lies beneath every [`Stopped`]. Error types that box others under a type of their own
/// (`anyhow`) hide the outermost error's type, but not that of its source.
#[derive(Debug)]
struct Mark;

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Stopped, f)
    }
}

impl Error for Mark {}
