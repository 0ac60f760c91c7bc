//! What users ask of a running supervisor.
use crate::{
    child::ChildRef,
    error::{DeleteChildError, RestartChildError, StartChildError, TerminateChildError},
    spec::ChildSpec,
};
use regrow_core::{Name, RuntimeName};
use std::sync::Arc;
use tokio::sync::oneshot;

/// A request on its way to a driver.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) kind: WishKind,
    /// Nobody waits for it: it holds although its answer cannot be given.
    pub(crate) unanswered: bool,
}

impl Wish {
    pub(crate) const fn answered(kind: WishKind) -> Self {
        Self {
            kind,
            unanswered: false,
        }
    }

    pub(crate) const fn unanswered(kind: WishKind) -> Self {
        Self {
            kind,
            unanswered: true,
        }
    }
}

pub(crate) type Answer<T, E> = oneshot::Sender<Result<T, E>>;

#[derive(Debug)]
pub(crate) enum WishKind {
    /// Start a child; without a name it gets an ordinal.
    Start {
        spec: Arc<ChildSpec>,
        numbered: bool,
        answer: Answer<ChildRef, StartChildError>,
    },
    Terminate {
        name: String,
        answer: Answer<(), TerminateChildError>,
    },
    Restart {
        name: String,
        answer: Answer<ChildRef, RestartChildError>,
    },
    Delete {
        name: String,
        answer: Answer<(), DeleteChildError>,
    },
    Kill {
        name: Name,
        /// That of the child which is meant: another may have taken its name.
        order: u64,
    },
}

impl WishKind {
    /// Whether who asked has gone.
    pub(crate) fn is_given_up(&self) -> bool {
        match self {
            Self::Start { answer, .. } => answer.is_closed(),
            Self::Terminate { answer, .. } => answer.is_closed(),
            Self::Restart { answer, .. } => answer.is_closed(),
            Self::Delete { answer, .. } => answer.is_closed(),
            Self::Kill { .. } => false,
        }
    }

    /// Whether it is about another child than the one of this order.
    pub(crate) fn is_not_about(&self, child: u64) -> bool {
        matches!(self, Self::Kill { order, .. } if *order != child)
    }

    /// Answers that there is no such child.
    pub(crate) fn not_found(self, supervisor: RuntimeName) {
        match self {
            Self::Terminate { name, answer } => {
                let _ = answer.send(Err(TerminateChildError::NotFound { supervisor, name }));
            }
            Self::Restart { name, answer } => {
                let _ = answer.send(Err(RestartChildError::NotFound { supervisor, name }));
            }
            Self::Delete { name, answer } => {
                let _ = answer.send(Err(DeleteChildError::NotFound { supervisor, name }));
            }
            Self::Start { .. } | Self::Kill { .. } => {}
        }
    }

    /// The name of the child that it is about; none for one that is to be there only then.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Start { .. } => None,
            Self::Terminate { name, .. } | Self::Restart { name, .. } => Some(name),
            Self::Delete { name, .. } => Some(name),
            Self::Kill { name, .. } => Some(name.as_str()),
        }
    }

    /// Answers that the supervisor has no life. Who asked may have gone.
    pub(crate) fn refuse(self, supervisor: RuntimeName) {
        match self {
            Self::Start { answer, .. } => {
                let _ = answer.send(Err(StartChildError::NotRunning { supervisor }));
            }
            Self::Terminate { answer, .. } => {
                let _ = answer.send(Err(TerminateChildError::NotRunning { supervisor }));
            }
            Self::Restart { answer, .. } => {
                let _ = answer.send(Err(RestartChildError::NotRunning { supervisor }));
            }
            Self::Delete { answer, .. } => {
                let _ = answer.send(Err(DeleteChildError::NotRunning { supervisor }));
            }
            Self::Kill { .. } => {}
        }
    }
}
