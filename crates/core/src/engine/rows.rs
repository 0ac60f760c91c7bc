//! The table of children: one row each, and what is done to one of them.
use super::command::{Command, Notice};
use crate::{
    exit::Exit,
    life::{Incarnation, Life, Slot},
    moment::Moment,
    spec::{ChildKind, ChildSpec, OnAbandoned, Shutdown},
};
use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet, VecDeque},
    hash::{Hash, Hasher},
    marker::PhantomData,
    time::Duration,
};

/// What is known of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// No life.
    Down,
    /// No life, and how the last one ended is dealt with when the first start is over.
    Deferred(Exit),
    /// No life before this moment.
    Waiting(Moment),
    /// Begun; at that moment, if any, the start has failed.
    Starting(Option<Moment>),
    /// Up since then.
    Up(Moment),
    /// Asked to end; at that moment, if any, it is killed.
    Stopping(Why, Option<Moment>),
    /// Aborted; at that moment it is abandoned.
    Killing(Why, Moment),
    /// A supervisor, told to have ended by that moment, if any. It is never aborted.
    Bound(Why, Option<Moment>),
}

/// Why a life was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// It must be down.
    Wanted,
    /// Its start failed.
    StartFailed,
    /// It has nothing to do.
    Ignored,
    /// The user killed it.
    Crash,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Row<P> {
    pub(super) spec: P,
    pub(super) state: State,
    /// Of the life that is, or of the last one.
    pub(super) incarnation: Incarnation,
    /// Failures in a row, for the backoff.
    pub(super) failures: u32,
    /// Whether the child is to be up. A finished child is still wanted: the restart of its group
    /// revives it. One that the user terminated is not.
    pub(super) wanted: bool,
}

impl<P> Row<P> {
    pub(super) const fn has_life(&self) -> bool {
        matches!(
            self.state,
            State::Starting(_)
                | State::Up(_)
                | State::Stopping(..)
                | State::Killing(..)
                | State::Bound(..)
        )
    }

    /// Whether the child is significant, and has a life or will have one for its own sake.
    fn goes_on<S>(&self) -> bool
    where
        P: Borrow<ChildSpec<S>>,
    {
        let goes_on =
            self.has_life() || matches!(self.state, State::Deferred(_) | State::Waiting(_));
        goes_on && self.wanted && self.spec.borrow().is_significant()
    }

    /// The moment at which something must be done about this child.
    const fn deadline(&self) -> Option<Moment> {
        match self.state {
            State::Waiting(at) | State::Killing(_, at) => Some(at),
            State::Starting(at) | State::Stopping(_, at) => at,
            State::Down | State::Deferred(_) | State::Up(_) | State::Bound(..) => None,
        }
    }
}

/// All rows, their deadlines, and the commands that they came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Rows<P, S> {
    rows: Vec<Option<Row<P>>>,
    free: Vec<u32>,
    count: usize,
    lives: usize,
    /// How many significant children are up, or will be.
    significant: usize,
    next: u64,
    kill_wait: Duration,
    deadlines: BTreeSet<(Moment, Slot)>,
    /// Lives that were aborted and are not gone.
    abandoned: BTreeMap<Slot, Incarnation>,
    pub(super) commands: VecDeque<Command>,
    touched: Touched,
    start: PhantomData<fn() -> S>,
}

/// How many rows were looked at. It is no part of what the table is.
#[derive(Clone, Copy, Debug, Default)]
struct Touched(u64);

impl PartialEq for Touched {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Touched {}

impl Hash for Touched {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl<P: Borrow<ChildSpec<S>>, S> Rows<P, S> {
    /// No row. Lives are numbered from `first`.
    pub(super) fn new(kill_wait: Duration, first: Incarnation) -> Self {
        Self {
            rows: Vec::new(),
            free: Vec::new(),
            count: 0,
            lives: 0,
            significant: 0,
            next: first.number(),
            kill_wait,
            deadlines: BTreeSet::new(),
            abandoned: BTreeMap::new(),
            commands: VecDeque::new(),
            touched: Touched::default(),
            start: PhantomData,
        }
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Row<P>> {
        self.rows.get(slot.index())?.as_ref()
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut Row<P>> {
        self.touched.0 += 1;
        self.rows.get_mut(slot.index())?.as_mut()
    }

    /// The row of a slot that is known to be taken.
    pub(super) fn row(&self, slot: Slot) -> &Row<P> {
        self.get(slot).expect("the slot is taken")
    }

    /// The row of a slot that is known to be taken.
    pub(super) fn row_mut(&mut self, slot: Slot) -> &mut Row<P> {
        self.get_mut(slot).expect("the slot is taken")
    }

    pub(super) fn spec(&self, slot: Slot) -> &ChildSpec<S> {
        self.row(slot).spec.borrow()
    }

    /// The life of this slot that is, or the last one.
    pub(super) fn life(&self, slot: Slot) -> Life {
        Life {
            slot,
            incarnation: self.row(slot).incarnation,
        }
    }

    /// The last life of the child, when it was abandoned and is not gone; none when the child may be
    /// started beside it.
    pub(super) fn abandoned(&self, slot: Slot) -> Option<Life> {
        let &incarnation = self.abandoned.get(&slot)?;
        let overlaps = self.spec(slot).on_abandoned() == OnAbandoned::Overlap;
        (!overlaps).then_some(Life { slot, incarnation })
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    pub(super) const fn lives(&self) -> usize {
        self.lives
    }

    /// How many significant children go on: those that their user terminated do not.
    pub(super) const fn significant(&self) -> usize {
        self.significant
    }

    pub(super) const fn touched(&self) -> u64 {
        self.touched.0
    }

    pub(super) const fn next_incarnation(&self) -> Incarnation {
        Incarnation::new(self.next)
    }

    /// The slots that are taken, in no order that means anything. Touches all rows.
    pub(super) fn slots(&mut self) -> Vec<Slot> {
        self.touched.0 += self.rows.len() as u64;
        let taken = self.rows.iter().enumerate();
        let slots = taken.filter_map(|(index, row)| row.as_ref().map(|_| Slot(index as u32)));
        slots.collect()
    }

    /// The row of a slot that is known to be taken, seen by a walk over many.
    pub(super) fn visit(&mut self, slot: Slot) -> &Row<P> {
        self.row_mut(slot)
    }

    pub(super) fn push(&mut self, command: Command) {
        self.commands.push_back(command);
    }

    pub(super) fn notice(&mut self, life: Life, notice: Notice) {
        self.push(Command::Notice(life, notice));
    }

    /// A new row, without a life.
    pub(super) fn enter(&mut self, spec: P) -> Slot {
        let row = Some(Row {
            spec,
            state: State::Down,
            incarnation: Incarnation::new(0),
            failures: 0,
            wanted: true,
        });
        let slot = if let Some(free) = self.free.pop() {
            self.rows[free as usize] = row;
            Slot(free)
        } else {
            self.rows.push(row);
            Slot(u32::try_from(self.rows.len() - 1).expect("fewer than 2^32 children"))
        };
        self.count += 1;
        self.push(Command::Enter(slot));
        slot
    }

    /// Forgets a row that has no life.
    pub(super) fn leave(&mut self, slot: Slot) {
        self.set(slot, State::Down);
        self.rows[slot.index()] = None;
        self.abandoned.remove(&slot);
        self.free.push(slot.0);
        self.count -= 1;
        self.push(Command::Leave(slot));
    }

    /// Puts the row into a state, and its deadline where it belongs.
    pub(super) fn set(&mut self, slot: Slot, state: State) {
        let row = self.row_mut(slot);
        let (old, lived, went_on) = (row.deadline(), row.has_life(), row.goes_on::<S>());
        row.state = state;
        let (new, lives, goes_on) = (row.deadline(), row.has_life(), row.goes_on::<S>());
        self.significant = self.significant + usize::from(goes_on) - usize::from(went_on);
        self.lives = self.lives + usize::from(lives) - usize::from(lived);
        if old != new {
            if let Some(at) = old {
                self.deadlines.remove(&(at, slot));
            }
            if let Some(at) = new {
                self.deadlines.insert((at, slot));
            }
        }
    }

    /// Says whether the child is to be up.
    pub(super) fn want(&mut self, slot: Slot, wanted: bool) {
        let row = self.row_mut(slot);
        let went_on = row.goes_on::<S>();
        row.wanted = wanted;
        let goes_on = row.goes_on::<S>();
        self.significant = self.significant + usize::from(goes_on) - usize::from(went_on);
    }

    /// Begins a life.
    pub(super) fn begin(&mut self, slot: Slot, now: Moment) {
        let number = Incarnation::new(self.next);
        self.next += 1;
        self.begin_as(slot, number, now);
    }

    /// Begins a life that has its number from elsewhere.
    pub(super) fn begin_as(&mut self, slot: Slot, number: Incarnation, now: Moment) {
        let limit = self.spec(slot).start_timeout();
        self.row_mut(slot).incarnation = number;
        self.set(slot, State::Starting(limit.map(|span| now.after(span))));
        let life = self.life(slot);
        self.push(Command::Start(life));
    }

    /// Tells a life that is not told yet to end, as its spec says, and by `bound` at the latest.
    pub(super) fn stop(&mut self, slot: Slot, now: Moment, why: Why, bound: Option<Moment>) {
        let life = self.life(slot);
        let spec = self.spec(slot);
        let (kind, shutdown) = (spec.kind(), spec.shutdown());
        let until = match shutdown {
            Shutdown::Timeout(span) => earlier(Some(now.after(span)), bound),
            Shutdown::Indefinitely => bound,
            Shutdown::Kill => Some(now),
        };
        if (kind, shutdown) == (ChildKind::Worker, Shutdown::Kill) {
            return self.kill(slot, now, why);
        }
        // The world is told before the life is, which may act on it at once.
        self.notice(life, Notice::Stopping);
        match kind {
            ChildKind::Supervisor => {
                self.push(Command::Stop(life, until));
                self.set(slot, State::Bound(why, until));
            }
            ChildKind::Worker => {
                self.push(Command::Stop(life, None));
                self.set(slot, State::Stopping(why, until));
            }
        }
    }

    /// Ends a life at once. A supervisor is told so, and ends by itself.
    pub(super) fn kill(&mut self, slot: Slot, now: Moment, why: Why) {
        let life = self.life(slot);
        let told = !matches!(self.row(slot).state, State::Starting(_) | State::Up(_));
        if !told {
            self.notice(life, Notice::Stopping);
        }
        self.push(Command::Kill(life));
        let state = match self.spec(slot).kind() {
            ChildKind::Supervisor => State::Bound(why, Some(now)),
            ChildKind::Worker => State::Killing(why, now.after(self.kill_wait)),
        };
        self.set(slot, state);
    }

    /// Tells a supervisor that is stopping of a moment that has come nearer.
    pub(super) fn bind(&mut self, slot: Slot, by: Moment) {
        if let State::Bound(why, until) = self.row(slot).state {
            if until.is_none_or(|at| by < at) {
                let life = self.life(slot);
                self.push(Command::Stop(life, Some(by)));
                self.set(slot, State::Bound(why, Some(by)));
            }
        }
    }

    /// A life's time is up: a worker is aborted, a supervisor told.
    pub(super) fn expire(&mut self, slot: Slot, now: Moment) {
        match (self.row(slot).state, self.spec(slot).kind()) {
            (State::Starting(_) | State::Up(_), ChildKind::Supervisor) => {
                self.stop(slot, now, Why::Wanted, Some(now));
            }
            (State::Starting(_) | State::Up(_), ChildKind::Worker) => {
                self.kill(slot, now, Why::Wanted);
            }
            (State::Stopping(why, _), _) => self.kill(slot, now, why),
            (State::Bound(..), _) => self.bind(slot, now),
            (State::Down | State::Deferred(_) | State::Waiting(_) | State::Killing(..), _) => {}
        }
    }

    /// Takes note that a life is over. Gives what was known of it, when anything hangs on it.
    pub(super) fn exited(&mut self, life: Life) -> Option<State> {
        if self.abandoned.get(&life.slot) == Some(&life.incarnation) {
            self.abandoned.remove(&life.slot);
            return None;
        }
        let row = self.get_mut(life.slot)?;
        if row.incarnation != life.incarnation || !row.has_life() {
            return None;
        }
        let state = row.state;
        self.set(life.slot, State::Down);
        Some(state)
    }

    /// Leaves a life that was aborted to the tree.
    pub(super) fn abandon(&mut self, slot: Slot) -> Life {
        let life = self.life(slot);
        self.set(slot, State::Down);
        self.abandoned.insert(slot, life.incarnation);
        self.push(Command::Abandon(life));
        life
    }

    /// The state of the child of this life, if it is that of this life.
    pub(super) fn state_of(&mut self, life: Life) -> Option<State> {
        let row = self.get_mut(life.slot)?;
        (row.incarnation == life.incarnation).then_some(row.state)
    }

    /// The earliest deadline of any row.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.deadlines.first().map(|&(at, _)| at)
    }

    /// All rows whose deadline has come.
    pub(super) fn all_due(&self, now: Moment) -> impl Iterator<Item = Slot> + '_ {
        let due = self.deadlines.iter().take_while(move |&&(at, _)| at <= now);
        due.map(|&(_, slot)| slot)
    }

    /// A row whose deadline has come.
    pub(super) fn due(&self, now: Moment) -> Option<Slot> {
        let &(at, slot) = self.deadlines.first()?;
        (at <= now).then_some(slot)
    }
}

/// The earlier of two moments, where none is never.
pub(super) fn earlier(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
