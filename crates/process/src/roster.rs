//! Which processes of one `Process` run, or are still dying.
use crate::{death::has_ended, signal::Signal};
use regrow_core::RuntimeName;
use rustix::process::{Pid, kill_process};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The processes of all lives of one [`Process`](crate::Process).
#[derive(Debug, Default)]
pub(crate) struct Roster(Mutex<Lists>);

#[derive(Debug, Default)]
struct Lists {
    /// Not reaped: none is taken off later than that.
    running: Vec<Pid>,
    /// Killed with their lives, and perhaps not gone.
    dying: Vec<(RuntimeName, Pid)>,
}

impl Roster {
    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn runs(&self, process: Pid) {
        self.lists().running.push(process);
    }

    /// The process is about to be reaped.
    pub(crate) fn is_over(&self, process: Pid) {
        self.lists().running.retain(|other| *other != process);
    }

    /// The process was killed, and is left to the runtime.
    pub(crate) fn dies(&self, child: RuntimeName, process: Pid) {
        let mut lists = self.lists();
        lists.running.retain(|other| *other != process);
        lists.dying.retain(|(_, other)| !has_ended(*other));
        lists.dying.push((child, process));
    }

    /// A process of an earlier life of this child that is not known to be gone.
    pub(crate) fn dying(&self, child: &RuntimeName) -> Option<Pid> {
        let lists = self.lists();
        let mut of_child = lists.dying.iter().filter(|(name, _)| name == child);
        of_child.next().map(|(_, process)| *process)
    }

    pub(crate) fn is_gone(&self, process: Pid) {
        self.lists().dying.retain(|(_, other)| *other != process);
    }
}

/// Sends signals to the processes of a [`Process`](crate::Process): to have them read their settings again, say.
///
/// It reaches what runs at that moment, and keeps nothing for later.
#[derive(Clone, Debug)]
pub struct Signals(Arc<Roster>);

impl Signals {
    pub(crate) const fn new(roster: Arc<Roster>) -> Self {
        Self(roster)
    }

    /// Sends a signal to each program that runs now, not to what these spawned. Returns how many that were: 0 while the child is down,
    /// starting anew or waiting for its restart.
    ///
    /// A program that ends for it has ended by itself: a failure, and a restart by its type.
    pub fn send(&self, signal: Signal) -> usize {
        let lists = self.0.lists();
        let sent = |process: &&Pid| kill_process(**process, signal.raw()).is_ok();
        lists.running.iter().filter(sent).count()
    }
}
