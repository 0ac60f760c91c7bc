//! Why a child is not what it should be.
use regrow_tasks::{ExitReason, StartFailure};
use std::fmt;

/// Why a child is started again, or is not up: how its last life ended, or why that did not come
/// up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// Its life ended.
    Ended(ExitReason),
    /// Its life did not come up.
    NotStarted(StartFailure),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(reason) => reason.fmt(f),
            Self::NotStarted(failure) => failure.fmt(f),
        }
    }
}
