//! The queue of one listener, and the task that calls it.
use crate::{
    event::TreeEvent,
    listener::{Caller, Delivery, Listener, ListenerInfo},
};
use regrow_tasks::{Call, shielded};
use std::{
    collections::VecDeque,
    fmt,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};
use tracing::warn;

pub(crate) struct Post {
    listener: Listener,
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<TreeEvent>,
    /// What was lost since the last delivery.
    missed: u64,
    /// All but the name and what waits.
    counts: ListenerInfo,
    /// When the last event of the tree was put in.
    closed: Option<Instant>,
    is_removed: bool,
    /// Whether its task has ended.
    is_over: bool,
}

impl Post {
    pub(crate) fn new(listener: Listener) -> Self {
        Self {
            listener,
            queue: Mutex::default(),
            changed: Notify::new(),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an event in, if it is wanted. `false` when nobody listens any more. What is lost goes
    /// to `forgotten`: to be dropped when no lock is held.
    pub(crate) fn put(&self, event: &TreeEvent, forgotten: &mut VecDeque<TreeEvent>) -> bool {
        let wanted = self.listener.filter.matches(event);
        {
            let mut queue = self.queue();
            if queue.is_removed || queue.is_over {
                return false;
            }
            if !wanted {
                return true;
            }
            if queue.events.len() >= self.listener.capacity {
                forgotten.extend(queue.events.pop_front());
                queue.miss(1);
            }
            queue.events.push_back(event.clone());
        }
        self.changed.notify_waiters();
        true
    }

    /// Nothing comes after this.
    pub(crate) fn close(&self) {
        self.queue().closed.get_or_insert_with(Instant::now);
        self.changed.notify_waiters();
    }

    /// Nothing is to be told any more. Gives what waits: to be dropped when no lock is held.
    pub(crate) fn remove(&self) -> VecDeque<TreeEvent> {
        let waiting = {
            let mut queue = self.queue();
            queue.is_removed = true;
            std::mem::take(&mut queue.events)
        };
        self.changed.notify_waiters();
        waiting
    }

    pub(crate) fn is_over(&self) -> bool {
        self.queue().is_over
    }

    pub(crate) fn info(&self) -> ListenerInfo {
        let queue = self.queue();
        ListenerInfo {
            name: self.listener.name.clone(),
            waiting: queue.events.len(),
            ..queue.counts.clone()
        }
    }

    /// Resolves when its task has ended, `true`, or its time for that has passed.
    pub(crate) async fn drained(&self) -> bool {
        let closed = self.queue().closed;
        let left = closed.map_or(self.listener.drain, |closed| self.left(closed));
        let over = self.until(|queue| queue.is_over.then_some(()));
        timeout(left, over).await.is_ok()
    }

    /// What is left of the time after the tree's end.
    fn left(&self, closed: Instant) -> Duration {
        self.listener.drain.saturating_sub(closed.elapsed())
    }

    async fn until<T>(&self, mut decide: impl FnMut(&mut Queue) -> Option<T>) -> T {
        let mut changed = pin!(self.changed.notified());
        loop {
            changed.as_mut().enable();
            let decided = decide(&mut self.queue());
            if let Some(decided) = decided {
                return decided;
            }
            changed.as_mut().await;
            changed.set(self.changed.notified());
        }
    }

    /// The next event, and how long the call with it may take; `None` when there is none to come.
    async fn next(&self) -> Option<(Delivery, Duration)> {
        self.until(|queue| {
            if queue.is_removed {
                return Some(None);
            }
            let left = queue.closed.map(|at| self.left(at));
            if left.is_some_and(|left| left.is_zero()) {
                return Some(None);
            }
            let most = self.listener.timeout;
            let limit = left.map_or(most, |left| most.min(left));
            match queue.events.pop_front() {
                Some(event) => {
                    let missed = std::mem::take(&mut queue.missed);
                    Some(Some((Delivery { event, missed }, limit)))
                }
                None => queue.closed.map(|_| None),
            }
        })
        .await
    }

    /// Calls the listener with one event after another, to the end of the tree or its own.
    pub(crate) async fn attend(self: Arc<Self>, caller: Caller) {
        let over = Over(self);
        let post = &*over.0;
        while let Some((delivery, limit)) = post.next().await {
            let call = Call::begin(|| caller.call(delivery));
            let called = timeout(limit, call).await;
            let trouble = {
                let mut queue = post.queue();
                queue.counts.delivered += 1;
                match called {
                    Ok(Ok(())) => None,
                    Ok(Err(panic)) => {
                        queue.counts.panicked += 1;
                        (queue.counts.panicked == 1).then(|| format!("panicked: {panic}"))
                    }
                    Err(_) => {
                        queue.counts.timed_out += 1;
                        (queue.counts.timed_out == 1).then(|| format!("took more than {limit:?}"))
                    }
                }
            };
            if let Some(trouble) = trouble {
                post.warn(&trouble);
            }
        }
    }

    fn warn(&self, trouble: &str) {
        let name = &self.listener.name;
        shielded(|| {
            warn!(target: "regrow", listener = %name, "a call of a listener {trouble}; it goes on, and more of that is only counted");
        });
    }
}

impl Queue {
    fn miss(&mut self, events: u64) {
        self.missed += events;
        self.counts.missed += events;
    }
}

/// However the task ends, it is over, and what waited is lost.
struct Over(Arc<Post>);

impl Drop for Over {
    fn drop(&mut self) {
        let lost = {
            let mut queue = self.0.queue();
            queue.is_over = true;
            let lost = std::mem::take(&mut queue.events);
            queue.miss(u64::try_from(lost.len()).unwrap_or(u64::MAX));
            lost
        };
        self.0.changed.notify_waiters();
        drop(lost);
    }
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Post").field(&self.listener).finish()
    }
}
