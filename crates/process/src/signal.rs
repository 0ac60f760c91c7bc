//! The signals that programs are told something with.
use std::fmt;

/// A signal that a program is told something with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// SIGTERM: end.
    #[default]
    Terminate,
    /// SIGINT: end, as Ctrl-C says it. PostgreSQL's fast shutdown.
    Interrupt,
    /// SIGQUIT: end. nginx' graceful shutdown.
    Quit,
    /// SIGHUP: many daemons read their settings again.
    Hangup,
    /// SIGUSR1: as the program has it.
    User1,
    /// SIGUSR2: as the program has it.
    User2,
    /// SIGWINCH. Apache's graceful stop.
    WindowChange,
}

impl Signal {
    pub(crate) const fn raw(self) -> rustix::process::Signal {
        use rustix::process::Signal as Raw;
        match self {
            Self::Terminate => Raw::TERM,
            Self::Interrupt => Raw::INT,
            Self::Quit => Raw::QUIT,
            Self::Hangup => Raw::HUP,
            Self::User1 => Raw::USR1,
            Self::User2 => Raw::USR2,
            Self::WindowChange => Raw::WINCH,
        }
    }

    /// Its number on this system.
    pub const fn number(self) -> i32 {
        self.raw().as_raw()
    }
}

/// As the system's manuals write it: `SIGTERM`.
impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
            Self::Quit => "SIGQUIT",
            Self::Hangup => "SIGHUP",
            Self::User1 => "SIGUSR1",
            Self::User2 => "SIGUSR2",
            Self::WindowChange => "SIGWINCH",
        })
    }
}
