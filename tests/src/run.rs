//! What a test run executed, read from its own output: libtest's lines, or nextest's.

use std::collections::BTreeMap;

use crate::catalogue::CaseId;

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It was listed and not executed.
    Ignored,
    /// It passed.
    Passed,
    /// It failed, in whatever way.
    Failed,
}

/// The tests of a run by their full names, each with its worst outcome.
#[derive(Clone, Debug, Default)]
pub struct Run {
    tests: BTreeMap<String, Outcome>,
}

impl Run {
    /// Reads the output of `cargo test` or of `cargo nextest run`; lines of another shape are passed over.
    #[must_use]
    pub fn parse(output: &str) -> Self {
        let mut tests = BTreeMap::new();
        for line in output.lines() {
            let line = without_colour(line);
            if let Some((name, outcome)) = libtest_line(&line).or_else(|| nextest_line(&line)) {
                let worst = tests.entry(name.to_owned()).or_insert(outcome);
                *worst = outcome.max(*worst);
            }
        }
        Self { tests }
    }

    /// Every test with its outcome, in the order of the names.
    pub fn tests(&self) -> impl Iterator<Item = (&str, Outcome)> {
        self.tests
            .iter()
            .map(|(name, outcome)| (name.as_str(), *outcome))
    }
}

/// What the tests of `tests/peer_bugs` begin with: their numbers are of no catalogue.
const PEERS: [&str; 7] = ["kameo", "ractor", "rts", "tsv", "tka", "tgs", "others"];

/// The ids that a test's name carries: of `trees::paused::sup_083_084_tree` SUP-083 and SUP-084.
pub(crate) fn ids_of(test: &str) -> Vec<CaseId> {
    let function = test.rsplit("::").next().unwrap_or(test);
    let mut words = function.split('_');
    let prefix = words.next().unwrap_or_default();
    if PEERS.contains(&prefix) {
        return Vec::new();
    }
    // Ids have at least two digits: `resp_2_replies` is about no case.
    words
        .take_while(|digits| digits.len() > 1)
        .map_while(|digits| CaseId::from_parts(prefix, digits))
        .collect()
}

/// `test start::paused::sup_001_x ... ok`
fn libtest_line(line: &str) -> Option<(&str, Outcome)> {
    let (name, end) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    let word = end
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .next()?;
    let outcome = match word {
        "ok" => Outcome::Passed,
        "FAILED" => Outcome::Failed,
        "ignored" => Outcome::Ignored,
        _ => return None,
    };
    Some((name, outcome))
}

/// `        PASS [   0.005s] ( 1/9) regrow-tests::acceptance start::paused::sup_001_x`
fn nextest_line(line: &str) -> Option<(&str, Outcome)> {
    let (status, rest) = line.trim_start().split_once('[')?;
    let (_time, rest) = rest.split_once(']')?;
    let outcome = match status.split_whitespace().last()? {
        "PASS" | "LEAK" => Outcome::Passed,
        "FAIL" | "TIMEOUT" | "ABORT" | "LEAK-FAIL" | "SIGABRT" | "SIGSEGV" | "SIGKILL" => {
            Outcome::Failed
        }
        "SKIP" => Outcome::Ignored,
        _ => return None,
    };
    let mut words = rest.split_whitespace().rev();
    let name = words.next()?;
    words.next()?.contains("::").then_some((name, outcome))
}

/// The line without the escape sequences that colour it.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            letters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Run, ids_of};

    /// As `cargo test -p regrow-tests` printed it.
    const LIBTEST: &str = "
     Running acceptance/main.rs (target/debug/deps/acceptance-0a1b2c3d4e5f6a7b)

running 5 tests
test start::paused::sup_001_sup_start_normal ... ok
test start::threads::sup_001_sup_start_normal ... FAILED
test dynamic::paused::dsup_014_max_children ... ok <0.001s>
test scale::paused::sup_123_many_children ... ignored, takes an hour
test joiner - should panic ... ok

failures:

---- start::threads::sup_001_sup_start_normal stdout ----
thread 'start::threads::sup_001_sup_start_normal' panicked at tests/acceptance/start.rs:12:5:
assertion `left == right` failed

failures:
    start::threads::sup_001_sup_start_normal

test result: FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s
";

    /// As `cargo nextest run` prints it, coloured, with the failures once more at the end.
    const NEXTEST: &str = "
    Starting 3 tests across 2 binaries
\u{1b}[32;1m        PASS\u{1b}[0m [   0.005s] ( 1/3) \u{1b}[35;1mregrow-tests::acceptance\u{1b}[0m start::paused::\u{1b}[34;1msup_001_x\u{1b}[0m
        FAIL [   0.010s] regrow-tests::acceptance stop::paused::sup_016_y
  TRY 2 PASS [   0.010s] regrow-tests::acceptance stop::paused::sup_017_z
     SIGABRT [   0.010s] regrow-tests::real_clock tok_01_spin
     Summary [   0.020s] 3 tests run: 2 passed, 1 failed, 0 skipped
        FAIL [   0.010s] regrow-tests::acceptance stop::paused::sup_016_y
";

    fn outcomes(output: &str) -> Vec<(String, Outcome)> {
        let run = Run::parse(output);
        run.tests()
            .map(|(name, outcome)| (name.to_owned(), outcome))
            .collect()
    }

    #[test]
    fn libtest_lines_are_read() {
        let expected = [
            ("dynamic::paused::dsup_014_max_children", Outcome::Passed),
            ("joiner", Outcome::Passed),
            ("scale::paused::sup_123_many_children", Outcome::Ignored),
            ("start::paused::sup_001_sup_start_normal", Outcome::Passed),
            ("start::threads::sup_001_sup_start_normal", Outcome::Failed),
        ];
        assert_eq!(
            outcomes(LIBTEST),
            expected.map(|(name, outcome)| (name.to_owned(), outcome))
        );
    }

    #[test]
    fn nextest_lines_are_read() {
        let expected = [
            ("start::paused::sup_001_x", Outcome::Passed),
            ("stop::paused::sup_016_y", Outcome::Failed),
            ("stop::paused::sup_017_z", Outcome::Passed),
            ("tok_01_spin", Outcome::Failed),
        ];
        assert_eq!(
            outcomes(NEXTEST),
            expected.map(|(name, outcome)| (name.to_owned(), outcome))
        );
    }

    #[test]
    fn a_name_carries_its_ids() {
        let ids = |name| {
            let ids = ids_of(name);
            ids.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(ids("a::paused::sup_083_084_tree"), ["SUP-083", "SUP-084"]);
        assert_eq!(ids("tok_01_spin"), ["TOK-01"]);
        assert_eq!(ids("sup_145_intensity_4"), ["SUP-145"]);
        assert!(ids("an_id_is_written_as_it_was_read").is_empty());
        assert!(ids("resp_2_replies").is_empty());
        assert!(ids("kameo::kameo_01_a_finished_child").is_empty());
    }
}
