//! `skipped.toml`: why a case has no test.

use toml::{Table, Value};

use crate::catalogue::CaseId;

/// Why cases have no test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// Never: the reason, in one sentence.
    Skip(String),
    /// With the issue of this name.
    Later(String),
}

/// Which cases of its catalogue an entry speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one.
    One(CaseId),
    /// Those of the range that have no test.
    Range(CaseId, CaseId),
    /// All of the catalogue that have no test.
    All,
}

impl Which {
    fn parse(key: &str) -> Option<Self> {
        if key == "*" {
            return Some(Self::All);
        }
        match key.split_once("..") {
            Some((first, last)) => Some(Self::Range(CaseId::parse(first)?, CaseId::parse(last)?)),
            None => CaseId::parse(key).map(Self::One),
        }
    }

    fn covers(&self, case: &CaseId) -> bool {
        match self {
            Self::One(id) => id == case,
            Self::Range(first, last) => case.is_within(first, last),
            Self::All => true,
        }
    }
}

/// One entry: its catalogue, its cases, and why.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) catalogue: String,
    pub(crate) cases: Which,
    pub(crate) why: Exception,
}

/// The whole file.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    pub(crate) entries: Vec<Entry>,
}

impl Exceptions {
    /// Reads the file: a table a catalogue, in it a key a case (`SUP-015`), a range (`"RTN-01..RTN-21"`) or all the
    /// rest (`"*"`), each with `skip = "reason"` or `later = "issue"`. The table `issues` lists the issues that
    /// `later` may name.
    ///
    /// # Errors
    ///
    /// Every entry that says nothing, too much, or names an issue or a case of the wrong shape.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let table: Table = text
            .parse()
            .map_err(|wrong| vec![format!("skipped.toml: {wrong}")])?;
        let issues = table.get("issues").and_then(Value::as_table);
        let mut read = Self::default();
        let mut wrong = Vec::new();
        for (catalogue, entries) in table.iter().filter(|(name, _)| *name != "issues") {
            let Some(entries) = entries.as_table() else {
                wrong.push(format!("skipped.toml: `{catalogue}` is no table"));
                continue;
            };
            for (key, value) in entries {
                match entry(key, value, issues) {
                    Ok((cases, why)) => read.entries.push(Entry {
                        catalogue: catalogue.clone(),
                        cases,
                        why,
                    }),
                    Err(what) => wrong.push(format!("skipped.toml, {catalogue}, {key}: {what}")),
                }
            }
        }
        if wrong.is_empty() {
            Ok(read)
        } else {
            Err(wrong)
        }
    }

    /// What the file says of a case; an entry of its own goes before a range, and a range before `*`.
    #[must_use]
    pub fn of(&self, catalogue: &str, case: &CaseId) -> Option<(&Which, &Exception)> {
        self.entries
            .iter()
            .filter(|entry| entry.catalogue == catalogue && entry.cases.covers(case))
            .min_by_key(|entry| match entry.cases {
                Which::One(_) => 0,
                Which::Range(..) => 1,
                Which::All => 2,
            })
            .map(|entry| (&entry.cases, &entry.why))
    }
}

fn entry(key: &str, value: &Value, issues: Option<&Table>) -> Result<(Which, Exception), String> {
    let cases = Which::parse(key).ok_or("neither a case id, nor a range, nor `*`")?;
    let table = value.as_table().ok_or("no table")?;
    let said = |word| table.get(word).and_then(Value::as_str).map(str::trim);
    let why = match (said("skip"), said("later"), table.len()) {
        (Some(reason), None, 1) if !reason.is_empty() => Exception::Skip(reason.to_owned()),
        (None, Some(issue), 1) if issues.is_some_and(|issues| issues.contains_key(issue)) => {
            Exception::Later(issue.to_owned())
        }
        (None, Some(issue), 1) => return Err(format!("no issue is called `{issue}`")),
        _ => return Err("needs either `skip` with a reason or `later` with an issue".to_owned()),
    };
    Ok((cases, why))
}

#[cfg(test)]
mod tests {
    use super::{Exception, Exceptions};
    use crate::catalogue::CaseId;

    #[test]
    fn the_narrower_entry_wins() {
        let text = r#"
            issues = { "Actors" = "Actors: servers" }
            [x]
            "*" = { later = "Actors" }
            "A-02..A-04" = { skip = "range" }
            A-03 = { skip = "own" }
        "#;
        let read = Exceptions::parse(text).unwrap();
        let of = |id| {
            read.of("x", &CaseId::parse(id).unwrap())
                .map(|(_, why)| why)
        };
        assert_eq!(of("A-01"), Some(&Exception::Later("Actors".into())));
        assert_eq!(of("A-02"), Some(&Exception::Skip("range".into())));
        assert_eq!(of("A-03"), Some(&Exception::Skip("own".into())));
    }

    #[test]
    fn an_entry_without_a_reason_is_an_error() {
        for entry in [
            r#"{ skip = " " }"#,
            r#"{ later = "Nobody" }"#,
            r#"{ skip = "a", later = "Actors" }"#,
            r#"{ reason = "a" }"#,
            "{}",
            "1",
        ] {
            let text = format!("[issues]\n\"Actors\" = \"\"\n[x]\nA-01 = {entry}\n");
            let wrong = Exceptions::parse(&text).unwrap_err();
            assert!(wrong[0].contains("A-01"), "{entry}: {wrong:?}");
        }
        assert!(Exceptions::parse("[x]\nnonsense = { skip = \"a\" }").is_err());
    }
}
