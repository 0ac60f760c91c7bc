//! What a supervisor knows of a child before it lives.
use crate::{backoff::Backoff, name::Name, tolerance::Tolerance};
use std::{
    fmt,
    hash::{Hash, Hasher},
    time::Duration,
};

/// When a child that ended is started again (OTP's words; semantics 12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// Only when it failed, panicked or was killed.
    Transient,
    /// Never; it is forgotten when it has ended.
    Temporary,
}

/// How a child is brought down (semantics 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// Asked, and killed when this long has passed. 5 s is the default of a worker.
    Timeout(Duration),
    /// Asked, and waited for without limit (OTP: `infinity`). The default of a supervisor.
    Indefinitely,
    /// Killed without being asked (OTP: `brutal_kill`).
    Kill,
}

impl From<Duration> for Shutdown {
    fn from(span: Duration) -> Self {
        Self::Timeout(span)
    }
}

/// What happens when a child is to be started and its last life was abandoned and has not ended
/// (semantics 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnAbandoned {
    /// It is not started beside that life: its supervisor gives up, and a user is refused.
    #[default]
    GiveUp,
    /// It is started beside that life, and an event tells that they overlap.
    Overlap,
}

/// What a child is. A supervisor is told deadlines and never aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChildKind {
    /// It does the work of the program.
    Worker,
    /// It has children of its own.
    Supervisor,
}

/// All that a supervisor knows of a child: how to start it, and what its end means.
///
/// A spec is a value: it can be cloned, printed, compared but for its start function, and started
/// twice as two independent children. `S` is the start function; the engine keeps it and cannot
/// call it.
#[derive(Clone)]
pub struct ChildSpec<S> {
    name: Name,
    start: S,
    kind: ChildKind,
    restart: Restart,
    shutdown: Shutdown,
    start_timeout: Option<Duration>,
    backoff: Option<Box<Backoff>>,
    significant: bool,
    capture_panic: bool,
    on_abandoned: OnAbandoned,
    tolerance: Option<Box<Tolerance>>,
}

impl<S> ChildSpec<S> {
    /// A permanent worker that has five seconds to stop and all the time to start.
    pub const fn worker(name: Name, start: S) -> Self {
        let shutdown = Shutdown::Timeout(Duration::from_secs(5));
        Self::new(name, start, ChildKind::Worker, shutdown)
    }

    /// A permanent supervisor that has all the time to start and to stop.
    pub const fn supervisor(name: Name, start: S) -> Self {
        Self::new(name, start, ChildKind::Supervisor, Shutdown::Indefinitely)
    }

    const fn new(name: Name, start: S, kind: ChildKind, shutdown: Shutdown) -> Self {
        Self {
            name,
            start,
            kind,
            restart: Restart::Permanent,
            shutdown,
            start_timeout: None,
            backoff: None,
            significant: false,
            capture_panic: true,
            on_abandoned: OnAbandoned::GiveUp,
            tolerance: None,
        }
    }

    /// Says when the child is started again.
    #[must_use]
    pub fn with_restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// Says how the child is brought down.
    #[must_use]
    pub fn with_shutdown(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = shutdown;
        self
    }

    /// Says how long a start may take; `None` sets no limit.
    #[must_use]
    pub fn with_start_timeout(mut self, limit: Option<Duration>) -> Self {
        self.start_timeout = limit;
        self
    }

    /// Says how long the child waits before it is started again; `None` is no wait.
    #[must_use]
    pub fn with_backoff(mut self, backoff: Option<Backoff>) -> Self {
        self.backoff = backoff.map(Box::new);
        self
    }

    /// Says whether the supervisor may shut down when the child has ended
    /// ([`AutoShutdown`](crate::AutoShutdown)). A permanent child never has.
    #[must_use]
    pub fn with_significant(mut self, significant: bool) -> Self {
        self.significant = significant;
        self
    }

    /// Says whether a panic of the child is its own failure, as it is without this, or the end of
    /// the tree.
    #[must_use]
    pub fn with_capture_panic(mut self, capture_panic: bool) -> Self {
        self.capture_panic = capture_panic;
        self
    }

    /// Says what happens when an abandoned life of the child is in the way of its next one.
    #[must_use]
    pub fn with_on_abandoned(mut self, on_abandoned: OnAbandoned) -> Self {
        self.on_abandoned = on_abandoned;
        self
    }

    /// Gives the child a tolerance of its own, by which it is judged instead of its supervisor's.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Option<Tolerance>) -> Self {
        self.tolerance = tolerance.map(Box::new);
        self
    }

    /// The same spec under another name.
    #[must_use]
    pub fn with_name(mut self, name: Name) -> Self {
        self.name = name;
        self
    }

    /// The same spec with another start function.
    #[must_use]
    pub fn with_start(mut self, start: S) -> Self {
        self.start = start;
        self
    }

    /// Its name.
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// How to start it.
    pub const fn start(&self) -> &S {
        &self.start
    }

    /// What it is.
    pub const fn kind(&self) -> ChildKind {
        self.kind
    }

    /// When it is started again.
    pub const fn restart(&self) -> Restart {
        self.restart
    }

    /// How it is brought down.
    pub const fn shutdown(&self) -> Shutdown {
        self.shutdown
    }

    /// How long a start may take.
    pub const fn start_timeout(&self) -> Option<Duration> {
        self.start_timeout
    }

    /// How long it waits before it is started again.
    pub fn backoff(&self) -> Option<&Backoff> {
        self.backoff.as_deref()
    }

    /// Whether the supervisor may shut down when it has ended.
    pub const fn is_significant(&self) -> bool {
        self.significant
    }

    /// Whether a panic of it is its own failure.
    pub const fn captures_panic(&self) -> bool {
        self.capture_panic
    }

    /// What happens when an abandoned life of it is in the way of its next one.
    pub const fn on_abandoned(&self) -> OnAbandoned {
        self.on_abandoned
    }

    /// Its own tolerance.
    pub fn tolerance(&self) -> Option<Tolerance> {
        self.tolerance.as_deref().copied()
    }

    fn rules(&self) -> impl PartialEq + Hash + '_ {
        (
            (&self.name, self.kind, self.restart),
            (self.shutdown, self.start_timeout, &self.backoff),
            (self.significant, self.capture_panic),
            (self.on_abandoned, &self.tolerance),
        )
    }
}

/// All but the start function is compared.
impl<S> PartialEq for ChildSpec<S> {
    fn eq(&self, other: &Self) -> bool {
        self.rules() == other.rules()
    }
}

impl<S> Eq for ChildSpec<S> {}

impl<S> Hash for ChildSpec<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rules().hash(state);
    }
}

impl<S: fmt::Debug> fmt::Debug for ChildSpec<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("restart", &self.restart)
            .field("shutdown", &self.shutdown)
            .field("start_timeout", &self.start_timeout)
            .field("backoff", &self.backoff)
            .field("significant", &self.significant)
            .field("capture_panic", &self.capture_panic)
            .field("on_abandoned", &self.on_abandoned)
            .field("tolerance", &self.tolerance)
            .field("start", &self.start)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn a_worker_and_a_supervisor_have_the_defaults_of_the_law() {
        let worker = ChildSpec::worker(name("a"), ());
        assert_eq!(worker.restart(), Restart::Permanent);
        assert_eq!(worker.shutdown(), Shutdown::Timeout(Duration::from_secs(5)));
        assert_eq!((worker.start_timeout(), worker.backoff()), (None, None));
        let supervisor = ChildSpec::supervisor(name("a"), ());
        assert_eq!(supervisor.shutdown(), Shutdown::Indefinitely);
        assert_ne!(worker, supervisor);
    }

    #[test]
    fn specs_are_equal_but_for_their_start_function() {
        let one = ChildSpec::worker(name("a"), 1);
        assert_eq!(one, ChildSpec::worker(name("a"), 2));
        assert_eq!(one, one.clone());
    }

    #[test]
    fn each_rule_makes_a_difference() {
        let spec = || ChildSpec::worker(name("a"), ());
        let second = Duration::from_secs(1);
        let others = [
            spec().with_name(name("b")),
            spec().with_restart(Restart::Transient),
            spec().with_shutdown(Shutdown::Kill),
            spec().with_shutdown(second.into()),
            spec().with_start_timeout(Some(second)),
            spec().with_backoff(Some(Backoff::constant(second))),
            spec().with_significant(true),
            spec().with_capture_panic(false),
            spec().with_on_abandoned(OnAbandoned::Overlap),
            spec().with_tolerance(Some(Tolerance::default())),
            ChildSpec::supervisor(name("a"), ()).with_shutdown(spec().shutdown()),
        ];
        for other in others {
            assert_ne!(spec(), other);
        }
    }
}
