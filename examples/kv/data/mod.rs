//! The data: keys and values in memory, and what each operation does to them.
//!
//! It decides and never waits: no file, no socket, no clock. What an operation comes to is written down as a [`Change`], which
//! is what the log keeps and what a replay does again.

mod change;
mod glob;
mod key;
mod operation;
mod read;
mod table;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use change::{Change, redo};
pub(crate) use glob::matches;
pub(crate) use key::Key;
pub(crate) use operation::{Condition, Expire, Lasting, Operation, Scan, Set, SetReply, Unless};
pub(crate) use table::{Cleared, Table};
pub(crate) use write::{NOT_AN_INTEGER, invalid_expire_time};
