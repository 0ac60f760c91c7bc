//! The lists of cases: a text file a catalogue, a line a case.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// The id of a case, `SUP-071`. The zeros count: `SUP-71` is another id, and nobody's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId {
    prefix: String,
    number: u32,
    digits: usize,
}

impl CaseId {
    /// The id in `text`, or none if it has not the shape `SUP-071`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, digits) = text.split_once('-')?;
        Self::from_parts(prefix, digits)
    }

    /// The id of `prefix` (in any case) and `digits`.
    pub(crate) fn from_parts(prefix: &str, digits: &str) -> Option<Self> {
        let shaped = !prefix.is_empty()
            && prefix.bytes().all(|byte| byte.is_ascii_alphabetic())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !shaped {
            return None;
        }
        Some(Self {
            prefix: prefix.to_ascii_uppercase(),
            number: digits.parse().ok()?,
            digits: digits.len(),
        })
    }

    /// Whether both are of one catalogue's numbering and `self` lies from `first` to `last`.
    pub(crate) fn is_within(&self, first: &Self, last: &Self) -> bool {
        self.prefix == first.prefix
            && self.prefix == last.prefix
            && (first.number..=last.number).contains(&self.number)
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            prefix,
            number,
            digits,
        } = self;
        write!(f, "{prefix}-{number:0digits$}")
    }
}

/// One catalogue: its name and its cases in the order of the file.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The file's name without its ending.
    pub name: String,
    /// Id and title of each case.
    pub cases: Vec<(CaseId, String)>,
}

impl Catalogue {
    /// Reads the lines of a case file: `#` begins a comment, all else is an id and a title.
    ///
    /// # Errors
    ///
    /// The first line that is neither.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut cases = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, title) = line.split_once(' ').unwrap_or((line, ""));
            let id = CaseId::parse(id)
                .ok_or_else(|| format!("{name}, line {}: `{id}` is no case id", index + 1))?;
            cases.push((id, title.to_owned()));
        }
        Ok(Self {
            name: name.to_owned(),
            cases,
        })
    }
}

/// Reads every `*.txt` of a directory, in the order of their names.
///
/// # Errors
///
/// What the file system says, or a line that is no case, as [`io::ErrorKind::InvalidData`].
pub fn read_catalogues(directory: &Path) -> io::Result<Vec<Catalogue>> {
    let mut files = fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "txt"));
    files.sort();
    files
        .iter()
        .map(|file| {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            Catalogue::parse(&name, &fs::read_to_string(file)?)
                .map_err(|wrong| io::Error::new(io::ErrorKind::InvalidData, wrong))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{CaseId, Catalogue};

    #[test]
    fn an_id_is_written_as_it_was_read() {
        let id = CaseId::parse("SUP-071").unwrap();
        assert_eq!(id.to_string(), "SUP-071");
        assert_eq!(CaseId::parse("071"), None);
        assert_eq!(CaseId::parse("SUP-"), None);
        assert_eq!(CaseId::parse("SUP-7x"), None);
    }

    #[test]
    fn a_line_that_is_no_case_is_named() {
        let catalogue = Catalogue::parse("x", "# about\nTOK-01 child spins\n").unwrap();
        assert_eq!(catalogue.cases[0].1, "child spins");
        let wrong = Catalogue::parse("x", "TOK-01 a\nnonsense\n").unwrap_err();
        assert!(wrong.contains("line 2"), "{wrong}");
    }
}
