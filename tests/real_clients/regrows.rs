//! What a client notices of a crash, and what it does not.

use crate::{
    client::{Client, Reply},
    directory::Directory,
    redis_tools::{self, Benchmark},
    server::Server,
    wait::until,
};

/// The workers that are not connections.
const WORKERS: [&str; 5] = [
    "root/data/store",
    "root/data/upkeep/flusher",
    "root/data/upkeep/rewriter",
    "root/data/upkeep/sweeper",
    "root/front/listener",
];

/// Strikes a child; while it has no life, or has one that is struck already, that is refused, and tried again.
fn crash(client: &mut Client, name: &str, fault: &str) {
    until("the fault strikes", || {
        (client.ask(&["CRASH", name, fault]) == Reply::ok()).then_some(())
    });
}

#[test]
fn the_benchmark_completes_while_panics_go_round() {
    if !redis_tools::are_installed("the_benchmark_completes_while_panics_go_round") {
        return;
    }
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    let mut benchmark = Benchmark::start(server.address());
    let (mut sum, mut crashes) = (0, 0);
    let (code, said) = loop {
        if let Some(end) = benchmark.end() {
            break end;
        }
        crash(&mut client, WORKERS[crashes % WORKERS.len()], "panic");
        crashes += 1;
        // Between two crashes the server is to get work done, and nothing of it is to be lost or done twice.
        for _ in 0..100 {
            sum += 1;
            assert_eq!(client.ask(&["INCR", "sum"]), Reply::Integer(sum));
        }
    };
    assert_eq!(code, Some(0), "{said}");
    assert!(
        crashes >= 2 * WORKERS.len(),
        "the benchmark was over after {crashes} crashes"
    );
    assert_eq!(
        counted(&mut client),
        200_000,
        "the benchmark's own increments"
    );
    server.signal("TERM");
    let end = server.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert!(end.stdout.contains("root stopped"), "{end:?}");
}

/// The sum of the counters that the benchmark increments at random.
fn counted(client: &mut Client) -> i64 {
    let keys = (0..10_000).map(|key| format!("counter:{key:012}"));
    keys.map(|key| match client.ask(&["GET", &key]) {
        Reply::Bulk(Some(count)) => String::from_utf8(count).unwrap().parse::<i64>().unwrap(),
        Reply::Bulk(None) => 0,
        reply => panic!("{key} is {reply:?}"),
    })
    .sum()
}

#[test]
fn a_crash_of_the_store_loses_nothing_and_does_nothing_twice() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let (mut client, mut other) = (server.connect(), server.connect());
    for round in 1..=20 {
        crash(
            &mut other,
            "root/data/store",
            ["error", "panic", "kill"][round % 3],
        );
        assert_eq!(client.ask(&["INCR", "n"]), Reply::Integer(round as i64));
        assert_eq!(client.ask(&["SET", &format!("k{round}"), "v"]), Reply::ok());
    }
    assert_eq!(client.ask(&["DBSIZE"]), Reply::Integer(21));
}

#[test]
fn commands_wait_for_a_hung_store_until_it_is_killed() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let (mut client, mut operator) = (server.connect(), server.connect());
    assert_eq!(client.ask(&["INCR", "n"]), Reply::Integer(1));
    crash(&mut operator, "root/data/store", "hang");
    client.send(&["INCR", "n"]);
    // The connection itself is well: what needs no store is answered, also the operator.
    assert_eq!(operator.ask(&["PING"]), Reply::Simple("PONG".into()));
    let Reply::Error(refused) = operator.ask(&["CRASH", "root/data/store", "panic"]) else {
        panic!("struck twice")
    };
    assert!(
        refused.contains("'CRASH root/data/store kill' ends it"),
        "{refused}"
    );
    crash(&mut operator, "root/data/store", "kill");
    assert_eq!(client.reply(), Reply::Integer(2));
    assert_eq!(client.ask(&["GET", "n"]), Reply::value("2"));
}

#[test]
fn connections_outlive_the_listener_and_new_clients_wait_for_it() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    for fault in ["error", "panic", "hang"] {
        crash(&mut client, "root/front/listener", fault);
        // The kernel takes the client in, whether a listener lives or not.
        let mut new = server.connect();
        new.send(&["PING"]);
        if fault == "hang" {
            crash(&mut client, "root/front/listener", "kill");
        }
        assert_eq!(new.reply(), Reply::Simple("PONG".into()));
        assert_eq!(client.ask(&["PING"]), Reply::Simple("PONG".into()));
    }
}

#[test]
fn a_connection_crashes_alone() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let (mut first, mut second) = (server.connect(), server.connect());
    assert_eq!(first.ask(&["PING"]), second.ask(&["PING"]));
    crash(&mut second, "root/front/connections/1", "panic");
    assert_eq!(first.until_closed(), b"");
    assert_eq!(second.ask(&["PING"]), Reply::Simple("PONG".into()));
}

#[test]
fn when_the_connections_are_killed_new_ones_are_served() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let (mut first, mut second) = (server.connect(), server.connect());
    assert_eq!(first.ask(&["SET", "k", "v"]), Reply::ok());
    second.send(&["CRASH", "root/front/connections", "kill"]);
    first.until_closed();
    second.until_closed();
    // While their supervisor is down, clients are turned away: told why, or closed.
    until("a new client is served", || {
        let reply = server.connect().try_ask(&["GET", "k"]);
        (reply.ok()? == Reply::value("v")).then_some(())
    });
}

#[test]
fn the_tree_tells_of_restarts() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    crash(&mut client, "root/data/store", "error");
    let line = until("the store is up again", || {
        let tree = client.ask(&["TREE"]).lines();
        let line = tree.lines().find(|line| line.contains("store"))?.to_owned();
        (line.contains("up") && line.contains("1 restart")).then_some(line)
    });
    assert!(!line.contains("down"), "{line}");
    until("the crash is told on stderr", || {
        let told = server.stderr();
        (told.contains("root/data/store") && told.contains("CRASH wanted this error")).then_some(())
    });
}

#[test]
fn information_tells_who_is_not_well() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    let healthy = "# Health\r\nhealth:healthy\r\n";
    assert_eq!(client.section("health"), healthy);
    // Each failure in a row makes the wait for the restart longer, until it is long enough to be seen.
    let told = until("a worker that fails and fails is not well", || {
        client.ask(&["CRASH", "root/data/upkeep/flusher", "error"]);
        let told = client.section("health");
        told.contains("flusher restarting").then_some(told)
    });
    let begin = "# Health\r\nhealth:degraded\r\ndegraded0:root/data/upkeep/flusher restarting for ";
    let cause = "(CRASH wanted this error)\r\n";
    assert!(told.starts_with(begin) && told.ends_with(cause), "{told:?}");
    // Clients are served all the while, and the flusher is well again by itself.
    assert_eq!(client.ask(&["SET", "k", "v"]), Reply::ok());
    until("it is well again", || {
        (client.section("health") == healthy).then_some(())
    });
}
