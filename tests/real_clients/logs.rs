//! The log on the disk: what is found again there, and how it is rewritten.

use std::fs;

use crate::{
    client::Reply,
    directory::Directory,
    log_files::{BASE, SECOND, THIRD, log_of, rewrite, set},
    server::{self, Server},
    wait::until,
};

#[test]
fn data_outlives_the_process_whether_it_stops_or_is_killed() {
    let directory = Directory::new();
    for (round, signal) in (1..).zip(["TERM", "KILL", "TERM"]) {
        let server = Server::start(&directory);
        let mut client = server.connect();
        assert_eq!(client.ask(&["INCR", "n"]), Reply::Integer(round));
        assert_eq!(
            client.ask(&["SET", "k\r\n", &format!("v{round}\r\n")]),
            Reply::ok()
        );
        set(&mut client, "gone");
        assert_eq!(client.ask(&["DEL", "gone"]), Reply::Integer(1));
        server.signal(signal);
        server.end();
    }
    let server = Server::start(&directory);
    let mut client = server.connect();
    assert_eq!(client.ask(&["GET", "n"]), Reply::value("3"));
    assert_eq!(client.ask(&["GET", "k\r\n"]), Reply::value("v3\r\n"));
    assert_eq!(client.ask(&["DBSIZE"]), Reply::Integer(2));
}

#[test]
fn each_way_to_sync_keeps_what_a_kill_finds() {
    for fsync in ["always", "everysec", "no"] {
        let directory = Directory::new();
        let server = Server::start_with(&directory, &["--fsync", fsync]);
        set(&mut server.connect(), "k");
        server.signal("KILL");
        server.end();
        let server = Server::start(&directory);
        let mut client = server.connect();
        assert_eq!(client.ask(&["GET", "k"]), Reply::value("value"), "{fsync}");
    }
}

#[test]
fn a_second_server_on_the_directory_is_refused() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    set(&mut client, "k");
    let end = server::run("127.0.0.1:0", directory.path());
    assert!(end.refusal().contains("in use"), "{end:?}");
    set(&mut client, "l");
    server.signal("KILL");
    server.end();
    // The lock is gone with the process, however it ended.
    let server = Server::start(&directory);
    assert_eq!(server.connect().ask(&["DBSIZE"]), Reply::Integer(2));
}

#[test]
fn a_rewrite_leaves_a_base_and_the_log_behind_it() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    for key in ["k", "l", "gone"] {
        set(&mut client, key);
    }
    assert_eq!(client.ask(&["DEL", "gone"]), Reply::Integer(1));
    rewrite(&server, &directory, &[BASE, SECOND]);
    assert_eq!(client.info("aof_rewrites"), 1);
    assert!(client.info("aof_base_size") > 0);
    set(&mut client, "after");
    server.signal("KILL");
    server.end();
    let server = Server::start(&directory);
    let mut client = server.connect();
    assert_eq!(
        client.ask(&["EXISTS", "k", "l", "gone", "after"]),
        Reply::Integer(3)
    );
    // The next one goes on from there.
    rewrite(&server, &directory, &["base-00000002", THIRD]);
    assert_eq!(client.ask(&["DBSIZE"]), Reply::Integer(3));
}

#[test]
fn a_log_that_grows_is_rewritten_by_itself() {
    let directory = Directory::new();
    let server = Server::start_with(&directory, &["--rewrite-size", "64kb"]);
    let mut client = server.connect();
    let value = "x".repeat(1_000);
    let mut count = 0;
    until("the log is rewritten twice", || {
        for _ in 0..20 {
            count += 1;
            assert_eq!(client.ask(&["SET", "k", &value]), Reply::ok());
            assert_eq!(client.ask(&["INCR", "n"]), Reply::Integer(count));
        }
        (client.info("aof_rewrites") >= 2).then_some(())
    });
    assert!(count >= 100, "rewritten before it was large: {count}");
    assert!(client.info("aof_base_size") < 64 * 1024);
    server.signal("TERM");
    server.end().assert_orderly();
    let server = Server::start(&directory);
    let mut client = server.connect();
    assert_eq!(client.ask(&["GET", "k"]), Reply::value(&value));
    assert_eq!(client.ask(&["GET", "n"]), Reply::value(&count.to_string()));
}

#[test]
fn what_a_rewrite_left_half_done_is_removed() {
    let directory = Directory::new();
    log_of(&directory, &["k"]);
    let left = directory.file("base-00000001.tmp");
    fs::write(&left, "half").unwrap();
    let server = Server::start(&directory);
    until("it is removed", || (!left.exists()).then_some(()));
    let mut client = server.connect();
    assert_eq!(client.ask(&["GET", "k"]), Reply::value("value"));
    rewrite(&server, &directory, &[BASE, SECOND]);
}
