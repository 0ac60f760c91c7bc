//! How lives are brought down when it is not their turn that decides: all at once, at a deadline, or
//! for a user that kills one.
use super::{
    base::Base,
    command::Answer,
    event::Ask,
    rows::{State, Why},
};
use crate::{life::Slot, moment::Moment, spec::ChildSpec};
use std::borrow::Borrow;

impl<P: Borrow<ChildSpec<S>>, S> Base<P, S> {
    /// Begins to bring down all lives, in no order.
    pub(super) fn end_at_once(&mut self, now: Moment) {
        for slot in self.rows.slots() {
            match self.rows.row(slot).state {
                State::Starting(_) | State::Up(_) => self.stop(now, slot, Why::Wanted),
                State::Waiting(_) => self.rows.set(slot, State::Down),
                State::Down
                | State::Deferred(_)
                | State::Stopping(..)
                | State::Killing(..)
                | State::Bound(..) => {}
            }
        }
    }

    /// Tells the supervisors that are stopping of a deadline that has come nearer.
    pub(super) fn hurry(&mut self) {
        let Some(deadline) = self.deadline else {
            return;
        };
        for slot in self.rows.slots() {
            self.rows.bind(slot, deadline);
        }
    }

    /// At the deadline every life below is killed at once.
    pub(super) fn expire(&mut self, now: Moment) {
        let passed = self.deadline.is_some_and(|at| at <= now);
        if !self.is_ending() || self.expired || !passed {
            return;
        }
        self.expired = true;
        for slot in self.rows.slots().into_iter().rev() {
            self.rows.expire(slot, now);
        }
    }

    /// A user ends the life of a child at once, as a crash.
    pub(super) fn kill_child(&mut self, now: Moment, ask: Ask, slot: Slot) {
        let state = self.rows.get(slot).map(|row| row.state);
        let answer = match state {
            None => Answer::NotFound,
            Some(State::Down | State::Deferred(_) | State::Waiting(_)) => Answer::NotRunning,
            Some(State::Killing(..)) => Answer::Killed,
            Some(State::Bound(_, Some(by))) if by <= now => Answer::Killed,
            Some(State::Starting(_)) => {
                self.rows.kill(slot, now, Why::StartFailed);
                Answer::Killed
            }
            Some(State::Up(since)) => {
                self.was_up(slot, now, since);
                self.rows.kill(slot, now, Why::Crash);
                Answer::Killed
            }
            Some(State::Stopping(why, _) | State::Bound(why, _)) => {
                self.rows.kill(slot, now, why);
                Answer::Killed
            }
        };
        self.answer(ask, answer);
    }
}
