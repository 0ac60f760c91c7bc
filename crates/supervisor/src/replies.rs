//! Who waits for an answer of the driver.
use crate::{
    child::ChildRef,
    error::{
        BranchError, DeleteChildError, ResetError, RestartChildError, StartChildError,
        TerminateChildError,
    },
    spec::SpecError,
    wish::Answer as Reply,
};
use regrow_core::{
    Life, Name, RuntimeName,
    engine::{Answer, Ask, Ending},
};
use regrow_tasks::{Abandoned, Entry, ExitReason, StartFailure};
use std::{collections::HashMap, sync::Arc};

/// Those who wait, by the number of their request.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    next: u64,
    waiting: HashMap<Ask, Waiting>,
}

/// One who waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// The child that it is about.
    pub(crate) child: RuntimeName,
    pub(crate) entries: Vec<Arc<Entry>>,
    pub(crate) to: To,
}

#[derive(Debug)]
pub(crate) enum To {
    Start(Reply<ChildRef, StartChildError>),
    Run(Reply<Vec<ChildRef>, BranchError>),
    Restart(Reply<ChildRef, RestartChildError>),
    Terminate(Reply<(), TerminateChildError>),
    Delete(Reply<(), DeleteChildError>),
    Reset(Reply<(), ResetError>),
}

/// What an answer is told with.
pub(crate) struct Facts<'a> {
    pub(crate) supervisor: &'a RuntimeName,
    pub(crate) most: usize,
    pub(crate) reason: &'a dyn Fn(Life) -> ExitReason,
    pub(crate) failure: &'a dyn Fn(Life) -> StartFailure,
    pub(crate) abandoned: &'a dyn Fn(&RuntimeName) -> Option<Abandoned>,
}

impl Replies {
    pub(crate) fn number(&mut self) -> Ask {
        self.next += 1;
        Ask(self.next)
    }

    pub(crate) fn wait(&mut self, ask: Ask, waiting: Waiting) {
        self.waiting.insert(ask, waiting);
    }

    /// The child that a request is about is in the table.
    pub(crate) fn entered(&mut self, ask: Ask, entry: &Arc<Entry>) {
        if let Some(waiting) = self.waiting.get_mut(&ask) {
            waiting.entries.push(entry.clone());
        }
    }

    /// Passes an answer of the engine on. Who asked may have gone.
    pub(crate) fn answer(&mut self, ask: Ask, answer: Answer, facts: &Facts<'_>) {
        let Some(Waiting {
            child,
            mut entries,
            to,
        }) = self.waiting.remove(&ask)
        else {
            return;
        };
        match to {
            To::Run(reply) => drop(reply.send(run(answer, entries, facts))),
            To::Start(reply) => drop(reply.send(started(answer, child, entries.pop(), facts))),
            To::Restart(reply) => drop(reply.send(restarted(answer, child, entries.pop(), facts))),
            To::Terminate(reply) => drop(reply.send(terminated(answer, child, facts))),
            To::Reset(reply) => drop(reply.send(reset(answer, facts))),
            To::Delete(reply) => drop(reply.send(deleted(answer, child, facts))),
        }
    }
}

fn run(
    answer: Answer,
    entries: Vec<Arc<Entry>>,
    facts: &Facts<'_>,
) -> Result<Vec<ChildRef>, BranchError> {
    let branch = facts.supervisor.clone();
    match answer {
        Answer::Accepted => Ok(entries.into_iter().map(ChildRef::new).collect()),
        Answer::Significant => Err(BranchError::Spec(SpecError::SignificantInBranch {
            branch: own_name(&branch),
        })),
        _ => Err(BranchError::ShuttingDown { branch }),
    }
}

fn reset(answer: Answer, facts: &Facts<'_>) -> Result<(), ResetError> {
    let supervisor = facts.supervisor.clone();
    match answer {
        Answer::Reset => Ok(()),
        _ => Err(ResetError::ShuttingDown { supervisor }),
    }
}

/// A runtime name's last name.
fn own_name(name: &RuntimeName) -> Name {
    Name::new(name.name()).expect("it is one's name")
}

fn started(
    answer: Answer,
    child: RuntimeName,
    entry: Option<Arc<Entry>>,
    facts: &Facts<'_>,
) -> Result<ChildRef, StartChildError> {
    let supervisor = facts.supervisor.clone();
    Err(match (answer, entry) {
        (Answer::Started(_) | Answer::Ignored, Some(entry)) => return Ok(ChildRef::new(entry)),
        (Answer::AlreadyStarted(_), Some(entry)) => StartChildError::AlreadyStarted {
            child: ChildRef::new(entry),
        },
        (Answer::AlreadyPresent, _) => StartChildError::AlreadyPresent { child },
        (Answer::StartFailed(life), _) => match (facts.failure)(life) {
            StartFailure::StillEnding(life) => StartChildError::StillEnding { child, life },
            cause => StartChildError::Failed { child, cause },
        },
        (Answer::Terminated, _) => StartChildError::Terminated { child },
        (Answer::Significant, _) => StartChildError::Spec(SpecError::UselessSignificant {
            supervisor: own_name(&supervisor),
            child: own_name(&child),
        }),
        (Answer::TooMany, _) => StartChildError::TooMany {
            supervisor,
            most: facts.most,
        },
        _ => StartChildError::ShuttingDown { supervisor },
    })
}

fn restarted(
    answer: Answer,
    child: RuntimeName,
    entry: Option<Arc<Entry>>,
    facts: &Facts<'_>,
) -> Result<ChildRef, RestartChildError> {
    let supervisor = facts.supervisor.clone();
    Err(match (answer, entry) {
        (Answer::Started(_) | Answer::Ignored, Some(entry)) => return Ok(ChildRef::new(entry)),
        (Answer::Running, _) => RestartChildError::Running { child },
        (Answer::Restarting, _) => RestartChildError::Restarting { child },
        (Answer::StillEnding(_), _) => match (facts.abandoned)(&child) {
            Some(life) => RestartChildError::StillEnding { child, life },
            // It has ended since: the next try will do.
            None => RestartChildError::Restarting { child },
        },
        (Answer::StartFailed(life), _) => match (facts.failure)(life) {
            StartFailure::StillEnding(life) => RestartChildError::StillEnding { child, life },
            cause => RestartChildError::Failed { child, cause },
        },
        (Answer::Terminated, _) => RestartChildError::Terminated { child },
        _ => RestartChildError::ShuttingDown { supervisor },
    })
}

fn terminated(
    answer: Answer,
    child: RuntimeName,
    facts: &Facts<'_>,
) -> Result<(), TerminateChildError> {
    match answer {
        Answer::Down(Some((life, ending, exit)))
            if ending == Ending::Unclean || (ending == Ending::Unasked && exit.is_abnormal()) =>
        {
            let reason = (facts.reason)(life);
            Err(TerminateChildError::StopFailed { child, reason })
        }
        _ => Ok(()),
    }
}

fn deleted(answer: Answer, child: RuntimeName, facts: &Facts<'_>) -> Result<(), DeleteChildError> {
    let supervisor = facts.supervisor.clone();
    match answer {
        Answer::Deleted => Ok(()),
        Answer::Running => Err(DeleteChildError::Running { child }),
        Answer::Restarting => Err(DeleteChildError::Restarting { child }),
        _ => Err(DeleteChildError::ShuttingDown { supervisor }),
    }
}
