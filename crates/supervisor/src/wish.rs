//! What users ask of a running supervisor.
use crate::{
    child::ChildRef,
    error::{
        BranchError, DeleteChildError, ResetError, RestartChildError, StartChildError,
        TerminateChildError,
    },
    spec::ChildSpec,
};
use regrow_core::{Incarnation, Name, RuntimeName};
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
    /// Start children that fail and restart together, below this life of a branch.
    Run {
        life: Incarnation,
        specs: Vec<Arc<ChildSpec>>,
        answer: Answer<Vec<ChildRef>, BranchError>,
    },
    /// Keep a name from the children of this life of a branch.
    Reserve {
        life: Incarnation,
        name: Name,
        answer: Answer<(), BranchError>,
    },
    /// Forget what was counted against the supervisor.
    Reset(Answer<(), ResetError>),
    /// Do something with the child of this name.
    Child { name: String, what: ChildWish },
}

/// What is to be done with a child that is there.
#[derive(Debug)]
pub(crate) enum ChildWish {
    Terminate(Answer<(), TerminateChildError>),
    Restart(Answer<ChildRef, RestartChildError>),
    Delete(Answer<(), DeleteChildError>),
    /// Forget what was counted against the child.
    Reset(Answer<(), ResetError>),
    /// Kill the child of this order: another may have taken its name.
    Kill(u64),
}

impl WishKind {
    /// Whether who asked has gone.
    pub(crate) fn is_given_up(&self) -> bool {
        match self {
            Self::Start { answer, .. } => answer.is_closed(),
            Self::Run { answer, .. } => answer.is_closed(),
            Self::Reserve { answer, .. } => answer.is_closed(),
            Self::Reset(answer) => answer.is_closed(),
            Self::Child { what, .. } => match what {
                ChildWish::Terminate(answer) => answer.is_closed(),
                ChildWish::Restart(answer) => answer.is_closed(),
                ChildWish::Delete(answer) => answer.is_closed(),
                ChildWish::Reset(answer) => answer.is_closed(),
                ChildWish::Kill(_) => false,
            },
        }
    }

    /// Answers that the supervisor has no life. Who asked may have gone.
    pub(crate) fn refuse(self, supervisor: RuntimeName) {
        match self {
            Self::Start { answer, .. } => {
                let _ = answer.send(Err(StartChildError::NotRunning { supervisor }));
            }
            Self::Run { life, answer, .. } => {
                let _ = answer.send(Err(BranchError::stale(supervisor, life)));
            }
            Self::Reserve { life, answer, .. } => {
                let _ = answer.send(Err(BranchError::stale(supervisor, life)));
            }
            Self::Reset(answer) => {
                let _ = answer.send(Err(ResetError::NotRunning { supervisor }));
            }
            Self::Child { what, .. } => what.refuse(supervisor),
        }
    }
}

impl ChildWish {
    /// Whether it is about another child than the one of this order.
    pub(crate) fn is_not_about(&self, child: u64) -> bool {
        matches!(self, Self::Kill(order) if *order != child)
    }

    /// Answers that there is no such child.
    pub(crate) fn not_found(self, name: String, supervisor: RuntimeName) {
        match self {
            Self::Terminate(answer) => {
                let _ = answer.send(Err(TerminateChildError::NotFound { supervisor, name }));
            }
            Self::Restart(answer) => {
                let _ = answer.send(Err(RestartChildError::NotFound { supervisor, name }));
            }
            Self::Delete(answer) => {
                let _ = answer.send(Err(DeleteChildError::NotFound { supervisor, name }));
            }
            Self::Reset(answer) => {
                let _ = answer.send(Err(ResetError::NotFound { supervisor, name }));
            }
            Self::Kill(_) => {}
        }
    }

    fn refuse(self, supervisor: RuntimeName) {
        match self {
            Self::Terminate(answer) => {
                let _ = answer.send(Err(TerminateChildError::NotRunning { supervisor }));
            }
            Self::Restart(answer) => {
                let _ = answer.send(Err(RestartChildError::NotRunning { supervisor }));
            }
            Self::Delete(answer) => {
                let _ = answer.send(Err(DeleteChildError::NotRunning { supervisor }));
            }
            Self::Reset(answer) => {
                let _ = answer.send(Err(ResetError::NotRunning { supervisor }));
            }
            Self::Kill(_) => {}
        }
    }
}
