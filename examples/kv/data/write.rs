//! What each operation does to the data, and what it comes to.
//!
//! An expired key that an operation touches is deleted first, so that what is logged does not depend on the time.

use super::{
    change::Change,
    key::Key,
    operation::{Condition, Expire, Lasting, Operation, Set, SetReply},
    table::{NotAdded, Table},
};
use crate::resp::{BYTES, Writer};

/// What Redis answers when a number is wanted and something else is there.
pub(crate) const NOT_AN_INTEGER: &str = "ERR value is not an integer or out of range";

/// What Redis answers when a value would become too long.
const TOO_LONG: &str = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";

/// What Redis answers to a time to live that is none.
pub(crate) fn invalid_expire_time(command: &str) -> String {
    format!("ERR invalid expire time in '{command}' command")
}

impl Table {
    /// Does the operation, writes the reply, and writes what it came to into `log`. An operation that changes nothing leaves no
    /// trace in the log.
    pub(crate) fn apply(
        &mut self,
        operation: &Operation,
        now: i64,
        replies: &mut Writer,
        log: &mut Writer,
    ) {
        match operation {
            Operation::Set(set) => self.set_as_asked(set, now, replies, log),
            Operation::MSet(pairs) => {
                for (key, value) in pairs {
                    self.put(key, value, None, log);
                }
                replies.simple("OK");
            }
            Operation::Del(keys) => {
                let live = |table: &Self, key: &Key| table.live(key, now).is_some();
                let deleted = keys
                    .iter()
                    .filter(|key| live(self, key) & self.delete(key, log));
                replies.count(deleted.count());
            }
            Operation::Add(key, by) => {
                self.bury(key, now, log);
                match self.add(key, *by) {
                    Ok(sum) => {
                        Change::Add(key, *by).write(log);
                        replies.integer(sum);
                    }
                    Err(NotAdded::NotAnInteger) => replies.error(NOT_AN_INTEGER.as_bytes()),
                    Err(NotAdded::Overflow) => {
                        replies.error(b"ERR increment or decrement would overflow");
                    }
                }
            }
            Operation::Append(key, tail) => self.extend(key, tail, now, replies, log),
            Operation::Expire(expire) => self.expire(expire, now, replies, log),
            Operation::Persist(key) => {
                self.bury(key, now, log);
                let persists = self.set_deadline(key, None);
                if persists {
                    Change::Persist(key).write(log);
                }
                replies.integer(persists.into());
            }
            Operation::FlushAll => {
                self.clear();
                Change::FlushAll.write(log);
                replies.simple("OK");
            }
            reading => self.answer(reading, now, replies),
        }
    }

    /// Deletes expired keys, those that expired first, until the log has so many bytes. Returns whether there may be more.
    pub(crate) fn sweep(&mut self, enough: usize, now: i64, log: &mut Writer) -> bool {
        while log.len() < enough {
            let Some(key) = self.over(now).next().cloned() else {
                return false;
            };
            self.delete(&key, log);
        }
        true
    }

    fn set_as_asked(&mut self, set: &Set, now: i64, replies: &mut Writer, log: &mut Writer) {
        let until = match set.lasting {
            Lasting::For(span) => now.checked_add(span).map(Some),
            Lasting::Until(moment) => Some(Some(moment)),
            Lasting::Forever | Lasting::AsBefore => Some(None),
        };
        let Some(until) = until else {
            return replies.error(invalid_expire_time(set.command).as_bytes());
        };
        self.bury(&set.key, now, log);
        let before = self.get(&set.key);
        if set.reply == SetReply::Before {
            replies.optional(before.map(|entry| &entry.value[..]));
        }
        let wanted = match set.condition {
            Condition::Always => true,
            Condition::IfMissing => before.is_none(),
            Condition::IfPresent => before.is_some(),
        };
        let deadline = match set.lasting {
            Lasting::AsBefore => before.and_then(|entry| entry.deadline),
            _ => until,
        };
        if wanted {
            self.put(&set.key, &set.value, deadline, log);
        }
        match (set.reply, wanted) {
            (SetReply::Before, _) => {}
            (SetReply::Ok, true) => replies.simple("OK"),
            (SetReply::Ok, false) => replies.null(),
            (SetReply::Whether, wanted) => replies.integer(wanted.into()),
        }
    }

    fn extend(&mut self, key: &Key, tail: &[u8], now: i64, replies: &mut Writer, log: &mut Writer) {
        self.bury(key, now, log);
        let length = self.get(key).map_or(0, |entry| entry.value.len());
        if length + tail.len() > BYTES {
            return replies.error(TOO_LONG.as_bytes());
        }
        replies.count(self.append(key, tail));
        Change::Append(key, tail).write(log);
    }

    fn expire(&mut self, expire: &Expire, now: i64, replies: &mut Writer, log: &mut Writer) {
        let Expire {
            key,
            after,
            unless,
            command,
        } = expire;
        let Some(deadline) = now.checked_add(*after) else {
            return replies.error(invalid_expire_time(command).as_bytes());
        };
        self.bury(key, now, log);
        let Some(before) = self.get(key).map(|entry| entry.deadline) else {
            return replies.integer(0);
        };
        let is_left = (unless.any && before.is_some())
            || (unless.none && before.is_none())
            || (unless.later && before.is_none_or(|before| deadline <= before))
            || (unless.earlier && before.is_some_and(|before| deadline >= before));
        if !is_left {
            if deadline <= now {
                self.delete(key, log);
            } else if self.set_deadline(key, Some(deadline)) {
                Change::Expire(key, deadline).write(log);
            }
        }
        replies.integer((!is_left).into());
    }

    fn put(&mut self, key: &Key, value: &[u8], deadline: Option<i64>, log: &mut Writer) {
        self.set(key, value, deadline);
        Change::Set {
            key,
            value,
            deadline,
        }
        .write(log);
    }

    fn delete(&mut self, key: &Key, log: &mut Writer) -> bool {
        let was_there = self.remove(key);
        if was_there {
            Change::Del(key).write(log);
        }
        was_there
    }

    /// Deletes the key if it has expired.
    fn bury(&mut self, key: &Key, now: i64, log: &mut Writer) {
        let may_be_over = self.earliest().is_some_and(|earliest| earliest < now);
        if may_be_over && self.get(key).is_some_and(|entry| entry.is_over(now)) {
            self.delete(key, log);
        }
    }
}
