//! The start order of children.
use crate::{life::Slot, strategy::StartOrder};

const NONE: u32 = u32::MAX;

/// A place in start order: later children have greater ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place(u64);

impl Place {
    pub(super) const FIRST: Self = Self(0);
    pub(super) const LAST: Self = Self(u64::MAX);
}

/// A list of slots in start order, linked through a table: adding at the end, removing, and going
/// to a neighbour cost the same among two as among a million.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Order {
    links: Vec<Link>,
    first: u32,
    last: u32,
    /// Greater than no place that was given.
    first_place: u64,
    next_place: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Link {
    before: u32,
    after: u32,
    place: Place,
}

impl Order {
    /// Where the first slot of all is put.
    const MIDDLE: u64 = 1 << 63;

    pub(super) const fn new() -> Self {
        Self {
            links: Vec::new(),
            first: NONE,
            last: NONE,
            first_place: Self::MIDDLE,
            next_place: Self::MIDDLE,
        }
    }

    /// Puts `slot` at the end, or before all others.
    pub(super) fn insert(&mut self, slot: Slot, order: StartOrder) {
        match order {
            StartOrder::LeftToRight => self.push(slot),
            StartOrder::RightToLeft => self.push_front(slot),
        }
    }

    fn push_front(&mut self, slot: Slot) {
        self.first_place -= 1;
        let link = Link {
            before: NONE,
            after: self.first,
            place: Place(self.first_place),
        };
        self.set(slot, link);
        match self.first {
            NONE => self.last = slot.0,
            first => self.links[first as usize].before = slot.0,
        }
        self.first = slot.0;
    }

    fn push(&mut self, slot: Slot) {
        let link = Link {
            before: self.last,
            after: NONE,
            place: Place(self.next_place),
        };
        self.next_place += 1;
        self.set(slot, link);
        match self.last {
            NONE => self.first = slot.0,
            last => self.links[last as usize].after = slot.0,
        }
        self.last = slot.0;
    }

    fn set(&mut self, slot: Slot, link: Link) {
        if slot.index() == self.links.len() {
            self.links.push(link);
        } else {
            self.links[slot.index()] = link;
        }
    }

    /// Takes `slot` out.
    pub(super) fn remove(&mut self, slot: Slot) {
        let Link { before, after, .. } = self.links[slot.index()];
        match before {
            NONE => self.first = after,
            before => self.links[before as usize].after = after,
        }
        match after {
            NONE => self.last = before,
            after => self.links[after as usize].before = before,
        }
    }

    pub(super) fn first(&self) -> Option<Slot> {
        some(self.first)
    }

    pub(super) fn last(&self) -> Option<Slot> {
        some(self.last)
    }

    pub(super) fn before(&self, slot: Slot) -> Option<Slot> {
        some(self.links[slot.index()].before)
    }

    pub(super) fn after(&self, slot: Slot) -> Option<Slot> {
        some(self.links[slot.index()].after)
    }

    pub(super) fn place(&self, slot: Slot) -> Place {
        self.links[slot.index()].place
    }

    /// The place of the first slot; that of the next one when there is none.
    pub(super) fn begin(&self) -> Place {
        self.first().map_or(self.end(), |slot| self.place(slot))
    }

    /// The place that the next slot at the end will have.
    pub(super) const fn end(&self) -> Place {
        Place(self.next_place)
    }

    /// From first to last.
    pub(super) fn iter(&self) -> impl Iterator<Item = Slot> + '_ {
        std::iter::successors(self.first(), |&slot| self.after(slot))
    }
}

const fn some(index: u32) -> Option<Slot> {
    if index == NONE {
        None
    } else {
        Some(Slot(index))
    }
}
