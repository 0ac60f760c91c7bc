//! How lives ended, for as long as anything depends on it.
use crate::cause::Cause;
use regrow_core::Life;
use regrow_tasks::{ExitReason, StartFailure};
use std::collections::HashMap;

/// The engine keeps lives and moments; the errors themselves are here.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Ends that the engine has not told the world of.
    ends: HashMap<Life, ExitReason>,
    /// Start failures whose bodies still run.
    failures: HashMap<Life, StartFailure>,
    /// The ends that count against the tolerance.
    counted: HashMap<Life, ExitReason>,
    /// The end that was told last.
    last: Option<(Life, ExitReason)>,
    /// The start failure that was told last.
    last_failure: Option<(Life, StartFailure)>,
}

impl Memory {
    /// A life is over.
    pub(crate) fn ended(&mut self, life: Life, reason: ExitReason) {
        self.ends.insert(life, reason);
    }

    /// The start of a life failed. The first word of it holds.
    pub(crate) fn failed(&mut self, life: Life, failure: StartFailure) {
        self.failures.entry(life).or_insert(failure);
    }

    /// How a life ended that the world is told of now; a life that was given up has no end.
    pub(crate) fn tell(&mut self, life: Life) -> ExitReason {
        let reason = self.ends.remove(&life).unwrap_or(ExitReason::Abandoned);
        self.last = Some((life, reason.clone()));
        reason
    }

    /// The world was told how this life ended: a failure of its start that was not told of matters
    /// no more.
    pub(crate) fn told(&mut self, life: Life) {
        self.failures.remove(&life);
    }

    /// Why a life did not start that the world is told of now.
    pub(crate) fn tell_failure(&mut self, life: Life, reason: &ExitReason) -> StartFailure {
        let told = self.failures.remove(&life);
        let failure = told.unwrap_or_else(|| StartFailure::of(reason));
        if let StartFailure::Failed(error) = &failure {
            // What the body returned after it had reported this is not why it failed.
            self.last = Some((life, ExitReason::Failed(error.clone())));
        }
        self.last_failure = Some((life, failure.clone()));
        failure
    }

    /// The end that was told last counts.
    pub(crate) fn count(&mut self, life: Life) {
        if let Some((_, reason)) = self.last.take_if(|(last, _)| *last == life) {
            self.counted.insert(life, reason);
        }
    }

    /// The end of this life counts no more.
    pub(crate) fn forget(&mut self, life: Life) {
        self.counted.remove(&life);
    }

    /// How a life ended that counts, or was told last.
    pub(crate) fn reason(&self, life: Life) -> ExitReason {
        let last = self.last.as_ref().filter(|(last, _)| *last == life);
        let reason = last.map(|(_, reason)| reason);
        let reason = reason.or_else(|| self.counted.get(&life));
        reason.cloned().unwrap_or(ExitReason::Killed)
    }

    /// What a child is started again for, whose life was told last.
    pub(crate) fn cause(&self, life: Life) -> Cause {
        let failure = self.last_failure.as_ref();
        match failure.filter(|(last, _)| *last == life) {
            Some((_, failure)) => Cause::NotStarted(failure.clone()),
            None => Cause::Ended(self.reason(life)),
        }
    }

    /// Why the life did not start that was told last.
    pub(crate) fn failure(&self, life: Life) -> StartFailure {
        let last = self.last_failure.as_ref();
        let failure = last.filter(|(last, _)| *last == life);
        failure.map_or(StartFailure::Killed, |(_, failure)| failure.clone())
    }
}
