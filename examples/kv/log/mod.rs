//! The log: what keeps the data over the end of the process, and of the store.
//!
//! ```text
//! kv-data/
//!   lock           held by the one server of this directory
//!   base-00000003  all data as it stood at the end of log 3: made by the rewriter
//!   log-00000004   finished: ends with a closing mark
//!   log-00000005   the store appends to this one
//! ```
//!
//! Each file is a row of [frames](frame), each frame a row of changes. What is finished is never written again.

mod directory;
mod error;
pub(crate) mod frame;
mod replay;
mod rewrite;
mod status;
mod tail;
#[cfg(test)]
mod tests;

pub(crate) use directory::Directory;
pub(crate) use error::{LogError, NotWritten};
pub(crate) use replay::Replay;
pub(crate) use rewrite::Rewrite;
pub(crate) use status::Status;
pub(crate) use tail::Tail;
