//! Whether the server is a Redis, as far as it goes: a real one is asked the same.

use std::collections::BTreeSet;

use crate::{
    client::{Client, Reply},
    pair::Pair,
    seed::Seed,
    sequence,
    wait::until,
};

const SEQUENCES: usize = 10_000;

/// Commands that Redis does not have.
const OUR_OWN: [&str; 2] = ["tree", "crash"];

#[test]
fn ten_thousand_random_command_sequences_get_the_replies_of_redis() {
    let test = "ten_thousand_random_command_sequences_get_the_replies_of_redis";
    let Some(mut pair) = Pair::start(test) else {
        return;
    };
    let seed = Seed::new();
    let mut random = seed.random(0);
    for number in 1..=SEQUENCES {
        let steps = sequence::draw(&mut random);
        if let Err(difference) = pair.run(&steps) {
            let asked: String = steps[..difference.step]
                .iter()
                .map(|step| format!("{step}\n"))
                .collect();
            panic!(
                "sequence {number}, step {}:\n{asked}kv    {:?}\nredis {:?}",
                difference.step, difference.ours, difference.redis
            );
        }
    }
}

#[test]
fn expiry_is_as_in_redis() {
    let Some(mut pair) = Pair::start("expiry_is_as_in_redis") else {
        return;
    };
    pair.ask(&["SET", "stays", "v"]);
    pair.ask(&["SET", "unseen", "v", "PX", "50"]);
    let seen = ["p30", "p55", "p80", "later", "again"];
    pair.ask(&["SET", "p30", "v", "PX", "30"]);
    pair.ask(&["SET", "p55", "v", "PX", "55"]);
    pair.ask(&["SET", "p80", "v", "PX", "80"]);
    pair.ask(&["SET", "later", "v"]);
    pair.ask(&["PEXPIRE", "later", "40"]);
    pair.ask(&["SET", "again", "v", "EX", "1000"]);
    pair.ask(&["PEXPIRE", "again", "60", "LT"]);
    for client in [&mut pair.ours, &mut pair.redis] {
        until("the keys are gone", || {
            let gone = |key| client.ask(&["GET", key]) == Reply::Bulk(None);
            seen.into_iter().all(gone).then_some(())
        });
        // Also the one that nobody asks for.
        until("they do not count", || {
            (client.ask(&["DBSIZE"]) == Reply::Integer(1)).then_some(())
        });
    }
    for key in seen {
        assert_eq!(pair.ask(&["EXISTS", key]), Reply::Integer(0));
        assert_eq!(pair.ask(&["TTL", key]), Reply::Integer(-2));
        assert_eq!(pair.ask(&["EXPIRE", key, "1000"]), Reply::Integer(0));
        assert_eq!(pair.ask(&["INCR", key]), Reply::Integer(1));
        assert_eq!(pair.ask(&["TTL", key]), Reply::Integer(-1));
    }
}

#[test]
fn times_to_live_are_kept_and_cleared_as_in_redis() {
    let test = "times_to_live_are_kept_and_cleared_as_in_redis";
    let Some(mut pair) = Pair::start(test) else {
        return;
    };
    for over in ["0", "-1"] {
        pair.ask(&["SET", "k", "v"]);
        assert_eq!(pair.ask(&["EXPIRE", "k", over]), Reply::Integer(1));
        assert_eq!(pair.ask(&["GET", "k"]), Reply::Bulk(None));
        assert_eq!(pair.ask(&["DBSIZE"]), Reply::Integer(0));
    }
    let mut left = |command: &[&str]| {
        pair.ask(&["SET", "k", "1", "EX", "1000"]);
        pair.ask(command);
        pair.ask(&["PTTL", "k"]);
        match pair.ask(&["TTL", "k"]) {
            Reply::Integer(seconds) => seconds,
            reply => panic!("{reply:?}"),
        }
    };
    let kept: [&[&str]; 7] = [
        &["INCR", "k"],
        &["INCRBY", "k", "5"],
        &["DECR", "k"],
        &["APPEND", "k", "0"],
        &["SET", "k", "w", "KEEPTTL"],
        &["SET", "k", "w", "NX"],
        &["EXPIRE", "k", "2000", "NX"],
    ];
    for command in kept {
        assert!(left(command) > 900, "{command:?}");
    }
    let cleared: [&[&str]; 4] = [
        &["SET", "k", "w"],
        &["SET", "k", "w", "XX", "GET"],
        &["MSET", "k", "w"],
        &["PERSIST", "k"],
    ];
    for command in cleared {
        assert_eq!(left(command), -1, "{command:?}");
    }
    // What is refused changes nothing.
    assert!(left(&["SET", "k", "w", "EX", "1000", "KEEPTTL"]) > 900);
    assert_eq!(pair.ask(&["PERSIST", "k"]), Reply::Integer(1));
    assert_eq!(pair.ask(&["PERSIST", "k"]), Reply::Integer(0));
    assert_eq!(pair.ask(&["PERSIST", "none"]), Reply::Integer(0));
}

#[test]
fn odd_requests_are_answered_as_by_redis() {
    let Some(mut pair) = Pair::start("odd_requests_are_answered_as_by_redis") else {
        return;
    };
    let requests: [&[&str]; 23] = [
        &["HELLO", "1"],
        &["HELLO", "4"],
        &["HELLO", "x"],
        &["hello", "2", "Frob"],
        &["HELLO", "2", "SETNAME"],
        &["HELLO", "2", "setname", "a b"],
        &["CLIENT", "SETNAME", "\x7f"],
        &["CLIENT", "SETNAME", "ä"],
        &["CLIENT", "ID", "x"],
        &["client", "FROB\r\n"],
        &["CONFIG"],
        &["CONFIG", "GET"],
        &["CONFIG", "Frob"],
        &["CONFIG", "GET", "no such thing"],
        &["COMMAND", "Frob"],
        &["COMMAND", "COUNT", "x"],
        &["COMMAND", "LIST", "x"],
        &["COMMAND", "INFO", "frob"],
        &["COMMAND", "DOCS", "frob"],
        &["INFO", "frob"],
        &["SELECT", "99999999999"],
        &["SET", "k", "v", "PX", "x", "PX", "2000000"],
        &["EXPIRE", "k", "x", "NX", "GT"],
    ];
    for request in requests {
        pair.ask(request);
    }
    // How much of the arguments is cited.
    for length in 120..130 {
        let long = "x".repeat(length);
        pair.ask(&["FROB", &long, "y", "z"]);
        pair.ask(&[&long, &long]);
        pair.ask(&["CLIENT", &long]);
    }
}

#[test]
fn commands_are_described_as_by_redis() {
    let Some(mut pair) = Pair::start("commands_are_described_as_by_redis") else {
        return;
    };
    let Reply::Array(names) = pair.ours.ask(&["COMMAND", "LIST"]) else {
        panic!("no list")
    };
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let Reply::Bulk(Some(name)) = name else {
            panic!("no name: {name:?}")
        };
        let name = String::from_utf8(name).unwrap();
        if !OUR_OWN.contains(&name.to_lowercase().as_str()) {
            assert_eq!(
                described(&mut pair.ours, &name),
                described(&mut pair.redis, &name),
                "{name}"
            );
        }
    }
}

/// What a server says of a command: its name, how many words it takes, its flags, and where its keys are. The rest is of Redis's
/// own making.
fn described(client: &mut Client, name: &str) -> ([Reply; 5], BTreeSet<Reply>) {
    let reply = client.ask(&["COMMAND", "INFO", name]);
    let Reply::Array(commands) = &reply else {
        panic!("{name}: {reply:?}")
    };
    let [Reply::Array(about)] = &commands[..] else {
        panic!("{name}: {reply:?}")
    };
    assert_eq!(about.len(), 10, "{name}: {reply:?}");
    let [word, arity, Reply::Array(flags), first, last, step] = &about[..6] else {
        panic!("{name}: {reply:?}")
    };
    let numbers = [word, arity, first, last, step].map(Reply::clone);
    (numbers, flags.iter().cloned().collect())
}
