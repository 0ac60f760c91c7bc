//! A command: what a client can ask for, read from the words of its request.
//!
//! Most commands are for the store; the rest a connection answers by itself.

mod keyspace;
mod local;
mod set;
mod table;
mod words;

pub(crate) use local::{Greeting, Local, Operator};
pub(crate) use table::{COMMANDS, Entry, find};
pub(crate) use words::Refusal;

use self::words::{Words, is, number, wrong_number};
use crate::{data::Operation, resp::Request};

/// A request that makes sense.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// What the store answers.
    Store(Operation),
    /// What the connection answers.
    Local(Local),
}

impl Command {
    /// Reads a request.
    ///
    /// # Errors
    ///
    /// The reply for a request that makes no sense.
    pub(crate) fn read(request: Request) -> Result<Self, Refusal> {
        let count = request.len();
        let words = Words::new(request);
        if is(&words.name, "post") || is(&words.name, "host:") {
            return Ok(Self::Local(Local::Intruder));
        }
        let Some(entry) = find(&words.name) else {
            return Err(words.unknown());
        };
        if !entry.takes(count) {
            return Err(wrong_number(&words.name));
        }
        Ok(Self::Store(match entry.name {
            "get" => Operation::Get(words.one()?.into()),
            "mget" => Operation::MGet(keyspace::keys(words)),
            "strlen" => Operation::Strlen(words.one()?.into()),
            "exists" => Operation::Exists(keyspace::keys(words)),
            "type" => Operation::Type(words.one()?.into()),
            "ttl" => Operation::Ttl(words.one()?.into(), 1000),
            "pttl" => Operation::Ttl(words.one()?.into(), 1),
            "keys" => Operation::Keys(words.one()?),
            "scan" => Operation::Scan(keyspace::scan(&words.arguments)?),
            "dbsize" => Operation::DbSize,
            "set" => Operation::Set(set::read(words)?),
            "setnx" => Operation::Set(set::if_missing(words)?),
            "setex" => Operation::Set(set::expiring("setex", words)?),
            "psetex" => Operation::Set(set::expiring("psetex", words)?),
            "mset" => Operation::MSet(set::pairs(words)?),
            "del" | "unlink" => Operation::Del(keyspace::keys(words)),
            "incr" => Operation::Add(words.one()?.into(), 1),
            "decr" => Operation::Add(words.one()?.into(), -1),
            "incrby" => {
                let [key, by] = words.exactly()?;
                Operation::Add(key.into(), number(&by)?)
            }
            "decrby" => {
                let [key, by] = words.exactly()?;
                let by = number(&by)?.checked_neg();
                Operation::Add(key.into(), by.ok_or("ERR decrement would overflow")?)
            }
            "append" => {
                let [key, tail] = words.exactly()?;
                Operation::Append(key.into(), tail)
            }
            "expire" => Operation::Expire(keyspace::expire("expire", 1000, words)?),
            "pexpire" => Operation::Expire(keyspace::expire("pexpire", 1, words)?),
            "persist" => Operation::Persist(words.one()?.into()),
            "flushall" | "flushdb" => keyspace::flush_all(&words.arguments)?,
            name => return Local::read(name, words).map(Self::Local),
        }))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{
        command::words::SYNTAX,
        data::{Condition, Key, Lasting, NOT_AN_INTEGER, Scan, Set, SetReply},
    };

    fn word(text: &str) -> Bytes {
        Bytes::copy_from_slice(text.as_bytes())
    }

    fn key(name: &str) -> Key {
        word(name).into()
    }

    fn read(line: &str) -> Result<Command, Refusal> {
        Command::read(line.split(' ').map(word).collect())
    }

    fn operation(line: &str) -> Operation {
        match read(line) {
            Ok(Command::Store(operation)) => operation,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn error(line: &str) -> String {
        read(line).unwrap_err().to_string()
    }

    #[test]
    fn names_are_read_in_any_case() {
        assert_eq!(operation("gEt k"), Operation::Get(key("k")));
        assert_eq!(operation("DECR k"), Operation::Add(key("k"), -1));
        assert_eq!(operation("pttl k"), Operation::Ttl(key("k"), 1));
        assert_eq!(
            operation("DEL k k"),
            Operation::Del(vec![key("k"), key("k")])
        );
        assert_eq!(operation("flushall async"), Operation::FlushAll);
        assert_eq!(read("PING"), Ok(Command::Local(Local::Ping(None))));
    }

    #[test]
    fn a_browser_is_known_by_what_it_says_first() {
        for line in ["POST / HTTP/1.1", "host: localhost:6400"] {
            assert_eq!(read(line), Ok(Command::Local(Local::Intruder)));
        }
    }

    #[test]
    fn a_wrong_number_of_arguments_is_told_with_the_name() {
        for line in [
            "get",
            "get a b",
            "incr",
            "del",
            "exists",
            "dbsize x",
            "echo",
            "select",
            "tree x",
            "crash x",
            "mset a",
            "expire k",
            "keys",
            "ping a b",
            "mset a b c",
        ] {
            let name = line.split(' ').next().unwrap();
            assert_eq!(
                error(line),
                format!("ERR wrong number of arguments for '{name}' command")
            );
        }
        for (line, name) in [
            ("SET k", "set"),
            ("CONFIG GET", "config|get"),
            ("CLIENT SETNAME", "client|setname"),
        ] {
            let told = format!("ERR wrong number of arguments for '{name}' command");
            assert_eq!(error(line), told);
        }
    }

    #[test]
    fn set_takes_its_options_in_any_order() {
        let set = |condition, lasting, get| {
            let reply = if get { SetReply::Before } else { SetReply::Ok };
            Operation::Set(Set {
                key: key("k"),
                value: word("v"),
                condition,
                lasting,
                reply,
                command: "set",
            })
        };
        let always = Condition::Always;
        assert_eq!(operation("SET k v"), set(always, Lasting::Forever, false));
        assert_eq!(
            operation("SET k v ex 2 nx"),
            set(Condition::IfMissing, Lasting::For(2000), false)
        );
        assert_eq!(
            operation("SET k v XX GET PXAT 5"),
            set(Condition::IfPresent, Lasting::Until(5), true)
        );
        assert_eq!(
            operation("SET k v KEEPTTL"),
            set(always, Lasting::AsBefore, false)
        );
        for wrong in [
            "x",
            "NX XX",
            "EX",
            "EX 1 PX 1",
            "KEEPTTL EX 1",
            "EX 1 KEEPTTL",
        ] {
            assert_eq!(error(&format!("SET k v {wrong}")), SYNTAX);
        }
        for wrong in ["EX 0", "PX -1", "EX 9223372036854775807"] {
            assert_eq!(
                error(&format!("SET k v {wrong}")),
                "ERR invalid expire time in 'set' command"
            );
        }
        assert_eq!(error("SET k v EX x"), NOT_AN_INTEGER);
    }

    #[test]
    fn expire_takes_conditions_that_do_not_contradict_each_other() {
        for (line, told) in [
            ("x", NOT_AN_INTEGER),
            ("1 FOO", "ERR Unsupported option FOO"),
            (
                "1 NX XX",
                "ERR NX and XX, GT or LT options at the same time are not compatible",
            ),
            (
                "1 GT LT",
                "ERR GT and LT options at the same time are not compatible",
            ),
            (
                "9223372036854775807",
                "ERR invalid expire time in 'expire' command",
            ),
        ] {
            assert_eq!(error(&format!("EXPIRE k {line}")), told);
        }
    }

    #[test]
    fn a_scan_begins_at_a_cursor() {
        let scan = Scan {
            cursor: u64::MAX,
            pattern: Some(word("a*")),
            count: 7,
            strings: true,
        };
        assert_eq!(
            operation("SCAN 18446744073709551615 match a* COUNT 7 TYPE string"),
            Operation::Scan(scan)
        );
        assert_eq!(error("SCAN x"), "ERR invalid cursor");
        assert_eq!(error("SCAN 0 COUNT 0"), SYNTAX);
        assert_eq!(error("SCAN 0 COUNT x"), NOT_AN_INTEGER);
        assert_eq!(error("SCAN 0 MATCH"), SYNTAX);
    }
}
