//! What the two engines know: the rows, and what is known beside them.
use super::{
    asks::Asks,
    command::{Answer, Command, End, Ending, Next, Notice, Reason},
    event::Ask,
    rows::{Rows, State, Why, earlier},
    window::{Window, Wishes},
};
use crate::{
    auto_shutdown::AutoShutdown,
    exit::Exit,
    life::{Incarnation, Life, Slot},
    moment::Moment,
    spec::ChildSpec,
    strategy::StartOrder,
    tolerance::{AtLimit, Tolerance},
};
use std::{
    borrow::Borrow,
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// What is the same for every child of one supervisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flags {
    /// How many restarts are borne.
    pub tolerance: Tolerance,
    /// From which end the children of an ordinary supervisor are started.
    pub start_order: StartOrder,
    /// Whether the supervisor ends when its significant children have.
    pub auto_shutdown: AutoShutdown,
    /// How long an aborted life may take to be gone before it is abandoned.
    pub kill_wait: Duration,
    /// What the chance in backoffs is drawn from.
    pub seed: u64,
    /// The number of the first life. Zero means "none yet", so it starts at one.
    pub first: Incarnation,
}

impl Default for Flags {
    /// Three restarts in five seconds, one second to be gone.
    fn default() -> Self {
        Self {
            tolerance: Tolerance::default(),
            start_order: StartOrder::LeftToRight,
            auto_shutdown: AutoShutdown::Never,
            kill_wait: Duration::from_secs(1),
            seed: 0,
            first: Incarnation::new(1),
        }
    }
}

/// What the supervisor is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// It is not known to be up.
    Booting,
    Serving,
    /// All children are brought down; then it ends for this reason.
    Ending(Reason),
    Over,
}

/// What comes of a restart that is one too many.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    GiveUp(Reason),
    CoolOff(Duration),
    StayDown,
}

/// The rows, and what is known beside them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Base<P, S> {
    pub(super) rows: Rows<P, S>,
    pub(super) asks: Asks,
    pub(super) phase: Phase,
    pub(super) auto_shutdown: AutoShutdown,
    window: Window,
    /// The restarts of children that have a tolerance of their own.
    own: BTreeMap<Slot, Window>,
    wishes: Wishes,
    seed: u64,
    /// When all lives are killed; only while ending.
    pub(super) deadline: Option<Moment>,
    /// Whether they were killed then.
    pub(super) expired: bool,
    pub(super) unclean: bool,
    /// Children whose end waits for the supervisor to be up.
    pub(super) deferred: VecDeque<Slot>,
}

impl<P: Borrow<ChildSpec<S>>, S> Base<P, S> {
    pub(super) fn new(flags: Flags, phase: Phase) -> Self {
        Self {
            rows: Rows::new(flags.kill_wait, flags.first),
            asks: Asks::default(),
            phase,
            auto_shutdown: flags.auto_shutdown,
            window: Window::new(flags.tolerance),
            own: BTreeMap::new(),
            wishes: Wishes::default(),
            seed: flags.seed,
            deadline: None,
            expired: false,
            unclean: false,
            deferred: VecDeque::new(),
        }
    }

    pub(super) const fn is_ending(&self) -> bool {
        matches!(self.phase, Phase::Ending(_) | Phase::Over)
    }

    pub(super) fn is_significant(&self, slot: Slot) -> bool {
        self.rows.spec(slot).is_significant()
    }

    pub(super) fn answer(&mut self, ask: Ask, answer: Answer) {
        self.rows.push(Command::Answer(ask, answer));
    }

    /// Somebody wants to start a child under a name that is taken.
    pub(super) fn twin(&mut self, ask: Ask, slot: Slot) {
        let answer = match self.rows.get(slot) {
            None => Answer::NotFound,
            Some(row) if row.has_life() => Answer::AlreadyStarted(self.rows.life(slot)),
            Some(_) => Answer::AlreadyPresent,
        };
        self.answer(ask, answer);
    }

    /// Asks a life to end that is not told yet.
    pub(super) fn stop(&mut self, now: Moment, slot: Slot, why: Why) {
        if let State::Up(since) = self.rows.row(slot).state {
            self.was_up(slot, now, since);
        }
        self.rows.stop(slot, now, why, self.deadline);
    }

    /// The earliest deadline of any row, and of all.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        let deadline = self.deadline.filter(|_| !self.expired);
        earlier(self.rows.deadline(), deadline)
    }

    /// Counts the restart that the end of `life` asks for.
    pub(super) fn count(&mut self, now: Moment, life: Life) -> Result<(), Limit> {
        if let Some(left) = self.rows.abandoned(life.slot) {
            return Err(Limit::GiveUp(Reason::StillEnding(left)));
        }
        let window = match self.rows.spec(life.slot).tolerance() {
            Some(own) => self
                .own
                .entry(life.slot)
                .or_insert_with(|| Window::new(own)),
            None => &mut self.window,
        };
        while let Some(old) = window.expire(now) {
            self.rows.push(Command::Forget(old));
        }
        let Err(first) = window.count(now, life) else {
            return Ok(());
        };
        Err(match window.at_limit() {
            AtLimit::Escalate => Limit::GiveUp(Reason::GaveUp { first, last: life }),
            AtLimit::CoolOff(span) => Limit::CoolOff(span),
            AtLimit::StayDown => Limit::StayDown,
        })
    }

    /// Forgets what was counted where the restarts of this child count; or of the supervisor.
    /// `but` was not told of as counted.
    pub(super) fn reset(&mut self, slot: Option<Slot>, but: Option<Life>) {
        let own = slot.filter(|&slot| self.rows.spec(slot).tolerance().is_some());
        let window = match own {
            Some(slot) => self.own.get_mut(&slot),
            None => Some(&mut self.window),
        };
        for life in window.into_iter().flat_map(Window::clear) {
            if Some(life) != but {
                self.rows.push(Command::Forget(life));
            }
        }
        if let Some(slot) = slot {
            self.rows.row_mut(slot).failures = 0;
        }
    }

    /// Answers who wants what was counted to be forgotten.
    pub(super) fn answer_reset(&mut self, ask: Ask, slot: Option<Slot>) {
        let is_there = slot.is_none_or(|slot| self.rows.get(slot).is_some());
        let own = slot.is_none_or(|slot| is_there && self.rows.spec(slot).tolerance().is_some());
        if is_there && own {
            self.reset(slot, None);
        } else if let Some(slot) = slot.filter(|_| is_there) {
            // It counts with its supervisor: only its backoff is its own.
            self.rows.row_mut(slot).failures = 0;
        }
        let answer = if is_there {
            Answer::Reset
        } else {
            Answer::NotFound
        };
        self.answer(ask, answer);
    }

    /// Forgets a row that has no life, and what was counted against it alone.
    pub(super) fn leave(&mut self, slot: Slot) {
        for life in self.own.remove(&slot).iter_mut().flat_map(Window::clear) {
            self.rows.push(Command::Forget(life));
        }
        self.rows.leave(slot);
    }

    /// Whether the restart that `life` itself asked for is free: it neither counts nor waits.
    pub(super) fn is_free(&mut self, now: Moment, life: Life, exit: Exit) -> bool {
        let is_blocked = self.rows.abandoned(life.slot).is_some();
        exit == Exit::RestartMe && !is_blocked && self.wishes.grants(now)
    }

    /// How long the child waits before its next start.
    pub(super) fn wait(&mut self, slot: Slot) -> Duration {
        let seed = self.seed;
        let row = self.rows.row_mut(slot);
        let seed = seed ^ row.incarnation.number();
        let Some(backoff) = row.spec.borrow().backoff() else {
            return Duration::ZERO;
        };
        let wait = backoff.wait(row.failures, seed);
        row.failures = row.failures.saturating_add(1);
        wait
    }

    /// Forgets the failures of a child that was up for long enough.
    pub(super) fn was_up(&mut self, slot: Slot, now: Moment, since: Moment) {
        let row = self.rows.row_mut(slot);
        let spec = row.spec.borrow();
        if let Some(backoff) = spec.backoff() {
            if now.since(since) >= backoff.resets_after() {
                row.failures = 0;
            }
        }
    }

    pub(super) fn ended(&mut self, life: Life, ending: Ending, exit: Exit, next: Next) {
        self.rows.notice(life, Notice::Ended(ending, exit, next));
    }

    pub(super) fn answer_down(&mut self, life: Life, ending: Ending, exit: Exit) {
        for ask in self.asks.take_down(life.slot) {
            self.answer(ask, Answer::Down(Some((life, ending, exit))));
        }
    }

    /// Nobody lives: the supervisor is done.
    pub(super) fn finish(&mut self) {
        let Phase::Ending(reason) = self.phase else {
            return;
        };
        self.phase = Phase::Over;
        self.deadline = None;
        let unclean = self.unclean;
        self.rows.push(Command::End(End { reason, unclean }));
    }
}
