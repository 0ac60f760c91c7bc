//! A group: asks that are done in memory together, written as one frame, and then answered.
//!
//! When the frame cannot be written, the whole group is taken back and done once more with its changes refused: reads are answered,
//! and nobody sees what was not written.

use std::sync::Arc;

use regrow::BoxError;

use crate::{
    clock,
    data::Table,
    log::{NotWritten, Status, Tail},
    queue::{Answer, Ask, Batch, Refused},
    resp::Writer,
};

/// The size of replies and of records from which on no more operations are done before these are out.
const ENOUGH: usize = 1024 * 1024;

/// How many expired keys are deleted at once.
pub(crate) const SWEEP: usize = 1000;

/// What the store holds while it is up.
pub(crate) struct Group {
    table: Table,
    tail: Tail,
    status: Arc<Status>,
    /// Batches that are done and not written, with their replies.
    done: Vec<(Batch, Done)>,
    /// Their records.
    records: Writer,
}

/// How far a batch was done.
struct Done {
    replies: Writer,
    count: usize,
}

impl Group {
    pub(crate) fn new(table: Table, tail: Tail, status: Arc<Status>) -> Self {
        let group = Self {
            table,
            tail,
            status,
            done: Vec::new(),
            records: Writer::default(),
        };
        group.tell();
        group
    }

    pub(crate) fn into_tail(self) -> Tail {
        self.tail
    }

    /// Does what is asked, in order, and answers it.
    ///
    /// # Errors
    ///
    /// The log is torn: this life is to end, and the next one to find what there is. All asks are answered.
    pub(crate) fn settle(&mut self, asks: impl Iterator<Item = Ask>) -> Result<(), BoxError> {
        let now = clock::now();
        let mut torn = Ok(());
        for ask in asks {
            let written = match ask {
                Ask::Batch(batch) => {
                    let done = self.run(&batch, now, None);
                    self.done.push((batch, done));
                    // Who has seen nothing that is not written is answered at once.
                    if (1..ENOUGH).contains(&self.records.len()) {
                        continue;
                    }
                    self.write(now)
                }
                Ask::Sweep(answer) => self.write(now).and_then(|()| {
                    let count = self.table.sweep(SWEEP, now, &mut self.records);
                    let swept = self.put().map(|()| count);
                    reply(answer, swept)
                }),
                Ask::Roll(answer) => self
                    .write(now)
                    .and_then(|()| reply(answer, self.tail.roll())),
            };
            torn = torn.and(written);
        }
        torn.and(self.write(now))
    }

    /// Writes what is done, and answers it.
    fn write(&mut self, now: i64) -> Result<(), BoxError> {
        let written = self.put();
        if let Err(error) = &written {
            let refusal = format!("MISCONF Errors writing to the AOF file: {error}");
            let batches = std::mem::take(&mut self.done);
            for (batch, _) in batches {
                let done = self.run(&batch, now, Some(&refusal));
                self.done.push((batch, done));
            }
        }
        self.done.drain(..).for_each(|(batch, done)| {
            let mut rest = batch.operations;
            rest.drain(..done.count);
            let replies = done.replies.into_bytes();
            // A client that has gone does not hear that it is done; it is done all the same.
            let _ = batch.answer.send(Answer { replies, rest });
        });
        match written {
            Err(NotWritten::Torn(error)) => Err(error.into()),
            Ok(()) | Err(NotWritten::Undone(_)) => Ok(()),
        }
    }

    /// Does a batch in memory, or as much of it as fits into one answer.
    fn run(&mut self, batch: &Batch, now: i64, refusal: Option<&str>) -> Done {
        let mut replies = Writer::default();
        let mut count = 0;
        for operation in &batch.operations {
            match refusal.filter(|_| operation.is_change()) {
                Some(refusal) => replies.error(refusal.as_bytes()),
                None => self
                    .table
                    .apply(operation, now, &mut replies, &mut self.records),
            }
            count += 1;
            if replies.len() >= ENOUGH || self.records.len() >= ENOUGH {
                break;
            }
        }
        Done { replies, count }
    }

    /// Writes the records; when that fails, what they tell is taken back.
    fn put(&mut self) -> Result<(), NotWritten> {
        let written = match self.records.bytes() {
            [] => return Ok(()),
            records => self.tail.append(records),
        };
        self.records.clear();
        match &written {
            Ok(()) => self.table.commit(),
            Err(_) => self.table.roll_back(),
        }
        self.tell();
        written
    }

    fn tell(&self) {
        let Self { table, status, .. } = self;
        status.holds(table.len(), table.mortal(), table.earliest());
    }
}

/// Answers who is not a client.
fn reply<T>(
    answer: tokio::sync::oneshot::Sender<Result<T, Refused>>,
    result: Result<T, NotWritten>,
) -> Result<(), BoxError> {
    let (told, torn) = match result {
        Ok(value) => (Ok(value), Ok(())),
        Err(NotWritten::Undone(error)) => (Err(Refused(error.to_string())), Ok(())),
        Err(NotWritten::Torn(error)) => (Err(Refused(error.to_string())), Err(error.into())),
    };
    let _ = answer.send(told);
    torn
}
