//! The start order of children.
use crate::life::Slot;

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
    next_place: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Link {
    before: u32,
    after: u32,
    place: Place,
}

impl Order {
    pub(super) const fn new() -> Self {
        Self {
            links: Vec::new(),
            first: NONE,
            last: NONE,
            next_place: 0,
        }
    }

    /// Puts `slot` at the end.
    pub(super) fn push(&mut self, slot: Slot) {
        let link = Link {
            before: self.last,
            after: NONE,
            place: Place(self.next_place),
        };
        self.next_place += 1;
        if slot.index() == self.links.len() {
            self.links.push(link);
        } else {
            self.links[slot.index()] = link;
        }
        match self.last {
            NONE => self.first = slot.0,
            last => self.links[last as usize].after = slot.0,
        }
        self.last = slot.0;
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

    /// The place that the next slot will have.
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
