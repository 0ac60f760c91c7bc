//! What can go wrong with the log: each says where, and how to go on.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why the directory cannot be used.
#[derive(Debug, Error)]
pub(crate) enum DirectoryError {
    #[error("the directory {} is in use by another kv; give this one a --dir of its own", path.display())]
    InUse { path: PathBuf },
    #[error("cannot write to the directory {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// Why the log cannot be replayed.
#[derive(Debug, Error)]
pub(crate) enum LogError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "the log is damaged: {} at byte {offset}: {what}; all before it is whole. \
         To go on with that alone, keep a copy of the directory and run: {advice}",
        path.display()
    )]
    Damaged {
        path: PathBuf,
        offset: u64,
        what: String,
        /// Commands for a shell.
        advice: String,
    },
    #[error(
        "the log is incomplete: {what} is missing; put it back. \
         To go on with what was before it, keep a copy of the directory and run: {advice}"
    )]
    Missing { what: String, advice: String },
}

impl LogError {
    /// Whether it would be the same when tried again.
    pub(crate) fn is_final(&self) -> bool {
        !matches!(self, Self::Io { .. })
    }

    /// What is wrong and where, without advice: that is for when the server does not run.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Io { .. } => self.to_string(),
            Self::Damaged {
                path, offset, what, ..
            } => format!("{} at byte {offset}: {what}", path.display()),
            Self::Missing { what, .. } => format!("{what} is missing"),
        }
    }
}

/// Why records were not written.
#[derive(Debug, Error)]
pub(crate) enum NotWritten {
    /// What of them was written is taken out again.
    #[error("{0}")]
    Undone(io::Error),
    /// What of them was written could not be taken out: the next replay finds it.
    #[error("{0}, and what was written of it cannot be taken out")]
    Torn(io::Error),
}
