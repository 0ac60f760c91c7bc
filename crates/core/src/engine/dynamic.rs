//! The engine of a dynamic supervisor: its children have no order, and may be very many.
use super::{
    base::{Base, Flags, Phase},
    command::{Answer, Command, Next},
    event::{Ask, Event, Request},
    machine::Machine,
    rows::{State, Why},
};
use crate::{
    life::{Incarnation, Slot},
    moment::Moment,
    spec::ChildSpec,
};
use std::{sync::Arc, time::Duration};

/// A supervisor that only decides, of children that come and go (Elixir: `DynamicSupervisor`).
///
/// Each restarts alone; all stop at once. A child that is down is forgotten unless it waits for
/// its next start. Children can share a spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DynamicEngine<S> {
    base: Base<Arc<ChildSpec<S>>, S>,
    most: usize,
}

impl<S> DynamicEngine<S> {
    /// A supervisor of at most `most` children at a time, and none yet.
    pub fn new(flags: Flags, most: usize) -> Self {
        let mut base = Base::new(flags, Phase::Serving);
        base.rows.push(Command::Ready);
        Self { base, most }
    }

    /// Takes one fact, or one wish, at the moment `now`.
    pub fn handle(&mut self, now: Moment, event: Event<Arc<ChildSpec<S>>>) {
        self.on(now, event);
    }

    /// The next act, if any.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.base.rows.commands.pop_front()
    }

    /// The moment at which [`Event::Timeout`] is due, if any.
    pub fn poll_timeout(&self) -> Option<Moment> {
        self.base.next_deadline()
    }

    /// The spec of the child in this slot.
    pub fn spec(&self, slot: Slot) -> Option<&ChildSpec<S>> {
        self.base.rows.get(slot).map(|row| &*row.spec)
    }

    /// How many children there may be at a time.
    pub const fn most(&self) -> usize {
        self.most
    }

    /// The number that the next life will bear.
    pub fn next_incarnation(&self) -> Incarnation {
        self.base.rows.next_incarnation()
    }

    /// How many rows were touched since the engine was made: looked up for a change, or passed by
    /// a scan.
    pub fn rows_touched(&self) -> u64 {
        self.base.rows.touched()
    }

    fn start(&mut self, now: Moment, ask: Ask, spec: Arc<ChildSpec<S>>) {
        if spec.is_significant() {
            return self.base.answer(ask, Answer::Significant);
        }
        if self.base.rows.len() >= self.most {
            return self.base.answer(ask, Answer::TooMany);
        }
        let slot = self.base.rows.enter(spec);
        self.base.asks.await_up(slot, ask, true);
        self.base.rows.begin(slot, now);
    }

    fn terminate(&mut self, now: Moment, ask: Ask, slot: Slot) {
        let Some(row) = self.base.rows.get_mut(slot) else {
            return self.base.answer(ask, Answer::NotFound);
        };
        let state = row.state;
        self.base.rows.want(slot, false);
        match state {
            State::Down | State::Deferred(_) | State::Waiting(_) => {
                self.forget(slot);
                self.base.answer(ask, Answer::Down(None));
            }
            State::Starting(_) | State::Up(_) => {
                self.base.asks.await_down(slot, ask);
                self.base.stop(now, slot, Why::Wanted);
            }
            State::Stopping(..) | State::Killing(..) | State::Bound(..) => {
                self.base.asks.await_down(slot, ask);
            }
        }
    }
}

impl<S> Machine<Arc<ChildSpec<S>>, S> for DynamicEngine<S> {
    fn base(&mut self) -> &mut Base<Arc<ChildSpec<S>>, S> {
        &mut self.base
    }

    fn rests(&mut self, _: Slot) -> Next {
        Next::Gone
    }

    fn is_absorbed(&mut self, _: Slot) -> bool {
        false
    }

    fn restart(&mut self, now: Moment, slot: Slot, wait: Duration) {
        if wait.is_zero() {
            self.base.rows.begin(slot, now);
        } else {
            self.base.rows.set(slot, State::Waiting(now.after(wait)));
        }
    }

    fn pass(&mut self, _: Slot) {}

    fn forget(&mut self, slot: Slot) {
        if let Some(pending) = self.base.asks.take_up(slot) {
            self.base.answer(pending.ask, Answer::Terminated);
        }
        self.base.leave(slot);
    }

    fn end_all(&mut self, now: Moment) {
        self.base.end_at_once(now);
    }

    fn request(&mut self, now: Moment, ask: Ask, request: Request<Arc<ChildSpec<S>>>) {
        let ending = self.base.is_ending();
        match request {
            Request::Kill(slot) => self.base.kill_child(now, ask, slot),
            Request::Terminate(slot) => self.terminate(now, ask, slot),
            _ if ending => self.base.answer(ask, Answer::ShuttingDown),
            Request::Reset(slot) => self.base.answer_reset(ask, slot),
            Request::Start(spec) => self.start(now, ask, spec),
            Request::StartTwin(slot) => self.base.twin(ask, slot),
            Request::Restart(_) | Request::Delete(_) | Request::Run(_) => {
                self.base.answer(ask, Answer::NotFound);
            }
        }
    }

    fn advance(&mut self, _: Moment) {
        if self.base.is_ending() && self.base.rows.lives() == 0 {
            self.base.finish();
        }
    }
}
