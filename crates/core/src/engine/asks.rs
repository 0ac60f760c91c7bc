//! Requests that wait for a child to be up, or down.
use super::event::Ask;
use crate::life::Slot;
use std::collections::BTreeMap;

/// Who waits for what. Costs nothing for a child that nobody waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Asks {
    up: BTreeMap<Slot, Pending>,
    down: BTreeMap<Slot, Vec<Ask>>,
}

/// A start that somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    pub(super) ask: Ask,
    /// Whether it is the child's first: then nothing is kept of it when it fails.
    pub(super) first: bool,
}

impl Asks {
    pub(super) fn await_up(&mut self, slot: Slot, ask: Ask, first: bool) {
        self.up.insert(slot, Pending { ask, first });
    }

    pub(super) fn await_down(&mut self, slot: Slot, ask: Ask) {
        self.down.entry(slot).or_default().push(ask);
    }

    pub(super) fn take_up(&mut self, slot: Slot) -> Option<Pending> {
        self.up.remove(&slot)
    }

    pub(super) fn take_down(&mut self, slot: Slot) -> Vec<Ask> {
        self.down.remove(&slot).unwrap_or_default()
    }

    /// All who wait for a child to be up.
    pub(super) fn take_all_up(&mut self) -> impl Iterator<Item = Ask> + use<> {
        std::mem::take(&mut self.up)
            .into_values()
            .map(|pending| pending.ask)
    }
}
