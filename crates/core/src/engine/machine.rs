//! What the two engines do alike: one child at a time, from its start to its end.
use super::{
    base::{Base, Limit, Phase},
    command::{Answer, Command, Ending, Next, Notice, Reason},
    event::{Ask, Event, Request},
    rows::{State, Why, earlier},
    verdict::is_restarted,
};
use crate::{
    auto_shutdown::AutoShutdown,
    exit::Exit,
    life::{Life, Slot},
    moment::Moment,
    spec::{ChildKind, ChildSpec, Restart, Shutdown},
};
use std::{borrow::Borrow, time::Duration};

/// An engine: what differs between the ordered one and the dynamic one, and what does not.
pub(super) trait Machine<P: Borrow<ChildSpec<S>>, S> {
    fn base(&mut self) -> &mut Base<P, S>;

    /// What becomes of a child that is down and is not started again by itself.
    fn rests(&mut self, slot: Slot) -> Next;

    /// Whether the child stops and starts with a group that is being brought down already.
    fn is_absorbed(&mut self, slot: Slot) -> bool;

    /// Starts the child again, when `wait` has passed.
    fn restart(&mut self, now: Moment, slot: Slot, wait: Duration);

    /// Whether this is the body of a branch, which ends with it.
    fn is_body(&self, _slot: Slot) -> bool {
        false
    }

    /// The body is up.
    fn body_up(&mut self) {}

    /// The body ended without being asked to.
    fn body_ended(&mut self, _now: Moment, _life: Life, _ending: Ending, _exit: Exit) {}

    /// Whether a significant child that is down stands in a group that will start it.
    fn revives_significant(&mut self) -> bool {
        false
    }

    /// The start of this child is dealt with, though it is not up.
    fn pass(&mut self, slot: Slot);

    /// Forgets a row that has no life.
    fn forget(&mut self, slot: Slot);

    /// Begins to bring all children down.
    fn end_all(&mut self, now: Moment);

    /// Deals with one request.
    fn request(&mut self, now: Moment, ask: Ask, request: Request<P>);

    /// The supervisor is known to be up.
    fn confirmed(&mut self, _now: Moment) {}

    /// Goes as far as it can be gone without another event.
    fn advance(&mut self, now: Moment);

    fn on(&mut self, now: Moment, event: Event<P>) {
        if self.base().phase == Phase::Over {
            return;
        }
        match event {
            Event::Started(life) => self.started(now, life),
            Event::Ignored(life) => self.stop_starting(now, life, Why::Ignored),
            Event::StartFailed(life) => self.stop_starting(now, life, Why::StartFailed),
            Event::Exited(life, exit) => self.exited(now, life, exit),
            Event::Timeout => self.due(now),
            Event::Confirmed => self.confirmed(now),
            Event::Request(ask, request) => self.request(now, ask, request),
            Event::Shutdown(deadline) => self.shut(now, Reason::Stopped, deadline),
            Event::Kill => self.shut(now, Reason::Killed, Some(now)),
        }
        self.base().expire(now);
        self.advance(now);
    }

    fn started(&mut self, now: Moment, life: Life) {
        let base = self.base();
        if !matches!(base.rows.state_of(life), Some(State::Starting(_))) {
            return;
        }
        base.rows.set(life.slot, State::Up(now));
        base.rows.notice(life, Notice::Started);
        if let Some(pending) = base.asks.take_up(life.slot) {
            base.answer(pending.ask, Answer::Started(life));
        }
        if self.is_body(life.slot) {
            self.body_up();
        }
    }

    fn stop_starting(&mut self, now: Moment, life: Life, why: Why) {
        let base = self.base();
        if matches!(base.rows.state_of(life), Some(State::Starting(_))) {
            base.stop(now, life.slot, why);
        }
    }

    fn exited(&mut self, now: Moment, life: Life, exit: Exit) {
        if exit == Exit::Uncaptured && !self.base().is_ending() {
            return self.uncaptured(now, life);
        }
        let is_body = self.is_body(life.slot) && !self.base().is_ending();
        match self.base().rows.exited(life) {
            Some(State::Starting(_)) if is_body => {
                self.body_ended(now, life, Ending::Start, exit);
            }
            Some(State::Up(_)) if is_body => self.body_ended(now, life, Ending::Unasked, exit),
            Some(State::Starting(_)) => self.start_failed(now, life, exit),
            Some(State::Up(since)) => {
                self.base().was_up(life.slot, now, since);
                self.unasked(now, life, exit);
            }
            Some(State::Stopping(why, _) | State::Killing(why, _) | State::Bound(why, _)) => {
                self.over(now, life, why, exit);
            }
            Some(State::Down | State::Deferred(_) | State::Waiting(_)) | None => {}
        }
    }

    /// A life panicked, and its panics are not captured: the supervisor ends for it, whatever else
    /// was meant for its child.
    fn uncaptured(&mut self, now: Moment, life: Life) {
        let ending = match self.base().rows.exited(life) {
            None | Some(State::Down | State::Deferred(_) | State::Waiting(_)) => return,
            Some(State::Starting(_)) => Ending::Start,
            Some(State::Up(_)) => Ending::Unasked,
            Some(State::Stopping(why, _) | State::Killing(why, _) | State::Bound(why, _)) => {
                match why {
                    Why::Wanted => Ending::Unclean,
                    Why::StartFailed => Ending::Start,
                    Why::Ignored => Ending::Ignored,
                    Why::Crash => Ending::Unasked,
                }
            }
        };
        self.base()
            .ended(life, ending, Exit::Uncaptured, Next::Rest);
        self.base().answer_down(life, ending, Exit::Uncaptured);
        self.give_up(now, Reason::Uncaptured(life));
    }

    /// A life that was told to end is over, or given up.
    fn over(&mut self, now: Moment, life: Life, why: Why, exit: Exit) {
        match why {
            Why::Wanted => self.stopped(life, exit),
            Why::StartFailed => self.start_failed(now, life, exit),
            Why::Ignored => self.ignored(life, exit),
            Why::Crash => self.unasked(now, life, exit),
        }
    }

    fn unasked(&mut self, now: Moment, life: Life, exit: Exit) {
        let base = self.base();
        match base.phase {
            Phase::Booting => {
                base.rows.set(life.slot, State::Deferred(exit));
                base.deferred.push_back(life.slot);
                base.answer_down(life, Ending::Unasked, exit);
            }
            Phase::Serving => self.judge(now, life, exit),
            Phase::Ending(_) | Phase::Over => {
                base.unclean |= exit.is_abnormal();
                base.ended(life, Ending::Unasked, exit, Next::Rest);
                base.answer_down(life, Ending::Unasked, exit);
            }
        }
    }

    /// Gives the verdict on a child that ended by itself.
    fn judge(&mut self, now: Moment, life: Life, exit: Exit) {
        let slot = life.slot;
        let wanted = self.base().rows.row(slot).wanted;
        let restart = self.base().rows.spec(slot).restart();
        if wanted && !self.is_absorbed(slot) && is_restarted(restart, exit) {
            return self.try_again(now, life, Ending::Unasked, exit);
        }
        let is_natural = wanted && !self.is_absorbed(slot) && self.base().is_significant(slot);
        let next = self.rests_or_joins(slot);
        let ends = is_natural && self.ends_with_it();
        self.base().ended(life, Ending::Unasked, exit, next);
        if ends {
            self.base().rows.push(Command::AutoShutdown(life));
        }
        self.settled(life, Ending::Unasked, exit, next);
        if ends {
            self.shut(now, Reason::AutoShutdown(life), None);
        }
    }

    /// Whether the supervisor ends with the significant child that has just ended by itself.
    fn ends_with_it(&mut self) -> bool {
        match self.base().auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => {
                self.base().rows.significant() == 0 && !self.revives_significant()
            }
        }
    }

    /// What becomes of a child that is not started for its own sake: a group that is being brought
    /// down takes it along.
    fn rests_or_joins(&mut self, slot: Slot) -> Next {
        if self.base().rows.row(slot).wanted && self.is_absorbed(slot) {
            again_or_gone(self.base().rows.spec(slot).restart())
        } else {
            self.rests(slot)
        }
    }

    /// Says how a life ended, and forgets its child if nothing comes after.
    fn settle(&mut self, life: Life, ending: Ending, exit: Exit, next: Next) {
        self.base().ended(life, ending, exit, next);
        self.settled(life, ending, exit, next);
    }

    /// Forgets the child of a life of whose end the world was told, if nothing comes after.
    fn settled(&mut self, life: Life, ending: Ending, exit: Exit, next: Next) {
        if next == Next::Gone {
            self.forget(life.slot);
        }
        self.base().answer_down(life, ending, exit);
    }

    /// Restarts a child, or gives up.
    fn try_again(&mut self, now: Moment, life: Life, ending: Ending, exit: Exit) {
        if ending == Ending::Unasked && self.base().is_free(now, life, exit) {
            self.base().ended(life, ending, exit, Next::Again);
            self.base()
                .rows
                .notice(life, Notice::Restarting(Duration::ZERO));
            self.base().rows.push(Command::Forget(life));
            return self.restart(now, life.slot, Duration::ZERO);
        }
        let counted = if exit == Exit::Blocked && ending == Ending::Start {
            Err(Limit::GiveUp(Reason::StillEnding(life)))
        } else {
            self.base().count(now, life)
        };
        match counted {
            Ok(()) => {
                self.base().ended(life, ending, exit, Next::Again);
                let wait = self.base().wait(life.slot);
                self.base().rows.notice(life, Notice::Restarting(wait));
                self.restart(now, life.slot, wait);
            }
            Err(Limit::GiveUp(reason)) => {
                self.base().ended(life, ending, exit, Next::Rest);
                self.give_up(now, reason);
            }
            Err(Limit::CoolOff(span)) => {
                self.base().ended(life, ending, exit, Next::Again);
                self.base().rows.notice(life, Notice::CoolingOff(span));
                self.base().reset(Some(life.slot), Some(life));
                self.restart(now, life.slot, span);
            }
            Err(Limit::StayDown) => {
                let next = self.rests(life.slot);
                self.base().ended(life, ending, exit, next);
                self.base().rows.notice(life, Notice::StaysDown);
                self.base().reset(Some(life.slot), Some(life));
                self.base().rows.want(life.slot, false);
                self.pass(life.slot);
                self.settled(life, ending, exit, next);
            }
        }
    }

    fn give_up(&mut self, now: Moment, reason: Reason) {
        self.base().rows.push(Command::GiveUp(reason));
        self.shut(now, reason, None);
    }

    fn start_failed(&mut self, now: Moment, life: Life, exit: Exit) {
        let base = self.base();
        let pending = base.asks.take_up(life.slot);
        if base.is_ending() {
            base.unclean |= matches!(exit, Exit::Killed | Exit::Abandoned);
            self.settle(life, Ending::Start, exit, Next::Rest);
        } else if let Some(pending) = pending {
            let next = if pending.first {
                Next::Gone
            } else {
                self.rests_or_joins(life.slot)
            };
            self.pass(life.slot);
            self.settle(life, Ending::Start, exit, next);
            self.base().answer(pending.ask, Answer::StartFailed(life));
        } else if !base.rows.row(life.slot).wanted || self.is_absorbed(life.slot) {
            let next = self.rests_or_joins(life.slot);
            self.settle(life, Ending::Start, exit, next);
        } else if self.base().phase == Phase::Booting {
            self.settle(life, Ending::Start, exit, Next::Rest);
            self.give_up(now, Reason::StartFailed(life));
        } else if exit != Exit::Blocked
            && self.base().rows.spec(life.slot).restart() == Restart::Temporary
        {
            let next = self.rests(life.slot);
            self.settle(life, Ending::Start, exit, next);
        } else {
            self.try_again(now, life, Ending::Start, exit);
        }
    }

    fn ignored(&mut self, life: Life, exit: Exit) {
        let base = self.base();
        let pending = base.asks.take_up(life.slot);
        let next = if base.is_ending() {
            base.unclean |= matches!(exit, Exit::Killed | Exit::Abandoned);
            Next::Rest
        } else {
            self.rests_or_joins(life.slot)
        };
        self.pass(life.slot);
        self.settle(life, Ending::Ignored, exit, next);
        if let Some(pending) = pending {
            self.base().answer(pending.ask, Answer::Ignored);
        }
    }

    /// A life ended that had to.
    fn stopped(&mut self, life: Life, exit: Exit) {
        let base = self.base();
        let row = base.rows.row(life.slot);
        let (wanted, spec) = (row.wanted, row.spec.borrow());
        let killed = exit == Exit::Killed || spec.kind() == ChildKind::Supervisor;
        let clean = !exit.is_abnormal()
            || (spec.shutdown() == Shutdown::Kill && killed && exit != Exit::Abandoned);
        let restart = spec.restart();
        let next = if base.is_ending() {
            base.unclean |= !clean;
            Next::Rest
        } else if wanted {
            again_or_gone(restart)
        } else {
            self.rests(life.slot)
        };
        let mut given_up = None;
        if !wanted {
            given_up = self.base().asks.take_up(life.slot);
        }
        // nothing is kept of a child whose first start was broken off
        let first = given_up.as_ref().is_some_and(|pending| pending.first);
        let next = if first { Next::Gone } else { next };
        self.settle(life, ending(clean), exit, next);
        if let Some(pending) = given_up {
            self.base().answer(pending.ask, Answer::Terminated);
        }
    }

    fn due(&mut self, now: Moment) {
        while let Some(slot) = self.base().rows.due(now) {
            let base = self.base();
            match base.rows.row(slot).state {
                State::Waiting(_) if base.is_ending() => base.rows.set(slot, State::Down),
                State::Waiting(_) => base.rows.begin(slot, now),
                State::Starting(_) => {
                    let life = base.rows.life(slot);
                    base.rows.notice(life, Notice::StartTimedOut);
                    base.stop(now, slot, Why::StartFailed);
                }
                State::Stopping(why, _) => base.rows.kill(slot, now, why),
                State::Killing(why, _) => {
                    let life = base.rows.abandon(slot);
                    self.over(now, life, why, Exit::Abandoned);
                }
                State::Down | State::Deferred(_) | State::Up(_) | State::Bound(..) => {
                    unreachable!("a row without a deadline is not due")
                }
            }
        }
    }

    /// Begins to end, or ends sooner.
    fn shut(&mut self, now: Moment, reason: Reason, deadline: Option<Moment>) {
        let base = self.base();
        let sooner = deadline.is_some() && earlier(base.deadline, deadline) != base.deadline;
        base.deadline = earlier(base.deadline, deadline);
        if base.is_ending() {
            if sooner {
                base.hurry();
            }
            return;
        }
        base.phase = Phase::Ending(reason);
        for ask in base.asks.take_all_up() {
            base.answer(ask, Answer::ShuttingDown);
        }
        while let Some(slot) = base.deferred.pop_front() {
            if let State::Deferred(exit) = base.rows.row(slot).state {
                base.rows.set(slot, State::Down);
                base.unclean |= exit.is_abnormal();
                let life = base.rows.life(slot);
                base.ended(life, Ending::Unasked, exit, Next::Rest);
            }
        }
        self.end_all(now);
    }
}

const fn ending(clean: bool) -> Ending {
    if clean {
        Ending::Clean
    } else {
        Ending::Unclean
    }
}

/// A group restart forgets the temporary ones (semantics 15).
const fn again_or_gone(restart: Restart) -> Next {
    match restart {
        Restart::Temporary => Next::Gone,
        Restart::Permanent | Restart::Transient => Next::Again,
    }
}
