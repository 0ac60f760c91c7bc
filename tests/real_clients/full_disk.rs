//! A log that has no room, and has room again.

use std::{collections::BTreeMap, fs};

use crate::{
    client::{Client, Reply, encode},
    directory::Directory,
    disk::Disk,
    dump,
    server::Server,
    wait::until,
};

/// A server whose disk is full, and what it has acknowledged.
struct Full {
    client: Client,
    acknowledged: BTreeMap<String, String>,
    /// How often `n` was incremented.
    count: i64,
}

#[test]
fn what_a_full_disk_refuses_is_told_and_never_seen_and_the_rest_goes_on() {
    let directory = Directory::new();
    let test = "what_a_full_disk_refuses_is_told_and_never_seen_and_the_rest_goes_on";
    let Some(_disk) = Disk::mount(&directory, test) else {
        return;
    };
    let filler = directory.file("filler");
    fs::write(&filler, vec![0; 256 * 1024]).unwrap();
    let server = Server::start(&directory);
    let mut full = Full::fill(server.connect());
    full.reads_go_on();
    full.writes_are_refused_in_their_places();
    fs::remove_file(&filler).unwrap();
    full.writes_go_on();
    let Full {
        client: mut before,
        acknowledged,
        ..
    } = full;
    assert_eq!(dump::of(&mut before), acknowledged);
    server.signal("KILL");
    server.end();
    for _ in 0..2 {
        let server = Server::start(&directory);
        assert_eq!(dump::of(&mut server.connect()), acknowledged);
        server.signal("TERM");
        server.end().assert_orderly();
    }
}

impl Full {
    /// Sets keys until the server refuses: large ones, and then increments `n`, until there is no room for that either.
    fn fill(client: Client) -> Self {
        let mut full = Self {
            client,
            acknowledged: BTreeMap::new(),
            count: 0,
        };
        let value = "x".repeat(10_000);
        for number in 0.. {
            let key = format!("large:{number}");
            if !full.set(&key, &value) {
                break;
            }
        }
        while full.increment() {}
        assert!(full.acknowledged.len() > 10, "no room from the beginning");
        assert!(full.count > 0);
        full
    }

    fn reads_go_on(&mut self) {
        let n = self.count.to_string();
        let size = self.acknowledged.len() as i64;
        assert_eq!(dump::of(&mut self.client), self.acknowledged);
        assert_eq!(self.client.ask(&["GET", "n"]), Reply::value(&n));
        assert_eq!(self.client.ask(&["DBSIZE"]), Reply::Integer(size));
    }

    /// Also in one pipeline, where one refused write must not be seen by the read behind it.
    fn writes_are_refused_in_their_places(&mut self) {
        let n = self.count.to_string();
        let large = self.acknowledged["large:0"].clone();
        for _ in 0..3 {
            let requests: [(&[&str], Option<Reply>); 9] = [
                (&["GET", "n"], Some(Reply::value(&n))),
                (&["INCR", "n"], None),
                (&["GET", "n"], Some(Reply::value(&n))),
                (&["SET", "large:0", "another"], None),
                (&["GET", "large:0"], Some(Reply::value(&large))),
                (&["SET", "new", "value"], None),
                (&["EXISTS", "new", "n"], Some(Reply::Integer(1))),
                (&["DEL", "large:0", "large:1", "large:2"], None),
                (&["PING"], Some(Reply::Simple("PONG".into()))),
            ];
            let pipeline = requests.iter().flat_map(|(words, _)| encode(words));
            self.client.write(&pipeline.collect::<Vec<u8>>());
            for (words, expected) in requests {
                let reply = self.client.reply();
                match expected {
                    Some(expected) => assert_eq!(reply, expected, "{words:?}"),
                    None => assert!(is_refused(&reply), "{words:?}: {reply:?}"),
                }
            }
        }
        self.reads_go_on();
    }

    /// Once there is room, without anybody's help.
    fn writes_go_on(&mut self) {
        until("there is room again", || {
            self.set("room", "again").then_some(())
        });
        assert!(self.increment());
        for number in 0..10 {
            assert!(self.set(&format!("after:{number}"), "value"));
        }
    }

    /// Whether it is acknowledged; it is refused otherwise.
    fn set(&mut self, key: &str, value: &str) -> bool {
        let reply = self.client.ask(&["SET", key, value]);
        if reply == Reply::ok() {
            self.acknowledged.insert(key.into(), value.into());
            return true;
        }
        assert!(is_refused(&reply), "{reply:?}");
        false
    }

    /// Whether it is acknowledged; it is refused otherwise.
    fn increment(&mut self) -> bool {
        let reply = self.client.ask(&["INCR", "n"]);
        if let Reply::Integer(count) = reply {
            self.count += 1;
            assert_eq!(count, self.count);
            self.acknowledged.insert("n".into(), count.to_string());
            return true;
        }
        assert!(is_refused(&reply), "{reply:?}");
        false
    }
}

fn is_refused(reply: &Reply) -> bool {
    let Reply::Error(error) = reply else {
        return false;
    };
    error
        .strip_prefix("MISCONF Errors writing to the AOF file: ")
        .is_some_and(|why| why.contains("No space left on device"))
}
