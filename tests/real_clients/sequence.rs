//! Random sequences of commands.

use std::fmt;

use crate::{
    command::{self, Command, spell},
    random::Random,
    word::{KEYS, Word},
};

/// The most steps of a sequence.
const LONGEST: usize = 20;

/// What is asked next.
pub(crate) enum Step {
    /// A command that has one reply.
    Ask(Command),
    /// A whole iteration: SCAN with these options, from the first cursor to the last.
    Scan(Vec<Word>),
}

/// Draws a sequence. It goes on with the data that the last one left, or flushes it now and then.
pub(crate) fn draw(random: &mut Random) -> Vec<Step> {
    let mut steps = Vec::new();
    let length = 1 + random.below(LONGEST);
    if random.one_in(50) {
        steps.push(Step::Ask(spell(&["FLUSHALL"])));
    }
    while steps.len() < length {
        match random.below(30) {
            0 => steps.push(Step::Scan(command::scan_options(random))),
            1 => steps.push(Step::Ask(command::bad_scan(random))),
            2 => steps.push(Step::Ask(command::unknown(random))),
            3 => steps.extend(count()),
            _ => steps.push(Step::Ask(command::known(random))),
        }
    }
    steps.truncate(LONGEST);
    steps
}

/// Counts the keys. One whose time is over still counts until somebody looks at it, so all are looked at first.
fn count() -> [Step; 2] {
    let all = KEYS.map(<[u8]>::to_vec).into();
    let look = [spell(&["EXISTS"]), all].concat();
    [Step::Ask(look), Step::Ask(spell(&["DBSIZE"]))]
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, words) = match self {
            Self::Ask(command) => ("", command),
            Self::Scan(options) => ("all pages of SCAN", options),
        };
        f.write_str(name)?;
        for word in words {
            write!(f, " \"{}\"", word.escape_ascii())?;
        }
        Ok(())
    }
}
