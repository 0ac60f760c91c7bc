//! How long stops take.
use crate::report::{ShutdownReport, StoppedLife};
use regrow_core::{Life, RuntimeName};
use regrow_tasks::ExitReason;
use std::collections::HashMap;
use tokio::time::Instant;

/// The lives that are being stopped, and what became of those that were, when the supervisor
/// itself stops.
pub(crate) struct Stops {
    asked: HashMap<Life, Instant>,
    report: ShutdownReport,
    /// Whether the supervisor itself stops.
    is_ending: bool,
}

impl Stops {
    pub(crate) fn new(all: bool) -> Self {
        Self {
            asked: HashMap::new(),
            report: ShutdownReport::new(all),
            is_ending: false,
        }
    }

    /// The supervisor stops: what ends from here on belongs to its report.
    pub(crate) fn begin(&mut self) {
        self.is_ending = true;
    }

    /// Whether the supervisor stops.
    pub(crate) const fn is_ending(&self) -> bool {
        self.is_ending
    }

    /// Takes in what became of the lives below a supervisor that has ended.
    pub(crate) fn merge(&mut self, below: ShutdownReport) {
        if self.is_ending {
            self.report.merge(below);
        }
    }

    /// What became of the lives that were stopped.
    pub(crate) fn take_report(&mut self) -> ShutdownReport {
        std::mem::take(&mut self.report)
    }

    /// A life is asked to stop.
    pub(crate) fn asked(&mut self, life: Life) {
        self.asked.entry(life).or_insert_with(Instant::now);
    }

    /// A life is over, or given up.
    pub(crate) fn ended(
        &mut self,
        life: Life,
        name: impl FnOnce() -> RuntimeName,
        reason: &ExitReason,
        clean: bool,
    ) {
        let asked = self.asked.remove(&life);
        if self.is_ending {
            let life = StoppedLife {
                runtime_name: name(),
                incarnation: life.incarnation,
                reason: reason.clone(),
                took: asked.map(|at| at.elapsed()).unwrap_or_default(),
            };
            self.report.add(life, clean);
        }
    }
}
