//! The store: the worker that owns the data and the log.
//!
//! Each life begins with nothing and replays the log, so that whatever ended the life before, its memory is not inherited.
//! It is up when the log is replayed; clients wait meanwhile, in the queue.
//!
//! Between taking a batch off the queue and answering it there is no `await`. A life can only be ended where it awaits, by
//! `CRASH` as by its supervisor: so no batch is ever lost half done, and what is answered is in the log. The writing blocks the
//! thread meanwhile; it is a copy into the page cache and far shorter than handing the batch to another thread and back.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use regrow::{BoxError, Context, NotifyStart, Worker};
use tokio::task;

use crate::{
    crash::Faults,
    data::Data,
    log::Log,
    names,
    queue::{Batch, Queue},
    replay::{Replay, ReplayError},
    resp::Writer,
};

/// The store as a child. A long log is no failure: its start has no time-out, and stop is obeyed during it.
pub(crate) fn worker(path: PathBuf, queue: Queue, faults: Faults) -> Worker {
    let path: Arc<Path> = path.into();
    Worker::with_notify_start(names::STORE, move |context, up| {
        serve(
            context,
            up,
            Arc::clone(&path),
            queue.clone(),
            faults.clone(),
        )
    })
    .no_start_timeout()
}

async fn serve(
    context: Context,
    up: NotifyStart,
    path: Arc<Path>,
    queue: Queue,
    faults: Faults,
) -> Result<(), BoxError> {
    let mut store = match context.until_stopped(Store::replay(&path)).await? {
        Ok(store) => store,
        Err(error) => {
            up.failed(error);
            return Ok(());
        }
    };
    let mut batches = context.until_stopped(queue.take_over()).await?;
    up.ready();
    let mut exposed = faults.expose(context);
    while let Some(batch) = exposed.rest(batches.recv()).await? {
        store.settle(batch)?;
    }
    Ok(())
}

struct Store {
    data: Data,
    log: Log,
    /// The records of the batch at hand.
    records: Writer,
}

impl Store {
    /// Reads the log from its beginning. Now and then it lets others run, and itself be stopped.
    async fn replay(path: &Path) -> Result<Self, ReplayError> {
        let mut replay = Replay::open(path)?;
        let (mut data, mut replies, mut records) =
            (Data::default(), Writer::default(), Writer::default());
        let mut count = 0_u64;
        while let Some(operation) = replay.next()? {
            if !data.apply(operation, &mut replies, &mut records) {
                return Err(replay.damaged("a change that changes nothing"));
            }
            replies.clear();
            records.clear();
            count += 1;
            if count % 4096 == 0 {
                task::yield_now().await;
            }
        }
        Ok(Self {
            data,
            log: replay.finish()?,
            records,
        })
    }

    /// Does a batch, logs its changes with one `write(2)`, and answers it.
    ///
    /// When the log cannot be written, what is in memory is ahead of it: the batch is answered with errors and the life ends,
    /// so that the next one has what the log has.
    fn settle(&mut self, batch: Batch) -> Result<(), BoxError> {
        let count = batch.operations.len();
        let mut replies = Writer::default();
        self.records.clear();
        for operation in batch.operations {
            self.data.apply(operation, &mut replies, &mut self.records);
        }
        let written = self.log.append(self.records.bytes());
        if let Err(error) = &written {
            replies = Writer::default();
            (0..count)
                .for_each(|_| replies.error(&format!("ERR the log cannot be written: {error}")));
        }
        // A client that has gone does not hear that it is done; it is done all the same.
        let _ = batch.answer.send(replies.into_bytes());
        written.map_err(Into::into)
    }
}
