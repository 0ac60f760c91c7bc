//! How a life ended, with the error or the panic itself.
use crate::{
    catch::{bury, shielded},
    panics::PanicReport,
    reaper::Abandoned,
};
use regrow_core::Exit;
use std::{error::Error, fmt, sync::Arc, time::Duration};

/// Any error, as workers return it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The error of a life, shared by all who are told of it.
///
/// It prints as the error with the errors beneath it, in one line.
///
/// The last who drops it drops the error, where a panic of its destructor harms nobody.
#[derive(Clone)]
pub struct SharedError(Option<Arc<dyn Error + Send + Sync>>);

impl SharedError {
    /// Shares an error.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(Some(error.into().into()))
    }

    /// The error itself.
    pub fn get(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.0.as_deref().expect("taken only when it is dropped")
    }

    /// The error and those beneath it, in one line.
    fn line(&self) -> String {
        let mut line = self.get().to_string();
        let mut beneath = self.get().source();
        while let Some(error) = beneath {
            let text = error.to_string();
            // Many errors repeat those beneath in their own text.
            if !line.contains(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            beneath = error.source();
        }
        line
    }

    /// The error, or one beneath it, of this type. None when the error panics on the way.
    pub fn find<E: Error + 'static>(&self) -> Option<&E> {
        shielded(|| {
            let mut error: Option<&(dyn Error + 'static)> = Some(self.get());
            while let Some(at) = error {
                if let Some(found) = at.downcast_ref() {
                    return Some(found);
                }
                error = at.source();
            }
            None
        })
        .flatten()
    }
}

/// An error that panics when it is printed is told as such.
impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = shielded(|| self.line());
        f.write_str(
            text.as_deref()
                .unwrap_or("(an error that panics when it is printed)"),
        )
    }
}

/// The error's own form; see `Display` for one that panics.
impl fmt::Debug for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match shielded(|| format!("{:?}", self.get())) {
            Some(text) => f.write_str(&text),
            None => f.write_str("(an error that panics when it is printed)"),
        }
    }
}

impl Drop for SharedError {
    fn drop(&mut self) {
        if let Some(error) = self.0.take() {
            bury(error);
        }
    }
}

/// How a life ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExitReason {
    /// It returned `Ok` (OTP: `normal`).
    Completed,
    /// It returned the typed cancellation, [`Stopped`](crate::Stopped) (OTP: `shutdown`).
    Stopped,
    /// It said that it is [done](crate::Context::done), and returned `Ok`: it is not started again
    /// by itself.
    Done,
    /// It returned the typed wish for another life, [`RestartMe`](crate::RestartMe).
    RestartMe,
    /// It returned this error.
    Failed(SharedError),
    /// It panicked.
    Panicked(PanicReport),
    /// Its body had ended, and a hook of its worker failed, panicked, or was killed.
    HookFailed(Box<HookFailure>),
    /// It was killed: its task was aborted and its body dropped.
    Killed,
    /// It was killed and did not end within the kill wait, because its body does not yield.
    Abandoned,
}

impl ExitReason {
    /// Whether a transient child is restarted after this.
    pub const fn is_abnormal(&self) -> bool {
        !matches!(
            self,
            Self::Completed | Self::Stopped | Self::Done | Self::RestartMe
        )
    }

    /// The word of it that a decision depends on.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Completed => Exit::Completed,
            Self::Stopped => Exit::Stopped,
            Self::Done => Exit::Done,
            Self::RestartMe => Exit::RestartMe,
            Self::Failed(_) => Exit::Failed,
            Self::Panicked(_) => Exit::Panicked,
            Self::HookFailed(hook) => hook.cause.exit(),
            Self::Killed => Exit::Killed,
            Self::Abandoned => Exit::Abandoned,
        }
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => f.write_str("completed"),
            Self::Stopped => f.write_str("stopped"),
            Self::Done => f.write_str("done"),
            Self::RestartMe => f.write_str("asked to be started again"),
            Self::Failed(error) => write!(f, "failed: {error}"),
            Self::Panicked(panic) => write!(f, "panicked: {panic}"),
            Self::HookFailed(hook) => hook.fmt(f),
            Self::Killed => f.write_str("killed"),
            Self::Abandoned => f.write_str("abandoned: killed, and not gone in time"),
        }
    }
}

/// Which of a worker's hooks: a body's end calls at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hook {
    /// `on_completion`: the body ended cleanly, and had not been asked to stop.
    Completion,
    /// `on_failure`: the body returned an error or panicked, asked to stop or not.
    Failure,
    /// `on_termination`: the body was asked to stop, and ended cleanly.
    Termination,
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Completion => "on_completion",
            Self::Failure => "on_failure",
            Self::Termination => "on_termination",
        })
    }
}

/// A hook did not do what it should: that is how its life ended (semantics 27.3).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HookFailure {
    /// Which one.
    pub hook: Hook,
    /// What became of it: it failed, panicked, or was killed with its life.
    pub cause: ExitReason,
    /// How the body had ended.
    pub ended: ExitReason,
}

impl fmt::Display for HookFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hook, cause, ended } = self;
        write!(f, "its hook {hook} {cause} (after the body {ended})")
    }
}

impl Error for HookFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            ExitReason::Failed(error) => Some(error.get()),
            _ => None,
        }
    }
}

/// Why a life did not come up (semantics 3).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartFailure {
    /// The body, or its notifier, reported this error.
    #[error("start failed: {0}")]
    Failed(SharedError),
    /// The start function or the body panicked before it was up.
    #[error("start panicked: {0}")]
    Panicked(PanicReport),
    /// The body returned before it reported.
    #[error("the body returned before it reported its start: call `NotifyStart::ready`")]
    Returned,
    /// The notifier was dropped before it reported.
    #[error("the notifier was dropped before it reported: call `NotifyStart::ready`")]
    NotifierDropped,
    /// The start time-out passed.
    #[error("not up within the start time-out of {0:?}")]
    TimedOut(Duration),
    /// It was killed before it was up.
    #[error("killed before it was up")]
    Killed,
    /// It was asked to stop before it was up.
    #[error("stopped before it was up")]
    Stopped,
    /// A life that was abandoned has this runtime name, or one above it, and has not ended.
    #[error("{0} is still ending")]
    StillEnding(Abandoned),
}

impl StartFailure {
    /// What an end before the report amounts to.
    pub fn of(reason: &ExitReason) -> Self {
        match reason {
            ExitReason::Completed | ExitReason::Done | ExitReason::RestartMe => Self::Returned,
            ExitReason::Stopped => Self::Stopped,
            ExitReason::Failed(error) => Self::Failed(error.clone()),
            ExitReason::Panicked(panic) => Self::Panicked(panic.clone()),
            ExitReason::HookFailed(hook) => Self::Failed(SharedError::new(hook.clone())),
            ExitReason::Killed | ExitReason::Abandoned => Self::Killed,
        }
    }
}
