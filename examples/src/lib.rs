//! The examples of regrow; this library is empty, they stand beside it.
//!
//! - `01_first_tree.rs`: a tree that starts, is broken, regrows and stops.
//! - `kv/`: a key-value server that speaks the protocol of Redis: `cargo run --release --example kv`
