//! How the process ends.

use crate::{
    client::{Client, Reply},
    directory::Directory,
    server::Server,
    wait::until,
};

/// Has the fault strike. That it will is told before it does: a hundred replies later it has.
fn strike(client: &mut Client, name: &str, fault: &str) {
    assert_eq!(client.ask(&["CRASH", name, fault]), Reply::ok());
    for _ in 0..100 {
        assert_eq!(client.ask(&["PING"]), Reply::Simple("PONG".into()));
    }
}

#[test]
fn sigterm_and_sigint_end_it_in_order_with_a_report() {
    for signal in ["TERM", "INT"] {
        let directory = Directory::new();
        let server = Server::start(&directory);
        let mut clients: Vec<Client> = (0..20).map(|_| server.connect()).collect();
        for client in &mut clients {
            assert_eq!(client.ask(&["PING"]), Reply::Simple("PONG".into()));
        }
        assert!(
            server.stdout().contains("listener"),
            "the tree is drawn when it is up"
        );
        server.signal(signal);
        for client in &mut clients {
            assert_eq!(client.until_closed(), b"");
        }
        let end = server.end();
        end.assert_orderly();
        assert_eq!(end.stderr, "");
    }
}

#[test]
fn shutdown_ends_it_in_order() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    client.send(&["SET", "k", "v"]);
    client.send(&["SHUTDOWN"]);
    assert_eq!(client.until_closed(), b"+OK\r\n");
    server.end().assert_orderly();
}

#[test]
fn a_client_that_does_not_read_does_not_hold_up_the_stop() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    assert_eq!(
        client.ask(&["SET", "k", &"x".repeat(1024 * 1024)]),
        Reply::ok()
    );
    // More than the sockets of both sides hold.
    (0..64).for_each(|_| client.send(&["GET", "k"]));
    assert_eq!(client.reply(), Reply::value(&"x".repeat(1024 * 1024)));
    server.signal("TERM");
    let end = server.end();
    end.assert_orderly();
    assert!(
        !end.stdout.contains("killed"),
        "its connection ended by itself: {end:?}"
    );
}

#[test]
fn a_store_that_hangs_is_ended_and_told() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    strike(&mut server.connect(), "root/data/store", "hang");
    server.signal("TERM");
    let end = server.end();
    end.assert_orderly();
    assert!(
        end.stdout.contains("root/data/store"),
        "the report tells of it: {end:?}"
    );
}

#[test]
fn a_store_that_spins_is_named_as_abandoned_and_the_process_ends_all_the_same() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    strike(&mut server.connect(), "root/data/store", "spin");
    server.signal("TERM");
    let end = server.end();
    assert_eq!(end.code, Some(3), "{end:?}");
    let named = end
        .stdout
        .lines()
        .any(|line| line.contains("root/data/store") && line.contains("abandoned"));
    assert!(named, "{end:?}");
}

#[test]
fn a_worker_that_spins_and_is_killed_ends_the_whole_tree() {
    for name in ["root/data/upkeep/sweeper", "root/front/listener"] {
        let directory = Directory::new();
        let server = Server::start(&directory);
        let mut client = server.connect();
        // A kill that comes before it spins finds a life that ends: then once more. What cannot be ended is not started again
        // beside itself.
        let mut faults = ["spin", "kill"].into_iter().cycle();
        until("the tree ends", || {
            let fault = faults.next().unwrap();
            client.try_ask(&["CRASH", name, fault]).err()
        });
        let end = server.end();
        assert_eq!(end.code, Some(3), "{end:?}");
        let mut lines = end.stdout.lines();
        let named = lines.any(|line| line.contains(name) && line.contains("abandoned"));
        assert!(named, "{end:?}");
    }
}

#[test]
fn a_second_signal_ends_it_at_once_and_tells_who_is_still_up() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    strike(&mut client, "root/data/store", "hang");
    server.signal("TERM");
    // The connections stop before the store does: the first signal was heard.
    client.until_closed();
    server.signal("INT");
    let end = server.end();
    assert_eq!(end.code, Some(128 + 2), "{end:?}");
    let (_, told) = end.stderr.split_once("second signal").expect("it is told");
    assert!(told.contains("root/data/store (stopping"), "{end:?}");
    assert!(!told.contains("root/front/listener"), "{end:?}");
}
