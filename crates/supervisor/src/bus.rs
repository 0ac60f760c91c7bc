//! The events of a tree, on their way to who listens.
use crate::{event::TreeEvent, filter::Filter, post::Post, snapshot::Snapshot};
use regrow_core::RuntimeName;
use regrow_tasks::Directory;
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast::{self, error::RecvError};

/// The most events that a listener may lag behind.
const MOST: usize = 1 << 24;

/// One for a tree. Costs a number an event when nobody listens.
pub(crate) struct Bus {
    channel: Mutex<Channel>,
    capacity: usize,
}

struct Channel {
    sequence: u64,
    sender: Option<broadcast::Sender<TreeEvent>>,
    /// Of listeners that are called.
    posts: Vec<Arc<Post>>,
    /// All that the sender still holds, so that what it lets go of is not dropped by it.
    recent: VecDeque<TreeEvent>,
    closed: bool,
}

/// Events that nobody can receive any more: to be dropped when no lock is held, because an error in
/// them may be dropped with them, whose destructor is a user's.
pub(crate) type Forgotten = VecDeque<TreeEvent>;

impl Bus {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            channel: Mutex::new(Channel {
                sequence: 0,
                sender: None,
                posts: Vec::new(),
                recent: VecDeque::new(),
                closed: false,
            }),
            capacity: capacity.clamp(1, MOST),
        }
    }

    fn channel(&self) -> MutexGuard<'_, Channel> {
        self.channel.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the event its number, and sends it if anybody listens.
    pub(crate) fn publish(&self, event: impl FnOnce(u64) -> TreeEvent) -> Forgotten {
        let mut channel = self.channel();
        channel.sequence += 1;
        let sequence = channel.sequence;
        if channel.sender.is_none() && channel.posts.is_empty() {
            return Forgotten::new();
        }
        let event = event(sequence);
        let mut forgotten = Forgotten::new();
        channel
            .posts
            .retain(|post| post.put(&event, &mut forgotten));
        let Some(sender) = &channel.sender else {
            forgotten.push_back(event);
            return forgotten;
        };
        let is_heard = sender.send(event.clone()).is_ok();
        channel.recent.push_back(event);
        if !is_heard {
            channel.sender = None;
            forgotten.append(&mut channel.recent);
        }
        // The sender holds as many as the next power of two.
        let surplus = channel.recent.len().saturating_sub(2 * self.capacity);
        forgotten.extend(channel.recent.drain(..surplus));
        forgotten
    }

    /// Puts what is published from here on into this queue; `false` when nothing will be.
    pub(crate) fn attach(&self, post: &Arc<Post>) -> bool {
        let mut channel = self.channel();
        if !channel.closed {
            channel.posts.push(post.clone());
        }
        !channel.closed
    }

    /// The number of the last event.
    pub(crate) fn sequence(&self) -> u64 {
        self.channel().sequence
    }

    /// Nothing comes after this.
    pub(crate) fn close(&self) {
        let forgotten = {
            let mut channel = self.channel();
            channel.closed = true;
            channel.sender = None;
            let posts = std::mem::take(&mut channel.posts);
            posts.iter().for_each(|post| post.close());
            (std::mem::take(&mut channel.recent), posts)
        };
        drop(forgotten);
    }

    fn subscribe(&self) -> broadcast::Receiver<TreeEvent> {
        let mut channel = self.channel();
        let capacity = self.capacity;
        if channel.closed {
            return broadcast::channel(1).1;
        }
        let sender = channel
            .sender
            .get_or_insert_with(|| broadcast::channel(capacity).0);
        sender.subscribe()
    }
}

/// What a tree looked like, and the events that continue it, without a gap.
///
/// A listener that is slow never slows the tree: it loses the oldest events and is told how many.
/// The stream ends after the last event of the tree.
pub struct Subscription {
    snapshot: Snapshot,
    /// Up to which event each supervisor's part of the snapshot has them.
    positions: HashMap<Option<RuntimeName>, u64>,
    newest: u64,
    filter: Filter,
    receiver: broadcast::Receiver<TreeEvent>,
}

impl Subscription {
    /// Listens to all of the tree; the snapshot is of the supervisor of this directory.
    pub(crate) fn new(bus: &Bus, directory: &Arc<Directory>) -> Self {
        let receiver = bus.subscribe();
        let mut positions = HashMap::new();
        let snapshot = Snapshot::of(directory, &mut |directory| {
            positions.insert(directory.runtime_name().cloned(), bus.sequence());
        });
        Self {
            snapshot,
            newest: positions.values().copied().max().unwrap_or(0),
            positions,
            filter: Filter::all(),
            receiver,
        }
    }

    /// The same stream, but only those of its events that the filter wants; of a filter that is
    /// given later, those that both want. What is lost by lagging is counted before it is filtered.
    #[must_use]
    pub fn filtered(mut self, filter: Filter) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// What the supervisor and all below it looked like when this began.
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The next event, or how many were lost; `None` after the last event of the tree.
    ///
    /// # Errors
    ///
    /// [`Missed`] when this listener was too slow; the stream goes on after the gap.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: an event that was not returned is still there.
    pub async fn next(&mut self) -> Option<Result<TreeEvent, Missed>> {
        loop {
            match self.receiver.recv().await {
                Ok(event) if self.is_in_snapshot(&event) || !self.filter.matches(&event) => {}
                Ok(event) => return Some(Ok(event)),
                Err(RecvError::Lagged(events)) => return Some(Err(Missed { events })),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn is_in_snapshot(&self, event: &TreeEvent) -> bool {
        event.sequence <= self.newest
            && self
                .positions
                .get(&event.runtime_name.parent())
                .is_some_and(|&position| event.sequence <= position)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("filter", &format_args!("{}", self.filter))
            .field("waiting", &self.receiver.len())
            .finish_non_exhaustive()
    }
}

/// A listener was too slow, and lost events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{events} events were lost: listen faster, or raise `event_capacity` on the root")]
#[non_exhaustive]
pub struct Missed {
    /// How many.
    pub events: u64,
}
