//! The queue to the store: it outlives the store's lives.
//!
//! Who wants something of the store puts an ask in; whichever life of the store is up takes it out. While none is up, asks wait.
//! An ask leaves the queue once, so that nothing is done twice.

use std::{fmt, sync::Arc};

use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};

use crate::data::Operation;

/// What can be asked of the store.
pub(crate) enum Ask {
    Batch(Batch),
    /// Deletes expired keys; whether there may be more.
    Sweep(oneshot::Sender<Result<bool, Refused>>),
    /// Finishes the log that is appended to; its number.
    Roll(oneshot::Sender<Result<u64, Refused>>),
}

/// Operations of one client, to be done one after another.
pub(crate) struct Batch {
    pub(crate) operations: Vec<Operation>,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// What became of a batch.
pub(crate) struct Answer {
    /// The encoded replies.
    pub(crate) replies: Vec<u8>,
    /// What is not done yet, because the replies are many bytes already: to be asked again when they are written.
    pub(crate) rest: Vec<Operation>,
}

/// The log could not be written; the store goes on.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) String);

/// How many asks wait before those who bring more must wait too.
const CAPACITY: usize = 1024;

/// Both ends of the queue. Clones are the same queue.
#[derive(Clone)]
pub(crate) struct Queue {
    entrance: mpsc::Sender<Ask>,
    exit: Arc<Mutex<mpsc::Receiver<Ask>>>,
}

/// The end of the queue that a life of the store holds; the next life gets it when this one lets go.
pub(crate) type Exit = OwnedMutexGuard<mpsc::Receiver<Ask>>;

/// The store ended with the ask in its hands: what of it was done is not known.
#[derive(Debug)]
pub(crate) struct Lost;

impl Queue {
    pub(crate) fn new() -> Self {
        let (entrance, exit) = mpsc::channel(CAPACITY);
        Self {
            entrance,
            exit: Arc::new(Mutex::new(exit)),
        }
    }

    /// Has the operations done, or as many as fit into one answer, however many lives of the store it takes.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the operations are done or not; they are never done twice.
    pub(crate) async fn batch(&self, operations: Vec<Operation>) -> Result<Answer, Lost> {
        self.ask(|answer| Ask::Batch(Batch { operations, answer }))
            .await
    }

    /// Has expired keys deleted; gives whether there may be more.
    ///
    /// # Cancel safety
    ///
    /// Dropped, they are deleted or not.
    pub(crate) async fn sweep(&self) -> Result<Result<bool, Refused>, Lost> {
        self.ask(Ask::Sweep).await
    }

    /// Has the log finished that is appended to, and the next one begun; gives the number of the one that is finished.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it is finished or not.
    pub(crate) async fn roll(&self) -> Result<Result<u64, Refused>, Lost> {
        self.ask(Ask::Roll).await
    }

    /// Takes the queue over from the store's life before.
    ///
    /// # Cancel safety
    ///
    /// Nothing has happened if this is dropped.
    pub(crate) async fn take_over(&self) -> Exit {
        Arc::clone(&self.exit).lock_owned().await
    }

    /// Nothing is done any more: who waits, and who asks from now on, is told so.
    pub(crate) async fn close(&self) {
        let mut exit = self.take_over().await;
        exit.close();
        while exit.try_recv().is_ok() {}
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, Lost> {
        let (answer, reply) = oneshot::channel();
        self.entrance.send(ask(answer)).await.map_err(|_| Lost)?;
        reply.await.map_err(|_| Lost)
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the store ended with this command in its hands; whether it was done is not known",
        )
    }
}

impl std::error::Error for Lost {}
