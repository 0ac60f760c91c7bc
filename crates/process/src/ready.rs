//! When a program is up.
use std::{fmt, net::SocketAddr, sync::Arc};

/// When a process child is up, and its next sibling may start.
///
/// The wait is bounded by the start time-out of the child, 30 s unless set. A program that ends before it is ready is a start failure,
/// with its status and the last lines of its stderr.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Ready {
    /// As soon as it runs.
    #[default]
    Spawned,
    /// When it writes a line, to stdout or stderr, that matches.
    Line(Line),
    /// When this TCP address accepts a connection, which is closed at once. It is tried twenty times a second. Whoever listens there
    /// counts: an address that another program holds makes the child look ready.
    Port(SocketAddr),
}

impl Ready {
    /// When it writes a line that has this text in it, or that a [`Line::that`] wants.
    pub fn line(line: impl Into<Line>) -> Self {
        Self::Line(line.into())
    }

    /// When this TCP address accepts a connection.
    pub fn port(address: impl Into<SocketAddr>) -> Self {
        Self::Port(address.into())
    }
}

/// Which line of output says that a program is ready.
#[derive(Clone)]
pub struct Line(Match);

#[derive(Clone)]
enum Match {
    Has(String),
    That(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl Line {
    /// A line for which this is true. It runs on the task of the life: a panic of it is a start failure.
    pub fn that(is_it: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Match::That(Arc::new(is_it)))
    }

    pub(crate) fn matches(&self, line: &str) -> bool {
        match &self.0 {
            Match::Has(text) => line.contains(text),
            Match::That(is_it) => is_it(line),
        }
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self(Match::Has(text.to_owned()))
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self(Match::Has(text))
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Match::Has(text) => f.debug_tuple("Line").field(text).finish(),
            Match::That(_) => f.write_str("Line(..)"),
        }
    }
}
