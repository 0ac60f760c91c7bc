//! The status: what others may know of the store and its log. It outlives the store's lives.

use std::{
    fs::File,
    io,
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
    /// A log that is larger than this, and than its base, is to be rewritten.
    limit: u64,
    /// The log that the store appends to.
    open: Mutex<Option<OpenLog>>,
    /// How many frames were written.
    frames: AtomicU64,
}

/// A log that is appended to.
#[derive(Clone)]
pub(crate) struct OpenLog {
    pub(super) number: u64,
    pub(super) file: Arc<File>,
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
    /// The last log that is in the base.
    base: u64,
    pub(crate) base_length: u64,
    /// The bytes of the logs that are finished, and of the one that is not.
    pub(crate) closed_length: u64,
    pub(crate) length: u64,
    /// The last log that could not be flushed.
    suspect: u64,
    /// Whether the last change could not be written.
    pub(crate) is_refusing: bool,
    /// Whether somebody asked for a rewrite.
    is_wanted: bool,
    pub(crate) is_rewriting: bool,
    /// How many rewrites were completed.
    pub(crate) rewrites: u64,
}

impl Facts {
    /// Whether there is a log that could not be flushed and is not replaced yet. What was written of it may be lost although a
    /// later flush succeeds: the system tells of a failure once, and forgets what it could not write.
    pub(crate) fn is_suspect(&self) -> bool {
        self.suspect > self.base
    }

    /// Whether the log is to be rewritten.
    fn is_due(&self, limit: u64) -> bool {
        let is_long = self.closed_length + self.length > limit.max(self.base_length);
        is_long || self.is_wanted || self.is_suspect()
    }
}

impl Status {
    /// What is known before the store is up. The log is to be rewritten when it is larger than this, and than its base.
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            facts: watch::Sender::new(Facts::default()),
            limit,
            open: Mutex::new(None),
            frames: AtomicU64::new(0),
        }
    }

    pub(crate) fn facts(&self) -> Facts {
        *self.facts.borrow()
    }

    /// The log that is appended to, and how many frames were written up to now.
    pub(crate) fn written(&self) -> (Option<OpenLog>, u64) {
        // The number first: a frame that comes in between is flushed and not counted, which is no harm.
        let frames = self.frames.load(Ordering::Acquire);
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        (open.clone(), frames)
    }

    /// Flushes a log. A failure is remembered, whether the caller still lives to hear of it or not.
    pub(crate) fn sync(&self, log: &OpenLog) -> io::Result<()> {
        let synced = log.file.sync_data();
        synced.inspect_err(|_| self.suspect(log.number))
    }

    /// The log of that number could not be flushed.
    pub(crate) fn suspect(&self, number: u64) {
        self.facts
            .send_modify(|facts| facts.suspect = facts.suspect.max(number));
    }

    /// Resolves when the log is to be rewritten.
    pub(crate) async fn rewrite_due(&self) {
        self.until(|facts| facts.is_due(self.limit)).await;
    }

    /// Resolves when a deadline stands before that moment; without a moment, when there is one.
    pub(crate) async fn deadline_before(&self, moment: Option<i64>) {
        let is_before = |deadline| moment.is_none_or(|moment| deadline < moment);
        self.until(|facts| facts.earliest.is_some_and(is_before))
            .await;
    }

    /// The log is open, where the replay ended.
    pub(super) fn opened(&self, log: OpenLog, end: &End) {
        self.lend(log);
        self.facts.send_modify(|facts| {
            facts.base = end.base;
            facts.base_length = end.base_length;
            facts.closed_length = end.closed_length;
            facts.length = end.length;
        });
    }

    /// The log is so long after another frame. This is done for each write, and wakes nobody who has nothing to do.
    pub(super) fn wrote(&self, length: u64) {
        self.frames.fetch_add(1, Ordering::Release);
        self.facts.send_if_modified(|facts| {
            let was_due = facts.is_due(self.limit);
            facts.length = length;
            facts.is_refusing = false;
            !was_due && facts.is_due(self.limit)
        });
    }

    /// A frame could not be written.
    pub(super) fn refused(&self) {
        self.facts.send_if_modified(|facts| {
            facts.is_refusing = true;
            false
        });
    }

    /// Resolves when somebody asks for a rewrite.
    pub(crate) async fn rewrite_wanted(&self) {
        self.until(|facts| facts.is_wanted).await;
    }

    /// The log was finished with that length, and the store appends to a new one.
    pub(super) fn rolled(&self, log: OpenLog, length: u64) {
        self.lend(log);
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

    /// A rewrite has begun: who asks for one from now on means another.
    pub(crate) fn rewrite_begins(&self) {
        self.facts.send_modify(|facts| {
            facts.is_rewriting = true;
            facts.is_wanted = false;
        });
    }

    pub(crate) fn rewrite_ends(&self) {
        self.facts.send_modify(|facts| facts.is_rewriting = false);
    }

    /// There is a new base: of all up to that log, and so long.
    pub(crate) fn rewrote(&self, base: u64, length: u64) {
        self.facts.send_modify(|facts| {
            facts.base = facts.base.max(base);
            facts.base_length = length;
            facts.closed_length = 0;
            facts.rewrites += 1;
        });
    }

    fn lend(&self, log: OpenLog) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(log);
    }

    async fn until(&self, is_so: impl FnMut(&Facts) -> bool) {
        let mut facts = self.facts.subscribe();
        // The sender is here, so that it cannot have gone.
        let _ = facts.wait_for(is_so).await;
    }
}
