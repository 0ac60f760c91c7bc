//! The engine's clock: always told, never read.
use std::time::Duration;

/// A moment, counted from the birth of one supervisor, in nanoseconds.
///
/// Moments of two supervisors cannot be compared: a deadline that crosses from one to another is
/// carried as an instant of the shell's own clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// The moment `since_birth` after the supervisor was born.
    pub fn new(since_birth: Duration) -> Self {
        Self(u64::try_from(since_birth.as_nanos()).unwrap_or(u64::MAX))
    }

    /// The moment `span` later; the far end of time where that overflows.
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(Self::new(span).0))
    }

    /// How long ago `earlier` was; zero when it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// How long after its supervisor's birth this is.
    pub fn since_birth(self) -> Duration {
        Duration::from_nanos(self.0)
    }
}
