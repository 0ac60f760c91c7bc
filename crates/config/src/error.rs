//! What is wrong with a configuration.
use std::{fmt, io, path::PathBuf};

/// Why a configuration was not read, or not applied. Nothing of it is applied then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no TOML, or what is in it does not fit the tree: all that is wrong.
    #[error("{}", lines(problems))]
    Wrong {
        /// At least one, in the order of the file as far as that is known.
        problems: Vec<Problem>,
    },
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The file, or what it was called; none when it is no text.
    pub file: Option<String>,
    /// The line, from 1; none when it is no text.
    pub line: Option<usize>,
    /// The runtime name that it stands under.
    pub name: Option<String>,
    /// The key.
    pub key: Option<String>,
    /// What is wrong, and what was expected.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        }
        if let Some(name) = &self.name {
            write!(f, "{name:?}")?;
            if let Some(key) = &self.key {
                write!(f, " {key}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.what)
    }
}
