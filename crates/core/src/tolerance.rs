//! How many restarts a supervisor bears.
use crate::backoff::Backoff;
use std::{fmt, time::Duration};

/// Error tolerance: so many restarts in so long (OTP: intensity and period).
///
/// The window slides on the monotonic clock: a restart counts while its age is at most the
/// window. One more than `limit` within it, and the supervisor gives up (semantics 13). The
/// default is 3 in 5 s.
///
/// ```
/// use regrow_core::{AtLimit, Tolerance};
/// use std::time::Duration;
///
/// assert_eq!(Tolerance::default().to_string(), "3 restarts in 5s");
/// assert_eq!(Tolerance::ever(10).to_string(), "10 restarts ever");
/// assert!(Tolerance::ever(10).counts(Duration::MAX));
///
/// let patient = Tolerance::new(3, Duration::from_secs(5));
/// let patient = patient.then(AtLimit::CoolOff(Duration::from_secs(60)));
/// assert_eq!(patient.to_string(), "3 restarts in 5s, then cools off for 60s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tolerance {
    limit: u32,
    span: Span,
    at_limit: AtLimit,
}

/// For how long a restart counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Span {
    Window(Duration),
    Ever,
    /// Not at all.
    Unlimited,
}

/// What happens when a tolerance is exceeded (semantics 13.12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AtLimit {
    /// The supervisor gives up: it stops its children and ends with a failure of its own.
    #[default]
    Escalate,
    /// The child waits for this long, beyond its backoff; then the count begins anew. An event
    /// tells of it.
    CoolOff(Duration),
    /// The child stays down until its user restarts it. An event tells of it, at the level of an
    /// error.
    StayDown,
}

impl Tolerance {
    /// Bears `limit` restarts within `window`. A zero window is refused when the supervisor is
    /// built; a zero limit bears none.
    pub const fn new(limit: u32, window: Duration) -> Self {
        Self::make(limit, Span::Window(window))
    }

    /// Bears `limit` restarts in all, however far apart they are (capataz: a zero window). Each life
    /// of the supervisor counts anew.
    pub const fn ever(limit: u32) -> Self {
        Self::make(limit, Span::Ever)
    }

    /// Bears any number of restarts. Refused for a child that is restarted without a backoff, which
    /// would be restarted as fast as it can fail.
    pub const fn unlimited() -> Self {
        Self::make(u32::MAX, Span::Unlimited)
    }

    const fn make(limit: u32, span: Span) -> Self {
        Self {
            limit,
            span,
            at_limit: AtLimit::Escalate,
        }
    }

    /// What happens when it is exceeded. Without it: [`AtLimit::Escalate`].
    #[must_use]
    pub const fn then(mut self, at_limit: AtLimit) -> Self {
        self.at_limit = at_limit;
        self
    }

    /// How many restarts are borne within the window; `u32::MAX` when any number is.
    pub const fn limit(self) -> u32 {
        self.limit
    }

    /// The span in which restarts are counted; none when each counts for ever, or not at all.
    pub const fn window(self) -> Option<Duration> {
        match self.span {
            Span::Window(window) => Some(window),
            Span::Ever | Span::Unlimited => None,
        }
    }

    /// Whether any number of restarts is borne.
    pub const fn is_unlimited(self) -> bool {
        matches!(self.span, Span::Unlimited)
    }

    /// What happens when it is exceeded.
    pub const fn at_limit(self) -> AtLimit {
        self.at_limit
    }

    /// Whether a restart of that age still counts.
    pub fn counts(self, age: Duration) -> bool {
        match self.span {
            Span::Window(window) => age <= window,
            Span::Ever => true,
            Span::Unlimited => false,
        }
    }

    /// How long so many restarts take at least, each after its wait by this backoff.
    pub fn takes(self, backoff: &Backoff) -> Duration {
        // With jitter a wait may be half as long; twice the window is out of reach all the same.
        let waits = (0..self.limit.min(64)).map(|failures| backoff.wait(failures, 0));
        waits.fold(Duration::ZERO, Duration::saturating_add)
    }

    /// Whether a child with this backoff can never exceed it.
    pub fn is_out_of_reach(self, backoff: &Backoff) -> bool {
        !self.is_unlimited() && !self.counts(self.takes(backoff))
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
        match self.span {
            Span::Window(window) => write!(f, "{} in {window:?}", restarts(self.limit))?,
            Span::Ever => write!(f, "{} ever", restarts(self.limit))?,
            Span::Unlimited => f.write_str("any number of restarts")?,
        }
        match self.at_limit {
            AtLimit::Escalate => Ok(()),
            AtLimit::CoolOff(span) => write!(f, ", then cools off for {span:?}"),
            AtLimit::StayDown => f.write_str(", then stays down"),
        }
    }
}

fn restarts(limit: u32) -> String {
    let ending = if limit == 1 { "" } else { "s" };
    format!("{limit} restart{ending}")
}
