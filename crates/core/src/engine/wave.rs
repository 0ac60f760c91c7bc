//! Rows that are stopped and started in order with each other.
use super::order::{Order, Place};
use crate::{life::Slot, moment::Moment};

/// One walk down the rows, and up again: the first start, the restart of a group, and the end of
/// the supervisor are waves. One-for-one restarts make none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wave {
    /// The first place that it takes along.
    pub(super) from: Place,
    /// The place before which it ends.
    pub(super) until: Place,
    pub(super) stage: Stage,
    /// Rows whose backoff must have passed before anything of it starts.
    pub(super) waits: Vec<(Slot, Moment)>,
}

/// How far the walk has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Later rows than this have ended; this one is next.
    Ending(Option<Slot>),
    /// All have ended; the walk up begins after this row.
    Pausing(Option<Slot>),
    /// Earlier rows than this are dealt with; this one is next.
    Beginning(Option<Slot>),
}

impl Wave {
    /// The first start of the rows that stand in `order`.
    pub(super) fn boot(order: &Order) -> Self {
        Self {
            from: order.begin(),
            until: order.end(),
            stage: Stage::Beginning(order.first()),
            waits: Vec::new(),
        }
    }

    /// The end of all rows from `from` on.
    pub(super) fn down(order: &Order, from: Place) -> Self {
        Self {
            from,
            until: Place::LAST,
            stage: Stage::Ending(order.last()),
            waits: Vec::new(),
        }
    }

    /// Whether a row at this place is stopped and started with it.
    pub(super) fn covers(&self, place: Place) -> bool {
        self.from <= place && place < self.until
    }

    /// Whether nothing of it is started yet.
    pub(super) const fn is_ending(&self) -> bool {
        matches!(self.stage, Stage::Ending(_) | Stage::Pausing(_))
    }

    /// Makes it reach down to `from`, and begin its walk down again.
    pub(super) fn widen(&mut self, order: &Order, from: Place) {
        self.from = self.from.min(from);
        if !matches!(self.stage, Stage::Ending(_)) {
            self.stage = Stage::Ending(order.last());
        }
    }

    /// The moment before which nothing of it starts.
    pub(super) fn not_before(&self) -> Option<Moment> {
        self.waits.iter().map(|&(_, at)| at).max()
    }

    /// Waits for this row's backoff no more.
    pub(super) fn release(&mut self, slot: Slot) {
        self.waits.retain(|&(waiting, _)| waiting != slot);
    }

    /// Steps aside from a row that is about to be taken out.
    pub(super) fn leave(&mut self, order: &Order, slot: Slot) {
        self.release(slot);
        match &mut self.stage {
            Stage::Ending(at) | Stage::Pausing(at) if *at == Some(slot) => {
                *at = order.before(slot);
            }
            Stage::Beginning(at) if *at == Some(slot) => *at = order.after(slot),
            _ => {}
        }
    }
}
