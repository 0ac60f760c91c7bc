//! Damages of the log: what is torn is cut off, what is damaged or missing is refused.
//!
//! The logs here are made by a server, and then cut, damaged or taken away.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use crate::{
    client::Reply,
    directory::Directory,
    dump,
    log_files::{BASE, FIRST, SECOND, THIRD, log_of, rewrite, set},
    server::{self, End, Server},
    wait::until,
};

#[test]
fn a_torn_last_record_is_cut_off_with_a_warning() {
    // In its head, in what it holds, and its very end.
    for torn in [3, 40, 1] {
        let directory = Directory::new();
        let lengths = log_of(&directory, &["k", "lost"]);
        let [_, whole, end] = lengths[..] else {
            panic!("two records")
        };
        let content = fs::read(directory.file(FIRST)).unwrap();
        let kept = if torn == 1 { end - 1 } else { whole + torn };
        let log = File::options().write(true).open(directory.file(FIRST));
        log.unwrap().set_len(kept).unwrap();
        let server = Server::start(&directory);
        until("the cut is told", || {
            server.stderr().contains("torn").then_some(())
        });
        let mut client = server.connect();
        assert_eq!(client.ask(&["GET", "k"]), Reply::value("value"));
        assert_eq!(client.ask(&["DBSIZE"]), Reply::Integer(1));
        assert_eq!(client.ask(&["INCR", "n"]), Reply::Integer(1));
        let after = fs::read(directory.file(FIRST)).unwrap();
        assert!(after.starts_with(&content[..whole as usize]));
        server.signal("KILL");
        server.end();
        // What was written behind the cut is whole.
        let server = Server::start(&directory);
        let mut client = server.connect();
        assert_eq!(client.ask(&["GET", "n"]), Reply::value("1"));
        assert_eq!(client.ask(&["DBSIZE"]), Reply::Integer(2));
        assert!(!server.stderr().contains("torn"));
    }
}

#[test]
fn a_damaged_log_is_refused_left_alone_and_starts_once_the_advice_is_followed() {
    let keys = ["k", "damaged", "behind", "last"];
    // In the head of the record: its length, its sums. And in what it holds, from its beginning to its end.
    for place in [0, 5, 12, 21, 28, 30, 45, -4, -1] {
        let directory = Directory::new();
        let lengths = log_of(&directory, &keys);
        let path = directory.file(FIRST);
        let record = if place < 0 { lengths[2] } else { lengths[1] };
        let content = damage(&path, record.checked_add_signed(place).unwrap());
        let end = server::run("127.0.0.1:0", directory.path());
        assert_eq!(end.code, Some(1), "{place}: {end:?}");
        assert!(end.stderr.contains("root/data/store"), "{place}: {end:?}");
        assert!(fs::read(&path).unwrap() == content, "it is not left alone");
        let expected = format!("truncate -s {} '{}'", lengths[1], path.display());
        assert_eq!(advice(&end), expected, "{place}");
        follow(&end);
        let server = Server::start(&directory);
        let mut client = server.connect();
        assert_eq!(client.ask(&["GET", "k"]), Reply::value("value"));
        assert_eq!(client.ask(&["DBSIZE"]), Reply::Integer(1), "{place}");
    }
}

#[test]
fn a_damaged_base_is_refused_and_what_was_before_the_damage_can_be_had() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    let value = "x".repeat(10_000);
    for number in 0..100 {
        let key = number.to_string();
        assert_eq!(client.ask(&["SET", &key, &value]), Reply::ok());
    }
    rewrite(&server, &directory, &[BASE, SECOND]);
    set(&mut client, "behind");
    server.signal("KILL");
    server.end();
    let path = directory.file(BASE);
    let content = damage(&path, fs::metadata(&path).unwrap().len() / 2);
    let end = server::run("127.0.0.1:0", directory.path());
    assert_eq!(end.code, Some(1), "{end:?}");
    assert!(fs::read(&path).unwrap() == content, "it is not left alone");
    follow(&end);
    let server = Server::start(&directory);
    let data = dump::of(&mut server.connect());
    assert!((1..100).contains(&data.len()), "{}", data.len());
    assert!(data.values().all(|kept| *kept == value));
}

#[test]
fn a_log_that_is_missing_is_no_empty_log() {
    // One between the base and the log, and the base itself. What is left when the advice is followed is what was before it.
    for (from, to, missing, left) in [(SECOND, THIRD, SECOND, 1), (BASE, "elsewhere", FIRST, 0)] {
        let directory = Directory::new();
        let server = Server::start(&directory);
        set(&mut server.connect(), "k");
        rewrite(&server, &directory, &[BASE, SECOND]);
        set(&mut server.connect(), "l");
        server.signal("KILL");
        server.end();
        fs::rename(directory.file(from), directory.file(to)).unwrap();
        let names = directory.names();
        let end = server::run("127.0.0.1:0", directory.path());
        assert_eq!(end.code, Some(1), "{end:?}");
        assert!(end.stderr.contains(missing), "{end:?}");
        assert_eq!(directory.names(), names, "it is not left alone");
        follow(&end);
        let server = Server::start(&directory);
        assert_eq!(server.connect().ask(&["DBSIZE"]), Reply::Integer(left));
    }
}

/// Changes the byte at that place, and gives what the file holds then.
fn damage(path: &Path, at: u64) -> Vec<u8> {
    let mut content = fs::read(path).unwrap();
    content[at as usize] ^= 1;
    fs::write(path, &content).unwrap();
    content
}

/// The commands for a shell that a refusal tells. They end with a path in quotes.
fn advice(end: &End) -> &str {
    let mut lines = end.stderr.lines();
    let advice = lines.find_map(|line| line.split_once("run: "));
    let advice = advice.unwrap_or_else(|| panic!("no advice: {end:?}")).1;
    let (advice, _) = advice.split_at(advice.rfind('\'').unwrap() + 1);
    advice
}

/// Does what a refusal tells.
fn follow(end: &End) {
    let advice = advice(end);
    let status = Command::new("sh").args(["-c", advice]).status().unwrap();
    assert!(status.success(), "{advice}");
}

#[test]
fn a_base_that_rots_is_told_by_a_rewrite_and_ends_the_server_only_when_it_is_needed() {
    let directory = Directory::new();
    let server = Server::start(&directory);
    let mut client = server.connect();
    set(&mut client, "k");
    rewrite(&server, &directory, &[BASE, SECOND]);
    let mut base = fs::read(directory.file(BASE)).unwrap();
    base[40] ^= 1;
    fs::write(directory.file(BASE), base).unwrap();
    set(&mut client, "l");
    let started = Reply::Simple("Background append only file rewriting started".into());
    assert_eq!(client.ask(&["BGREWRITEAOF"]), started);
    until("the damage is told", || {
        let told = server.stderr();
        (told.contains("is damaged, the data in memory are not") && told.contains(BASE))
            .then_some(())
    });
    // What is in memory is whole, and goes on to be served and kept.
    assert_eq!(client.ask(&["GET", "k"]), Reply::value("value"));
    set(&mut client, "m");
    assert!(!client.ask(&["TREE"]).lines().contains("restart"));
    assert_eq!(
        client.ask(&["CRASH", "root/data/store", "kill"]),
        Reply::ok()
    );
    let end = server.end();
    assert_eq!(end.code, Some(1), "{end:?}");
    let last = end.stderr.lines().last().unwrap();
    assert!(last.starts_with("kv: the log is damaged: "), "{end:?}");
    assert!(last.contains(BASE) && last.contains("run: "), "{end:?}");
    let told = end.stderr.matches("the log is damaged").count();
    assert!(told < 5, "it is not tried again and again: {end:?}");
}
