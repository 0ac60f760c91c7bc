//! Crashes of everything, again and again, and what they must not cost.

use std::collections::BTreeMap;

use crate::{
    client::{Client, Reply},
    crasher::Crasher,
    directory::Directory,
    dump,
    ledger::Address,
    ledgers::{self, Ledgers},
    random::Random,
    seed::Seed,
    server::Server,
    wait::until,
};

/// Small, so that the log is rewritten all the time.
const REWRITES: [&str; 2] = ["--rewrite-size", "64kb"];

#[test]
fn two_hundred_crashes_of_everything_lose_no_acknowledged_write() {
    let seed = Seed::new();
    let directory = Directory::new();
    let server = Server::start_with(&directory, &REWRITES);
    let address = Address::new(server.address());
    let ledgers = Ledgers::begin(4, &address, &seed);
    let mut crasher = Crasher::new(&address, seed.random(0));
    for crash in 0..200 {
        if crash % 10 == 0 {
            crasher.give_work();
        }
        crasher.crash();
        // So that the next crash meets a server that is at work.
        ledgers.go_on();
    }
    let mut ledgers = ledgers.end();
    let mut client = server.connect();
    ledgers::check(&mut ledgers, &mut client);
    everything_is_up(&mut client);
    everything_brief_is_swept(&mut client);
    assert!(client.info("aof_rewrites") > 0, "nothing was rewritten");
    server.signal("TERM");
    server.end().assert_orderly();
    let server = Server::start_with(&directory, &REWRITES);
    ledgers::check(&mut ledgers, &mut server.connect());
}

fn everything_is_up(client: &mut Client) {
    until("everything is up", || {
        let children = client.ask(&["TREE"]).children();
        for name in [
            "store", "flusher", "rewriter", "sweeper", "listener", "data", "front",
        ] {
            assert!(children.iter().any(|(child, _)| child == name), "no {name}");
        }
        let mut states = children.iter().map(|(_, state)| state);
        states.all(|state| state.starts_with("up ")).then_some(())
    });
}

/// Keys whose time is over are not told, and in the end not counted either.
fn everything_brief_is_swept(client: &mut Client) {
    let told = until("what was set for a while is gone", || {
        let keys = client.ask(&["EXISTS", "brief:0", "brief:1", "brief:48", "brief:49"]);
        (keys == Reply::Integer(0)).then(|| dump::of(client).len())
    });
    until("what was set for a while is swept away", || {
        (client.ask(&["DBSIZE"]) == Reply::Integer(told as i64)).then_some(())
    });
}

#[test]
fn twenty_kills_of_the_process_lose_no_acknowledged_write() {
    let seed = Seed::new();
    let directory = Directory::new();
    let start =
        |fsync| Server::start_with(&directory, &["--fsync", fsync, REWRITES[0], REWRITES[1]]);
    let mut server = start("always");
    let address = Address::new(server.address());
    let ledgers = Ledgers::begin(4, &address, &seed);
    let mut random = seed.random(0);
    for kill in 1..=20 {
        // The kill is to come at no particular moment.
        for _ in 0..=random.below(30) {
            ledgers.go_on();
        }
        server.signal("KILL");
        server.end();
        server = start(if kill < 10 { "always" } else { "everysec" });
        address.moves_to(server.address());
    }
    ledgers.go_on();
    let mut ledgers = ledgers.end();
    ledgers::check(&mut ledgers, &mut server.connect());
    server.signal("TERM");
    server.end().assert_orderly();
    let server = start("everysec");
    ledgers::check(&mut ledgers, &mut server.connect());
}

#[test]
fn a_flush_and_a_rewrite_under_crashes_keep_the_data() {
    let seed = Seed::new();
    let mut random = seed.random(0);
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut crasher = Crasher::new(&Address::new(server.address()), seed.random(1));
    let mut client = server.connect();
    let mut expected = BTreeMap::new();
    for round in 0..12 {
        // What was before the flush must not come back with a base or a log that is from before it.
        if round == 4 {
            assert_eq!(client.ask(&["FLUSHALL"]), Reply::ok());
            expected.clear();
        }
        set_some(&mut client, &mut random, &mut expected);
        let before = client.info("aof_rewrites");
        client.ask(&["BGREWRITEAOF"]);
        let name = ["root/data/upkeep/rewriter", "root/data/store"][round % 2];
        crasher.strike(name, ["error", "panic", "kill"][random.below(3)]);
        set_some(&mut client, &mut random, &mut expected);
        rewrite(&mut client, before);
    }
    assert!(
        dump::of(&mut client) == expected,
        "not the data that was set"
    );
    assert!(client.info("aof_rewrites") >= 10);
    server.signal("TERM");
    server.end().assert_orderly();
    let server = Server::start(&directory);
    let mut client = server.connect();
    let size = Reply::Integer(expected.len() as i64);
    assert_eq!(client.ask(&["DBSIZE"]), size);
    assert!(
        dump::of(&mut client) == expected,
        "other data after the restart"
    );
}

/// Sets keys of chance, and has that be expected.
fn set_some(client: &mut Client, random: &mut Random, expected: &mut BTreeMap<String, String>) {
    for _ in 0..200 {
        let (key, value) = (random.below(2_000).to_string(), random.below(1_000_000));
        let value = format!("{value:0100}");
        assert_eq!(client.ask(&["SET", &key, &value]), Reply::ok());
        expected.insert(key, value);
    }
}

/// Has the log be rewritten, if one that has begun since then is not completed.
fn rewrite(client: &mut Client, before: u64) {
    until("the log is rewritten", || {
        let done = client.info("aof_rewrites") > before;
        if !done && client.info("aof_rewrite_in_progress") == 0 {
            client.ask(&["BGREWRITEAOF"]);
        }
        done.then_some(())
    });
}
