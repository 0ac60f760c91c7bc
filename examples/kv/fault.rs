//! A fault: a way to fail that `CRASH` can be asked for.

use std::str::FromStr;

/// The ways to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The worker returns an error.
    Error,
    /// The worker panics.
    Panic,
    /// The worker awaits for ever and does not hear that it shall stop: it ends when its supervisor aborts it.
    Hang,
    /// The worker blocks its thread for ever: nothing can end it, its supervisor abandons it.
    Spin,
    /// The supervisor ends the life at once.
    Kill,
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "error" => Ok(Self::Error),
            "panic" => Ok(Self::Panic),
            "hang" => Ok(Self::Hang),
            "spin" => Ok(Self::Spin),
            "kill" => Ok(Self::Kill),
            other => Err(format!(
                "a fault is error, panic, hang, spin or kill, not '{other}'"
            )),
        }
    }
}
