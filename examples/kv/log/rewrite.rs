//! The rewrite: base and finished logs become a new base, which has each key once.
//!
//! It reads files that nobody writes, and has the data in memory once more while it does. What it makes counts from the moment
//! in which it is renamed; before that it can end anywhere and leaves nothing.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::PathBuf,
    sync::Arc,
};

use tokio::task;

use super::{
    directory::{Alone, Directory},
    error::LogError,
    frame,
    replay::Replay,
    status::Status,
};
use crate::{
    data::{Change, Key, Table},
    freed::FreedAside,
    resp::Writer,
};

/// How large a frame of a base is, more or less.
const FRAME: usize = 64 * 1024;

/// A rewrite that is under way.
pub(crate) struct Rewrite {
    directory: Directory,
    number: u64,
    replay: Replay,
    table: FreedAside<Table>,
    draft: Draft,
    length: u64,
    /// Everything up to this key is written.
    last: Option<Key>,
    frame: Vec<u8>,
    alone: Alone,
}

/// The new base until it is one; removed when it does not become one.
struct Draft {
    path: PathBuf,
    file: Arc<File>,
}

impl Rewrite {
    /// A rewrite of all up to that log, which is finished.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn up_to(
        number: u64,
        directory: &Directory,
        alone: Alone,
    ) -> Result<Self, LogError> {
        let replay = Replay::finished(directory, number)?;
        let path = directory.draft(number);
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).open(&path);
        let file = file.map_err(|source| LogError::Io {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            directory: directory.clone(),
            number,
            replay,
            table: FreedAside::new(Table::default()),
            draft: Draft {
                path,
                file: Arc::new(file),
            },
            length: 0,
            last: None,
            frame: Vec::new(),
            alone,
        })
    }

    /// Does a piece. Returns whether there is more to do.
    ///
    /// # Errors
    ///
    /// What the file system says, or that a log is damaged.
    pub(crate) fn step(&mut self) -> Result<bool, LogError> {
        if self.last.is_none() && self.replay.step(&mut self.table)? {
            return Ok(true);
        }
        let mut records = Writer::default();
        let first = self.last.clone().unwrap_or_else(|| Key::first_of(0));
        let rest = self.table.from(first);
        let rest = rest.skip_while(|(key, _)| Some(*key) == self.last.as_ref());
        let mut last = None;
        for (key, entry) in rest {
            // Expired ones too: the log that goes on tells that they are deleted.
            Change::Set {
                key,
                value: &entry.value,
                deadline: entry.deadline,
            }
            .write(&mut records);
            last = Some(key.clone());
            if records.len() >= FRAME {
                break;
            }
        }
        if last.is_some() {
            self.put(records.bytes())?;
            self.last = last;
        }
        Ok(self.last.is_some() && records.len() > 0)
    }

    /// Makes it the base, and removes what it replaces. The disk is waited for on a thread that is there for it.
    ///
    /// # Errors
    ///
    /// What the file system says.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it becomes the base or not. Whoever reads next waits until that is so: the thread takes along that it is alone.
    pub(crate) async fn finish(mut self, status: Arc<Status>) -> Result<(), LogError> {
        self.put(&[])?;
        let Self {
            directory,
            number,
            draft,
            length,
            alone,
            ..
        } = self;
        let finished = task::spawn_blocking(move || {
            let renamed = || {
                draft.file.sync_all()?;
                fs::rename(&draft.path, directory.base(number))?;
                directory.sync()
            };
            let made = renamed().map_err(|source| draft.io(source));
            let made = made.and_then(|()| {
                status.rewrote(number, length);
                directory.remove_replaced()
            });
            // In this order: once others may change files, a draft of that name may be theirs.
            drop(draft);
            drop(alone);
            made
        });
        match finished.await {
            Ok(finished) => finished,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    fn put(&mut self, records: &[u8]) -> Result<(), LogError> {
        frame::seal(records, &mut self.frame);
        let written = (&*self.draft.file).write_all(&self.frame);
        written.map_err(|source| self.draft.io(source))?;
        self.length += self.frame.len() as u64;
        Ok(())
    }
}

impl Draft {
    fn io(&self, source: std::io::Error) -> LogError {
        LogError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Once it is renamed there is nothing here.
        let _ = fs::remove_file(&self.path);
    }
}
