//! How a supervisor treats a child: the part of a spec that all kinds of children share.
use crate::spec::SpecError;
use regrow_core::{Backoff, ChildSpec, Name, OnAbandoned, Restart, Shutdown, Tolerance};
use std::time::Duration;

/// The settings that were given; what was not, is left as the kind of child has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) restart: Option<Restart>,
    pub(crate) shutdown: Option<Shutdown>,
    pub(crate) start_timeout: Option<Option<Duration>>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) significant: bool,
    pub(crate) own_tolerance: Option<Tolerance>,
    pub(crate) lets_panics_out: bool,
    pub(crate) on_abandoned: OnAbandoned,
}

impl Rules {
    pub(crate) fn apply<S>(&self, mut spec: ChildSpec<S>) -> Result<ChildSpec<S>, SpecError> {
        if let Some(restart) = self.restart {
            spec = spec.with_restart(restart);
        }
        if let Some(shutdown) = self.shutdown {
            spec = spec.with_shutdown(shutdown);
        }
        if let Some(limit) = self.start_timeout {
            spec = spec.with_start_timeout(limit);
        }
        if let Some(backoff) = &self.backoff {
            check_backoff(spec.name(), backoff)?;
            spec = spec.with_backoff(Some(backoff.clone()));
        }
        if let Some(tolerance) = self.own_tolerance {
            check_tolerance(&spec, tolerance)?;
            spec = spec.with_tolerance(Some(tolerance));
        }
        if self.significant && spec.restart() == Restart::Permanent {
            return Err(SpecError::SignificantPermanent {
                child: spec.name().clone(),
            });
        }
        let spec = spec
            .with_capture_panic(!self.lets_panics_out)
            .with_on_abandoned(self.on_abandoned);
        Ok(spec.with_significant(self.significant))
    }
}

/// A tolerance of a child's own can be checked against its backoff at once.
fn check_tolerance<S>(spec: &ChildSpec<S>, tolerance: Tolerance) -> Result<(), SpecError> {
    let child = || spec.name().clone();
    if tolerance.window() == Some(Duration::ZERO) {
        return Err(SpecError::ZeroOwnWindow { child: child() });
    }
    if tolerance.is_unlimited() && !bears_any(spec) {
        return Err(SpecError::UnlimitedWithoutBackoff { child: child() });
    }
    let backoff = spec.backoff();
    match backoff.filter(|backoff| tolerance.is_out_of_reach(backoff)) {
        Some(backoff) => Err(SpecError::UnreachableTolerance {
            child: child(),
            tolerance,
            takes: tolerance.takes(backoff),
        }),
        None => Ok(()),
    }
}

/// Whether a child can be restarted any number of times without harm: it waits before.
pub(crate) fn bears_any<S>(spec: &ChildSpec<S>) -> bool {
    let waits = spec
        .backoff()
        .is_some_and(|backoff| !backoff.first().is_zero());
    waits || spec.restart() == Restart::Temporary
}

/// Whether a child can stand below a supervisor that is so tolerant.
pub(crate) fn check_below<S>(spec: &ChildSpec<S>, tolerance: Tolerance) -> Result<(), SpecError> {
    if tolerance.is_unlimited() && spec.tolerance().is_none() && !bears_any(spec) {
        let child = spec.name().clone();
        return Err(SpecError::UnlimitedWithoutBackoff { child });
    }
    Ok(())
}

fn check_backoff(child: &Name, backoff: &Backoff) -> Result<(), SpecError> {
    if backoff.first() <= backoff.cap() {
        return Ok(());
    }
    Err(SpecError::BackoffAboveCap {
        child: child.clone(),
        first: backoff.first(),
        cap: backoff.cap(),
    })
}

/// The builder methods of [`Rules`], for a builder with fields `name` and `rules`.
macro_rules! rules_methods {
    () => {
        /// Gives it another name.
        pub fn named(mut self, name: impl Into<String>) -> Self {
            self.name = name.into();
            self
        }

        /// When the child is started again. Without it: `Permanent`, always (semantics 12).
        pub fn restart(mut self, restart: regrow_core::Restart) -> Self {
            self.rules.restart = Some(restart);
            self
        }

        /// How the child is brought down; a duration is [`Shutdown::Timeout`]. Without it: 5 s for
        /// a worker, `Indefinitely` for a supervisor (semantics 7).
        ///
        /// [`Shutdown::Timeout`]: regrow_core::Shutdown::Timeout
        pub fn shutdown(mut self, shutdown: impl Into<regrow_core::Shutdown>) -> Self {
            self.rules.shutdown = Some(shutdown.into());
            self
        }

        /// How long a start may take. Without it: 30 s for a worker or a branch that notifies its
        /// start, no limit for others (semantics 3).
        pub fn start_timeout(mut self, limit: std::time::Duration) -> Self {
            self.rules.start_timeout = Some(Some(limit));
            self
        }

        /// Lets a start take as long as it takes.
        pub fn no_start_timeout(mut self) -> Self {
            self.rules.start_timeout = Some(None);
            self
        }

        /// How long the child waits before it is started again by itself. Without it: not at all
        /// (semantics 16).
        pub fn backoff(mut self, backoff: regrow_core::Backoff) -> Self {
            self.rules.backoff = Some(backoff);
            self
        }

        /// A tolerance of the child's own, by which its restarts are judged instead of its
        /// supervisor's. Exceeding either ends the supervisor, unless the tolerance says otherwise
        /// ([`Tolerance::then`]; semantics 13).
        ///
        /// [`Tolerance::then`]: regrow_core::Tolerance::then
        pub fn own_tolerance(mut self, tolerance: impl Into<regrow_core::Tolerance>) -> Self {
            self.rules.own_tolerance = Some(tolerance.into());
            self
        }

        /// Whether a panic of the child is a failure of its own, as it is without this. If not, the
        /// whole tree stops for it, in order, and `run` and [`RootExit::resume`] panic as the child
        /// did (semantics 18). Of a supervisor this says nothing about its children.
        ///
        /// [`RootExit::resume`]: crate::RootExit::resume
        pub fn capture_panic(mut self, capture: bool) -> Self {
            self.rules.lets_panics_out = !capture;
            self
        }

        /// What happens when an abandoned life of the child has not ended and its next one is to
        /// begin. Without it: it does not begin, and the supervisor gives up (semantics 9).
        pub fn on_abandoned(mut self, on_abandoned: regrow_core::OnAbandoned) -> Self {
            self.rules.on_abandoned = on_abandoned;
            self
        }

        /// Lets the supervisor shut itself down when this child has ended, as its
        /// [`AutoShutdown`] says (OTP: `significant`; semantics 19). Not for a permanent child,
        /// which is always started again.
        ///
        /// [`AutoShutdown`]: regrow_core::AutoShutdown
        pub fn significant(mut self) -> Self {
            self.rules.significant = true;
            self
        }
    };
}
pub(crate) use rules_methods;
