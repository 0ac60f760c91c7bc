//! The engines, as a driver sees them.
use crate::spec::ChildSpec;
use regrow_core::{
    Incarnation, Moment, Slot,
    engine::{BranchEngine, Command, DynamicEngine, Engine, Event},
};
use regrow_tasks::Start;
use std::sync::Arc;

/// An engine.
pub(crate) trait Decide: Send {
    /// What its table holds of a child.
    type Child: Send;

    fn child(spec: Arc<ChildSpec>) -> Self::Child;
    fn handle(&mut self, now: Moment, event: Event<Self::Child>);
    fn poll_command(&mut self) -> Option<Command>;
    fn poll_timeout(&self) -> Option<Moment>;
    fn spec(&self, slot: Slot) -> &ChildSpec;
    fn next_incarnation(&self) -> Incarnation;
    /// The slot of the body, in a branch.
    fn body() -> Option<Slot> {
        None
    }
    /// How many children there may be.
    fn most(&self) -> usize;
}

const TAKEN: &str = "the engine commands what it knows";

impl Decide for Engine<Start> {
    type Child = ChildSpec;

    fn child(spec: Arc<ChildSpec>) -> ChildSpec {
        Arc::unwrap_or_clone(spec)
    }

    fn handle(&mut self, now: Moment, event: Event<ChildSpec>) {
        self.handle(now, event);
    }

    fn poll_command(&mut self) -> Option<Command> {
        self.poll_command()
    }

    fn poll_timeout(&self) -> Option<Moment> {
        self.poll_timeout()
    }

    fn spec(&self, slot: Slot) -> &ChildSpec {
        self.spec(slot).expect(TAKEN)
    }

    fn next_incarnation(&self) -> Incarnation {
        self.next_incarnation()
    }

    fn most(&self) -> usize {
        usize::MAX
    }
}

impl Decide for BranchEngine<Start> {
    type Child = ChildSpec;

    fn child(spec: Arc<ChildSpec>) -> ChildSpec {
        Arc::unwrap_or_clone(spec)
    }

    fn handle(&mut self, now: Moment, event: Event<ChildSpec>) {
        self.handle(now, event);
    }

    fn poll_command(&mut self) -> Option<Command> {
        self.poll_command()
    }

    fn poll_timeout(&self) -> Option<Moment> {
        self.poll_timeout()
    }

    fn spec(&self, slot: Slot) -> &ChildSpec {
        self.spec(slot).expect(TAKEN)
    }

    fn next_incarnation(&self) -> Incarnation {
        self.next_incarnation()
    }

    fn body() -> Option<Slot> {
        Some(Self::BODY)
    }

    fn most(&self) -> usize {
        usize::MAX
    }
}

impl Decide for DynamicEngine<Start> {
    type Child = Arc<ChildSpec>;

    fn child(spec: Arc<ChildSpec>) -> Arc<ChildSpec> {
        spec
    }

    fn handle(&mut self, now: Moment, event: Event<Arc<ChildSpec>>) {
        self.handle(now, event);
    }

    fn poll_command(&mut self) -> Option<Command> {
        self.poll_command()
    }

    fn poll_timeout(&self) -> Option<Moment> {
        self.poll_timeout()
    }

    fn spec(&self, slot: Slot) -> &ChildSpec {
        self.spec(slot).expect(TAKEN)
    }

    fn next_incarnation(&self) -> Incarnation {
        self.next_incarnation()
    }

    fn most(&self) -> usize {
        self.most()
    }
}
