//! Random commands, right ones and wrong ones.

use crate::{
    random::Random,
    word::{self, Word, in_some_case},
};

/// A name and its arguments.
pub(crate) type Command = Vec<Word>;

/// The names that are drawn, the more often named the more often.
const NAMES: [&str; 37] = [
    "PING", "ECHO", "SELECT", "SET", "SET", "SET", "SET", "SET", "SET", "GET", "GET", "GET",
    "MGET", "MSET", "DEL", "EXISTS", "INCR", "INCR", "INCRBY", "INCRBY", "DECR", "APPEND",
    "APPEND", "STRLEN", "EXPIRE", "EXPIRE", "EXPIRE", "PEXPIRE", "PEXPIRE", "TTL", "TTL", "PTTL",
    "PERSIST", "KEYS", "FLUSHALL", "TYPE", "CLIENT",
];

const SET_OPTIONS: [&str; 20] = [
    "NX", "NX", "XX", "XX", "GET", "GET", "KEEPTTL", "KEEPTTL", "EX", "EX", "PX", "PX", "EXAT",
    "EXAT", "PXAT", "PXAT", "GT", "FROB", "", "PERSIST",
];

const CONDITIONS: [&str; 11] = [
    "NX", "NX", "XX", "XX", "GT", "GT", "LT", "LT", "FROB", "", "a\r\nb",
];

/// The thousandth there is hardly anywhere.
const NUMBERS_OF_DATABASES: [&str; 9] = ["0", "0", "0", "0", "1000", "-1", "01", "x", "2147483648"];

const OF_CLIENT: [&[&str]; 11] = [
    &[],
    &["SETNAME", "me"],
    &["SETNAME", "you:2"],
    &["setname", ""],
    &["SETNAME", "a b"],
    &["SETNAME", "a\n"],
    &["SETNAME"],
    &["GETNAME"],
    &["GetName"],
    &["GETNAME", "x"],
    &["Frob"],
];

const WRONG_IN_SCAN: [&[&str]; 11] = [
    &["COUNT", "0"],
    &["COUNT", "-1"],
    &["COUNT", "x"],
    &["COUNT", "01"],
    &["COUNT"],
    &["MATCH"],
    &["TYPE"],
    &["FROB"],
    &["FROB", "x"],
    &["", "0"],
    &["MATCH", "*", "COUNT"],
];

const NO_CURSORS: [&str; 7] = ["x", "-", "1.5", " 1", "1 ", "0x0", "18446744073709551616"];

const UNKNOWN: [&[u8]; 10] = [
    b"FROB",
    b"frob",
    b"get ",
    b" GET",
    b"SETT",
    b"\xff\r\nX",
    b"a\0b",
    b"",
    b"'",
    &[b'x'; 200],
];

/// A command of which each server has the same idea.
pub(crate) fn known(random: &mut Random) -> Command {
    let name = random.pick(&NAMES);
    let mut command = vec![in_some_case(random, name)];
    command.extend(arguments(random, name));
    if random.one_in(20) {
        spoil(random, &mut command);
    }
    command
}

fn arguments(random: &mut Random, name: &str) -> Vec<Word> {
    match name {
        "PING" => some(random, 1, word::value),
        "ECHO" => vec![word::value(random)],
        "SELECT" => spell(&[random.pick(&NUMBERS_OF_DATABASES)]),
        "SET" => {
            let pair = vec![word::key(random), word::value(random)];
            [pair, set_options(random)].concat()
        }
        "MGET" | "DEL" | "EXISTS" => [vec![word::key(random)], some(random, 3, word::key)].concat(),
        "MSET" => (0..=random.below(3))
            .flat_map(|_| [word::key(random), word::value(random)])
            .collect(),
        "INCRBY" => vec![word::key(random), word::number(random)],
        "APPEND" => vec![word::key(random), word::value(random)],
        "EXPIRE" | "PEXPIRE" => {
            let unit = if name == "EXPIRE" { 1 } else { 1000 };
            let pair = vec![word::key(random), word::life(random, unit)];
            [pair, conditions(random)].concat()
        }
        "KEYS" => vec![word::pattern(random)],
        "FLUSHALL" => spell(&[random.pick(&["ASYNC", "sync", "now", "NOW", ""])]),
        "CLIENT" => spell(random.pick(&OF_CLIENT)),
        _ => vec![word::key(random)],
    }
}

/// Options of SET, which may contradict each other.
fn set_options(random: &mut Random) -> Vec<Word> {
    let mut options = Vec::new();
    for _ in 0..random.pick(&[0, 0, 0, 1, 1, 1, 2, 2, 3]) {
        let option = random.pick(&SET_OPTIONS);
        options.push(in_some_case(random, option));
        match option {
            // An option whose time is missing.
            "EX" | "PX" | "EXAT" | "PXAT" if random.one_in(12) => {}
            "EX" => options.push(word::life(random, 1)),
            "PX" => options.push(word::life(random, 1000)),
            "EXAT" => options.push(word::moment(random, 1)),
            "PXAT" => options.push(word::moment(random, 1000)),
            _ => {}
        }
    }
    options
}

/// Conditions of EXPIRE, which may contradict each other.
fn conditions(random: &mut Random) -> Vec<Word> {
    (0..random.pick(&[0, 0, 0, 1, 1, 1, 2, 3]))
        .map(|_| {
            let condition = random.pick(&CONDITIONS);
            in_some_case(random, condition)
        })
        .collect()
}

/// Options of SCAN that are right.
pub(crate) fn scan_options(random: &mut Random) -> Vec<Word> {
    let mut options = Vec::new();
    for _ in 0..random.below(4) {
        let option = random.pick(&["COUNT", "MATCH", "TYPE"]);
        options.push(in_some_case(random, option));
        options.push(match option {
            "COUNT" => random.pick(&["1", "2", "5", "10", "1000"]).into(),
            "MATCH" => word::pattern(random),
            _ => random.pick(&["string", "String", "list", "zset"]).into(),
        });
    }
    options
}

/// A SCAN with something wrong in it.
pub(crate) fn bad_scan(random: &mut Random) -> Command {
    let mut command = [spell(&["SCAN", "0"]), scan_options(random)].concat();
    if random.one_in(3) {
        command[1] = random.pick(&NO_CURSORS).into();
    } else {
        command.extend(spell(random.pick(&WRONG_IN_SCAN)));
    }
    command
}

/// A command that there is not.
pub(crate) fn unknown(random: &mut Random) -> Command {
    let name = random.pick(&UNKNOWN).into();
    [vec![name], some(random, 5, word::value)].concat()
}

/// Takes an argument away, or adds one.
fn spoil(random: &mut Random, command: &mut Command) {
    if command.len() > 1 && random.one_in(2) {
        command.pop();
    } else {
        command.push(random.pick(&["x", "", "NX", "GET", "\r\n"]).into());
    }
}

/// Up to so many.
fn some(random: &mut Random, most: usize, draw: fn(&mut Random) -> Word) -> Vec<Word> {
    (0..random.below(most + 1)).map(|_| draw(random)).collect()
}

pub(crate) fn spell(words: &[&str]) -> Vec<Word> {
    words.iter().map(|word| (*word).into()).collect()
}
