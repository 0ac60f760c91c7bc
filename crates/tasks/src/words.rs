//! What a body can say of itself, beside that it is up: that it is done, or wants another life.
use crate::stopped::has_cause;
use regrow_core::{Incarnation, RuntimeName};
use std::{error::Error, fmt};

/// The typed wish for another life.
///
/// Returned by a body, anywhere in the chain of an error's sources, it starts the child again by
/// the strategy of its supervisor, at once: it is no failure, waits for no backoff, and does not
/// count up to a hundred times a second (semantics 17). A temporary child has ended with it.
///
/// ```
/// use regrow_tasks::{BoxError, Context, RestartMe};
///
/// async fn serve(ctx: Context) -> Result<(), BoxError> {
///     // ... until the configuration has changed:
///     # let _ = ctx;
///     Err(RestartMe.into())
/// }
/// # let _ = serve;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartMe;

impl RestartMe {
    /// Whether `error` is this, or was caused by it. An error that panics when it is asked is not.
    pub(crate) fn is_in(error: &(dyn Error + 'static)) -> bool {
        has_cause::<Self, Mark>(error)
    }
}

impl fmt::Display for RestartMe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wants to be started again")
    }
}

impl Error for RestartMe {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&Mark)
    }
}

/// What lies beneath every [`RestartMe`], as under `Stopped`.
#[derive(Debug)]
struct Mark;

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&RestartMe, f)
    }
}

impl Error for Mark {}

/// What a life has said of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Nothing,
    Up,
    Done,
}

/// Why a body could not say that it is done. One that passes it on has failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DoneError {
    /// It is not up.
    #[error("{runtime_name} is done before it is up: call `NotifyStart::ready` first")]
    NotUp {
        /// The child's full name.
        runtime_name: RuntimeName,
    },
    /// It has said so before.
    #[error("{runtime_name} has said twice that it is done")]
    Twice {
        /// The child's full name.
        runtime_name: RuntimeName,
    },
    /// This life is over, and another one may have begun.
    #[error("{runtime_name} {incarnation} is over: its context is stale")]
    Stale {
        /// The child's full name.
        runtime_name: RuntimeName,
        /// The life of the context.
        incarnation: Incarnation,
    },
}
