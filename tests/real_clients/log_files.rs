//! The files of the log: what they are called, and how a server makes them.

use std::fs;

use crate::{
    client::{Client, Reply},
    directory::Directory,
    server::Server,
    wait::until,
};

pub(crate) const FIRST: &str = "log-00000001";
pub(crate) const SECOND: &str = "log-00000002";
pub(crate) const THIRD: &str = "log-00000003";
pub(crate) const BASE: &str = "base-00000001";

/// Has a server set those keys, one after the other, and kills it. Gives how long the log was before each, and at the end.
pub(crate) fn log_of(directory: &Directory, keys: &[&str]) -> Vec<u64> {
    let server = Server::start(directory);
    let mut client = server.connect();
    let length = || fs::metadata(directory.file(FIRST)).unwrap().len();
    let mut lengths = vec![length()];
    for key in keys {
        set(&mut client, key);
        lengths.push(length());
    }
    server.signal("KILL");
    server.end();
    lengths
}

/// Sets a key.
pub(crate) fn set(client: &mut Client, key: &str) {
    assert_eq!(client.ask(&["SET", key, "value"]), Reply::ok());
}

/// Has the log be rewritten, and waits until it is completed, and what it replaces is gone.
pub(crate) fn rewrite(server: &Server, directory: &Directory, then: &[&str]) {
    let mut client = server.connect();
    let before = client.info("aof_rewrites");
    let started = Reply::Simple("Background append only file rewriting started".into());
    assert_eq!(client.ask(&["BGREWRITEAOF"]), started);
    until("the rewrite is completed", || {
        let mut names = directory.names();
        names.retain(|name| name != "lock");
        (names == then && client.info("aof_rewrites") > before).then_some(())
    });
    until("no rewrite is under way", || {
        (client.info("aof_rewrite_in_progress") == 0).then_some(())
    });
}
