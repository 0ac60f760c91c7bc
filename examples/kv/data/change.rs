//! A change: what an operation came to. It is what the log keeps, and what a replay does again.
//!
//! A change is absolute: its deadlines are moments, it has no conditions, and the one who reads it back needs no clock. It is
//! written as a command that Redis knows too.

use bytes::{Bytes, BytesMut};

use super::{key::Key, table::Table};
use crate::resp::{Parser, Writer, integer};

/// What was really done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    Set {
        key: &'a Key,
        value: &'a [u8],
        deadline: Option<i64>,
    },
    Del(&'a Key),
    Add(&'a Key, i64),
    Append(&'a Key, &'a [u8]),
    Expire(&'a Key, i64),
    Persist(&'a Key),
    FlushAll,
}

impl<'a> Change<'a> {
    /// Appends the change to what is to be logged.
    pub(crate) fn write(&self, log: &mut Writer) {
        let decimal = |number: &i64| number.to_string();
        match self {
            Self::Set {
                key,
                value,
                deadline,
            } => match deadline {
                None => log.bulks(&[b"SET", key.bytes(), value]),
                Some(at) => {
                    log.bulks(&[b"SET", key.bytes(), value, b"PXAT", decimal(at).as_bytes()]);
                }
            },
            Self::Del(key) => log.bulks(&[b"DEL", key.bytes()]),
            Self::Add(key, by) => log.bulks(&[b"INCRBY", key.bytes(), decimal(by).as_bytes()]),
            Self::Append(key, tail) => log.bulks(&[b"APPEND", key.bytes(), tail]),
            Self::Expire(key, at) => {
                log.bulks(&[b"PEXPIREAT", key.bytes(), decimal(at).as_bytes()]);
            }
            Self::Persist(key) => log.bulks(&[b"PERSIST", key.bytes()]),
            Self::FlushAll => log.bulks(&[b"FLUSHALL"]),
        }
    }

    /// Reads a change back. `key` is the second of its words, if it has one.
    pub(crate) fn read(words: &'a [Bytes], key: &'a Key) -> Option<Self> {
        let (name, rest) = words.split_first()?;
        let rest: Vec<&[u8]> = rest.iter().skip(1).map(|word| &word[..]).collect();
        Some(match (&name[..], words.len() > 1, &rest[..]) {
            (b"SET", true, [value]) => Self::Set {
                key,
                value,
                deadline: None,
            },
            (b"SET", true, [value, b"PXAT", at]) => Self::Set {
                key,
                value,
                deadline: Some(integer(at)?),
            },
            (b"DEL", true, []) => Self::Del(key),
            (b"INCRBY", true, [by]) => Self::Add(key, integer(by)?),
            (b"APPEND", true, [tail]) => Self::Append(key, tail),
            (b"PEXPIREAT", true, [at]) => Self::Expire(key, integer(at)?),
            (b"PERSIST", true, []) => Self::Persist(key),
            (b"FLUSHALL", false, []) => Self::FlushAll,
            _ => return None,
        })
    }

    /// Does the change again. Returns whether that was possible: what was logged did change something.
    pub(crate) fn redo(&self, table: &mut Table) -> bool {
        match *self {
            Self::Set {
                key,
                value,
                deadline,
            } => table.set(key, value, deadline),
            Self::Del(key) => return table.remove(key),
            Self::Add(key, by) => return table.add(key, by).is_ok(),
            Self::Append(key, tail) => drop(table.append(key, tail)),
            Self::Expire(key, at) => return table.set_deadline(key, Some(at)),
            Self::Persist(key) => return table.set_deadline(key, None),
            Self::FlushAll => table.clear(),
        }
        true
    }
}

/// Does recorded changes again, all of them.
///
/// # Errors
///
/// What is wrong with the first that cannot be done. Those before it are done.
pub(crate) fn redo(records: BytesMut, table: &mut Table) -> Result<(), String> {
    let mut records = Parser::arrays(records);
    while let Some(words) = records.next().map_err(|error| error.to_string())? {
        let key = Key::new(words.get(1).cloned().unwrap_or_default());
        let change = Change::read(&words, &key).ok_or("a record that is no change")?;
        if !change.redo(table) {
            return Err("a change that changes nothing".into());
        }
    }
    if records.is_midway() {
        return Err("a record that breaks off".into());
    }
    table.commit();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resp::Parser;

    fn words(change: &Change<'_>) -> Vec<Bytes> {
        let mut log = Writer::default();
        change.write(&mut log);
        let mut parser = Parser::arrays(log.bytes().into());
        parser.next().unwrap().unwrap()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let key = &Key::new(Bytes::from_static(b"k\r\n"));
        let set = |deadline| Change::Set {
            key,
            value: b"\0v",
            deadline,
        };
        for change in [
            set(None),
            set(Some(-7)),
            Change::Del(key),
            Change::Add(key, i64::MIN),
            Change::Append(key, b""),
            Change::Expire(key, 0),
            Change::Persist(key),
            Change::FlushAll,
        ] {
            assert_eq!(Change::read(&words(&change), key).as_ref(), Some(&change));
        }
    }

    #[test]
    fn nothing_else_is_a_change() {
        let key = &Key::new(Bytes::from_static(b"k"));
        for line in [
            "GET k",
            "SET k",
            "SET k v PX 1",
            "SET k v PXAT x",
            "set k v",
            "DEL",
            "DEL k k",
            "INCRBY k x",
            "PERSIST",
            "FLUSHALL k",
        ] {
            let words: Vec<Bytes> = line.split(' ').map(|word| word.to_owned().into()).collect();
            assert_eq!(Change::read(&words, key), None, "{line}");
        }
    }

    #[test]
    fn a_change_that_changes_nothing_is_told() {
        let key = &Key::new(Bytes::from_static(b"k"));
        let mut table = Table::default();
        for change in [
            Change::Del(key),
            Change::Expire(key, 1),
            Change::Persist(key),
        ] {
            assert!(!change.redo(&mut table), "{change:?}");
        }
        assert!(Change::Append(key, b"x").redo(&mut table));
        assert!(!Change::Add(key, 1).redo(&mut table));
        assert!(!Change::Persist(key).redo(&mut table));
        assert!(Change::Expire(key, 1).redo(&mut table));
        assert!(!Change::Expire(key, 1).redo(&mut table));
        assert!(Change::Persist(key).redo(&mut table));
        assert!(Change::Del(key).redo(&mut table));
    }
}
