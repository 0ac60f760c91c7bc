//! Why a program did not come up.
use crate::exit::ProcessExit;
use regrow_core::RuntimeName;
use std::{io, path::PathBuf};

/// Why a process child did not come up: what its `StartFailure` holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessStartError {
    /// There is no such program, or no interpreter for it.
    #[error(
        "{child}: the program `{program}` was not found: give its path, or see that PATH and its first line lead to it"
    )]
    #[non_exhaustive]
    NotFound {
        /// The child.
        child: RuntimeName,
        /// The program, as it was given.
        program: String,
    },
    /// The program is there, and may not be run.
    #[error(
        "{child}: `{program}` may not be run: see that it is a file, and executable for this user"
    )]
    #[non_exhaustive]
    NotExecutable {
        /// The child.
        child: RuntimeName,
        /// The program, as it was given.
        program: String,
    },
    /// The directory to run it in is none.
    #[error("{child}: cannot run `{program}` in {}: it is no directory", directory.display())]
    #[non_exhaustive]
    NoDirectory {
        /// The child.
        child: RuntimeName,
        /// The program, as it was given.
        program: String,
        /// The directory.
        directory: PathBuf,
    },
    /// The file for its stdin cannot be opened.
    #[error("{child}: cannot open {} as the stdin of its program", file.display())]
    #[non_exhaustive]
    NoStdin {
        /// The child.
        child: RuntimeName,
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system refused it otherwise: too many processes or open files, say.
    #[error("{child}: cannot run `{program}`")]
    #[non_exhaustive]
    Refused {
        /// The child.
        child: RuntimeName,
        /// The program, as it was given.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// It ended before it was ready.
    #[error("{child}: ended before it was ready")]
    #[non_exhaustive]
    Ended {
        /// The child.
        child: RuntimeName,
        /// How it ended; its code may be 0.
        source: ProcessExit,
    },
}
