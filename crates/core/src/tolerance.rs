//! How many restarts a supervisor bears.
use std::{fmt, time::Duration};

/// Error tolerance: so many restarts in so long (OTP: intensity and period).
///
/// The window slides on the monotonic clock: a restart counts while its age is at most the
/// window. One more than `limit` within it, and the supervisor gives up (semantics 13). The
/// default is 3 in 5 s.
///
/// ```
/// use regrow_core::Tolerance;
/// use std::time::Duration;
///
/// assert_eq!(Tolerance::default().to_string(), "3 restarts in 5s");
/// assert_eq!(Tolerance::ever(10).to_string(), "10 restarts ever");
/// assert!(Tolerance::ever(10).counts(Duration::MAX));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tolerance {
    limit: u32,
    window: Option<Duration>,
}

impl Tolerance {
    /// Bears `limit` restarts within `window`. A zero window is refused when the supervisor is
    /// built; a zero limit bears none.
    pub const fn new(limit: u32, window: Duration) -> Self {
        Self {
            limit,
            window: Some(window),
        }
    }

    /// Bears `limit` restarts in all, however far apart they are (capataz: a zero window). Each life
    /// of the supervisor counts anew.
    pub const fn ever(limit: u32) -> Self {
        Self {
            limit,
            window: None,
        }
    }

    /// How many restarts are borne within the window.
    pub const fn limit(self) -> u32 {
        self.limit
    }

    /// The span in which restarts are counted; none when each counts for ever.
    pub const fn window(self) -> Option<Duration> {
        self.window
    }

    /// Whether a restart of that age still counts.
    pub fn counts(self, age: Duration) -> bool {
        self.window.is_none_or(|window| age <= window)
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

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.window {
            Some(window) => write!(f, "{} restarts in {window:?}", self.limit),
            None => write!(f, "{} restarts ever", self.limit),
        }
    }
}
