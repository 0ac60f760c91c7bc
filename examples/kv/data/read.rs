//! What is answered without a change. An expired key is as good as gone, whether the sweeper was there or not.

use super::{
    glob,
    key::Key,
    operation::{Operation, Scan},
    table::{Entry, Table},
};
use crate::resp::{BYTES, Writer};

impl Table {
    /// The entry at the key, unless it has expired.
    pub(super) fn live(&self, key: &Key, now: i64) -> Option<&Entry> {
        self.get(key).filter(|entry| !entry.is_over(now))
    }

    /// How many keys there are that have not expired.
    pub(crate) fn count(&self, now: i64) -> usize {
        self.len() - self.over(now).count()
    }

    /// Answers an operation that changes nothing.
    pub(super) fn answer(&self, operation: &Operation, now: i64, replies: &mut Writer) {
        match operation {
            Operation::Get(key) => replies.optional(self.value(key, now)),
            Operation::MGet(keys) => self.several(keys, now, replies),
            Operation::Strlen(key) => replies.count(self.value(key, now).map_or(0, <[u8]>::len)),
            Operation::Exists(keys) => {
                let live = keys.iter().filter(|key| self.live(key, now).is_some());
                replies.count(live.count());
            }
            Operation::Type(key) => replies.simple(match self.live(key, now) {
                Some(_) => "string",
                None => "none",
            }),
            Operation::Ttl(key, unit) => replies.integer(self.time_to_live(key, *unit, now)),
            Operation::Keys(pattern) => self.keys(pattern, now, replies),
            Operation::Scan(scan) => self.scan(scan, now, replies),
            Operation::DbSize => replies.count(self.count(now)),
            _ => unreachable!("it is a change"),
        }
    }

    fn value(&self, key: &Key, now: i64) -> Option<&[u8]> {
        self.live(key, now).map(|entry| &entry.value[..])
    }

    /// A reply holds no more than a request may: one that would is an error, not the end of the memory.
    fn several(&self, keys: &[Key], now: i64, replies: &mut Writer) {
        let values = || keys.iter().map(|key| self.value(key, now));
        let length: usize = values().flatten().map(<[u8]>::len).sum();
        if length > BYTES {
            return replies
                .error(b"ERR the values are too large for one reply, ask for fewer keys");
        }
        replies.array(keys.len());
        values().for_each(|value| replies.optional(value));
    }

    fn time_to_live(&self, key: &Key, unit: i64, now: i64) -> i64 {
        match self.live(key, now).map(|entry| entry.deadline) {
            None => -2,
            Some(None) => -1,
            Some(Some(deadline)) => (deadline - now + unit / 2) / unit,
        }
    }

    fn keys(&self, pattern: &[u8], now: i64, replies: &mut Writer) {
        let all = self.from(Key::first_of(0));
        let live = all.filter(|(_, entry)| !entry.is_over(now));
        let found = live.filter(|(key, _)| glob::matches(pattern, key.bytes()));
        let found: Vec<&[u8]> = found.map(|(key, _)| key.bytes()).collect();
        replies.bulks(&found);
    }

    /// A step goes on to the end of a hash, so that the cursor is the hash that comes next. What is there all the time is found
    /// whatever else comes and goes, and once.
    fn scan(&self, scan: &Scan, now: i64, replies: &mut Writer) {
        let mut found = Vec::new();
        let (mut seen, mut last, mut next) = (0, 0, 0);
        for (key, entry) in self.from(Key::first_of(scan.cursor)) {
            if seen >= scan.count && key.hash() != last {
                next = key.hash();
                break;
            }
            (seen, last) = (seen + 1, key.hash());
            let pattern = scan.pattern.as_deref();
            let fits = pattern.is_none_or(|pattern| glob::matches(pattern, key.bytes()));
            if fits && scan.strings && !entry.is_over(now) {
                found.push(key.bytes());
            }
        }
        replies.array(2);
        replies.bulk(next.to_string().as_bytes());
        replies.bulks(&found);
    }
}
