//! Workers that drain, as they are built.
use crate::spec::{ChildSpec, SpecError};
use regrow_core::Shutdown;
use regrow_tasks::{Drain, Hooks, Start};
use std::{sync::Arc, time::Duration};

/// What a worker that drains is made from: its spec has the drain in it.
#[derive(Clone, Debug)]
pub(crate) struct Drained {
    start: Start,
    shutdown: Shutdown,
    span: Duration,
    hooks: Hooks,
}

impl Drained {
    /// Of a worker whose spec has neither drain nor hooks yet.
    pub(crate) fn new(spec: &ChildSpec, span: Duration, hooks: Hooks) -> Self {
        Self {
            start: spec.start().clone(),
            shutdown: spec.shutdown(),
            span,
            hooks,
        }
    }

    /// The same spec without its drain and its hooks.
    pub(crate) fn undo(&self, spec: ChildSpec) -> ChildSpec {
        spec.with_start(self.start.clone())
            .with_shutdown(self.shutdown)
    }

    /// The same spec, whose lives drain before they are asked to stop, and then have their hooks.
    pub(crate) fn on(&self, spec: ChildSpec) -> Result<ChildSpec, SpecError> {
        if !Drain::is_for(spec.start()) {
            let child = spec.name().clone();
            return Err(SpecError::ThreadCannotDrain { child });
        }
        let span = self.span;
        let (kept, shutdown) = match spec.shutdown() {
            Shutdown::Timeout(time) => (time, Shutdown::Timeout(time.saturating_add(span))),
            Shutdown::Indefinitely => (Duration::ZERO, Shutdown::Indefinitely),
            Shutdown::Kill => {
                let child = spec.name().clone();
                return Err(SpecError::UselessDrain { child });
            }
        };
        let plan = Self::new(&spec, span, self.hooks.clone());
        let start = Drain { span, kept }.on(spec.start().clone());
        let start = self.hooks.clone().on(start).with_plan(Arc::new(plan));
        Ok(spec.with_start(start).with_shutdown(shutdown))
    }
}
