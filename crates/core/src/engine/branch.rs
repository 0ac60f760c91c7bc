//! The engine of a branch: a body, and the children that it starts while it runs.
use super::{
    base::{Base, Flags, Phase},
    command::{Answer, Command, Ending, Next, Reason},
    event::{Ask, Event, Request},
    groups::Groups,
    machine::Machine,
    rows::{State, Why, earlier},
};
use crate::{
    exit::Exit,
    life::{Incarnation, Life, Slot},
    moment::Moment,
    spec::{ChildSpec, Restart},
};
use std::time::Duration;

/// A supervisor that only decides, of a body and of the children that this body starts.
///
/// The body stands in [`BODY`](Self::BODY). The branch is up when its body is, and ends with it:
/// all below stops at once, body and children alike. A body that was [done](Exit::Done) leaves its
/// children behind, and the branch ends with the last of them. Children are started in groups: one
/// that must be restarted takes its group along, which stops at once, pauses for the backoff, and
/// starts in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BranchEngine<S> {
    base: Base<ChildSpec<S>, S>,
    groups: Groups,
    /// The body's life, when it was done.
    done: Option<Life>,
}

impl<S> BranchEngine<S> {
    /// Where the body stands.
    pub const BODY: Slot = Slot::FIRST;

    /// A branch with this body, whose life bears the number `own`: that of the branch. The first
    /// commands stand ready.
    pub fn new(flags: Flags, body: ChildSpec<S>, own: Incarnation, now: Moment) -> Self {
        let mut base = Base::new(flags, Phase::Serving);
        let slot = base.rows.enter(body);
        debug_assert_eq!(slot, Self::BODY);
        base.rows.begin_as(slot, own, now);
        Self {
            base,
            groups: Groups::default(),
            done: None,
        }
    }

    /// Takes one fact, or one wish, at the moment `now`.
    pub fn handle(&mut self, now: Moment, event: Event<ChildSpec<S>>) {
        match event {
            Event::Exited(life, _) => self.groups.look_at(life.slot),
            Event::Timeout => self.look_at_due(now),
            _ => {}
        }
        self.on(now, event);
    }

    /// The next act, if any.
    pub fn poll_command(&mut self) -> Option<Command> {
        self.base.rows.commands.pop_front()
    }

    /// The moment at which [`Event::Timeout`] is due, if any.
    pub fn poll_timeout(&self) -> Option<Moment> {
        earlier(self.base.next_deadline(), self.groups.deadline())
    }

    /// The spec of the child in this slot.
    pub fn spec(&self, slot: Slot) -> Option<&ChildSpec<S>> {
        self.base.rows.get(slot).map(|row| &row.spec)
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

    /// What a time-out is about: groups that have waited, and rows of which one may be left behind.
    fn look_at_due(&mut self, now: Moment) {
        self.groups.look_at_due(now);
        for slot in self.base.rows.all_due(now) {
            self.groups.look_at(slot);
        }
    }

    /// Starts children that fail and restart together. Their first start is like any other: one
    /// that fails is counted and tried again.
    fn run(&mut self, now: Moment, ask: Ask, specs: Vec<ChildSpec<S>>) {
        if specs.iter().any(ChildSpec::is_significant) {
            return self.base.answer(ask, Answer::Significant);
        }
        let group = self.groups.open();
        let mut slots = Vec::new();
        for spec in specs {
            let slot = self.base.rows.enter(spec);
            self.groups.join(group, slot);
            slots.push(slot);
        }
        self.base.answer(ask, Answer::Accepted);
        for slot in slots {
            self.base.rows.begin(slot, now);
        }
    }

    fn start(&mut self, now: Moment, ask: Ask, spec: ChildSpec<S>) {
        if spec.is_significant() {
            return self.base.answer(ask, Answer::Significant);
        }
        let slot = self.base.rows.enter(spec);
        let group = self.groups.open();
        self.groups.join(group, slot);
        self.base.asks.await_up(slot, ask, true);
        self.base.rows.begin(slot, now);
    }

    fn terminate(&mut self, now: Moment, ask: Ask, slot: Slot) {
        let Some(state) = self.base.rows.get(slot).map(|row| row.state) else {
            return self.base.answer(ask, Answer::NotFound);
        };
        self.base.rows.want(slot, false);
        self.groups.release(slot);
        match state {
            State::Down | State::Deferred(_) | State::Waiting(_) => {
                self.base.rows.set(slot, State::Down);
                if let Some(pending) = self.base.asks.take_up(slot) {
                    self.base.answer(pending.ask, Answer::Terminated);
                }
                if self.rests(slot) == Next::Gone {
                    self.forget(slot);
                }
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

    fn restart_child(&mut self, now: Moment, ask: Ask, slot: Slot) {
        let Some(state) = self.base.rows.get(slot).map(|row| row.state) else {
            return self.base.answer(ask, Answer::NotFound);
        };
        let answer = match state {
            _ if self.groups.is_restarting(slot) => Answer::Restarting,
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
            State::Down if row.wanted && self.groups.is_restarting(slot) => Answer::Restarting,
            State::Deferred(_) | State::Waiting(_) => Answer::Restarting,
            State::Down => {
                self.forget(slot);
                Answer::Deleted
            }
            _ => Answer::Running,
        };
        self.base.answer(ask, answer);
    }

    /// Starts the groups that are down and have waited long enough: each whole, or not at all.
    fn begin_groups(&mut self, now: Moment) {
        while let Some(mut members) = self.groups.next_due(now, &mut self.base.rows) {
            members.retain(|&slot| self.base.rows.row(slot).wanted);
            let mut left = members.iter();
            if let Some(left) = left.find_map(|&slot| self.base.rows.abandoned(slot)) {
                return self.give_up(now, Reason::StillEnding(left));
            }
            for slot in members {
                self.base.rows.begin(slot, now);
            }
        }
    }

    /// Whether no child lives, or will.
    fn is_bare(&self) -> bool {
        let rows = &self.base.rows;
        rows.lives() == 0 && rows.deadline().is_none() && !self.groups.is_any_restarting()
    }
}

impl<S> Machine<ChildSpec<S>, S> for BranchEngine<S> {
    fn base(&mut self) -> &mut Base<ChildSpec<S>, S> {
        &mut self.base
    }

    fn is_body(&self, slot: Slot) -> bool {
        slot == Self::BODY
    }

    fn body_up(&mut self) {
        self.base.rows.push(Command::Ready);
    }

    fn body_ended(&mut self, now: Moment, life: Life, ending: Ending, exit: Exit) {
        self.base.ended(life, ending, exit, Next::Rest);
        if exit == Exit::Done && ending == Ending::Unasked {
            self.done = Some(life);
        } else {
            self.shut(now, Reason::Body(life), None);
        }
    }

    fn rests(&mut self, slot: Slot) -> Next {
        match self.base.rows.spec(slot).restart() {
            Restart::Temporary => Next::Gone,
            Restart::Permanent | Restart::Transient => Next::Rest,
        }
    }

    fn is_absorbed(&mut self, slot: Slot) -> bool {
        self.groups.is_restarting(slot)
    }

    fn restart(&mut self, now: Moment, slot: Slot, wait: Duration) {
        if self.groups.is_alone(slot) {
            return if wait.is_zero() {
                self.base.rows.begin(slot, now);
            } else {
                self.base.rows.set(slot, State::Waiting(now.after(wait)));
            };
        }
        self.groups.restart(slot, now.after(wait));
        for member in self.groups.members(slot) {
            let state = self.base.rows.visit(member).state;
            if matches!(state, State::Starting(_) | State::Up(_)) {
                self.base.stop(now, member, Why::Wanted);
            }
        }
    }

    fn pass(&mut self, _: Slot) {}

    fn forget(&mut self, slot: Slot) {
        if let Some(pending) = self.base.asks.take_up(slot) {
            self.base.answer(pending.ask, Answer::Terminated);
        }
        self.groups.leave(slot);
        self.base.leave(slot);
    }

    fn end_all(&mut self, now: Moment) {
        self.groups.give_up();
        self.base.end_at_once(now);
    }

    fn request(&mut self, now: Moment, ask: Ask, request: Request<ChildSpec<S>>) {
        let ending = self.base.is_ending();
        match request {
            Request::Kill(slot) => self.base.kill_child(now, ask, slot),
            Request::Terminate(slot) => self.terminate(now, ask, slot),
            _ if ending => self.base.answer(ask, Answer::ShuttingDown),
            Request::Reset(slot) => self.base.answer_reset(ask, slot),
            Request::Start(spec) => self.start(now, ask, spec),
            Request::Run(specs) => self.run(now, ask, specs),
            Request::StartTwin(slot) => self.base.twin(ask, slot),
            Request::Restart(slot) => self.restart_child(now, ask, slot),
            Request::Delete(slot) => self.delete(ask, slot),
        }
    }

    fn advance(&mut self, now: Moment) {
        if !self.base.is_ending() {
            self.begin_groups(now);
        }
        if let Some(body) = self.done.filter(|_| self.is_bare()) {
            self.shut(now, Reason::Body(body), None);
        }
        if self.base.is_ending() && self.base.rows.lives() == 0 {
            self.base.finish();
        }
    }
}
