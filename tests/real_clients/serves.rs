//! What a client gets.

use crate::{
    client::{Reply, encode},
    directory::Directory,
    redis_tools,
    server::Server,
};

#[test]
fn redis_cli_is_served() {
    if !redis_tools::are_installed("redis_cli_is_served") {
        return;
    }
    let directory = Directory::new();
    let server = Server::start(&directory);
    let cli =
        |command: &str| redis_tools::cli(server.address(), &command.split(' ').collect::<Vec<_>>());
    assert_eq!(cli("PING"), "PONG");
    assert_eq!(cli("SET greeting hello"), "OK");
    assert_eq!(cli("GET greeting"), "hello");
    assert_eq!(cli("GET nothing"), "");
    assert_eq!(cli("INCR n"), "1");
    assert_eq!(cli("INCR n"), "2");
    assert_eq!(
        cli("INCR greeting"),
        "ERR value is not an integer or out of range"
    );
    assert_eq!(cli("EXISTS greeting n nothing"), "2");
    assert_eq!(cli("DEL n"), "1");
    assert_eq!(cli("DBSIZE"), "1");
    assert_eq!(
        cli("FROB x"),
        "ERR unknown command 'FROB', with args beginning with: 'x'"
    );
    assert_eq!(cli("CONFIG GET save"), "save");
    let tree = cli("TREE");
    for name in [
        "root",
        "data",
        "store",
        "flusher",
        "rewriter",
        "sweeper",
        "front",
        "connections",
        "listener",
    ] {
        assert!(tree.contains(name), "{name} is not in the tree:\n{tree}");
    }
    assert_eq!(
        cli("CRASH root/nobody panic").split(' ').next(),
        Some("ERR")
    );
    assert_eq!(cli("CRASH root panic").split(' ').next(), Some("ERR"));
    assert_eq!(cli("FLUSHALL"), "OK");
    assert_eq!(cli("DBSIZE"), "0");
}

#[test]
fn a_pipeline_is_answered_in_order_wherever_it_is_cut() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    let requests: [&[&str]; 6] = [
        &["SET", "k", "1"],
        &["INCR", "k"],
        &["PING"],
        &["GET", "k"],
        &["NO"],
        &["EXISTS", "k", "k"],
    ];
    let replies = [
        Reply::ok(),
        Reply::Integer(2),
        Reply::Simple("PONG".into()),
        Reply::value("2"),
        Reply::Error("ERR unknown command 'NO', with args beginning with: ".into()),
        Reply::Integer(2),
    ];
    let pipeline: Vec<u8> = requests.iter().flat_map(|words| encode(words)).collect();
    for cut in 0..pipeline.len() {
        let (first, second) = pipeline.split_at(cut);
        client.write(first);
        client.write(second);
        for reply in &replies {
            assert_eq!(&client.reply(), reply, "cut at {cut}");
        }
    }
}

#[test]
fn malformed_protocol_costs_that_connection_alone() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let (mut good, mut bad) = (server.connect(), server.connect());
    assert_eq!(good.ask(&["SET", "k", "v"]), Reply::ok());
    bad.write(b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n+PING\r\n*1\r\n$4\r\nPING\r\n");
    assert_eq!(bad.reply(), Reply::value("v"));
    assert_eq!(
        bad.reply(),
        Reply::Error("ERR Protocol error: expected '$', got '+'".into())
    );
    assert_eq!(bad.until_closed(), b"");
    assert_eq!(good.ask(&["GET", "k"]), Reply::value("v"));
}

#[test]
fn a_client_can_quit_and_type_by_hand() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    client.write(b"set k \"a b\"\r\nget k\r\nquit\r\nget k\r\n");
    assert_eq!(client.reply(), Reply::ok());
    assert_eq!(client.reply(), Reply::value("a b"));
    assert_eq!(client.reply(), Reply::ok());
    assert_eq!(client.until_closed(), b"");
}
