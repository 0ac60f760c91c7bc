//! Why a tree ended, told from the root down to what began it.
use crate::{
    error::StartError,
    exit::RootExit,
    failure::{GaveUp, SupervisorFailure},
    report::line,
};
use regrow_core::{RuntimeName, Tolerance};
use regrow_tasks::{ExitReason, StartFailure};
use std::fmt;

/// Why a tree ended, or a supervisor in it failed: the chain of runtime names from there down to
/// the child that began it.
///
/// `Display` is one line: `root gave up on root/a (more than 0 restarts in 5s), which failed: boom`.
/// [`key_values`](Self::key_values) is the same for a log.
///
/// ```
/// use regrow_supervisor::{Supervisor, Worker};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tree = Supervisor::new("root")
///     .tolerance((0, Duration::from_secs(5)))
///     .child(Worker::new("db", |_| async { Err::<(), _>("connection refused") }))
///     .start()
///     .await
///     .unwrap();
/// let exit = tree.wait().await;
/// assert_eq!(
///     exit.explain().to_string(),
///     "root gave up on root/db (more than 0 restarts in 5s), which failed: connection refused"
/// );
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Explanation {
    top: RuntimeName,
    /// What became of the top, in a word.
    word: &'static str,
    levels: Vec<Level>,
    /// The child that the chain ends at.
    child: RuntimeName,
    last: String,
    /// How the first life ended that counted, below the last that gave up for a child.
    first: Option<String>,
}

/// A supervisor that failed for the one after it.
#[derive(Clone, Debug)]
struct Level {
    supervisor: RuntimeName,
    /// What it bore; none when it did not start.
    tolerance: Option<Tolerance>,
}

impl Explanation {
    /// Of the end of `top`.
    fn of(top: RuntimeName, reason: &ExitReason) -> Self {
        let mut told = Self::begin(top, word(reason));
        told.follow(reason);
        told
    }

    fn begin(top: RuntimeName, word: &'static str) -> Self {
        Self {
            child: top.clone(),
            top,
            word,
            levels: Vec::new(),
            last: String::new(),
            first: None,
        }
    }

    fn follow(&mut self, reason: &ExitReason) {
        let ExitReason::Failed(error) = reason else {
            self.last = line(reason);
            return;
        };
        // What is beneath an error of a user is that error's affair.
        if let Some(failure) = error.get().downcast_ref() {
            self.follow_failure(failure);
        } else if let Some(error) = error.get().downcast_ref() {
            self.follow_start(error);
        } else {
            self.last = line(reason);
        }
    }

    fn follow_failure(&mut self, failure: &SupervisorFailure) {
        match failure {
            SupervisorFailure::GaveUp(gave_up) => self.follow_giving_up(gave_up),
            SupervisorFailure::StillEnding { life, .. } => {
                let life = line(life);
                self.last =
                    format!("gave up: {life} has not ended, and its runtime name is not free");
            }
            SupervisorFailure::Uncaptured { panic, .. } => {
                self.last = format!("ended: {} panicked: {}", panic.child, panic.report);
                self.child = panic.child.clone();
            }
            SupervisorFailure::StopFailed { report, .. } => {
                let troubled = report.troubled().iter();
                let troubled: Vec<_> = troubled.map(line).collect();
                self.last = match troubled.is_empty() {
                    true => "did not stop cleanly: a life below had failed".into(),
                    false => format!("did not stop cleanly: {}", troubled.join("; ")),
                };
            }
        }
    }

    fn follow_giving_up(&mut self, gave_up: &GaveUp) {
        self.levels.push(Level {
            supervisor: gave_up.supervisor.clone(),
            tolerance: Some(gave_up.tolerance),
        });
        self.child = gave_up.child.clone();
        // The chain goes on below the last one; the first of the deepest level is the one told.
        self.first = (gave_up.limit() > 0).then(|| {
            let first = Self::of(gave_up.child.clone(), &gave_up.first);
            match first.levels.is_empty() {
                true => first.last,
                false => line(&first),
            }
        });
        self.follow(&gave_up.last);
    }

    fn follow_start(&mut self, error: &StartError) {
        let StartError::Child {
            supervisor,
            child,
            cause,
            ..
        } = error
        else {
            self.last = match error {
                StartError::Build { cause, .. } => format!("did not start: {}", line(cause)),
                error => line(error),
            };
            return;
        };
        self.levels.push(Level {
            supervisor: supervisor.clone(),
            tolerance: None,
        });
        self.child = child.clone();
        self.first = None;
        match cause {
            StartFailure::Failed(below) => match below.get().downcast_ref() {
                Some(below) => self.follow_start(below),
                None => self.last = format!("did not start: {}", line(cause)),
            },
            cause => self.last = format!("did not start: {}", line(cause)),
        }
    }

    /// How many supervisors failed for one another; 0 when the top ended for a reason of its own.
    pub fn depth(&self) -> usize {
        self.levels.len()
    }

    /// The full name of the child that began it; of the top, when that ended for a reason of its
    /// own.
    pub const fn child(&self) -> &RuntimeName {
        &self.child
    }

    /// The same as pairs for a log. Always there: `name` (the top), `reason` (a word: `gave_up`,
    /// `start_failed`, `stop_failed`, `still_ending`, `failed`, `panicked`, `killed`, `abandoned`,
    /// `stopped` or `completed`), `depth`, `child` and `last` (how its last life ended). Where a
    /// supervisor gave up, of the deepest: `supervisor`, `count` (the restarts that were too many),
    /// `window` (unless it counts for ever) and, if it bore any, `first` (how the first life ended
    /// that counted).
    pub fn key_values(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            ("name", self.top.to_string()),
            ("reason", self.word.to_owned()),
            ("depth", self.depth().to_string()),
            ("child", self.child.to_string()),
        ];
        let mut levels = self.levels.iter().rev();
        let deepest = levels.find_map(|level| Some((level, level.tolerance?)));
        if let Some((level, tolerance)) = deepest {
            let count = u64::from(tolerance.limit()) + 1;
            pairs.push(("supervisor", level.supervisor.to_string()));
            pairs.push(("count", count.to_string()));
            pairs.extend(
                tolerance
                    .window()
                    .map(|span| ("window", format!("{span:?}"))),
            );
        }
        pairs.extend(self.first.clone().map(|first| ("first", first)));
        pairs.push(("last", self.last.clone()));
        pairs
    }
}

const fn word_of(failure: &SupervisorFailure) -> &'static str {
    match failure {
        SupervisorFailure::GaveUp(_) => "gave_up",
        SupervisorFailure::StillEnding { .. } => "still_ending",
        SupervisorFailure::StopFailed { .. } => "stop_failed",
        SupervisorFailure::Uncaptured { .. } => "uncaptured",
    }
}

fn word(reason: &ExitReason) -> &'static str {
    match reason {
        ExitReason::Completed => "completed",
        ExitReason::Stopped => "stopped",
        ExitReason::Failed(error) => {
            let error = error.get();
            match (error.downcast_ref(), error.downcast_ref::<StartError>()) {
                (Some(failure), _) => word_of(failure),
                (None, Some(_)) => "start_failed",
                (None, None) => "failed",
            }
        }
        ExitReason::Panicked(_) => "panicked",
        ExitReason::Killed => "killed",
        ExitReason::Abandoned => "abandoned",
        _ => "ended",
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.top)?;
        let below = self.levels.iter().skip(1).map(|level| &level.supervisor);
        let below = below.chain([&self.child]);
        for (level, child) in self.levels.iter().zip(below) {
            match level.tolerance {
                Some(tolerance) => {
                    write!(f, " gave up on {child} (more than {tolerance}), which")?;
                }
                None => write!(f, " did not start because of {child}, which")?,
            }
        }
        write!(f, " {}", self.last)?;
        match &self.first {
            Some(first) => write!(f, " (the first that counted {first})"),
            None => Ok(()),
        }
    }
}

impl RootExit {
    /// Why the tree ended, from the root down to what began it.
    pub fn explain(&self) -> Explanation {
        Explanation::of(self.runtime_name().clone(), self.reason())
    }
}

impl SupervisorFailure {
    /// Why the supervisor failed, from there down to what began it.
    pub fn explain(&self) -> Explanation {
        let (Self::GaveUp(GaveUp { supervisor, .. })
        | Self::StillEnding { supervisor, .. }
        | Self::StopFailed { supervisor, .. }
        | Self::Uncaptured { supervisor, .. }) = self;
        let mut told = Explanation::begin(supervisor.clone(), word_of(self));
        told.follow_failure(self);
        told
    }
}
