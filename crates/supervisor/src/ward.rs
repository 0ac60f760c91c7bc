//! Who in a tree is not well, or not at rest.
//!
//! One for a tree, beside its events: what is published changes it in the same moment, so it is
//! exact over the whole tree, and what it costs to look depends on who is in it, not on who is
//! well.
use crate::{cause::Cause, event::Change};
use regrow_core::{ChildKind, RuntimeName};
use regrow_tasks::{ChildState, Directory, Entry, ExitReason, SharedError};
use std::{
    collections::{BTreeMap, HashMap},
    iter,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{sync::Notify, time::Instant};

/// A map that holds no more than this is not worth to be made smaller.
const SMALL: usize = 1024;

#[derive(Default)]
pub(crate) struct Ward {
    beds: Mutex<Beds>,
    changed: Notify,
}

#[derive(Default)]
struct Beds {
    /// Children on their way, by the address of their entry.
    moving: HashMap<usize, Moving>,
    /// Children that are down and should not be. Without their entries: those hold the tree, and
    /// the tree this.
    fallen: BTreeMap<RuntimeName, Case>,
    version: u64,
    is_closed: bool,
}

struct Moving {
    entry: Arc<Entry>,
    case: Case,
    /// It stops because somebody wants it so.
    is_asked: bool,
    /// It waits for its backoff until then.
    waits_until: Option<Instant>,
}

/// How a child stands that is not up.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) kind: ChildKind,
    pub(crate) state: ChildState,
    /// Since when it is not well.
    pub(crate) since: Instant,
    pub(crate) cause: Option<Box<Cause>>,
}

/// What became of a child, as far as it depends on who wanted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Nobody wanted it to stop.
    Keep,
    /// Its supervisor stops because it was asked to.
    StopAll,
    /// Its user wants this child to be down.
    StopIt,
}

/// What the ward lets go of: to be dropped when no lock is held, because an error in it has a
/// user's destructor.
#[must_use]
#[derive(Default)]
pub(crate) struct Discharged {
    _moving: Vec<Moving>,
    _cases: Vec<Case>,
    _cause: Option<Box<Cause>>,
}

impl Ward {
    fn beds(&self) -> MutexGuard<'_, Beds> {
        self.beds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A child came to this state by this change, of which the world is told next.
    pub(crate) fn note(
        &self,
        entry: &Arc<Entry>,
        state: ChildState,
        change: &Change,
        want: Want,
    ) -> Discharged {
        let cause = match change {
            Change::Warning(_)
            | Change::UsedUp(_)
            | Change::Overlaps(_)
            | Change::Abandoned
            | Change::AbandonedEnded => {
                return Discharged::default();
            }
            Change::Failed(reason) | Change::StopFailed(reason) => {
                Some(Cause::Ended(reason.clone()))
            }
            Change::StartFailed(failure) => Some(Cause::NotStarted(failure.clone())),
            Change::Completed => Some(Cause::Ended(ExitReason::Completed)),
            Change::GaveUp(failure) => {
                let error = SharedError::new(failure.clone());
                Some(Cause::Ended(ExitReason::Failed(error)))
            }
            _ => None,
        };
        self.beds().note(entry, state, change, want, cause)
    }

    /// Wakes who waits for a change: when the event of it is published.
    pub(crate) fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// The children of a life of a supervisor that is over: none is on its way any more, and those
    /// that do not come back are forgotten.
    pub(crate) fn leave<'a>(
        &self,
        seats: impl Iterator<Item = (&'a Arc<Entry>, bool)>,
    ) -> Discharged {
        let mut discharged = Discharged::default();
        {
            let mut beds = self.beds();
            if beds.moving.is_empty() && beds.fallen.is_empty() {
                return discharged;
            }
            for (entry, comes_back) in seats {
                let moving = beds.moving.remove(&address(entry));
                discharged._moving.extend(moving);
                if !comes_back && !beds.fallen.is_empty() {
                    beds.discharge(&entry.runtime_name(), &mut discharged);
                }
            }
            beds.version += 1;
        }
        self.wake();
        discharged
    }

    /// The child is to be down, and has no life.
    pub(crate) fn forget(&self, entry: &Arc<Entry>) -> Discharged {
        let mut discharged = Discharged::default();
        {
            let mut beds = self.beds();
            beds.take(entry, &mut discharged);
            beds.version += 1;
        }
        self.wake();
        discharged
    }

    /// Who is not well in the supervisor of `top` and below it, and the number of the last change.
    pub(crate) fn unwell(&self, top: &Arc<Directory>) -> (Vec<(RuntimeName, Case)>, u64) {
        let beds = self.beds();
        let moving = beds.moving.values();
        let moving = moving.filter(|moving| !moving.is_asked && is_within(&moving.entry, top));
        let moving = moving.map(|moving| (moving.entry.runtime_name(), moving.case.clone()));
        let within = |name: &RuntimeName| top.runtime_name().is_none_or(|top| name.is_within(top));
        let fallen = beds.fallen.iter().filter(|(name, _)| within(name));
        let fallen = fallen.map(|(name, case)| (name.clone(), case.clone()));
        (moving.chain(fallen).collect(), beds.version)
    }

    /// Resolves when something has changed since the change of this number, or the tree has ended;
    /// says whether it has.
    pub(crate) async fn after(&self, version: u64) -> bool {
        self.until(|beds| (beds.is_closed || beds.version > version).then_some(beds.is_closed))
            .await
    }

    /// Resolves when nobody in the supervisor of `top` and below it is on the way; of those that
    /// wait for a backoff, when they do not count. `false` when the tree has ended.
    pub(crate) async fn settled(&self, top: &Arc<Directory>, backoff_counts: bool) -> bool {
        self.until(|beds| {
            if beds.is_closed {
                return Some(false);
            }
            beds.is_settled(top, backoff_counts).then_some(true)
        })
        .await
    }

    async fn until<T>(&self, decide: impl Fn(&Beds) -> Option<T>) -> T {
        let mut changed = pin!(self.changed.notified());
        loop {
            changed.as_mut().enable();
            if let Some(decided) = decide(&self.beds()) {
                return decided;
            }
            changed.as_mut().await;
            changed.set(self.changed.notified());
        }
    }
}

impl Beds {
    fn note(
        &mut self,
        entry: &Arc<Entry>,
        state: ChildState,
        change: &Change,
        want: Want,
        cause: Option<Cause>,
    ) -> Discharged {
        self.version += 1;
        // With its root a tree ends: nobody may see it at rest in between.
        self.is_closed |= state == ChildState::Down && entry.directory().above().is_none();
        let mut discharged = Discharged::default();
        match state {
            ChildState::Up => self.take(entry, &mut discharged),
            ChildState::Down if want != Want::StopIt && is_failure(change) => {
                let since = self.since(entry);
                self.take(entry, &mut discharged);
                let case = Case {
                    kind: entry.kind(),
                    state,
                    since,
                    cause: cause.map(Box::new),
                };
                self.fallen.insert(entry.runtime_name(), case);
            }
            ChildState::Down => {
                self.take(entry, &mut discharged);
                if entry.kind() == ChildKind::Supervisor && !self.fallen.is_empty() {
                    self.discharge(&entry.runtime_name(), &mut discharged);
                }
            }
            // Its supervisor is on the way itself, and says so for all below.
            ChildState::Stopping if want == Want::StopAll => self.take(entry, &mut discharged),
            _ => discharged._cause = self.admit(entry, state, change, want, cause),
        }
        if self.moving.is_empty() && self.moving.capacity() > SMALL {
            self.moving.shrink_to_fit();
        }
        discharged
    }

    /// Since when the child is not well.
    fn since(&self, entry: &Arc<Entry>) -> Instant {
        let moving = self.moving.get(&address(entry));
        let moving = moving.filter(|moving| !moving.is_asked);
        if let Some(moving) = moving {
            return moving.case.since;
        }
        if self.fallen.is_empty() {
            return Instant::now();
        }
        let fallen = self.fallen.get(&entry.runtime_name());
        fallen.map_or_else(Instant::now, |case| case.since)
    }

    /// The child is on its way. Gives the cause back that it had before.
    fn admit(
        &mut self,
        entry: &Arc<Entry>,
        state: ChildState,
        change: &Change,
        want: Want,
        cause: Option<Cause>,
    ) -> Option<Box<Cause>> {
        let since = self.since(entry);
        // Who stops already, stops for the first reason that it had.
        let before = self.moving.get(&address(entry));
        let stops_already = state == ChildState::Stopping
            && before.is_some_and(|moving| moving.case.state == ChildState::Stopping);
        let fallen = if self.fallen.is_empty() {
            None
        } else {
            self.fallen.remove(&entry.runtime_name())
        };
        let moving = self.moving.entry(address(entry));
        let moving = moving.or_insert_with(|| Moving {
            entry: entry.clone(),
            case: Case {
                kind: entry.kind(),
                state,
                since,
                cause: None,
            },
            is_asked: false,
            waits_until: None,
        });
        let before = fallen.and_then(|case| case.cause);
        let before = before.or_else(|| moving.case.cause.take());
        if !stops_already {
            moving.is_asked = want != Want::Keep;
        }
        moving.case.state = state;
        moving.case.since = since;
        moving.waits_until = match change {
            Change::Restarting { delay, .. } => Instant::now().checked_add(*delay),
            _ => None,
        };
        match cause {
            None => {
                moving.case.cause = before;
                None
            }
            Some(cause) => {
                moving.case.cause = Some(Box::new(cause));
                before
            }
        }
    }

    fn take(&mut self, entry: &Arc<Entry>, discharged: &mut Discharged) {
        discharged
            ._moving
            .extend(self.moving.remove(&address(entry)));
        if !self.fallen.is_empty() {
            let fallen = self.fallen.remove(&entry.runtime_name());
            discharged._cases.extend(fallen);
        }
    }

    /// Forgets who is down there and below.
    fn discharge(&mut self, top: &RuntimeName, discharged: &mut Discharged) {
        let fallen = self.fallen.keys();
        let names: Vec<_> = fallen.filter(|name| name.is_within(top)).cloned().collect();
        let fallen = names.iter().filter_map(|name| self.fallen.remove(name));
        discharged._cases.extend(fallen);
    }

    fn is_settled(&self, top: &Arc<Directory>, backoff_counts: bool) -> bool {
        let now = Instant::now();
        let mut moving = self.moving.values();
        !moving.any(|moving| {
            is_within(&moving.entry, top) && (backoff_counts || !self.waits(moving, now))
        })
    }

    /// Whether the child waits for a backoff: its own, or that of the one whose group it is in.
    fn waits(&self, moving: &Moving, now: Instant) -> bool {
        let group = moving.entry.directory();
        moving.case.state == ChildState::Restarting
            && (is_backing_off(moving, now)
                || self.moving.values().any(|other| {
                    Arc::ptr_eq(other.entry.directory(), group) && is_backing_off(other, now)
                }))
    }
}

fn is_backing_off(moving: &Moving, now: Instant) -> bool {
    moving.case.state == ChildState::Restarting && moving.waits_until.is_some_and(|at| at > now)
}

const fn is_failure(change: &Change) -> bool {
    matches!(
        change,
        Change::Failed(_) | Change::StartFailed(_) | Change::StopFailed(_)
    )
}

fn address(entry: &Arc<Entry>) -> usize {
    Arc::as_ptr(entry).addr()
}

/// Whether the entry is that of the supervisor of `top`, or stands below it.
fn is_within(entry: &Entry, top: &Arc<Directory>) -> bool {
    let is_top = |directory: &Arc<Directory>| Arc::ptr_eq(directory, top);
    let above = iter::successors(Some(entry.directory()), |directory| directory.above());
    entry.below().is_some_and(is_top) || above.into_iter().any(is_top)
}
