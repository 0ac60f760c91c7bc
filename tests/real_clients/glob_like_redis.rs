//! Whether patterns match what they match in Redis.

use crate::{pair::Pair, random::Random};

const PATTERNS: usize = 3000;

const SEED: u64 = 1;

/// What patterns are made of.
const ALPHABET: [char; 9] = ['a', 'b', '*', '?', '[', ']', '^', '-', '\\'];

const KEYS: [&str; 42] = [
    "a", "b", "c", "A", "aa", "ab", "ba", "bb", "ac", "aab", "abb", "aba", "bab", "abab", "baba",
    "aabb", "*", "?", "[", "]", "^", "-", "\\", "a*", "*b", "a?", "[a]", "[ab]", "[^a]", "a-b",
    "a^", "^b", "a]", "]a", "\\a", "a\\", "\\\\", "--", "^^", "**", "[]", "b[-a",
];

#[test]
fn patterns_match_as_in_redis() {
    let Some(mut pair) = Pair::start("patterns_match_as_in_redis") else {
        return;
    };
    for key in KEYS {
        pair.ask(&["SET", key, "v"]);
    }
    let mut random = Random::new(SEED);
    for _ in 0..PATTERNS {
        let length = random.below(9);
        let pattern: String = (0..length).map(|_| random.pick(&ALPHABET)).collect();
        pair.ask(&["KEYS", &pattern]);
    }
}
