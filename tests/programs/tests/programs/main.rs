//! Programs that are trees, run as processes and stopped by signals. Numbers in comments are those of `docs/semantics.md`.
//!
//! Every wait is for a condition, with a bound of 30 s; no length of time is asserted.
#![cfg(unix)]

mod process;

use process::{End, Process};
use std::{
    io::Read,
    net::{SocketAddr, TcpStream},
};

/// A program that a signal ends in order: at which line it is sent, and what is said.
#[track_caller]
fn is_stopped(program: &str, at: &str, signal: &str) -> End {
    let mut process = Process::start(program);
    process.says(at);
    process.signal(signal);
    let end = process.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert_eq!(end.stderr, "", "{end:?}");
    end
}

/// 22.2
#[test]
fn a_signal_stops_the_tree_in_order() {
    for signal in ["TERM", "INT"] {
        let end = is_stopped("plain", "idle is up", signal);
        assert_eq!(end.stdout, ["idle is up", "idle ends"]);
    }
}

#[test]
fn the_methods_of_a_runner_stand_in_the_attribute() {
    let end = is_stopped("watched", "up: shop", "TERM");
    assert_eq!(
        end.stdout,
        ["idle is up", "up: shop", "idle ends", "orderly: true"]
    );
}

#[test]
fn a_panic_of_what_is_done_beside_the_tree_harms_nobody() {
    let mut process = Process::start("careless");
    process.says("up");
    process.signal("TERM");
    let end = process.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert_eq!(end.stdout, ["idle is up", "up", "idle ends", "end"]);
}

/// 5.4
#[test]
fn a_signal_stops_a_tree_that_starts() {
    let end = is_stopped("starting", "slow is not up", "INT");
    assert_eq!(
        end.stdout,
        ["idle is up", "slow is not up", "slow ends", "idle ends"]
    );
}

/// 22.3
#[test]
fn a_second_signal_ends_the_program() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut process = Process::start("stubborn");
        process.says("idle is up");
        process.signal(signal);
        process.says("stubborn was asked");
        process.signal(signal);
        let end = process.end();
        assert_eq!(end.code, Some(code), "{end:?}");
        let lines: Vec<&str> = end.stderr.lines().collect();
        assert_eq!(lines[0], "stopped by a second signal:");
        let up: Vec<&str> = lines[1..]
            .iter()
            .map(|line| line.split(',').next().unwrap())
            .collect();
        let expected = [
            "  shop (stopping",
            "  shop/idle (up",
            "  shop/stubborn (stopping",
        ];
        assert_eq!(up, expected, "{end:?}");
    }
}

/// 22.4
#[test]
fn lives_that_were_abandoned_are_told_in_the_exit_code() {
    let mut process = Process::start("stuck");
    process.says("stuck begins");
    process.signal("TERM");
    let end = process.end();
    assert_eq!(end.code, Some(3), "{end:?}");
    assert!(end.stderr.contains("shop/stuck"), "{end:?}");
}

/// 22.4
#[test]
fn a_tree_that_gave_up_ends_the_program_with_1() {
    let end = Process::start("gives-up").end();
    assert_eq!(end.code, Some(1), "{end:?}");
    assert!(end.stderr.contains("it broke"), "{end:?}");
}

/// 22.6
#[test]
fn a_root_that_could_not_be_made_is_told() {
    for (program, stderr) in [
        ("refused", "there is no shop\n"),
        (
            "fails",
            "the shop cannot open: no database: the cable is out\n",
        ),
    ] {
        let end = Process::start(program).end();
        assert_eq!(end.code, Some(1), "{end:?}");
        assert_eq!(end.stderr, stderr);
    }
}

#[test]
fn a_root_that_contradicts_itself_is_told() {
    let end = Process::start("contradictory").end();
    assert_eq!(end.code, Some(1), "{end:?}");
    assert_eq!(end.stdout, [""; 0]);
    assert!(end.stderr.contains("\"idle\""), "{end:?}");
}

/// 22.6
#[test]
fn a_signal_drops_the_making_of_the_root() {
    for signal in ["TERM", "INT"] {
        let end = is_stopped("waits", "it is made", signal);
        assert_eq!(end.stdout, ["it is made", "the making was dropped"]);
    }
}

/// 22.6: the threads of the runtime have no part in it.
#[test]
fn a_signal_is_seen_when_the_runtime_is_blocked() {
    let end = is_stopped("waits-among-the-busy", "it is made", "TERM");
    assert_eq!(end.stdout, ["it is made", "the making was dropped"]);
}

/// 22.6: nothing is started after a signal, also when the root is there by the time that it is seen.
#[test]
fn a_root_that_comes_after_a_signal_is_not_started() {
    let end = is_stopped("blocks-for-a-while", "it is made", "TERM");
    assert_eq!(end.stdout, ["it is made", "it has been made"]);
}

/// 22.6
#[test]
fn a_making_that_blocks_its_thread_is_ended_by_a_second_signal() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut process = Process::start("blocks");
        process.says("it is made");
        // Two that come at once are one.
        process.signal_until_it_ends(signal);
        let end = process.end();
        assert_eq!(end.code, Some(code), "{end:?}");
        assert_eq!(end.stdout, ["it is made"]);
        assert_eq!(
            end.stderr,
            "stopped by a second signal: the root is still being made\n"
        );
    }
}

/// 22.6
#[test]
fn a_making_that_blocks_its_thread_has_as_long_as_a_tree() {
    let mut process = Process::start("blocks-for-long");
    process.says("it is made");
    process.signal("TERM");
    let end = process.end();
    assert_eq!(end.code, Some(3), "{end:?}");
    assert_eq!(
        end.stderr,
        "not stopped in time: the root is still being made\n"
    );
}

#[test]
fn a_panic_of_the_making_is_one_of_main() {
    let end = Process::start("panics").end();
    assert_eq!(end.code, Some(101), "{end:?}");
    assert_eq!(end.stdout, ["the making was dropped"]);
    assert!(end.stderr.contains("out of luck"), "{end:?}");
}

#[test]
fn a_program_inside_of_a_runtime_panics() {
    for program in ["inside", "inside-made"] {
        let end = Process::start(program).end();
        assert_eq!(end.code, Some(101), "{end:?}");
        assert!(end.stderr.contains("from within a runtime"), "{end:?}");
        assert_eq!(end.stdout, [""; 0]);
    }
}

#[test]
fn what_was_made_for_the_tree_goes_on_in_it() {
    let mut process = Process::start("serves");
    process.says("up");
    for name in ["worker", "task"] {
        let address: SocketAddr = process
            .said()
            .iter()
            .find_map(|line| line.strip_prefix(&format!("the {name} listens on ")))
            .unwrap()
            .parse()
            .unwrap();
        for _ in 0..3 {
            let mut text = String::new();
            let mut client = TcpStream::connect(address).unwrap();
            client.set_read_timeout(Some(process::BOUND)).unwrap();
            client.read_to_string(&mut text).unwrap();
            assert_eq!(text, name);
        }
    }
    process.signal("TERM");
    let end = process.end();
    assert_eq!(end.code, Some(0), "{end:?}");
}
