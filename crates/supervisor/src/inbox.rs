//! What a driver is told, until it looks.
use crate::wish::{ChildWish, Wish, WishKind};
use regrow_core::{Incarnation, Life, Name, RuntimeName};
use regrow_tasks::{Directory, Report, Sink};
use std::{
    any::Any,
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::{sync::Notify, time::Instant};

/// The inbox of one supervisor: it outlives the supervisor's lives.
///
/// It has three lanes, so that a report never stands behind a wish, nor a stop behind either.
pub(crate) struct Inbox {
    supervisor: RuntimeName,
    is_dynamic: bool,
    desk: Mutex<Desk>,
    wake: Notify,
}

#[derive(Default)]
struct Desk {
    /// Whether a driver is there to take wishes.
    is_open: bool,
    reports: VecDeque<(Life, Report)>,
    stop: Option<Stop>,
    /// By when a life must have ended, taken or not.
    by: Option<(Incarnation, Instant)>,
    confirmed: bool,
    wishes: VecDeque<Wish>,
}

/// That one life of the supervisor is to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    pub(crate) life: Incarnation,
    pub(crate) deadline: Option<Instant>,
    pub(crate) crash: bool,
}

/// What was in the inbox.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) reports: VecDeque<(Life, Report)>,
    pub(crate) stop: Option<Stop>,
    pub(crate) confirmed: bool,
    pub(crate) wish: Option<Wish>,
}

impl Inbox {
    pub(crate) fn new(supervisor: RuntimeName, is_dynamic: bool) -> Self {
        Self {
            supervisor,
            is_dynamic,
            desk: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// The inbox of the supervisor of this directory; none at the top.
    pub(crate) fn of(directory: &Directory) -> Option<&Self> {
        directory.sink().as_any().downcast_ref()
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) const fn is_dynamic(&self) -> bool {
        self.is_dynamic
    }

    /// A driver is there, for this life of the supervisor.
    pub(crate) fn open(&self, life: Incarnation) {
        let mut desk = self.desk();
        desk.is_open = true;
        desk.confirmed = false;
        desk.stop = desk.stop.filter(|stop| stop.life == life);
    }

    /// The driver goes: what it has not taken is refused.
    pub(crate) fn close(&self) {
        let (reports, wishes) = {
            let mut desk = self.desk();
            desk.is_open = false;
            let reports = std::mem::take(&mut desk.reports);
            (reports, std::mem::take(&mut desk.wishes))
        };
        drop(reports);
        for wish in wishes {
            wish.kind.refuse(self.supervisor.clone());
        }
    }

    /// Puts a wish in.
    pub(crate) fn wish(&self, wish: Wish) {
        let refused = {
            let mut desk = self.desk();
            if desk.is_open {
                desk.wishes.push_back(wish);
                None
            } else {
                Some(wish)
            }
        };
        match refused {
            None => self.wake.notify_one(),
            Some(wish) => wish.kind.refuse(self.supervisor.clone()),
        }
    }

    /// Takes what is there: all reports, and one wish, to be dealt with after them.
    pub(crate) fn take(&self, batch: &mut Batch) {
        let mut desk = self.desk();
        std::mem::swap(&mut desk.reports, &mut batch.reports);
        batch.stop = desk.stop.take();
        batch.confirmed = std::mem::take(&mut desk.confirmed);
        batch.wish = desk.wishes.pop_front();
    }

    /// Takes the stop of this life out, while there is no driver to take it.
    pub(crate) fn take_stop(&self, life: Incarnation) -> Option<Stop> {
        self.desk().stop.take_if(|stop| stop.life == life)
    }

    /// Puts a stop back that was taken.
    pub(crate) fn stop_again(&self, stop: Stop) {
        self.stop(stop.life, stop.deadline, stop.crash);
    }

    /// By when this life must have ended, if it was told.
    pub(crate) fn deadline(&self, life: Incarnation) -> Option<Instant> {
        let by = self.desk().by;
        by.filter(|(of, _)| *of == life).map(|(_, by)| by)
    }

    /// Resolves when something was put in since the last time.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }
}

impl Sink for Inbox {
    fn report(&self, life: Life, report: Report) {
        let refused = {
            let mut desk = self.desk();
            if desk.is_open {
                desk.reports.push_back((life, report));
                None
            } else {
                Some(report)
            }
        };
        // What a user made is dropped outside the lock.
        drop(refused);
        self.wake.notify_one();
    }

    fn confirm(&self) {
        self.desk().confirmed = true;
        self.wake.notify_one();
    }

    fn stop(&self, life: Incarnation, deadline: Option<Instant>, crash: bool) {
        {
            let mut desk = self.desk();
            if let Some(deadline) = deadline {
                let before = desk.by.filter(|(of, _)| *of == life);
                let by = before.map_or(deadline, |(_, by)| by.min(deadline));
                desk.by = Some((life, by));
            }
            let before = desk.stop.filter(|stop| stop.life == life);
            desk.stop = Some(Stop {
                life,
                deadline: match (before.and_then(|stop| stop.deadline), deadline) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                },
                crash: crash || before.is_some_and(|stop| stop.crash),
            });
        }
        self.wake.notify_one();
    }

    fn kill(&self, child: &Name, order: u64) {
        let name = child.as_str().to_owned();
        let what = ChildWish::Kill(order);
        self.wish(Wish::unanswered(WishKind::Child { name, what }));
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
