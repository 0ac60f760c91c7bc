//! The last word of a supervisor.
use crate::{
    error::{StartError, still_ending},
    failure::SupervisorFailure,
    report::ShutdownReport,
};
use regrow_core::{
    Exit, RuntimeName,
    engine::{End, Reason},
};
use regrow_tasks::{Ended, ExitReason, SharedError, StartFailure};
use std::sync::Arc;

/// What a supervisor failed by, if it did.
pub(crate) enum FailedChild {
    /// None.
    No,
    /// A child that did not start.
    Start(RuntimeName, StartFailure),
    /// The body of a branch, which ended thus.
    Body(ExitReason),
    /// A child that it could not keep up.
    Keep(SupervisorFailure),
}

impl FailedChild {
    pub(crate) fn take(
        start: Option<(RuntimeName, StartFailure)>,
        keep: Option<SupervisorFailure>,
    ) -> Self {
        match (start, keep) {
            (Some((child, cause)), _) => Self::Start(child, cause),
            (None, Some(failure)) => Self::Keep(failure),
            (None, None) => Self::No,
        }
    }
}

/// How a life of a supervisor ended, as its own supervisor is told.
pub(crate) fn ended(
    supervisor: &RuntimeName,
    end: End,
    failed: FailedChild,
    report: ShutdownReport,
) -> Ended {
    let supervisor = supervisor.clone();
    let is_uncaptured = matches!(
        failed,
        FailedChild::Keep(SupervisorFailure::Uncaptured { .. })
    );
    let (error, is_blocked) = match failed {
        FailedChild::Start(child, cause) => {
            let is_blocked = still_ending(&cause).is_some();
            let report = Arc::new(report.clone());
            let error = StartError::Child {
                supervisor,
                child,
                cause,
                report,
            };
            (SharedError::new(error), is_blocked)
        }
        FailedChild::Keep(failure) => {
            let is_blocked = matches!(failure, SupervisorFailure::StillEnding { .. });
            (SharedError::new(failure), is_blocked)
        }
        FailedChild::Body(reason) if reason.is_abnormal() || !end.unclean => {
            return with(report, Ended::new(reason));
        }
        FailedChild::No if end.reason == Reason::Killed => {
            return with(report, Ended::new(ExitReason::Killed));
        }
        FailedChild::No if !end.unclean => {
            return with(report, Ended::new(ExitReason::Stopped));
        }
        FailedChild::No | FailedChild::Body(_) => {
            let report = report.clone();
            let failure = SupervisorFailure::StopFailed { supervisor, report };
            (SharedError::new(failure), false)
        }
    };
    let mut ended = Ended::new(ExitReason::Failed(error));
    if is_uncaptured {
        ended.exit = Exit::Uncaptured;
    }
    if is_blocked {
        ended.exit = Exit::Blocked;
    }
    with(report, ended)
}

fn with(report: ShutdownReport, mut ended: Ended) -> Ended {
    ended.report = Some(Box::new(report));
    ended
}
