//! The status: what others may know of the store and its log. It outlives the store's lives.

use std::{
    fs::File,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;

use super::replay::End;

/// What is known, and who waits for what of it.
pub(crate) struct Status {
    facts: watch::Sender<Facts>,
    /// The log that the store appends to.
    file: Mutex<Option<Arc<File>>>,
    /// How many frames were written.
    frames: AtomicU64,
}

/// What is known at a moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// How many keys there are, expired ones included.
    pub(crate) keys: usize,
    /// How many of them have a deadline.
    pub(crate) mortal: usize,
    /// The first deadline.
    pub(crate) earliest: Option<i64>,
    pub(crate) base_length: u64,
    /// The bytes of the logs that are finished, and of the one that is not.
    pub(crate) closed_length: u64,
    pub(crate) length: u64,
    /// Whether somebody asked for a rewrite.
    pub(crate) is_wanted: bool,
    pub(crate) is_rewriting: bool,
    /// How many rewrites were completed.
    pub(crate) rewrites: u64,
}

impl Facts {
    /// Whether the log is to be rewritten: it is asked for, or the log is larger than that, and than its base.
    fn is_due(&self, limit: u64) -> bool {
        self.is_wanted || self.closed_length + self.length > limit.max(self.base_length)
    }
}

impl Status {
    pub(crate) fn new() -> Self {
        Self {
            facts: watch::Sender::new(Facts::default()),
            file: Mutex::new(None),
            frames: AtomicU64::new(0),
        }
    }

    pub(crate) fn facts(&self) -> Facts {
        *self.facts.borrow()
    }

    /// The log that is appended to, and how many frames were written up to now.
    pub(crate) fn written(&self) -> (Option<Arc<File>>, u64) {
        // The number first: a frame that comes in between is synced and not counted, which is no harm.
        let frames = self.frames.load(Ordering::Acquire);
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        (file.clone(), frames)
    }

    /// Resolves when the log is to be rewritten.
    pub(crate) async fn rewrite_due(&self, limit: u64) {
        self.until(|facts| facts.is_due(limit)).await;
    }

    /// Resolves when a deadline stands before that moment; without a moment, when there is one.
    pub(crate) async fn deadline_before(&self, moment: Option<i64>) {
        let is_before = |deadline| moment.is_none_or(|moment| deadline < moment);
        self.until(|facts| facts.earliest.is_some_and(is_before))
            .await;
    }

    /// The log is open, where the replay ended.
    pub(super) fn opened(&self, file: Arc<File>, end: &End) {
        self.lend(file);
        self.facts.send_modify(|facts| {
            facts.base_length = end.base_length;
            facts.closed_length = end.closed_length;
            facts.length = end.length;
        });
    }

    /// The log is so long after another frame. Whoever waits is woken rarely: this is done for each write.
    pub(super) fn wrote(&self, length: u64) {
        self.frames.fetch_add(1, Ordering::Release);
        self.facts.send_if_modified(|facts| {
            let is_larger_by_much = length >> 16 != facts.length >> 16;
            facts.length = length;
            is_larger_by_much
        });
    }

    /// The log was finished with that length, and the store appends to a new one.
    pub(super) fn rolled(&self, file: Arc<File>, length: u64) {
        self.lend(file);
        self.facts.send_modify(|facts| {
            facts.closed_length += length;
            facts.length = 0;
        });
    }

    /// What the store holds now.
    pub(crate) fn holds(&self, keys: usize, mortal: usize, earliest: Option<i64>) {
        self.facts.send_if_modified(|facts| {
            let is_earlier = match (earliest, facts.earliest) {
                (Some(now), Some(before)) => now < before,
                (Some(_), None) => true,
                (None, _) => false,
            };
            (facts.keys, facts.mortal, facts.earliest) = (keys, mortal, earliest);
            is_earlier
        });
    }

    pub(crate) fn want_rewrite(&self) {
        self.facts.send_modify(|facts| facts.is_wanted = true);
    }

    /// A rewrite has begun, or has ended without a new base.
    pub(crate) fn rewriting(&self, is_rewriting: bool) {
        self.facts
            .send_modify(|facts| facts.is_rewriting = is_rewriting);
    }

    /// A rewrite was completed, and its base is so long.
    pub(crate) fn rewritten(&self, base_length: u64) {
        self.facts.send_modify(|facts| {
            facts.base_length = base_length;
            facts.closed_length = 0;
            facts.is_wanted = false;
            facts.rewrites += 1;
        });
    }

    fn lend(&self, file: Arc<File>) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
    }

    async fn until(&self, is_so: impl FnMut(&Facts) -> bool) {
        let mut facts = self.facts.subscribe();
        // The sender is here, so that it cannot have gone.
        let _ = facts.wait_for(is_so).await;
    }
}
