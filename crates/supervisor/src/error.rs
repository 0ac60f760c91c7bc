//! What can go wrong with what users ask for: one error an operation.
use crate::{build_error::BuildError, child::ChildRef, report::ShutdownReport, spec::SpecError};
use regrow_core::{Incarnation, RuntimeName};
use regrow_tasks::{Abandoned, ExitReason, StartFailure};
use std::sync::Arc;

/// Why a tree, or a supervisor in it, did not start.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A spec is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// There is no tokio runtime.
    #[error("no tokio runtime here: start the tree inside one, or use `regrow::run`")]
    NoRuntime,
    /// The tokio runtime has no clock driver.
    #[error("this tokio runtime has no timers: build it with `enable_time` or `enable_all`")]
    NoTimer,
    /// The program is compiled with `panic = "abort"`.
    #[error(
        "this program is compiled with `panic = \"abort\"`, under which no panic can be captured: compile it with \"unwind\", or call `allow_panic_abort` on the root"
    )]
    PanicAbort,
    /// A child did not start; those before it were stopped.
    #[error("{supervisor} did not start: {child}: {cause}{}", also(report))]
    Child {
        /// The full name of the supervisor.
        supervisor: RuntimeName,
        /// The full name of the child.
        child: RuntimeName,
        /// What went wrong with it.
        #[source]
        cause: StartFailure,
        /// What became of those that had started.
        report: Arc<ShutdownReport>,
    },
    /// Its children were not built: nobody was started.
    #[error("{supervisor} did not start: {cause}{}", also(report))]
    Build {
        /// The full name of the supervisor.
        supervisor: RuntimeName,
        /// What went wrong.
        #[source]
        cause: BuildError,
        /// What went wrong after that, when there was something to clean up.
        report: Arc<ShutdownReport>,
    },
    /// The build function of the root says that there is nothing to do.
    #[error("{supervisor} has nothing to do, and did not start")]
    Ignored {
        /// The full name of the root.
        supervisor: RuntimeName,
    },
    /// It was stopped before it was up.
    #[error("{supervisor} was stopped before it was up: {reason}")]
    Stopped {
        /// The full name of the supervisor.
        supervisor: RuntimeName,
        /// How it ended.
        reason: ExitReason,
    },
}

/// The abandoned life that a start failed for, however deep below.
pub(crate) fn still_ending(cause: &StartFailure) -> Option<&Abandoned> {
    match cause {
        StartFailure::StillEnding(life) => Some(life),
        StartFailure::Failed(error) => match error.find()? {
            StartError::Child { cause, .. } => still_ending(cause),
            _ => None,
        },
        _ => None,
    }
}

fn also(report: &ShutdownReport) -> String {
    if report.is_clean() {
        String::new()
    } else {
        let troubled: Vec<_> = report.troubled().iter().map(ToString::to_string).collect();
        format!("; while stopping the others: {}", troubled.join("; "))
    }
}

/// Why a branch did not do what its body asked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BranchError {
    /// A spec, or a name, is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A child or a span of the branch has this name, or two of the group have it. Nobody of the
    /// group was started.
    #[error("the name {name} is taken: names are unique among the children and spans of a branch")]
    NameTaken {
        /// The full name.
        name: RuntimeName,
    },
    /// The life of the context is over, and another one may have begun.
    #[error("{branch} {incarnation} is over: its context is stale")]
    Stale {
        /// The full name of the branch.
        branch: RuntimeName,
        /// The life that the context is of.
        incarnation: Incarnation,
    },
    /// The branch is stopping.
    #[error("{branch} is shutting down")]
    ShuttingDown {
        /// Its full name.
        branch: RuntimeName,
    },
}

impl BranchError {
    pub(crate) const fn stale(branch: RuntimeName, incarnation: Incarnation) -> Self {
        Self::Stale {
            branch,
            incarnation,
        }
    }
}

/// Why a child was not started.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartChildError {
    /// The spec is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A child of this name has a life.
    #[error("{} is running already", child.runtime_name())]
    AlreadyStarted {
        /// That child.
        child: ChildRef,
    },
    /// The body of the branch has reserved this name for a span.
    #[error("the name {child} is reserved by the branch itself: take another one")]
    Reserved {
        /// The full name that it would have had.
        child: RuntimeName,
    },
    /// A child of this name is known, and down.
    #[error("{child} is there, without a life: restart it, or delete it first")]
    AlreadyPresent {
        /// Its full name.
        child: RuntimeName,
    },
    /// It did not come up. Nothing is kept of it.
    #[error("{child}: {cause}")]
    Failed {
        /// Its full name.
        child: RuntimeName,
        /// What went wrong.
        #[source]
        cause: StartFailure,
    },
    /// An abandoned life has its name.
    #[error("{child} cannot start: {life} has not ended")]
    StillEnding {
        /// Its full name.
        child: RuntimeName,
        /// The life that has not ended.
        life: Abandoned,
    },
    /// Somebody brought it down before it was up.
    #[error("{child} was terminated before it was up")]
    Terminated {
        /// Its full name.
        child: RuntimeName,
    },
    /// There are as many children as there may be.
    #[error("{supervisor} has its {most} children: raise `max_children`, or end some first")]
    TooMany {
        /// The full name of the supervisor.
        supervisor: RuntimeName,
        /// How many there may be.
        most: usize,
    },
    /// The supervisor is stopping.
    #[error("{supervisor} is shutting down")]
    ShuttingDown {
        /// Its full name.
        supervisor: RuntimeName,
    },
    /// The supervisor has no life (OTP: `noproc`).
    #[error("{supervisor} is not running")]
    NotRunning {
        /// Its full name.
        supervisor: RuntimeName,
    },
}

/// Why a child was not brought down, or not cleanly.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TerminateChildError {
    /// There is no such child.
    #[error("{supervisor} has no child {name:?}")]
    NotFound {
        /// The full name of the supervisor.
        supervisor: RuntimeName,
        /// The name.
        name: String,
    },
    /// It is down, and did not stop cleanly.
    #[error("{child} is down, and did not stop cleanly: {reason}")]
    StopFailed {
        /// Its full name.
        child: RuntimeName,
        /// How it ended.
        reason: ExitReason,
    },
    /// The supervisor has no life (OTP: `noproc`).
    #[error("{supervisor} is not running")]
    NotRunning {
        /// Its full name.
        supervisor: RuntimeName,
    },
}

/// Why a child was not started again.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestartChildError {
    /// There is no such child.
    #[error("{supervisor} has no child {name:?}")]
    NotFound {
        /// The full name of the supervisor.
        supervisor: RuntimeName,
        /// The name.
        name: String,
    },
    /// It has a life.
    #[error("{child} is running: terminate it first")]
    Running {
        /// Its full name.
        child: RuntimeName,
    },
    /// Its supervisor is about to start it.
    #[error("{child} is being restarted by its supervisor")]
    Restarting {
        /// Its full name.
        child: RuntimeName,
    },
    /// An abandoned life of it has not ended.
    #[error("{child} cannot start: {life} has not ended")]
    StillEnding {
        /// Its full name.
        child: RuntimeName,
        /// The life that has not ended.
        life: Abandoned,
    },
    /// It did not come up. Its spec is kept.
    #[error("{child}: {cause}")]
    Failed {
        /// Its full name.
        child: RuntimeName,
        /// What went wrong.
        #[source]
        cause: StartFailure,
    },
    /// Somebody brought it down before it was up.
    #[error("{child} was terminated before it was up")]
    Terminated {
        /// Its full name.
        child: RuntimeName,
    },
    /// The supervisor is stopping.
    #[error("{supervisor} is shutting down")]
    ShuttingDown {
        /// Its full name.
        supervisor: RuntimeName,
    },
    /// The supervisor has no life (OTP: `noproc`).
    #[error("{supervisor} is not running")]
    NotRunning {
        /// Its full name.
        supervisor: RuntimeName,
    },
}

/// Why a child was not forgotten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeleteChildError {
    /// There is no such child.
    #[error("{supervisor} has no child {name:?}")]
    NotFound {
        /// The full name of the supervisor.
        supervisor: RuntimeName,
        /// The name.
        name: String,
    },
    /// It has a life.
    #[error("{child} is running: terminate it first")]
    Running {
        /// Its full name.
        child: RuntimeName,
    },
    /// Its supervisor is about to start it.
    #[error("{child} is being restarted by its supervisor: terminate it first")]
    Restarting {
        /// Its full name.
        child: RuntimeName,
    },
    /// The supervisor is stopping.
    #[error("{supervisor} is shutting down")]
    ShuttingDown {
        /// Its full name.
        supervisor: RuntimeName,
    },
    /// The supervisor has no life (OTP: `noproc`).
    #[error("{supervisor} is not running")]
    NotRunning {
        /// Its full name.
        supervisor: RuntimeName,
    },
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// A name on the path is not there.
    #[error("no {missing:?} under {under} (looked for {path:?})")]
    NotFound {
        /// The path that was asked for.
        path: String,
        /// The name that is not there.
        missing: String,
        /// Where it is not.
        under: RuntimeName,
    },
    /// What is there has no children.
    #[error("{found} is a worker, not a supervisor")]
    NotASupervisor {
        /// Its full name.
        found: RuntimeName,
    },
    /// What is there is an ordinary supervisor.
    #[error("{found} is an ordinary supervisor, not a dynamic one")]
    NotDynamic {
        /// Its full name.
        found: RuntimeName,
    },
    /// What is there is a dynamic supervisor.
    #[error("{found} is a dynamic supervisor: ask for it with `dynamic`")]
    Dynamic {
        /// Its full name.
        found: RuntimeName,
    },
}

/// Why what was counted was not forgotten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResetError {
    /// There is no such child.
    #[error("{supervisor} has no child {name:?}")]
    NotFound {
        /// The full name of the supervisor.
        supervisor: RuntimeName,
        /// The name that was asked for.
        name: String,
    },
    /// The supervisor is stopping.
    #[error("{supervisor} is shutting down")]
    ShuttingDown {
        /// Its full name.
        supervisor: RuntimeName,
    },
    /// The supervisor has no life, and so has counted nothing.
    #[error("{supervisor} is not running")]
    NotRunning {
        /// Its full name.
        supervisor: RuntimeName,
    },
}
