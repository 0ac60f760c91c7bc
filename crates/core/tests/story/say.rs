//! Commands in words.
use super::{Shape, Story};
use regrow_core::{
    Exit, Life, Slot,
    engine::{Answer, Command, Ending, Next, Notice, Reason},
};

impl Story {
    pub(super) fn say(&self, command: &Command) -> String {
        match *command {
            Command::Enter(slot) => format!("{} is a child now", self.name(slot)),
            Command::Leave(slot) => format!("{} is forgotten", self.name(slot)),
            Command::Start(life) => format!("begin {}", self.who(life)),
            Command::Stop(life, None) => format!("ask {} to end", self.who(life)),
            Command::Stop(life, Some(at)) => {
                format!("ask {} to end by {:?}", self.who(life), at.since_birth())
            }
            Command::Kill(life) => format!("kill {}", self.who(life)),
            Command::Abandon(life) => format!("leave {} behind", self.who(life)),
            Command::Notice(life, notice) => format!("* {} {}", self.who(life), said(notice)),
            Command::Answer(_, answer) => format!("answer: {}", self.answer(answer)),
            Command::Forget(life) => format!("the end of {} counts no more", self.who(life)),
            Command::Ready if self.make.shape == Shape::Branch => "the branch is up".to_owned(),
            Command::Ready => "every child is up".to_owned(),
            Command::GiveUp(reason) => format!("give up: {}", self.reason(reason)),
            Command::AutoShutdown(life) => format!("shut down with {}", self.who(life)),
            Command::End(end) => {
                let how = if end.unclean { "unclean" } else { "clean" };
                format!("the end: {}; its stop was {how}", self.reason(end.reason))
            }
        }
    }

    fn name(&self, slot: Slot) -> &str {
        &self.names[slot.index()]
    }

    fn who(&self, life: Life) -> String {
        format!("{}{}", self.name(life.slot), life.incarnation)
    }

    fn answer(&self, answer: Answer) -> String {
        match answer {
            Answer::Started(life) => format!("{} is up", self.who(life)),
            Answer::Ignored => "it has nothing to do".to_owned(),
            Answer::StartFailed(life) => format!("the start of {} failed", self.who(life)),
            Answer::Accepted => "they are there".to_owned(),
            Answer::Terminated => "it was terminated before it was up".to_owned(),
            Answer::AlreadyStarted(life) => format!("{} lives already", self.who(life)),
            Answer::AlreadyPresent => "there is such a child, and it is down".to_owned(),
            Answer::Down(None) => "it is down".to_owned(),
            Answer::Down(Some((life, _, how))) => {
                format!("it is down; {} {}", self.who(life), ended(how))
            }
            Answer::Deleted => "it is forgotten".to_owned(),
            Answer::Killed => "it is being killed".to_owned(),
            Answer::Reset => "what was counted is forgotten".to_owned(),
            Answer::NotFound => "there is no such child".to_owned(),
            Answer::Running => "it is running".to_owned(),
            Answer::NotRunning => "it is not running".to_owned(),
            Answer::Restarting => "it is about to be started anyway".to_owned(),
            Answer::StillEnding(life) => format!("{} has not ended yet", self.who(life)),
            Answer::Significant => "its supervisor never shuts itself down".to_owned(),
            Answer::TooMany => "there are as many children as may be".to_owned(),
            Answer::ShuttingDown => "the supervisor is ending".to_owned(),
        }
    }

    fn reason(&self, reason: Reason) -> String {
        match reason {
            Reason::Stopped => "it was told to stop".to_owned(),
            Reason::StartFailed(life) => format!("{} could not be started", self.who(life)),
            Reason::GaveUp { first, last } => {
                let (first, last) = (self.who(first), self.who(last));
                format!("too many restarts, from the end of {first} to that of {last}")
            }
            Reason::AutoShutdown(life) => format!("it ended with {}", self.who(life)),
            Reason::Body(life) => format!("{} is over", self.who(life)),
            Reason::Uncaptured(life) => format!("{} panicked, uncaptured", self.who(life)),
            Reason::StillEnding(life) => format!("{} has not ended yet", self.who(life)),
            Reason::Killed => "it was killed".to_owned(),
        }
    }
}

fn said(notice: Notice) -> String {
    match notice {
        Notice::Started => "is up".to_owned(),
        Notice::StartTimedOut => "took too long to start".to_owned(),
        Notice::Stopping => "is stopping".to_owned(),
        Notice::Restarting(wait) if wait.is_zero() => "is followed by another life".to_owned(),
        Notice::Restarting(wait) => format!("is followed by another life after {wait:?}"),
        Notice::CoolingOff(wait) => format!("has used up its tolerance: it waits {wait:?}"),
        Notice::StaysDown => "has used up its tolerance".to_owned(),
        Notice::Ended(ending, exit, next) => {
            let when = match ending {
                Ending::Start => "before it was up",
                Ending::Ignored => "having nothing to do",
                Ending::Unasked => "unasked",
                Ending::Clean => "as it was asked",
                Ending::Unclean => "though it was asked",
            };
            let next = match next {
                Next::Again => "it begins again",
                Next::Rest => "it stays down",
                Next::Gone => "it is forgotten",
            };
            format!("{} {when}: {next}", ended(exit))
        }
    }
}

const fn ended(exit: Exit) -> &'static str {
    match exit {
        Exit::Completed => "finished",
        Exit::Stopped => "stopped",
        Exit::Done => "was done",
        Exit::RestartMe => "asked for another life",
        Exit::Failed => "failed",
        Exit::Uncaptured => "panicked, uncaptured,",
        Exit::Panicked => "panicked",
        Exit::Killed => "was killed",
        Exit::Abandoned => "was left behind",
        Exit::Blocked => "never began",
    }
}
