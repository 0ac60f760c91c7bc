//! Bugs of other supervision crates, as tests: what regrow does instead.
//!
//! Each was found by reading a peer's code and by poking it with programs of our own. One test stands for one bug and bears
//! its number; each module's docs name the peer and its version, and list those that have no test here, with the reason. The tests are
//! told on a paused clock, through the facade, in the notation of the acceptance stories.

#[allow(
    dead_code,
    unused_macros,
    reason = "the acceptance tests share it, and use more of it"
)]
#[path = "../acceptance/story.rs"]
mod story;

#[allow(
    dead_code,
    reason = "the acceptance tests share it, and use more of it"
)]
#[path = "../acceptance/puppet.rs"]
mod puppet;

mod props;

mod graceful_shutdown;
mod kameo;
mod others;
mod patterns;
mod ractor;
mod task_supervisor;
mod tokio_actors;
mod tokio_supervisor;
