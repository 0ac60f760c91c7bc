//! The seed of a test, so that what failed can be tried again.

use std::{env, thread};

use crate::random::Random;

/// The seed unless `KV_SEED` names another.
const SEED: u64 = 20_261_124;

/// A seed. When the test fails, it is told.
pub(crate) struct Seed(u64);

impl Seed {
    pub(crate) fn new() -> Self {
        let given = env::var("KV_SEED");
        Self(given.map_or(SEED, |seed| seed.parse().expect("KV_SEED is a number")))
    }

    /// The chance of one player: not that of another.
    pub(crate) fn random(&self, player: u64) -> Random {
        Random::new(self.0 ^ player.rotate_left(32))
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("to draw the same again: KV_SEED={}", self.0);
        }
    }
}
