//! Children that are started together fail and restart together.
use super::rows::{Row, Rows};
use crate::{life::Slot, moment::Moment, spec::ChildSpec};
use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
};

/// The number of a group; never given twice by one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupId(u64);

/// The groups of one branch. They share nothing: each restarts for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Groups {
    /// The group of each slot.
    of: Vec<Option<GroupId>>,
    groups: BTreeMap<GroupId, Group>,
    next: u64,
    restarting: BTreeSet<GroupId>,
    /// Those that are down, and wait for a backoff to pass.
    pausing: BTreeSet<(Moment, GroupId)>,
    /// Those that must be looked at: something became of a member.
    moved: BTreeSet<GroupId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Group {
    /// In start order.
    members: Vec<Slot>,
    /// While it restarts: the members whose backoff must have passed.
    waits: Vec<(Slot, Moment)>,
    /// While it restarts: the members before this one are down.
    down: usize,
    /// Until when it pauses.
    until: Option<Moment>,
}

impl Groups {
    /// A new group without members.
    pub(super) fn open(&mut self) -> GroupId {
        let id = GroupId(self.next);
        self.next += 1;
        self.groups.insert(id, Group::default());
        id
    }

    /// Puts a child at the end of a group.
    pub(super) fn join(&mut self, id: GroupId, slot: Slot) {
        if self.of.len() <= slot.index() {
            self.of.resize(slot.index() + 1, None);
        }
        self.of[slot.index()] = Some(id);
        if let Some(group) = self.groups.get_mut(&id) {
            group.members.push(slot);
        }
    }

    fn id(&self, slot: Slot) -> Option<GroupId> {
        self.of.get(slot.index()).copied().flatten()
    }

    /// All members of the child's group, in start order.
    pub(super) fn members(&self, slot: Slot) -> Vec<Slot> {
        let group = self.id(slot).and_then(|id| self.groups.get(&id));
        group.map_or_else(Vec::new, |group| group.members.clone())
    }

    /// Whether the child has no others in its group.
    pub(super) fn is_alone(&self, slot: Slot) -> bool {
        let group = self.id(slot).and_then(|id| self.groups.get(&id));
        group.is_some_and(|group| group.members.len() == 1)
    }

    /// Whether the child's group is going down, to be started again.
    pub(super) fn is_restarting(&self, slot: Slot) -> bool {
        self.id(slot)
            .is_some_and(|id| self.restarting.contains(&id))
    }

    /// Whether any group is.
    pub(super) fn is_any_restarting(&self) -> bool {
        !self.restarting.is_empty()
    }

    /// The child's group restarts, and not before this moment.
    pub(super) fn restart(&mut self, slot: Slot, at: Moment) {
        if let Some(id) = self.id(slot) {
            if let Some(group) = self.groups.get_mut(&id) {
                group.waits.push((slot, at));
            }
            self.restarting.insert(id);
            self.moved.insert(id);
        }
    }

    /// The group waits for this child's backoff no more.
    pub(super) fn release(&mut self, slot: Slot) {
        self.look_at(slot);
        let group = self.id(slot).and_then(|id| self.groups.get_mut(&id));
        if let Some(group) = group {
            group.waits.retain(|&(waiting, _)| waiting != slot);
        }
    }

    /// The child is forgotten.
    pub(super) fn leave(&mut self, slot: Slot) {
        self.release(slot);
        let Some(id) = self.of.get_mut(slot.index()).and_then(Option::take) else {
            return;
        };
        let Some(group) = self.groups.get_mut(&id) else {
            return;
        };
        let at = group.members.iter().position(|&member| member == slot);
        if let Some(at) = at {
            group.members.remove(at);
            group.down -= usize::from(at < group.down);
        }
        if group.members.is_empty() {
            self.close(id);
        }
    }

    fn close(&mut self, id: GroupId) {
        if let Some(until) = self.groups.remove(&id).and_then(|group| group.until) {
            self.pausing.remove(&(until, id));
        }
        self.restarting.remove(&id);
        self.moved.remove(&id);
    }

    /// Something became of this child, which matters when its group restarts.
    pub(super) fn look_at(&mut self, slot: Slot) {
        if let Some(id) = self.id(slot).filter(|id| self.restarting.contains(id)) {
            self.moved.insert(id);
        }
    }

    /// Time has passed: those whose pause is over go on.
    pub(super) fn look_at_due(&mut self, now: Moment) {
        let due = self.pausing.iter().take_while(|&&(at, _)| at <= now);
        self.moved.extend(due.map(|&(_, id)| id));
    }

    /// When the first group that is down goes on.
    pub(super) fn deadline(&self) -> Option<Moment> {
        self.pausing.first().map(|&(at, _)| at)
    }

    /// Nothing is started again any more.
    pub(super) fn give_up(&mut self) {
        self.restarting.clear();
        self.pausing.clear();
        self.moved.clear();
    }

    /// The members of a group that is down and whose backoffs have passed: it is not restarting
    /// any more, and they are to begin.
    pub(super) fn next_due<P, S>(&mut self, now: Moment, rows: &mut Rows<P, S>) -> Option<Vec<Slot>>
    where
        P: Borrow<ChildSpec<S>>,
    {
        while let Some(id) = self.moved.pop_first() {
            let Some(group) = self.groups.get_mut(&id) else {
                continue;
            };
            if let Some(until) = group.until.take() {
                self.pausing.remove(&(until, id));
            }
            let rest = group.members[group.down..].iter();
            let down = rest.take_while(|&&slot| !Row::has_life(rows.visit(slot)));
            group.down += down.count();
            if group.down < group.members.len() {
                continue;
            }
            let at = group.waits.iter().map(|&(_, at)| at).max();
            if let Some(at) = at.filter(|&at| at > now) {
                group.until = Some(at);
                self.pausing.insert((at, id));
                continue;
            }
            group.down = 0;
            group.waits.clear();
            self.restarting.remove(&id);
            return Some(group.members.clone());
        }
        None
    }
}
