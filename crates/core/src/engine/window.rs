//! The restarts of the last while.
use crate::{life::Life, moment::Moment, tolerance::Tolerance};
use std::collections::VecDeque;

/// The restarts within the window, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Window {
    tolerance: Tolerance,
    restarts: VecDeque<(Moment, Life)>,
}

impl Window {
    pub(super) fn new(tolerance: Tolerance) -> Self {
        Self {
            tolerance,
            restarts: VecDeque::new(),
        }
    }

    /// Takes out the oldest restart when it is too old to count.
    pub(super) fn expire(&mut self, now: Moment) -> Option<Life> {
        let &(at, life) = self.restarts.front()?;
        if now.since(at) <= self.tolerance.window() {
            return None;
        }
        self.restarts.pop_front();
        Some(life)
    }

    /// Counts the restart that the end of `life` asks for. When it is one too many, the first life
    /// in the window comes back.
    pub(super) fn count(&mut self, now: Moment, life: Life) -> Result<(), Life> {
        self.restarts.push_back((now, life));
        if self.restarts.len() > self.tolerance.limit() as usize {
            Err(self.restarts[0].1)
        } else {
            Ok(())
        }
    }
}
