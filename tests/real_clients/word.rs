//! The words of random commands: keys, values, numbers, patterns, times to live.

use crate::random::Random;

pub(crate) type Word = Vec<u8>;

/// Few keys, so that they meet; some of them are hard to spell.
pub(crate) const KEYS: [&[u8]; 16] = [
    b"a",
    b"b",
    b"c",
    b"ab",
    b"n",
    b"m",
    b"k1",
    b"k2",
    b"",
    b"\r\n",
    b"\0",
    b"\xff",
    b"a b",
    b"*",
    b"[a]",
    b"\\?\0\xfe",
];

const PATTERNS: [&[u8]; 15] = [
    b"*", b"*", b"?", b"??", b"a*", b"*b", b"[ab]", b"[^a]", b"[a-m]*", b"\\*", b"\\[a]", b"*\n",
    b"\xff", b"\0*", b"",
];

/// Numbers, hardly numbers and no numbers.
const NUMBERS: [&str; 22] = [
    "0",
    "1",
    "-1",
    "7",
    "42",
    "-1000",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "+1",
    "01",
    " 1",
    "1 ",
    "1.0",
    "-0",
    "0x1",
    "",
    "-",
];

/// What is no time to live, or too long.
const NO_LIVES: [&str; 10] = [
    "+1",
    "01",
    " 1",
    "1.0",
    "",
    "-0",
    "x",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
];

/// Times to live that are over, or too long ago.
const OVER: [&str; 5] = [
    "0",
    "-1",
    "-1000",
    "-9223372036854775",
    "-9223372036854775808",
];

/// A moment in the year 2096, in seconds: later than any time to live drawn here that counts from today.
const LATE: usize = 4_000_000_000;

pub(crate) fn key(random: &mut Random) -> Word {
    random.pick(&KEYS).into()
}

pub(crate) fn pattern(random: &mut Random) -> Word {
    random.pick(&PATTERNS).into()
}

pub(crate) fn number(random: &mut Random) -> Word {
    if random.one_in(2) {
        small(random)
    } else {
        random.pick(&NUMBERS).into()
    }
}

pub(crate) fn value(random: &mut Random) -> Word {
    match random.below(20) {
        0 => {
            let length = random.below(4096);
            random.bytes(length)
        }
        1..=4 => {
            let length = random.below(12);
            random.bytes(length)
        }
        5..=8 => number(random),
        9..=14 => small(random),
        _ => random
            .pick(&["v", "value", "a b", "9223372036854775806"])
            .into(),
    }
}

fn small(random: &mut Random) -> Word {
    let number = random.below(200) as i64 - 100;
    number.to_string().into()
}

/// A time to live, in units of which a second has so many. It does not end in this run: it is long, or over already, or refused.
/// Hardly two are the same, so that of two the later one is the same on every server.
pub(crate) fn life(random: &mut Random, unit: usize) -> Word {
    match random.below(10) {
        0 => random.pick(&NO_LIVES).into(),
        1 => random.pick(&OVER).into(),
        // As many as there are, but not from now on.
        2 => (i64::MAX as usize / 1000 * unit).to_string().into(),
        _ => (seconds(random) * unit).to_string().into(),
    }
}

/// The moment at which a life ends.
pub(crate) fn moment(random: &mut Random, unit: usize) -> Word {
    if random.one_in(3) {
        random.pick(&NUMBERS).into()
    } else {
        ((LATE + seconds(random)) * unit).to_string().into()
    }
}

fn seconds(random: &mut Random) -> usize {
    1000 + random.below(1_000_000_000)
}

/// The word in its own letters, in small ones or in both.
pub(crate) fn in_some_case(random: &mut Random, word: &str) -> Word {
    match random.below(4) {
        0 => word.to_ascii_lowercase().into(),
        1 => word
            .bytes()
            .map(|letter| {
                if random.one_in(2) {
                    letter.to_ascii_lowercase()
                } else {
                    letter
                }
            })
            .collect(),
        _ => word.into(),
    }
}
