//! Clients that are as large, as fast or as rude as can be, and what the others notice of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crate::{
    client::{Client, Reply, encode},
    directory::Directory,
    server::Server,
    wait::until,
};

const MEGABYTE: usize = 1024 * 1024;

#[test]
fn clients_that_never_pause_do_not_keep_others_waiting() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let is_over = Arc::new(AtomicBool::new(false));
    // More than the server has threads; what they say needs no store, so that nothing makes them wait.
    let flooders: Vec<_> = ["PING\r\n", "x\r\n", "PING\r\n", "ECHO a\r\n"]
        .into_iter()
        .map(|line| {
            let (client, is_over) = (server.connect(), Arc::clone(&is_over));
            thread::spawn(move || flood(client, &line.repeat(10_000), &is_over))
        })
        .collect();
    let mut client = server.connect();
    assert_eq!(client.ask(&["SET", "k", "v"]), Reply::ok());
    for _ in 0..20 {
        assert_eq!(client.ask(&["GET", "k"]), Reply::value("v"));
        assert_eq!(server.connect().ask(&["GET", "k"]), Reply::value("v"));
    }
    server.signal("TERM");
    let end = server.end();
    is_over.store(true, Ordering::Relaxed);
    assert_eq!(end.code, Some(0), "{end:?}");
    flooders
        .into_iter()
        .for_each(|flooder| flooder.join().unwrap());
}

/// Says that again and again, and reads all that comes, until the connection ends.
fn flood(mut client: Client, lines: &str, is_over: &AtomicBool) {
    let mut writer = client.writer();
    thread::scope(|scope| {
        scope.spawn(|| client.until_closed());
        while !is_over.load(Ordering::Relaxed) && writer.try_write(lines.as_bytes()).is_ok() {}
    });
}

#[test]
fn a_client_that_writes_all_before_it_reads_any_is_served() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    let (key, value) = ("k".repeat(1_000), "x".repeat(3_000));
    assert_eq!(client.ask(&["SET", &key, &value]), Reply::ok());
    // More than the sockets of both sides hold, in requests as in replies.
    let count = 13_000;
    client.write(&encode(&["GET", &key]).repeat(count));
    for number in 0..count {
        assert!(client.reply() == Reply::value(&value), "reply {number}");
    }
}

#[test]
fn replies_of_local_commands_do_not_fill_the_memory_either() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let (mut client, mut other) = (server.connect(), server.connect());
    let before = server.peak_memory();
    let described = client.ask(&["COMMAND"]);
    let count = 20_000;
    client.write(&encode(&["COMMAND"]).repeat(count));
    (0..1_000).for_each(|_| assert_eq!(other.ask(&["PING"]), Reply::Simple("PONG".into())));
    for number in 0..count {
        assert!(client.reply() == described, "reply {number}");
    }
    let growth = server.peak_memory() - before;
    // All of the replies are more than a hundred megabytes.
    assert!(growth < 40 * MEGABYTE as u64, "{growth} bytes more");
}

#[test]
fn a_long_pipeline_of_short_commands_does_not_fill_the_memory() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    assert_eq!(client.ask(&["PING"]), Reply::Simple("PONG".into()));
    let before = server.peak_memory();
    let count = 1_000_000;
    client.write("GET a\n".repeat(count).as_bytes());
    (0..count).for_each(|_| assert_eq!(client.reply(), Reply::Bulk(None)));
    let growth = server.peak_memory() - before;
    // What is read of each command is twenty times as long as the command.
    assert!(growth < 60 * MEGABYTE as u64, "{growth} bytes more");
}

#[test]
fn what_is_as_large_as_can_be_is_found_again() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    assert_eq!(client.ask(&["SET", "precious", "1"]), Reply::ok());
    // With these the words are 64 MiB; what is recorded of them is more.
    let value = "x".repeat(64 * MEGABYTE - "SETkEX100".len());
    let set = ["SET", "k", &value, "EX", "100"];
    assert_eq!(client.ask(&set), Reply::ok());
    let set = ["SET", "l", &value[..32 * MEGABYTE]];
    assert_eq!(client.ask(&set), Reply::ok());
    let append = ["APPEND", "l", &value[..32 * MEGABYTE]];
    assert_eq!(client.ask(&append), Reply::Integer(64 * MEGABYTE as i64));
    until("the log is rewritten", || {
        (client.info("aof_rewrites") > 0).then_some(())
    });
    server.signal("KILL");
    server.end();
    let server = Server::start(&directory);
    let mut client = server.connect();
    assert_eq!(client.ask(&["GET", "precious"]), Reply::value("1"));
    assert!(client.ask(&["GET", "k"]) == Reply::value(&value));
    let length = Reply::Integer(64 * MEGABYTE as i64);
    assert_eq!(client.ask(&["STRLEN", "l"]), length);
}

#[test]
fn a_browser_is_shown_the_door() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    for request in [
        "POST / HTTP/1.1\r\nHost: x\r\n\r\nSET k pwned\r\n",
        "GET k\r\nHost: x\r\n\r\nSET k pwned\r\n",
    ] {
        let mut browser = server.connect();
        browser.write(request.as_bytes());
        let said = browser.until_closed();
        assert!(!said.ends_with(b"+OK\r\n"), "{}", said.escape_ascii());
        assert_eq!(server.connect().ask(&["GET", "k"]), Reply::Bulk(None));
    }
    until("it is told on stderr", || {
        server.stderr().contains("speaks HTTP here").then_some(())
    });
}

#[test]
fn a_crowd_that_knocks_at_once_is_let_in() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut crowd: Vec<Client> = (0..500).map(|_| server.connect()).collect();
    for client in &mut crowd {
        assert_eq!(client.ask(&["PING"]), Reply::Simple("PONG".into()));
    }
}
