//! The program, as a process.
use std::process::Command;

#[test]
fn it_runs_to_its_end() {
    let program = env!("CARGO_BIN_EXE_regrow-renamed");
    let end = Command::new(program).output().unwrap();
    assert!(end.status.success(), "{end:?}");
    assert_eq!(
        String::from_utf8(end.stdout).unwrap(),
        "shop/by_path ends\n"
    );
}
