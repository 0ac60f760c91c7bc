//! Real clients: `examples/kv` as a process of its own, with real sockets, signals, files and threads that block.
//!
//! What each file is about:
//!
//! - `serves`: what a client gets, from `redis-cli` and from a client of our own;
//! - `regrows`: what a client notices of a crash, and what it does not;
//! - `starts`: what is refused at the start, and what is found again there;
//! - `stops`: how the process ends;
//! - `like_redis`: whether replies are those of a real Redis, to ten thousand random sequences of commands among others;
//! - `glob_like_redis`: whether patterns match the same keys as there;
//! - `redis_crate`: what a client gets that others keep, the crate `redis`.
//!
//! Every wait is for a condition, with a bound of 30 s. What needs `redis-cli` or `redis-benchmark` (package `redis-tools`) is
//! skipped where they are not installed, loudly, and fails instead when `REGROW_REQUIRE_SERVICES=1`; likewise what needs a real Redis 7
//! and finds none (`real_redis` tells where it is looked for).

mod agreement;
mod binary;
mod client;
mod command;
mod directory;
mod glob_like_redis;
mod like_redis;
mod pair;
mod random;
mod real_redis;
mod redis_crate;
mod redis_tools;
mod regrows;
mod sequence;
mod server;
mod serves;
mod skip;
mod starts;
mod stops;
mod wait;
mod word;
