//! The table: all keys with their values and deadlines, and how to take back what was done to them.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use super::key::Key;
use crate::resp::integer;

/// All keys and their values. What is done to it can be taken back until it is committed.
#[derive(Default)]
pub(crate) struct Table {
    entries: BTreeMap<Key, Entry>,
    /// Who expires when, soonest first.
    deadlines: BTreeSet<(i64, Key)>,
    undo: Vec<Undo>,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) value: Vec<u8>,
    /// Until when it lives, in milliseconds since 1970; none: for ever.
    pub(crate) deadline: Option<i64>,
}

/// How one step is taken back.
enum Undo {
    Entry(Key, Option<Entry>),
    Length(Key, usize),
    Deadline(Key, Option<i64>),
    All(BTreeMap<Key, Entry>, BTreeSet<(i64, Key)>),
}

/// All that was there when it was cleared.
pub(crate) type Cleared = Vec<(BTreeMap<Key, Entry>, BTreeSet<(i64, Key)>)>;

/// Why a number was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAdded {
    NotAnInteger,
    Overflow,
}

impl Entry {
    /// Whether its deadline has passed.
    pub(crate) fn is_over(&self, now: i64) -> bool {
        self.deadline.is_some_and(|deadline| deadline < now)
    }
}

impl Table {
    pub(crate) fn get(&self, key: &Key) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// All that is there from that key on, expired or not.
    pub(crate) fn from(&self, first: Key) -> impl Iterator<Item = (&Key, &Entry)> {
        self.entries.range(first..)
    }

    /// How many keys there are, expired or not.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many of them have a deadline.
    pub(crate) fn mortal(&self) -> usize {
        self.deadlines.len()
    }

    /// The first deadline.
    pub(crate) fn earliest(&self) -> Option<i64> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// The keys whose deadline has passed, soonest first.
    pub(crate) fn over(&self, now: i64) -> impl Iterator<Item = &Key> {
        let until = (now, Key::first_of(0));
        self.deadlines.range(..until).map(|(_, key)| key)
    }

    pub(crate) fn set(&mut self, key: &Key, value: &[u8], deadline: Option<i64>) {
        let value = value.to_vec();
        let before = self.place(key, Some(Entry { value, deadline }));
        self.undo.push(Undo::Entry(key.clone(), before));
    }

    /// Returns whether it was there.
    pub(crate) fn remove(&mut self, key: &Key) -> bool {
        let before = self.place(key, None);
        let was_there = before.is_some();
        if was_there {
            self.undo.push(Undo::Entry(key.clone(), before));
        }
        was_there
    }

    /// Adds to the number at the key, or to 0, and gives the sum.
    pub(crate) fn add(&mut self, key: &Key, by: i64) -> Result<i64, NotAdded> {
        let Some(entry) = self.entries.get_mut(key) else {
            self.set(key, by.to_string().as_bytes(), None);
            return Ok(by);
        };
        let number = integer(&entry.value).ok_or(NotAdded::NotAnInteger)?;
        let sum = number.checked_add(by).ok_or(NotAdded::Overflow)?;
        let before = Entry {
            value: mem::replace(&mut entry.value, sum.to_string().into_bytes()),
            deadline: entry.deadline,
        };
        self.undo.push(Undo::Entry(key.clone(), Some(before)));
        Ok(sum)
    }

    /// Appends to the value at the key, or to nothing, and gives its length.
    pub(crate) fn append(&mut self, key: &Key, tail: &[u8]) -> usize {
        let Some(entry) = self.entries.get_mut(key) else {
            self.set(key, tail, None);
            return tail.len();
        };
        self.undo.push(Undo::Length(key.clone(), entry.value.len()));
        entry.value.extend_from_slice(tail);
        entry.value.len()
    }

    /// Gives the key a deadline, or none. Returns whether that is another one than before.
    pub(crate) fn set_deadline(&mut self, key: &Key, deadline: Option<i64>) -> bool {
        let Some(before) = self.entries.get(key).map(|entry| entry.deadline) else {
            return false;
        };
        if before == deadline {
            return false;
        }
        self.place_deadline(key, deadline);
        self.undo.push(Undo::Deadline(key.clone(), before));
        true
    }

    pub(crate) fn clear(&mut self) {
        let entries = mem::take(&mut self.entries);
        let deadlines = mem::take(&mut self.deadlines);
        self.undo.push(Undo::All(entries, deadlines));
    }

    /// What was done stays done. Gives what was cleared, which may take long to be freed.
    pub(crate) fn commit(&mut self) -> Cleared {
        let cleared = self.undo.drain(..).filter_map(|undo| match undo {
            Undo::All(entries, deadlines) => Some((entries, deadlines)),
            _ => None,
        });
        let cleared = cleared.collect();
        self.undo.shrink_to(1024);
        cleared
    }

    /// Takes back what was done since the last commit.
    pub(crate) fn roll_back(&mut self) {
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::Entry(key, before) => drop(self.place(&key, before)),
                Undo::Length(key, length) => {
                    if let Some(entry) = self.entries.get_mut(&key) {
                        entry.value.truncate(length);
                    }
                }
                Undo::Deadline(key, before) => self.place_deadline(&key, before),
                Undo::All(entries, deadlines) => {
                    self.entries = entries;
                    self.deadlines = deadlines;
                }
            }
        }
    }

    /// Puts an entry at the key, or nothing, and gives what was there.
    fn place(&mut self, key: &Key, entry: Option<Entry>) -> Option<Entry> {
        let deadline = entry.as_ref().and_then(|entry| entry.deadline);
        let before = match entry {
            None => self.entries.remove(key),
            Some(entry) => match self.entries.get_mut(key) {
                Some(place) => Some(mem::replace(place, entry)),
                None => self.entries.insert(key.kept(), entry),
            },
        };
        let old = before.as_ref().and_then(|before| before.deadline);
        self.move_deadline(key, old, deadline);
        before
    }

    fn place_deadline(&mut self, key: &Key, deadline: Option<i64>) {
        if let Some(entry) = self.entries.get_mut(key) {
            let before = mem::replace(&mut entry.deadline, deadline);
            self.move_deadline(key, before, deadline);
        }
    }

    fn move_deadline(&mut self, key: &Key, from: Option<i64>, to: Option<i64>) {
        if from == to {
            return;
        }
        if let Some(from) = from {
            self.deadlines.remove(&(from, key.clone()));
        }
        if let Some(to) = to {
            self.deadlines.insert((to, key.kept()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &'static str) -> Key {
        Key::new(name.as_bytes().into())
    }

    type All = (BTreeMap<Key, Entry>, BTreeSet<(i64, Key)>);

    fn all(table: &Table) -> All {
        (table.entries.clone(), table.deadlines.clone())
    }

    #[test]
    fn what_is_not_committed_can_be_taken_back() {
        let mut table = Table::default();
        table.set(&key("n"), b"1", None);
        table.set(&key("t"), b"x", Some(7));
        table.set(&key("u"), b"y", Some(9));
        table.commit();
        let before = all(&table);
        let steps: [fn(&mut Table); 9] = [
            |table| assert_eq!(table.add(&key("n"), 5), Ok(6)),
            |table| assert_eq!(table.add(&key("m"), 5), Ok(5)),
            |table| assert_eq!(table.append(&key("t"), b"tail"), 5),
            |table| table.set(&key("n"), b"other", Some(3)),
            |table| table.set(&key("new"), b"other", Some(3)),
            |table| assert!(table.remove(&key("t"))),
            |table| assert!(table.set_deadline(&key("u"), None)),
            |table| assert!(table.set_deadline(&key("u"), Some(1))),
            Table::clear,
        ];
        for step in steps {
            step(&mut table);
            assert_ne!(all(&table), before);
            table.roll_back();
            assert_eq!(all(&table), before);
        }
        for step in steps {
            step(&mut table);
        }
        table.roll_back();
        assert_eq!(all(&table), before);
    }

    #[test]
    fn the_deadlines_are_those_of_the_entries() {
        let mut table = Table::default();
        table.set(&key("a"), b"", Some(5));
        table.set(&key("b"), b"", Some(3));
        table.set(&key("a"), b"", Some(4));
        assert_eq!(table.earliest(), Some(3));
        assert_eq!(table.over(4).collect::<Vec<_>>(), [&key("b")]);
        assert_eq!(table.over(5).count(), 2);
        assert!(table.remove(&key("b")));
        assert!(!table.set_deadline(&key("a"), Some(4)));
        assert!(table.set_deadline(&key("a"), None));
        assert!(!table.set_deadline(&key("gone"), Some(4)));
        assert_eq!((table.mortal(), table.len()), (0, 1));
    }
}
