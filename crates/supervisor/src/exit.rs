//! How a whole tree ended.
use crate::{
    error::StartError,
    event::Change,
    failure::{SupervisorFailure, UncapturedPanic},
    report::ShutdownReport,
};
use regrow_core::RuntimeName;
use regrow_tasks::{Abandoned, Ended, Entry, ExitReason, StartFailure};
use std::{error::Error, fmt, sync::Arc};

/// How a whole tree ended, and what became of the lives in it.
#[derive(Clone, Debug)]
pub struct RootExit(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    runtime_name: RuntimeName,
    reason: ExitReason,
    report: ShutdownReport,
    abandoned: Vec<Abandoned>,
}

impl RootExit {
    pub(crate) fn new(root: &Entry, ended: Ended) -> Self {
        let report = ended.report.and_then(|report| report.downcast().ok());
        Self(Arc::new(Parts {
            runtime_name: root.runtime_name(),
            reason: ended.reason,
            report: report.map(|report| *report).unwrap_or_default(),
            abandoned: root.directory().tree().reaper().all(),
        }))
    }

    /// The name of the root.
    pub fn runtime_name(&self) -> &RuntimeName {
        &self.0.runtime_name
    }

    /// Why the tree ended: [`Stopped`](ExitReason::Stopped) after a clean stop; else
    /// [`Failed`](ExitReason::Failed) with a [`SupervisorFailure`], or
    /// [`Killed`](ExitReason::Killed).
    pub fn reason(&self) -> &ExitReason {
        &self.0.reason
    }

    /// What became of the lives that were stopped at the end.
    pub fn report(&self) -> &ShutdownReport {
        &self.0.report
    }

    /// The lives that were killed and had not ended when the tree did.
    pub fn abandoned(&self) -> &[Abandoned] {
        &self.0.abandoned
    }

    /// The failure of the root, when it is one.
    pub fn failure(&self) -> Option<&SupervisorFailure> {
        self.error()
    }

    /// The error that the root ended with, if it is of this type. Those beneath it are of others:
    /// a root that gave up on a child which did not start has itself been up.
    fn error<E: Error + 'static>(&self) -> Option<&E> {
        match &self.0.reason {
            ExitReason::Failed(error) => error.get().downcast_ref(),
            _ => None,
        }
    }

    /// Whether the tree stopped because it was asked to, and nobody was abandoned. Lives that did
    /// not stop cleanly are in the report, and no disorder.
    pub fn is_orderly(&self) -> bool {
        let asked = match (&self.0.reason, self.failure()) {
            (_, Some(failure)) => matches!(failure, SupervisorFailure::StopFailed { .. }),
            (reason, None) => !reason.is_abnormal(),
        };
        asked && self.0.abandoned.is_empty()
    }

    /// The exit code of a program that is this tree: 0 orderly, 1 it gave up, was killed or did
    /// not start, 3 lives were abandoned, 101 a panic was not captured (semantics 22).
    pub fn exit_code(&self) -> u8 {
        if self.uncaptured().is_some() {
            101
        } else if !self.0.abandoned.is_empty() {
            3
        } else if self.is_orderly() {
            0
        } else {
            1
        }
    }

    /// The panic for which the tree ended, because its child's panics are not captured.
    pub fn uncaptured(&self) -> Option<&UncapturedPanic> {
        match self.failure()? {
            SupervisorFailure::Uncaptured { panic, .. } => Some(panic),
            _ => None,
        }
    }

    /// Panics as the child did for whose panic the tree ended; the panic hook, which was called
    /// then, is not called again. Without such a panic nothing happens.
    ///
    /// # Panics
    ///
    /// With a `String`: the child's full name, and the message and location of its panic.
    pub fn resume(&self) {
        if let Some(panic) = self.uncaptured() {
            let text = format!("{} panicked: {}", panic.child, panic.report);
            std::panic::resume_unwind(Box::new(text));
        }
    }

    pub(crate) fn change(&self) -> Change {
        match &self.0.reason {
            ExitReason::Completed => Change::Ignored,
            ExitReason::Stopped => Change::Stopped,
            reason => match self.start_failure() {
                Some(error) => Change::StartFailed(error),
                None if self.failure().is_some_and(is_stop_failure) => {
                    Change::StopFailed(reason.clone())
                }
                None => Change::Failed(reason.clone()),
            },
        }
    }

    /// The reason, when the root was never up.
    fn start_failure(&self) -> Option<StartFailure> {
        let _: &StartError = self.error()?;
        Some(StartFailure::of(&self.0.reason))
    }

    /// Why the tree did not start.
    pub(crate) fn start_error(&self) -> StartError {
        let supervisor = self.0.runtime_name.clone();
        let error: Option<&StartError> = self.error();
        match (&self.0.reason, error) {
            (_, Some(error)) => error.clone(),
            (ExitReason::Completed, None) => StartError::Ignored { supervisor },
            (reason, None) => StartError::Stopped {
                supervisor,
                reason: reason.clone(),
            },
        }
    }
}

fn is_stop_failure(failure: &SupervisorFailure) -> bool {
    matches!(failure, SupervisorFailure::StopFailed { .. })
}

impl fmt::Display for RootExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            runtime_name,
            reason,
            report,
            abandoned,
        } = &*self.0;
        write!(f, "{runtime_name} {reason}\n{report}")?;
        for life in abandoned {
            let (name, number) = (&life.runtime_name, life.incarnation);
            write!(
                f,
                "\nabandoned: {name} {number} was killed and has not ended"
            )?;
        }
        Ok(())
    }
}
