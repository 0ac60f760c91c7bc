//! Why children were not built.
use crate::{overrides::OverrideError, spec::SpecError};
use regrow_tasks::{PanicReport, SharedError};
use std::{error::Error, fmt};

/// Why the build function of a supervisor gave no children (semantics 4).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// It returned this error.
    Failed(SharedError),
    /// It panicked.
    Panicked(PanicReport),
    /// It gave children that cannot have the numbers that were set for them.
    Override(OverrideError),
    /// It gave children that are none, or that cannot be together.
    Spec(SpecError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "its build function failed: {error}"),
            Self::Panicked(panic) => write!(f, "its build function panicked: {panic}"),
            Self::Override(error) => {
                write!(
                    f,
                    "its build function gave a child that cannot be as it was set: {error}"
                )
            }
            Self::Spec(error) => write!(f, "its build function gave a wrong child: {error}"),
        }
    }
}

/// Beneath it is the error that was returned, or what is wrong with the spec.
impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(error.get()),
            Self::Spec(error) => Some(error),
            Self::Override(error) => Some(error),
            Self::Panicked(_) => None,
        }
    }
}
