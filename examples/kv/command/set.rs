//! `SET` and `MSET`, read.

use bytes::Bytes;

use super::words::{Refusal, SYNTAX, Words, is, number, wrong_number};
use crate::data::{Condition, Key, Lasting, Set, SetReply, invalid_expire_time};

/// Reads a `SET` with its options.
///
/// # Errors
///
/// The reply for one that makes no sense.
pub(super) fn read(words: Words) -> Result<Set, Refusal> {
    let mut arguments = words.arguments.into_iter();
    let (Some(key), Some(value)) = (arguments.next(), arguments.next()) else {
        return Err(wrong_number(b"set"));
    };
    let (mut condition, mut reply, mut lasting) = (None, SetReply::Ok, None);
    while let Some(option) = arguments.next() {
        if is(&option, "get") {
            reply = SetReply::Before;
        } else if let Some(wanted) = condition_of(&option) {
            if *condition.get_or_insert(wanted) != wanted {
                return Err(SYNTAX.into());
            }
        } else if is(&option, "keepttl") {
            if *lasting.get_or_insert(Given::Keep) != Given::Keep {
                return Err(SYNTAX.into());
            }
        } else {
            // One option may be said again, and then counts as it was said last.
            let unit = Unit::of(&option).ok_or(SYNTAX)?;
            let time = arguments.next().ok_or(SYNTAX)?;
            match lasting.replace(Given::Time(unit, time)) {
                None => {}
                Some(Given::Time(before, _)) if before == unit => {}
                Some(_) => return Err(SYNTAX.into()),
            }
        }
    }
    Ok(Set {
        key: key.into(),
        value,
        condition: condition.unwrap_or(Condition::Always),
        lasting: match lasting {
            None => Lasting::Forever,
            Some(Given::Keep) => Lasting::AsBefore,
            Some(Given::Time(unit, time)) => unit.lasting(&time, "set")?,
        },
        reply,
        command: "set",
    })
}

/// Reads a `SETNX`.
///
/// # Errors
///
/// The reply for one that makes no sense.
pub(super) fn if_missing(words: Words) -> Result<Set, Refusal> {
    let [key, value] = words.exactly()?;
    Ok(Set {
        key: key.into(),
        value,
        condition: Condition::IfMissing,
        lasting: Lasting::Forever,
        reply: SetReply::Whether,
        command: "setnx",
    })
}

/// Reads a `SETEX` or `PSETEX`.
///
/// # Errors
///
/// The reply for one that makes no sense.
pub(super) fn expiring(command: &'static str, words: Words) -> Result<Set, Refusal> {
    let [key, time, value] = words.exactly()?;
    let unit = Unit {
        milliseconds: if command == "setex" { 1000 } else { 1 },
        is_moment: false,
    };
    Ok(Set {
        key: key.into(),
        value,
        condition: Condition::Always,
        lasting: unit.lasting(&time, command)?,
        reply: SetReply::Ok,
        command,
    })
}

/// Reads the pairs of an `MSET`.
///
/// # Errors
///
/// The last key has no value.
pub(super) fn pairs(words: Words) -> Result<Vec<(Key, Bytes)>, Refusal> {
    let mut arguments = words.arguments.into_iter();
    let mut pairs = Vec::with_capacity(arguments.len() / 2);
    while let Some(key) = arguments.next() {
        let value = arguments.next().ok_or_else(|| wrong_number(b"mset"))?;
        pairs.push((key.into(), value));
    }
    Ok(pairs)
}

/// How long the value lasts, as it was given.
#[derive(PartialEq)]
enum Given {
    Keep,
    Time(Unit, Bytes),
}

/// What a time to live is counted in, and from when.
#[derive(Clone, Copy, PartialEq)]
struct Unit {
    milliseconds: i64,
    is_moment: bool,
}

impl Unit {
    fn of(option: &[u8]) -> Option<Self> {
        let units = [
            ("ex", 1000, false),
            ("px", 1, false),
            ("exat", 1000, true),
            ("pxat", 1, true),
        ];
        let unit = units.iter().find(|(name, ..)| is(option, name));
        unit.map(|&(_, milliseconds, is_moment)| Self {
            milliseconds,
            is_moment,
        })
    }

    fn lasting(self, time: &[u8], command: &str) -> Result<Lasting, Refusal> {
        let time = Some(number(time)?).filter(|time| *time > 0);
        let time = time.and_then(|time| time.checked_mul(self.milliseconds));
        let time = time.ok_or_else(|| invalid_expire_time(command))?;
        Ok(if self.is_moment {
            Lasting::Until(time)
        } else {
            Lasting::For(time)
        })
    }
}

fn condition_of(option: &[u8]) -> Option<Condition> {
    if is(option, "nx") {
        Some(Condition::IfMissing)
    } else if is(option, "xx") {
        Some(Condition::IfPresent)
    } else {
        None
    }
}
