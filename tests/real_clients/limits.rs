//! What a client may not do, and what that costs the others: nothing.

use std::thread;

use crate::{
    client::{Client, Reply, encode},
    directory::Directory,
    server::Server,
    wait::until,
};

const MEGABYTE: usize = 1024 * 1024;

fn ping(client: &mut Client) {
    assert_eq!(client.ask(&["PING"]), Reply::Simple("PONG".into()));
}

#[test]
fn a_client_too_many_is_told_and_a_place_that_becomes_free_is_taken() {
    let directory = Directory::new();
    let server = Server::start_with(&directory, &["--max-clients", "2"]);
    let (mut first, mut second) = (server.connect(), server.connect());
    ping(&mut first);
    ping(&mut second);
    for _ in 0..3 {
        assert_eq!(
            server.connect().until_closed(),
            b"-ERR max number of clients reached\r\n"
        );
    }
    ping(&mut first);
    ping(&mut second);
    drop(first);
    let mut third = until("the place is free", || {
        let mut third = server.connect();
        let reply = third.try_ask(&["PING"]);
        (reply.ok()? == Reply::Simple("PONG".into())).then_some(third)
    });
    ping(&mut second);
    ping(&mut third);
    assert_eq!(
        server.connect().until_closed(),
        b"-ERR max number of clients reached\r\n"
    );
}

#[test]
fn an_idle_client_is_closed_and_an_active_one_is_not() {
    let directory = Directory::new();
    let server = Server::start_with(&directory, &["--idle-timeout", "500ms"]);
    let (mut active, mut idle) = (server.connect(), server.connect());
    ping(&mut active);
    ping(&mut idle);
    let idle = thread::spawn(move || idle.until_closed());
    until("the idle client is closed", || {
        ping(&mut active);
        idle.is_finished().then_some(())
    });
    assert_eq!(idle.join().unwrap(), b"");
    ping(&mut active);
}

#[test]
fn who_takes_no_replies_is_closed_and_who_takes_them_slowly_is_not() {
    let directory = Directory::new();
    let server = Server::start_with(&directory, &["--write-timeout", "500ms"]);
    let (mut deaf, mut slow, mut other) = (server.connect(), server.connect(), server.connect());
    // One reply that is more than the sockets of both sides hold.
    let value = "x".repeat(32 * MEGABYTE);
    assert_eq!(other.ask(&["SET", "k", &value]), Reply::ok());
    let Reply::Integer(number) = deaf.ask(&["CLIENT", "ID"]) else {
        panic!("no number")
    };
    let number = number.to_string();
    deaf.send(&["GET", "k"]);
    slow.send(&["GET", "k"]);
    let reply = format!("${}\r\n{value}\r\n", value.len()).into_bytes();
    let mut taken = Vec::new();
    // A piece each time that is looked: the timeout passes more than once until the last.
    until("the slow client has it all", || {
        ping(&mut other);
        let piece = slow.some(128 * 1024);
        assert!(!piece.is_empty(), "it is closed");
        taken.extend(piece);
        (taken.len() >= reply.len()).then_some(())
    });
    assert!(taken == reply, "not the value that was set");
    ping(&mut slow);
    until("the client that takes nothing is closed", || {
        let children = other.ask(&["TREE"]).children();
        children
            .iter()
            .all(|(name, _)| *name != number)
            .then_some(())
    });
    assert!(deaf.until_closed().len() < reply.len());
    ping(&mut slow);
}

#[test]
fn requests_beyond_the_limits_cost_that_connection_alone() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut good = server.connect();
    assert_eq!(good.ask(&["SET", "k", "v"]), Reply::ok());
    // It is refused with its last byte: were one left unread, the reply could be lost with it.
    let long = "x".repeat(64 * 1024 + 1);
    for (bytes, error) in [
        ("*1\r\n$67108865\r\n", "invalid bulk length"),
        (
            "*2\r\n$3\r\nGET\r\n$99999999999999999999\r\n",
            "invalid bulk length",
        ),
        ("*1\r\n$-1\r\n", "invalid bulk length"),
        ("*1048577\r\n", "invalid multibulk length"),
        ("*99999999999999999999\r\n", "invalid multibulk length"),
        (&long, "too big inline request"),
    ] {
        let mut bad = server.connect();
        // What comes before it in the pipeline is answered.
        bad.write(&encode(&["GET", "k"]));
        bad.write(bytes.as_bytes());
        let said = bad.until_closed();
        let expected = format!("$1\r\nv\r\n-ERR Protocol error: {error}\r\n");
        assert_eq!(String::from_utf8(said).unwrap(), expected);
        assert_eq!(good.ask(&["GET", "k"]), Reply::value("v"));
    }
}

#[test]
fn a_large_value_within_the_limits_is_kept() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    let value = "x".repeat(64 * MEGABYTE - 1024);
    assert_eq!(client.ask(&["SET", "k", &value]), Reply::ok());
    assert!(client.ask(&["GET", "k"]) == Reply::value(&value));
    let many = vec!["nobody"; 1_000_000];
    let command = [&["EXISTS"], &many[..]].concat();
    assert_eq!(client.ask(&command), Reply::Integer(0));
}

#[test]
fn replies_that_nobody_takes_yet_do_not_fill_the_memory() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let (mut client, mut other) = (server.connect(), server.connect());
    let value = "x".repeat(100_000);
    assert_eq!(client.ask(&["SET", "k", &value]), Reply::ok());
    let before = server.peak_memory();
    let count = 10_000;
    let mut writer = client.writer();
    let writing = thread::spawn(move || writer.write(&encode(&["GET", "k"]).repeat(count)));
    // It has begun to be served, and others are served meanwhile.
    assert!(client.reply() == Reply::value(&value));
    (0..1_000).for_each(|_| ping(&mut other));
    for number in 1..count {
        assert!(client.reply() == Reply::value(&value), "reply {number}");
    }
    writing.join().unwrap();
    let growth = server.peak_memory() - before;
    // All of the replies are a gigabyte.
    assert!(growth < 50 * MEGABYTE as u64, "{growth} bytes more");
    ping(&mut client);
}
