//! What a body returns, and what is made of it.
use crate::{
    panics::PanicReport,
    reason::{BoxError, ExitReason, SharedError},
    stopped::Stopped,
    words::RestartMe,
};
use regrow_core::Exit;
use std::{any::Any, convert::Infallible, fmt};

/// How a life ended, as its supervisor is told.
pub struct Ended {
    /// What a decision depends on.
    pub exit: Exit,
    /// The whole reason.
    pub reason: ExitReason,
    /// What a supervisor hands to its own.
    pub report: Option<Box<dyn Any + Send>>,
}

impl Ended {
    /// The end of an ordinary life.
    pub fn new(reason: ExitReason) -> Self {
        Self {
            exit: reason.exit(),
            reason,
            report: None,
        }
    }

    /// The same, when dropping the body went so. The panic of a body is not covered by another one.
    pub(crate) fn after_drop(self, dropped: Result<(), PanicReport>) -> Self {
        match dropped {
            Err(panic) if !matches!(self.reason, ExitReason::Panicked(_)) => {
                Self::new(ExitReason::Panicked(panic.in_destructor()))
            }
            _ => self,
        }
    }
}

impl Ended {
    /// It had said that it is done: a completion is final.
    pub(crate) fn finish(&mut self) {
        if matches!(self.reason, ExitReason::Completed) {
            self.reason = ExitReason::Done;
            self.exit = Exit::Done;
        }
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ended")
            .field("exit", &self.exit)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// What the body of a worker may return: `()`, a `Result` of any error that can be boxed, or
/// never.
#[diagnostic::on_unimplemented(
    message = "a worker cannot return `{Self}`",
    label = "returns `{Self}`",
    note = "a worker returns `()`, `Result<(), E>` where `E: Into<Box<dyn Error + Send + Sync>>`, or never"
)]
pub trait Outcome: Send + 'static {
    /// How the life ended that returned this.
    fn into_reason(self) -> ExitReason;
}

/// The type of what never returns: `!`, under a name that stable Rust has for it.
pub type Never = <fn() -> ! as Returns>::Type;

/// Names what a function returns.
pub trait Returns {
    /// The type that it returns.
    type Type;
}

impl<T> Returns for fn() -> T {
    type Type = T;
}

impl Outcome for () {
    fn into_reason(self) -> ExitReason {
        ExitReason::Completed
    }
}

impl Outcome for Infallible {
    fn into_reason(self) -> ExitReason {
        match self {}
    }
}

impl Outcome for Never {
    fn into_reason(self) -> ExitReason {
        self
    }
}

impl<T: Outcome, E: Into<BoxError> + Send + 'static> Outcome for Result<T, E> {
    fn into_reason(self) -> ExitReason {
        match self {
            Ok(value) => value.into_reason(),
            Err(error) => {
                let error = SharedError::new(error);
                if Stopped::is_in(error.get()) {
                    ExitReason::Stopped
                } else if RestartMe::is_in(error.get()) {
                    ExitReason::RestartMe
                } else {
                    ExitReason::Failed(error)
                }
            }
        }
    }
}
