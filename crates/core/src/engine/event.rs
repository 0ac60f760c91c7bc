//! What an engine is told.
use crate::{
    exit::Exit,
    life::{Life, Slot},
    moment::Moment,
};

/// The number of a request, given by the shell; its answer bears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ask(pub u64);

/// A fact, or a wish. `P` is what the table holds of a child: its spec, or a share of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event<P> {
    /// This life is up.
    Started(Life),
    /// This life said that it has nothing to do; it is about to end.
    Ignored(Life),
    /// The start of this life failed, and its body may still run.
    StartFailed(Life),
    /// This life is over.
    Exited(Life, Exit),
    /// The moment that `poll_timeout` named has come.
    Timeout,
    /// It is known that the supervisor is up, after [`Command::Ready`](super::Command::Ready).
    Confirmed,
    /// Somebody asks for something.
    Request(Ask, Request<P>),
    /// The supervisor is to stop; by this moment, if any, every life below is killed.
    Shutdown(Option<Moment>),
    /// The supervisor is to end at once, as a crash.
    Kill,
}

/// What can be asked of a running supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request<P> {
    /// Start a child whose name is free.
    Start(P),
    /// Start children whose names are free, that fail and restart together; a branch alone has
    /// such groups.
    Run(Vec<P>),
    /// Start a child whose name the child in this slot bears.
    StartTwin(Slot),
    /// Bring a child down, and keep it so.
    Terminate(Slot),
    /// Start a child that is down.
    Restart(Slot),
    /// Forget a child that is down.
    Delete(Slot),
    /// Forget what was counted against a child and its backoff; without one, against the
    /// supervisor.
    Reset(Option<Slot>),
    /// End the life of a child at once, as a crash.
    Kill(Slot),
}
