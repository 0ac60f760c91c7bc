//! The settings: what the program was told, or does when it is not told.

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

/// What can be set by flags.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) directory: PathBuf,
    pub(crate) fsync: Fsync,
    /// The most clients at once.
    pub(crate) max_clients: usize,
    /// How long a client may say nothing; none: for ever.
    pub(crate) idle_timeout: Option<Duration>,
    /// How long a client may take nothing of its replies.
    pub(crate) write_timeout: Duration,
    /// Where numbers of the tree are set, by runtime name.
    pub(crate) config: Option<PathBuf>,
    /// The log is rewritten when it is larger than so many bytes, and than its base.
    pub(crate) rewrite_size: u64,
}

/// When the log is made to outlive a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fsync {
    /// Before each reply.
    Always,
    /// Once a second.
    EverySecond,
    /// When the system likes.
    No,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 6400)),
            directory: PathBuf::from("kv-data"),
            fsync: Fsync::EverySecond,
            max_clients: 10_000,
            idle_timeout: None,
            write_timeout: Duration::from_secs(60),
            config: None,
            rewrite_size: 64 * 1024 * 1024,
        }
    }
}

impl FromStr for Fsync {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "always" => Ok(Self::Always),
            "everysec" => Ok(Self::EverySecond),
            "no" => Ok(Self::No),
            other => Err(format!("always, everysec or no, not '{other}'")),
        }
    }
}

impl fmt::Display for Fsync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "always",
            Self::EverySecond => "everysec",
            Self::No => "no",
        })
    }
}
