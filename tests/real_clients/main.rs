//! Real clients: `examples/kv` as a process of its own, with real sockets, signals, files and threads that block.
//!
//! What each file is about:
//!
//! - `serves`: what a client gets, from `redis-cli` and from a client of our own;
//! - `regrows`: what a client notices of a crash, and what it does not;
//! - `crashes`: crashes of everything, again and again, and what they must not cost;
//! - `limits`: what a client may not do, and what that costs the others: nothing;
//! - `extremes`: clients that are as large, as fast or as rude as can be, and what others notice of them;
//! - `starts`: what is refused at the start;
//! - `configs`: numbers of the tree from a file;
//! - `logs`: the log on the disk: what is found again there, and how it is rewritten;
//! - `damages`: a log that is torn, damaged or incomplete;
//! - `full_disk`: a log that has no room, and has room again;
//! - `stops`: how the process ends;
//! - `like_redis`: whether replies are those of a real Redis, to ten thousand random sequences of commands among others;
//! - `glob_like_redis`: whether patterns match the same keys as there;
//! - `redis_crate`: what a client gets that others keep, the crate `redis`.
//!
//! Every wait is for a condition, with a bound of 30 s. What needs `redis-cli` or `redis-benchmark` (package `redis-tools`), a real Redis
//! 7 (`real_redis` tells where it is looked for), or a disk that only root can make, is skipped where it cannot be had, loudly, and
//! fails instead when `REGROW_REQUIRE_SERVICES=1`. What is drawn by chance is drawn from a seed, which a failure tells and `KV_SEED`
//! sets.

mod agreement;
mod binary;
mod client;
mod command;
mod configs;
mod crasher;
mod crashes;
mod damages;
mod directory;
mod disk;
mod dump;
mod extremes;
mod full_disk;
mod glob_like_redis;
mod ledger;
mod ledgers;
mod like_redis;
mod limits;
mod log_files;
mod logs;
mod pair;
mod random;
mod real_redis;
mod redis_crate;
mod redis_tools;
mod regrows;
mod seed;
mod sequence;
mod server;
mod serves;
mod skip;
mod starts;
mod stops;
mod wait;
mod word;
