//! Why there is no place where a life could run.
use regrow_core::RuntimeName;
use std::io;

/// Why there is no place where a life could run: no thread, or no runtime.
///
/// It is the error of a start that failed for that.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The system gave no thread.
    #[error(
        "{child}: the system gives no thread: {source}; end some threads, or raise the limit of the process or its memory"
    )]
    NoThread {
        /// The full name of the child.
        child: RuntimeName,
        /// What the system said.
        source: io::Error,
    },
    /// There is no runtime for a life whose futures stay on one thread.
    #[error("{child}: no runtime for its thread: {source}; close some files, or raise their limit")]
    NoRuntime {
        /// The full name of the child.
        child: RuntimeName,
        /// What the system said.
        source: io::Error,
    },
    /// The runtime that it was to run on is shut down.
    #[error(
        "{child}: the runtime that it is to run on is shut down: keep that for as long as the tree"
    )]
    RuntimeGone {
        /// The full name of the child.
        child: RuntimeName,
    },
}
