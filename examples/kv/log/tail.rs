//! The tail: the log that the store appends to.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    sync::Arc,
};

use tokio::task;

use super::{
    directory::Directory,
    error::{LogError, NotWritten},
    frame,
    replay::Replay,
    status::{OpenLog, Status},
};
use crate::settings::Fsync;

/// How much memory is kept for the next frame.
const KEPT: usize = 64 * 1024;

/// The end of the log, ready to append to. A record is written when `write(2)` has returned: it outlives the process. Whether it
/// outlives a loss of power, `--fsync` says.
pub(crate) struct Tail {
    directory: Directory,
    status: Arc<Status>,
    fsync: Fsync,
    log: OpenLog,
    length: u64,
    /// The frame that is written, kept for its memory.
    frame: Vec<u8>,
}

impl Tail {
    /// The tail of a log that is replayed to its end. A torn last frame is cut off, with a warning; what replaced or unfinished
    /// files there are is removed.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn after(
        replay: &Replay,
        directory: &Directory,
        status: &Arc<Status>,
        fsync: Fsync,
    ) -> Result<Self, LogError> {
        let end = replay.end();
        let path = directory.log(end.log);
        // What is not flushed makes the log suspect: changes are refused then, and reads go on.
        let flush = |log: &OpenLog| {
            if let Err(error) = task::block_in_place(|| status.sync(log)) {
                tracing::error!(%error, "the log cannot be flushed");
            }
        };
        let open = || {
            // The process may have ended between finishing the last log and flushing it: nothing may follow what can be lost.
            if let Ok(file) = File::open(directory.log(end.log - 1)) {
                flush(&OpenLog {
                    number: end.log - 1,
                    file: Arc::new(file),
                });
            }
            let file = OpenOptions::new().create(true).append(true).open(&path)?;
            if end.torn > 0 {
                tracing::warn!(
                    file = %path.display(),
                    offset = end.length,
                    bytes = end.torn,
                    "the last frame of the log is torn and is cut off"
                );
                file.set_len(end.length)?;
            }
            let log = OpenLog {
                number: end.log,
                file: Arc::new(file),
            };
            if fsync == Fsync::Always {
                flush(&log);
            }
            directory.sync()?;
            Ok(log)
        };
        let log = open().map_err(|source| LogError::Io { path, source })?;
        directory.remove_drafts()?;
        directory.remove_replaced()?;
        status.opened(log.clone(), &end);
        Ok(Self {
            directory: directory.clone(),
            status: Arc::clone(status),
            fsync,
            log,
            length: end.length,
            frame: Vec::new(),
        })
    }

    /// Appends records as one frame.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn append(&mut self, records: &[u8]) -> Result<(), NotWritten> {
        frame::seal(records, &mut self.frame);
        self.put(self.fsync == Fsync::Always)
    }

    /// Finishes this log and begins the next, unless nothing is in it. Returns the number of the last one that is finished.
    ///
    /// # Errors
    ///
    /// What the file system says; then this log goes on.
    pub(crate) fn roll(&mut self) -> Result<u64, NotWritten> {
        let is_new = self.length == 0 && self.log.number > 1;
        // One that could not be flushed must be replaced, even if nothing is in it.
        if is_new && !self.status.facts().is_suspect() {
            return Ok(self.log.number - 1);
        }
        let before = self.length;
        frame::seal(&[], &mut self.frame);
        // What is finished must not be torn by a loss of power.
        self.put(true)?;
        let next = self.log.number + 1;
        match self.begin(next) {
            Ok(log) => {
                self.status.rolled(log.clone(), self.length);
                (self.log, self.length) = (log, 0);
                Ok(next - 1)
            }
            Err(error) => {
                // It is empty, and as good as not there.
                let _ = fs::remove_file(self.directory.log(next));
                self.length = before;
                Err(self.undo(error))
            }
        }
    }

    /// Makes what is written outlive a loss of power.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn sync(&self) -> io::Result<()> {
        task::block_in_place(|| self.status.sync(&self.log))
    }

    fn begin(&self, number: u64) -> io::Result<OpenLog> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true);
        let file = file.open(self.directory.log(number))?;
        self.directory.sync()?;
        Ok(OpenLog {
            number,
            file: Arc::new(file),
        })
    }

    /// Writes the frame.
    fn put(&mut self, sync: bool) -> Result<(), NotWritten> {
        let written = (&*self.log.file).write_all(&self.frame);
        let synced = written.and_then(|()| if sync { self.sync() } else { Ok(()) });
        if let Err(error) = synced {
            return Err(self.undo(error));
        }
        self.length += self.frame.len() as u64;
        self.status.wrote(self.length);
        self.frame.clear();
        self.frame.shrink_to(KEPT);
        Ok(())
    }

    /// Takes out what was written of a frame.
    fn undo(&self, error: io::Error) -> NotWritten {
        self.status.refused();
        if self.log.file.set_len(self.length).is_err() {
            return NotWritten::Torn(error);
        }
        if self.fsync == Fsync::Always {
            // If even that is not flushed, the log is suspect now, and nothing is written behind it.
            let _ = self.sync();
        }
        NotWritten::Undone(error)
    }
}
