//! Names of children, and runtime names of what runs.
use std::{borrow::Borrow, fmt, sync::Arc};

/// The longest name, in bytes.
const LONGEST: usize = 255;

/// The name of a child, unique among its siblings.
///
/// 1 to 255 bytes, without `/` and without control characters (semantics 2.1).
///
/// ```
/// use regrow_core::Name;
///
/// assert_eq!(Name::new("acceptor").unwrap().as_str(), "acceptor");
/// assert_eq!(
///     Name::new("web/acceptor").unwrap_err().to_string(),
///     "the name \"web/acceptor\" has a `/`, which joins runtime names: nest a supervisor \"web\" instead"
/// );
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// Checks `text` and makes a name of it.
    ///
    /// # Errors
    ///
    /// [`InvalidName`] when it is empty, too long, or has a `/` or a control character.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self, InvalidName> {
        let text = text.into();
        if text.is_empty() {
            Err(InvalidName::Empty)
        } else if text.len() > LONGEST {
            Err(InvalidName::TooLong { bytes: text.len() })
        } else if text.contains('/') {
            Err(InvalidName::Separator {
                name: (&*text).into(),
            })
        } else if text.chars().any(char::is_control) {
            Err(InvalidName::Control {
                name: (&*text).into(),
            })
        } else {
            Ok(Self(text))
        }
    }

    /// The name that a dynamic child gets when it has none of its own.
    pub fn ordinal(number: u64) -> Self {
        Self(number.to_string().into())
    }

    /// The text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// It has no character.
    #[error("a name is empty: give the child 1 to 255 bytes of text")]
    Empty,
    /// It has more than 255 bytes.
    #[error("a name has {bytes} bytes: 255 are the most")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It has a `/`.
    #[error(
        "the name {name:?} has a `/`, which joins runtime names: nest a supervisor {parent:?} instead",
        parent = name.split('/').next().unwrap_or_default()
    )]
    Separator {
        /// The text.
        name: Box<str>,
    },
    /// It has a control character.
    #[error("the name {name:?} has a control character: leave it out")]
    Control {
        /// The text.
        name: Box<str>,
    },
}

/// The full name of what runs: the names from the root down, joined with `/`.
///
/// The root has no prefix: `root`, `root/web/acceptor` (semantics 2.2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuntimeName(Arc<str>);

impl RuntimeName {
    /// Joins `names`, the root's first.
    pub fn join<'a>(names: impl IntoIterator<Item = &'a Name>) -> Self {
        let mut text = String::new();
        for name in names {
            if !text.is_empty() {
                text.push('/');
            }
            text.push_str(name.as_str());
        }
        Self(text.into())
    }

    /// The runtime name of a child of this one.
    #[must_use]
    pub fn child(&self, name: &Name) -> Self {
        let mut text = String::with_capacity(self.0.len() + 1 + name.0.len());
        text.push_str(&self.0);
        text.push('/');
        text.push_str(&name.0);
        Self(text.into())
    }

    /// The full text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last name: that of the child under its supervisor.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The runtime name of the supervisor; none for the root.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('/')?;
        Some(Self(parent.into()))
    }

    /// Whether this is `other`, or lies below it. It respects the borders of names:
    /// `root/web2` does not lie below `root/web`.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0
            .strip_prefix(&*other.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl AsRef<str> for RuntimeName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for RuntimeName {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for RuntimeName {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Debug for RuntimeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for RuntimeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RuntimeName {
        let names: Vec<_> = text
            .split('/')
            .map(|name| Name::new(name).unwrap())
            .collect();
        RuntimeName::join(&names)
    }

    #[test]
    fn a_name_has_one_to_255_bytes() {
        assert_eq!(Name::new(""), Err(InvalidName::Empty));
        assert!(Name::new("x".repeat(255)).is_ok());
        assert_eq!(
            Name::new("x".repeat(256)),
            Err(InvalidName::TooLong { bytes: 256 })
        );
        // bytes, not characters
        assert!(Name::new("\u{e9}".repeat(127)).is_ok());
        assert_eq!(
            Name::new("\u{e9}".repeat(128)),
            Err(InvalidName::TooLong { bytes: 256 })
        );
    }

    #[test]
    fn a_name_has_no_separator_and_no_control_character() {
        for text in ["/", "a/", "/a", "a/b"] {
            assert!(
                matches!(Name::new(text), Err(InvalidName::Separator { .. })),
                "{text}"
            );
        }
        for text in ["\0", "a\nb", "\u{7f}", "\u{85}"] {
            assert!(
                matches!(Name::new(text), Err(InvalidName::Control { .. })),
                "{text:?}"
            );
        }
        for text in [" ", ".", "..", "a.b", "A", "caf\u{e9}", "#1"] {
            assert_eq!(Name::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_runtime_name_joins_names_and_the_root_has_no_prefix() {
        assert_eq!(path("root"), "root");
        let deep = path("root/web/acceptor");
        assert_eq!(deep, "root/web/acceptor");
        assert_eq!(
            path("root/web").child(&Name::new("acceptor").unwrap()),
            deep
        );
        assert_eq!((deep.name(), path("root").name()), ("acceptor", "root"));
    }

    #[test]
    fn a_parent_is_one_name_shorter_and_the_root_has_none() {
        assert_eq!(path("root/web/acceptor").parent(), Some(path("root/web")));
        assert_eq!(path("root/web").parent(), Some(path("root")));
        assert_eq!(path("root").parent(), None);
    }

    #[test]
    fn what_lies_within_respects_the_borders_of_names() {
        let web = path("root/web");
        for text in ["root/web", "root/web/a", "root/web/a/b", "root/web/web"] {
            assert!(path(text).is_within(&web), "{text}");
        }
        for text in [
            "root",
            "root/web2",
            "root/we",
            "root/web2/a",
            "web",
            "root/a/root/web",
        ] {
            assert!(!path(text).is_within(&web), "{text}");
        }
    }
}
