//! Programs with a mistake.
use crate::skip;
use std::{env, fs, path::Path, process::Command};

/// With which rustc the messages were written down.
const WRITTEN_WITH: &str = "rustc 1.95";

fn rustc() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    String::from_utf8(output.expect("there is a rustc").stdout).expect("it is text")
}

#[test]
fn what_is_wrong_is_told_with_what_to_do() {
    let rustc = rustc();
    if !rustc.starts_with(&format!("{WRITTEN_WITH}.")) {
        let why = format!(
            "this is {}; what is said of mistakes was written down with {WRITTEN_WITH} and is not compared",
            rustc.trim()
        );
        skip::tell("what_is_wrong_is_told_with_what_to_do", &why);
        return;
    }
    let programs = trybuild::TestCases::new();
    programs.compile_fail("fail/*.rs");
}

/// One mistake, one message: an error that follows from another one is ours to avoid.
#[test]
fn one_mistake_is_one_message() {
    let fail = Path::new(env!("CARGO_MANIFEST_DIR")).join("fail");
    let mut told = 0;
    for entry in fs::read_dir(fail).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "stderr") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let messages = |line: &&str| {
            ["error", "warning"]
                .iter()
                .any(|word| line.starts_with(word))
                && *line != "error: the other one is here"
        };
        assert_eq!(text.lines().filter(messages).count(), 1, "{path:?}: {text}");
        told += 1;
    }
    assert!(told > 0);
}
