//! What `CRASH` can do to a child.

use std::str::FromStr;

/// A way for a worker to fail by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It returns an error.
    Error,
    /// It panics.
    Panic,
    /// It awaits for ever and does not hear that it shall stop: it ends when its supervisor aborts it.
    Hang,
    /// It blocks its thread for ever: nothing can end it, its supervisor abandons it.
    Spin,
}

/// A blow to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blow {
    /// Its supervisor ends its life at once.
    Kill,
    /// It fails by itself.
    Fault(Fault),
}

impl FromStr for Blow {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Ok(match word {
            "kill" => Self::Kill,
            "error" => Self::Fault(Fault::Error),
            "panic" => Self::Fault(Fault::Panic),
            "hang" => Self::Fault(Fault::Hang),
            "spin" => Self::Fault(Fault::Spin),
            other => {
                return Err(format!(
                    "a fault is error, panic, hang, spin or kill, not '{other}'"
                ));
            }
        })
    }
}
