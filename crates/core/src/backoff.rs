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
