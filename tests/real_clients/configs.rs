//! Numbers of the tree that are set in a file.

use std::fs;

use crate::{
    directory::Directory,
    server::{self, Server},
};

#[test]
fn a_wrong_file_is_refused_with_all_that_is_wrong() {
    let directory = Directory::new();
    let file = directory.path().join("kv.toml");
    let start = || {
        let data = directory.path().join("data");
        server::run_with(&[
            "--listen",
            "127.0.0.1:0",
            "--dir",
            data.to_str().unwrap(),
            "--config",
            file.to_str().unwrap(),
        ])
    };
    let name = file.display();
    let end = start();
    let expected = format!("kv: {name}: cannot be read: ");
    assert!(end.refusal().starts_with(&expected), "{end:?}");

    fs::write(&file, "['root/front/listener']\nshutdown = 'soon'\n").unwrap();
    let expected = format!(
        "kv: {name}:2: \"root/front/listener\" shutdown: expected a span such as \"5s\", \"indefinitely\" or \"kill\", not \"soon\""
    );
    assert_eq!(start().refusal(), expected);

    let text =
        "['root/back']\ntolerance = '3 in 5s'\n['root/front/connections/1']\nshutdown = '1s'\n";
    fs::write(&file, text).unwrap();
    let end = start();
    let expected = [
        format!(
            "kv: {name}:1: \"root/back\": no child is declared as \"root/back\"; there is root/data, root/front"
        ),
        format!(
            "{name}:3: \"root/front/connections/1\": \"root/front/connections/1\" would be started at run time, below root/front/connections: set its numbers where it is started"
        ),
    ];
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""));
    assert_eq!(end.stderr.trim_end(), expected.join("\n"));
}

#[test]
fn a_file_that_is_right_is_applied() {
    let directory = Directory::new();
    let file = directory.path().join("kv.toml");
    fs::write(&file, "['root/data/store']\nown_tolerance = '0 ever'\n['root/data']\ntolerance = '0 ever'\n['root']\ntolerance = '0 ever'\n").unwrap();
    let server = Server::start_with(&directory, &["--config", file.to_str().unwrap()]);
    // The first crash is one too many, on every level.
    let _ = server
        .connect()
        .try_ask(&["CRASH", "root/data/store", "panic"]);
    let end = server.end();
    assert_eq!(end.code, Some(1), "{end:?}");
    assert!(
        end.stdout
            .contains("root gave up: root/data would need more than 0 restarts ever"),
        "{end:?}"
    );
}
