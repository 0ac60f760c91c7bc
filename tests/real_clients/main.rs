//! Real clients: `examples/kv` as a process of its own, with real sockets, signals, files and threads that block.
//!
//! What each file is about:
//!
//! - `serves`: what a client gets, from `redis-cli` and from a client of our own;
//! - `regrows`: what a client notices of a crash, and what it does not;
//! - `starts`: what is refused at the start, and what is found again there;
//! - `stops`: how the process ends.
//!
//! Every wait is for a condition, with a bound of 30 s. What needs `redis-cli` or `redis-benchmark` (package `redis-tools`) is
//! skipped where they are not installed, loudly, and fails instead when `REGROW_REQUIRE_SERVICES=1`.

mod binary;
mod client;
mod directory;
mod redis_tools;
mod regrows;
mod server;
mod serves;
mod starts;
mod stops;
mod wait;
