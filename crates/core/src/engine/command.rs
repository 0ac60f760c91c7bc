//! What an engine asks for.
use super::event::Ask;
use crate::{
    exit::Exit,
    life::{Life, Slot},
    moment::Moment,
};
use std::time::Duration;

/// One act of the shell. Plain data: it can be compared, printed and replayed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// There is a child in this slot.
    Enter(Slot),
    /// The child in this slot is forgotten.
    Leave(Slot),
    /// Begin this life.
    Start(Life),
    /// Ask this life to end; a supervisor is told by which moment it must have.
    Stop(Life, Option<Moment>),
    /// End this life at once. A worker is aborted; a supervisor is told that its time is up, and
    /// that its end is a crash.
    Kill(Life),
    /// Leave this life to the tree: it was aborted and is not gone in time.
    Abandon(Life),
    /// Tell the world what became of this life.
    Notice(Life, Notice),
    /// Answer a request.
    Answer(Ask, Answer),
    /// Forget how this life ended: no verdict depends on it any more.
    Forget(Life),
    /// Every child is up for the first time.
    Ready,
    /// The supervisor gives up, and begins to stop its children.
    GiveUp(Reason),
    /// The supervisor begins to stop its children because this life of a significant one is over.
    AutoShutdown(Life),
    /// The supervisor is done; nothing comes after this.
    End(End),
}

/// What became of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// It is up.
    Started,
    /// Its start took longer than it may.
    StartTimedOut,
    /// It was asked to end, or aborted.
    Stopping,
    /// It is over.
    Ended(Ending, Exit, Next),
    /// Its child will be started again after this wait.
    Restarting(Duration),
    /// Its child has used up its tolerance, and will be started again after this wait.
    CoolingOff(Duration),
    /// Its child has used up its tolerance, and stays down.
    StaysDown,
}

/// In which part of its life a life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Before it was up.
    Start,
    /// Before it was up, having said that it has nothing to do.
    Ignored,
    /// By itself.
    Unasked,
    /// Asked to, and cleanly.
    Clean,
    /// Asked to, and otherwise.
    Unclean,
}

/// What comes next for the child whose life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// It is started again.
    Again,
    /// It stays down.
    Rest,
    /// It is forgotten.
    Gone,
}

/// What a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The child is up in this life.
    Started(Life),
    /// The child had nothing to do: there is no life.
    Ignored,
    /// The child could not be started: this life ended instead.
    StartFailed(Life),
    /// The children are there, and begin.
    Accepted,
    /// Somebody brought the child down before it was up.
    Terminated,
    /// The child that bears the name has a life.
    AlreadyStarted(Life),
    /// The child that bears the name has none.
    AlreadyPresent,
    /// The child is down; this is how its life ended, if it had one.
    Down(Option<(Life, Ending, Exit)>),
    /// The child is forgotten.
    Deleted,
    /// The life is being ended.
    Killed,
    /// What was counted is forgotten.
    Reset,
    /// There is no such child.
    NotFound,
    /// The child has a life.
    Running,
    /// The child has no life.
    NotRunning,
    /// The child is about to be started by its supervisor.
    Restarting,
    /// An abandoned life of the child has not ended.
    StillEnding(Life),
    /// The child is significant, and its supervisor never shuts itself down.
    Significant,
    /// There are as many children as there may be.
    TooMany,
    /// The supervisor is stopping.
    ShuttingDown,
}

/// How a supervisor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct End {
    /// Why.
    pub reason: Reason,
    /// Whether its stop contains a stop failure, a kill after a time-out, or an abandoned life.
    pub unclean: bool,
}

/// Why a supervisor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It was told to stop.
    Stopped,
    /// This life of a child could not be started when the supervisor was.
    StartFailed(Life),
    /// It bore no more restarts.
    GaveUp {
        /// The first life in the window.
        first: Life,
        /// The life whose end was one too many.
        last: Life,
    },
    /// It shut itself down when this life of a significant child was over.
    AutoShutdown(Life),
    /// This life, that of its body, is over.
    Body(Life),
    /// This life panicked, and its panics are not captured.
    Uncaptured(Life),
    /// A child had to be started whose abandoned life has not ended.
    StillEnding(Life),
    /// It was killed.
    Killed,
}
