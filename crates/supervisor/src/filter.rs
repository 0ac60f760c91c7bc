//! Which events a listener is told.
use crate::event::{Change, TreeEvent};
use regrow_core::ChildKind;
use std::fmt;

/// Which events a listener wants to be told: a value that is put together from small ones.
///
/// It is plain data, so no code of a user runs when events are matched. Names are compared whole,
/// name by name: `root/web` does not stand for `root/web2`.
///
/// ```
/// use regrow_supervisor::Filter;
///
/// let filter = Filter::in_subtree("root/web").and(Filter::failures().or(Filter::supervisors()));
/// assert_eq!(
///     filter.to_string(),
///     "(in subtree root/web and (failures or supervisors))"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use = "a filter is nothing until a listener is given it"]
pub struct Filter(Criterion);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Criterion {
    All,
    InSubtree(String),
    EndsWith(String),
    Failures,
    Kind(ChildKind),
    Custom(Option<String>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
}

impl Filter {
    /// Every event; turned round by [`not`](Self::not), none.
    pub const fn all() -> Self {
        Self(Criterion::All)
    }

    /// Of the supervisor of this runtime name, and of all below it: `root/web`.
    pub fn in_subtree(runtime_name: impl Into<String>) -> Self {
        Self(Criterion::InSubtree(runtime_name.into()))
    }

    /// Of children whose runtime name ends with these names: `acceptor`, or `web/acceptor`.
    pub fn ends_with(names: impl Into<String>) -> Self {
        Self(Criterion::EndsWith(names.into()))
    }

    /// Of what went wrong: see [`TreeEvent::is_failure`].
    pub const fn failures() -> Self {
        Self(Criterion::Failures)
    }

    /// Of workers.
    pub const fn workers() -> Self {
        Self(Criterion::Kind(ChildKind::Worker))
    }

    /// Of supervisors.
    pub const fn supervisors() -> Self {
        Self(Criterion::Kind(ChildKind::Supervisor))
    }

    /// Of what children tell on their own account: see [`Change::Custom`].
    pub const fn custom() -> Self {
        Self(Criterion::Custom(None))
    }

    /// As [`custom`](Self::custom), of this topic alone.
    pub fn topic(topic: impl Into<String>) -> Self {
        Self(Criterion::Custom(Some(topic.into())))
    }

    /// What both want.
    pub fn and(self, other: Self) -> Self {
        Self(Criterion::And(Box::new(self.0), Box::new(other.0)))
    }

    /// What either wants.
    pub fn or(self, other: Self) -> Self {
        Self(Criterion::Or(Box::new(self.0), Box::new(other.0)))
    }

    /// What this one does not want.
    #[expect(
        clippy::should_implement_trait,
        reason = "it stands beside `and` and `or`"
    )]
    pub fn not(self) -> Self {
        Self(Criterion::Not(Box::new(self.0)))
    }

    /// Whether the event is wanted.
    pub fn matches(&self, event: &TreeEvent) -> bool {
        self.0.matches(event)
    }
}

impl Criterion {
    fn matches(&self, event: &TreeEvent) -> bool {
        let name = event.runtime_name.as_str();
        match self {
            Self::All => true,
            Self::InSubtree(top) => name
                .strip_prefix(top.as_str())
                .is_some_and(|below| below.is_empty() || below.starts_with('/')),
            Self::EndsWith(end) => name
                .strip_suffix(end.as_str())
                .is_some_and(|above| above.is_empty() || above.ends_with('/')),
            Self::Failures => event.is_failure(),
            Self::Kind(kind) => event.kind == *kind,
            Self::Custom(wanted) => match &event.change {
                Change::Custom(told) => wanted.as_ref().is_none_or(|topic| topic == told.topic()),
                _ => false,
            },
            Self::And(one, other) => one.matches(event) && other.matches(event),
            Self::Or(one, other) => one.matches(event) || other.matches(event),
            Self::Not(other) => !other.matches(event),
        }
    }
}

impl TreeEvent {
    /// Whether it tells of a failure: of a start, a life, a stop, or a whole supervisor; or of a
    /// life that was abandoned.
    pub const fn is_failure(&self) -> bool {
        matches!(
            self.change,
            Change::StartFailed(_)
                | Change::Failed(_)
                | Change::StopFailed(_)
                | Change::Abandoned
                | Change::GaveUp(_)
        )
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::InSubtree(top) => write!(f, "in subtree {top}"),
            Self::EndsWith(end) => write!(f, "ends with {end}"),
            Self::Failures => f.write_str("failures"),
            Self::Kind(ChildKind::Worker) => f.write_str("workers"),
            Self::Kind(ChildKind::Supervisor) => f.write_str("supervisors"),
            Self::Custom(None) => f.write_str("custom"),
            Self::Custom(Some(topic)) => write!(f, "topic {topic}"),
            Self::And(one, other) => write!(f, "({one} and {other})"),
            Self::Or(one, other) => write!(f, "({one} or {other})"),
            Self::Not(other) => write!(f, "not {other}"),
        }
    }
}
