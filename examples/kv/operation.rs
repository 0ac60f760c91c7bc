//! An operation: what the store can be asked to do.

use crate::resp::Writer;

/// One command on the data. Keys and values are any bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    Get(Vec<u8>),
    Set { key: Vec<u8>, value: Vec<u8> },
    Del(Vec<Vec<u8>>),
    Exists(Vec<Vec<u8>>),
    Incr(Vec<u8>),
    DbSize,
    FlushAll,
}

impl Operation {
    /// Whether this can change the data.
    pub(crate) fn is_change(&self) -> bool {
        matches!(
            self,
            Self::Set { .. } | Self::Del(_) | Self::Incr(_) | Self::FlushAll
        )
    }
}

/// A change as the log keeps it: what was really done, in the words of the client's command.
pub(crate) enum Change<'a> {
    Set { key: &'a [u8], value: &'a [u8] },
    Del(&'a [Vec<u8>]),
    Incr(&'a [u8]),
    FlushAll,
}

impl Change<'_> {
    /// Appends the change to what is to be logged.
    pub(crate) fn write(&self, log: &mut Writer) {
        match self {
            Self::Set { key, value } => log.bulks([b"SET", *key, *value].into_iter()),
            Self::Incr(key) => log.bulks([b"INCR", *key].into_iter()),
            Self::FlushAll => log.bulks([b"FLUSHALL".as_slice()].into_iter()),
            Self::Del(keys) => {
                log.array(keys.len() + 1);
                log.bulk(b"DEL");
                keys.iter().for_each(|key| log.bulk(key));
            }
        }
    }
}
