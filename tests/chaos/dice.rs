//! Chance, drawn from a seed.

use std::time::Duration;

pub(crate) const fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// Splitmix64.
#[derive(Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The dice of one child, one life, or one user: not those of another.
    pub(crate) fn of(seed: u64, whose: &str, number: u64) -> Self {
        let fold = |at: u64, byte| (at ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let mut dice = Self(whose.bytes().fold(seed, fold) ^ number.rotate_left(32));
        dice.roll();
        dice
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn span(&mut self, most: u64) -> Duration {
        ms(self.below(most))
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = self.below(from.len().max(1) as u64);
        from.get(at as usize)
    }
}
