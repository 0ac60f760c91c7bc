//! One process group: a program, and what it spawned.
use crate::{error::ProcessStartError, plan::Plan, roster::Roster, signal::Signal};
use regrow_core::RuntimeName;
use rustix::process::{Pid, Signal as Raw, kill_process_group};
use std::{io, process::ExitStatus, sync::Arc};
use tokio::process::{Child, ChildStderr, ChildStdout};

/// A process group whose leader is not reaped, so that its number is its own.
///
/// Dropping it kills the group; the runtime reaps the leader.
pub(crate) struct Group {
    leader: Child,
    process: Pid,
    of: RuntimeName,
    roster: Arc<Roster>,
    is_reaped: bool,
}

impl Group {
    /// Spawns the program as the leader of a group of its own.
    pub(crate) fn spawn(plan: &Plan, of: RuntimeName) -> Result<Self, ProcessStartError> {
        let mut command = plan.command(&of)?;
        let refused = |source| plan.refused(&of, source);
        let leader = command.spawn().map_err(refused)?;
        let number = leader.id().and_then(|id| i32::try_from(id).ok());
        let lost = || io::Error::other("it has no process number");
        let number = number.and_then(Pid::from_raw);
        let group = Self {
            process: number.ok_or_else(|| plan.refused(&of, lost()))?,
            leader,
            of,
            roster: plan.roster.clone(),
            is_reaped: false,
        };
        group.roster.runs(group.process);
        Ok(group)
    }

    pub(crate) const fn process(&self) -> Pid {
        self.process
    }

    /// What it writes.
    pub(crate) fn pipes(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.leader.stdout.take(), self.leader.stderr.take())
    }

    /// Tells the whole group. What is suspended is woken, so that it hears.
    pub(crate) fn tell(&self, signal: Signal) {
        self.send(signal.raw());
        self.send(Raw::CONT);
    }

    /// The leader has ended: kills what it left behind, and takes its status.
    pub(crate) async fn reap(mut self) -> Option<ExitStatus> {
        self.send(Raw::KILL);
        self.roster.is_over(self.process);
        self.is_reaped = true;
        self.leader.wait().await.ok()
    }

    fn send(&self, signal: Raw) {
        // A group that is gone needs nothing.
        let _ = kill_process_group(self.process, signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.is_reaped {
            self.send(Raw::KILL);
            self.roster.dies(self.of.clone(), self.process);
        }
    }
}
