//! What can be given to a supervisor as a child, and what is wrong with it.
use regrow_core::{InvalidName, Name, Tolerance};
use regrow_tasks::Start;
use std::{sync::Arc, time::Duration};

/// All that a supervisor knows of a child: how to start it, and what its end means.
pub type ChildSpec = regrow_core::ChildSpec<Start>;

/// What can be given to a supervisor as a child.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no child",
    note = "a child is a `Worker`, a `Supervisor`, a `DynamicSupervisor`, a `Branch` or a `ChildSpec`"
)]
pub trait IntoChildSpec {
    /// The spec of the child.
    ///
    /// # Errors
    ///
    /// [`SpecError`] says what is wrong with it.
    fn into_child_spec(self) -> Result<Arc<ChildSpec>, SpecError>;
}

impl IntoChildSpec for ChildSpec {
    fn into_child_spec(self) -> Result<Arc<ChildSpec>, SpecError> {
        Ok(Arc::new(self))
    }
}

impl IntoChildSpec for &ChildSpec {
    fn into_child_spec(self) -> Result<Arc<ChildSpec>, SpecError> {
        Ok(Arc::new(self.clone()))
    }
}

/// A spec that many children share.
impl IntoChildSpec for Arc<ChildSpec> {
    fn into_child_spec(self) -> Result<Self, SpecError> {
        Ok(self)
    }
}

/// A spec that many children share.
impl IntoChildSpec for &Arc<ChildSpec> {
    fn into_child_spec(self) -> Result<Arc<ChildSpec>, SpecError> {
        Ok(self.clone())
    }
}

impl<T: IntoChildSpec> IntoChildSpec for Result<T, SpecError> {
    fn into_child_spec(self) -> Result<Arc<ChildSpec>, SpecError> {
        self?.into_child_spec()
    }
}

/// What is wrong with a spec. It is told when the spec is built, or when it is given to a
/// supervisor that is started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// A name is none.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// Two children of one supervisor have the same name.
    #[error(
        "the supervisor {supervisor:?} has two children {name:?}: names are unique among siblings"
    )]
    DuplicateName {
        /// The supervisor's own name.
        supervisor: Name,
        /// The name that stands twice.
        name: Name,
    },
    /// The window of a tolerance is zero.
    #[error(
        "the tolerance of {supervisor:?} has a zero window, in which no restart could count: give it a span, such as 5 s"
    )]
    ZeroWindow {
        /// The supervisor's own name.
        supervisor: Name,
    },
    /// A supervisor below another has settings that are the whole tree's.
    #[error(
        "{supervisor:?} is not the root: set `event_capacity`, `report_all` and `allow_panic_abort` there"
    )]
    NotTheRoot {
        /// The supervisor's own name.
        supervisor: Name,
    },
    /// The kill wait is zero.
    #[error(
        "the kill wait of {supervisor:?} is zero, in which no killed life could end: give it a span, such as 1 s"
    )]
    ZeroKillWait {
        /// The supervisor's own name.
        supervisor: Name,
    },
    /// The first wait of a backoff is longer than its cap.
    #[error("the backoff of {child:?} begins with {first:?}, above its cap of {cap:?}")]
    BackoffAboveCap {
        /// The child's name.
        child: Name,
        /// The first wait.
        first: Duration,
        /// The cap.
        cap: Duration,
    },
    /// A start time-out was given to a worker that does not notify, and is up when first polled.
    #[error(
        "{child:?} has a start time-out and does not notify its start: make it with `Worker::with_notify_start`"
    )]
    UselessStartTimeout {
        /// The child's name.
        child: Name,
    },
    /// The window of a child's own tolerance is zero.
    #[error(
        "the tolerance of {child:?} has a zero window, in which no restart could count: give it a span, such as 5 s"
    )]
    ZeroOwnWindow {
        /// The child's name.
        child: Name,
    },
    /// A child may be restarted any number of times, and never waits before.
    #[error(
        "{child:?} may be restarted any number of times, and has no backoff: give it one, or a limit"
    )]
    UnlimitedWithoutBackoff {
        /// The child's name.
        child: Name,
    },
    /// The limit of a child's own tolerance is out of its reach: its backoff is too long.
    #[error(
        "the backoff of {child:?} makes its restarts last {takes:?}, where it bears {tolerance}: that is never exceeded; give it a longer window, or `Tolerance::unlimited`"
    )]
    UnreachableTolerance {
        /// The child's name.
        child: Name,
        /// Its own tolerance.
        tolerance: Tolerance,
        /// How long so many restarts take at least.
        takes: Duration,
    },
    /// A permanent child is significant.
    #[error(
        "{child:?} is significant and permanent, so it never ends for good: make it transient or temporary"
    )]
    SignificantPermanent {
        /// The child's name.
        child: Name,
    },
    /// A child is significant under a supervisor that never shuts itself down.
    #[error(
        "{child:?} is significant, and its supervisor {supervisor:?} never shuts itself down: give that an `auto_shutdown`"
    )]
    UselessSignificant {
        /// The supervisor's own name.
        supervisor: Name,
        /// The child's name.
        child: Name,
    },
    /// A worker is to drain, and is killed without being asked to stop.
    #[error("{child:?} is to drain, and is killed when it is stopped: give it a shutdown time-out")]
    UselessDrain {
        /// The child's name.
        child: Name,
    },
    /// A worker on a thread is to drain.
    #[error("{child:?} is to drain, and runs on a thread: only bodies that are tasks can")]
    ThreadCannotDrain {
        /// The child's name.
        child: Name,
    },
    /// A child of a branch is significant.
    #[error(
        "a child of the branch {branch:?} is significant, and branches never shut themselves down: end its body instead"
    )]
    SignificantInBranch {
        /// The branch's own name.
        branch: Name,
    },
    /// A worker that can run but once is to be restarted.
    #[error("{child:?} can run but once, and is not temporary: make it with `Worker::new`")]
    RestartsOnce {
        /// The child's name.
        child: Name,
    },
}
