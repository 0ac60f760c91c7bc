//! Commands about keys whatever their values, read: `SCAN`, `EXPIRE`, `FLUSHALL`, and lists of keys.

use bytes::Bytes;

use super::words::{Refusal, SYNTAX, Words, is, number};
use crate::data::{Expire, Key, Operation, Scan, Unless, invalid_expire_time};

/// How many keys a step of `SCAN` looks at, when it is not told.
const STEP: usize = 10;

pub(super) fn keys(words: Words) -> Vec<Key> {
    words.arguments.into_iter().map(Key::from).collect()
}

/// Reads a `SCAN`.
///
/// # Errors
///
/// The reply for one that makes no sense.
pub(super) fn scan(arguments: &[Bytes]) -> Result<Scan, Refusal> {
    let (cursor, mut options) = arguments.split_first().ok_or(SYNTAX)?;
    let mut scan = Scan {
        cursor: cursor_of(cursor).ok_or("ERR invalid cursor")?,
        pattern: None,
        count: STEP,
        strings: true,
    };
    while let [option, value, rest @ ..] = options {
        if is(option, "match") {
            scan.pattern = Some(value.clone());
        } else if is(option, "count") {
            let count = Some(number(value)?).filter(|count| *count >= 1);
            let count = usize::try_from(count.ok_or(SYNTAX)?);
            scan.count = count.unwrap_or(usize::MAX);
        } else if is(option, "type") {
            scan.strings = is(value, "string");
        } else {
            return Err(SYNTAX.into());
        }
        options = rest;
    }
    if options.is_empty() {
        Ok(scan)
    } else {
        Err(SYNTAX.into())
    }
}

/// A cursor as C reads it: nothing at all is 0, and what is below 0 counts from the end.
fn cursor_of(argument: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(argument).ok()?;
    match text.strip_prefix('-') {
        _ if text.is_empty() => Some(0),
        Some(digits) if !digits.starts_with('+') => digits.parse().ok().map(u64::wrapping_neg),
        _ => text.parse().ok(),
    }
}

/// Reads an `EXPIRE`, whose time is counted in units of so many milliseconds.
///
/// # Errors
///
/// The reply for one that makes no sense.
pub(super) fn expire(command: &'static str, unit: i64, words: Words) -> Result<Expire, Refusal> {
    let mut arguments = words.arguments.into_iter();
    let (Some(key), Some(after)) = (arguments.next(), arguments.next()) else {
        return Err(SYNTAX.into());
    };
    let mut unless = Unless::default();
    for option in arguments {
        let flag = [
            ("nx", &mut unless.any),
            ("xx", &mut unless.none),
            ("gt", &mut unless.later),
            ("lt", &mut unless.earlier),
        ]
        .into_iter()
        .find_map(|(name, flag)| is(&option, name).then_some(flag));
        let refusal = || Refusal::citing("ERR Unsupported option ", &option, "", b"");
        *flag.ok_or_else(refusal)? = true;
    }
    if unless.any && (unless.none || unless.later || unless.earlier) {
        return Err("ERR NX and XX, GT or LT options at the same time are not compatible".into());
    }
    if unless.later && unless.earlier {
        return Err("ERR GT and LT options at the same time are not compatible".into());
    }
    let after = number(&after)?.checked_mul(unit);
    let after = after.ok_or_else(|| invalid_expire_time(command))?;
    Ok(Expire {
        key: key.into(),
        after,
        unless,
        command,
    })
}

/// Reads a `FLUSHALL`.
///
/// # Errors
///
/// The reply for one that makes no sense.
pub(super) fn flush_all(arguments: &[Bytes]) -> Result<Operation, Refusal> {
    match arguments {
        [] => Ok(Operation::FlushAll),
        [how] if is(how, "async") || is(how, "sync") => Ok(Operation::FlushAll),
        _ => Err(SYNTAX.into()),
    }
}
