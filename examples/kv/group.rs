//! A group: asks that are done in memory together, written as one frame, and then answered.
//!
//! When the frame cannot be written, the whole group is taken back and done once more with its changes refused: reads are answered,
//! and nobody sees what was not written.

use std::{fmt, io, mem, sync::Arc};

use regrow::BoxError;

use crate::{
    clock,
    data::{Cleared, Table},
    freed::FreedAside,
    log::{NotWritten, Status, Tail},
    queue::{Answer, Ask, Batch, Refused},
    resp::Writer,
};

/// The size of replies and of records from which on no more operations are done before these are out.
pub(crate) const ENOUGH: usize = 1024 * 1024;

/// How large the records of a sweep are: others wait for it.
const SWEEP: usize = 32 * 1024;

/// Why changes are refused while the log is suspect.
const SUSPECT: &str = "it could not be flushed and is being rewritten";

/// What the store holds while it is up.
pub(crate) struct Group {
    table: FreedAside<Table>,
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
    pub(crate) fn new(table: FreedAside<Table>, tail: Tail, status: Arc<Status>) -> Self {
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

    /// Makes all that was answered outlive a loss of power.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn flush(&self) -> io::Result<()> {
        self.tail.sync()
    }

    /// Does what is asked, in order, and answers it.
    ///
    /// # Errors
    ///
    /// The log is torn: nothing may be written behind that. This life is to end, and the next one to cut it off; what is asked
    /// and not answered is lost.
    pub(crate) fn settle(&mut self, asks: impl Iterator<Item = Ask>) -> Result<(), BoxError> {
        let now = clock::now();
        for ask in asks {
            // What is appended behind what may be lost may be lost with it.
            let is_suspect = self.status.facts().is_suspect();
            match ask {
                Ask::Batch(batch) => {
                    let refusal = is_suspect.then(|| refusal(&SUSPECT));
                    let done = self.run(&batch, now, refusal.as_deref());
                    self.done.push((batch, done));
                    // Who has seen nothing that is not written is answered at once.
                    if !(1..ENOUGH).contains(&self.records.len()) {
                        self.write(now)?;
                    }
                }
                // Nobody sees the keys meanwhile.
                Ask::Sweep(answer) if is_suspect => {
                    let _ = answer.send(Ok(false));
                }
                Ask::Sweep(answer) => {
                    self.write(now)?;
                    let more = self.table.sweep(SWEEP, now, &mut self.records);
                    reply(answer, self.put().map(|()| more))?;
                }
                Ask::Roll(answer) => {
                    self.write(now)?;
                    reply(answer, self.tail.roll())?;
                }
            }
        }
        self.write(now)
    }

    /// Writes what is done, and answers it.
    fn write(&mut self, now: i64) -> Result<(), BoxError> {
        match self.put() {
            Ok(()) => {}
            Err(NotWritten::Undone(error)) => {
                let refusal = refusal(&error);
                for (batch, _) in mem::take(&mut self.done) {
                    let done = self.run(&batch, now, Some(&refusal));
                    self.done.push((batch, done));
                }
            }
            Err(NotWritten::Torn(error)) => {
                // Whether it was done, the next life finds out.
                self.done.clear();
                return Err(error.into());
            }
        }
        self.done.drain(..).for_each(|(batch, done)| {
            let mut rest = batch.operations;
            rest.drain(..done.count);
            let replies = done.replies.into_bytes();
            // A client that has gone does not hear that it is done; it is done all the same.
            let _ = batch.answer.send(Answer { replies, rest });
        });
        Ok(())
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
            Ok(()) => free(self.table.commit()),
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

/// Frees what was cleared where nobody waits for it.
fn free(cleared: Cleared) {
    if !cleared.is_empty() {
        drop(FreedAside::new(cleared));
    }
}

/// What Redis answers to a change that cannot be logged.
fn refusal(why: &impl fmt::Display) -> String {
    format!("MISCONF Errors writing to the AOF file: {why}")
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::sync::oneshot;

    use super::*;
    use crate::{
        data::{Key, Operation},
        log::{Directory, Replay},
        scratch::Scratch,
        settings::Fsync,
    };

    fn group(directory: &Directory) -> Group {
        let (mut replay, mut table) = (Replay::all(directory).unwrap(), Table::default());
        while replay.step(&mut table).unwrap() {}
        let status = Arc::new(Status::new(u64::MAX));
        let tail = Tail::after(&replay, directory, &status, Fsync::No).unwrap();
        Group::new(FreedAside::new(table), tail, status)
    }

    fn key() -> Key {
        Key::new(Bytes::from_static(b"k"))
    }

    fn batch(operations: &[Operation]) -> (Ask, oneshot::Receiver<Answer>) {
        let (answer, reply) = oneshot::channel();
        let operations = operations.to_vec();
        (Ask::Batch(Batch { operations, answer }), reply)
    }

    fn replies(answer: Answer) -> String {
        String::from_utf8(answer.replies).unwrap()
    }

    #[test]
    fn many_replies_come_in_pieces() {
        let scratch = Scratch::new();
        let mut group = group(&Directory::lock(scratch.path()).unwrap());
        let large = Bytes::from(vec![b'x'; ENOUGH / 2]);
        let (ask, mut reply) = batch(&[
            Operation::Append(key(), large),
            Operation::Get(key()),
            Operation::Get(key()),
            Operation::Get(key()),
            Operation::Strlen(key()),
        ]);
        group.settle([ask].into_iter()).unwrap();
        let first = reply.try_recv().unwrap();
        assert_eq!(
            first.rest,
            [Operation::Get(key()), Operation::Strlen(key())]
        );
        assert!(replies(first).len() > ENOUGH);
    }

    #[test]
    fn what_is_done_at_once_is_one_frame() {
        let scratch = Scratch::new();
        let directory = Directory::lock(scratch.path()).unwrap();
        let mut first = group(&directory);
        let add = [Operation::Add(key(), 1), Operation::Get(key())];
        let (asks, mut waiting): (Vec<_>, Vec<_>) = (0..3).map(|_| batch(&add)).unzip();
        first.settle(asks.into_iter()).unwrap();
        let told = waiting
            .iter_mut()
            .map(|reply| replies(reply.try_recv().unwrap()));
        let expected = [
            ":1\r\n$1\r\n1\r\n",
            ":2\r\n$1\r\n2\r\n",
            ":3\r\n$1\r\n3\r\n",
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        let log = std::fs::read(directory.log(1)).unwrap();
        assert_eq!(log.iter().filter(|byte| **byte == b'#').count(), 1);
        let mut second = group(&directory);
        let (ask, mut reply) = batch(&[Operation::Get(key())]);
        second.settle([ask].into_iter()).unwrap();
        assert_eq!(replies(reply.try_recv().unwrap()), "$1\r\n3\r\n");
    }

    #[test]
    fn changes_are_refused_while_the_log_is_suspect() {
        let scratch = Scratch::new();
        let mut group = group(&Directory::lock(scratch.path()).unwrap());
        let operations = [Operation::Add(key(), 1), Operation::Get(key())];
        let (ask, mut reply) = batch(&operations);
        group.status.suspect(1);
        group.settle([ask].into_iter()).unwrap();
        let told = replies(reply.try_recv().unwrap());
        assert!(told.starts_with("-MISCONF Errors writing"), "{told}");
        assert!(told.ends_with("\r\n$-1\r\n"), "{told}");
        group.status.rewrote(1, 0);
        let (ask, mut reply) = batch(&operations);
        group.settle([ask].into_iter()).unwrap();
        assert_eq!(replies(reply.try_recv().unwrap()), ":1\r\n$1\r\n1\r\n");
    }

    /// A log that takes nothing and cannot be cut.
    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_is_done_once_the_log_is_torn() {
        let scratch = Scratch::new();
        let directory = Directory::lock(scratch.path()).unwrap();
        std::os::unix::fs::symlink("/dev/full", directory.log(1)).unwrap();
        let mut group = group(&directory);
        let change = [Operation::Get(key()), Operation::Add(key(), 1)];
        let (first, mut told) = batch(&change);
        let (rolled, mut roll) = oneshot::channel();
        let (last, mut lost) = batch(&change);
        let asks = [first, Ask::Roll(rolled), last];
        let error = group.settle(asks.into_iter()).unwrap_err();
        assert!(error.to_string().contains("No space left"), "{error}");
        // Whether it was done is not known, so nobody is told anything.
        assert!(told.try_recv().is_err() && roll.try_recv().is_err() && lost.try_recv().is_err());
    }
}
