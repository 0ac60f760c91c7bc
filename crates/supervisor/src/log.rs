//! What is logged by default, through `tracing`, under the target `regrow`.
//!
//! Normal ends at debug; restarts and failures at warn, at most ten a supervisor and five seconds;
//! abandoned lives and giving up at error. A subscriber that panics harms nobody.
use crate::{error::StartError, event::Change};
use regrow_core::RuntimeName;
use regrow_tasks::{SharedError, StartFailure, shielded};
use std::time::Duration;
use tokio::time::Instant;
use tracing::{Level, debug, enabled, error, warn};

/// How many warnings a supervisor logs in one span.
const MOST: u32 = 10;
const SPAN: Duration = Duration::from_secs(5);

/// What one supervisor logs.
#[derive(Debug, Default)]
pub(crate) struct Log {
    since: Option<Instant>,
    warned: u32,
    held_back: u32,
}

impl Log {
    /// Logs one change. `name` is made only when somebody wants it. A subscriber that panics harms
    /// nobody.
    pub(crate) fn change(&mut self, name: impl Fn() -> RuntimeName, change: &Change) {
        shielded(|| self.write(name, change));
    }

    fn write(&mut self, name: impl Fn() -> RuntimeName, change: &Change) {
        match change {
            Change::Started
            | Change::Completed
            | Change::Stopped
            | Change::Ignored
            | Change::AutoShutdown(_)
            | Change::Custom(_)
                if enabled!(target: "regrow", Level::DEBUG) =>
            {
                debug!(target: "regrow", name = %name(), "{change}");
            }
            // Its cause is told where it arose, and to who asked for the start.
            Change::StartFailed(StartFailure::Failed(error)) if is_from_below(error) => {}
            Change::Failed(_)
            | Change::StartFailed(_)
            | Change::StopFailed(_)
            | Change::Restarting { .. }
            | Change::Warning(_)
                if enabled!(target: "regrow", Level::WARN) && self.may_warn(&name) =>
            {
                warn!(target: "regrow", name = %name(), "{change}");
            }
            Change::Abandoned | Change::GaveUp(_) | Change::UsedUp(_) | Change::Overlaps(_) if enabled!(target: "regrow", Level::ERROR) =>
            {
                error!(target: "regrow", name = %name(), "{change}");
            }
            _ => {}
        }
    }

    fn may_warn(&mut self, name: impl Fn() -> RuntimeName) -> bool {
        let now = Instant::now();
        if self.since.is_none_or(|since| now - since > SPAN) {
            self.since = Some(now);
            self.warned = 0;
            let held_back = std::mem::take(&mut self.held_back);
            if held_back > 0 {
                warn!(target: "regrow", supervisor = ?name().parent(), held_back, "warnings were held back");
            }
        }
        self.warned += 1;
        if self.warned > MOST {
            if self.held_back == 0 {
                warn!(target: "regrow", supervisor = ?name().parent(), "too many warnings: the next are held back for a while");
            }
            self.held_back += 1;
        }
        self.warned <= MOST
    }
}

fn is_from_below(error: &SharedError) -> bool {
    error.find::<StartError>().is_some()
}
