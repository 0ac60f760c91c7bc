//! The data: keys and values in memory, and what each operation does to them.
//!
//! It decides and never waits: no file, no socket, no clock. The same code serves clients and replays the log.

use std::collections::HashMap;

use crate::{
    operation::{Change, Operation},
    resp::Writer,
};

/// All keys and their values.
#[derive(Default)]
pub(crate) struct Data {
    values: HashMap<Vec<u8>, Vec<u8>>,
}

impl Data {
    /// Does the operation, writes the reply, and writes what has changed to `log`. Returns whether something has: an operation
    /// that changes nothing leaves no trace in the log.
    pub(crate) fn apply(
        &mut self,
        operation: Operation,
        replies: &mut Writer,
        log: &mut Writer,
    ) -> bool {
        match operation {
            Operation::Get(key) => match self.values.get(&key) {
                Some(value) => replies.bulk(value),
                None => replies.null(),
            },
            Operation::Exists(keys) => {
                replies.integer(count(
                    keys.iter()
                        .filter(|key| self.values.contains_key(*key))
                        .count(),
                ));
            }
            Operation::DbSize => replies.integer(count(self.values.len())),
            Operation::Set { key, value } => {
                Change::Set {
                    key: &key,
                    value: &value,
                }
                .write(log);
                self.values.insert(key, value);
                replies.simple("OK");
                return true;
            }
            Operation::Del(mut keys) => {
                keys.retain(|key| self.values.remove(key).is_some());
                replies.integer(count(keys.len()));
                if !keys.is_empty() {
                    Change::Del(&keys).write(log);
                    return true;
                }
            }
            Operation::Incr(key) => match self.increment(&key) {
                Ok(number) => {
                    Change::Incr(&key).write(log);
                    replies.integer(number);
                    return true;
                }
                Err(error) => replies.error(error),
            },
            Operation::FlushAll => {
                Change::FlushAll.write(log);
                self.values.clear();
                replies.simple("OK");
                return true;
            }
        }
        false
    }

    fn increment(&mut self, key: &[u8]) -> Result<i64, &'static str> {
        let Some(value) = self.values.get_mut(key) else {
            self.values.insert(key.to_vec(), b"1".to_vec());
            return Ok(1);
        };
        let number = integer(value).ok_or(NOT_AN_INTEGER)?;
        let number = number
            .checked_add(1)
            .ok_or("ERR increment or decrement would overflow")?;
        *value = number.to_string().into_bytes();
        Ok(number)
    }
}

/// What Redis answers when a number is wanted and something else is there.
pub(crate) const NOT_AN_INTEGER: &str = "ERR value is not an integer or out of range";

/// The number that the bytes write in the one way Redis writes it: no sign `+`, no blanks, no zeros in front.
pub(crate) fn integer(bytes: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.parse()
        .ok()
        .filter(|number: &i64| number.to_string() == text)
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Vec<u8> {
        name.as_bytes().to_vec()
    }

    fn set(name: &str, value: &str) -> Operation {
        Operation::Set {
            key: key(name),
            value: key(value),
        }
    }

    /// The replies and the log of some operations.
    fn run(operations: impl IntoIterator<Item = Operation>) -> (String, String) {
        let (mut data, mut replies, mut log) =
            (Data::default(), Writer::default(), Writer::default());
        for operation in operations {
            let logged = log.bytes().len();
            let changed = data.apply(operation, &mut replies, &mut log);
            assert_eq!(changed, log.bytes().len() > logged);
        }
        let text = |writer: Writer| {
            String::from_utf8(writer.into_bytes())
                .unwrap()
                .replace("\r\n", " ")
        };
        (text(replies), text(log))
    }

    #[test]
    fn reading_is_answered_and_leaves_no_trace() {
        let operations = [
            Operation::Get(key("a")),
            set("a", "x"),
            Operation::Get(key("a")),
            Operation::Exists(vec![key("a"), key("b"), key("a")]),
            Operation::DbSize,
        ];
        assert_eq!(
            run(operations),
            ("$-1 +OK $1 x :2 :1 ".into(), "*3 $3 SET $1 a $1 x ".into())
        );
    }

    #[test]
    fn only_what_is_really_deleted_is_logged() {
        let operations = [
            set("a", "x"),
            Operation::Del(vec![key("b")]),
            Operation::Del(vec![key("b"), key("a"), key("a")]),
        ];
        assert_eq!(
            run(operations),
            (
                "+OK :0 :1 ".into(),
                "*3 $3 SET $1 a $1 x *2 $3 DEL $1 a ".into()
            )
        );
        assert_eq!(
            run([Operation::FlushAll]),
            ("+OK ".into(), "*1 $8 FLUSHALL ".into())
        );
    }

    #[test]
    fn increments_count_and_refuse_what_is_no_number() {
        let incr = || Operation::Incr(key("n"));
        assert_eq!(
            run([incr(), incr()]),
            (":1 :2 ".into(), "*2 $4 INCR $1 n *2 $4 INCR $1 n ".into())
        );
        for wrong in [
            "",
            "x",
            "+1",
            " 1",
            "01",
            "-0",
            "1.0",
            "9223372036854775808",
        ] {
            assert!(
                run([set("n", wrong), incr()])
                    .0
                    .ends_with("-ERR value is not an integer or out of range "),
                "{wrong}"
            );
        }
        let overflow = run([set("n", "9223372036854775807"), incr()]).0;
        assert_eq!(overflow, "+OK -ERR increment or decrement would overflow ");
        assert!(run([set("n", "-1"), incr()]).0.ends_with(":0 "));
    }
}
