//! What is refused at the start.

use std::{fs, net::TcpListener};

use crate::{directory::Directory, server};

#[test]
fn a_port_in_use_is_told_in_one_sentence() {
    let directory = Directory::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let end = server::run(&address, directory.path());
    assert!(
        end.refusal()
            .starts_with(&format!("kv: cannot listen on {address}: ")),
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
    assert!(end.refusal().starts_with(&expected), "{end:?}");
}

#[test]
fn a_bad_flag_is_told_in_one_sentence() {
    let end = server::run_with(&["--prot", "6400"]);
    assert_eq!(
        end.refusal(),
        "kv: unknown argument '--prot'; --help tells which there are"
    );
    let end = server::run_with(&["--listen", "6400"]);
    assert!(
        end.refusal()
            .starts_with("kv: --listen needs an address and a port"),
        "{end:?}"
    );
    for (flag, value) in [
        ("--fsync", "sometimes"),
        ("--max-clients", "many"),
        ("--idle-timeout", "5 parsecs"),
        ("--write-timeout", "-1s"),
        ("--rewrite-size", "64 acres"),
    ] {
        let end = server::run_with(&[flag, value]);
        let refusal = end.refusal();
        assert!(refusal.contains(flag) && refusal.contains(value), "{end:?}");
    }
}

#[test]
fn help_is_no_failure() {
    let end = server::run_with(&["--help"]);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    for flag in [
        "--listen",
        "--dir",
        "--fsync",
        "--max-clients",
        "--idle-timeout",
        "--write-timeout",
        "--rewrite-size",
        "--config",
        "--help",
    ] {
        assert!(end.stdout.contains(flag), "{flag} is not in {end:?}");
    }
}
