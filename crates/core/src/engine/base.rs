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
    tolerance::Tolerance,
};
use std::{borrow::Borrow, collections::VecDeque, time::Duration};

/// What is the same for every child of one supervisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flags {
    /// How many restarts are borne.
    pub tolerance: Tolerance,
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

/// The rows, and what is known beside them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Base<P, S> {
    pub(super) rows: Rows<P, S>,
    pub(super) asks: Asks,
    pub(super) phase: Phase,
    pub(super) auto_shutdown: AutoShutdown,
    window: Window,
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
    pub(super) fn count(&mut self, now: Moment, life: Life) -> Result<(), Reason> {
        if let Some(left) = self.rows.abandoned(life.slot) {
            return Err(Reason::StillEnding(left));
        }
        while let Some(old) = self.window.expire(now) {
            self.rows.push(Command::Forget(old));
        }
        let counted = self.window.count(now, life);
        counted.map_err(|first| Reason::GaveUp { first, last: life })
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
