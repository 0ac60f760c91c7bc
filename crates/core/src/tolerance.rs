//! How many restarts a supervisor bears.
use std::time::Duration;

/// Error tolerance: so many restarts in so long (OTP: intensity and period).
///
/// The window slides on the monotonic clock: a restart counts while its age is at most the
/// window. One more than `limit` within it, and the supervisor gives up (semantics 13). The
/// default is 3 in 5 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tolerance {
    limit: u32,
    window: Duration,
}

impl Tolerance {
    /// Bears `limit` restarts within `window`. A zero window is refused when the supervisor is
    /// built; a zero limit bears none.
    pub const fn new(limit: u32, window: Duration) -> Self {
        Self { limit, window }
    }

    /// How many restarts are borne within the window.
    pub const fn limit(self) -> u32 {
        self.limit
    }

    /// The span in which restarts are counted.
    pub const fn window(self) -> Duration {
        self.window
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self::new(3, Duration::from_secs(5))
    }
}

impl From<(u32, Duration)> for Tolerance {
    fn from((limit, window): (u32, Duration)) -> Self {
        Self::new(limit, window)
    }
}
