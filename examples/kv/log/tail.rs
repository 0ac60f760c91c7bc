//! The tail: the log that the store appends to.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    sync::Arc,
};

use tokio::task;

use super::{
    directory::Directory,
    error::{LogError, NotWritten},
    frame,
    replay::Replay,
    status::Status,
};
use crate::settings::Fsync;

/// The end of the log, ready to append to. A record is written when `write(2)` has returned: it outlives the process. Whether it
/// outlives a loss of power, `--fsync` says.
pub(crate) struct Tail {
    directory: Directory,
    status: Arc<Status>,
    fsync: Fsync,
    file: Arc<File>,
    number: u64,
    length: u64,
    /// The frame that is written, kept for its memory.
    frame: Vec<u8>,
}

impl Tail {
    /// The tail of a log that is replayed to its end. A torn last frame is cut off, with a warning.
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
        let open = || {
            let mut options = OpenOptions::new();
            let file = options.create(true).append(true).open(&path)?;
            if end.torn > 0 {
                tracing::warn!(
                    file = %path.display(),
                    offset = end.length,
                    bytes = end.torn,
                    "the last frame of the log is torn and is cut off"
                );
                file.set_len(end.length)?;
            }
            directory.sync()?;
            Ok(Arc::new(file))
        };
        let file = open().map_err(|source| LogError::Io { path, source })?;
        status.opened(Arc::clone(&file), &end);
        Ok(Self {
            directory: directory.clone(),
            status: Arc::clone(status),
            fsync,
            file,
            number: end.log,
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
        if self.length == 0 && self.number > 1 {
            return Ok(self.number - 1);
        }
        let before = self.length;
        frame::seal(&[], &mut self.frame);
        // What is finished must not be torn by a loss of power.
        self.put(true)?;
        let (closed, number) = (self.number, self.number + 1);
        match self.begin(number) {
            Ok(file) => {
                self.status.rolled(Arc::clone(&file), self.length);
                (self.file, self.number, self.length) = (file, number, 0);
                Ok(closed)
            }
            Err(error) => {
                self.length = before;
                Err(self.undo(error))
            }
        }
    }

    /// Makes what is written outlive a loss of power.
    pub(crate) fn sync(&self) -> io::Result<()> {
        task::block_in_place(|| self.file.sync_data())
    }

    fn begin(&self, number: u64) -> io::Result<Arc<File>> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true);
        let file = file.open(self.directory.log(number))?;
        file.set_len(0)?;
        self.directory.sync()?;
        Ok(Arc::new(file))
    }

    /// Writes the frame.
    fn put(&mut self, sync: bool) -> Result<(), NotWritten> {
        let written = (&*self.file).write_all(&self.frame);
        let synced = written.and_then(|()| if sync { self.sync() } else { Ok(()) });
        self.frame.shrink_to(64 * 1024);
        if let Err(error) = synced {
            return Err(self.undo(error));
        }
        self.length += self.frame.len() as u64;
        self.status.wrote(self.length);
        Ok(())
    }

    /// Takes out what was written of a frame.
    fn undo(&self, error: io::Error) -> NotWritten {
        match self.file.set_len(self.length) {
            Ok(()) => NotWritten::Undone(error),
            Err(_) => NotWritten::Torn(error),
        }
    }
}
