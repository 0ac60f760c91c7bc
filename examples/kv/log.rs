//! The log: each change to the data, appended to a file before it is acknowledged.
//!
//! A record is the command that made the change, as a client would send it. A record is written when `write(2)` has returned:
//! it outlives the process, not the loss of power. [`crate::replay`] reads it back.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The log's file, ready to append to.
pub(crate) struct Log {
    file: File,
    length: u64,
}

/// Makes the directory and the log's file in it, if they are not there, and makes sure that the file can be written.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn prepare(directory: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(directory)?;
    let path = directory.join("kv.log");
    OpenOptions::new().create(true).append(true).open(&path)?;
    Ok(path)
}

impl Log {
    /// A log that is read to its end: the file appends, and has that length.
    pub(crate) fn new(file: File, length: u64) -> Self {
        Self { file, length }
    }

    /// Appends records.
    ///
    /// # Errors
    ///
    /// What the file system says. Then none of the records is in the log, or the next replay finds what of them could not be
    /// taken out again.
    pub(crate) fn append(&mut self, records: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(records) {
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += records.len() as u64;
        Ok(())
    }
}
