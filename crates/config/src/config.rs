//! Configurations: read, checked, applied.
use crate::{
    error::{ConfigError, Problem},
    number,
    value::{self, Kind, Value},
};
use regrow_supervisor::{Override, OverrideError, Supervisor};
use serde::de::{self, Deserialize, Deserializer};
use std::{collections::BTreeMap, fs, path::Path};

/// Numbers of a tree, by runtime name. The form is told in the [crate's docs](crate).
///
/// It can also be deserialized, from JSON or as a part of a greater configuration; then the errors
/// have neither file nor line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    file: Option<String>,
    entries: Vec<Entry>,
}

/// What is said of one child.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    name: String,
    line: Option<usize>,
    given: Override,
    /// Where each key stands.
    lines: BTreeMap<String, Option<usize>>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: it cannot be read, is no TOML, or has keys or values that are none.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        match fs::read_to_string(path) {
            Ok(text) => Self::from_toml(&path.display().to_string(), &text),
            Err(source) => Err(ConfigError::Read {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Reads TOML. `file` is what errors call it.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: it is no TOML, or has keys or values that are none.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, ConfigError> {
        let file = Some(file.to_owned());
        match Value::document(text) {
            Ok(document) => Self::new(file, &document),
            Err(error) => {
                let span = error.span();
                let problem = Problem {
                    file,
                    line: span.map(|span| value::line(text, span.start)),
                    what: error.message().to_owned(),
                    ..Problem::default()
                };
                Err(ConfigError::Wrong {
                    problems: vec![problem],
                })
            }
        }
    }

    fn new(file: Option<String>, document: &Value) -> Result<Self, ConfigError> {
        let (mut entries, mut problems) = (Vec::new(), Vec::new());
        let mut problem = |name: Option<&String>, key: Option<&String>, line, what| {
            problems.push(Problem {
                file: file.clone(),
                line,
                name: name.cloned(),
                key: key.cloned(),
                what,
            });
        };
        let expected = "expected a table with the runtime name of a child as its name, such as [\"root/web/acceptor\"]";
        let Kind::Table(tables) = &document.kind else {
            let what = format!("{expected}, not {}", document.told());
            problem(None, None, document.line, what);
            return Err(ConfigError::Wrong { problems });
        };
        for (name, table) in tables {
            let Kind::Table(pairs) = &table.kind else {
                let what = format!("{expected}, not {}", table.told());
                problem(Some(name), None, table.line, what);
                continue;
            };
            let mut entry = Entry {
                name: name.clone(),
                line: table.line,
                given: Override::default(),
                lines: BTreeMap::new(),
            };
            for (key, value) in pairs {
                entry.lines.insert(key.clone(), value.line);
                if let Err(what) = number::set(&mut entry.given, key, value) {
                    problem(Some(name), Some(key), value.line, what);
                }
            }
            entries.push(entry);
        }
        if problems.is_empty() {
            Ok(Self { file, entries })
        } else {
            Err(ConfigError::Wrong { problems })
        }
    }

    /// The same root, with these numbers in the place of its own. Names below a supervisor with a
    /// build function are applied to what that builds.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Wrong`]: a name is none of a declared child, a key is not one of that child,
    /// or the child cannot be so. All of it is told.
    pub fn apply(&self, root: Supervisor) -> Result<Supervisor, ConfigError> {
        let entries = self.entries.iter();
        let overrides = entries.map(|entry| (entry.name.clone(), entry.given.clone()));
        root.override_with(overrides).map_err(|errors| {
            let mut problems: Vec<_> = errors.iter().map(|error| self.problem(error)).collect();
            problems.sort_by_key(|problem| problem.line);
            ConfigError::Wrong { problems }
        })
    }

    fn problem(&self, error: &OverrideError) -> Problem {
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry.name == error.name());
        let line_of = |key| entry.and_then(|entry| entry.lines.get(key).copied().flatten());
        let line = error.key().and_then(line_of);
        Problem {
            file: self.file.clone(),
            line: line.or_else(|| entry.and_then(|entry| entry.line)),
            name: Some(error.name().to_owned()),
            key: error.key().map(ToOwned::to_owned),
            what: match error {
                OverrideError::Spec { error, .. } => error.to_string(),
                error => error.to_string(),
            },
        }
    }
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = Value::deserialize(deserializer)?;
        Self::new(None, &document).map_err(de::Error::custom)
    }
}
