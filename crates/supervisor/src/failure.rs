//! How a supervisor itself fails.
use crate::report::ShutdownReport;
use regrow_core::{RuntimeName, Tolerance};
use regrow_tasks::{Abandoned, ExitReason, PanicReport};
use std::{error::Error, fmt, time::Duration};

/// Why a supervisor ended that was up. It is the error of its [`ExitReason::Failed`].
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SupervisorFailure {
    /// It bore no more restarts (OTP: `reached_max_restart_intensity`; semantics 14).
    #[error(transparent)]
    GaveUp(GaveUp),
    /// A life below panicked, whose panics are not captured: the whole tree ends for it
    /// (semantics 18).
    #[error("{supervisor} ended: {} panicked: {}", panic.child, panic.report)]
    Uncaptured {
        /// The supervisor's full name.
        supervisor: RuntimeName,
        /// Who panicked, and how.
        panic: UncapturedPanic,
    },
    /// A child had to be started again whose abandoned life has not ended (semantics 9).
    #[error("{supervisor} gave up: {life} has not ended, and its runtime name is not free")]
    StillEnding {
        /// The supervisor's full name.
        supervisor: RuntimeName,
        /// The life that has not ended.
        life: Abandoned,
    },
    /// It stopped when it was asked to, and not all below did so cleanly (semantics 8).
    #[error("{supervisor} did not stop cleanly: {}", first(report))]
    StopFailed {
        /// The supervisor's full name.
        supervisor: RuntimeName,
        /// What became of the lives below.
        report: ShutdownReport,
    },
}

impl SupervisorFailure {
    /// A child panicked, or a supervisor below ended for one that did.
    pub(crate) fn uncaptured(
        supervisor: RuntimeName,
        child: RuntimeName,
        reason: &ExitReason,
    ) -> Self {
        let below = match reason {
            ExitReason::Failed(error) => error.find::<Self>(),
            _ => None,
        };
        let panic = match (below, reason) {
            (Some(Self::Uncaptured { panic, .. }), _) => panic.clone(),
            (_, ExitReason::Panicked(report)) => UncapturedPanic {
                child,
                report: report.clone(),
            },
            (_, reason) => UncapturedPanic {
                child,
                report: PanicReport::of(reason.to_string()),
            },
        };
        Self::Uncaptured { supervisor, panic }
    }
}

/// A panic that nobody was to capture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UncapturedPanic {
    /// The full name of the child whose life panicked.
    pub child: RuntimeName,
    /// Its message, its location, and its backtrace.
    pub report: PanicReport,
}

fn first(report: &ShutdownReport) -> String {
    match report.troubled() {
        [] => "a life below had failed".into(),
        [life] => life.to_string(),
        [life, rest @ ..] => format!("{life}; and {} more", rest.len()),
    }
}

/// That a supervisor bore no more restarts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GaveUp {
    /// The supervisor's full name.
    pub supervisor: RuntimeName,
    /// The full name of the child whose restart was one too many.
    pub child: RuntimeName,
    /// How many restarts it bears, in how long.
    pub tolerance: Tolerance,
    /// How the first life ended that counted.
    pub first: ExitReason,
    /// How the last one did.
    pub last: ExitReason,
}

impl GaveUp {
    /// How many restarts were borne within the window.
    pub const fn limit(&self) -> u32 {
        self.tolerance.limit()
    }

    /// The window; none when each restart counts for ever.
    pub const fn window(&self) -> Option<Duration> {
        self.tolerance.window()
    }
}

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} gave up: {} would need more than {}; it {}",
            self.supervisor, self.child, self.tolerance, self.last,
        )?;
        if self.limit() > 0 {
            write!(f, " (the first that counted {})", self.first)?;
        }
        Ok(())
    }
}

/// Beneath it is the error that the last life returned, so that who looks for a type finds it.
impl Error for GaveUp {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.last {
            ExitReason::Failed(error) => Some(error.get()),
            _ => None,
        }
    }
}
