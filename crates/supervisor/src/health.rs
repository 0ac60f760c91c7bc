//! Whether a tree is well, and who in it is not.
use crate::{
    cause::Cause,
    hub::Hub,
    report::{line, millis},
    ward::{Case, Ward},
};
use regrow_core::{ChildKind, RuntimeName};
use regrow_tasks::{ChildState, Directory, ExitReason};
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How many children `Display` names.
const NAMED: usize = 3;

/// Whether a supervisor and all below it are well (semantics 32).
///
/// Not well is a child that starts, that is about to be started again, that stops although nobody
/// asked for it, or that is down after a failure: of its life, its start or its stop. Well are
/// children that are up, that have completed or had nothing to do, and that their user brought
/// down; one that is forgotten is no more. So a tree that has stopped cleanly ends healthy:
/// whether it runs is another question, which [`Snapshot::state`](crate::Snapshot::state) answers.
///
/// `Display` is one line: `healthy`, or
/// `degraded: root/db restarting for 3s (connection refused)`.
///
/// ```
/// use regrow_supervisor::{Health, Supervisor, Worker};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tree = Supervisor::new("root")
///     .child(Worker::new("db", |ctx| async move { ctx.stopped().await }))
///     .start()
///     .await
///     .unwrap();
/// // The answer of a readiness probe that bears one child that is not well for ten seconds.
/// let health = tree.health().tolerating(1, Duration::from_secs(10));
/// let (status, body) = (if health.is_healthy() { 200 } else { 503 }, health.to_string());
/// assert_eq!((status, body.as_str()), (200, "healthy"));
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Health {
    /// All are well.
    Healthy,
    /// Some are not.
    Degraded {
        /// Since when the first of them is not.
        since: Instant,
        /// They: at least one, the longest unwell first.
        children: Vec<DegradedChild>,
    },
}

/// A child that is not well.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DegradedChild {
    /// Its full name.
    pub runtime_name: RuntimeName,
    /// What it is.
    pub kind: ChildKind,
    /// How it stands. A supervisor that gives up is `Stopping` here.
    pub state: ChildState,
    /// Since when it is not well: over all attempts to start it, until it is up.
    pub since: Instant,
    /// How its last life ended, or why that did not start; none before its first.
    pub cause: Option<Cause>,
}

impl DegradedChild {
    /// How long it has not been well.
    pub fn age(&self) -> Duration {
        self.since.elapsed()
    }

    fn new(runtime_name: RuntimeName, case: Case) -> Self {
        Self {
            runtime_name,
            kind: case.kind,
            state: case.state,
            since: case.since,
            cause: case.cause.map(|cause| *cause),
        }
    }
}

impl Health {
    /// The health of the supervisor of `directory`.
    pub(crate) fn of(directory: &Arc<Directory>) -> Self {
        let (unwell, _) = ward(directory).unwell(directory);
        Self::from_cases(unwell)
    }

    fn from_cases(unwell: Vec<(RuntimeName, Case)>) -> Self {
        let mut children: Vec<_> = unwell
            .into_iter()
            .map(|(name, case)| DegradedChild::new(name, case))
            .collect();
        children.sort_by(|one, other| {
            let by_name = || one.runtime_name.as_str().cmp(other.runtime_name.as_str());
            one.since.cmp(&other.since).then_with(by_name)
        });
        Self::with(children)
    }

    /// Of children that are sorted.
    fn with(children: Vec<DegradedChild>) -> Self {
        match children.first() {
            None => Self::Healthy,
            Some(first) => Self::Degraded {
                since: first.since,
                children,
            },
        }
    }

    /// Whether all are well.
    pub const fn is_healthy(&self) -> bool {
        matches!(self, Self::Healthy)
    }

    /// Who is not well, the longest unwell first.
    pub fn children(&self) -> &[DegradedChild] {
        match self {
            Self::Healthy => &[],
            Self::Degraded { children, .. } => children,
        }
    }

    /// The same for who bears as many children that are not well, and each for `span`: more
    /// children than that all count, and those that are unwell for longer always do (capataz:
    /// `NewHealthcheckMonitor`).
    #[must_use]
    pub fn tolerating(mut self, children: usize, span: Duration) -> Self {
        match &mut self {
            Self::Degraded { children: all, .. } if all.len() <= children => {
                all.retain(|child| child.age() > span);
                Self::with(std::mem::take(all))
            }
            _ => self,
        }
    }

    /// Whether both name the same children, in the same states.
    fn is_as(&self, other: &Self) -> bool {
        let one = self.children().iter();
        self.children().len() == other.children().len()
            && one.zip(other.children()).all(|(one, other)| {
                one.since == other.since
                    && one.state == other.state
                    && one.runtime_name == other.runtime_name
            })
    }
}

impl fmt::Display for DegradedChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let age = Duration::from_secs(self.age().as_secs());
        write!(
            f,
            "{} {} for {}",
            self.runtime_name,
            self.state,
            millis(age)
        )?;
        match &self.cause {
            None => Ok(()),
            Some(Cause::Ended(ExitReason::Failed(error))) => write!(f, " ({})", line(error)),
            Some(cause) => write!(f, " ({})", line(cause)),
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let children = match self {
            Self::Healthy => return f.write_str("healthy"),
            Self::Degraded { children, .. } => children,
        };
        for (at, child) in children.iter().take(NAMED).enumerate() {
            let before = if at == 0 { "degraded: " } else { ", " };
            write!(f, "{before}{child}")?;
        }
        match children.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}

/// The health of a supervisor and all below it, as it changes.
///
/// It gives the newest, and may skip what was in between; it keeps no tree going.
///
/// ```
/// use regrow_core::Backoff;
/// use regrow_supervisor::{Supervisor, Worker};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let db = Worker::new("db", |ctx| async move { ctx.stopped().await })
///     .backoff(Backoff::constant(Duration::from_secs(60)));
/// let tree = Supervisor::new("root").child(db).start().await.unwrap();
/// let mut watch = tree.watch_health();
/// tree.kill("db").unwrap();
/// let health = watch.changed().await.unwrap();
/// assert_eq!(health.to_string(), "degraded: root/db restarting for 0s (killed)");
/// # }
/// ```
pub struct HealthWatch {
    directory: Arc<Directory>,
    version: u64,
    seen: Health,
    is_over: bool,
}

impl HealthWatch {
    pub(crate) fn new(directory: &Arc<Directory>) -> Self {
        let (unwell, version) = ward(directory).unwell(directory);
        Self {
            directory: directory.clone(),
            version,
            seen: Health::from_cases(unwell),
            is_over: false,
        }
    }

    /// What was seen last: at first, how it stood when the watch was made.
    pub const fn seen(&self) -> &Health {
        &self.seen
    }

    /// The health, when it is another one than was seen last: other children are not well, or they
    /// stand differently. `None` when the tree has ended and its last health was seen.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: a change that was not returned is still there.
    pub async fn changed(&mut self) -> Option<Health> {
        while !self.is_over {
            let is_over = ward(&self.directory).after(self.version).await;
            let (unwell, version) = ward(&self.directory).unwell(&self.directory);
            let health = Health::from_cases(unwell);
            self.is_over = is_over;
            self.version = version;
            if !health.is_as(&self.seen) {
                self.seen = health.clone();
                return Some(health);
            }
        }
        None
    }
}

impl fmt::Debug for HealthWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthWatch")
            .field("supervisor", &self.directory.runtime_name())
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

fn ward(directory: &Directory) -> &Ward {
    &Hub::of(directory).ward
}
