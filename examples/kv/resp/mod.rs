//! The wire: RESP2, the protocol of Redis.
//!
//! [`Parser`] reads requests, piece by piece as they arrive; [`Writer`] writes replies, and the records that the log keeps.

mod error;
mod inline;
mod number;
mod parser;
mod writer;

pub(crate) use number::integer;
pub(crate) use parser::{BYTES, Parser, Request};
pub(crate) use writer::Writer;
