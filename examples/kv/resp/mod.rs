//! The wire: RESP2, the protocol of Redis.
//!
//! [`Parser`] reads requests, piece by piece as they arrive; [`Writer`] writes replies, and the requests that the log keeps.

mod error;
mod inline;
mod parser;
mod writer;

pub(crate) use parser::{Parser, Request};
pub(crate) use writer::Writer;
