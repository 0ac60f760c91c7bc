//! The queue to the store: it outlives the store's lives.
//!
//! Connections put batches in; whichever life of the store is up takes them out. While none is up, they wait. A batch leaves the
//! queue once, so that none is done twice.

use std::{fmt, sync::Arc};

use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};

use crate::operation::Operation;

/// Operations of one client, to be done one after another, and where their replies are waited for.
pub(crate) struct Batch {
    pub(crate) operations: Vec<Operation>,
    /// Takes the encoded replies, one for each operation.
    pub(crate) answer: oneshot::Sender<Vec<u8>>,
}

/// How many batches wait before those who bring more must wait too.
const CAPACITY: usize = 1024;

/// Both ends of the queue. Clones are the same queue.
#[derive(Clone)]
pub(crate) struct Queue {
    entrance: mpsc::Sender<Batch>,
    exit: Arc<Mutex<mpsc::Receiver<Batch>>>,
}

/// The end of the queue that a life of the store holds; the next life gets it when this one lets go.
pub(crate) type Exit = OwnedMutexGuard<mpsc::Receiver<Batch>>;

/// The store ended with the batch in its hands: what of it was done is not known.
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

    /// Has the operations done and gives their encoded replies, however many lives of the store it takes.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the operations are done or not; they are never done twice.
    pub(crate) async fn ask(&self, operations: Vec<Operation>) -> Result<Vec<u8>, Lost> {
        let (answer, replies) = oneshot::channel();
        self.entrance
            .send(Batch { operations, answer })
            .await
            .map_err(|_| Lost)?;
        replies.await.map_err(|_| Lost)
    }

    /// Takes the queue over from the store's life before.
    ///
    /// # Cancel safety
    ///
    /// Nothing has happened if this is dropped.
    pub(crate) async fn take_over(&self) -> Exit {
        Arc::clone(&self.exit).lock_owned().await
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the store ended with this command in its hands; whether it was done is not known",
        )
    }
}
