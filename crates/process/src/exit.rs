//! How a process ended.
use std::{fmt, os::unix::process::ExitStatusExt, process::ExitStatus};

/// A program ended by itself, and not with code 0: the error of its life.
///
/// It is found in what a tree tells with `SharedError::find::<ProcessExit>`, in a start failure too.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ProcessExit {
    program: String,
    status: Option<ExitStatus>,
    last_lines: Vec<String>,
}

impl ProcessExit {
    pub(crate) const fn new(
        program: String,
        status: Option<ExitStatus>,
        last_lines: Vec<String>,
    ) -> Self {
        Self {
            program,
            status,
            last_lines,
        }
    }

    /// The program, as it was given.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Its exit code; none when a signal ended it, or when another part of this process took its status away.
    pub fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// The number of the signal that ended it.
    pub fn signal(&self) -> Option<i32> {
        self.status.and_then(|status| status.signal())
    }

    /// The last lines that it wrote to stderr, oldest first: ten at most, each cut to 500 bytes.
    pub fn last_lines(&self) -> &[String] {
        &self.last_lines
    }

    /// Whether it obeyed this signal: ended by it, or with the code by which shells and runtimes say so.
    pub(crate) fn obeyed(&self, signal: i32) -> bool {
        self.signal() == Some(signal) || self.code() == Some(128 + signal)
    }
}

/// In one line, the last lines of stderr included.
impl fmt::Display for ProcessExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = &self.program;
        match (self.code(), self.signal()) {
            (Some(code), _) => write!(f, "`{program}` exited with code {code}")?,
            (None, Some(signal)) => write!(f, "`{program}` was ended by signal {signal}")?,
            (None, None) => write!(
                f,
                "`{program}` ended, and its status is lost: see that nothing else in this program waits for its processes"
            )?,
        }
        if !self.last_lines.is_empty() {
            write!(f, "; its stderr ends with: {}", self.last_lines.join(" | "))?;
        }
        Ok(())
    }
}
