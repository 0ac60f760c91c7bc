//! The join: each case with what the run did to it, or with why it has no test.

use std::collections::BTreeMap;
use std::fmt;

use crate::catalogue::{CaseId, Catalogue};
use crate::exceptions::{Exception, Exceptions, Which};
use crate::run::{Outcome, Run, ids_of};

/// How the cases of one catalogue stand.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The catalogue's name.
    pub catalogue: String,
    /// Cases whose every executed test passed.
    pub passed: Vec<CaseId>,
    /// Cases with a test that failed.
    pub failed: Vec<CaseId>,
    /// Cases that never get a test, with the reason in the file.
    pub skipped: Vec<CaseId>,
    /// Cases that a later issue brings.
    pub later: Vec<CaseId>,
    /// Cases of which nobody says anything.
    pub open: Vec<CaseId>,
}

/// The whole answer. Its `Display` is what `just acceptance` prints.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// A tally a catalogue.
    pub tallies: Vec<Tally>,
    /// What must not be: a failed test, an unknown id, a case both tested and skipped. Open cases are no complaint.
    pub complaints: Vec<String>,
}

/// Joins the cases with the exceptions and the run.
#[must_use]
pub fn join(catalogues: &[Catalogue], exceptions: &Exceptions, run: &Run) -> Report {
    let mut complaints = stray_entries(catalogues, exceptions);
    let executed = executed(catalogues, run, &mut complaints);
    let tallies = catalogues
        .iter()
        .map(|catalogue| tally(catalogue, exceptions, &executed, &mut complaints))
        .collect();
    Report {
        tallies,
        complaints,
    }
}

/// The worst outcome of each case that a test names.
fn executed(
    catalogues: &[Catalogue],
    run: &Run,
    complaints: &mut Vec<String>,
) -> BTreeMap<CaseId, Outcome> {
    let mut executed = BTreeMap::new();
    let mut any = false;
    for (test, outcome) in run.tests() {
        any = true;
        if outcome == Outcome::Failed {
            complaints.push(format!("{test} failed"));
        }
        for id in ids_of(test) {
            if !catalogues.iter().any(|catalogue| knows(catalogue, &id)) {
                complaints.push(format!("{test}: no catalogue has a case {id}"));
            }
            let worst = executed.entry(id).or_insert(outcome);
            *worst = outcome.max(*worst);
        }
    }
    if !any {
        complaints.push("no test was executed".to_owned());
    }
    executed
}

fn tally(
    catalogue: &Catalogue,
    exceptions: &Exceptions,
    executed: &BTreeMap<CaseId, Outcome>,
    complaints: &mut Vec<String>,
) -> Tally {
    let mut tally = Tally {
        catalogue: catalogue.name.clone(),
        ..Tally::default()
    };
    for (id, _title) in &catalogue.cases {
        let exception = exceptions.of(&catalogue.name, id);
        let outcome = executed.get(id).filter(|was| **was != Outcome::Ignored);
        if let (Some(_), Some((Which::One(_), _) | (_, Exception::Skip(_)))) = (outcome, exception)
        {
            complaints.push(format!("{id} is tested and stands in skipped.toml"));
        }
        let place = match (outcome, exception) {
            (Some(Outcome::Failed), _) => &mut tally.failed,
            (Some(_), _) => &mut tally.passed,
            (None, Some((_, Exception::Skip(_)))) => &mut tally.skipped,
            (None, Some((_, Exception::Later(_)))) => &mut tally.later,
            (None, None) => &mut tally.open,
        };
        place.push(id.clone());
    }
    tally
}

/// Entries of `skipped.toml` that speak of no case.
fn stray_entries(catalogues: &[Catalogue], exceptions: &Exceptions) -> Vec<String> {
    let mut stray = Vec::new();
    for entry in &exceptions.entries {
        let ids = match &entry.cases {
            Which::One(id) => vec![id],
            Which::Range(first, last) => vec![first, last],
            Which::All => Vec::new(),
        };
        let catalogue = catalogues
            .iter()
            .find(|catalogue| catalogue.name == entry.catalogue);
        match catalogue {
            None => stray.push(format!("skipped.toml: no catalogue `{}`", entry.catalogue)),
            Some(catalogue) => stray.extend(
                ids.into_iter()
                    .filter(|id| !knows(catalogue, id))
                    .map(|id| format!("skipped.toml: {} has no case {id}", catalogue.name)),
            ),
        }
    }
    stray
}

fn knows(catalogue: &Catalogue, id: &CaseId) -> bool {
    catalogue.cases.iter().any(|(known, _)| known == id)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = ["cases", "passed", "failed", "skipped", "later", "open"];
        write!(f, "{:<20}", "catalogue")?;
        for word in words {
            write!(f, "{word:>9}")?;
        }
        writeln!(f)?;
        let mut sums = [0; 6];
        for tally in &self.tallies {
            let row = tally.counts();
            row_line(f, &tally.catalogue, row)?;
            for (sum, count) in sums.iter_mut().zip(row) {
                *sum += count;
            }
        }
        row_line(f, "all", sums)?;
        for tally in &self.tallies {
            if !tally.open.is_empty() {
                let open: Vec<_> = tally.open.iter().map(ToString::to_string).collect();
                writeln!(f, "open in {}: {}", tally.catalogue, open.join(" "))?;
            }
        }
        for complaint in &self.complaints {
            writeln!(f, "wrong: {complaint}")?;
        }
        Ok(())
    }
}

impl Tally {
    /// All, passed, failed, skipped, later, open.
    #[must_use]
    pub fn counts(&self) -> [usize; 6] {
        let parts = [
            self.passed.len(),
            self.failed.len(),
            self.skipped.len(),
            self.later.len(),
            self.open.len(),
        ];
        let [passed, failed, skipped, later, open] = parts;
        [parts.iter().sum(), passed, failed, skipped, later, open]
    }
}

fn row_line(f: &mut fmt::Formatter<'_>, name: &str, row: [usize; 6]) -> fmt::Result {
    write!(f, "{name:<20}")?;
    for count in row {
        write!(f, "{count:>9}")?;
    }
    writeln!(f)
}

#[cfg(test)]
mod tests {
    use super::{Report, join};
    use crate::catalogue::Catalogue;
    use crate::exceptions::Exceptions;
    use crate::run::Run;

    fn joined(output: &str, skipped: &str) -> Report {
        let cases = "SUP-01 a\nSUP-02 b\nSUP-03 c\nSUP-04 d\nSUP-05 e\n";
        let catalogue = Catalogue::parse("otp", cases).unwrap();
        let skipped = format!("[issues]\n\"Actors\" = \"\"\n[otp]\n{skipped}");
        let exceptions = Exceptions::parse(&skipped).unwrap();
        join(&[catalogue], &exceptions, &Run::parse(output))
    }

    #[test]
    fn every_case_has_one_place() {
        let report = joined(
            "test paused::sup_01_02_a ... ok\ntest threads::sup_02_a ... FAILED\ntest sup_05_e ... ignored\n",
            "SUP-03 = { skip = \"types\" }\nSUP-04 = { later = \"Actors\" }\n",
        );
        assert_eq!(report.tallies[0].counts(), [5, 1, 1, 1, 1, 1]);
        assert_eq!(report.complaints, ["threads::sup_02_a failed"]);
        let text = report.to_string();
        assert!(text.contains("open in otp: SUP-05"), "{text}");
        assert!(text.contains("wrong: threads::sup_02_a failed"), "{text}");
    }

    #[test]
    fn a_case_is_tested_or_excused_but_not_both() {
        let run = "test sup_01_a ... ok\n";
        for entry in [
            "SUP-01 = { skip = \"x\" }",
            "SUP-01 = { later = \"Actors\" }",
            "\"SUP-01..SUP-03\" = { skip = \"x\" }",
        ] {
            assert_eq!(joined(run, entry).complaints.len(), 1, "{entry}");
        }
        // What is left of a catalogue may shrink as tests come.
        let rest = joined(run, "\"*\" = { later = \"Actors\" }");
        assert_eq!(rest.complaints, [""; 0]);
        assert_eq!(rest.tallies[0].counts(), [5, 1, 0, 0, 4, 0]);
    }

    #[test]
    fn what_nobody_knows_is_named() {
        let report = joined(
            "test sup_99_a ... ok\ntest spu_01_a ... ok\n",
            "SUP-77 = { skip = \"x\" }",
        );
        let text = report.complaints.join("\n");
        for id in ["SUP-99", "SPU-01", "SUP-77"] {
            assert!(text.contains(id), "{id}: {text}");
        }
        assert_eq!(joined("", "").complaints, ["no test was executed"]);
    }
}
