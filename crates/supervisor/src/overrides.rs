//! Numbers of children that come from outside of the code.
use crate::spec::{ChildSpec, SpecError};
use regrow_core::{Backoff, RuntimeName, Shutdown, Tolerance};
use std::{fmt, sync::Arc, time::Duration};

/// Numbers that take the place of those that a child was declared with. What is none here stays
/// as it was declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// How it is brought down. Of a worker that drains, the time after the drain.
    pub shutdown: Option<Shutdown>,
    /// How long a start may take; `Some(None)` sets no limit.
    pub start_timeout: Option<Option<Duration>>,
    /// How long it waits before it is started again; `Some(None)` is no wait.
    pub backoff: Option<Option<Backoff>>,
    /// The tolerance of its own. What happens when it is exceeded stays as declared.
    pub own_tolerance: Option<Tolerance>,
    /// How many restarts of its children a supervisor bears. What happens when it is exceeded stays
    /// as declared.
    pub tolerance: Option<Tolerance>,
    /// How long its killed children may take to be gone.
    pub kill_wait: Option<Duration>,
    /// How many children a dynamic supervisor may have.
    pub max_children: Option<usize>,
}

type Amending = dyn Fn(Vec<Arc<ChildSpec>>, &RuntimeName) -> Result<Vec<Arc<ChildSpec>>, OverrideError>
    + Send
    + Sync;

/// Sets the numbers of children that were built below the supervisor of this runtime name.
#[derive(Clone)]
pub(crate) struct Amend(pub(crate) Arc<Amending>);

impl fmt::Debug for Amend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Amend")
    }
}

/// What is wrong with an override. Nothing of a set is applied in which one is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OverrideError {
    /// Nobody is declared under this name.
    #[error("no child is declared as {name:?}; there is {}", known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// The nearest names that there are.
        known: Vec<String>,
    },
    /// What has this name is started while the tree runs, and is not declared.
    #[error(
        "{name:?} would be started at run time, below {supervisor}: set its numbers where it is started"
    )]
    AtRunTime {
        /// The name.
        name: String,
        /// Who would start it.
        supervisor: String,
    },
    /// The child has no such number.
    #[error("{name:?} has no {key}: only {whose} has")]
    Useless {
        /// The runtime name of the child.
        name: String,
        /// Which number.
        key: &'static str,
        /// Who has one.
        whose: &'static str,
    },
    /// The child cannot be so: the same that the code would be told.
    #[error("{name:?}: {error}")]
    Spec {
        /// The runtime name of the child.
        name: String,
        /// What is wrong.
        #[source]
        error: SpecError,
    },
}

impl OverrideError {
    /// The runtime name that it is about.
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown { name, .. }
            | Self::AtRunTime { name, .. }
            | Self::Useless { name, .. }
            | Self::Spec { name, .. } => name,
        }
    }

    /// The number that it is about, by the name of its field in [`Override`], when it is about one.
    pub const fn key(&self) -> Option<&'static str> {
        match self {
            Self::Useless { key, .. } => Some(key),
            Self::Spec { error, .. } => match error {
                SpecError::ZeroWindow { .. } => Some("tolerance"),
                SpecError::ZeroKillWait { .. } => Some("kill_wait"),
                SpecError::BackoffAboveCap { .. } => Some("backoff"),
                SpecError::UselessStartTimeout { .. } => Some("start_timeout"),
                SpecError::UselessDrain { .. } => Some("shutdown"),
                SpecError::ZeroOwnWindow { .. } => Some("own_tolerance"),
                _ => None,
            },
            Self::Unknown { .. } | Self::AtRunTime { .. } => None,
        }
    }
}
