//! The parts of kv that read bytes, taken out of the example as they stand, with what must hold of them.

#![allow(
    dead_code,
    unused_imports,
    reason = "kv uses them, the fuzzer does not"
)]

#[path = "../../../examples/kv/command/mod.rs"]
mod command;
#[path = "../../../examples/kv/data/mod.rs"]
mod data;
#[path = "../../../examples/kv/fault.rs"]
mod fault;
#[path = "../../../examples/kv/log"]
mod log {
    pub(crate) mod frame;
}
#[path = "../../../examples/kv/properties.rs"]
mod properties;
#[path = "../../../examples/kv/resp/mod.rs"]
mod resp;

/// Tries bytes on the parser.
pub fn parser(bytes: &[u8]) {
    properties::parser(bytes);
}

/// Tries bytes on the reader of the log.
pub fn log(bytes: &[u8]) {
    properties::log(bytes);
}
