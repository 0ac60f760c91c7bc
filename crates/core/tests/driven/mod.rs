//! The engines behind one face.
use regrow_core::{
    ChildSpec, Moment,
    engine::{BranchEngine, Command, DynamicEngine, Engine, Event, Request},
};
use std::sync::Arc;

/// One of the engines.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Driven {
    Ordered(Engine<()>),
    Dynamic(DynamicEngine<()>),
    Branch(BranchEngine<()>),
}

impl Driven {
    pub(crate) fn handle(&mut self, now: Moment, event: Event<ChildSpec<()>>) {
        match self {
            Self::Ordered(engine) => engine.handle(now, event),
            Self::Dynamic(engine) => engine.handle(now, shared(event)),
            Self::Branch(engine) => engine.handle(now, event),
        }
    }

    pub(crate) fn poll_command(&mut self) -> Option<Command> {
        match self {
            Self::Ordered(engine) => engine.poll_command(),
            Self::Dynamic(engine) => engine.poll_command(),
            Self::Branch(engine) => engine.poll_command(),
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Moment> {
        match self {
            Self::Ordered(engine) => engine.poll_timeout(),
            Self::Dynamic(engine) => engine.poll_timeout(),
            Self::Branch(engine) => engine.poll_timeout(),
        }
    }
}

/// The same event for an engine whose children share their specs.
fn shared(event: Event<ChildSpec<()>>) -> Event<Arc<ChildSpec<()>>> {
    match event {
        Event::Started(life) => Event::Started(life),
        Event::Ignored(life) => Event::Ignored(life),
        Event::StartFailed(life) => Event::StartFailed(life),
        Event::Exited(life, exit) => Event::Exited(life, exit),
        Event::Timeout => Event::Timeout,
        Event::Confirmed => Event::Confirmed,
        Event::Shutdown(deadline) => Event::Shutdown(deadline),
        Event::Kill => Event::Kill,
        Event::Request(ask, request) => Event::Request(
            ask,
            match request {
                Request::Start(spec) => Request::Start(Arc::new(spec)),
                Request::Run(specs) => Request::Run(specs.into_iter().map(Arc::new).collect()),
                Request::StartTwin(slot) => Request::StartTwin(slot),
                Request::Terminate(slot) => Request::Terminate(slot),
                Request::Restart(slot) => Request::Restart(slot),
                Request::Delete(slot) => Request::Delete(slot),
                Request::Reset(slot) => Request::Reset(slot),
                Request::Kill(slot) => Request::Kill(slot),
            },
        ),
    }
}
