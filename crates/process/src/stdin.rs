//! What a program reads.
use crate::error::ProcessStartError;
use regrow_core::RuntimeName;
use std::{fs::File, path::PathBuf, process::Stdio};

/// What a program reads as its stdin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stdin {
    /// Nothing: it is at its end.
    #[default]
    Null,
    /// That of this process. A process group in the background is suspended when it reads from a terminal.
    Inherit,
    /// A file, opened for each life.
    File(PathBuf),
}

impl Stdin {
    pub(crate) fn open(&self, child: &RuntimeName) -> Result<Stdio, ProcessStartError> {
        match self {
            Self::Null => Ok(Stdio::null()),
            Self::Inherit => Ok(Stdio::inherit()),
            Self::File(file) => match File::open(file) {
                Ok(open) => Ok(open.into()),
                Err(source) => Err(ProcessStartError::NoStdin {
                    child: child.clone(),
                    file: file.clone(),
                    source,
                }),
            },
        }
    }
}
