//! What is refused at the start, and what is found again there.

use std::{fs, net::TcpListener};

use crate::{
    client::{Reply, encode},
    directory::Directory,
    server::{self, End, Server},
    wait::until,
};

/// The one sentence of a start that was refused.
fn refusal(end: &End) -> &str {
    assert!(end.code.is_some_and(|code| code != 0), "{end:?}");
    assert_eq!(end.stderr.lines().count(), 1, "{end:?}");
    end.stderr.trim_end()
}

#[test]
fn a_port_in_use_is_told_in_one_sentence() {
    let directory = Directory::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let end = server::run(&address, directory.path());
    assert!(
        refusal(&end).starts_with(&format!("kv: cannot listen on {address}: ")),
        "{end:?}"
    );
}

#[test]
fn a_directory_that_cannot_be_written_is_told_in_one_sentence() {
    let directory = Directory::new();
    // Not by permissions: those do not hold a test back that runs as root.
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let end = server::run("127.0.0.1:0", &file.join("data"));
    let expected = format!(
        "kv: cannot write to the directory {}: ",
        file.join("data").display()
    );
    assert!(refusal(&end).starts_with(&expected), "{end:?}");
}

#[test]
fn a_bad_flag_is_told_in_one_sentence() {
    let end = server::run_with(&["--prot", "6400"]);
    assert_eq!(
        refusal(&end),
        "kv: unknown argument '--prot'; --help tells which there are"
    );
    let end = server::run_with(&["--listen", "6400"]);
    assert!(
        refusal(&end).starts_with("kv: --listen needs an address and a port"),
        "{end:?}"
    );
}

#[test]
fn help_is_no_failure() {
    let end = server::run_with(&["--help"]);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    assert!(end.stdout.contains("--listen"), "{end:?}");
}

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
        assert_eq!(client.ask(&["SET", "gone", "v"]), Reply::ok());
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
fn a_torn_last_record_is_cut_off_with_a_warning() {
    let directory = Directory::new();
    let (whole, torn) = (encode(&["SET", "k", "v"]), encode(&["SET", "lost", "v"]));
    fs::write(directory.log(), [&whole, &torn[..torn.len() - 3]].concat()).unwrap();
    let server = Server::start(&directory);
    until("the cut is told", || {
        server
            .stderr()
            .contains("is torn and is cut off")
            .then_some(())
    });
    let mut client = server.connect();
    assert_eq!(client.ask(&["GET", "k"]), Reply::value("v"));
    assert_eq!(client.ask(&["DBSIZE"]), Reply::Integer(1));
    assert_eq!(client.ask(&["INCR", "n"]), Reply::Integer(1));
    assert_eq!(
        fs::read(directory.log()).unwrap(),
        [whole, encode(&["INCR", "n"])].concat()
    );
}

#[test]
fn a_damaged_log_is_refused_with_the_offset_and_left_alone() {
    let directory = Directory::new();
    let (whole, damage) = (encode(&["SET", "k", "v"]), b"*1\r\n$4\r\nOOPS\r\n");
    let content = [&whole[..], damage, &whole].concat();
    fs::write(directory.log(), &content).unwrap();
    let end = server::run("127.0.0.1:0", directory.path());
    assert_eq!(end.code, Some(1), "{end:?}");
    assert!(
        end.stderr
            .contains(&format!("is damaged at byte {}", whole.len())),
        "{end:?}"
    );
    assert!(end.stderr.contains("root/store"), "{end:?}");
    assert_eq!(fs::read(directory.log()).unwrap(), content);
}
