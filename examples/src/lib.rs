//! The examples of regrow; this library is empty, they stand beside it.
//!
//! - `kv/`: a key-value server that speaks the protocol of Redis: `cargo run --release --example kv`
