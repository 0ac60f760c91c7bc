//! The ends of processes, seen without taking them from the system.
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::{future::pending, io};
use tokio::signal::unix::{self, SignalKind, signal};

/// Whether the process has ended. It is left to be reaped, so that its number stays its own.
///
/// One that was reaped already has ended too.
pub(crate) fn has_ended(process: Pid) -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::Pid(process), look), Ok(None))
}

/// Waits for the ends of processes: looks once at first, and again whenever the system says that some process has ended.
pub(crate) struct Deaths {
    told: unix::Signal,
    is_due: bool,
}

impl Deaths {
    /// From here on no end is missed.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            told: signal(SignalKind::child())?,
            is_due: true,
        })
    }

    /// Resolves when `process` has ended. Cancel safe.
    pub(crate) async fn of(&mut self, process: Pid) {
        loop {
            if std::mem::take(&mut self.is_due) && has_ended(process) {
                // Who asks again, of another one, looks again.
                self.is_due = true;
                return;
            }
            if self.told.recv().await.is_none() {
                // The runtime goes down: nothing more will be told.
                return pending().await;
            }
            self.is_due = true;
        }
    }
}
