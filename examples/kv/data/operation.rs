//! An operation: what the store can be asked to do.

use bytes::Bytes;

use super::key::Key;

/// One command on the data. Keys and values are any bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    Get(Key),
    MGet(Vec<Key>),
    Strlen(Key),
    Exists(Vec<Key>),
    Type(Key),
    /// How long the key has still to live, in units of so many milliseconds.
    Ttl(Key, i64),
    Keys(Bytes),
    Scan(Scan),
    DbSize,
    Set(Set),
    MSet(Vec<(Key, Bytes)>),
    Del(Vec<Key>),
    /// Adds the number to the one at the key.
    Add(Key, i64),
    Append(Key, Bytes),
    Expire(Expire),
    Persist(Key),
    FlushAll,
}

/// A value to be set, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Set {
    pub(crate) key: Key,
    pub(crate) value: Bytes,
    pub(crate) condition: Condition,
    pub(crate) lasting: Lasting,
    pub(crate) reply: SetReply,
    /// The command, as errors name it.
    pub(crate) command: &'static str,
}

/// What is answered when a value is to be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetReply {
    /// `OK`, or nothing when it was not set.
    Ok,
    /// The value that was there before.
    Before,
    /// 1 or 0.
    Whether,
}

/// Whether a value is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Always,
    IfMissing,
    IfPresent,
}

/// How long a value that is set lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasting {
    Forever,
    /// As long as the one that was there.
    AsBefore,
    /// For so many milliseconds.
    For(i64),
    /// Until that moment, in milliseconds since 1970.
    Until(i64),
}

/// A deadline for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expire {
    pub(crate) key: Key,
    /// In so many milliseconds.
    pub(crate) after: i64,
    pub(crate) unless: Unless,
    /// The command, as errors name it.
    pub(crate) command: &'static str,
}

/// When a deadline is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Unless {
    /// NX: there is one.
    pub(crate) any: bool,
    /// XX: there is none.
    pub(crate) none: bool,
    /// GT: it is later, or there is none.
    pub(crate) later: bool,
    /// LT: it is earlier.
    pub(crate) earlier: bool,
}

/// A step of going through the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) cursor: u64,
    pub(crate) pattern: Option<Bytes>,
    /// How many keys are looked at, more or less.
    pub(crate) count: usize,
    /// Whether keys of the one type that there is are wanted.
    pub(crate) strings: bool,
}

impl Operation {
    /// Whether this can change the data.
    pub(crate) fn is_change(&self) -> bool {
        match self {
            Self::Get(_)
            | Self::MGet(_)
            | Self::Strlen(_)
            | Self::Exists(_)
            | Self::Type(_)
            | Self::Ttl(..)
            | Self::Keys(_)
            | Self::Scan(_)
            | Self::DbSize => false,
            Self::Set(_)
            | Self::MSet(_)
            | Self::Del(_)
            | Self::Add(..)
            | Self::Append(..)
            | Self::Expire(_)
            | Self::Persist(_)
            | Self::FlushAll => true,
        }
    }
}
