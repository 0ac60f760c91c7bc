//! The children of one driver: their entries, their lives, and what is told of them.
use crate::{
    cause::Cause,
    event::{Change, Warning},
    hub::Hub,
    inbox::Inbox,
    log::Log,
    overlap,
    spec::ChildSpec,
    stops::Stops,
    ward::Want,
};
use regrow_core::{
    ChildKind, Incarnation, Life, Name, Slot, Tolerance,
    engine::{Ending, Next},
};
use regrow_tasks::{ChildState, Directory, Entry, ExitReason, Facts, LifeHandle, StartFailure};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// The children of one driver.
pub(crate) struct Crew {
    pub(crate) directory: Arc<Directory>,
    seats: Vec<Option<Seat>>,
    pub(crate) stops: Stops,
    /// Whether all stop although nobody asked for it.
    pub(crate) unasked: bool,
    /// Whether it gives up: a branch ends for that then, and not as its body did.
    pub(crate) gave_up: bool,
    /// When all of it must be over.
    deadline: Option<Instant>,
    pub(crate) log: Log,
    /// Where the body stands, in a branch.
    body: Option<Slot>,
}

struct Seat {
    entry: Arc<Entry>,
    /// The life that is.
    handle: Option<LifeHandle>,
    /// What that life was told.
    told: Told,
    /// Whether its user brought it down.
    is_unwanted: bool,
    /// Whether the child comes back with the next life of its supervisor.
    is_declared: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Stop,
    /// It was killed without being asked to stop first.
    Crash,
}

impl Crew {
    pub(crate) fn new(directory: Arc<Directory>, body: Option<Slot>) -> Self {
        let stops = Stops::new(Hub::of(&directory).report_all);
        Self {
            directory,
            seats: Vec::new(),
            stops,
            unasked: false,
            gave_up: false,
            deadline: None,
            log: Log::default(),
            body,
        }
    }

    fn seat(&mut self, slot: Slot) -> &mut Seat {
        let seat = self.seats.get_mut(slot.index()).and_then(Option::as_mut);
        seat.expect("the engine commands only slots that were entered")
    }

    pub(crate) fn entry(&mut self, slot: Slot) -> Arc<Entry> {
        self.seat(slot).entry.clone()
    }

    /// Whether any child but the body has a life.
    pub(crate) fn has_lives_below(&self) -> bool {
        let mut seats = self.seats.iter().flatten();
        seats.any(|seat| seat.handle.is_some() && !seat.entry.is_body())
    }

    /// Whether the world has not been told that this life is over.
    pub(crate) fn is_live(&self, life: Life) -> bool {
        let seat = self.seats.get(life.slot.index()).and_then(Option::as_ref);
        seat.is_some_and(|seat| {
            let last = seat.entry.facts().incarnation;
            seat.handle.is_some() && last == Some(life.incarnation)
        })
    }

    /// Writes how a child stands, then tells the world.
    pub(crate) fn tell(
        &mut self,
        entry: &Arc<Entry>,
        life: Option<Incarnation>,
        change: &Change,
        write: impl FnOnce(&mut Facts),
    ) {
        let name = || entry.runtime_name();
        let is_told = matches!(change, Change::Abandoned | Change::AbandonedEnded);
        if entry.is_body() && !is_told {
            // The branch's own supervisor tells of it.
            return entry.write(write).wake();
        }
        let hub = Hub::of(&self.directory);
        let want = self.want(entry);
        let (watchers, gone) = {
            let _hold = entry.directory().hold();
            let watchers = entry.write(write);
            let state = entry.facts().state;
            let discharged = hub.ward.note(entry, state, change, want);
            let forgotten = hub.publish(name, entry.kind(), life, change);
            hub.ward.wake();
            (watchers, (discharged, forgotten))
        };
        watchers.wake();
        drop(gone);
        self.log.change(name, change);
    }

    /// Who wants the child of this entry to stop, if it does.
    fn want(&self, entry: &Arc<Entry>) -> Want {
        let seat = self.seats.get(entry.slot().index());
        let seat = seat.and_then(Option::as_ref);
        match seat.filter(|seat| Arc::ptr_eq(&seat.entry, entry)) {
            Some(seat) if seat.is_unwanted => Want::StopIt,
            Some(_) if self.stops.is_ending() && !self.unasked => Want::StopAll,
            _ => Want::Keep,
        }
    }

    /// A user brings this child down. One that waits to be started again is so at once.
    pub(crate) fn unwanted(&mut self, slot: Slot) {
        let seat = self.seats.get_mut(slot.index()).and_then(Option::as_mut);
        let Some(seat) = seat else {
            return;
        };
        seat.is_unwanted = true;
        if seat.handle.is_some() {
            return;
        }
        let entry = seat.entry.clone();
        let (watchers, discharged) = {
            let _hold = entry.directory().hold();
            let watchers = entry.write(|facts| facts.state = ChildState::Down);
            (watchers, Hub::of(&self.directory).ward.forget(&entry))
        };
        watchers.wake();
        drop(discharged);
    }

    /// There is a child in this slot. One that was declared has the entry that it had in earlier
    /// lives of its supervisor, so that references to it hold.
    pub(crate) fn enter(
        &mut self,
        slot: Slot,
        spec: &ChildSpec,
        added: Option<Name>,
    ) -> Arc<Entry> {
        let is_declared = added.is_none();
        let name = added.unwrap_or_else(|| spec.name().clone());
        let entry = if self.body == Some(slot) {
            Arc::new(Entry::body(name, slot, self.directory.clone()))
        } else {
            match self.directory.get(name.as_str()) {
                Some(kept) => {
                    kept.place(slot);
                    kept
                }
                None => self.make(slot, spec, name),
            }
        };
        if self.seats.len() <= slot.index() {
            self.seats.resize_with(slot.index() + 1, || None);
        }
        self.seats[slot.index()] = Some(Seat {
            entry: entry.clone(),
            handle: None,
            told: Told::Nothing,
            is_unwanted: false,
            is_declared,
        });
        entry
    }

    fn make(&self, slot: Slot, spec: &ChildSpec, name: Name) -> Arc<Entry> {
        let below = match spec.kind() {
            ChildKind::Worker => None,
            ChildKind::Supervisor => {
                let supervisor = self.directory.runtime_name_of(&name);
                let inbox = Inbox::new(supervisor, spec.start().is_dynamic());
                let below = Directory::below(&self.directory, &name, Box::new(inbox));
                Some(Arc::new(below))
            }
        };
        let entry = Arc::new(Entry::new(name, slot, self.directory.clone(), below));
        self.directory.insert(entry.clone());
        entry
    }

    /// The child in this slot is forgotten.
    pub(crate) fn leave(&mut self, slot: Slot) {
        let entry = self.entry(slot);
        self.seats[slot.index()] = None;
        self.directory.remove(entry.name());
        if let Some(below) = entry.below() {
            below.clear();
        }
        self.tell(&entry, None, &Change::Removed, |facts| {
            facts.state = ChildState::Down;
        });
        entry.forget();
    }

    /// Begins a life, unless an abandoned one holds its name.
    pub(crate) fn start(&mut self, life: Life, spec: &ChildSpec) -> Result<(), StartFailure> {
        let entry = self.entry(life.slot);
        let overlapped = overlap::check(&entry, spec)?;
        self.seat(life.slot).is_unwanted = false;
        self.tell(&entry, Some(life.incarnation), &Change::Starting, |facts| {
            facts.state = ChildState::Starting;
            facts.restarts += u64::from(facts.incarnation.is_some());
            facts.incarnation = Some(life.incarnation);
        });
        if let Some(left) = overlapped {
            let change = Change::Overlaps(left);
            self.tell(&entry, Some(life.incarnation), &change, |_| {});
        }
        let handle = LifeHandle::spawn(entry, life.incarnation, spec.start().clone());
        let seat = self.seat(life.slot);
        seat.handle = Some(handle);
        seat.told = Told::Nothing;
        Ok(())
    }

    /// The supervisor is told to stop, and by when all below must have ended.
    pub(crate) fn stop_by(&mut self, deadline: Option<Instant>) {
        self.stops.begin();
        let sooner = self.deadline.into_iter().chain(deadline).min();
        if sooner == self.deadline {
            return;
        }
        self.deadline = sooner;
        // Those that drain already have less time for it.
        let told = self.seats.iter().flatten();
        for seat in told.filter(|seat| seat.told == Told::Stop && seat.handle.is_some()) {
            if let Some(life) = seat.entry.facts().incarnation {
                seat.entry.ask_by(life, sooner);
            }
        }
    }

    /// Asks a life to end. A supervisor is told by when all below must have.
    pub(crate) fn stop(&mut self, life: Life, deadline: Option<Instant>) {
        let by = self.deadline;
        let seat = self.seat(life.slot);
        seat.told = Told::Stop;
        seat.entry.ask_by(life.incarnation, by);
        if let Some(below) = seat.entry.below() {
            below.sink().stop(life.incarnation, deadline, false);
        }
    }

    /// Ends a life at once. It is aborted before it can see that it must end: code that blocks
    /// its thread may still look.
    pub(crate) fn kill(&mut self, life: Life) {
        let seat = self.seat(life.slot);
        if seat.told == Told::Nothing {
            seat.told = Told::Crash;
        }
        match (seat.entry.below(), &seat.handle) {
            (Some(below), _) => {
                let now = Some(Instant::now());
                below.sink().stop(life.incarnation, now, true);
            }
            (None, Some(handle)) => handle.kill(),
            (None, None) => {}
        }
        seat.entry.ask(life.incarnation);
    }

    /// Whether this life was killed without being asked to stop first.
    pub(crate) fn was_crashed(&self, life: Life) -> bool {
        let seat = self.seats.get(life.slot.index()).and_then(Option::as_ref);
        seat.is_some_and(|seat| seat.told == Told::Crash) && self.is_live(life)
    }

    /// Leaves a life to the tree.
    pub(crate) fn abandon(&mut self, life: Life) {
        let entry = self.entry(life.slot);
        self.tell(&entry, Some(life.incarnation), &Change::Abandoned, |_| {});
        if entry.abandon(life.incarnation).is_none() {
            // It has ended in this very moment, and nobody else tells of it.
            let change = Change::AbandonedEnded;
            self.tell(&entry, Some(life.incarnation), &change, |_| {});
        }
    }

    /// The life is up.
    pub(crate) fn started(&mut self, life: Life) {
        let entry = self.entry(life.slot);
        self.tell(&entry, Some(life.incarnation), &Change::Started, |facts| {
            facts.state = ChildState::Up;
            facts.since = Some(Instant::now());
        });
        if let Some(below) = entry.below() {
            below.sink().confirm();
        }
    }

    /// The life was told to end.
    pub(crate) fn stopping(&mut self, life: Life) {
        self.stops.asked(life);
        let entry = self.entry(life.slot);
        self.tell(&entry, Some(life.incarnation), &Change::Stopping, |facts| {
            facts.state = ChildState::Stopping;
        });
    }

    /// The life is over, and this is how.
    pub(crate) fn ended(
        &mut self,
        life: Life,
        ending: Ending,
        reason: ExitReason,
        failure: Option<StartFailure>,
        next: Next,
    ) {
        let entry = self.entry(life.slot);
        let clean = match ending {
            Ending::Clean => true,
            // Having nothing to do, it went by itself, or had to be killed.
            Ending::Ignored => !matches!(reason, ExitReason::Killed | ExitReason::Abandoned),
            Ending::Unclean => false,
            Ending::Start | Ending::Unasked => !reason.is_abnormal(),
        };
        // As a body ends so does its branch, of which the supervisor above tells.
        let is_told = !entry.is_body() || (self.gave_up && !clean);
        if is_told {
            let name = || entry.runtime_name();
            self.stops.ended(life, name, &reason, clean);
        }
        let change = match (ending, failure) {
            (Ending::Ignored, _) => Change::Ignored,
            (Ending::Start, Some(failure)) => Change::StartFailed(failure),
            (Ending::Clean, _) => Change::Stopped,
            (Ending::Unclean, _) => Change::StopFailed(reason),
            (Ending::Start | Ending::Unasked, _) if clean => Change::Completed,
            (Ending::Start | Ending::Unasked, _) => Change::Failed(reason),
        };
        self.tell(&entry, Some(life.incarnation), &change, |facts| {
            facts.since = None;
            facts.state = match next {
                Next::Again => ChildState::Restarting,
                Next::Rest | Next::Gone => ChildState::Down,
            };
        });
        if let Some(seat) = &mut self.seats[life.slot.index()] {
            seat.handle = None;
        }
    }

    /// The child will be started again.
    pub(crate) fn restarting(&mut self, life: Life, cause: Cause, delay: Duration) {
        let entry = self.entry(life.slot);
        let number = entry.facts().restarts + 1;
        let change = Change::Restarting {
            number,
            cause,
            delay,
        };
        self.tell(&entry, Some(life.incarnation), &change, |_| {});
    }

    /// This life of the supervisor is over: children that were added while it ran are forgotten.
    pub(crate) fn leave_added(&mut self) {
        let seats = self.seats.iter().flatten();
        let added = seats.filter(|seat| !seat.is_declared && !seat.entry.is_body());
        let added: Vec<_> = added.map(|seat| seat.entry.slot()).collect();
        for slot in added {
            self.leave(slot);
        }
    }

    /// The child has used up this tolerance, and nobody gives up for it.
    pub(crate) fn used_up(&mut self, life: Life, tolerance: Tolerance) {
        let entry = self.entry(life.slot);
        let change = Change::UsedUp(tolerance);
        self.tell(&entry, Some(life.incarnation), &change, |_| {});
    }

    /// Says where a child's backoff makes the supervisor's tolerance meaningless.
    pub(crate) fn warn_of(&mut self, slot: Slot, spec: &ChildSpec, tolerance: Tolerance) {
        let judged = spec.tolerance().is_none();
        let Some(backoff) = spec.backoff().filter(|_| judged) else {
            return;
        };
        if tolerance.is_out_of_reach(backoff) {
            let entry = self.entry(slot);
            let takes = tolerance.takes(backoff);
            let warning = Warning::UnreachableTolerance { tolerance, takes };
            self.tell(&entry, None, &Change::Warning(warning), |_| {});
        }
    }
}

impl Drop for Crew {
    /// The driver is gone. With its end nothing lives; when it was dropped, what lives is killed.
    /// Children that were added while it ran are forgotten with it.
    fn drop(&mut self) {
        let seats = self.seats.iter().flatten();
        let seats = seats.map(|seat| (&seat.entry, seat.is_declared));
        drop(Hub::of(&self.directory).ward.leave(seats));
        for seat in self.seats.drain(..).flatten() {
            let Seat { entry, handle, .. } = &seat;
            match (entry.below(), handle, entry.facts().incarnation) {
                (Some(below), Some(_), Some(life)) => {
                    below.sink().stop(life, Some(Instant::now()), true);
                }
                (_, Some(handle), _) => handle.kill(),
                (_, None, _) => {}
            }
            entry.write(|facts| facts.state = ChildState::Down).wake();
            if !seat.is_declared && !entry.is_body() {
                self.directory.remove(entry.name());
                entry.forget();
                if let Some(below) = entry.below() {
                    below.clear();
                }
            }
        }
    }
}
