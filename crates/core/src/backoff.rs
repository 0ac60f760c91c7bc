//! How long a child waits before it is started again.
use std::time::Duration;

/// The wait before an automatic restart of a child (semantics 16). A child has none by default.
///
/// A wait never blocks the supervisor, and a shutdown cuts it short.
///
/// ```
/// use regrow_core::Backoff;
/// use std::time::Duration;
///
/// let ms = Duration::from_millis;
/// let backoff = Backoff::exponential(ms(100), ms(350)).without_jitter();
/// let waits: Vec<_> = (0..4).map(|failures| backoff.wait(failures, 0)).collect();
/// assert_eq!(waits, [ms(100), ms(200), ms(350), ms(350)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    jitter: bool,
    reset_after: Duration,
}

impl Backoff {
    /// Always waits `wait`.
    pub const fn constant(wait: Duration) -> Self {
        Self {
            first: wait,
            cap: wait,
            jitter: false,
            reset_after: wait,
        }
    }

    /// Waits `first`, then twice as long after each further failure in a row, never longer than
    /// `cap`. With jitter: a wait is cut to between half of it and all of it, by chance.
    pub const fn exponential(first: Duration, cap: Duration) -> Self {
        Self {
            first,
            cap,
            jitter: true,
            reset_after: cap,
        }
    }

    /// Takes the chance out of the waits.
    #[must_use]
    pub const fn without_jitter(mut self) -> Self {
        self.jitter = false;
        self
    }

    /// Begins anew when the child has been up for `span`. Without this, the longest wait is the
    /// span.
    #[must_use]
    pub const fn reset_after(mut self, span: Duration) -> Self {
        self.reset_after = span;
        self
    }

    /// How long a child must be up for its failures to be forgotten.
    pub const fn resets_after(&self) -> Duration {
        self.reset_after
    }

    /// The shortest wait.
    pub const fn first(&self) -> Duration {
        self.first
    }

    /// The longest wait.
    pub const fn cap(&self) -> Duration {
        self.cap
    }

    /// The wait after `failures` earlier failures in a row. The same `seed` gives the same wait.
    pub fn wait(&self, failures: u32, seed: u64) -> Duration {
        let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        let wait = self.first.saturating_mul(factor).min(self.cap);
        if self.jitter {
            let half = wait / 2;
            half + (wait - half).mul_f64(chance(seed))
        } else {
            wait
        }
    }
}

/// A number from 0 to 1 out of a seed (one step of splitmix64).
fn chance(seed: u64) -> f64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    #[test]
    fn a_constant_wait_stays_what_it_is() {
        let backoff = Backoff::constant(ms(70));
        assert!([0, 1, 7, u32::MAX].map(|n| backoff.wait(n, 5)) == [ms(70); 4]);
        assert_eq!(backoff.resets_after(), ms(70));
    }

    #[test]
    fn a_growing_wait_ends_at_its_cap_and_never_overflows() {
        let backoff = Backoff::exponential(ms(3), Duration::MAX).without_jitter();
        assert_eq!(backoff.wait(1, 0), ms(6));
        assert_eq!(backoff.wait(31, 0), ms(3) * (1 << 31));
        for failures in [32, 33, u32::MAX] {
            assert!(backoff.wait(failures, 0) >= backoff.wait(31, 0));
        }
        let capped = Backoff::exponential(ms(3), ms(10)).without_jitter();
        assert_eq!(
            [1, 2, 40].map(|n| capped.wait(n, 0)),
            [ms(6), ms(10), ms(10)]
        );
        assert_eq!(capped.resets_after(), ms(10));
        assert_eq!(capped.reset_after(ms(1)).resets_after(), ms(1));
    }

    #[test]
    fn a_first_wait_above_the_cap_is_cut() {
        let backoff = Backoff::exponential(ms(30), ms(10)).without_jitter();
        assert_eq!(backoff.wait(0, 0), ms(10));
    }

    #[test]
    fn jitter_cuts_to_between_half_and_all_and_repeats_by_seed() {
        let backoff = Backoff::exponential(ms(100), ms(100));
        let waits: Vec<_> = (0..1000).map(|seed| backoff.wait(0, seed)).collect();
        assert!(waits.iter().all(|&wait| ms(50) <= wait && wait <= ms(100)));
        assert!(waits.iter().any(|&wait| wait < ms(55)));
        assert!(waits.iter().any(|&wait| wait > ms(95)));
        assert!((0..1000).all(|seed| backoff.wait(0, seed) == waits[seed as usize]));
    }
}
