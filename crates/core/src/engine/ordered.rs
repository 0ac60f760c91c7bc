//! The engine of an ordinary supervisor: its children have an order.
use super::{
    base::{Base, Flags, Phase},
    command::{Answer, Command, Next, Reason},
    event::{Ask, Event, Request},
    machine::Machine,
    order::{Order, Place},
    rows::{State, Why, earlier},
    wave::{Stage, Wave},
};
use crate::{
    auto_shutdown::AutoShutdown,
    life::{Incarnation, Slot},
    moment::Moment,
    spec::{ChildSpec, Restart},
    strategy::{StartOrder, Strategy},
};
use std::time::Duration;

/// A supervisor that only decides: children in start order, one strategy.
///
/// What one event costs depends on the rows it concerns, never on how many siblings lie idle:
/// [`rows_touched`](Self::rows_touched) tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Engine<S> {
    base: Base<ChildSpec<S>, S>,
    strategy: Strategy,
    start_order: StartOrder,
    order: Order,
    wave: Option<Wave>,
}

impl<S> Engine<S> {
    /// A supervisor of `specs`, in start order from left to right. The first commands stand ready.
    pub fn new(
        strategy: Strategy,
        flags: Flags,
        specs: impl IntoIterator<Item = ChildSpec<S>>,
        now: Moment,
    ) -> Self {
        let mut base = Base::new(flags, Phase::Booting);
        let mut order = Order::new();
        for spec in specs {
            order.insert(base.rows.enter(spec), flags.start_order);
        }
        let wave = Some(Wave::boot(&order));
        let mut engine = Self {
            base,
            strategy,
            start_order: flags.start_order,
            order,
            wave,
        };
        engine.advance(now);
        engine
    }

    /// Takes one fact, or one wish, at the moment `now`.
    pub fn handle(&mut self, now: Moment, event: Event<ChildSpec<S>>) {
        self.on(now, event);
    }

    /// The next act, if any.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.base.rows.commands.pop_front()
    }

    /// The moment at which [`Event::Timeout`] is due, if any.
    pub fn poll_timeout(&self) -> Option<Moment> {
        let pause = self.wave.as_ref().and_then(|wave| match wave.stage {
            Stage::Pausing(_) => wave.not_before(),
            Stage::Ending(_) | Stage::Beginning(_) => None,
        });
        earlier(self.base.next_deadline(), pause)
    }

    /// The spec of the child in this slot.
    pub fn spec(&self, slot: Slot) -> Option<&ChildSpec<S>> {
        self.base.rows.get(slot).map(|row| &row.spec)
    }

    /// The slots of all children, in start order.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        self.order.iter()
    }

    /// The number that the next life will bear.
    pub fn next_incarnation(&self) -> Incarnation {
        self.base.rows.next_incarnation()
    }

    /// How many rows were touched since the engine was made: looked up for a change, or passed by
    /// a walk or a scan.
    pub fn rows_touched(&self) -> u64 {
        self.base.rows.touched()
    }

    /// Whether the row stands in a wave that will start it.
    fn is_in_wave(&self, slot: Slot) -> bool {
        let place = self.order.place(slot);
        self.wave.as_ref().is_some_and(|wave| wave.covers(place))
    }

    /// Whether a group of which this row is the last is being restarted.
    fn is_group(&self) -> bool {
        self.base.phase == Phase::Serving && self.wave.is_some()
    }

    fn start(&mut self, now: Moment, ask: Ask, spec: ChildSpec<S>) {
        if spec.is_significant() && self.base.auto_shutdown == AutoShutdown::Never {
            return self.base.answer(ask, Answer::Significant);
        }
        let slot = self.base.rows.enter(spec);
        self.order.insert(slot, self.start_order);
        self.base.asks.await_up(slot, ask, true);
        if !self.is_joined(slot) {
            self.base.rows.begin(slot, now);
        }
    }

    /// Whether a new child is started by a group that is being restarted. One that was put before
    /// all others is so only while the group has not begun to start.
    fn is_joined(&self, slot: Slot) -> bool {
        let is_last = self.start_order == StartOrder::LeftToRight;
        let wave = self.wave.as_ref().filter(|_| self.is_group());
        let place = self.order.place(slot);
        wave.is_some_and(|wave| wave.covers(place) && (is_last || wave.is_ending()))
    }

    fn terminate(&mut self, now: Moment, ask: Ask, slot: Slot) {
        let Some(row) = self.base.rows.get_mut(slot) else {
            return self.base.answer(ask, Answer::NotFound);
        };
        let state = row.state;
        self.base.rows.want(slot, false);
        if let Some(wave) = &mut self.wave {
            wave.release(slot);
        }
        match state {
            State::Down | State::Waiting(_) => {
                self.base.rows.set(slot, State::Down);
                let started = self.base.asks.take_up(slot);
                let keep = started.is_none_or(|pending| !pending.first);
                if let Some(pending) = started {
                    self.base.answer(pending.ask, Answer::Terminated);
                }
                if !keep || self.rests(slot) == Next::Gone {
                    self.forget(slot);
                }
                self.base.answer(ask, Answer::Down(None));
            }
            State::Deferred(_) => self.base.answer(ask, Answer::Down(None)),
            State::Starting(_) | State::Up(_) => {
                self.base.asks.await_down(slot, ask);
                if !self.will_be_stopped(slot) {
                    self.base.stop(now, slot, Why::Wanted);
                }
            }
            State::Stopping(..) | State::Killing(..) | State::Bound(..) => {
                self.base.asks.await_down(slot, ask);
            }
        }
    }

    /// Whether a walk down has this row before it.
    fn will_be_stopped(&self, slot: Slot) -> bool {
        let place = self.order.place(slot);
        let wave = self.wave.as_ref();
        wave.is_some_and(|wave| wave.is_ending() && wave.covers(place))
    }

    fn restart_child(&mut self, now: Moment, ask: Ask, slot: Slot) {
        let Some(row) = self.base.rows.get(slot) else {
            return self.base.answer(ask, Answer::NotFound);
        };
        let booting = self.base.phase == Phase::Booting;
        let answer = match row.state {
            State::Up(_) if booting => Answer::Running,
            _ if self.is_in_wave(slot) => Answer::Restarting,
            State::Deferred(_) | State::Waiting(_) => Answer::Restarting,
            State::Down => match self.base.rows.abandoned(slot) {
                Some(left) => Answer::StillEnding(left),
                None => {
                    self.base.rows.want(slot, true);
                    self.base.asks.await_up(slot, ask, false);
                    return self.base.rows.begin(slot, now);
                }
            },
            _ => Answer::Running,
        };
        self.base.answer(ask, answer);
    }

    fn delete(&mut self, ask: Ask, slot: Slot) {
        let Some(row) = self.base.rows.get(slot) else {
            return self.base.answer(ask, Answer::NotFound);
        };
        let answer = match row.state {
            State::Down if row.wanted && self.is_in_wave(slot) => Answer::Restarting,
            State::Deferred(_) | State::Waiting(_) => Answer::Restarting,
            State::Down => {
                self.forget(slot);
                Answer::Deleted
            }
            _ => Answer::Running,
        };
        self.base.answer(ask, answer);
    }

    /// One step of the walk; `false` when it must wait, or is done.
    fn step(&mut self, now: Moment) -> bool {
        let Some(wave) = &mut self.wave else {
            return false;
        };
        match wave.stage {
            Stage::Ending(Some(slot)) if self.order.place(slot) >= wave.from => {
                let next = Stage::Ending(self.order.before(slot));
                match self.base.rows.visit(slot).state {
                    State::Starting(_) | State::Up(_) => {
                        self.base.stop(now, slot, Why::Wanted);
                        false
                    }
                    State::Stopping(..) | State::Killing(..) | State::Bound(..) => false,
                    State::Down | State::Deferred(_) => {
                        wave.stage = next;
                        true
                    }
                    State::Waiting(_) => {
                        wave.stage = next;
                        self.base.rows.set(slot, State::Down);
                        true
                    }
                }
            }
            Stage::Ending(_) if self.base.is_ending() => {
                self.wave = None;
                self.base.finish();
                false
            }
            Stage::Ending(below) => {
                wave.stage = Stage::Pausing(below);
                true
            }
            Stage::Pausing(_) if wave.not_before().is_some_and(|at| at > now) => false,
            Stage::Pausing(below) => {
                let first = match below {
                    Some(below) => self.order.after(below),
                    None => self.order.first(),
                };
                wave.stage = Stage::Beginning(first);
                true
            }
            Stage::Beginning(Some(slot)) if self.order.place(slot) < wave.until => {
                let row = self.base.rows.visit(slot);
                match row.state {
                    State::Down if row.wanted => self.begin(now, slot),
                    State::Down | State::Deferred(_) | State::Waiting(_) | State::Up(_) => {
                        wave.stage = Stage::Beginning(self.order.after(slot));
                        true
                    }
                    State::Starting(_)
                    | State::Stopping(..)
                    | State::Killing(..)
                    | State::Bound(..) => false,
                }
            }
            Stage::Beginning(_) => {
                self.wave = None;
                if self.base.phase == Phase::Booting {
                    self.base.rows.push(Command::Ready);
                }
                false
            }
        }
    }

    /// Begins a life on the walk up, unless an earlier one is not gone.
    fn begin(&mut self, now: Moment, slot: Slot) -> bool {
        if let Some(left) = self.base.rows.abandoned(slot) {
            self.give_up(now, Reason::StillEnding(left));
            return true;
        }
        self.base.rows.begin(slot, now);
        false
    }
}

impl<S> Machine<ChildSpec<S>, S> for Engine<S> {
    fn base(&mut self) -> &mut Base<ChildSpec<S>, S> {
        &mut self.base
    }

    fn rests(&mut self, slot: Slot) -> Next {
        match self.base.rows.spec(slot).restart() {
            Restart::Temporary => Next::Gone,
            Restart::Permanent | Restart::Transient => Next::Rest,
        }
    }

    fn is_absorbed(&mut self, slot: Slot) -> bool {
        self.is_group() && self.will_be_stopped(slot)
    }

    /// Looks at the rows of the group alone, and only while it is restarted.
    fn revives_significant(&mut self) -> bool {
        let Some(wave) = self.wave.as_ref().filter(|_| self.is_group()) else {
            return false;
        };
        let (first, until) = match wave.stage {
            Stage::Ending(_) | Stage::Pausing(_) => (self.order.first(), wave.until),
            Stage::Beginning(next) => (next, wave.until),
        };
        let from = wave.from;
        let mut at = first;
        while let Some(slot) = at {
            let place = self.order.place(slot);
            let row = self.base.rows.visit(slot);
            let is_due = row.state == State::Down && row.wanted && row.spec.is_significant();
            if is_due && from <= place && place < until {
                return true;
            }
            at = self.order.after(slot);
        }
        false
    }

    fn restart(&mut self, now: Moment, slot: Slot, wait: Duration) {
        let at = now.after(wait);
        let from = match self.strategy {
            Strategy::OneForOne if wait.is_zero() => return self.base.rows.begin(slot, now),
            Strategy::OneForOne => return self.base.rows.set(slot, State::Waiting(at)),
            Strategy::OneForAll => Place::FIRST,
            Strategy::RestForOne => self.order.place(slot),
        };
        match &mut self.wave {
            Some(wave) if wave.is_ending() => wave.widen(&self.order, from),
            wave => *wave = Some(Wave::down(&self.order, from)),
        }
        if let Some(wave) = &mut self.wave {
            wave.waits.push((slot, at));
        }
    }

    fn pass(&mut self, slot: Slot) {
        if let Some(wave) = &mut self.wave {
            if wave.stage == Stage::Beginning(Some(slot)) {
                wave.stage = Stage::Beginning(self.order.after(slot));
            }
        }
    }

    fn forget(&mut self, slot: Slot) {
        if let Some(pending) = self.base.asks.take_up(slot) {
            self.base.answer(pending.ask, Answer::Terminated);
        }
        if let Some(wave) = &mut self.wave {
            wave.leave(&self.order, slot);
        }
        self.order.remove(slot);
        self.base.leave(slot);
    }

    fn end_all(&mut self, _: Moment) {
        self.wave = Some(Wave::down(&self.order, Place::FIRST));
    }

    fn request(&mut self, now: Moment, ask: Ask, request: Request<ChildSpec<S>>) {
        let ending = self.base.is_ending();
        match request {
            Request::Kill(slot) => self.base.kill_child(now, ask, slot),
            Request::Terminate(slot) => self.terminate(now, ask, slot),
            _ if ending => self.base.answer(ask, Answer::ShuttingDown),
            Request::Reset(slot) => self.base.answer_reset(ask, slot),
            Request::Start(spec) => self.start(now, ask, spec),
            Request::Run(_) => self.base.answer(ask, Answer::NotFound),
            Request::StartTwin(slot) => self.base.twin(ask, slot),
            Request::Restart(slot) => self.restart_child(now, ask, slot),
            Request::Delete(slot) => self.delete(ask, slot),
        }
    }

    fn confirmed(&mut self, now: Moment) {
        if self.base.phase != Phase::Booting {
            return;
        }
        self.base.phase = Phase::Serving;
        while let Some(slot) = self.base.deferred.pop_front() {
            if let State::Deferred(exit) = self.base.rows.row(slot).state {
                self.base.rows.set(slot, State::Down);
                let life = self.base.rows.life(slot);
                self.judge(now, life, exit);
            }
        }
    }

    fn advance(&mut self, now: Moment) {
        while self.step(now) {}
    }
}
