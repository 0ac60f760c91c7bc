//! What operations answer and what they leave in the log, at moments that the test chooses.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::{Key, Operation, Table};
use crate::{
    command::Command,
    resp::{Parser, Request, Writer},
};

/// A table with a clock that stands still.
#[derive(Default)]
struct Data {
    table: Table,
    now: i64,
}

impl Data {
    /// Does what the line asks for. Gives the reply and what is logged, with blanks for line ends.
    fn ask(&mut self, line: &str) -> (String, String) {
        let words: Request = line.split(' ').map(|word| word.to_owned().into()).collect();
        let Ok(Command::Store(operation)) = Command::read(words) else {
            panic!("{line}");
        };
        let (mut reply, mut log) = (Writer::default(), Writer::default());
        self.table.apply(&operation, self.now, &mut reply, &mut log);
        self.table.commit();
        let text = |writer: Writer| {
            let text = String::from_utf8(writer.into_bytes()).unwrap();
            text.replace("\r\n", " ").trim_end().to_owned()
        };
        (text(reply), text(log))
    }

    fn reply(&mut self, line: &str) -> String {
        self.ask(line).0
    }
}

#[test]
fn a_key_lives_up_to_its_deadline_and_is_gone_after_it() {
    let mut data = Data::default();
    data.ask("SET k v PX 10");
    data.now = 10;
    assert_eq!(data.reply("GET k"), "$1 v");
    assert_eq!(data.reply("PTTL k"), ":0");
    data.now = 11;
    for (line, reply) in [
        ("GET k", "$-1"),
        ("MGET k", "*1 $-1"),
        ("EXISTS k k", ":0"),
        ("STRLEN k", ":0"),
        ("TYPE k", "+none"),
        ("TTL k", ":-2"),
        ("DBSIZE", ":0"),
        ("KEYS *", "*0"),
        ("SCAN 0", "*2 $1 0 *0"),
    ] {
        assert_eq!(data.ask(line), (reply.into(), String::new()), "{line}");
    }
}

#[test]
fn who_touches_an_expired_key_logs_that_it_is_deleted_first() {
    for (line, reply, logged) in [
        ("SET k w", "+OK", "*3 $3 SET $1 k $1 w"),
        ("SET k w XX", "$-1", ""),
        ("SET k w NX GET", "$-1", "*3 $3 SET $1 k $1 w"),
        ("INCR k", ":1", "*3 $6 INCRBY $1 k $1 1"),
        ("APPEND k w", ":1", "*3 $6 APPEND $1 k $1 w"),
        ("DEL k", ":0", ""),
        ("EXPIRE k 5", ":0", ""),
        ("PERSIST k", ":0", ""),
    ] {
        let mut data = Data::default();
        data.ask("SET k 5 PX 10");
        data.now = 11;
        let expected = format!("*2 $3 DEL $1 k {logged}");
        assert_eq!(
            data.ask(line),
            (reply.into(), expected.trim_end().into()),
            "{line}"
        );
    }
}

#[test]
fn what_changes_nothing_leaves_no_trace() {
    let mut data = Data::default();
    data.ask("SET k v");
    data.ask("SET t v PX 10");
    for line in [
        "DEL gone",
        "INCR k",
        "SET k w NX",
        "PERSIST k",
        "EXPIRE gone 5",
        "EXPIRE k 5 XX",
        "PEXPIRE t 10",
        "PEXPIRE t 10 GT",
    ] {
        assert_eq!(data.ask(line).1, "", "{line}");
    }
}

#[test]
fn a_deadline_that_is_now_deletes() {
    for line in ["PEXPIRE k 0", "EXPIRE k -1"] {
        let mut data = Data {
            now: 1000,
            ..Data::default()
        };
        data.ask("SET k v");
        let expected = (":1".into(), "*2 $3 DEL $1 k".into());
        assert_eq!(data.ask(line), expected, "{line}");
        assert_eq!(data.table.len(), 0);
    }
}

#[test]
fn deadlines_are_logged_as_moments() {
    let mut data = Data {
        now: 1000,
        ..Data::default()
    };
    assert_eq!(
        data.ask("SET k v EX 5").1,
        "*5 $3 SET $1 k $1 v $4 PXAT $4 6000"
    );
    assert_eq!(data.ask("PEXPIRE k 7").1, "*3 $9 PEXPIREAT $1 k $4 1007");
    assert_eq!(
        data.ask("SET k w KEEPTTL").1,
        "*5 $3 SET $1 k $1 w $4 PXAT $4 1007"
    );
    assert_eq!(data.ask("PERSIST k").1, "*2 $7 PERSIST $1 k");
    assert_eq!(data.reply("TTL k"), ":-1");
}

#[test]
fn a_sweep_deletes_the_first_that_expired_and_ends_when_it_is_enough() {
    let mut data = Data::default();
    for deadline in [30, 10, 20, 40] {
        data.ask(&format!("SET k{deadline} v PX {deadline}"));
    }
    let mut log = Writer::default();
    assert!(data.table.sweep(1, 31, &mut log));
    assert_eq!(data.table.earliest(), Some(20));
    assert!(!data.table.sweep(1000, 31, &mut log));
    assert_eq!(data.table.earliest(), Some(40));
}

/// One step: the next cursor, and the keys.
fn scan(data: &mut Data, cursor: &str, count: usize) -> (String, Vec<Bytes>) {
    let reply = data.reply(&format!("SCAN {cursor} COUNT {count}"));
    let words: Vec<&str> = reply.split(' ').collect();
    let keys = words[4..].iter().skip(1).step_by(2);
    let keys = keys.map(|key| Bytes::copy_from_slice(key.as_bytes()));
    (words[2].into(), keys.collect())
}

#[test]
fn a_scan_finds_what_is_there_all_the_time_once_whatever_comes_and_goes() {
    let mut data = Data::default();
    let stays: BTreeSet<Bytes> = (0..100).map(|n| format!("stays{n}").into()).collect();
    for key in &stays {
        data.ask(&format!("SET {} v", String::from_utf8_lossy(key)));
    }
    for count in [1, 7, 1000] {
        let (mut cursor, mut found, mut steps) = (String::from("0"), Vec::new(), 0);
        loop {
            let (next, keys) = scan(&mut data, &cursor, count);
            assert!(keys.len() <= count);
            found.extend(keys);
            steps += 1;
            data.ask(&format!("SET comes{steps} v"));
            data.ask(&format!("DEL comes{}", steps / 2));
            // A store that begins anew has the keys where they were.
            let mut again = Data::default();
            for key in data.reply("KEYS *").split(' ').skip(2).step_by(2) {
                again.ask(&format!("SET {key} v"));
            }
            data = again;
            if next == "0" {
                break;
            }
            cursor = next;
        }
        found.retain(|key| key.starts_with(b"stays"));
        assert_eq!(found.len(), stays.len(), "each once");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), stays);
    }
}

#[test]
fn values_that_are_too_large_for_one_reply_are_refused_before_they_are_copied() {
    let mut data = Data::default();
    let large = Bytes::from(vec![b'x'; 40 * 1024 * 1024]);
    data.table.set(&Key::new("k".into()), &large, None);
    assert!(
        data.reply("MGET k k")
            .starts_with("-ERR the values are too large")
    );
    assert!(data.reply("APPEND k y").starts_with(":41943041"));
    let append = Operation::Append(Key::new("k".into()), large);
    let (mut reply, mut log) = (Writer::default(), Writer::default());
    data.table.apply(&append, 0, &mut reply, &mut log);
    assert!(
        reply
            .bytes()
            .starts_with(b"-ERR string exceeds maximum allowed size")
    );
    assert!(Parser::arrays(log.bytes().into()).next().unwrap().is_none());
}
