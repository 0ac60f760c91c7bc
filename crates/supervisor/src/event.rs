//! What happens in a tree, as the world is told.
use crate::{cause::Cause, failure::SupervisorFailure};
use regrow_core::{ChildKind, Incarnation, RuntimeName, Tolerance};
use regrow_tasks::{Abandoned, CustomEvent, ExitReason, StartFailure};
use std::{fmt, time::Duration};

/// One thing that happened in a tree.
///
/// Events of a tree are numbered in one sequence. A child's event comes before its supervisor's
/// that it causes; what happens in unrelated subtrees interleaves (semantics 26).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TreeEvent {
    /// Its number; the next event has the next one.
    pub sequence: u64,
    /// The child that it is about.
    pub runtime_name: RuntimeName,
    /// What that child is.
    pub kind: ChildKind,
    /// The life that it is about; none for a child without one.
    pub incarnation: Option<Incarnation>,
    /// What happened.
    pub change: Change,
}

impl fmt::Display for TreeEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.runtime_name)?;
        if let Some(incarnation) = self.incarnation {
            write!(f, " {incarnation}")?;
        }
        write!(f, " {}", self.change)
    }
}

/// What happened to a child.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {
    /// A life begins.
    Starting,
    /// The life is up.
    Started,
    /// The life had nothing to do and is over.
    Ignored,
    /// The life did not come up, and is over.
    StartFailed(StartFailure),
    /// The life ended by itself, normally.
    Completed,
    /// The life ended by itself, otherwise; or it was killed by a user.
    Failed(ExitReason),
    /// The life is asked to stop, or killed.
    Stopping,
    /// The life was asked to stop, and did cleanly.
    Stopped,
    /// The life was asked to stop, and did otherwise.
    StopFailed(ExitReason),
    /// The life was killed and did not end in time: the tree holds it.
    Abandoned,
    /// A life that was abandoned has ended: its runtime name is free.
    AbandonedEnded,
    /// The life began beside this one of the same child, which was abandoned and has not ended.
    Overlaps(Abandoned),
    /// The child will be started again.
    #[non_exhaustive]
    Restarting {
        /// Which start after its first one this will be: 1 is the first restart. Starts that its
        /// user asked for are numbered with them.
        number: u64,
        /// What it is started again for.
        cause: Cause,
        /// When this has passed, and the group is down.
        delay: Duration,
    },
    /// The child has used up this tolerance, and its supervisor does not give up for it: as
    /// [`AtLimit`](regrow_core::AtLimit) says, it is started again later, or stays down.
    UsedUp(Tolerance),
    /// The supervisor shuts itself down, because this significant child has ended.
    AutoShutdown(RuntimeName),
    /// The supervisor gives up, and stops its children.
    GaveUp(SupervisorFailure),
    /// The child is forgotten.
    Removed,
    /// Something will not work as it looks.
    Warning(Warning),
    /// The life tells something of its own.
    Custom(CustomEvent),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("starts"),
            Self::Started => f.write_str("is up"),
            Self::Ignored => f.write_str("has nothing to do"),
            Self::StartFailed(cause) => write!(f, "did not start: {cause}"),
            Self::Completed => f.write_str("completed"),
            Self::Failed(reason) => write!(f, "{reason}"),
            Self::Stopping => f.write_str("is asked to stop"),
            Self::Stopped => f.write_str("stopped"),
            Self::StopFailed(reason) => write!(f, "did not stop cleanly: {reason}"),
            Self::Abandoned => f.write_str("is abandoned: it was killed, and is not gone in time"),
            Self::AbandonedEnded => f.write_str("has ended, after it was abandoned"),
            Self::Restarting {
                number,
                cause,
                delay,
            } => {
                f.write_str("is restarted")?;
                if !delay.is_zero() {
                    write!(f, " in {delay:?}")?;
                }
                write!(f, " (restart {number}; {cause})")
            }
            Self::Overlaps(left) => write!(f, "overlaps {left}"),
            Self::UsedUp(tolerance) => write!(f, "has used up its tolerance of {tolerance}"),
            Self::AutoShutdown(child) => write!(f, "shuts itself down with {child}"),
            Self::GaveUp(failure) => write!(f, "gives up: {failure}"),
            Self::Removed => f.write_str("is forgotten"),
            Self::Warning(warning) => write!(f, "{warning}"),
            Self::Custom(event) => write!(f, "says {event}"),
        }
    }
}

/// Something that will not work as it looks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Warning {
    /// The child waits so long between its restarts that its supervisor will never give up.
    UnreachableTolerance {
        /// What the supervisor bears.
        tolerance: Tolerance,
        /// How long that many restarts of the child take at least.
        takes: Duration,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnreachableTolerance { tolerance, takes } => write!(
                f,
                "its backoff makes its restarts last {takes:?}, where its supervisor bears {tolerance}: it will never give up on it alone"
            ),
        }
    }
}
